package change

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/store"
)

// undoMatch takes a match of one item back, or makes it once more where the plan
// took one back. ok is false for any other plan.
func (c *Changes) undoMatch(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (p mainstay.Plan, ok bool, err error) {
	var now mainstay.Item
	var b matched
	err = c.Store.Read(ctx, func(t *store.Tx) error {
		if b, ok, err = matchOf(ctx, t, old); err != nil || !ok {
			return err
		}
		now, err = t.Item(ctx, b.Item.Ref())
		return err
	})
	if err != nil || !ok {
		return p, ok, err
	}
	if old.Action == mainstay.ActionDisconnect {
		p, err = c.matchRecord(ctx, a, Match{Item: now.Ref(), Version: now.Version, Integration: b.Integration, Record: b.Record, Instead: true}, old.ID)
		return p, true, err
	}
	p, err = c.unmatch(ctx, a, old, b)
	return p, true, err
}

// matchOf reads what a plan noted that matched one item with a record, or took
// that back. ok is false for any other plan.
func matchOf(ctx context.Context, t *store.Tx, p mainstay.Plan) (b matched, ok bool, err error) {
	if p.Action != mainstay.ActionReconnect && p.Action != mainstay.ActionDisconnect {
		return b, false, nil
	}
	text, ok, err := t.MatchedBefore(ctx, p.ID)
	if err != nil || !ok {
		return b, false, err
	}
	err = json.Unmarshal([]byte(text), &b)
	return b, b.Item.ID != 0, err // a plan of many notes something else
}

// unmatch gives an item back as it was before a match, with the fields that the
// PSA overwrote since, and the record to the item that it waited for.
func (c *Changes) unmatch(ctx context.Context, a mainstay.Actor, old mainstay.Plan, b matched) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := alone(ctx, t, b.Integration); err != nil {
			return err
		}
		i, err := t.LockItem(ctx, b.Item.Ref())
		if err != nil {
			return err
		}
		if err := MayMatch(a, i); err != nil {
			return err
		}
		r, ok, err := t.RecordOf(ctx, i.ID)
		if err != nil {
			return err
		}
		if !ok || r.IntegrationID != b.Integration || r.ExternalID != b.Record {
			return mainstay.Errorf(mainstay.Conflict, "%s isn't linked with that record any more, so there is nothing to undo.", i.Name)
		}
		p = newPlan(t, a, mainstay.ActionDisconnect, i.Kind)
		p.Origin, p.Params.Integration, p.Params.PSA = old.ID, old.Params.Integration, old.Params.PSA
		return c.applyInline(ctx, t, a, &p, []mainstay.ItemID{i.ID}, func(chunk store.Chunk) (int, error) {
			if err := c.unlink(ctx, t, chunk, i, r, b); err != nil {
				return 0, err
			}
			_, skipped, err := t.FinishChunk(ctx, chunk)
			return skipped, err
		})
	})
	return p, err
}

func (c *Changes) unlink(ctx context.Context, t *store.Tx, chunk store.Chunk, i mainstay.Item, r store.Record, b matched) error {
	again, err := json.Marshal(matched{Item: i, Integration: b.Integration, Record: b.Record, InScope: r.InScope})
	if err != nil {
		return err
	}
	if err := t.MarkMatched(ctx, chunk, i.ID, string(again)); err != nil {
		return err
	}
	r.ItemID, r.Linked, r.Hash, r.InScope = 0, 0, "", b.InScope
	if err := t.UpsertRecords(ctx, []store.Record{r}); err != nil {
		return err
	}
	if err := c.waitAgain(ctx, t, chunk, b); err != nil {
		return err
	}
	back, err := placesOf(ctx, t, map[mainstay.ItemID]mainstay.Item{i.ID: b.Item})
	if err != nil {
		return err
	}
	n := back.asBefore(t.Now(), chunk.Actor, i, b.Item)
	if err := t.UpdateItems(ctx, []mainstay.Item{i}, []*mainstay.Item{&n}); err != nil {
		return err
	}
	return logMatch(ctx, t, chunk, "unmatched", &i, &n, "As before the match")
}

// waitAgain puts the ended link of the record back, as far as its item is still
// there, and gives an item that had lost the trace of its link its state back.
func (c *Changes) waitAgain(ctx context.Context, t *store.Tx, chunk store.Chunk, b matched) error {
	if b.Ended == nil {
		return nil
	}
	live, trash, err := anywhere(ctx, t, []mainstay.ItemID{b.Ended.ItemID})
	if err != nil || (live[b.Ended.ItemID] == nil && trash[b.Ended.ItemID] == nil) {
		return err
	}
	if err := t.PutTombstones(ctx, []mainstay.Tombstone{*b.Ended}); err != nil {
		return err
	}
	if b.Other == nil || live[b.Other.ID] == nil {
		return nil
	}
	old, err := t.LockItem(ctx, b.Other.Ref())
	if err != nil || old.Sync != mainstay.NotLinked || old.Disconnected() {
		return err
	}
	n := old
	n.Reason, n.Since, n.SyncNote, n.Version = b.Other.Reason, b.Other.Since, b.Other.SyncNote, old.Version+1
	n.SettleOnlyHere()
	if err := t.UpdateItems(ctx, []mainstay.Item{old}, []*mainstay.Item{&n}); err != nil {
		return err
	}
	return logMatch(ctx, t, chunk, "got its record back", &old, &n, "It waits to be matched again")
}
