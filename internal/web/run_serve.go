package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// How much the pages of syncs show.
const (
	logRuns        = 50  // syncs on one page of the log
	shownProblems  = 100 // records that were not taken over
	shownCandidate = 20  // names of a held sync
)

// runs is the sync log of one integration.
func (s *Web) runs(w http.ResponseWriter, r *http.Request) error {
	var p RunsPage
	before, err := runParameter(r, "before")
	if err != nil {
		return err
	}
	after, err := runParameter(r, "after")
	if err != nil {
		return err
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Integration, err = anyIntegrationOf(r, t); err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, integrationSurrounding(p.Integration, "Sync log")); err != nil {
			return err
		}
		var found []mainstay.Run
		if after != 0 {
			found, err = t.NewerRuns(r.Context(), p.Integration.ID, after, logRuns+1)
		} else {
			found, err = t.Runs(r.Context(), p.Integration.ID, before, logRuns+1)
		}
		p.fill(found, before, after)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, runsView(p), nil)
}

func runParameter(r *http.Request, name string) (mainstay.RunID, error) {
	v := r.FormValue(name)
	if v == "" {
		return 0, nil
	}
	id, err := mainstay.ParseItemID(v)
	if err != nil {
		return 0, mainstay.Errorf(mainstay.Invalid, "This page link is damaged. Open the sync log again.")
	}
	return mainstay.RunID(id), nil
}

// fill takes up to a page of runs, newest first; one more says that there are
// further ones in the direction that was asked for.
func (p *RunsPage) fill(found []mainstay.Run, before, after mainstay.RunID) {
	more := len(found) > logRuns
	switch {
	case more && after != 0:
		found = found[1:]
	case more:
		found = found[:logRuns]
	}
	for _, r := range found {
		p.Runs = append(p.Runs, runRow(r, p.Integration.Name))
	}
	p.Pager.Total = -1
	if len(found) == 0 {
		p.Empty = &Empty{Icon: "refresh", Title: "Nothing synced yet.", Text: "Choose what syncs, then start the first sync."}
		return
	}
	to := func(name string, r mainstay.Run) string {
		return integrationURL(p.Integration.ID) + "/log?" + url.Values{name: {strconv.FormatInt(int64(r.ID), 10)}}.Encode()
	}
	if more || after != 0 {
		p.Pager.Next = to("before", found[len(found)-1])
	}
	if before != 0 || (after != 0 && more) {
		p.Pager.Prev = to("after", found[0])
	}
}

// runOf reads the run that the address names, and its integration.
func runOf(r *http.Request, t *store.Tx) (i mainstay.Integration, run mainstay.Run, err error) {
	if i, err = anyIntegrationOf(r, t); err != nil {
		return i, run, err
	}
	id, err := pathID(r, "run")
	if err != nil {
		return i, run, err
	}
	run, err = t.Run(r.Context(), mainstay.RunID(id))
	if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && run.IntegrationID != i.ID) {
		err = errMissing()
	}
	return i, run, err
}

// run shows one sync.
func (s *Web) run(w http.ResponseWriter, r *http.Request) error {
	var p RunPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, run, err := runOf(r, t)
		if err != nil {
			return err
		}
		around := integrationSurrounding(i, "Sync "+strconv.FormatInt(int64(run.ID), 10))
		around.Crumbs = append(around.Crumbs[:2:2], Crumb{Label: "Sync log", URL: integrationURL(i.ID) + "/log"}, Crumb{Label: around.Title})
		page, err := s.page(r, t, around)
		if err != nil {
			return err
		}
		p = progressOf(page, i, run)
		return p.details(r.Context(), t)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, runView(p), nil)
}

// progressOf is the live part of a run.
func progressOf(p Page, i mainstay.Integration, run mainstay.Run) RunPage {
	out := RunPage{Page: p, Integration: i, Run: run, Percent: -1, CanCancel: !run.State.Ended() && !run.Cancel && p.May(mainstay.ManageSync)}
	if run.State.Ended() || run.Started.IsZero() {
		return out
	}
	out.Percent = share(run.Counts.Seen, run.Expected)
	if took := p.Now.Sub(run.Started); took > time.Second {
		out.Rate = float64(run.Counts.Seen) / took.Seconds()
	}
	if left := run.Expected - run.Counts.Seen; left > 0 && out.Rate > 0 {
		out.LeftSeconds = int(float64(left)/out.Rate) + 1
	}
	return out
}

