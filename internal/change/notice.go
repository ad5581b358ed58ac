package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// SeeNotice takes a notice off the actor's dashboard.
func (c *Changes) SeeNotice(ctx context.Context, a mainstay.Actor, id int64) error {
	if err := a.Can(mainstay.UseOwnAccount, 0); err != nil {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error { return t.SeeNotice(ctx, a.UserID, id) })
}
