package web

import (
	"context"
	"encoding/csv"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// orphansURL is the list of the orphaned items of a kind with one reason.
func orphansURL(k *mainstay.Kind, reason mainstay.Reason) string {
	q := query.All().With(statesTerm(mainstay.Orphaned)).With(query.Term{Key: "reason", Op: query.In, Values: []string{string(reason)}})
	return queryURL(k, q.String())
}

// held fills in what a held run waits for: numbers by kind and reason, a few
// names, and the ways to decide: about all of it, or about one reason.
func (p *RunPage) held(ctx context.Context, t *store.Tx) error {
	groups, err := heldGroups(ctx, t, p.Run)
	if err != nil {
		return err
	}
	h := HeldRun{Why: p.Run.Message, Groups: groups, ListURL: runURL(p.Run) + "/candidates.csv"}
	some, err := t.Candidates(ctx, p.Run.ID, 0, shownCandidate)
	if err != nil {
		return err
	}
	if h.Sample, err = onlyVisible(ctx, t, p.Actor, some); err != nil {
		return err
	}
	h.AcceptURL, h.RejectURL = runURL(p.Run)+"/accept", runURL(p.Run)+"/reject"
	for n, g := range h.Groups {
		if g.Reason != mainstay.ReasonParent && len(reasonsIn(groups)) > 1 {
			h.Groups[n].URL = h.AcceptURL + "?reason=" + string(g.Reason)
		}
	}
	p.Held = &h
	return nil
}

// heldGroups counts the candidates of a held run by kind and reason.
func heldGroups(ctx context.Context, t *store.Tx, run mainstay.Run) ([]ReasonCount, error) {
	counts, err := t.CandidateCounts(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	tallies, err := t.LinkedTallies(ctx, run.IntegrationID)
	if err != nil {
		return nil, err
	}
	var out []ReasonCount
	for _, k := range mainstay.Kinds() {
		of := 0
		for _, y := range tallies {
			if y.Kind == k.Name && (y.Sync == mainstay.Syncing || y.Sync == mainstay.SyncError) {
				of += y.N
			}
		}
		for _, reason := range mainstay.Reasons() {
			n := 0
			for _, c := range counts {
				if c.Kind == k.Name && c.Reason == reason {
					n += c.N
				}
			}
			if n > 0 {
				out = append(out, ReasonCount{Kind: k, Reason: reason, Count: n, Of: of})
			}
		}
	}
	return out, nil
}

// reasonsIn lists the reasons that can be chosen; what lies inside an
// organization follows it.
func reasonsIn(groups []ReasonCount) []mainstay.Reason {
	var out []mainstay.Reason
	for _, g := range groups {
		if g.Reason != mainstay.ReasonParent && !slices.Contains(out, g.Reason) {
			out = append(out, g.Reason)
		}
	}
	return out
}

// onlyVisible leaves out the candidates in organizations that a person can't open.
func onlyVisible(ctx context.Context, t *store.Tx, a mainstay.Actor, all []mainstay.Candidate) ([]mainstay.Candidate, error) {
	if a.All {
		return all, nil
	}
	ids := make([]mainstay.ItemID, len(all))
	for n, c := range all {
		ids[n] = c.ItemID
	}
	seen, err := visibleItems(ctx, t, a, ids)
	return slices.DeleteFunc(slices.Clone(all), func(c mainstay.Candidate) bool { return !seen[c.ItemID] }), err
}

// confirmAccept asks before the candidates with one reason are marked.
func (s *Web) confirmAccept(w http.ResponseWriter, r *http.Request) error {
	reasons, err := reasonsOf(r.URL.Query()["reason"])
	if err != nil {
		return err
	}
	var p ConfirmPage
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, run, err := runOf(r, t)
		if err != nil {
			return err
		}
		if run.State != mainstay.RunHeld {
			return mainstay.Errorf(mainstay.Conflict, "This sync is no longer held.")
		}
		groups, err := heldGroups(r.Context(), t, run)
		if err != nil {
			return err
		}
		p = ConfirmPage{Heading: "Mark items as orphaned", Action: runURL(run) + "/accept", Back: runURL(run), Stay: "Back", Button: "Mark them as orphaned",
			Text: []string{"Marking deletes nothing: those items stop updating, and come back when the PSA returns them. What lies inside an organization follows it. The other candidates of this sync keep syncing."}}
		for _, g := range groups {
			if len(reasons) == 0 || slices.Contains(reasons, g.Reason) {
				p.Facts = append(p.Facts, Fact{Label: capital(g.Kind.Plural) + ": " + lowerFirst(g.Reason.Label()), Value: num(g.Count) + " of " + num(g.Of)})
			}
		}
		for _, reason := range reasons {
			p.Fields = append(p.Fields, Hidden{"reason", string(reason)})
		}
		p.Page, err = s.page(r, t, integrationSurrounding(i, "Held sync"))
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// csvRows is how many candidates are read at once for the download.
const csvRows = 1000

// candidatesCSV sends the candidates of a run that the person may see, a part
// at a time.
func (s *Web) candidatesCSV(w http.ResponseWriter, r *http.Request) error {
	run, err := s.thisRun(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", attachment("sync-"+strconv.FormatInt(int64(run.ID), 10)+"-candidates.csv"))
	h.Set("Cache-Control", "no-store")
	out := csv.NewWriter(w)
	if err := out.Write([]string{"id", "kind", "psa id", "name", "reason", "evidence"}); err != nil {
		return nil //nolint:nilerr // the browser went away
	}
	for after := mainstay.ItemID(0); ; {
		var all, seen []mainstay.Candidate
		err := s.Store.Read(r.Context(), func(t *store.Tx) error {
			var err error
			if all, err = t.Candidates(r.Context(), run.ID, after, csvRows); err != nil || len(all) == 0 {
				return err
			}
			seen, err = onlyVisible(r.Context(), t, auth.Actor(r.Context()), all)
			return err
		})
		if err != nil {
			// Half a list must not look like a whole one: the connection breaks.
			s.logger().ErrorContext(r.Context(), "candidates of a sync", slog.Any("error", err))
			panic(http.ErrAbortHandler)
		}
		for _, c := range seen {
			row := []string{idText(c.ItemID), string(c.Kind), c.ExternalID, c.Name, c.Reason.Label(), c.Evidence}
			for n := range row {
				row[n] = csvCell(row[n])
			}
			if out.Write(row) != nil {
				return nil //nolint:nilerr // the browser went away
			}
		}
		if out.Flush(); out.Error() != nil || len(all) < csvRows {
			return nil //nolint:nilerr // the browser went away
		}
		after = all[len(all)-1].ItemID
	}
}