// details are what stands below the live part: problems, what a held run waits
// for, and what became orphaned.
func (p *RunPage) details(ctx context.Context, t *store.Tx) error {
	problems, err := t.Problems(ctx, p.Run.ID, shownProblems)
	if err != nil {
		return err
	}
	if err := p.problems(ctx, t, problems); err != nil {
		return err
	}
	if p.Run.State == mainstay.RunHeld {
		return p.held(ctx, t)
	}
	if p.Run.Counts.Orphaned == 0 || p.Run.Ended.IsZero() {
		return nil
	}
	orphaned, err := t.OrphanedBetween(ctx, p.Integration.ID, p.Run.Started, p.Run.Ended)
	for _, o := range orphaned {
		k, kindErr := mainstay.KindNamed(string(o.Kind))
		if kindErr != nil {
			return kindErr
		}
		p.Orphaned = append(p.Orphaned, ReasonCount{Kind: k, Reason: o.Reason, Count: o.N, URL: orphansURL(k, o.Reason)})
	}
	slices.SortStableFunc(p.Orphaned, func(a, b ReasonCount) int {
		return slices.Index(mainstay.Kinds(), a.Kind) - slices.Index(mainstay.Kinds(), b.Kind)
	})
	return err
}

// problems lists the records that were not taken over. A record whose item, or
// whose place, this person can't see is counted and not named.
func (p *RunPage) problems(ctx context.Context, t *store.Tx, all []mainstay.RunProblem) error {
	ids := make([]mainstay.ItemID, 0, len(all))
	for _, x := range all {
		if x.ItemID != 0 {
			ids = append(ids, x.ItemID)
		}
	}
	visible, err := visibleItems(ctx, t, p.Actor, ids)
	if err != nil {
		return err
	}
	for _, x := range all {
		row := RunProblemRow{Problem: x}
		if x.ItemID != 0 && visible[x.ItemID] {
			if k, err := mainstay.KindNamed(string(x.Kind)); err == nil {
				row.URL = "/" + k.Plural + "/" + idText(x.ItemID)
			}
		}
		if row.URL != "" || (p.Actor.All) {
			p.Problems = append(p.Problems, row)
		}
	}
	if more := p.Run.Counts.Errors - len(p.Problems); more > 0 && len(p.Problems) > 0 {
		p.MoreText = "and " + num(more) + " more"
	}
	return nil
}

// visibleItems reports which of the items exist and may be seen.
func visibleItems(ctx context.Context, t *store.Tx, a mainstay.Actor, ids []mainstay.ItemID) (map[mainstay.ItemID]bool, error) {
	out := map[mainstay.ItemID]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	items, err := t.ItemsByID(ctx, ids)
	for _, i := range items {
		out[i.ID] = a.Sees(i.OrganizationID)
	}
	return out, err
}

// look reads the live part of a run.
func (s *Web) runLook(r *http.Request) look {
	return func(ctx context.Context) (templ.Component, bool, error) {
		var p RunPage
		err := s.Store.Read(ctx, func(t *store.Tx) error {
			i, run, err := runOf(r, t)
			p = progressOf(s.bare(r, Page{}), i, run)
			return err
		})
		return runLive(p), p.Run.State.Ended(), err
	}
}

// runEvents sends the live part of a run whenever it changes.
func (s *Web) runEvents(w http.ResponseWriter, r *http.Request) error {
	return s.stream(w, r, s.runLook(r))
}

// runProgress answers the live part of a run once.
func (s *Web) runProgress(w http.ResponseWriter, r *http.Request) error {
	return s.progress(w, r, s.runLook(r))
}

// thisRun checks that the address names a run of its integration.
func (s *Web) thisRun(r *http.Request) (run mainstay.Run, err error) {
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		_, run, err = runOf(r, t)
		return err
	})
	return run, err
}

// cancelRun stops a sync at its next page.
func (s *Web) cancelRun(w http.ResponseWriter, r *http.Request) error {
	run, err := s.thisRun(r)
	if err != nil {
		return err
	}
	if err := s.Changes.CancelRun(r.Context(), auth.Actor(r.Context()), run.ID); err != nil {
		return err
	}
	return redirect(w, r, runURL(run))
}

// settleRun is a person's word on a held run: all of it, or chosen reasons.
func (s *Web) settleRun(accept bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := form(r); err != nil {
			return err
		}
		reasons, err := reasonsOf(r.PostForm["reason"])
		if err != nil {
			return err
		}
		run, err := s.thisRun(r)
		if err != nil {
			return err
		}
		if err := s.Changes.SettleRun(r.Context(), auth.Actor(r.Context()), run.ID, accept, reasons); err != nil {
			return err
		}
		return redirect(w, r, runURL(run))
	}
}

// reasonsOf reads reasons that were chosen; none means all.
func reasonsOf(names []string) ([]mainstay.Reason, error) {
	var out []mainstay.Reason
	for _, n := range names {
		if !slices.Contains(mainstay.Reasons(), mainstay.Reason(n)) {
			return nil, mainstay.Errorf(mainstay.Invalid, "There is no reason called %q.", n)
		}
		out = append(out, mainstay.Reason(n))
	}
	return out, nil
}
