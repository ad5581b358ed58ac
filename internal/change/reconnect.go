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
		if err := note(ctx, t, a, "planned", p.Title(), ""); err != nil {
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

// undoReconnect plans to end the links again that a plan took up. It starts at once.
func (c *Changes) undoReconnect(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionDisconnect, old.Kind)
		p.Origin = old.ID
		p.Params.Integration, p.Params.PSA = old.Params.Integration, old.Params.PSA
		if err := t.InsertPlan(ctx, &p); err != nil {
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

// reconnectChunk takes up the ended links of a chunk: the item gets its link and
// its state back, and the fields that the PSA owns as a sync last read them.
func (c *Changes) reconnectChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) (skipped int, err error) {
	if err := t.MarkEnded(ctx, chunk); err != nil {
		return 0, err
	}
	ended, err := t.EndedIn(ctx, chunk)
	if err != nil {
		return 0, err
	}
	ids := make([]mainstay.ItemID, 0, len(ended))
	keys := map[linkSet][]string{}
	for id, s := range ended {
		ids = append(ids, id)
		k := linkSet{s.IntegrationID, s.Kind}
		keys[k] = append(keys[k], s.ExternalID)
	}
	items, err := t.ItemsByID(ctx, ids)
	if err != nil {
		return 0, err
	}
	records := map[linkSet]map[string]store.Record{}
	for k, ext := range keys {
		if records[k], err = t.Records(ctx, k.integration, k.kind, ext); err != nil {
			return 0, err
		}
	}
	var after []*mainstay.Item
	var links []store.Record
	var log []mainstay.Activity
	for _, old := range items {
		s := ended[old.ID]
		rec, known := records[linkSet{s.IntegrationID, s.Kind}][s.ExternalID]
		n := reconnected(t.Now(), old, s, rec.InScope, chunk.Plan.Origin != 0)
		if !known {
			rec = store.Record{IntegrationID: s.IntegrationID, Kind: s.Kind, ExternalID: s.ExternalID, Name: old.Name}
		}
		rec.ItemID, rec.Linked, rec.Hash = old.ID, s.Linked, ""
		rec.InScope = n.Sync != mainstay.Orphaned || rec.InScope
		after, links = append(after, &n), append(links, rec)
		e := itemEntry(t, chunk.Actor, "reconnected", &n)
		e.PlanID, e.Changes = chunk.Plan.ID, Diff(&old, &n)
		log = append(log, e)
	}
	if err := t.UpdateItems(ctx, items, after); err != nil {
		return 0, err
	}
	if err := t.UpsertRecords(ctx, links); err != nil {
		return 0, err
	}
	for k, ext := range keys {
		if err := t.DeleteTombstones(ctx, k.integration, k.kind, ext); err != nil {
			return 0, err
		}
	}
	if err := t.InsertActivity(ctx, log); err != nil {
		return 0, err
	}
	_, skipped, err = t.FinishChunk(ctx, chunk)
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
func reconnected(now mainstay.Time, old mainstay.Item, s mainstay.Tombstone, inScope, undo bool) mainstay.Item {
	n := old
	if s.Seen != nil {
		n = s.Seen.Apply(old)
	}
	n.Version, n.Updated = old.Version+1, now
	n.Sync, n.Reason, n.Since, n.SyncNote = mainstay.Syncing, "", now, ""
	if undo || s.Sync == mainstay.SyncDisabled || (s.Sync == mainstay.Orphaned && !inScope) {
		n.Sync, n.Reason, n.Since, n.SyncNote = s.Sync, s.Reason, s.Since, s.SyncNote
	}
	n.SettleOnlyHere()
	return n
}
