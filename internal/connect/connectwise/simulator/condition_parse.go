package simulator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// deepest is how far brackets may nest in a conditions text.
const deepest = 100

var errTooDeep = errors.New("the conditions are nested too deeply")

// parseConditions reads a conditions text such as
// status/id in (1,2) and lastUpdated>[2026-01-01T00:00:00Z].
// An empty text gives nil, which fits every row.
func parseConditions(s string) (condition, error) {
	p := &parser{rest: s}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == end {
		return nil, nil
	}
	c, err := p.either(0)
	if err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, fmt.Errorf("%q was not expected", p.tok.text)
	}
	return c, nil
}

type tokenKind int

const (
	end tokenKind = iota
	word
	number
	quoted
	date
	sign
)

type token struct {
	kind tokenKind
	text string
}

type parser struct {
	rest string
	tok  token
}

func (p *parser) isWord(w string) bool { return p.tok.kind == word && strings.EqualFold(p.tok.text, w) }
func (p *parser) isSign(s string) bool { return p.tok.kind == sign && p.tok.text == s }

// advance reads the next token.
func (p *parser) advance() error {
	p.rest = strings.TrimLeftFunc(p.rest, unicode.IsSpace)
	if p.rest == "" {
		p.tok = token{}
		return nil
	}
	c, size := utf8.DecodeRuneInString(p.rest)
	switch {
	case c == '"' || c == '\'':
		return p.quoted(byte(c))
	case c == '[':
		return p.upTo(']', date)
	case unicode.IsDigit(c) || c == '-':
		p.take(number, func(r rune) bool { return unicode.IsDigit(r) || r == '-' || r == '.' })
	case unicode.IsLetter(c) || c == '_':
		p.take(word, func(r rune) bool {
			return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '/' || r == '.'
		})
	default:
		for _, s := range []string{"!=", ">=", "<=", "=", ">", "<", "(", ")", ","} {
			if strings.HasPrefix(p.rest, s) {
				p.tok, p.rest = token{sign, s}, p.rest[len(s):]
				return nil
			}
		}
		return fmt.Errorf("%q was not expected", p.rest[:size])
	}
	return nil
}

func (p *parser) take(kind tokenKind, in func(rune) bool) {
	n := strings.IndexFunc(p.rest, func(r rune) bool { return !in(r) })
	if n < 0 {
		n = len(p.rest)
	}
	p.tok, p.rest = token{kind, p.rest[:n]}, p.rest[n:]
}

func (p *parser) upTo(close byte, kind tokenKind) error {
	n := strings.IndexByte(p.rest[1:], close)
	if n < 0 {
		return fmt.Errorf("a %q is missing", string(close))
	}
	p.tok, p.rest = token{kind, p.rest[1 : n+1]}, p.rest[n+2:]
	return nil
}

// quoted reads a text in quotes; a backslash keeps the next character.
func (p *parser) quoted(mark byte) error {
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteByte(p.rest[i])
		case c == mark:
			p.tok, p.rest = token{quoted, b.String()}, p.rest[i+1:]
			return nil
		default:
			b.WriteByte(c)
		}
	}
	return errors.New("a closing quote is missing")
}

func (p *parser) either(depth int) (condition, error) {
	left, err := p.both(depth)
	for err == nil && p.isWord("or") {
		var right condition
		if err = p.advance(); err == nil {
			right, err = p.both(depth)
			left = eitherOf{left, right}
		}
	}
	return left, err
}

func (p *parser) both(depth int) (condition, error) {
	left, err := p.one(depth)
	for err == nil && p.isWord("and") {
		var right condition
		if err = p.advance(); err == nil {
			right, err = p.one(depth)
			left = bothOf{left, right}
		}
	}
	return left, err
}

func (p *parser) one(depth int) (condition, error) {
	if depth > deepest {
		return nil, errTooDeep
	}
	switch {
	case p.isWord("not"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		c, err := p.one(depth + 1)
		return noneOf{c}, err
	case p.isSign("("):
		if err := p.advance(); err != nil {
			return nil, err
		}
		c, err := p.either(depth + 1)
		if err != nil {
			return nil, err
		}
		if !p.isSign(")") {
			return nil, errors.New("a closing bracket is missing")
		}
		return c, p.advance()
	case p.tok.kind == word:
		return p.comparison()
	}
	return nil, fmt.Errorf("a field was expected, not %q", p.tok.text)
}

func (p *parser) comparison() (condition, error) {
	c := compare{path: p.tok.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	not := p.isWord("not")
	if not {
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	c.op = strings.ToLower(p.tok.text)
	switch c.op {
	case "in", "contains", "like":
	case "=", "!=", ">", ">=", "<", "<=":
		if not {
			return nil, errors.New("not was not expected")
		}
	default:
		return nil, fmt.Errorf("an operator was expected, not %q", p.tok.text)
	}
	if p.tok.kind != word && p.tok.kind != sign {
		return nil, errors.New("an operator was expected")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.values(&c); err != nil {
		return nil, err
	}
	if not {
		return noneOf{c}, nil
	}
	return c, nil
}

func (p *parser) values(c *compare) error {
	if c.op != "in" {
		v, err := p.value()
		c.values = []any{v}
		return err
	}
	if !p.isSign("(") {
		return errors.New("in needs a list in brackets")
	}
	for first := true; first || p.isSign(","); first = false {
		if err := p.advance(); err != nil {
			return err
		}
		v, err := p.value()
		if err != nil {
			return err
		}
		c.values = append(c.values, v)
	}
	if !p.isSign(")") {
		return errors.New("a closing bracket is missing")
	}
	return p.advance()
}

func (p *parser) value() (any, error) {
	t := p.tok
	var v any
	switch {
	case t.kind == quoted:
		v = t.text
	case t.kind == date:
		d, err := parseDate(t.text)
		if err != nil {
			return nil, err
		}
		v = d
	case t.kind == number:
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
			v = n
		} else if f, err := strconv.ParseFloat(t.text, 64); err == nil {
			v = f
		} else {
			return nil, fmt.Errorf("%q is no number", t.text)
		}
	case p.isWord("true"), p.isWord("false"):
		v = strings.EqualFold(t.text, "true")
	case p.isWord("null"):
	default:
		return nil, fmt.Errorf("a value was expected, not %q", t.text)
	}
	return v, p.advance()
}

func parseDate(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date", s)
}
