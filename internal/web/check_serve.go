package web

import (
	"net/http"

	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// checks shows what to look at before a clean-up.
func (s *Web) checks(w http.ResponseWriter, r *http.Request) error {
	p := ChecksPage{}
	var err error
	if p.Checks, err = s.Changes.Checks(r.Context(), auth.Actor(r.Context())); err != nil {
		return err
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: "Before a clean-up", Active: "protection", Crumbs: []Crumb{{Label: "Data protection", URL: protectionURL}, {Label: "Before a clean-up"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, checksView(p))
}
