package mainstay

import (
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// MaxName is the longest name of an item, in runes.
const MaxName = 255

// Rows a list field may have.
const maxRows = 200

// Validate checks an item as a person saved it and returns one error per field,
// in the order of the form. It trims texts in place and makes the name of kinds
// whose name is made from fields.
func (i *Item) Validate() []*Error {
	k := i.Spec()
	var errs []*Error
	for n := range i.Values {
		if k.Field(n) == nil {
			errs = append(errs, FieldError(n, "There is no field called %q on a %s.", n, k.Label))
		}
	}
	for _, f := range k.Fields {
		if e := f.check(i.Values, f.Name); e != nil {
			errs = append(errs, e...)
		}
	}
	if k.NameOf != nil {
		i.Name = k.NameOf(i.Values)
	}
	i.Name = strings.Join(strings.Fields(i.Name), " ")
	switch {
	case i.Name == "" && k.NameOf == nil:
		errs = append([]*Error{FieldError("name", "Enter a name.")}, errs...)
	case utf8.RuneCountInString(i.Name) > MaxName:
		errs = append([]*Error{FieldError("name", "The name is longer than %d characters.", MaxName)}, errs...)
	case !cleanText(i.Name, false):
		errs = append([]*Error{FieldError("name", "The name contains a character that can't be stored.")}, errs...)
	}
	if i.Kind != Organization.Name && i.OrganizationID == 0 {
		errs = append(errs, FieldError("organization_id", "Choose an organization."))
	}
	return errs
}

func (f *Field) check(vs Values, key string) []*Error {
	v := vs[f.Name]
	if f.Type == List {
		return f.checkRows(v, key)
	}
	if v.Rows != nil {
		return []*Error{FieldError(key, "%s takes one value, not a list.", f.Label)}
	}
	text, err := f.CheckText(v.Text)
	if err != nil {
		err.Field = key
		return []*Error{err}
	}
	vs.SetText(f.Name, text)
	return nil
}

func (f *Field) checkRows(v Value, key string) []*Error {
	if v.Text != "" {
		return []*Error{FieldError(key, "%s takes a list.", f.Label)}
	}
	if len(v.Rows) > maxRows {
		return []*Error{FieldError(key, "%s has more than %d rows.", f.Label, maxRows)}
	}
	var errs []*Error
	for _, row := range v.Rows {
		for _, c := range f.Cells {
			text, err := c.CheckText(row[c.Name])
			if err != nil {
				err.Field = key
				errs = append(errs, err)
				continue
			}
			if text == "" {
				delete(row, c.Name)
			} else {
				row[c.Name] = text
			}
		}
	}
	return errs
}

// CheckText checks one value of the field and returns it trimmed and in its
// stored form.
func (f *Field) CheckText(s string) (string, *Error) {
	long := f.Type == LongText || f.Type == RichText
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.TrimRightFunc(s, unicode.IsSpace)
	if !long {
		s = strings.TrimSpace(s)
	}
	if s == "" {
		if f.Required {
			return "", FieldError(f.Name, "Enter the %s.", strings.ToLower(f.Label))
		}
		return "", nil
	}
	max := f.Max
	if max == 0 {
		max = 255
		if long {
			max = 100_000
		}
	}
	if n := utf8.RuneCountInString(s); n > max {
		return "", FieldError(f.Name, "%s is longer than %s characters.", f.Label, Thousands(max))
	}
	if !cleanText(s, long) {
		return "", FieldError(f.Name, "%s contains a character that can't be stored.", f.Label)
	}
	return s, f.checkForm(s)
}

var macForm = regexp.MustCompile(`^[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}$`)

func (f *Field) checkForm(s string) *Error {
	switch f.Type {
	case Date:
		if _, err := time.Parse("2006-01-02", s); err != nil {
			return FieldError(f.Name, "%s must be a date like 2026-06-12.", f.Label)
		}
	case Bool:
		if s != "true" {
			return FieldError(f.Name, "%s must be true or left out.", f.Label)
		}
	case IP:
		if net.ParseIP(s) == nil {
			return FieldError(f.Name, "%s must be an IP address like 10.0.0.5.", f.Label)
		}
	case MAC:
		if !macForm.MatchString(s) {
			return FieldError(f.Name, "%s must be a MAC address like 00:1A:2B:3C:4D:5E.", f.Label)
		}
	case URL:
		u, err := url.Parse(s)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
			return FieldError(f.Name, "%s must start with https:// or http://.", f.Label)
		}
	case RefTo:
		if _, err := ParseItemID(s); err != nil {
			return FieldError(f.Name, "%s isn't an item.", f.Label)
		}
	}
	return nil
}

// cleanText reports whether both databases can keep s unchanged: valid UTF-8
// without NUL, and without control characters other than line breaks and tabs
// where lines are allowed.
func cleanText(s string, lines bool) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if unicode.IsControl(r) && (!lines || (r != '\n' && r != '\t')) {
			return false
		}
	}
	return true
}

// CleanText returns s with everything removed that cannot be stored: invalid
// UTF-8, NUL and other control characters. Sync uses it on what a PSA sends, so
// a strange byte in a note never costs the record.
func CleanText(s string, lines bool) string {
	if cleanText(s, lines) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && (!lines || (r != '\n' && r != '\t')) {
			if r == '\n' || r == '\r' || r == '\t' {
				return ' '
			}
			return -1
		}
		return r
	}, s)
}
