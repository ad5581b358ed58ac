package web

import (
	"html/template"

	"mainstay/docs/guide"
)

// helpURL is the list of guides; the address of one is below it.
const helpURL = "/help"

func guideURL(name string) string { return helpURL + "/" + name }

// GuidesPage lists the guides.
type GuidesPage struct {
	Page
	Guides []guide.Guide
}

// GuidePage is one guide.
type GuidePage struct {
	Page
	Title string
	HTML  template.HTML
	Next  *Link // the guide after it
}
