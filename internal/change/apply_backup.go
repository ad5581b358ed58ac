package change

import (
	"context"
	"errors"

	"mainstay"
	"mainstay/internal/store"
)

// backUpFor takes the backup that a large plan needs. Where it fails the plan
// pauses with the reason, and nothing is deleted.
func (c *Changes) backUpFor(ctx context.Context, p mainstay.Plan) error {
	c.pass(atBackup)
	b, err := c.Backup(ctx, p.UserName)
	c.pass(atBackedUp)
	if err == nil && b.State == mainstay.BackupVerified {
		return c.Store.Write(ctx, func(t *store.Tx) error {
			now, err := t.LockPlan(ctx, p.ID)
			if err != nil {
				return err
			}
			now.BackupID = b.ID
			return t.UpdatePlan(ctx, now)
		})
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	why := b.Message
	if err != nil {
		c.Log.Error("backup for a plan", "plan", p.ID, "error", err)
		why = mainstay.SafeMessage(err)
	}
	return errors.Join(errNotNow, c.Store.Write(ctx, func(t *store.Tx) error {
		now, err := t.LockPlan(ctx, p.ID)
		if err != nil || now.State != mainstay.PlanBackingUp {
			return err
		}
		now.State, now.Message = mainstay.PlanPaused, "The backup didn't finish: "+why+" Nothing was deleted. Mend it and resume."
		return t.UpdatePlan(ctx, now)
	}))
}
