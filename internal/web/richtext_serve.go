package web

import (
	"bytes"
	"html/template"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// richPolicy is what a text may contain once it is HTML: no script, no style,
// no image from elsewhere, and links that tell the target nothing.
var richPolicy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireNoReferrerOnLinks(true)
	p.RequireNoFollowOnLinks(true)
	return p
})

var richMarkdown = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify))
})

// richText renders Markdown as sanitized HTML. A text that can't be rendered is
// shown as it was typed.
func richText(text string) template.HTML {
	var b bytes.Buffer
	if err := richMarkdown().Convert([]byte(text), &b); err != nil {
		return template.HTML(template.HTMLEscapeString(text)) //nolint:gosec // escaped
	}
	return template.HTML(reachable(richPolicy().Sanitize(b.String()))) //nolint:gosec // sanitized
}

// reachable lets the keyboard scroll blocks of code, which may be wider than
// their place. It takes HTML whose pre elements have no attributes.
func reachable(html string) string {
	return strings.ReplaceAll(html, "<pre>", `<pre tabindex="0">`)
}
