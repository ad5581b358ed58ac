package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// deny stops a plan whose person may no longer do it. Where it did nothing yet,
// nothing stays changed.
func (c *Changes) deny(ctx context.Context, t *store.Tx, p mainstay.Plan, why error) error {
	p.State, p.Ended, p.Message = mainstay.PlanStopped, t.Now(), "Stopped: "+p.UserName+" may no longer do this. "+mainstay.SafeMessage(why)
	if p.Done == 0 {
		if err := c.takeBack(ctx, t, mainstay.System(p.UserName), &p); err != nil {
			return err
		}
	}
	return t.UpdatePlan(ctx, p)
}

// finish ends a plan that has no line left.
func (c *Changes) finish(ctx context.Context, t *store.Tx, id mainstay.PlanID) error {
	p, err := t.Plan(ctx, id)
	if err != nil {
		return err
	}
	a, err := t.PlanActor(ctx, id)
	if err != nil {
		a = mainstay.System(p.UserName)
	}
	p.State, p.Ended, p.Message = mainstay.PlanDone, t.Now(), ""
	if p.Action == mainstay.ActionDisconnect && p.Params.Remove {
		if err := c.removeIntegration(ctx, t, a, &p); err != nil {
			return err
		}
	}
	if p.Done == 0 && p.Action == mainstay.ActionDelete && p.Params.Class != nil {
		// Nothing was deleted, so nothing has to stop syncing.
		p.Message = "Everything had changed meanwhile, so nothing was deleted and " + p.Params.Class.Name + " goes on syncing."
		if err := c.takeBack(ctx, t, a, &p); err != nil {
			return err
		}
	}
	detail := mainstay.Thousands(p.Done) + " done"
	if p.Skipped > 0 {
		detail += ", " + mainstay.Thousands(p.Skipped) + " skipped"
	}
	if err := planNote(ctx, t, a, "finished", &p, detail); err != nil {
		return err
	}
	return t.UpdatePlan(ctx, p)
}

// fail shows a plan that keeps failing, with what is safe to say.
func (c *Changes) fail(ctx context.Context, id mainstay.PlanID, why error) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		p, err := t.LockPlan(ctx, id)
		if err != nil || !p.State.Active() {
			return err
		}
		p.State, p.Message = mainstay.PlanFailed, mainstay.SafeMessage(why)+" What was done so far stays, and can be undone. Resume to try the rest again."
		return t.UpdatePlan(ctx, p)
	})
}
