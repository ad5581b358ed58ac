package query

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// name draws words that collide with one another on purpose.
func name(t *rapid.T, label string) string {
	part := rapid.SampledFrom([]string{"sync", "status", "type", "a", "b c", "not", "x-y", "ä", `"`, `\`, "..", ">", ":", ",", "-"})
	return strings.TrimSpace(strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, label), " "))
}

func keyName(t *rapid.T) string {
	part := rapid.SampledFrom([]string{"sync", "status", "type", "id", "a", "b"})
	return strings.Join(rapid.SliceOfN(part, 1, 3).Draw(t, "key"), " ")
}

func vocabulary(t *rapid.T) Vocabulary {
	var v Vocabulary
	for i, n := 0, rapid.IntRange(1, 6).Draw(t, "keys"); i < n; i++ {
		k := Key{Name: keyName(t), Type: Type(rapid.IntRange(0, 3).Draw(t, "type"))}
		if k.Type == Choice {
			for j, m := 0, rapid.IntRange(1, 4).Draw(t, "values"); j < m; j++ {
				k.Values = append(k.Values, Value{Name: name(t, "value"), Aliases: []string{name(t, "alias")}})
			}
		}
		if newIndex(v).key(k.Name) == nil {
			v.Keys = append(v.Keys, k)
		}
	}
	return v
}

func term(t *rapid.T, v Vocabulary) Term {
	out := Term{Not: rapid.Bool().Draw(t, "not")}
	if rapid.Bool().Draw(t, "word") {
		out.Op, out.Values = Words, []string{name(t, "text")}
		return out
	}
	k := rapid.SampledFrom(v.Keys).Draw(t, "of")
	out.Key, out.Op = k.Name, In
	switch k.Type {
	case Choice:
		// Reading the name back gives the spelling of the first value that folds to it.
		out.Values = []string{newIndex(v).value(&k, rapid.SampledFrom(k.Values).Draw(t, "choice").Name).Name}
	case Free:
		out.Values = rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) string { return name(t, "free") }), 1, 3, rapid.ID[string]).Draw(t, "list")
	case Number:
		comparison(t, &out, "0", "7", "12")
	case Date:
		comparison(t, &out, "2026-01-01", "2026-06-12", "2026-12-31")
	}
	return out
}

func comparison(t *rapid.T, out *Term, low, mid, high string) {
	out.Op = rapid.SampledFrom([]Op{In, Gt, Lt, Between}).Draw(t, "op")
	switch out.Op {
	case In:
		out.Values = []string{mid}
	case Gt:
		out.Low = mid
	case Lt:
		out.High = mid
	case Between:
		out.Low, out.High = low, high
	}
}

func TestQuery_textRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := vocabulary(t)
		q := All()
		for i, n := 0, rapid.IntRange(0, 6).Draw(t, "terms"); i < n; i++ {
			q = q.With(term(t, v))
		}
		again, err := Parse(q.String(), v)
		if err != nil {
			t.Fatalf("%q does not parse: %v", q, err)
		}
		if !again.Equal(q) {
			t.Fatalf("%q reads back as %q\ngot  %+v\nwant %+v", q, again, again.Terms(), q.Terms())
		}
	})
}

func TestComplete_leadsToQueries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := vocabulary(t)
		text := rapid.SampledFrom([]string{"", "acme ", "-", `"acme" `}).Draw(t, "before")
		for _, s := range Complete(text, len(text), v) {
			keyed := text[:s.Start] + s.Text + text[s.End:]
			for _, value := range Complete(keyed, len(keyed), v) {
				full := keyed[:value.Start] + value.Text + keyed[value.End:]
				if _, err := Parse(full, v); err != nil {
					t.Fatalf("the suggestion leads to %q: %v", full, err)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"sync status: orphaned", `-type: "Former Client", Lead acme "b c" items: 1..9`, "since: >90d updated: 3mo..7d", "“x”", `\"`, "a:b", "only here: none",
		"type: Sync status: Active", "owner: a, b", "-\"x y\" sync: not linked"} {
		f.Add(s, len(s)/2)
	}
	v := lists()
	f.Fuzz(func(t *testing.T, text string, cursor int) {
		for _, s := range Complete(text, cursor, v) {
			if s.Start < 0 || s.Start > s.End || s.End > len(text) {
				t.Fatalf("Complete(%q, %d) gives the range %d:%d", text, cursor, s.Start, s.End)
			}
		}
		q, err := Parse(text, v)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Message == "" || e.Pos < 0 || e.Pos > e.End || e.End > len(text) || !utf8.ValidString(e.Message) || !q.Nothing() {
				t.Fatalf("Parse(%q) gives the error %#v", text, err)
			}
			return
		}
		again, err := Parse(q.String(), v)
		if err != nil || !again.Equal(q) || again.String() != q.String() {
			t.Fatalf("Parse(%q) = %q, which reads back as %q, %v", text, q, again, err)
		}
	})
}
