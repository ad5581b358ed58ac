package store

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// sample is a file with every type of column.
func sample() BundleFile {
	return describe("samples", "sample", "id", "id int, fields json, item_id ref, secret blob, on bool, name text")
}

func TestBundleRow_form(t *testing.T) {
	five := int64(5)
	tests := []struct {
		name  string
		cells []cell
		want  string
	}{
		{"zero", make([]cell, 6), `{"id":0,"fields":"","item_id":null,"secret":"","on":false,"name":""}`},
		{"values", []cell{{num: -7}, {text: `{"a":[1,"}"]}`}, {ref: &five}, {blob: []byte{0, 255}}, {flag: true}, {text: "Zoë \"\\\n\x00 🙂"}},
			`{"id":-7,"fields":{"a":[1,"}"]},"item_id":5,"secret":"AP8=","on":true,"name":"Zoë \"\\\n\u0000 🙂"}`},
		{"JSON that is none", []cell{{}, {text: `{"a":`}, {}, {}, {}, {text: "\xff"}},
			`{"id":0,"fields":"{\"a\":","item_id":null,"secret":"","on":false,"name":{"base64":"/w=="}}`},
		{"JSON over lines", []cell{{}, {text: "[\n1]"}, {}, {}, {}, {text: "{}"}},
			`{"id":0,"fields":"[\n1]","item_id":null,"secret":"","on":false,"name":"{}"}`},
		{"JSON like our own form", []cell{{}, {text: `{"base64":"AA=="}`}, {}, {}, {}, {}},
			`{"id":0,"fields":"{\"base64\":\"AA==\"}","item_id":null,"secret":"","on":false,"name":""}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, string(sample().appendRow(nil, test.cells))); diff != "" {
				t.Errorf("line (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever a row holds, its line is JSON without a break, and reading it gives
// the same row.
func TestBundleRow_roundTrip(t *testing.T) {
	anyText := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{`{"base64":"`, `{"base64":"AA=="}`, "{}", "[]", `[{"a":"]\\"}]`, "\u2028", "null", `"`, "{\"a\"\n:1}"}))
	rapid.Check(t, func(t *rapid.T) {
		cells := make([]cell, 6)
		cells[0].num = rapid.Int64().Draw(t, "id")
		cells[1].text = anyText.Draw(t, "fields")
		if rapid.Bool().Draw(t, "linked") {
			n := rapid.Int64().Draw(t, "item_id")
			cells[2].ref = &n
		}
		cells[3].blob = rapid.SliceOf(rapid.Byte()).Draw(t, "secret")
		cells[4].flag = rapid.Bool().Draw(t, "on")
		cells[5].text = anyText.Draw(t, "name")
		line := sample().appendRow(nil, cells)
		if !json.Valid(line) || !utf8.Valid(line) {
			t.Fatalf("no JSON: %q", line)
		}
		for _, b := range line {
			if b == '\n' || b == '\r' {
				t.Fatalf("a break in %q", line)
			}
		}
		row, err := sample().Parse(line)
		if err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		for i, c := range sample().columns {
			if diff := cmp.Diff(cells[i].arg(c.typ), row.cells[i].arg(c.typ)); diff != "" {
				t.Fatalf("column %s (-want +got):\n%s", c.name, diff)
			}
		}
	})
}

// Reading never panics, and what it takes is what would be written.
func FuzzBundleFile_Parse(f *testing.F) {
	for _, line := range []string{
		`{"id":0,"fields":"","item_id":null,"secret":"","on":false,"name":""}`,
		`{"id":-7,"fields":{"a":[1,"}"]},"item_id":5,"secret":"AP8=","on":true,"name":"\u0000"}`,
		`{"id":0,"fields":{"base64":"},"item_id":null,"secret":"","on":false,"name":{"base64":"/w=="}}`,
		`{"id":-0,"fields":[,"item_id":5`, `{`, ``, `{"id":1,"id":2}`,
	} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		row, err := sample().Parse(line)
		if err == nil && string(sample().appendRow(nil, row.cells)) != string(line) {
			t.Errorf("%q is read and written otherwise", line)
		}
	})
}
