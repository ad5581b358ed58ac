package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// Rematch asks to take up ended links whose records sync again.
type Rematch struct {
	Integration mainstay.IntegrationID
	Kind        *mainstay.Kind
	// Records are the PSA's ids of the chosen records; none means every one that waits.
	Records []string
	Seen    int // the number that the person saw
}

// ProposeReconnect freezes the items whose records wait to be matched again,
// organizations with what was disconnected together with them. Applying restores
// link, fields and state.
func (c *Changes) ProposeReconnect(ctx context.Context, a mainstay.Actor, r Rematch) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return p, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionReconnect, r.Kind.Name)
		i, err := t.Integration(ctx, r.Integration)
		if err != nil {
			return err
		}
		p.Params.Integration, p.Params.PSA, p.Seen = i.ID, i.Name, r.Seen
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		n, err := t.FreezeWaiting(ctx, p, r.Integration, r.Kind.Name, r.Records, a)
		if err != nil {
			return err
		}
		if n == 0 {
			return mainstay.Errorf(mainstay.NotFound, "No record waits to be matched again.")
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		p.Counts.Matched = p.Counts.Of(p.Kind).Apply
		p.Message = moved(p.Counts.Matched, r.Seen)
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

// undoDisconnect freezes what a plan disconnected, to be linked again as it was.
func (c *Changes) undoDisconnect(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	p := mainstay.Plan{}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionReconnect, old.Kind)
		p.Origin = old.ID
		p.Params.Integration, p.Params.PSA, p.Params.Remove = old.Params.Integration, old.Params.PSA, old.Params.Remove
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		n, err := t.FreezeEnded(ctx, p, old.ID, a)
		if err != nil {
			return err
		}
		if n == 0 && old.Params.Class == nil && !old.Params.Remove {
			return mainstay.Errorf(mainstay.NotFound, "Nothing of this is disconnected any more.")
		}
		if err := c.resumeClass(ctx, t, a, &old); err != nil {
			return err
		}
		if err := c.bringBack(ctx, t, a, &p); err != nil {
			return err
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		p.Counts.Matched = n
		return c.startNow(ctx, t, a, &p)
	})
	return p, err
}

// undoReconnect plans to end the links again that a plan took up, and to give the
// items back what they were before it. It starts at once. Where that plan took
// back the disconnection of a class, the class stops syncing again.
func (c *Changes) undoReconnect(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionDisconnect, old.Kind)
		p.Origin = old.ID
		p.Params.Integration, p.Params.PSA = old.Params.Integration, old.Params.PSA
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if err := c.stopAgain(ctx, t, a, &p, old.Origin); err != nil {
			return err
		}
		n, err := t.FreezeDone(ctx, p, old.ID, a)
		if err != nil {
			return err
		}
		if err := t.HoldBack(ctx, p, true); err != nil {
			return err
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		if p.Counts.Total().Apply == 0 {
			return mainstay.Errorf(mainstay.NotFound, "Nothing of this is linked any more, or all of it is protected.")
		}
		p.Counts.Matched = n
		return c.startNow(ctx, t, a, &p)
	})
	return p, err
}

// stopAgain unticks the class that a plan disconnected, for a plan that does so anew.
func (c *Changes) stopAgain(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, first mainstay.PlanID) error {
	if first == 0 {
		return nil
	}
	d, err := t.Plan(ctx, first)
	if err != nil || d.Params.Class == nil || d.Action != mainstay.ActionDisconnect {
		return err
	}
	p.Params.Class = d.Params.Class
	return c.stopClass(ctx, t, a, p)
}

// relinking is the work on a chunk of a plan that takes up ended links.
type relinking struct {
	t       *store.Tx
	chunk   store.Chunk
	ended   map[mainstay.ItemID]mainstay.Tombstone
	items   []mainstay.Item
	keys    map[linkSet][]string
	records map[linkSet]map[string]store.Record
	was     map[mainstay.ItemID]mainstay.Item // as linked items, where the plan makes once more what an undo took back
	back    places
	homes   homes

	keep  map[mainstay.ItemID]relinked
	after []*mainstay.Item
	links []store.Record
	log   []mainstay.Activity
}

