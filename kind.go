package mainstay

import (
	"fmt"
	"strconv"
	"strings"
)

// KindName names a kind in URLs, files, queries and the database: singular,
// lower case.
type KindName string

// FieldType says how a field is checked, shown and edited.
type FieldType string

// The field types. A list type keeps rows of named cells (see Field.Cells).
const (
	Text     FieldType = "text"      // one line
	LongText FieldType = "long_text" // several lines, plain text
	RichText FieldType = "rich_text" // Markdown, sanitized when it is shown
	Date     FieldType = "date"      // YYYY-MM-DD
	Bool     FieldType = "bool"      // "true" or ""
	URL      FieldType = "url"       // http or https
	IP       FieldType = "ip"
	MAC      FieldType = "mac"
	RefTo    FieldType = "ref"  // the id of an item of kind Field.RefKind
	List     FieldType = "list" // rows of cells
)

// Field describes one field of a kind.
type Field struct {
	Name     string // in forms, files and JSON: lower case with underscores
	Label    string
	Type     FieldType
	Required bool
	Max      int      // longest value in runes; 0 means 255 for one line, 100,000 for several
	RefKind  KindName // for RefTo
	Cells    []Field  // for List
	// Synced says that a PSA owns the field: read-only on a linked item.
	Synced bool
	// OnlyHere says that content in this field exists in no PSA, so an item that
	// has some is held back from bulk deletion.
	OnlyHere bool
}

// Kind describes one kind of item. Lists, forms, filters, plans, trash, bundles
// and diffs are made from this value alone.
type Kind struct {
	Name   KindName
	Plural string // in URLs and commands: "organizations"
	Label  string // one of them, in text: "organization"
	Icon   string // Tabler icon name
	// Types and Statuses say whether items carry a type and a status label.
	Types, Statuses bool
	// Syncs says that PSAs know this kind.
	Syncs bool
	// OwnName says that a person types the name; otherwise NameOf makes it.
	NameOf func(Values) string
	Fields []Field
	// Columns name the fields that a list shows until a person chooses others.
	Columns []string
}

// kinds is the explicit list, in the order of the sidebar.
var kinds = []*Kind{&Organization, &Configuration, &Contact, &Location, &Document}

// Kinds returns every kind, organizations first.
func Kinds() []*Kind { return kinds }

// KindNamed returns the kind called name, in the singular or the plural.
func KindNamed(name string) (*Kind, error) {
	for _, k := range kinds {
		if string(k.Name) == name || k.Plural == name {
			return k, nil
		}
	}
	return nil, Errorf(Invalid, "There is no kind of item called %q. Use one of %s.", name, strings.Join(plurals(), ", "))
}

func plurals() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.Plural)
	}
	return out
}

// Field returns the field called name, or nil.
func (k *Kind) Field(name string) *Field {
	for i := range k.Fields {
		if k.Fields[i].Name == name {
			return &k.Fields[i]
		}
	}
	return nil
}

// Count writes a number with the kind's noun: "1 contact", "12,387 organizations".
func (k *Kind) Count(n int) string {
	if n == 1 {
		return "1 " + k.Label
	}
	return Thousands(n) + " " + k.Plural
}

// Capitalized writes the first letter of a word large, as at the start of a line.
func Capitalized(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Thousands writes n with comma separators: 12431 becomes "12,431".
func Thousands(n int) string {
	s := strconv.Itoa(n)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if neg {
		return "-" + s
	}
	return s
}

// Ref is a typed id: the kind is part of it, so an id of the wrong kind is an
// error and never a match (requirement R1).
type Ref struct {
	Kind KindName
	ID   ItemID
}

// String returns "organization:12".
func (r Ref) String() string { return fmt.Sprintf("%s:%d", r.Kind, r.ID) }

// ParseRef reads what Ref.String writes.
func ParseRef(s string) (Ref, error) {
	name, id, ok := strings.Cut(s, ":")
	if !ok {
		return Ref{}, Errorf(Invalid, "%q is no typed id. Write it as kind:number, for example organization:12.", s)
	}
	k, err := KindNamed(name)
	if err != nil {
		return Ref{}, err
	}
	n, err := ParseItemID(id)
	if err != nil {
		return Ref{}, err
	}
	return Ref{k.Name, n}, nil
}
