package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
)

// Routes is the one list of the addresses that a browser may ask for, each with
// the right that it needs. The groups below are all there is.
func (s *Web) Routes() []auth.Route {
	var all []auth.Route
	for _, k := range mainstay.Kinds() {
		all = append(all, s.kindRoutes(k)...)
	}
	all = append(all, s.searchRoutes()...)
	all = append(all, s.planRoutes()...)
	all = append(all, s.trashRoutes()...)
	all = append(all, s.activityRoutes()...)
	return append(all, s.accountRoutes()...)
}

// ofKind makes a handler for one kind, whose name is part of the address.
func ofKind(k *mainstay.Kind, fn func(http.ResponseWriter, *http.Request, *mainstay.Kind) error) handler {
	return func(w http.ResponseWriter, r *http.Request) error { return fn(w, r, k) }
}

// kindRoutes are the pages of one kind: its list, its items and their forms.
func (s *Web) kindRoutes(k *mainstay.Kind) []auth.Route {
	return nil
}

// searchRoutes find things over all kinds.
func (s *Web) searchRoutes() []auth.Route { return nil }

// planRoutes make, review, run and undo large changes.
func (s *Web) planRoutes() []auth.Route { return nil }

// trashRoutes show what was deleted and bring it back.
func (s *Web) trashRoutes() []auth.Route { return nil }

// activityRoutes show who did what, and help.
func (s *Web) activityRoutes() []auth.Route { return nil }
