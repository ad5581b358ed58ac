package change

import (
	"context"

	"mainstay"
)

// store writes what was decided: items first, then records, candidates and the rest.
func (w *pageWork) store(ctx context.Context) error {
	if err := w.updateLinked(ctx); err != nil {
		return err
	}
	if err := w.markBroken(ctx); err != nil {
		return err
	}
	if err := w.takeIn(ctx); err != nil {
		return err
	}
	if err := w.t.UpsertRecords(ctx, w.records); err != nil {
		return err
	}
	if err := w.t.TouchRecords(ctx, w.run.IntegrationID, w.p.Kind.Name, w.touched, w.run.ID); err != nil {
		return err
	}
	if err := w.t.InsertCandidates(ctx, w.run.ID, w.candidates); err != nil {
		return err
	}
	if err := w.t.InsertProblems(ctx, w.problems); err != nil {
		return err
	}
	return w.t.InsertActivity(ctx, w.activity)
}

// updateLinked brings linked items up to date, and heals those that were orphaned.
func (w *pageWork) updateLinked(ctx context.Context) error {
	items, err := w.items(ctx, w.update)
	if err != nil {
		return err
	}
	var before []mainstay.Item
	var after []*mainstay.Item
	for _, l := range w.update {
		old, ok := items[l.rec.ItemID]
		if !ok || old.Sync == mainstay.SyncDisabled {
			// A person switched the sync of this item off: only note that it was seen.
			l.rec.Hash, l.rec.InScope = w.known[l.rec.ExternalID].Hash, w.known[l.rec.ExternalID].InScope
			w.records = append(w.records, l.rec)
			w.run.Counts.Unchanged++
			continue
		}
		w.records = append(w.records, l.rec)
		n := w.merged(old, l.obs)
		if w.put(old, &n, "updated") {
			before, after = append(before, old), append(after, &n)
		}
	}
	// A record that an earlier page of this run showed out of scope is in it after all.
	seen := make([]mainstay.ItemID, len(w.update))
	for n, l := range w.update {
		seen[n] = l.rec.ItemID
	}
	if err := w.t.WithdrawCandidates(ctx, w.run.ID, seen); err != nil {
		return err
	}
	return w.t.UpdateItems(ctx, before, after)
}

func (w *pageWork) items(ctx context.Context, ls []linked) (map[mainstay.ItemID]mainstay.Item, error) {
	ids := make([]mainstay.ItemID, len(ls))
	for n, l := range ls {
		ids[n] = l.rec.ItemID
	}
	found, err := w.t.ItemsByID(ctx, ids)
	out := make(map[mainstay.ItemID]mainstay.Item, len(found))
	for _, i := range found {
		out[i.ID] = i
	}
	return out, err
}

// put prepares a changed item and its activity; false where nothing differs.
func (w *pageWork) put(old mainstay.Item, n *mainstay.Item, verb string) bool {
	n.SettleOnlyHere()
	diff := Diff(&old, n)
	if len(diff) == 0 {
		w.run.Counts.Unchanged++
		return false
	}
	n.Version, n.Updated = old.Version+1, w.t.Now()
	switch {
	case verb == "linked":
		w.run.Counts.Matched++
	case old.Sync == mainstay.Orphaned && n.Sync == mainstay.Syncing:
		verb = "synced again"
		w.run.Counts.Healed++
	default:
		w.run.Counts.Updated++
	}
	w.log(verb, n, diff)
	return true
}

func (w *pageWork) log(verb string, i *mainstay.Item, diff map[string]mainstay.Change) {
	w.activity = append(w.activity, mainstay.Activity{At: w.t.Now(), Who: w.p.Who, Verb: verb, Kind: i.Kind, ItemID: i.ID, OrganizationID: i.OrganizationID,
		Name: i.Name, RunID: w.run.ID, Changes: diff})
}

