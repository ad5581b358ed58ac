package change

import (
	"context"
	"errors"
	"fmt"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Undo takes back everything that a plan did, as a new plan that starts at once.
func (c *Changes) Undo(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	if id == 0 {
		return mainstay.Plan{}, mainstay.Errorf(mainstay.Invalid, "Say which plan to undo.")
	}
	var old mainstay.Plan
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		old, err = c.undoable(ctx, t, a, id)
		return err
	})
	if err != nil {
		return mainstay.Plan{}, err
	}
	if p, ok, err := c.undoMatch(ctx, a, old); ok || err != nil {
		return p, err
	}
	switch old.Action.Undo() {
	case mainstay.ActionRestore:
		return c.restore(ctx, a, id, nil)
	case mainstay.ActionReconnect:
		return c.undoDisconnect(ctx, a, old)
	case mainstay.ActionDisconnect:
		return c.undoReconnect(ctx, a, old)
	case mainstay.ActionResume:
		return c.undoPause(ctx, a, old)
	case mainstay.ActionRevert:
		return c.undoEdit(ctx, a, old)
	case mainstay.ActionUnmerge:
		return c.undoMerge(ctx, a, old)
	}
	return mainstay.Plan{}, mainstay.Errorf(mainstay.Invalid, "This kind of plan can't be undone: %s.", old.Title())
}

// undoable reads a plan that the actor may undo.
func (c *Changes) undoable(ctx context.Context, t *store.Tx, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	right := mainstay.PlanChanges
	old, err := t.Plan(ctx, id)
	if err != nil {
		return old, err
	}
	if old.Action == mainstay.ActionDelete {
		right = mainstay.UseTrash
	}
	if err := a.Can(right, 0); err != nil {
		return old, err
	}
	if err := MaySeePlan(a, old); err != nil {
		return old, err
	}
	switch {
	case old.State.Active():
		return old, mainstay.Errorf(mainstay.Conflict, "This plan is still at work. Stop it first.")
	case old.State == mainstay.PlanReview || old.State == mainstay.PlanDiscarded:
		return old, mainstay.Errorf(mainstay.Conflict, "This plan did nothing, so there is nothing to undo.")
	}
	return old, nil
}

// startNow counts and confirms an undo plan in the transaction that made it.
func (c *Changes) startNow(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	p.State, p.StartAt = mainstay.PlanStarting, t.Now()
	// The parameters are those of the plan that is taken back; who confirmed that is not.
	p.Params.ConfirmedBy, p.Params.ConfirmedAt, p.Params.Included = "", 0, nil
	if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
		return err
	}
	if err := t.UpdatePlan(ctx, *p); err != nil {
		return err
	}
	if err := planNote(ctx, t, a, "started", p, fmt.Sprintf("Undo of plan %d", p.Origin)); err != nil {
		return err
	}
	_, err := c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), 0)
	return err
}

// Restore brings back chosen items from the trash, with the contents of
// organizations and with the organization of each item where that lies in the
// trash too.
func (c *Changes) Restore(ctx context.Context, a mainstay.Actor, ids []mainstay.ItemID) (mainstay.Plan, error) {
	if len(ids) == 0 {
		return mainstay.Plan{}, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Nothing was restored.")
	}
	return c.restore(ctx, a, 0, ids)
}

// errNotInTrash says that a restore or purge finds nothing to work on.
var errNotInTrash = mainstay.Errorf(mainstay.NotFound, "Nothing of this is in Trash any more.")

// restore freezes what is to come back in several short transactions, so that
// undoing a large plan keeps no other writer waiting, counts it, and starts the
// plan in the last one. Until then the plan does nothing, and
// each line is checked against its version when its turn comes.
func (c *Changes) restore(ctx context.Context, a mainstay.Actor, origin mainstay.PlanID, ids []mainstay.ItemID) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.UseTrash, 0); err != nil {
		return p, err
	}
	var frozen int
	var last mainstay.ItemID
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if p, err = c.newRestore(ctx, t, a, origin); err != nil {
			return err
		}
		if origin != 0 {
			frozen, last, err = t.FreezeOrigin(ctx, p, origin, 0, c.chunks.frozen, a)
		} else if frozen, err = t.FreezeTrash(ctx, p, 0, 0, ids, a); err == nil {
			err = t.FreezeTrashContents(ctx, p)
		}
		if err == nil && frozen == 0 && last == 0 {
			err = errNotInTrash
		}
		return err
	})
	for err == nil && last != 0 {
		c.pass(atFrozen)
		after, n := last, 0
		err = c.Store.Write(ctx, func(t *store.Tx) error {
			n, last, err = t.FreezeOrigin(ctx, p, origin, after, c.chunks.frozen, a)
			return err
		})
		frozen += n
	}
	if err == nil && frozen == 0 {
		err = errors.Join(errNotInTrash, c.Discard(ctx, a, p.ID))
	}
	if err != nil {
		return p, err
	}
	p.Counts.Matched = frozen
	return p, c.startRestore(ctx, a, &p)
}

