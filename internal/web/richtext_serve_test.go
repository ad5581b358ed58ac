package web

import (
	"strings"
	"testing"
)

// A block of code can be wider than a phone, so the keyboard must reach it; what
// a person types as HTML stays out.
func TestRichText(t *testing.T) {
	for _, c := range []struct{ text, has, hides string }{
		{"    mainstay verify", `<pre tabindex="0"><code>mainstay verify`, "<pre>"},
		{"```\n<pre>\n```", `<pre tabindex="0"><code>&lt;pre&gt;`, "<pre>"},
		{"<pre onclick=alert(1)>x</pre>", "", "onclick"},
		{"[x](javascript:alert(1))", "x", "javascript"},
		{"![x](https://example.com/x.png)", "", "<img"},
	} {
		got := string(richText(c.text))
		if !strings.Contains(got, c.has) || strings.Contains(got, c.hides) {
			t.Errorf("%q gives %q, which lacks %q or has %q", c.text, got, c.has, c.hides)
		}
	}
	guide, err := guideHTML("    mainstay verify")
	if err != nil || !strings.Contains(string(guide), `<pre tabindex="0">`) {
		t.Errorf("a guide gives %q, %v", guide, err)
	}
}
