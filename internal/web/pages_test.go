package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"mainstay/internal/auth"
)

// -update-dir writes every sample page and the static files into a folder, to
// be looked at in a browser.
var updateDir = flag.String("update-dir", "", "folder to write the sample pages to")

func render(t *testing.T, s sample) string {
	t.Helper()
	var b bytes.Buffer
	if err := s.body.Render(context.Background(), &b); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	return b.String()
}

func TestPages(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			text := render(t, s)
			checkMarkup(t, text)
			doc, err := html.Parse(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			checkTree(t, doc, s.fragment)
			writeSample(t, s.name+".html", []byte(text))
		})
	}
	if *updateDir != "" {
		for url, a := range loadAssets().byURL {
			writeSample(t, url, a.raw)
		}
	}
}

// What a page asks for by itself is marked as such, or an open page would keep
// its person signed in for good.
func TestPages_pollOnlyWhatIsMarked(t *testing.T) {
	mux, routes := http.NewServeMux(), map[string]auth.Route{}
	for _, r := range (&Web{}).Routes() {
		mux.HandleFunc(r.Pattern, func(http.ResponseWriter, *http.Request) {})
		routes[r.Pattern] = r
	}
	asked := map[string]bool{}
	for _, s := range samples() {
		doc, err := html.Parse(strings.NewReader(render(t, s)))
		if err != nil {
			t.Fatal(err)
		}
		walk(doc, func(n *html.Node) {
			addresses := []string{attr(n, "hx-sse:connect"), attr(n, "data-poll")}
			if trigger := attr(n, "hx-trigger"); strings.Contains(trigger, "every ") || strings.Contains(trigger, "load") || strings.Contains(trigger, "revealed") {
				addresses = append(addresses, attr(n, "hx-get"))
			}
			for _, a := range addresses {
				if a == "" {
					continue
				}
				_, pattern := mux.Handler(httptest.NewRequest(http.MethodGet, a, nil))
				if routes[pattern].Pattern == "" || routes[pattern].ByPerson() {
					t.Errorf("%s asks for %s by itself, which %q doesn't know", s.name, a, pattern)
				}
				asked[pattern] = true
			}
		})
	}
	for pattern, r := range routes {
		if !r.ByPerson() && !asked[pattern] {
			t.Errorf("no page asks for %s by itself", pattern)
		}
	}
}

func writeSample(t *testing.T, name string, body []byte) {
	if *updateDir == "" {
		return
	}
	file := filepath.Join(*updateDir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// voids are the elements without an end tag.
var voids = map[string]bool{"area": true, "base": true, "br": true, "col": true, "embed": true, "hr": true, "img": true, "input": true,
	"link": true, "meta": true, "source": true, "track": true, "wbr": true}

// checkMarkup walks the tags as written: every start tag needs its end tag.
func checkMarkup(t *testing.T, text string) {
	t.Helper()
	z := html.NewTokenizer(strings.NewReader(text))
	var open []string
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				t.Errorf("never closed: %v", open)
			}
			return
		case html.StartTagToken:
			name, _ := z.TagName()
			if !voids[string(name)] {
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			if len(open) == 0 || open[len(open)-1] != string(name) {
				t.Fatalf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// checkTree looks for what the content security policy forbids and for what
// assistive technology needs.
func checkTree(t *testing.T, doc *html.Node, fragment bool) {
	t.Helper()
	ids, labels := map[string]int{}, map[string]bool{}
	heads := 0
	var controls []*html.Node
	walk(doc, func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
				t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "action" || a.Key == "formaction" || a.Key == "src") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("<%s> leads to %s", n.Data, a.Val)
			}
		}
		if id := attr(n, "id"); id != "" {
			ids[id]++
		}
		switch n.Data {
		case "style":
			t.Error("inline style sheet")
		case "script":
			if attr(n, "src") == "" || n.FirstChild != nil {
				t.Error("inline script")
			}
		case "h1":
			heads++
		case "label":
			labels[attr(n, "for")] = true
		case "input", "select", "textarea":
			if attr(n, "type") != "hidden" {
				controls = append(controls, n)
			}
		case "form":
			if m := attr(n, "method"); m != "post" && m != "get" {
				t.Errorf("form %s has the method %q", attr(n, "action"), m)
			}
		}
	})
	for id, n := range ids {
		if n > 1 {
			t.Errorf("id %q is used %d times", id, n)
		}
		if strings.ContainsAny(id, " <>\"'") {
			t.Errorf("id %q is not a plain word", id)
		}
	}
	for _, c := range controls {
		if !labels[attr(c, "id")] && attr(c, "aria-label") == "" && !inside(c, "label") {
			t.Errorf("<%s name=%q> has no label", c.Data, attr(c, "name"))
		}
	}
	if !fragment && heads != 1 {
		t.Errorf("%d first-level headings, want 1", heads)
	}
	walk(doc, func(n *html.Node) {
		for _, key := range []string{"aria-describedby", "aria-labelledby", "for", "list", "aria-controls"} {
			for _, id := range strings.Fields(attr(n, key)) {
				if ids[id] == 0 {
					t.Errorf("<%s %s> names the missing id %q", n.Data, key, id)
				}
			}
		}
	})
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func inside(n *html.Node, name string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.Data == name {
			return true
		}
	}
	return false
}

// pageLimit is the most a page may weigh with everything it loads but fonts, in
// bytes after compression.
const pageLimit = 40 << 10

func TestPages_weight(t *testing.T) {
	for _, s := range samples() {
		if s.fragment || strings.HasSuffix(s.name, "hostile") {
			continue
		}
		text := render(t, s)
		sum := gzipped([]byte(text))
		for url, a := range loadAssets().byURL {
			if strings.Contains(text, url) && a.mime != "font/woff2" {
				sum += max(len(a.gzip), gzipped(a.raw))
			}
		}
		if sum > pageLimit {
			t.Errorf("%s weighs %d bytes, more than %d", s.name, sum, pageLimit)
		}
	}
}

func gzipped(raw []byte) int {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(raw)
	_ = w.Close()
	return b.Len()
}
