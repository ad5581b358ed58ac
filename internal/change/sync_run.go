package change

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// BeginRun takes a run for this execution, waits for a plan that is at work,
// and brings the run to the state running. ok is false when there is nothing to do.
func (c *Changes) BeginRun(ctx context.Context, j jobs.Job) (run mainstay.Run, cursor string, ok bool, err error) {
	id := mainstay.RunID(j.Key)
	for {
		wait := false
		err = c.Store.Write(ctx, func(t *store.Tx) error {
			ok, wait = false, false
			if err := j.Hold(ctx, t.Tx); err != nil {
				return err
			}
			if err := t.Lock(ctx, largeWork); err != nil {
				return err
			}
			var err error
			if run, err = t.Run(ctx, id); err != nil || run.State.Ended() {
				return err
			}
			if err := t.LeaseRun(ctx, id, j.Lease); err != nil {
				return err
			}
			if cursor, err = t.RunCursor(ctx, id); err != nil {
				return err
			}
			if run.Cancel {
				run.State, run.Ended, run.Message = mainstay.RunCancelled, t.Now(), Ending(run, ErrCancelled)
				return t.SaveRun(ctx, run, j.Lease, cursor)
			}
			plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanRunning, mainstay.PlanBackingUp}, 1)
			if err != nil {
				return err
			}
			if wait = len(plans) > 0; wait {
				run.Stage = fmt.Sprintf("Waiting for plan %d", plans[0].ID)
				return t.SaveRun(ctx, run, j.Lease, cursor)
			}
			if run.State = mainstay.RunRunning; run.Started == 0 {
				run.Started = t.Now()
			}
			ok = true
			return t.SaveRun(ctx, run, j.Lease, cursor)
		})
		if err != nil || !wait {
			return run, cursor, ok, err
		}
		if err := sleep(ctx, waitStep); err != nil {
			return run, cursor, false, err
		}
	}
}

// SaveRun stores progress that has no effect on items.
func (c *Changes) SaveRun(ctx context.Context, j jobs.Job, run mainstay.Run, cursor string) error {
	return c.Store.Write(ctx, func(t *store.Tx) error { return t.SaveRun(ctx, run, j.Lease, cursor) })
}

// SyncLabels takes over the types and statuses that the PSA has, by its ids. A
// label that vanished there stays here as long as items carry it.
func (c *Changes) SyncLabels(ctx context.Context, id mainstay.IntegrationID, there []mainstay.Label) (*Labels, error) {
	var all []mainstay.Label
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if all, err = t.Labels(ctx); err != nil {
			return err
		}
		known := NewLabels(all, id)
		var fresh []mainstay.Label
		for _, l := range there {
			l.IntegrationID = id
			old, ok := known.byExternal[labelKey{l.Kind, l.Axis, l.ExternalID}]
			switch {
			case !ok:
				fresh = append(fresh, l)
			case old.Name != l.Name || old.Inactive != l.Inactive:
				l.ID = old.ID
				if err := t.UpdateLabel(ctx, l); err != nil {
					return err
				}
			}
		}
		if err := t.InsertLabels(ctx, fresh); err != nil {
			return err
		}
		all, err = t.Labels(ctx)
		return err
	})
	return NewLabels(all, id), err
}

// ResolveParents sets the parent of every organization from what the PSA says,
// in one statement, once all companies are known.
func (c *Changes) ResolveParents(ctx context.Context, run mainstay.Run, who string) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		changed, err := t.SetParents(ctx, run.IntegrationID, 0)
		if err != nil {
			return err
		}
		var log []mainstay.Activity
		for _, i := range changed {
			log = append(log, mainstay.Activity{At: t.Now(), Who: who, Verb: "updated", Kind: i.Kind, ItemID: i.ID, OrganizationID: i.OrganizationID,
				Name: i.Name, RunID: run.ID, Detail: "Parent organization as in the PSA"})
		}
		return t.InsertActivity(ctx, log)
	})
}

// wanted gives ErrCancelled once a person asked the run to stop.
func wanted(ctx context.Context, t *store.Tx, id mainstay.RunID) error {
	cancelled, err := t.Cancelled(ctx, id)
	if err == nil && cancelled {
		err = ErrCancelled
	}
	return err
}