// reconnectChunk takes up the ended links of a chunk: the item gets its link and
// its state back, and the fields that the PSA owns as a sync last read them.
func (c *Changes) reconnectChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) (skipped int, err error) {
	w := relinking{t: t, chunk: chunk, keys: map[linkSet][]string{}, records: map[linkSet]map[string]store.Record{},
		was: map[mainstay.ItemID]mainstay.Item{}, keep: map[mainstay.ItemID]relinked{}}
	if err := w.read(ctx); err != nil {
		return 0, err
	}
	for _, old := range w.items {
		w.line(old)
	}
	return w.store(ctx)
}

func (w *relinking) read(ctx context.Context) error {
	err := w.t.MarkEnded(ctx, w.chunk)
	if err != nil {
		return err
	}
	if w.ended, err = w.t.EndedIn(ctx, w.chunk); err != nil {
		return err
	}
	for _, s := range w.ended {
		k := linkSet{s.IntegrationID, s.Kind}
		w.keys[k] = append(w.keys[k], s.ExternalID)
	}
	if w.items, err = w.t.ItemsByID(ctx, keysOf(w.ended)); err != nil {
		return err
	}
	for k, ext := range w.keys {
		if w.records[k], err = w.t.Records(ctx, k.integration, k.kind, ext); err != nil {
			return err
		}
	}
	took, err := relinks(ctx, w.t, w.chunk)
	if err != nil {
		return err
	}
	for id, b := range took {
		w.was[id] = b.Was
	}
	if w.homes, err = homesOf(ctx, w.t, w.chunk.Actor, w.ended); err != nil {
		return err
	}
	w.back, err = placesOf(ctx, w.t, w.was)
	return err
}

func (w *relinking) line(old mainstay.Item) {
	s := w.ended[old.ID]
	rec, known := w.records[linkSet{s.IntegrationID, s.Kind}][s.ExternalID]
	w.keep[old.ID] = relinked{old, &s, known && rec.InScope}
	n := reconnected(w.t.Now(), old, s, w.homes, rec.InScope, w.chunk.Plan.Origin != 0)
	if was, ok := w.was[old.ID]; ok {
		n = w.back.asBefore(w.t.Now(), w.chunk.Actor, old, was)
	}
	if !known {
		rec = store.Record{IntegrationID: s.IntegrationID, Kind: s.Kind, ExternalID: s.ExternalID, Name: old.Name}
	}
	rec.ItemID, rec.Linked, rec.Hash = old.ID, s.Linked, ""
	rec.InScope = n.Sync != mainstay.Orphaned || rec.InScope
	w.after, w.links = append(w.after, &n), append(w.links, rec)
	e := itemEntry(w.t, w.chunk.Actor, "reconnected", &n)
	e.PlanID, e.Changes = w.chunk.Plan.ID, Diff(&old, &n)
	w.log = append(w.log, e)
}

func (w *relinking) store(ctx context.Context) (skipped int, err error) {
	if err := putRelinks(ctx, w.t, w.chunk.Plan.ID, w.keep); err != nil {
		return 0, err
	}
	if err := w.t.UpdateItems(ctx, w.items, w.after); err != nil {
		return 0, err
	}
	if err := w.t.UpsertRecords(ctx, w.links); err != nil {
		return 0, err
	}
	for k, ext := range w.keys {
		if err := w.t.DeleteTombstones(ctx, k.integration, k.kind, ext); err != nil {
			return 0, err
		}
	}
	if err := w.t.InsertActivity(ctx, w.log); err != nil {
		return 0, err
	}
	_, skipped, err = w.t.FinishChunk(ctx, w.chunk)
	return skipped, err
}

type linkSet struct {
	integration mainstay.IntegrationID
	kind        mainstay.KindName
}

// reconnected is an item with its old link. An undo gives back the state that
// it had. Otherwise an item whose record syncs becomes Syncing, one that was
// orphaned or switched off and still doesn't sync gets that state back, and the
// next full sync decides about the rest.
func reconnected(now mainstay.Time, old mainstay.Item, s mainstay.Tombstone, h homes, inScope, undo bool) mainstay.Item {
	n := old
	if s.Seen != nil {
		n = s.Seen.Apply(old)
	}
	if !h[n.OrganizationID] {
		n.OrganizationID = old.OrganizationID
	}
	n.Version, n.Updated = old.Version+1, now
	n.Sync, n.Reason, n.Since, n.SyncNote = mainstay.Syncing, "", now, ""
	if undo || s.Sync == mainstay.SyncDisabled || (s.Sync == mainstay.Orphaned && !inScope) {
		n.Sync, n.Reason, n.Since, n.SyncNote = s.Sync, s.Reason, s.Since, s.SyncNote
	}
	n.SettleOnlyHere()
	return n
}
