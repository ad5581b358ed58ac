package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// letGoChunk is how many ended links one transaction forgets.
const letGoChunk = 200

// LetGo gives up the old links of chosen records, so that the next sync makes
// new items of them, and of what was disconnected together with an organization.
// The old items stay: one to which no ended link leads any more is an ordinary
// item that exists only here. It returns how many records it was about.
func (c *Changes) LetGo(ctx context.Context, a mainstay.Actor, r Rematch) (int, error) {
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return 0, err
	}
	if len(r.Records) == 0 {
		return 0, errNothingChosen
	}
	n := 0
	for first := 0; first < len(r.Records); first += letGoChunk {
		ids := r.Records[first:min(first+letGoChunk, len(r.Records))]
		more, err := c.giveUp(ctx, a, r, ids)
		n += more
		if err != nil {
			return n, err
		}
	}
	if n == 0 {
		return 0, mainstay.Errorf(mainstay.NotFound, "No record waits to be matched again.")
	}
	return n, nil
}

// giveUp gives up the links of some records, contents of organizations first: a
// company whose own link stands brings them along once more.
func (c *Changes) giveUp(ctx context.Context, a mainstay.Actor, r Rematch, ids []string) (int, error) {
	total := 0
	for inside := r.Kind.Name == mainstay.Organization.Name; ; {
		n := 0
		err := c.Store.Write(ctx, func(t *store.Tx) error {
			i, err := t.Integration(ctx, r.Integration)
			if err != nil {
				return err
			}
			waits, err := t.WaitingRecords(ctx, a, r.Integration, r.Kind.Name, ids)
			if err != nil {
				return err
			}
			ended := make([]mainstay.Tombstone, 0, len(waits))
			for _, w := range waits {
				ended = append(ended, w.Tombstone)
			}
			if inside {
				if ended, err = t.TombstonesInside(ctx, r.Integration, itemsOf(ended), letGoChunk); err != nil {
					return err
				}
			}
			n = len(ended)
			return c.forget(ctx, t, a, i, ended)
		})
		total += n
		switch {
		case err != nil || !inside:
			return total, err
		case n == 0:
			inside = false
		}
	}
}

func itemsOf(ended []mainstay.Tombstone) []mainstay.ItemID {
	ids := make([]mainstay.ItemID, len(ended))
	for n, s := range ended {
		ids[n] = s.ItemID
	}
	return ids
}

// forget drops ended links and settles the items that they led to.
func (c *Changes) forget(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Integration, ended []mainstay.Tombstone) error {
	byKind := map[mainstay.KindName][]string{}
	record := map[mainstay.ItemID]string{}
	for _, s := range ended {
		byKind[s.Kind] = append(byKind[s.Kind], s.ExternalID)
		record[s.ItemID] = s.ExternalID
	}
	for kind, ids := range byKind {
		if err := t.DeleteTombstones(ctx, i.ID, kind, ids); err != nil {
			return err
		}
		if err := t.TakeAnew(ctx, i.ID, kind, ids); err != nil {
			return err
		}
	}
	ids := itemsOf(ended)
	items, err := t.ItemsByID(ctx, ids)
	if err != nil {
		return err
	}
	left, err := t.TombstonesOfItems(ctx, ids)
	if err != nil {
		return err
	}
	linked := map[mainstay.ItemID]bool{}
	for _, s := range left {
		linked[s.ItemID] = linked[s.ItemID] || s.Why != mainstay.EndedMerged
	}
	var before []mainstay.Item
	var after []*mainstay.Item
	var log []mainstay.Activity
	for _, old := range items {
		n := old
		if old.Disconnected() && !linked[old.ID] {
			n.Reason, n.SyncNote, n.Version, n.Updated = "", "", old.Version+1, t.Now()
			n.SettleOnlyHere()
			before, after = append(before, old), append(after, &n)
		}
		e := itemEntry(t, a, "gave up the old link of", &n)
		e.Detail, e.Changes = "The next sync makes a new item of "+i.Name+"'s "+n.Spec().Label+" "+record[n.ID]+".", Diff(&old, &n)
		log = append(log, e)
	}
	if err := t.UpdateItems(ctx, before, after); err != nil {
		return err
	}
	if err := t.SettleTrashed(ctx, ids); err != nil {
		return err
	}
	return t.InsertActivity(ctx, log)
}
