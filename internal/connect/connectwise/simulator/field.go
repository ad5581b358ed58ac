package simulator

import (
	"fmt"
	"reflect"
	"strings"
)

// path is the way to a field through structs, compiled for one kind of row.
type path struct {
	steps []int // field indexes
	list  bool  // a step leads through a list
}

// compilePath finds a field such as status/id by its JSON names, without
// regard to case. lastUpdated and its like are kept in _info.
func compilePath(kind reflect.Type, s string) (path, error) {
	if strings.EqualFold(s, "lastUpdated") || strings.EqualFold(s, "updatedBy") || strings.EqualFold(s, "dateEntered") {
		s = "_info/" + s
	}
	var p path
	t := kind
	for _, name := range strings.Split(s, "/") {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			p.list = p.list || t.Kind() == reflect.Slice
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct {
			return p, fmt.Errorf("there is no field %q", s)
		}
		at := -1
		for i := range t.NumField() {
			tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
			if tag != "" && strings.EqualFold(tag, name) {
				at = i
			}
		}
		if at < 0 {
			return p, fmt.Errorf("there is no field %q", s)
		}
		p.steps = append(p.steps, at)
		t = t.Field(at).Type
	}
	return p, nil
}

// values returns what r holds at p: nothing for an absent reference, several
// values where a list lies on the way.
func (p path) values(r record) []any {
	return walk(reflect.ValueOf(r), p.steps, make([]any, 0, 1))
}

func walk(v reflect.Value, steps []int, out []any) []any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return out
		}
		return walk(v.Elem(), steps, out)
	case reflect.Slice:
		for i := range v.Len() {
			out = walk(v.Index(i), steps, out)
		}
		return out
	}
	if len(steps) > 0 {
		return walk(v.Field(steps[0]), steps[1:], out)
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		return append(out, v.Int())
	case reflect.String:
		return append(out, v.String())
	case reflect.Bool:
		return append(out, v.Bool())
	case reflect.Struct:
		return append(out, "object")
	}
	return out
}

// matcher makes a test for rows of a kind from a parsed condition. Conditions
// may not lead through lists: that is what childConditions are for.
func matcher(kind reflect.Type, c condition, lists bool) (func(record) bool, error) {
	if c == nil {
		return func(record) bool { return true }, nil
	}
	compiled := map[string]path{}
	var bad error
	c.paths(func(s string) {
		p, err := compilePath(kind, s)
		if err == nil && p.list && !lists {
			err = fmt.Errorf("%q is a list: use childConditions", s)
		}
		if err != nil && bad == nil {
			bad = err
		}
		compiled[s] = p
	})
	if bad != nil {
		return nil, bad
	}
	return func(r record) bool {
		return c.match(func(s string) []any { return compiled[s].values(r) })
	}, nil
}
