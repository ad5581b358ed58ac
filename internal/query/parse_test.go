package query

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lists is the vocabulary of a list of organizations.
func lists() Vocabulary {
	return Vocabulary{Keys: []Key{
		{Name: "sync status", Aliases: []string{"sync"}, Values: []Value{
			{Name: "syncing", Aliases: []string{"enabled"}},
			{Name: "orphaned"},
			{Name: "disabled"},
			{Name: "error"},
			{Name: "not linked", Aliases: []string{"not_linked", "disconnected"}},
		}, Help: "how it stands towards the PSA"},
		{Name: "reason", Values: Names("type", "status", "deleted", "parent", "inactive", "setting")},
		{Name: "type", Values: Names("Prospect", "Lead", "Client", "Former Client", "Vendor", "Partner", "Supplier", "Competitor", "Sync", `The "Big" One`)},
		{Name: "status", Values: Names("Active", "Inactive", "Not-Approved")},
		{Name: "psa id", Type: Free},
		{Name: "owner", Type: Free},
		{Name: "items", Type: Number},
		{Name: "only here", Type: Number},
		{Name: "updated", Type: Date},
		{Name: "since", Type: Date},
		{Name: "protected", Values: YesNo()},
	}}
}

func words(s string) Term { return Term{Op: Words, Values: []string{s}} }

func in(key string, values ...string) Term { return Term{Key: key, Op: In, Values: values} }

