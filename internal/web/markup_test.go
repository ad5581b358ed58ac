package web_test

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// input is one control of a form.
type input struct{ name, value, label, kind string }

func nodes(t testing.TB, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		out = append(out, n)
	}
	return out
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// inputs lists the inputs of a page, with what a screen reader calls them.
func inputs(t testing.TB, page string) []input {
	t.Helper()
	var out []input
	for _, n := range nodes(t, page) {
		if n.Type == html.ElementNode && n.Data == "input" {
			out = append(out, input{attribute(n, "name"), attribute(n, "value"), attribute(n, "aria-label"), attribute(n, "type")})
		}
	}
	return out
}

// links lists the addresses that a page leads to or posts to.
func links(t testing.TB, page string) []string {
	t.Helper()
	var out []string
	for _, n := range nodes(t, page) {
		for _, name := range []string{"href", "action", "formaction"} {
			if v := attribute(n, name); strings.HasPrefix(v, "/") {
				out = append(out, v)
			}
		}
	}
	return out
}

// plainText is a page as a person reads it.
func plainText(page string) string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return page
	}
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
		if n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style" || n.Data == "svg") {
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}
