package web

import (
	"net/http"

	"mainstay/internal/store"
)

// shortcuts lists the keys, as a page or as a dialog.
func (s *Web) shortcuts(w http.ResponseWriter, r *http.Request) error {
	var p Page
	if partial(r) {
		return s.write(w, r, http.StatusOK, shortcutsDialog())
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p, err = s.page(r, t, Page{Title: "Keyboard shortcuts", Crumbs: []Crumb{{Label: "Help"}, {Label: "Keyboard shortcuts"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, shortcutsView(p))
}
