package web

import (
	"context"
	"net/http"
	"slices"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// historyRuns is how many syncs the bars of an integration show.
const historyRuns = 56

// recentRuns is how many syncs a page lists besides the sync log.
const recentRuns = 8

// cards reads every integration with its health, the states of its items and
// its latest syncs, in sets.
func cards(ctx context.Context, t *store.Tx, p Page) ([]IntegrationCard, error) {
	all, err := t.Integrations(ctx)
	if err != nil {
		return nil, err
	}
	return cardsOf(ctx, t, p, all)
}

func cardsOf(ctx context.Context, t *store.Tx, p Page, all []mainstay.Integration) ([]IntegrationCard, error) {
	runs, err := t.LastRuns(ctx, all, historyRuns)
	if err != nil {
		return nil, err
	}
	states, err := t.LinkedStates(ctx, all)
	if err != nil {
		return nil, err
	}
	out := make([]IntegrationCard, len(all))
	for n, i := range all {
		out[n] = cardOf(p, i, runs[i.ID], states[i.ID])
	}
	return out, countWaiting(ctx, t, out, runs)
}

func cardOf(p Page, i mainstay.Integration, runs []mainstay.Run, states map[mainstay.SyncState]int) IntegrationCard {
	c := IntegrationCard{Integration: i}
	for _, s := range []mainstay.SyncState{mainstay.Syncing, mainstay.Orphaned, mainstay.SyncDisabled, mainstay.SyncError} {
		c.States = append(c.States, StateCount{State: s, Count: states[s]})
	}
	if len(runs) > 0 {
		row := runRow(runs[0], i.Name)
		c.LastRun = &row
		if !runs[0].State.Ended() {
			c.Running = &JobPill{Label: "Syncing " + i.Name, URL: row.URL, Percent: share(runs[0].Counts.Seen, runs[0].Expected)}
		}
	}
	c.History, c.HistoryText = history(p, runs)
	c.Unfollowed = len(runs) > 0 && !slices.ContainsFunc(runs, func(r mainstay.Run) bool {
		return r.Settings.Version == i.Settings.Version && (r.State.Looked() || !r.State.Ended())
	})
	switch {
	case i.Keyless:
		c.Message = "It has no credentials since its removal was undone. Enter them under Edit connection, then resume it."
	case i.Paused:
		c.Message = "Nothing changes here until you resume. Nothing becomes orphaned."
	case i.State == mainstay.IntegrationFailed:
		c.Message = "The last sync failed. Your data stays as it is."
		if c.LastRun != nil && c.LastRun.Run.Message != "" {
			c.Message = c.LastRun.Run.Message
		}
	}
	return c
}

// countWaiting adds how many records wait to be matched again, where one of the
// latest syncs saw some: then alone is it worth a look at every ended link.
func countWaiting(ctx context.Context, t *store.Tx, cards []IntegrationCard, runs map[mainstay.IntegrationID][]mainstay.Run) error {
	var ids []mainstay.IntegrationID
	for _, c := range cards {
		if slices.ContainsFunc(runs[c.Integration.ID], func(r mainstay.Run) bool { return r.Counts.Waiting > 0 }) {
			ids = append(ids, c.Integration.ID)
		}
	}
	waiting, err := t.CountWaitingIn(ctx, ids)
	for n := range cards {
		cards[n].Waiting = waiting[cards[n].Integration.ID]
	}
	return err
}

// history draws runs, newest first, as bars from the oldest to the newest.
func history(p Page, runs []mainstay.Run) (bars []Bar, text string) {
	good := 0
	for _, r := range slices.Backward(runs) {
		label, _, _ := runTag(r.State)
		changes := r.Counts.Created + r.Counts.Updated + r.Counts.Orphaned + r.Counts.Healed
		bars = append(bars, Bar{Value: changes, Tone: runTone(r.State), Label: join(p.day(r.Created)+" "+p.clock(r.Created), label, some(changes, "change"))})
		if r.State == mainstay.RunComplete {
			good++
		}
	}
	return bars, some(len(runs), "sync") + ", " + num(good) + " complete"
}

// runTone is the color of a run's bar.
func runTone(s mainstay.RunState) string {
	switch s {
	case mainstay.RunComplete:
		return "ok"
	case mainstay.RunIncomplete, mainstay.RunHeld:
		return "warn"
	case mainstay.RunFailed:
		return "bad"
	case mainstay.RunQueued, mainstay.RunRunning, mainstay.RunCancelled, mainstay.RunRejected:
	}
	return "none"
}

func runRow(r mainstay.Run, integration string) RunRow {
	return RunRow{Run: r, Integration: integration, URL: runURL(r)}
}

// integrationSurrounding is the surrounding of a page of one integration.
func integrationSurrounding(i mainstay.Integration, title string) Page {
	p := Page{Title: title, Active: "integrations", Crumbs: []Crumb{{Label: "Integrations", URL: "/account/integrations"}}}
	if title == i.Name {
		p.Crumbs = append(p.Crumbs, Crumb{Label: i.Name})
		return p
	}
	p.Crumbs = append(p.Crumbs, Crumb{Label: i.Name, URL: integrationURL(i.ID)}, Crumb{Label: title})
	return p
}

// integrationOf reads the integration in use that the address names.
func integrationOf(r *http.Request, t *store.Tx) (mainstay.Integration, error) {
	i, err := anyIntegrationOf(r, t)
	if err == nil && !i.Removed.IsZero() {
		err = errMissing()
	}
	return i, err
}

// anyIntegrationOf is integrationOf for what stays of one that was removed.
func anyIntegrationOf(r *http.Request, t *store.Tx) (mainstay.Integration, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return mainstay.Integration{}, err
	}
	i, err := t.Integration(r.Context(), mainstay.IntegrationID(id))
	if mainstay.KindOf(err) == mainstay.NotFound {
		err = errMissing()
	}
	return i, err
}

