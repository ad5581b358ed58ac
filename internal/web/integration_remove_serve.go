package web

import (
	"context"
	"net/http"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// askRemove asks what to do with a whole integration.
func (s *Web) askRemove(w http.ResponseWriter, r *http.Request) error {
	p, _, err := s.removePage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, disconnectView(p), nil)
}

func (s *Web) removePage(r *http.Request) (p DisconnectPage, i mainstay.Integration, err error) {
	ctx := r.Context()
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		if i, err = integrationOf(r, t); err != nil {
			return err
		}
		class := store.LinkedClass{Integration: i.ID}
		all, err := t.CountLinkedClass(ctx, class, mainstay.System("count"))
		if err != nil {
			return err
		}
		seen := all
		if a := auth.Actor(ctx); !a.All {
			if seen, err = t.CountLinkedClass(ctx, class, a); err != nil {
				return err
			}
		}
		p = integrationEnd(i, all)
		if p.Page, err = s.page(r, t, integrationSurrounding(i, "Disconnect integration")); err != nil {
			return err
		}
		if !p.Actor.All {
			p.Refused, p.Counts = partOnly, countsOf(seen, all)
		}
		p.tick(r.FormValue("choice"))
		return nil
	})
	return p, i, err
}

// integrationEnd is the page about a whole integration without its surrounding.
func integrationEnd(i mainstay.Integration, all map[mainstay.KindName]int) DisconnectPage {
	n := sumKinds(all)
	p := DisconnectPage{Heading: "Disconnect " + i.Name, Action: integrationURL(i.ID) + "/remove", Back: integrationURL(i.ID),
		Text: capital(inWords(all)) + " " + isAre(n) + " linked with it."}
	pause := DisconnectChoice{Key: choicePause, Title: "Pause all syncing and keep everything", Tag: reversible(), Text: "Nothing changes here until somebody resumes it.", Button: "Pause all syncing",
		Facts: []Fact{{Label: "Now", Value: "A sync that is under way stops at its next page."}, {Label: "Meanwhile", Value: "Links stay, and nothing becomes orphaned."}, {Label: "To resume", Value: "Resume it. The next full sync brings everything up to date."}}}
	if i.Paused {
		pause.Off = "It is paused already, by " + i.PausedBy + "."
	}
	remove := DisconnectChoice{Key: choiceRemove, Title: "Remove the integration but keep all data", Tag: reversible(), Danger: true, Button: "Plan the removal",
		Text: "Its links end and its credentials are deleted. Every item stays here as Not linked, and " + i.Name + " isn't changed.",
		Facts: []Fact{{Label: "Now", Value: "Syncing pauses when you confirm the plan. Then " + some(n, "link") + ends(n) + ", and the credentials are deleted last."},
			{Label: "Afterwards", Value: "It stands under Removed on the page of integrations, with what was linked."},
			{Label: "To get it back", Value: "Undo the plan: it comes back paused, with its links but without credentials. Or connect the same PSA again at any time: all records are found by their ids and wait under Match again."}}}
	if n == 0 {
		p.Text = "Nothing is linked with it."
	} else {
		remove.Button = "Plan to remove it and end " + some(n, "link")
	}
	p.Choices = []DisconnectChoice{pause, remove}
	return p
}

// removeIntegration pauses the integration, or makes the plan that removes it.
func (s *Web) removeIntegration(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	page, i, err := s.removePage(r)
	if err != nil {
		return err
	}
	a := auth.Actor(r.Context())
	var p mainstay.Plan
	switch r.PostForm.Get("choice") {
	case choicePause:
		if err := s.Changes.PauseIntegration(r.Context(), a, i.ID, true); err != nil {
			return err
		}
		withFlash(w, flash{Code: flashPaused})
		return redirect(w, r, integrationURL(i.ID))
	case choiceRemove:
		p, err = s.Changes.ProposeDisconnect(r.Context(), a, change.Unlink{Integration: i.ID, Remove: true, Note: r.PostForm.Get("note")})
	default:
		err = mainstay.Errorf(mainstay.Invalid, "Choose what happens to the integration. Nothing was planned.")
	}
	if kind := mainstay.KindOf(err); kind == mainstay.Invalid || kind == mainstay.Conflict {
		page.Error, page.Note = mainstay.SafeMessage(err), r.PostForm.Get("note")
		return s.write(w, r, auth.Status(err), disconnectView(page))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(p.ID))
}

// removedRows list the connections that people removed.
func (s *Web) removedRows(ctx context.Context, t *store.Tx, removed []mainstay.Integration) ([]RemovedRow, error) {
	ids := make([]mainstay.IntegrationID, len(removed))
	for n, i := range removed {
		ids[n] = i.ID
	}
	items, err := t.DisconnectedIn(ctx, ids)
	rows := make([]RemovedRow, len(removed))
	for n, i := range removed {
		rows[n] = RemovedRow{Integration: i, Items: items[i.ID], AgainURL: s.againURL(auth.Actor(ctx), i)}
	}
	return rows, err
}

// againURL is the form that connects the PSA of a removed connection again.
func (s *Web) againURL(a mainstay.Actor, i mainstay.Integration) string {
	if a.Can(mainstay.EditConnections, 0) != nil {
		return ""
	}
	for _, spec := range s.Engine.Specs() {
		if spec.Name == i.Connector {
			return connectURL(spec) + "&again=" + strconv.FormatInt(int64(i.ID), 10)
		}
	}
	return ""
}

// removedDetails say what stays of a connection that a person removed.
func (s *Web) removedDetails(ctx context.Context, t *store.Tx, p Page, i mainstay.Integration) (*RemovedIntegration, error) {
	counts, err := t.DisconnectedCounts(ctx, i.ID, false)
	if err != nil {
		return nil, err
	}
	groups, err := t.EndedGroups(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	g := &RemovedIntegration{RemovedRow: RemovedRow{Integration: i, Items: sumKinds(counts), AgainURL: s.againURL(p.Actor, i)}}
	q := query.All().With(query.Term{Key: "sync status", Op: query.In, Values: []string{store.WordDisconnected}}).With(query.Term{Key: "integration", Op: query.In, Values: []string{i.Name}})
	for _, k := range syncedKinds() {
		if n := counts[k.Name]; n > 0 {
			g.Kinds = append(g.Kinds, Link{k.Count(n), queryURL(k, q.String())})
		}
	}
	for _, e := range groups {
		if e.Why == mainstay.EndedRemoved && e.Plan != 0 && p.May(mainstay.PlanChanges) && p.Actor.All {
			g.Plan = Link{"Plan " + strconv.FormatInt(int64(e.Plan), 10), planURL(e.Plan)}
		}
	}
	return g, nil
}
