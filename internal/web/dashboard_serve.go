package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// How much the dashboard shows.
const (
	shownAttention = 5
	shownActivity  = 8
)

// dashboard is the first page after signing in.
func (s *Web) dashboard(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var p DashboardPage
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		tallies, err := t.Tallies(ctx, auth.Actor(ctx))
		if err != nil {
			return err
		}
		if p.Page, err = s.pageWith(r, t, Page{Title: "Dashboard", Active: "dashboard", Crumbs: []Crumb{{Label: "Dashboard"}}}, tallies); err != nil {
			return err
		}
		p.Checked = p.Now
		p.Totals = totals(tallies)
		if p.Recents, err = recentResults(ctx, t, r); err != nil {
			return err
		}
		if p.May(mainstay.SeeActivity) {
			if p.Activity, err = events(ctx, t, p.Page, store.ActivityFilter{Whole: p.Actor.All, Limit: shownActivity}); err != nil {
				return err
			}
		}
		if p.May(mainstay.ManageSync) {
			if p.Integrations, err = cards(ctx, t, p.Page); err != nil {
				return err
			}
		}
		if p.Notices, err = t.UnseenNotices(ctx, p.Actor.UserID, shownNotices); err != nil {
			return err
		}
		p.Attention, err = p.attention(ctx, t)
		return err
	})
	if err != nil {
		return err
	}
	p.ways()
	if p.May(mainstay.EditConnections) {
		p.Steps = p.steps()
	}
	return s.show(w, r, dashboardView(p), nil)
}

// totals are the items of each kind by sync state.
func totals(tallies []store.Tally) []Tile {
	var out []Tile
	for _, k := range mainstay.Kinds() {
		states := statesOf(tallies, k.Name)
		tile := Tile{Kind: k, URL: "/" + k.Plural}
		for _, st := range mainstay.SyncStates() {
			tile.Total += states[st]
			tile.States = append(tile.States, StateCount{State: st, Count: states[st], URL: queryURL(k, stateQuery(st))})
		}
		out = append(out, tile)
	}
	return out
}

// ways are what a person can start from the dashboard.
func (p *DashboardPage) ways() {
	for _, k := range mainstay.Kinds() {
		right := mainstay.CreateItems
		if k == &mainstay.Organization {
			right = mainstay.CreateOrgs
		}
		if p.May(right) {
			p.NewItems = append(p.NewItems, Link{capital(k.Label), "/" + k.Plural + "/new"})
		}
	}
	for _, c := range p.Integrations {
		if !c.Integration.Paused {
			p.SyncURL = "/account/integrations/sync"
		}
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// steps lead through the first hour of an account; none once something is linked.
func (p *DashboardPage) steps() []Step {
	linked, ticked, first := 0, false, "/account/integrations"
	for _, c := range p.Integrations {
		for _, st := range c.States {
			linked += st.Count
		}
		ticked = ticked || len(c.Integration.Settings.Organizations) > 0
		first = c.URL()
	}
	if linked > 0 {
		return nil
	}
	steps := []Step{
		{Title: "Connect", Text: "Enter the credentials of your PSA. Mainstay reads it and never writes to it.", Link: Link{"Connect", "/account/integrations"}},
		{Title: "Choose what syncs", Text: "Tick the types and statuses that you want here. Nothing else is added.", Link: Link{"Sync settings", first + "/sync-settings"}},
		{Title: "Start the first sync", Text: "Watch what arrives. You can stop it at any time.", Link: Link{"Open the integration", first}},
	}
	done := []bool{len(p.Integrations) > 0, ticked, false}
	now := false
	for n := range steps {
		switch {
		case done[n]:
			steps[n].State = "done"
		case !now:
			steps[n].State, now = "now", true
		default:
			steps[n].Link = Link{}
		}
	}
	return steps
}
