package change

import (
	"context"
	"fmt"

	"mainstay"
	"mainstay/internal/store"
)

// One is a linked item that a person wants to be synced by itself.
type One struct {
	Item        mainstay.Item
	Record      store.Record
	Integration mainstay.Integration
}

// OneOutcome is what became of an item that was synced by itself.
type OneOutcome string

// The outcomes. Only the first four touched the item.
const (
	OneUpdated   OneOutcome = "updated"
	OneHealed    OneOutcome = "synced again" // it was orphaned, and its record syncs
	OneBroken    OneOutcome = "error"        // the record can't be read, and the item says so
	OneMoved     OneOutcome = "moved"        // updated, and now in another organization
	OneUnchanged OneOutcome = "unchanged"
	OneOut       OneOutcome = "doesn't sync" // its record doesn't sync by the settings
	OneGone      OneOutcome = "gone"         // the PSA no longer has the record
)

// OneSynced is the result of syncing one item.
type OneSynced struct {
	Outcome OneOutcome
	Item    mainstay.Item // as it is now
	Fields  int           // how many of its fields changed
	Message string        // what happened, in a sentence
}

// ToSync reads an item with what its sync needs, and refuses where it can't be
// synced by itself now.
func (c *Changes) ToSync(ctx context.Context, a mainstay.Actor, ref mainstay.Ref) (One, error) {
	var o One
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		i, err := t.Item(ctx, ref)
		if err != nil {
			return err
		}
		if o, err = toSync(ctx, t, a, i); err != nil {
			return err
		}
		runs, err := t.ActiveRuns(ctx)
		for _, r := range runs {
			if r.IntegrationID == o.Integration.ID {
				return mainstay.Errorf(mainstay.Conflict, "A sync of %s is under way and brings this %s, too. Nothing was done.", o.Integration.Name, i.Spec().Label)
			}
		}
		return err
	})
	return o, err
}

func toSync(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Item) (One, error) {
	o := One{Item: i}
	if err := a.Can(mainstay.SyncItems, i.OrganizationID); err != nil {
		return o, err
	}
	switch i.Sync {
	case mainstay.NotLinked:
		return o, notLinked(&i)
	case mainstay.SyncDisabled:
		return o, mainstay.Errorf(mainstay.Conflict, "Syncing of %s is turned off. Turn it on first.", i.Name)
	case mainstay.Syncing, mainstay.SyncError, mainstay.Orphaned:
	}
	var ok bool
	var err error
	if o.Record, ok, err = t.RecordOf(ctx, i.ID); err != nil {
		return o, err
	}
	if !ok {
		return o, notLinked(&i)
	}
	if o.Integration, err = t.Integration(ctx, o.Record.IntegrationID); err != nil {
		return o, err
	}
	if o.Integration.Paused {
		return o, mainstay.Errorf(mainstay.Conflict, "Syncing of %s is paused by %s. Resume it first. Nothing was done.", o.Integration.Name, o.Integration.PausedBy)
	}
	return o, nil
}

// SyncOne takes over one record that was read for an item of ToSync, as a page
// of a full sync would: the item is updated or healed, or gets the error of a
// record that can't be read. It orphans nothing: an item whose record doesn't
// sync stays as it is until the next full sync.
func (c *Changes) SyncOne(ctx context.Context, a mainstay.Actor, read One, record mainstay.Observation, labels *Labels) (OneSynced, error) {
	var out OneSynced
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := alone(ctx, t, read.Integration.ID); err != nil {
			return err
		}
		i, err := t.LockItem(ctx, read.Item.Ref())
		if err != nil {
			return err
		}
		now, err := toSync(ctx, t, a, i)
		if err != nil {
			return err
		}
		if now.Record.IntegrationID != read.Record.IntegrationID || now.Record.ExternalID != read.Record.ExternalID || now.Integration.LastRun != read.Integration.LastRun {
			return mainstay.Errorf(mainstay.Conflict, "%s was synced, or linked anew, while the PSA was asked. Nothing was done. Try again.", i.Name)
		}
		w := newOneWork(t, now, record, labels)
		if err := w.load(ctx); err != nil {
			return err
		}
		w.decide(&w.observed[0])
		if err := w.storeOne(ctx, a, now); err != nil {
			return err
		}
		out, err = w.outcome(ctx, now)
		return err
	})
	return out, err
}

