package web

import (
	"context"
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

// attention lists what a person should look at, worst first.
func (p *DashboardPage) attention(ctx context.Context, t *store.Tx) ([]Attention, error) {
	var out []Attention
	for _, c := range p.Integrations {
		if c.Integration.State == mainstay.IntegrationFailed {
			out = append(out, Attention{"alert-triangle", "red", c.Integration.Name + " can't sync", c.Message, Link{"Look", c.URL()}})
		}
	}
	if p.May(mainstay.ManageSync) {
		held, err := t.HeldRuns(ctx)
		if err != nil {
			return nil, err
		}
		for _, run := range held {
			out = append(out, Attention{"shield-lock", "orange", "A sync is held for you", heldText, Link{"Decide", runURL(run)}})
		}
	}
	out = append(out, p.unwell(mainstay.SyncError, "alert-triangle-filled", "red", "could not be read or stored by the last sync", "Show")...)
	for _, c := range p.Integrations {
		if c.Waiting > 0 {
			out = append(out, Attention{"link", "amber", some(c.Waiting, "record") + waitVerb(c.Waiting) + " to be matched again", "They were disconnected from " + c.Integration.Name + " and sync once more. Nothing was made of them.", Link{"Match again", c.URL() + "/match"}})
		}
	}
	out = append(out, p.unwell(mainstay.Orphaned, "plug", "orange", "no longer sync and stay as they are", "Review")...)
	if p.May(mainstay.UseBackups) {
		_, fresh, err := t.FreshBackup(ctx, p.Now.Add(-mainstay.BackupFresh))
		if err != nil {
			return nil, err
		}
		if !fresh {
			out = append(out, Attention{"database", "amber", "No verified backup of the last day", "Large deletions take one first.", Link{"Backups", "/account/backups"}})
		}
	}
	for _, c := range p.Integrations {
		if c.Integration.Paused {
			out = append(out, Attention{"player-pause", "", c.Integration.Name + " is paused", "By " + c.Integration.PausedBy + ", " + p.ago(c.Integration.PausedAt) + ".", Link{"Look", c.URL()}})
		}
	}
	return out[:min(len(out), shownAttention)], nil
}

// unwell names the kind with the most items in a state.
func (p *DashboardPage) unwell(state mainstay.SyncState, icon, tone, text, verb string) []Attention {
	var worst Tile
	most, total := 0, 0
	for _, tile := range p.Totals {
		for _, st := range tile.States {
			if st.State == state {
				total += st.Count
				if st.Count > most {
					most, worst = st.Count, tile
				}
			}
		}
	}
	if most == 0 {
		return nil
	}
	text = worst.Kind.Count(most) + " " + text
	if rest := total - most; rest > 0 {
		text += ", and " + some(rest, "more item")
	}
	return []Attention{{icon, tone, num(total) + " " + lowerFirst(state.Label()) + plural(total, " item"), text + ".", Link{verb, queryURL(worst.Kind, stateQuery(state))}}}
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
