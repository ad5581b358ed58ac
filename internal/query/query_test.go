package query

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuery_zeroMatchesNothing(t *testing.T) {
	var q Query
	if !q.Nothing() || !q.With(words("a")).Nothing() || !q.Without(0).Nothing() {
		t.Error("the zero query can be turned into one that matches something")
	}
	if _, err := Parse(q.String(), lists()); err == nil {
		t.Errorf("the text of the zero query, %q, parses", q.String())
	}
	if q.Equal(All()) {
		t.Error("the zero query equals the one that matches everything")
	}
}

func TestQuery_chips(t *testing.T) {
	q := All().With(in("type", "Lead")).With(words("acme")).With(in("type", "Lead"))
	if got := q.String(); got != `type: Lead "acme"` {
		t.Errorf("With: %s", got)
	}
	if got := q.Without(0).String(); got != "acme" {
		t.Errorf("Without(0): %s", got)
	}
	if d := cmp.Diff(q.Terms(), []Term{in("type", "Lead"), words("acme")}); d != "" {
		t.Errorf("Without changed its receiver:\n%s", d)
	}
	if !q.Without(7).Nothing() || !q.Without(-1).Nothing() {
		t.Error("Without an index outside of the terms must match nothing, never more")
	}
}

func TestQuery_WithMalformedTermMatchesNothing(t *testing.T) {
	for _, bad := range []Term{{}, {Op: Words}, {Op: In, Values: []string{"x"}}, in("type"), {Key: "items", Op: Gt}, {Key: "items", Op: Lt, Low: "5"},
		{Key: "items", Op: Between, Low: "5"}, {Key: "a", Op: "like", Values: []string{"x"}}} {
		if !All().With(bad).Nothing() {
			t.Errorf("With(%+v) matches something", bad)
		}
	}
}