// newOneWork is the work on a page of one record that belongs to no run. The
// record stays marked with the run that last saw it.
func newOneWork(t *store.Tx, o One, record mainstay.Observation, labels *Labels) *pageWork {
	run := mainstay.Run{ID: o.Record.RunID, IntegrationID: o.Integration.ID, Settings: o.Integration.Settings}
	return newPageWork(t, Page{Run: run, Kind: o.Item.Spec(), Records: []mainstay.Observation{record}, Labels: labels, Who: o.Integration.Name})
}

// storeOne writes what was decided about the one record, but for candidates.
func (w *pageWork) storeOne(ctx context.Context, a mainstay.Actor, o One) error {
	if err := w.updateLinked(ctx); err != nil {
		return err
	}
	if err := w.markBroken(ctx); err != nil {
		return err
	}
	if err := w.t.UpsertRecords(ctx, w.records); err != nil {
		return err
	}
	if len(w.update) > 0 {
		// A held sync that a person may still accept must not orphan what syncs now.
		if err := w.t.WithdrawCandidates(ctx, o.Integration.LastRun, []mainstay.ItemID{o.Item.ID}); err != nil {
			return err
		}
	}
	if err := w.parentOf(ctx, o); err != nil {
		return err
	}
	for n := range w.activity {
		w.activity[n].RunID = 0
	}
	e := itemEntry(w.t, a, "asked to sync", &o.Item)
	return w.t.InsertActivity(ctx, append([]mainstay.Activity{e}, w.activity...))
}

// parentOf sets the parent of an organization as in the PSA.
func (w *pageWork) parentOf(ctx context.Context, o One) error {
	if o.Item.Kind != mainstay.Organization.Name || len(w.update) == 0 {
		return nil
	}
	changed, err := w.t.SetParents(ctx, o.Integration.ID, o.Item.ID)
	for _, i := range changed {
		w.log("updated", &i, map[string]mainstay.Change{"parent_id": {Before: number(int64(o.Item.ParentID)), After: number(int64(i.ParentID))}})
	}
	return err
}

// outcome says what became of the one record.
func (w *pageWork) outcome(ctx context.Context, o One) (OneSynced, error) {
	record, psa := &w.observed[0], o.Integration.Name
	i, err := w.t.Item(ctx, o.Item.Ref())
	out := OneSynced{Item: i, Outcome: OneUnchanged, Fields: len(Diff(&o.Item, &i))}
	in, reason := true, mainstay.Reason("")
	if record.Bad == "" {
		in, reason = w.scope(record)
	}
	switch {
	case record.Bad != "":
		out.Outcome, out.Message = OneBroken, record.Bad
	case !in:
		out.Outcome, out.Message = OneOut, w.evidence(record, reason)+" It was left as it is; the next full sync decides."
		if i.Sync == mainstay.Orphaned {
			out.Message = w.evidence(record, reason) + " It stays orphaned."
		}
	case o.Item.Sync == mainstay.Orphaned:
		out.Outcome, out.Message = OneHealed, i.Name+" syncs again."
	case i.OrganizationID != o.Item.OrganizationID:
		out.Outcome, out.Message = OneMoved, fmt.Sprintf("%s moved to another organization, as in %s.", i.Name, psa)
	case out.Fields > 0:
		out.Outcome, out.Message = OneUpdated, fmt.Sprintf("%s was updated from %s.", i.Name, psa)
	default:
		out.Message = fmt.Sprintf("%s is as in %s.", i.Name, psa)
	}
	return out, err
}
