package guide_test

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mainstay/docs/guide"
)

var (
	picture = regexp.MustCompile(`!\[[^\]]+\]\(pictures/([\w-]+)\.png\)`)
	link    = regexp.MustCompile(`\]\(([\w-]+)\.md`)
	shot    = regexp.MustCompile(`g\.shot\("([\w-]+)"\)`)
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Every page is in the list and in the table of contents, every link between them
// leads to one, and every picture is there, is shown, and is taken by the journey
// that clicks through the guide.
func TestGuides(t *testing.T) {
	var files, listed, shown []string
	all, err := fs.Glob(os.DirFS("."), "*.md")
	if err != nil {
		t.Fatal(err)
	}
	contents := read(t, "README.md")
	for _, f := range all {
		if name := strings.TrimSuffix(f, ".md"); name != "README" {
			files = append(files, name)
		}
	}
	for _, g := range guide.All() {
		listed = append(listed, g.Name)
		if g.Title == "" || len(g.Text) < 200 {
			t.Errorf("%s is empty", g.Name)
		}
		if !strings.Contains(contents, "("+g.Name+".md)") {
			t.Errorf("README.md does not list %s", g.Name)
		}
		for _, m := range picture.FindAllStringSubmatch(g.Text, -1) {
			shown = append(shown, m[1])
		}
		for _, m := range link.FindAllStringSubmatch(g.Text, -1) {
			if _, ok := guide.Named(m[1]); !ok {
				t.Errorf("%s leads to %s, which is no guide", g.Name, m[1])
			}
		}
	}
	same(t, "the list of guides", listed, files)
	var there, taken []string
	pictures, err := fs.Glob(guide.Pictures(), "*.png")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pictures {
		there = append(there, strings.TrimSuffix(p, ".png"))
	}
	for _, m := range shot.FindAllStringSubmatch(read(t, "../../internal/journey/guide_test.go"), -1) {
		taken = append(taken, m[1])
	}
	same(t, "the pictures that are there", there, shown)
	same(t, "the pictures that the journey takes", taken, shown)
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A name that is no page is none, whatever it looks like.
func TestNamed_unknown(t *testing.T) {
	for _, name := range []string{"", "README", "nothing", "../configuration", "pictures/merge", "guide.go"} {
		if g, ok := guide.Named(name); ok {
			t.Errorf("%q is %q", name, g.Title)
		}
	}
}
