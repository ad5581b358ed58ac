package store

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// cell is one value of a row; the column's type says which field counts.
type cell struct {
	num  int64
	ref  *int64
	flag bool
	text string
	blob []byte
}

// BundleRow is one row of a bundle file, ready to be stored.
type BundleRow struct{ cells []cell }

// dest returns where to scan a column into.
func (c *cell) dest(t columnType) any {
	switch t {
	case intColumn:
		return &c.num
	case refColumn:
		return &c.ref
	case boolColumn:
		return &c.flag
	case blobColumn:
		return &c.blob
	}
	return &c.text
}

// arg returns the value as a parameter.
func (c *cell) arg(t columnType) any {
	switch t {
	case intColumn:
		return c.num
	case refColumn:
		if c.ref == nil {
			return nil
		}
		return *c.ref
	case boolColumn:
		return c.flag
	case blobColumn:
		return c.blob
	}
	return c.text
}

// appendRow writes a row as one line of canonical JSON: every column in its
// order, no space, and one way only to write each value. So equal rows are equal
// lines on both databases, and a hash over lines is one over contents.
func (f BundleFile) appendRow(b []byte, cells []cell) []byte {
	for i := range cells {
		b = append(b, ",{"[btoi(i == 0)])
		b = append(append(append(b, '"'), f.columns[i].name...), '"', ':')
		b = cells[i].appendJSON(b, f.columns[i].typ)
	}
	return append(b, '}')
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *cell) appendJSON(b []byte, t columnType) []byte {
	switch t {
	case intColumn:
		return strconv.AppendInt(b, c.num, 10)
	case refColumn:
		if c.ref == nil {
			return append(b, "null"...)
		}
		return strconv.AppendInt(b, *c.ref, 10)
	case boolColumn:
		return strconv.AppendBool(b, c.flag)
	case blobColumn:
		b = append(b, '"')
		b = base64.StdEncoding.AppendEncode(b, c.blob)
		return append(b, '"')
	case jsonColumn:
		if embeds(c.text) {
			return append(b, c.text...)
		}
	}
	return appendText(b, c.text)
}

// rawHead begins the form of a text that is no valid UTF-8, which SQLite may
// hold and JSON may not.
const rawHead = `{"base64":"`

// embeds reports whether a text stands in the line as the JSON that it is. All
// other texts are written as strings, so every text comes back byte for byte.
func embeds(s string) bool {
	if s == "" || s[0] != '{' && s[0] != '[' || len(s) >= len(rawHead) && s[:len(rawHead)] == rawHead {
		return false
	}
	b := []byte(s)
	return !bytes.ContainsAny(b, "\r\n") && utf8.Valid(b) && json.Valid(b)
}

func appendText(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		b = base64.StdEncoding.AppendEncode(append(b, rawHead...), []byte(s))
		return append(b, '"', '}')
	}
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		if s[i] >= ' ' && s[i] != '"' && s[i] != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch s[i] {
		case '"', '\\':
			b = append(b, '\\', s[i])
		case '\n':
			b = append(b, '\\', 'n')
		default:
			b = fmt.Appendf(b, `\u%04x`, s[i])
		}
	}
	return append(append(b, s[from:]...), '"')
}

// errNotCanonical says that a line is not one that appendRow writes.
var errNotCanonical = errors.New("it is no row of this file")

// Parse reads a line of the file. It takes only what a bundle writes, in the one
// form in which it writes it.
func (f BundleFile) Parse(line []byte) (BundleRow, error) {
	p := lineParser{rest: line}
	cells := make([]cell, len(f.columns))
	for i, c := range f.columns {
		p.expect(",{"[btoi(i == 0)])
		p.expect('"')
		for j := range len(c.name) {
			p.expect(c.name[j])
		}
		p.expect('"')
		p.expect(':')
		p.value(&cells[i], c.typ)
	}
	p.expect('}')
	if p.failed || len(p.rest) != 0 || !bytes.Equal(f.appendRow(make([]byte, 0, len(line)), cells), line) {
		return BundleRow{}, errNotCanonical
	}
	if f.Kind != "" && cells[f.position("kind")].text != string(f.Kind) {
		return BundleRow{}, fmt.Errorf("it holds an item of another kind, %q", cells[f.position("kind")].text)
	}
	return BundleRow{cells}, nil
}

// lineParser reads one line from its front. It is lenient where the comparison
// at the end of Parse is strict.
type lineParser struct {
	rest   []byte
	failed bool
}

func (p *lineParser) expect(c byte) {
	if len(p.rest) == 0 || p.rest[0] != c {
		p.failed = true
		return
	}
	p.rest = p.rest[1:]
}

func (p *lineParser) value(c *cell, t columnType) {
	raw := p.take()
	var err error
	switch {
	case p.failed:
		return
	case t == intColumn:
		c.num, err = strconv.ParseInt(string(raw), 10, 64)
	case t == refColumn:
		if string(raw) != "null" {
			var n int64
			n, err = strconv.ParseInt(string(raw), 10, 64)
			c.ref = &n
		}
	case t == boolColumn:
		c.flag = string(raw) == "true"
	case t == blobColumn:
		c.blob, err = base64.StdEncoding.DecodeString(string(bytes.Trim(raw, `"`)))
	case raw[0] == '"':
		c.text, err = unquote(raw)
	case bytes.HasPrefix(raw, []byte(rawHead)) && bytes.HasSuffix(raw, []byte(`"}`)):
		var b []byte
		b, err = base64.StdEncoding.DecodeString(string(raw[len(rawHead) : len(raw)-2]))
		c.text = string(b)
	case t == jsonColumn:
		c.text = string(raw)
	default:
		err = errNotCanonical
	}
	p.failed = p.failed || err != nil
}

func unquote(raw []byte) (string, error) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// take cuts one JSON value from the front: up to the comma or brace outside of
// strings and brackets that follows it.
func (p *lineParser) take() []byte {
	depth, quoted := 0, false
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == '}') && i > 0:
			raw := p.rest[:i]
			p.rest = p.rest[i:]
			return raw
		}
	}
	p.failed = true
	return nil
}
