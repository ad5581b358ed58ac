package web

import (
	"bytes"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"

	"mainstay"
	"mainstay/docs/guide"
	"mainstay/internal/store"
)

// guides lists the guides.
func (s *Web) guides(w http.ResponseWriter, r *http.Request) error {
	p := GuidesPage{Guides: guide.All()}
	err := s.Store.Read(r.Context(), func(t *store.Tx) (err error) {
		p.Page, err = s.page(r, t, Page{Title: "Help", Crumbs: []Crumb{{Label: "Help"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, guidesView(p))
}

// guide shows one guide.
func (s *Web) guide(w http.ResponseWriter, r *http.Request) error {
	g, ok := guide.Named(r.PathValue("guide"))
	if !ok {
		return mainstay.Errorf(mainstay.NotFound, "There is no such guide. Help lists all of them.")
	}
	html, err := guideHTML(g.Text)
	if err != nil {
		return err
	}
	p := GuidePage{Title: g.Title, HTML: html}
	all := guide.All()
	for n := range all[:len(all)-1] {
		if all[n].Name == g.Name {
			p.Next = &Link{all[n+1].Title, guideURL(all[n+1].Name)}
		}
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) (err error) {
		p.Page, err = s.page(r, t, Page{Title: g.Title, Crumbs: []Crumb{{Label: "Help", URL: helpURL}, {Label: g.Title}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, guideView(p))
}

// guidePicture sends one picture of the guides.
func (s *Web) guidePicture(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	if i, err := fs.Stat(guide.Pictures(), name); err != nil || i.IsDir() {
		return errMissing()
	}
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeFileFS(w, r, guide.Pictures(), name) //nolint:gosec // an embedded folder, whose names were checked above
	return nil
}

var (
	guidePictures = regexp.MustCompile(`<p><img src="pictures/([\w-]+\.png)" alt="([^"]*)"></p>`)
	guideLinks    = regexp.MustCompile(`<a href="([\w-]+)\.md(#[\w-]+)?">`)
	elsewhere     = regexp.MustCompile(`<a href="\.\./[^"]*">([^<]*)</a>`)
)

// guideHTML renders the text of a guide. A picture is folded, so a page that is
// read on the way weighs little; what leads out of the guides stays as words.
func guideHTML(text string) (template.HTML, error) {
	var b bytes.Buffer
	if err := richMarkdown().Convert([]byte(text), &b); err != nil {
		return "", err
	}
	html := guidePictures.ReplaceAllString(b.String(), `<details class="pic"><summary>Picture: $2</summary><img loading="lazy" src="/help/pictures/$1" alt="$2" width="1280" height="900"></details>`)
	html = elsewhere.ReplaceAllString(guideLinks.ReplaceAllString(html, `<a class="link" href="/help/$1$2">`), "$1")
	return template.HTML(reachable(html)), nil //nolint:gosec // our own pages, embedded
}