func not(t Term) Term { t.Not = true; return t }

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Term
		canonical  string
	}{
		{"empty", "  ", nil, ""},
		{"key with a space", "sync status: orphaned", []Term{in("sync status", "orphaned")}, "sync status: orphaned"},
		{"alias and case", "SYNC:Enabled", []Term{in("sync status", "syncing")}, "sync status: syncing"},
		{"hyphen in a key", "only-here: >0", []Term{{Key: "only here", Op: Gt, Low: "0"}}, "only here: >0"},
		{"underscore in a key", "psa_id: 250", []Term{in("psa id", "250")}, "psa id: 250"},
		{"comma means or", "type: prospect,lead , LEAD", []Term{in("type", "Prospect", "Lead")}, "type: Prospect, Lead"},
		{"longest key wins over a word", "acme sync status: orphaned", []Term{words("acme"), in("sync status", "orphaned")}, `"acme" sync status: orphaned`},
		{"longest value wins", "type: former client acme", []Term{in("type", "Former Client"), words("acme")}, `type: "Former Client" "acme"`},
		{"value of two words", "sync: not linked", []Term{in("sync status", "not linked")}, `sync status: "not linked"`},
		{"first word is the value", "type: Sync status: Active", []Term{in("type", "Sync"), in("status", "Active")}, "type: Sync status: Active"},
		{"next key ends the value", "type: Client sync status: error", []Term{in("type", "Client"), in("sync status", "error")}, "type: Client sync status: error"},
		{"quoted value", `type: "former  client"`, []Term{in("type", "Former Client")}, `type: "Former Client"`},
		{"escaped quotes", `type: "the \"big\" one"`, []Term{in("type", `The "Big" One`)}, `type: "The \"Big\" One"`},
		{"curved quotes", "“Acme, Inc.”", []Term{words("Acme, Inc.")}, `"Acme, Inc."`},
		{"negated", "-type: Lead -acme -\"acme corp\" -protected: yes", []Term{not(in("type", "Lead")), not(words("acme")), not(words("acme corp")), not(in("protected", "yes"))},
			`-type: Lead -"acme" -"acme corp" -protected: yes`},
		{"quoted minus is text", `"-acme"`, []Term{words("-acme")}, `"-acme"`},
		{"words", "acme corp", []Term{words("acme"), words("corp")}, "acme corp"},
		{"quoted word like a key", `"sync" status: Active`, []Term{words("sync"), in("status", "Active")}, `"sync" status: Active`},
		{"space before the colon", "reason : deleted", []Term{in("reason", "deleted")}, "reason: deleted"},
		{"number", "items: 007", []Term{in("items", "7")}, "items: 7"},
		{"number with space", "items: > 12", []Term{{Key: "items", Op: Gt, Low: "12"}}, "items: >12"},
		{"number range", "items: 3..12", []Term{{Key: "items", Op: Between, Low: "3", High: "12"}}, "items: 3..12"},
		{"none and any", "only here: None, any", []Term{in("only here", "none", "any")}, "only here: none, any"},
		{"age", "since: >90D", []Term{{Key: "since", Op: Gt, Low: "90d"}}, "since: >90d"},
		{"age alone means within", "updated: 07d", []Term{{Key: "updated", Op: Lt, High: "7d"}}, "updated: <7d"},
		{"date", "updated: 2026-06-12", []Term{in("updated", "2026-06-12")}, "updated: 2026-06-12"},
		{"date range", "updated: 2026-06-12..2026-07-01", []Term{{Key: "updated", Op: Between, Low: "2026-06-12", High: "2026-07-01"}}, "updated: 2026-06-12..2026-07-01"},
		{"age range", "updated: 3mo..7d", []Term{{Key: "updated", Op: Between, Low: "3mo", High: "7d"}}, "updated: 3mo..7d"},
		{"text that looks like a range", `owner: ">5", -x`, []Term{in("owner", ">5", "-x")}, `owner: ">5", "-x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := Parse(c.text, lists())
			if err != nil {
				t.Fatalf("Parse(%q): %v", c.text, err)
			}
			if d := cmp.Diff(q.Terms(), c.want); d != "" && len(c.want)+len(q.Terms()) > 0 {
				t.Errorf("Parse(%q) (got -, want +):\n%s", c.text, d)
			}
			if q.String() != c.canonical {
				t.Errorf("String() = %q, want %q", q.String(), c.canonical)
			}
		})
	}
}

func TestParse_refuses(t *testing.T) {
	for _, c := range []struct {
		name, text, at, message, suggestion string
	}{
		{"unknown key", "sync stauts: orphaned", "sync stauts", `"sync stauts" isn't a filter. Did you mean sync status? Nothing is selected.`, "sync status"},
		{"unknown key after a word", "acme tpye: Lead", "tpye", `"tpye" isn't a filter. Did you mean type? Nothing is selected.`, "type"},
		{"unknown key far off", "flavor: red", "flavor", `"flavor" isn't a filter. Put text with a colon in quotes to search for it. Nothing is selected.`, ""},
		{"unknown value", "sync status: orphan", "orphan", `No sync status called "orphan". Try syncing, orphaned, disabled, error or not linked.`, "orphaned"},
		{"unknown value of two words", "sync status: not lniked", "not lniked", `No sync status called "not lniked". Try syncing, orphaned, disabled, error or not linked.`, `"not linked"`},
		{"unknown value of many", "type: Prospct", "Prospct", `No type called "Prospct". Did you mean Prospect? Nothing is selected.`, "Prospect"},
		{"unknown value far off", `type: "zzz zz"`, `"zzz zz"`, `No type called "zzz zz". Nothing is selected.`, ""},
		{"one wrong value of two", "type: Lead, Laed", "Laed", `No type called "Laed". Did you mean Lead? Nothing is selected.`, "Lead"},
		{"no value", "type:", "type:", `Add a value after "type:". Nothing is selected.`, ""},
		{"no value before a colon", "type: : x", "type:", `Add a value after "type:". Nothing is selected.`, ""},
		{"trailing comma", "type: Lead,", ",", "Add a value after the comma, or remove the comma. Nothing is selected.", ""},
		{"comma between words", "Acme, Inc", ",", "A comma only joins the values of a filter. Put text with a comma in quotes. Nothing is selected.", ""},
		{"lone colon", ": x", ":", "A colon needs a filter in front of it. Put text with a colon in quotes. Nothing is selected.", ""},
		{"lone minus", "- acme", "-", "Put the minus sign directly in front of what to leave out. Nothing is selected.", ""},
		{"open quote", `type: "Lead`, `"Lead`, "The quotation mark at the end is missing. Nothing is selected.", ""},
		{"empty quotes", `acme ""`, `""`, "There's nothing between the quotation marks. Nothing is selected.", ""},
		{"no number", "items: many", "many", `"many" doesn't fit items. Write 5, >5, <5, 1..9, none or any. Nothing is selected.`, ""},
		{"negative number", "items: -5", "-5", `"-5" doesn't fit items. Write 5, >5, <5, 1..9, none or any. Nothing is selected.`, ""},
		{"no date", "updated: 2026-02-30", "2026-02-30", `"2026-02-30" doesn't fit updated. Write 2026-06-12, >2026-06-12, 7d, >90d or 3mo..7d. Nothing is selected.`, ""},
		{"half a range", "items: 5..", "5..", `"5.." doesn't fit items. Write 5, >5, <5, 1..9, none or any. Nothing is selected.`, ""},
		{"range backwards", "items: 9..1", "9..1", `The range "9..1" runs backwards. Write the smaller end first. Nothing is selected.`, ""},
		{"range in a list", "items: 5, >7", ">7", `Use one range after "items:", without a comma. Nothing is selected.`, ""},
		{"control character", "acme\x00", "\x00", "The filter contains a character that can't be searched for. Nothing is selected.", ""},
		{"invalid bytes", "acme\xff", "\xff", "The filter contains a character that can't be searched for. Nothing is selected.", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := Parse(c.text, lists())
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("Parse(%q) = %q, %v; want an *Error", c.text, q, err)
			}
			if e.Message != c.message || e.Suggestion != c.suggestion || c.text[e.Pos:e.End] != c.at {
				t.Errorf("got at %q: %s (suggestion %q)\nwant at %q: %s (suggestion %q)", c.text[e.Pos:e.End], e.Message, e.Suggestion, c.at, c.message, c.suggestion)
			}
			if !q.Nothing() || len(q.Terms()) != 1 || q.Terms()[0].Op != None {
				t.Errorf("the query beside an error is %+v, want one that matches nothing", q)
			}
		})
	}
}

func TestParse_limits(t *testing.T) {
	if _, err := Parse(strings.Repeat("a ", MaxTerms), lists()); err != nil {
		t.Errorf("%d words: %v", MaxTerms, err)
	}
	var quoted strings.Builder // each value gets two quotation marks and a space
	for i := range 330 {
		fmt.Fprintf(&quoted, "%d>,", i+100)
	}
	for name, text := range map[string]string{
		"parts":     strings.Repeat("a ", MaxTerms+1),
		"bytes":     strings.Repeat("a", MaxText+1),
		"canonical": "owner: " + quoted.String() + "a",
	} {
		if q, err := Parse(text, lists()); err == nil || !q.Nothing() {
			t.Errorf("%s: no error for a query over the limit", name)
		}
	}
}

func TestError_Fix(t *testing.T) {
	const text = "acme sync stauts: orphaned"
	_, err := Parse(text, lists())
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal("no error")
	}
	fixed, ok := e.Fix(text)
	if !ok || fixed != "acme sync status: orphaned" {
		t.Errorf("Fix = %q, %v", fixed, ok)
	}
	if _, ok := (&Error{Message: "x"}).Fix(text); ok {
		t.Error("Fix without a suggestion reports one")
	}
}
