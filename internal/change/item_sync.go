package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// DisableSync turns the syncing of one linked item off: no sync changes, orphans
// or doubles it until it is turned on again. Only the item's own record is left
// alone; what an organization holds goes on syncing. version is the one that the
// person saw.
func (c *Changes) DisableSync(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, version int64) (mainstay.Item, error) {
	return c.switchSync(ctx, a, ref, version, "turned off syncing of", func(t *store.Tx, n *mainstay.Item) error {
		switch n.Sync {
		case mainstay.Syncing, mainstay.SyncError:
		case mainstay.SyncDisabled:
			return mainstay.Errorf(mainstay.Conflict, "Syncing of %s is turned off already.", n.Name)
		case mainstay.Orphaned:
			return mainstay.Errorf(mainstay.Conflict, "%s is orphaned, so it doesn't sync already.", n.Name)
		case mainstay.NotLinked:
			return notLinked(n)
		}
		n.Sync, n.SyncNote = mainstay.SyncDisabled, a.Name+" turned syncing off for this "+n.Spec().Label+"."
		return nil
	})
}

// EnableSync turns the syncing of one item on again. The next sync brings it up
// to date, and decides whether its record still syncs at all.
func (c *Changes) EnableSync(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, version int64) (mainstay.Item, error) {
	return c.switchSync(ctx, a, ref, version, "turned on syncing of", func(t *store.Tx, n *mainstay.Item) error {
		if n.Sync == mainstay.NotLinked {
			return notLinked(n)
		}
		if n.Sync != mainstay.SyncDisabled {
			return mainstay.Errorf(mainstay.Conflict, "Syncing of %s isn't turned off.", n.Name)
		}
		n.Sync, n.SyncNote = mainstay.Syncing, ""
		return t.RefreshRecord(ctx, n.ID)
	})
}

func notLinked(i *mainstay.Item) error {
	return mainstay.Errorf(mainstay.Conflict, "%s isn't linked with a PSA record. Match it to one first.", i.Name)
}

// switchSync changes the sync state of one item that the actor may switch.
func (c *Changes) switchSync(ctx context.Context, a mainstay.Actor, ref mainstay.Ref, version int64, verb string, change func(*store.Tx, *mainstay.Item) error) (mainstay.Item, error) {
	var n mainstay.Item
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		old, err := ownItem(ctx, t, a, ref, version)
		if err != nil {
			return err
		}
		n = old
		if err := change(t, &n); err != nil {
			return err
		}
		n.Reason, n.Since, n.Version = "", t.Now(), old.Version+1
		n.SettleOnlyHere()
		if err := t.UpdateItems(ctx, []mainstay.Item{old}, []*mainstay.Item{&n}); err != nil {
			return err
		}
		e := itemEntry(t, a, verb, &n)
		e.Changes = Diff(&old, &n)
		return t.InsertActivity(ctx, []mainstay.Activity{e})
	})
	return n, err
}

// ownItem reads and locks an item whose syncing the actor may change, in the
// version that the actor saw.
func ownItem(ctx context.Context, t *store.Tx, a mainstay.Actor, ref mainstay.Ref, version int64) (mainstay.Item, error) {
	i, err := t.LockItem(ctx, ref)
	if err != nil {
		return i, err
	}
	if err := a.Can(mainstay.SyncItems, i.OrganizationID); err != nil {
		return i, err
	}
	if i.Version != version {
		return i, mainstay.Errorf(mainstay.Conflict, "%s changed since you opened it. Nothing was done. Look at it again first.", i.Name)
	}
	return i, nil
}
