package web

import (
	"context"
	"math"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"mainstay"
)

// The rectangles of a treemap lie inside the area, keep to their share of it
// and never overlap.
func TestSquarify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		weights, sum := make([]float64, n), 0.0
		for i := range weights {
			weights[i] = float64(rapid.IntRange(1, 100000).Draw(t, "weight"))
			sum += weights[i]
		}
		area := box{3, 5, 356, 268}
		boxes := squarify(weights, area)
		if len(boxes) != n {
			t.Fatalf("%d boxes for %d weights", len(boxes), n)
		}
		for i, b := range boxes {
			if b.x < area.x-1e-6 || b.y < area.y-1e-6 || b.x+b.w > area.x+area.w+1e-6 || b.y+b.h > area.y+area.h+1e-6 {
				t.Fatalf("box %d lies outside: %+v", i, b)
			}
			if want := weights[i] / sum * area.w * area.h; math.Abs(b.w*b.h-want) > want*1e-6+1e-6 {
				t.Fatalf("box %d covers %g, want %g", i, b.w*b.h, want)
			}
			for j, c := range boxes[:i] {
				if math.Min(b.x+b.w, c.x+c.w)-math.Max(b.x, c.x) > 1e-6 && math.Min(b.y+b.h, c.y+c.h)-math.Max(b.y, c.y) > 1e-6 {
					t.Fatalf("boxes %d and %d overlap: %+v %+v", i, j, b, c)
				}
			}
		}
	})
}

func TestStateBar_showsTheSmallest(t *testing.T) {
	var b strings.Builder
	if err := stateBar(states(0, 12430, 0, 1, 0), "").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), `aria-label="Orphaned 12,430, Sync error 1"`) || !strings.Contains(b.String(), `width="2.0`) {
		t.Errorf("bar is %s", b.String())
	}
}

// What a form shows, sent back unchanged, is what it was made from.
func TestKindFields_roundTrip(t *testing.T) {
	for _, k := range mainstay.Kinds() {
		t.Run(string(k.Name), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				values := mainstay.Values{}
				refs := map[string][]Option{}
				for _, f := range k.Fields {
					values[f.Name] = drawValue(t, f)
					if values[f.Name].Empty() {
						delete(values, f.Name)
					}
					if f.Type == mainstay.RefTo {
						refs[f.Name] = []Option{{Value: "7", Label: "Seven"}}
					}
				}
				var b strings.Builder
				for _, ff := range kindFields(k, values, refs, nil, "") {
					if err := field(ff).Render(context.Background(), &b); err != nil {
						t.Fatal(err)
					}
				}
				got := kindValues(k, submitted(t, b.String()), mainstay.Values{})
				if diff := cmp.Diff(values, got); diff != "" {
					t.Fatalf("-shown +sent:\n%s", diff)
				}
			})
		})
	}
}

func drawValue(t *rapid.T, f mainstay.Field) mainstay.Value {
	text := func() string {
		return rapid.SampledFrom([]string{"", "x", hostile, "two\nlines", "\nleading", long}).Draw(t, f.Name)
	}
	switch f.Type {
	case mainstay.Bool:
		return mainstay.Value{Text: rapid.SampledFrom([]string{"", "true"}).Draw(t, f.Name)}
	case mainstay.RefTo:
		return mainstay.Value{Text: rapid.SampledFrom([]string{"", "7"}).Draw(t, f.Name)}
	case mainstay.LongText, mainstay.RichText:
		return mainstay.Value{Text: text()}
	case mainstay.List:
		v := mainstay.Value{}
		for range rapid.IntRange(0, 3).Draw(t, "rows") {
			row := mainstay.Row{f.Cells[0].Name: "first"}
			for _, c := range f.Cells[1:] {
				if s := drawValue(t, c).Text; s != "" {
					row[c.Name] = s
				}
			}
			v.Rows = append(v.Rows, row)
		}
		return v
	}
	return mainstay.Value{Text: strings.ReplaceAll(text(), "\n", " ")}
}

// submitted is what a browser would send for the controls in a piece of HTML.
func submitted(t *rapid.T, text string) url.Values {
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	out := url.Values{}
	walk(doc, func(n *html.Node) {
		name := attr(n, "name")
		switch n.Data {
		case "input":
			if attr(n, "type") != "checkbox" || has(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		case "textarea":
			if n.FirstChild != nil {
				out.Add(name, n.FirstChild.Data)
			}
		case "option":
			if has(n, "selected") {
				out.Add(attr(n.Parent, "name"), attr(n, "value"))
			}
		}
	})
	return out
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func TestPairValue_roundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := map[mainstay.Pair]bool{{Type: rapid.String().Draw(t, "type"), Status: rapid.String().Draw(t, "status")}: true}
		var sent []string
		for p := range want {
			sent = append(sent, pairValue(p))
		}
		got, err := parsePairs(sent)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	})
	if _, err := parsePairs([]string{"no slash"}); mainstay.KindOf(err) != mainstay.Invalid {
		t.Errorf("a value without a slash gives %v", err)
	}
}

// Each kind offers its columns under names that can be kept, the usual ones among them.
func TestListColumns(t *testing.T) {
	for _, k := range mainstay.Kinds() {
		known := map[string]bool{}
		for _, c := range listColumns(k) {
			if known[c.key] || c.key == "" || strings.ContainsAny(c.key, ", ") || c.label == "" || (c.cell == nil) == (c.ref == nil) {
				t.Errorf("%s: the column %q can't be told apart, kept or drawn", k.Plural, c.key)
			}
			known[c.key] = true
		}
		for _, name := range k.Columns {
			if !known[name] || k.Field(name) == nil {
				t.Errorf("%s: the list can't show %q", k.Plural, name)
			}
		}
		for _, f := range k.Fields {
			if want := f.Type != mainstay.LongText && f.Type != mainstay.RichText; known[f.Name] != want {
				t.Errorf("%s: the field %s is offered: %v, want %v", k.Plural, f.Name, known[f.Name], want)
			}
		}
	}
}

func TestAgo(t *testing.T) {
	p := Page{Now: now}
	for want, at := range map[string]mainstay.Time{
		"never": 0, "now": now.Add(-20 * time.Second), "6 min ago": minutesAgo(6), "2 h ago": minutesAgo(150),
		"in 24 min": minutesAgo(-24), "20 Nov": minutesAgo(3 * 1440), "23 Nov 2025": minutesAgo(365 * 1440),
	} {
		if got := p.ago(at); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
