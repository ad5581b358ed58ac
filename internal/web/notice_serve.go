package web

import (
	"net/http"

	"mainstay/internal/auth"
)

// shownNotices is how many unread notices the dashboard shows.
const shownNotices = 5

// seeNotice takes a notice off the dashboard of the person it is for.
func (s *Web) seeNotice(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Changes.SeeNotice(r.Context(), auth.Actor(r.Context()), id); err != nil {
		return err
	}
	return redirect(w, r, "/")
}