// AddCandidates collects items whose record the PSA says is gone.
func (c *Changes) AddCandidates(ctx context.Context, j jobs.Job, run mainstay.Run, cursor string, cs []mainstay.Candidate, ps []mainstay.RunProblem) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		if err := wanted(ctx, t, run.ID); err != nil {
			return err
		}
		if err := t.InsertCandidates(ctx, run.ID, cs); err != nil {
			return err
		}
		if err := t.InsertProblems(ctx, ps); err != nil {
			return err
		}
		return t.SaveRun(ctx, run, j.Lease, cursor)
	})
}

// JudgeRun applies the guards to the candidates of a run whose scope was proved
// complete. It returns the sentences that hold the run; none means go on.
func (c *Changes) JudgeRun(ctx context.Context, run *mainstay.Run, seen map[mainstay.KindName]int) ([]string, error) {
	var why []string
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := wanted(ctx, t, run.ID); err != nil {
			return err
		}
		i, err := t.LockIntegration(ctx, run.IntegrationID)
		if err != nil {
			return err
		}
		if (i.Settings.Version != run.Settings.Version || i.Paused) && Guard("settings") {
			return errSettingsMoved
		}
		if err := t.AddContents(ctx, run.ID); err != nil {
			return err
		}
		counts, err := t.CandidateCounts(ctx, run.ID)
		if err != nil {
			return err
		}
		tallies, err := t.Tallies(ctx, mainstay.Actor{All: true})
		if err != nil {
			return err
		}
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		run.Counts.Candidates = 0
		for _, n := range counts {
			run.Counts.Candidates += n.N
		}
		if Guard("brake") {
			why = DefaultBrake().Judge(classes(counts, tallies, labels, seen), i.Confirmed)
		}
		return nil
	})
	return why, err
}

// CursorAccepted is the cursor of a held run that a person accepted: all that is
// left is to mark its candidates.
const CursorAccepted = `{"stage":"flag"}`

// Ending is what a run says that ended early, about what it orphaned as well.
func Ending(run mainstay.Run, why error) string {
	n := run.Counts.Orphaned
	if n == 0 {
		return mainstay.SafeMessage(why) + " Nothing was orphaned."
	}
	return fmt.Sprintf("%s Before that it marked %s as orphaned; where the PSA says otherwise, the next full sync heals them.", mainstay.SafeMessage(why), items(n))
}

// retryFull is when a scheduled full sync that did not complete is tried again.
const retryFull = 15 * time.Minute

// errSettingsMoved says that the settings changed, or syncing was paused, while a run was under way (V9).
var errSettingsMoved = mainstay.Errorf(mainstay.Stale, "The sync settings changed, or syncing was paused, while this sync ran. The next full sync uses the new settings.")

// classes sums candidates and linked items by kind, and by type where the kind has types.
func classes(counts []store.CandidateCount, tallies []store.Tally, labels []mainstay.Label, seen map[mainstay.KindName]int) []ClassChange {
	type key struct {
		kind   mainstay.KindName
		typeID mainstay.LabelID
	}
	names := map[mainstay.LabelID]string{}
	for _, l := range labels {
		names[l.ID] = l.Name
	}
	sum := map[key]*ClassChange{}
	at := func(kind mainstay.KindName, typeID mainstay.LabelID) *ClassChange {
		k := key{kind, typeID}
		if sum[k] == nil {
			spec, err := mainstay.KindNamed(string(kind))
			if err != nil {
				return &ClassChange{}
			}
			name := spec.Plural
			if names[typeID] != "" {
				name += " of type " + names[typeID]
			}
			sum[k] = &ClassChange{Name: name, Kind: kind, Seen: seen[kind]}
		}
		return sum[k]
	}
	for _, y := range tallies {
		if y.Sync == mainstay.Syncing || y.Sync == mainstay.SyncError {
			at(y.Kind, y.TypeID).Linked += y.N
		}
	}
	for _, n := range counts {
		switch {
		case n.Expected:
			at(n.Kind, n.TypeID).Expected += n.N
		case n.Reason != mainstay.ReasonParent || !n.Inside:
			at(n.Kind, n.TypeID).Unexpected += n.N
		}
	}
	var out []ClassChange
	for _, c := range sum {
		out = append(out, *c)
	}
	return out
}