// merged is an item with what its record says. The PSA wins for the fields it
// owns; all others stay as they are (V7).
func (w *pageWork) merged(old mainstay.Item, o *mainstay.Observation) mainstay.Item {
	n := old
	n.Values = old.Values.Clone()
	values := w.values(o)
	for _, f := range w.p.Kind.Fields {
		if !f.Synced {
			continue
		}
		if v := values[f.Name]; v.Empty() {
			delete(n.Values, f.Name)
		} else {
			n.Values[f.Name] = v
		}
	}
	if n.Name = o.Name; n.Name == "" {
		n.Name = "(no name)"
	}
	if r := []rune(n.Name); len(r) > mainstay.MaxName {
		n.Name = string(r[:mainstay.MaxName])
	}
	if o.Kind != mainstay.Organization.Name {
		n.OrganizationID = w.companies[o.CompanyID].ItemID
	}
	n.TypeID = w.typeOf(o)
	n.StatusID = w.p.Labels.ID(o.Kind, mainstay.StatusAxis, o.StatusID)
	if o.Kind == mainstay.Location.Name {
		n.Primary = o.Primary
	}
	if n.Sync != mainstay.Syncing {
		n.Sync, n.Since = mainstay.Syncing, w.t.Now()
	}
	n.Reason, n.SyncNote = "", ""
	return n
}

// markBroken shows the sync error on items whose record can't be read.
func (w *pageWork) markBroken(ctx context.Context) error {
	items, err := w.t.ItemsByID(ctx, w.broken)
	if err != nil {
		return err
	}
	var before []mainstay.Item
	var after []*mainstay.Item
	for _, old := range items {
		n := old
		if why := w.brokenWhy[old.ID]; old.Sync == mainstay.Syncing || (old.Sync == mainstay.SyncError && old.SyncNote != why) {
			n.Sync, n.SyncNote, n.Since, n.Version = mainstay.SyncError, why, w.t.Now(), old.Version+1
			before, after = append(before, old), append(after, &n)
			w.log("sync failed", &n, Diff(&old, &n))
		}
	}
	return w.t.UpdateItems(ctx, before, after)
}

// takeIn links the records in scope that have no item: to an item that was here
// already where exactly one matches, else to a new one. A match that is not
// unique is reported and nothing is linked or made (hazard 28).
func (w *pageWork) takeIn(ctx context.Context) error {
	if err := w.waitEnded(ctx); err != nil {
		return err
	}
	matches, err := w.match(ctx)
	if err != nil {
		return err
	}
	var waiting []mainstay.Tombstone
	var made, after []*mainstay.Item
	var before []mainstay.Item
	var madeRecords []int
	for _, l := range w.fresh {
		l.rec.Linked = w.t.Now()
		m := matches[l.rec.ExternalID]
		switch {
		case m.ambiguous != "":
			w.run.Counts.Errors++
			w.problems = append(w.problems, mainstay.RunProblem{RunID: w.run.ID, Kind: l.rec.Kind, ExternalID: l.rec.ExternalID, Name: l.rec.Name, Message: m.ambiguous})
			l.rec.Hash, l.rec.InScope, l.rec.Linked = "", false, 0
		case m.item != nil && m.item.Disconnected():
			waiting = append(waiting, w.waitFor(m.item, l))
			l.rec.Hash, l.rec.Linked = "", 0
		case m.item != nil:
			n := w.merged(*m.item, l.obs)
			if w.put(*m.item, &n, "linked") {
				before, after = append(before, *m.item), append(after, &n)
			}
			l.rec.ItemID = n.ID
		default:
			n := w.merged(mainstay.Item{Kind: l.rec.Kind, Values: mainstay.Values{}, Version: 1, Created: w.t.Now(), Updated: w.t.Now()}, l.obs)
			n.SettleOnlyHere()
			made = append(made, &n)
			madeRecords = append(madeRecords, len(w.records))
		}
		w.records = append(w.records, l.rec)
	}
	if err := w.t.UpdateItems(ctx, before, after); err != nil {
		return err
	}
	if err := w.t.InsertItems(ctx, made); err != nil {
		return err
	}
	for n, i := range made {
		w.records[madeRecords[n]].ItemID = i.ID
		w.run.Counts.Created++
		w.log("created", i, nil)
	}
	return w.t.PutTombstones(ctx, waiting)
}