// integrations shows the connections and what can be connected.
func (s *Web) integrations(w http.ResponseWriter, r *http.Request) error {
	var p IntegrationsPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Integrations", Active: "integrations", Crumbs: []Crumb{{Label: "Integrations"}}}); err != nil {
			return err
		}
		all, err := t.AllIntegrations(r.Context())
		if err != nil {
			return err
		}
		inUse, removed := store.InUse(all)
		if p.Integrations, err = cardsOf(r.Context(), t, p.Page, inUse); err != nil {
			return err
		}
		if p.Removed, err = s.removedRows(r.Context(), t, removed); err != nil {
			return err
		}
		runs, err := t.Runs(r.Context(), 0, 0, recentRuns)
		names := map[mainstay.IntegrationID]string{}
		for _, i := range all {
			names[i.ID] = i.Name
		}
		for _, run := range runs {
			p.Runs = append(p.Runs, runRow(run, names[run.IntegrationID]))
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, spec := range s.Engine.Specs() {
		p.Available = append(p.Available, ConnectorCard{Name: spec.Name, Label: spec.Label, URL: connectURL(spec),
			Text: "Organizations, configurations, contacts and locations. Mainstay reads them and never writes to " + spec.Label + "."})
	}
	return s.show(w, r, integrationsView(p), nil)
}

