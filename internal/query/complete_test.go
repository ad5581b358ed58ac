package query

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComplete(t *testing.T) {
	// The bar stands for the cursor, both before and after.
	for _, c := range []struct {
		name, text, first string
		labels            string
	}{
		{"a key", "sy|", "sync status: |", "sync status"},
		{"a key of two words", "acme sync st|", "acme sync status: |", "sync status"},
		{"a later word", "stat|", "status: |", "status, sync status"},
		{"a negated key", "-prot|", "-protected: |", "protected"},
		{"before a colon", "reas|: deleted", "reason|: deleted", "reason"},
		{"a value", "sync status: or|", "sync status: orphaned|", "orphaned"},
		{"all values", "sync:|", "sync: syncing|", "syncing, orphaned, disabled, error, not linked"},
		{"a value with a space", "type: former c|", `type: "Former Client"|`, "Former Client"},
		{"a value in quotes", `type: "form|`, `type: "Former Client"|`, "Former Client"},
		{"after a comma", "type: Lead, Cl|", "type: Lead, Client|", "Client, Former Client"},
		{"the rest of the word goes", "type: Pro|spct", "type: Prospect|", "Prospect"},
		{"the next key", "type: Lead upd|", "type: Lead updated: |", "updated"},
		{"after a quoted value", `type: "Lead" upd|`, `type: "Lead" updated: |`, "updated"},
		{"ages", "since: >3|", "since: >30d|", ">30d"},
		{"nothing fits", "zzz|", "", ""},
		{"free text", "owner: x|", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, after, _ := strings.Cut(c.text, "|")
			text := before + after
			var labels []string
			got := ""
			for i, s := range Complete(text, len(before), lists()) {
				labels = append(labels, s.Label)
				if i == 0 {
					got = text[:s.Start] + s.Text + "|" + text[s.End:]
				}
			}
			if d := cmp.Diff(strings.Join(labels, ", "), c.labels); d != "" {
				t.Errorf("labels (got -, want +):\n%s", d)
			}
			if got != c.first {
				t.Errorf("the first suggestion gives %q, want %q", got, c.first)
			}
		})
	}
}

func TestComplete_emptyListsKeys(t *testing.T) {
	got := Complete("", 0, lists())
	if len(got) != len(lists().Keys) || got[0].Help == "" || got[0].IsValue {
		t.Errorf("an empty bar proposes %+v", got)
	}
	if after := Complete("type: Lead ", 11, lists()); len(after) != len(got) {
		t.Errorf("after a complete term: %d proposals, want %d", len(after), len(got))
	}
}
