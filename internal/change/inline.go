package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// inlineLease is the lease of a plan that is applied in the transaction that
// makes it.
const inlineLease = "inline"

// applyInline makes, confirms and applies a small plan in one transaction: apply
// does to its one chunk what a job would do to many.
func (c *Changes) applyInline(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, ids []mainstay.ItemID, apply func(store.Chunk) (skipped int, err error)) error {
	p.Seen = len(ids)
	if err := t.InsertPlan(ctx, p); err != nil {
		return err
	}
	if _, err := t.FreezeIDs(ctx, *p, ids, a); err != nil {
		return err
	}
	if err := c.count(ctx, t, a, p, store.Filter{}); err != nil {
		return err
	}
	return c.inline(ctx, t, a, p, apply)
}

// inline confirms and applies a frozen plan of a few lines in the transaction
// that made it. A line that can't be done fails the whole, so the plan does all
// or nothing.
func (c *Changes) inline(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, apply func(store.Chunk) (skipped int, err error)) error {
	p.State, p.Started = mainstay.PlanRunning, t.Now()
	if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
		return err
	}
	if err := t.UpdatePlan(ctx, *p); err != nil {
		return err
	}
	if err := t.LeasePlan(ctx, p.ID, inlineLease); err != nil {
		return err
	}
	chunk, ok, err := t.NextChunk(ctx, p.ID, inlineLease, p.Counts.Total().Apply)
	if err != nil {
		return err
	}
	if !ok {
		return errMeanwhile
	}
	chunk.Actor = a
	if p.Skipped, err = apply(chunk); err != nil {
		return err
	}
	if p.Skipped > 0 {
		return whySkipped(ctx, t, p.ID)
	}
	p.State, p.Ended, p.Done = mainstay.PlanDone, t.Now(), p.Counts.Total().Apply
	return t.UpdatePlan(ctx, *p)
}

var errMeanwhile = mainstay.Errorf(mainstay.Conflict, "Something changed meanwhile. Nothing was changed here. Look at it again.")

// whySkipped says why a small plan left a line alone.
func whySkipped(ctx context.Context, t *store.Tx, id mainstay.PlanID) error {
	lines, err := t.PlanItems(ctx, id, 0, true, 1)
	if err != nil {
		return err
	}
	for _, l := range lines {
		if l.Outcome == mainstay.OutcomeKept {
			return mainstay.Errorf(mainstay.Held, "%s is protected, or lies in an organization that is. Nothing was changed. Lift the protection first.", l.Name)
		}
	}
	return errMeanwhile
}

// alone lets a transaction change links beside nothing else that does. It refuses
// while a sync of the integration or a plan is at work, and neither begins before
// the transaction ends. It must be called before the reads that it protects.
func alone(ctx context.Context, t *store.Tx, integrations ...mainstay.IntegrationID) error {
	if err := t.Lock(ctx, largeWork); err != nil {
		return err
	}
	runs, err := t.ActiveRuns(ctx)
	if err != nil {
		return err
	}
	for _, r := range runs {
		for _, i := range integrations {
			if r.IntegrationID == i && r.State == mainstay.RunRunning {
				return mainstay.Errorf(mainstay.Conflict, "A sync of this integration is under way. Nothing was done. Try again when it's done, or cancel it first.")
			}
		}
	}
	plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanRunning}, 1)
	if err == nil && len(plans) > 0 {
		err = mainstay.Errorf(mainstay.Conflict, "Plan %d is at work. Nothing was done. Try again when it's done.", plans[0].ID)
	}
	return err
}

// largeWork is what syncs, plans and changes of single links lock, so that only
// one of them decides to begin at a time.
const largeWork = "large work"