// newRestore makes the plan of a restore, and refuses one of a plan that is at work.
func (c *Changes) newRestore(ctx context.Context, t *store.Tx, a mainstay.Actor, origin mainstay.PlanID) (mainstay.Plan, error) {
	p := newPlan(t, a, mainstay.ActionRestore, "")
	p.Origin = origin
	if origin != 0 {
		old, err := t.Plan(ctx, origin)
		if err != nil {
			return p, err
		}
		if err := MaySeePlan(a, old); err != nil {
			return p, err
		}
		p.Kind = old.Kind
		if old.State.Active() {
			return p, mainstay.Errorf(mainstay.Conflict, "This plan is still at work. Stop it first.")
		}
	}
	return p, t.InsertPlan(ctx, &p)
}

// resumeDeleted ticks again the class that a deletion stopped, so that what its
// undo brings back goes on syncing.
func (c *Changes) resumeDeleted(ctx context.Context, t *store.Tx, a mainstay.Actor, origin mainstay.PlanID) error {
	if origin == 0 {
		return nil
	}
	old, err := t.Plan(ctx, origin)
	if err != nil {
		return err
	}
	return c.resumeClass(ctx, t, a, &old)
}

// startRestore adds the owners of what is frozen, counts it all, and queues the plan.
func (c *Changes) startRestore(ctx context.Context, a mainstay.Actor, p *mainstay.Plan) error {
	err := c.Store.Write(ctx, func(t *store.Tx) error { return t.FreezeTrashOwners(ctx, *p) })
	if err != nil {
		return err
	}
	if err := c.Store.Read(ctx, func(t *store.Tx) error { return c.count(ctx, t, a, p, store.Filter{}) }); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error {
		now, err := t.LockPlan(ctx, p.ID)
		if err != nil {
			return err
		}
		if now.State != mainstay.PlanReview {
			return mainstay.Errorf(mainstay.Conflict, "This plan was confirmed or discarded already.")
		}
		if err := c.resumeDeleted(ctx, t, a, p.Origin); err != nil {
			return err
		}
		p.State, p.StartAt = mainstay.PlanStarting, t.Now()
		if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
			return err
		}
		if err := t.UpdatePlan(ctx, *p); err != nil {
			return err
		}
		detail := "From Trash"
		if p.Origin != 0 {
			detail = fmt.Sprintf("Undo of plan %d", p.Origin)
		}
		if err := planNote(ctx, t, a, "started", p, detail); err != nil {
			return err
		}
		_, err = c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), 0)
		return err
	})
}

// ProposePurge freezes trash entries that a person wants gone for good: those of
// one plan, or the chosen ones. It takes no filter (requirement R2), needs its
// own right, and is confirmed like any plan with a typed phrase.
func (c *Changes) ProposePurge(ctx context.Context, a mainstay.Actor, origin mainstay.PlanID, ids []mainstay.ItemID) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PurgeTrash, 0); err != nil {
		return p, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		p, err = c.freezePurge(ctx, t, a, origin, 0, ids)
		if err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

func (c *Changes) freezePurge(ctx context.Context, t *store.Tx, a mainstay.Actor, origin mainstay.PlanID, expired mainstay.Time, ids []mainstay.ItemID) (mainstay.Plan, error) {
	p := newPlan(t, a, mainstay.ActionPurge, "")
	p.Origin = origin
	if err := t.InsertPlan(ctx, &p); err != nil {
		return p, err
	}
	n, err := t.FreezeTrash(ctx, p, origin, expired, ids, a)
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, errNotInTrash
	}
	if err := t.FreezeTrashContents(ctx, p); err != nil {
		return p, err
	}
	if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
		return p, err
	}
	p.Counts.Matched = n
	return p, nil
}

// PurgeExpired ends what has been in the trash for longer than its time. The
// scheduler calls it; like every purge it waits for a verified backup that is
// newer than the plan. It returns the plan, or a zero Plan where nothing expired.
func (c *Changes) PurgeExpired(ctx context.Context) (mainstay.Plan, error) {
	a := mainstay.System("schedule")
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		p, err = c.freezePurge(ctx, t, a, 0, t.Now(), nil)
		if err != nil {
			return err
		}
		p.State, p.StartAt = mainstay.PlanStarting, t.Now()
		if err := t.UpdatePlan(ctx, p); err != nil {
			return err
		}
		if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
			return err
		}
		_, err = c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), 0)
		return err
	})
	if mainstay.KindOf(err) == mainstay.NotFound {
		return mainstay.Plan{}, nil
	}
	return p, err
}
