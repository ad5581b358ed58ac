package web

import (
	"context"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// shownReviews is how many plans under review are looked at for the dashboard.
const shownReviews = 20

// attention lists what a person should look at, worst first.
func (p *DashboardPage) attention(ctx context.Context, t *store.Tx) ([]Attention, error) {
	var out []Attention
	for _, c := range p.Integrations {
		if c.Integration.State == mainstay.IntegrationFailed {
			out = append(out, Attention{Icon: "alert-triangle", Tone: "red", Title: c.Integration.Name + " can't sync", Text: c.Message, Link: Link{"Look", c.URL()}})
		}
	}
	if p.May(mainstay.ManageSync) {
		held, err := t.HeldRuns(ctx)
		if err != nil {
			return nil, err
		}
		for _, run := range held {
			out = append(out, Attention{Icon: "shield-lock", Tone: "orange", Title: "A sync is held for you", Text: heldText, Link: Link{"Decide", runURL(run)}})
		}
	}
	for _, more := range []func(context.Context, *store.Tx) ([]Attention, error){p.reviews, p.unfollowed} {
		rows, err := more(ctx, t)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	out = append(out, p.syncErrors()...)
	for _, c := range p.Integrations {
		if c.Waiting > 0 {
			out = append(out, Attention{Icon: "link", Tone: "amber", Title: some(c.Waiting, "record") + waitVerb(c.Waiting) + " to be matched again",
				Text: "They were disconnected from " + c.Integration.Name + " and sync once more. Nothing was made of them.", Link: Link{"Match again", c.URL() + "/match"}})
		}
	}
	out = append(out, p.orphans()...)
	if p.May(mainstay.UseBackups) {
		_, fresh, err := t.FreshBackup(ctx, p.Now.Add(-mainstay.BackupFresh))
		if err != nil {
			return nil, err
		}
		if !fresh {
			out = append(out, Attention{Icon: "database", Tone: "amber", Title: "No verified backup of the last day", Text: "Large deletions take one first.", Link: Link{"Backups", "/account/backups"}})
		}
	}
	for _, c := range p.Integrations {
		if c.Integration.Paused {
			out = append(out, Attention{Icon: "player-pause", Title: c.Integration.Name + " is paused", Text: "By " + c.Integration.PausedBy + ", " + p.ago(c.Integration.PausedAt) + ".", Link: Link{"Look", c.URL()}})
		}
	}
	return out[:min(len(out), shownAttention)], nil
}

// reviews are the plans of this person that wait for their word.
func (p *DashboardPage) reviews(ctx context.Context, t *store.Tx) ([]Attention, error) {
	if !p.May(mainstay.PlanChanges) {
		return nil, nil
	}
	plans, err := ownReviews(ctx, t, p.Page)
	if err != nil || len(plans) == 0 {
		return nil, err
	}
	newest := plans[0]
	text := "Nothing has happened yet."
	if more := len(plans) - 1; more > 0 {
		text += " " + some(more, "more plan") + waitVerb(more) + " in Jobs."
	}
	return []Attention{{Icon: verbsOf(newest.Action).Icon, Tone: "amber", Title: newest.Title() + " waits for your confirmation", Text: text, Link: Link{"Open plan", planURL(newest.ID)}}}, nil
}

// ownReviews lists the plans under review that this person made and can still
// confirm, newest first.
func ownReviews(ctx context.Context, t *store.Tx, p Page) ([]mainstay.Plan, error) {
	plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanReview}, shownReviews)
	var out []mainstay.Plan
	for _, plan := range plans {
		if awaits(p, plan) && !plan.Idle() && change.MaySeePlan(p.Actor, plan) == nil {
			out = append(out, plan)
		}
	}
	return out, err
}

// unfollowed are connections whose saved settings wait for a full sync that would
// change something here.
func (p *DashboardPage) unfollowed(ctx context.Context, t *store.Tx) ([]Attention, error) {
	var out []Attention
	for _, c := range p.Integrations {
		if !c.Unfollowed || c.Integration.Paused || c.Integration.State == mainstay.IntegrationFailed {
			continue
		}
		counts, err := t.ClassCounts(ctx, c.Integration.ID)
		if err != nil {
			return nil, err
		}
		e, err := change.SettingsEffect(ctx, t, c.Integration.ID, c.Integration.Settings, counts)
		if err != nil {
			return nil, err
		}
		var waiting map[mainstay.KindName]int
		if len(e.Waiting) > 0 {
			if waiting, err = t.CountWaiting(ctx, c.Integration.ID); err != nil {
				return nil, err
			}
		}
		if text := pendingText(e, waiting, false); text != "" {
			out = append(out, Attention{Icon: "refresh", Tone: "amber", Title: "Saved sync settings wait for a full sync", Text: text + " " + whenFull(p.Page, c.Integration) + ".",
				Post: Link{"Sync now", c.URL() + "/sync"}})
		}
	}
	return out, nil
}

// inState counts the items in a sync state by kind, in the order of the kinds.
func (p *DashboardPage) inState(state mainstay.SyncState) (kinds []ReasonCount, total int) {
	for _, tile := range p.Totals {
		for _, st := range tile.States {
			if st.State == state && st.Count > 0 {
				kinds = append(kinds, ReasonCount{Kind: tile.Kind, Count: st.Count, URL: queryURL(tile.Kind, stateQuery(state))})
				total += st.Count
			}
		}
	}
	return kinds, total
}

// syncErrors names the kind with the most items that the last sync could not take over.
func (p *DashboardPage) syncErrors() []Attention {
	kinds, total := p.inState(mainstay.SyncError)
	if total == 0 {
		return nil
	}
	worst := kinds[0]
	for _, k := range kinds {
		if k.Count > worst.Count {
			worst = k
		}
	}
	text := worst.Kind.Count(worst.Count) + " could not be read or stored by the last sync"
	if rest := total - worst.Count; rest > 0 {
		text += ", and " + some(rest, "more item")
	}
	return []Attention{{Icon: "alert-triangle-filled", Tone: "red", Title: some(total, "sync error item"), Text: text + ".", Link: Link{"Show", worst.URL}}}
}

// orphans names the organizations first: what lies inside follows them.
func (p *DashboardPage) orphans() []Attention {
	kinds, total := p.inState(mainstay.Orphaned)
	if total == 0 {
		return nil
	}
	const named = 2
	parts, rest := []string{}, total
	for n, k := range kinds {
		if n < named {
			parts = append(parts, k.Kind.Count(k.Count))
			rest -= k.Count
		}
	}
	if rest > 0 {
		parts = append(parts, some(rest, "more item"))
	}
	verb := " are orphaned"
	if total == 1 {
		verb = " is orphaned"
	}
	return []Attention{{Icon: "plug", Tone: "orange", Title: andList(parts) + verb, Text: "No sync changes them. They stay as they are until you delete them or they sync again.", Link: Link{"Review", kinds[0].URL}}}
}
