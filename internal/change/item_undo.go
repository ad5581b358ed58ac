package change

import (
	"context"
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// UndoOne takes a plan back, at once, that matched or disconnected one item and
// nothing else. Whoever may change how the item syncs may take that back, too,
// so it needs no right to make plans.
func (c *Changes) UndoOne(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, id mainstay.PlanID) (mainstay.Plan, error) {
	var old mainstay.Plan
	var i mainstay.Item
	var ended []mainstay.Tombstone
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		if i, err = t.Item(ctx, ref); err != nil {
			return err
		}
		if err := MayMatch(a, i); err != nil {
			return err
		}
		if old, err = onlyOf(ctx, t, i, id); err != nil {
			return err
		}
		ended, err = t.TombstonesOf(ctx, i.ID)
		return err
	})
	if err != nil {
		return mainstay.Plan{}, err
	}
	if p, ok, err := c.undoMatch(ctx, a, old); ok || err != nil {
		return p, err
	}
	n := slices.IndexFunc(ended, func(s mainstay.Tombstone) bool { return s.PlanID == id })
	if n < 0 {
		return mainstay.Plan{}, mainstay.Errorf(mainstay.Conflict, "%s was matched since, so there is nothing to undo.", i.Name)
	}
	return c.reconnectOne(ctx, a, ref, old, ended[n])
}

// onlyOf reads a finished plan that matched or disconnected an item alone.
func onlyOf(ctx context.Context, t *store.Tx, i mainstay.Item, id mainstay.PlanID) (mainstay.Plan, error) {
	missing := mainstay.Errorf(mainstay.NotFound, "No plan with this number matched or disconnected %s alone.", i.Name)
	old, err := t.Plan(ctx, id)
	if mainstay.KindOf(err) == mainstay.NotFound {
		return old, missing
	}
	if err != nil {
		return old, err
	}
	lines, err := t.PlanItems(ctx, id, 0, false, 2)
	if err != nil {
		return old, err
	}
	_, matches, err := matchOf(ctx, t, old)
	if err != nil {
		return old, err
	}
	one := old.Action == mainstay.ActionDisconnect && old.Params.Class == nil && !old.Params.Remove
	one = one || (old.Action == mainstay.ActionReconnect && matches)
	if !one || old.State != mainstay.PlanDone || len(lines) != 1 || lines[0].ItemID != i.ID || lines[0].Kind != i.Kind {
		return old, missing
	}
	return old, nil
}

// reconnectOne links an item again as it was before a plan disconnected it.
func (c *Changes) reconnectOne(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, old mainstay.Plan, ended mainstay.Tombstone) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := alone(ctx, t, ended.IntegrationID); err != nil {
			return err
		}
		i, err := t.LockItem(ctx, ref)
		if err != nil {
			return err
		}
		if err := MayMatch(a, i); err != nil {
			return err
		}
		in, err := t.Integration(ctx, ended.IntegrationID)
		if err == nil {
			err = inUse(in)
		}
		if err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionReconnect, i.Kind)
		p.Origin, p.Params.Integration, p.Params.PSA = old.ID, in.ID, in.Name
		return c.applyInline(ctx, t, a, &p, []mainstay.ItemID{i.ID}, func(chunk store.Chunk) (int, error) {
			return c.reconnectChunk(ctx, t, chunk)
		})
	})
	return p, err
}