// OrphanNext marks the next candidates of a run; done is true after the last.
func (c *Changes) OrphanNext(ctx context.Context, j jobs.Job, run *mainstay.Run, after *mainstay.ItemID, size int, cursor func(mainstay.ItemID) string) (done bool, err error) {
	err = c.Store.Write(ctx, func(t *store.Tx) error {
		if err := wanted(ctx, t, run.ID); err != nil {
			return err
		}
		i, err := t.LockIntegration(ctx, run.IntegrationID)
		if err != nil {
			return err
		}
		if (i.Settings.Version != run.Settings.Version || i.Paused) && Guard("settings") {
			return errSettingsMoved
		}
		last, n, err := t.OrphanChunk(ctx, *run, i.Name, *after, size)
		if err != nil {
			return err
		}
		if done = n == 0; done {
			return nil
		}
		r := *run
		r.Counts.Orphaned += n
		if err := t.SaveRun(ctx, r, j.Lease, cursor(last)); err != nil {
			return err
		}
		*run, *after = r, last
		return nil
	})
	return done, err
}

// EndRun stores how a run ended and what follows for its integration.
func (c *Changes) EndRun(ctx context.Context, j jobs.Job, run mainstay.Run, kinds []*mainstay.Kind) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		run.Ended = t.Now()
		i, err := t.LockIntegration(ctx, run.IntegrationID)
		if err != nil {
			return err
		}
		switch run.State {
		case mainstay.RunComplete:
			i.State, i.LastFull, i.Confirmed = mainstay.IntegrationOK, t.Now(), 0
			for _, k := range kinds {
				if err := t.ForgetUnseen(ctx, run, k.Name); err != nil {
					return err
				}
			}
			if err := t.DeleteCandidates(ctx, run.ID); err != nil {
				return err
			}
		case mainstay.RunFailed:
			i.State = mainstay.IntegrationFailed
		}
		if run.State == mainstay.RunIncomplete || run.State == mainstay.RunCancelled || run.State == mainstay.RunFailed {
			if err := t.DeleteCandidates(ctx, run.ID); err != nil {
				return err
			}
		}
		if i.NextFull = nextFull(i, t.Now()); i.NextFull != 0 && run.State != mainstay.RunComplete {
			i.NextFull = t.Now().Add(retryFull)
		}
		if err := t.UpdateIntegration(ctx, i); err != nil {
			return err
		}
		e := entry(t, mainstay.System(run.By), "synced")
		e.Name, e.RunID, e.Detail = i.Name, run.ID, strings.Join(append([]string{"Run " + number(int64(run.ID)) + ": " + string(run.State)}, run.Counts.Changes()...), ", ")
		if err := t.InsertActivity(ctx, []mainstay.Activity{e}); err != nil {
			return err
		}
		return t.SaveRun(ctx, run, j.Lease, "")
	})
}

// SettleRun is a person's word on a held run. Accepting orphans the candidates
// with the given reasons (all where reasons is empty); rejecting keeps every one
// of them syncing. Only the newest run of an integration can be accepted, for
// an older one no longer says what the PSA holds.
func (c *Changes) SettleRun(ctx context.Context, a mainstay.Actor, id mainstay.RunID, accept bool, reasons []mainstay.Reason) error {
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return err
	}
	if !a.All {
		return mainstay.Errorf(mainstay.Forbidden, "This sync concerns organizations that you can't open. Ask an Administrator.")
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		run, err := t.Run(ctx, id)
		if err != nil {
			return err
		}
		if run.State != mainstay.RunHeld {
			return mainstay.Errorf(mainstay.Conflict, "This sync is no longer held.")
		}
		if !accept {
			run.State, run.Message = mainstay.RunRejected, "Kept by "+a.Name+": nothing was orphaned."
			return errors.Join(t.SettleRun(ctx, run), t.DeleteCandidates(ctx, id), note(ctx, t, a, "kept items of a held sync", "", "Run "+number(int64(id))))
		}
		i, err := t.LockIntegration(ctx, run.IntegrationID)
		if err == nil {
			err = inUse(i)
		}
		if err != nil {
			return err
		}
		if i.LastRun != id || i.Settings.Version != run.Settings.Version {
			return mainstay.Errorf(mainstay.Stale, "There is a newer sync, or the settings changed since. Nothing was orphaned. Start a full sync and decide about that one.")
		}
		if len(reasons) > 0 {
			if err := t.KeepReasons(ctx, id, reasons); err != nil {
				return err
			}
			if err := t.AddContents(ctx, id); err != nil {
				return err
			}
		}
		run.State, run.Stage, run.Message = mainstay.RunRunning, "Marking orphans", "Accepted by "+a.Name
		if err := t.ReopenRun(ctx, run, CursorAccepted); err != nil {
			return err
		}
		if err := note(ctx, t, a, "accepted a held sync", i.Name, "Run "+number(int64(id))); err != nil {
			return err
		}
		_, err = c.Jobs.Enqueue(ctx, t.Tx, jobs.Sync, int64(id), 0)
		return err
	})
}
