package simulator

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// condition is a node of a parsed conditions text.
type condition interface {
	// match reports whether the row whose values get returns fits.
	match(get func(path string) []any) bool
	// paths calls visit with each field that the condition names.
	paths(visit func(path string))
}

type (
	bothOf   struct{ left, right condition }
	eitherOf struct{ left, right condition }
	noneOf   struct{ inner condition }
	compare  struct {
		path   string
		op     string // = != > >= < <= contains like in
		values []any  // int64, float64, string, bool, time.Time or nil
	}
)

func (c bothOf) match(get func(string) []any) bool   { return c.left.match(get) && c.right.match(get) }
func (c eitherOf) match(get func(string) []any) bool { return c.left.match(get) || c.right.match(get) }
func (c noneOf) match(get func(string) []any) bool   { return !c.inner.match(get) }

func (c bothOf) paths(v func(string))   { c.left.paths(v); c.right.paths(v) }
func (c eitherOf) paths(v func(string)) { c.left.paths(v); c.right.paths(v) }
func (c noneOf) paths(v func(string))   { c.inner.paths(v) }
func (c compare) paths(v func(string))  { v(c.path) }

// match is true when any value of the field fits: a list fits by one element.
func (c compare) match(get func(string) []any) bool {
	have := get(c.path)
	if len(have) == 0 {
		have = []any{nil}
	}
	for _, h := range have {
		for _, w := range c.values {
			if c.op != "in" && fits(h, c.op, w) || c.op == "in" && fits(h, "=", w) {
				return true
			}
		}
	}
	return false
}

func fits(have any, op string, want any) bool {
	if have == nil || want == nil {
		same := (have == nil || have == "") && (want == nil || want == "")
		return op == "=" && same || op == "!=" && !same
	}
	switch op {
	case "contains":
		return strings.Contains(strings.ToLower(text(have)), strings.ToLower(text(want)))
	case "like":
		return wildcard(strings.ToLower(text(want)), strings.ToLower(text(have)))
	}
	n, ok := order(have, want)
	if !ok {
		return op == "!="
	}
	switch op {
	case "=":
		return n == 0
	case "!=":
		return n != 0
	case ">":
		return n > 0
	case ">=":
		return n >= 0
	case "<":
		return n < 0
	}
	return n <= 0
}

// order compares a stored value with a written one; false when they cannot be compared.
func order(have, want any) (int, bool) {
	switch w := want.(type) {
	case time.Time:
		h, err := time.Parse(time.RFC3339, text(have))
		return h.Compare(w), err == nil
	case bool:
		h, ok := have.(bool)
		if h == w {
			return 0, ok
		}
		return 1, ok
	case int64:
		if h, ok := have.(int64); ok {
			switch {
			case h < w:
				return -1, true
			case h > w:
				return 1, true
			}
			return 0, true
		}
	}
	if _, ok := have.(bool); ok {
		return 0, false
	}
	if h, ok := have.(int64); ok {
		w, err := strconv.ParseFloat(text(want), 64)
		if err != nil {
			return 0, false
		}
		switch {
		case float64(h) < w:
			return -1, true
		case float64(h) > w:
			return 1, true
		}
		return 0, true
	}
	return strings.Compare(strings.ToLower(text(have)), strings.ToLower(text(want))), true
}

func text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return fmt.Sprint(v)
}

// wildcard matches s against a pattern in which % and * stand for any run.
func wildcard(pattern, s string) bool {
	parts := strings.Split(strings.ReplaceAll(pattern, "*", "%"), "%")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		at := strings.Index(s, p)
		if at < 0 {
			return false
		}
		s = s[at+len(p):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}

// span is what a condition says of the id by itself, so that a request by id
// or behind an id needs no walk over all rows.
type span struct {
	after int64   // only ids greater than this
	only  []int64 // only these ids, where not nil
}

func (s *span) learn(c condition) {
	switch c := c.(type) {
	case bothOf:
		s.learn(c.left)
		s.learn(c.right)
	case compare:
		if !strings.EqualFold(c.path, "id") {
			return
		}
		first, ok := c.values[0].(int64)
		switch {
		case c.op == ">" && ok:
			s.after = max(s.after, first)
		case c.op == "=" && ok, c.op == "in":
			only := []int64{}
			for _, v := range c.values {
				if n, ok := v.(int64); ok {
					only = append(only, n)
				}
			}
			if s.only == nil {
				s.only = only
			}
		}
	}
}
