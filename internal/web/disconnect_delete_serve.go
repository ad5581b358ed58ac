package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// deletedRow reads what deleting a row of Manage data is about. Items without a
// type or a status, and those without a link, have no class that could stop.
func (s *Web) deletedRow(r *http.Request) (DeleteClassPage, mainstay.Class, mainstay.IntegrationID, error) {
	var p DeleteClassPage
	var class mainstay.Class
	var id mainstay.IntegrationID
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		m, err := s.readManaged(r, t, "Manage data")
		if err != nil {
			return err
		}
		c, err := m.class(r.PathValue("row"))
		if err != nil {
			return err
		}
		if !m.stoppable(c) {
			return errMissing()
		}
		id, class = m.i.ID, mainstay.Class{Kind: c.kind.Name, Axis: c.axis, ExternalID: c.label.ExternalID}
		m.Crumbs = append(m.Crumbs[:2:2], Crumb{Label: "Manage data", URL: m.back(c)}, Crumb{Label: "Delete all data"})
		p = DeleteClassPage{Page: m.Page, Name: c.name(), PSA: m.i.Name, Kind: c.kind, Action: m.base() + "/rows/" + c.key() + "/delete", Back: m.back(c)}
		p.Title = "Delete all data of " + c.name()
		linked := store.LinkedClass{Integration: m.i.ID, Kind: c.kind.Name}
		switch c.axis {
		case mainstay.TypeAxis:
			linked.Type = c.label.ID
		case mainstay.StatusAxis:
			linked.Status = c.label.ID
		}
		if p.Counts, err = t.CountClassContents(r.Context(), linked, m.Actor); err != nil {
			return err
		}
		p.Off, err = switchSentence(r, t)
		return err
	})
	return p, class, id, err
}

// stoppable reports whether a row is a class of the integration that can stop
// syncing as a whole.
func (m *managed) stoppable(c manageClass) bool {
	return c.axis != unlinkedAxis && (c.axis == "" || c.label.IntegrationID == m.i.ID)
}

// confirmDeleteClass says what deleting a row would do, before a plan is made.
func (s *Web) confirmDeleteClass(w http.ResponseWriter, r *http.Request) error {
	p, _, _, err := s.deletedRow(r)
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, deleteClassView(p))
}

// deleteClass makes the plan that deletes a row of Manage data.
func (s *Web) deleteClass(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	_, class, id, err := s.deletedRow(r)
	if err != nil {
		return err
	}
	seen, err := formNumber(r, "seen")
	if err != nil {
		return err
	}
	plan, err := s.Changes.ProposeDeleteClass(r.Context(), auth.Actor(r.Context()), id, class, r.PostForm.Get("note"), int(seen))
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}
