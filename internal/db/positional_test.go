package db

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPositional(t *testing.T) {
	for _, c := range []struct {
		name, query string
		args        []any
		want        string
		wantArgs    []any
	}{
		{"none", "SELECT 1", nil, "SELECT 1", nil},
		{"in order", "SELECT $1, $2", []any{"a", "b"}, "SELECT ?, ?", []any{"a", "b"}},
		{"repeated and out of order", "a = $2 AND b = $1 AND c = $2", []any{1, 2}, "a = ? AND b = ? AND c = ?", []any{2, 1, 2}},
		{"two digits", "$10$1", []any{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, "??", []any{10, 1}},
		{"quoted", `SELECT '$1 it''s $1', "$1", $1`, []any{1}, `SELECT '$1 it''s $1', "$1", ?`, []any{1}},
		{"quote without an end", `SELECT $1, '$1`, []any{1}, `SELECT ?, '$1`, []any{1}},
		{"no such argument", "SELECT $1, $2", []any{1}, "SELECT $1, $2", []any{1}},
		{"huge number", "SELECT $99999999999999999999", []any{1}, "SELECT $99999999999999999999", []any{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, args := positional(c.query, c.args)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.wantArgs, args); d != "" {
				t.Error(d)
			}
		})
	}
}
