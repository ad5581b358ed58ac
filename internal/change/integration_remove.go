package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// inUse refuses work on a connection that a person removed.
func inUse(i mainstay.Integration) error {
	if i.Removed.IsZero() {
		return nil
	}
	return mainstay.Errorf(mainstay.NotFound, "%s was removed by %s. Connect the same PSA again to take it up.", i.Name, i.RemovedBy)
}

// removeIntegration ends a connection whose links are ended: its credentials go
// and nothing syncs from it. What the PSA holds is untouched, and so is every
// item. Items that a plan held back keep the connection in place.
func (c *Changes) removeIntegration(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if err != nil || !i.Removed.IsZero() {
		return err
	}
	left, err := t.CountLinkedClass(ctx, store.LinkedClass{Integration: i.ID}, mainstay.System("count"))
	if err != nil {
		return err
	}
	n := 0
	for _, k := range left {
		n += k
	}
	if n > 0 {
		p.Message = items(n) + " stayed linked, so " + i.Name + " stays, paused. See what was held back or skipped, then remove it again."
		return nil
	}
	if err := t.SetIntegrationSecret(ctx, i.ID, []byte{}); err != nil {
		return err
	}
	i.Removed, i.RemovedBy, i.NextFull = t.Now(), a.Name, 0
	if err := t.UpdateIntegration(ctx, i); err != nil {
		return err
	}
	return note(ctx, t, a, "removed", i.Name, "Its links were ended by plan "+number(int64(p.ID))+". The items stay, and so does the PSA.")
}

// connectAgain takes a removed connection up with new credentials. The records
// that it knew wait to be matched again once their types are ticked.
func (c *Changes) connectAgain(ctx context.Context, t *store.Tx, a mainstay.Actor, i *mainstay.Integration, old mainstay.Integration, secret []byte) error {
	i.ID, i.LastRun, i.LastFull, i.Settings.Version = old.ID, old.LastRun, old.LastFull, old.Settings.Version+1
	i.Created = old.Created
	if err := t.SetIntegrationSecret(ctx, i.ID, secret); err != nil {
		return err
	}
	if err := t.UpdateIntegration(ctx, *i); err != nil {
		return err
	}
	return note(ctx, t, a, "connected", i.Name, "This PSA was connected before. Its records wait under Match again once their types are ticked in Sync settings")
}

// bringBack takes the removal of a connection back for an undo: it stands again,
// paused and without credentials, so that the links have something to lead to.
func (c *Changes) bringBack(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	if !p.Params.Remove {
		return nil
	}
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if err != nil || i.Removed.IsZero() {
		return err
	}
	i.Removed, i.RemovedBy = 0, ""
	i.Paused, i.PausedBy, i.PausedAt = true, a.Name, t.Now()
	_, err = t.IntegrationNamed(ctx, i.Name)
	switch {
	case err == nil:
		i.Name += " (" + number(int64(i.ID)) + ")"
	case mainstay.KindOf(err) != mainstay.NotFound:
		return err
	}
	if err := t.UpdateIntegration(ctx, i); err != nil {
		return err
	}
	return note(ctx, t, a, "brought back", i.Name, "Paused and without credentials: enter them under Edit connection, then resume")
}