// integration shows one connection.
func (s *Web) integration(w http.ResponseWriter, r *http.Request) error {
	var p IntegrationPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err := anyIntegrationOf(r, t)
		if err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, integrationSurrounding(i, i.Name)); err != nil {
			return err
		}
		if !i.Removed.IsZero() {
			if p.Gone, err = s.removedDetails(r.Context(), t, p.Page, i); err != nil {
				return err
			}
		}
		all, err := cardsOf(r.Context(), t, p.Page, []mainstay.Integration{i})
		if err != nil {
			return err
		}
		p.Card = all[0]
		runs, err := t.Runs(r.Context(), i.ID, 0, recentRuns)
		for _, run := range runs {
			p.Runs = append(p.Runs, runRow(run, i.Name))
			if run.State == mainstay.RunHeld && run.ID == i.LastRun {
				held := runRow(run, i.Name)
				p.Held = &held
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Facts = s.connectionFacts(p.Page, p.Card.Integration)
	return s.show(w, r, integrationView(p), nil)
}

// connectionFacts are the public settings of a connection; secrets are never among them.
func (s *Web) connectionFacts(p Page, i mainstay.Integration) []Fact {
	facts := []Fact{{Label: "Source", Value: i.Connector}}
	for _, spec := range s.Engine.Specs() {
		if spec.Name != i.Connector {
			continue
		}
		facts[0].Value = spec.Label
		for _, o := range spec.Options {
			if v := i.Options[o.Name]; v != "" && !o.Secret {
				facts = append(facts, Fact{Label: o.Label, Value: v})
			}
		}
	}
	next := "When someone asks"
	switch {
	case i.Paused:
		next = "Paused"
	case !i.NextFull.IsZero():
		next = capital(p.ago(i.NextFull))
	}
	return append(facts, Fact{Label: "Connected", Value: p.day(i.Created)}, Fact{Label: "Last complete sync", Value: capital(p.ago(i.LastFull))}, Fact{Label: "Next full sync", Value: next})
}

// syncNow starts a full sync; where one is under way, it leads there.
func (s *Web) syncNow(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	url, err := s.startRun(r, mainstay.IntegrationID(id))
	if err != nil {
		return err
	}
	withFlash(w, flash{Code: flashSyncing})
	return redirect(w, r, url)
}

// startRun starts a sync and returns its address, or that of the one under way.
func (s *Web) startRun(r *http.Request, id mainstay.IntegrationID) (string, error) {
	run, err := s.Changes.StartRun(r.Context(), auth.Actor(r.Context()), id)
	if mainstay.KindOf(err) != mainstay.Conflict {
		return runURL(run), err
	}
	running := ""
	readErr := s.Store.Read(r.Context(), func(t *store.Tx) error {
		runs, err := t.ActiveRuns(r.Context())
		for _, a := range runs {
			if a.IntegrationID == id {
				running = runURL(a)
			}
		}
		return err
	})
	switch {
	case readErr != nil:
		return "", readErr
	case running != "":
		return running, nil
	}
	return "", err
}

// syncAll starts a full sync of every integration that is not paused.
func (s *Web) syncAll(w http.ResponseWriter, r *http.Request) error {
	var all []mainstay.Integration
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		all, err = t.Integrations(r.Context())
		return err
	})
	if err != nil {
		return err
	}
	to := "/jobs"
	for _, i := range all {
		if i.Paused {
			continue
		}
		url, err := s.startRun(r, i.ID)
		if err != nil {
			return err
		}
		if len(all) == 1 {
			to = url
		}
	}
	withFlash(w, flash{Code: flashSyncing})
	return redirect(w, r, to)
}

// confirmPause asks before all syncing of a connection stops.
func (s *Web) confirmPause(w http.ResponseWriter, r *http.Request) error {
	var p ConfirmPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err := integrationOf(r, t)
		if err != nil {
			return err
		}
		p = ConfirmPage{Heading: "Pause all syncing from " + i.Name, Action: integrationURL(i.ID) + "/pause", Back: integrationURL(i.ID), Button: "Pause syncing",
			Text: []string{"Nothing changes here until you resume. Nothing becomes orphaned. A sync that is under way stops at its next page."}}
		p.Page, err = s.page(r, t, integrationSurrounding(i, "Pause all syncing"))
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// pauseIntegration stops all syncing of a connection, or lets it go on.
func (s *Web) pauseIntegration(pause bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r, "id")
		if err != nil {
			return err
		}
		if err := s.Changes.PauseIntegration(r.Context(), auth.Actor(r.Context()), mainstay.IntegrationID(id), pause); err != nil {
			return err
		}
		code := flashResumed
		if pause {
			code = flashPaused
		}
		withFlash(w, flash{Code: code})
		return redirect(w, r, integrationURL(mainstay.IntegrationID(id)))
	}
}
