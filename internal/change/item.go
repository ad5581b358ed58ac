package change

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// FieldErrors are the reasons why a form was not saved, one per field.
type FieldErrors []*mainstay.Error

// Error joins the messages.
func (f FieldErrors) Error() string {
	var out []string
	for _, e := range f {
		out = append(out, e.Message)
	}
	return strings.Join(out, " ")
}

// Unwrap gives the first error, so that KindOf says Invalid.
func (f FieldErrors) Unwrap() error {
	if len(f) == 0 {
		return nil
	}
	return f[0]
}

// Create stores an item that a person made. It returns FieldErrors where the
// form is wrong.
func (c *Changes) Create(ctx context.Context, a mainstay.Actor, i mainstay.Item) (mainstay.Item, error) {
	right := mainstay.CreateItems
	if i.Kind == mainstay.Organization.Name {
		right, i.OrganizationID = mainstay.CreateOrgs, 0
	}
	if err := a.Can(right, i.OrganizationID); err != nil {
		return i, err
	}
	if errs := i.Validate(); len(errs) > 0 {
		return i, FieldErrors(errs)
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		n := i
		if err := c.checkRelations(ctx, t, a, &n); err != nil {
			return err
		}
		n.Version, n.Created, n.Updated = 1, t.Now(), t.Now()
		n.Sync, n.Reason, n.SyncNote, n.Since = mainstay.NotLinked, "", "", t.Now()
		n.SettleOnlyHere()
		if err := t.InsertItems(ctx, []*mainstay.Item{&n}); err != nil {
			return err
		}
		i = n
		return t.InsertActivity(ctx, []mainstay.Activity{itemEntry(t, a, "created", &n)})
	})
	return i, err
}

func itemEntry(t *store.Tx, a mainstay.Actor, verb string, i *mainstay.Item) mainstay.Activity {
	e := entry(t, a, verb)
	e.Kind, e.ItemID, e.OrganizationID, e.Name = i.Kind, i.ID, i.OrganizationID, i.Name
	return e
}

// checkRelations refuses relations to things that are missing, of the wrong
// kind, or out of the person's sight.
func (c *Changes) checkRelations(ctx context.Context, t *store.Tx, a mainstay.Actor, i *mainstay.Item) error {
	var errs FieldErrors
	check := func(field string, ref mainstay.Ref) error {
		o, err := t.LockItem(ctx, ref)
		if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && !a.Sees(o.OrganizationID)) {
			errs = append(errs, mainstay.FieldError(field, "There is no such %s.", ref.Kind))
			return nil
		}
		if err == nil && field != "organization_id" && field != "parent_id" && o.OrganizationID != i.OrganizationID {
			errs = append(errs, mainstay.FieldError(field, "%s belongs to another organization.", o.Name))
		}
		return err
	}
	if i.Kind != mainstay.Organization.Name {
		if err := check("organization_id", mainstay.Ref{Kind: mainstay.Organization.Name, ID: i.OrganizationID}); err != nil {
			return err
		}
	}
	if i.ParentID != 0 {
		if i.ParentID == i.ID && i.ID != 0 {
			errs = append(errs, mainstay.FieldError("parent_id", "An organization can't be its own parent."))
		} else if err := check("parent_id", mainstay.Ref{Kind: mainstay.Organization.Name, ID: i.ParentID}); err != nil {
			return err
		}
	}
	for _, f := range i.Spec().Fields {
		if f.Type != mainstay.RefTo || i.Values.Text(f.Name) == "" {
			continue
		}
		id, err := mainstay.ParseItemID(i.Values.Text(f.Name))
		if err != nil {
			return err
		}
		if err := check(f.Name, mainstay.Ref{Kind: f.RefKind, ID: id}); err != nil {
			return err
		}
	}
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	known := func(id mainstay.LabelID, axis mainstay.Axis) bool {
		for _, l := range labels {
			if l.ID == id && l.Kind == i.Kind && l.Axis == axis {
				return true
			}
		}
		return id == 0
	}
	if !known(i.TypeID, mainstay.TypeAxis) {
		errs = append(errs, mainstay.FieldError("type_id", "There is no such type."))
	}
	if !known(i.StatusID, mainstay.StatusAxis) {
		errs = append(errs, mainstay.FieldError("status_id", "There is no such status."))
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// Update stores an item that a person edited; i.Version is the version that the
// person saw. Fields that a PSA owns can't change on a linked item, and an item
// never changes its kind.
func (c *Changes) Update(ctx context.Context, a mainstay.Actor, i mainstay.Item) (mainstay.Item, error) {
	if errs := i.Validate(); len(errs) > 0 {
		return i, FieldErrors(errs)
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		old, err := t.Item(ctx, i.Ref())
		if err != nil {
			return err
		}
		if err := a.Can(mainstay.EditItems, old.OrganizationID); err != nil {
			return err
		}
		if old.Version != i.Version {
			return mainstay.Errorf(mainstay.Conflict, "This item changed while you were editing. Your text is still here. Open the item in another tab to see both versions.")
		}
		n := i
		if n.Kind == mainstay.Organization.Name {
			n.OrganizationID = n.ID
		}
		if n.OrganizationID != old.OrganizationID {
			if err := a.Can(mainstay.EditItems, n.OrganizationID); err != nil {
				return err
			}
		}
		n.Created, n.Sync, n.Reason, n.Since, n.SyncNote = old.Created, old.Sync, old.Reason, old.Since, old.SyncNote
		if err := ownedByPSA(&old, &n); err != nil {
			return err
		}
		if err := c.checkRelations(ctx, t, a, &n); err != nil {
			return err
		}
		i, err = c.save(ctx, t, a, old, n)
		return err
	})
	return i, err
}

// save stores a changed item with its activity; without a difference it does nothing.
func (c *Changes) save(ctx context.Context, t *store.Tx, a mainstay.Actor, old, n mainstay.Item) (mainstay.Item, error) {
	n.SettleOnlyHere()
	diff := Diff(&old, &n)
	if len(diff) == 0 {
		return old, nil
	}
	n.Version, n.Updated = old.Version+1, t.Now()
	if err := t.UpdateItems(ctx, []mainstay.Item{old}, []*mainstay.Item{&n}); err != nil {
		return n, err
	}
	e := itemEntry(t, a, "updated", &n)
	e.Changes = diff
	return n, t.InsertActivity(ctx, []mainstay.Activity{e})
}

// ownedByPSA refuses changes of what the PSA owns while the item is linked.
func ownedByPSA(old, n *mainstay.Item) error {
	if old.Sync == mainstay.NotLinked {
		return nil
	}
	var errs FieldErrors
	refuse := func(field, label string) {
		errs = append(errs, mainstay.FieldError(field, "%s comes from the PSA. Change it there; it arrives here with the next sync.", label))
	}
	if old.Name != n.Name {
		refuse("name", "The name")
	}
	if old.OrganizationID != n.OrganizationID {
		refuse("organization_id", "The organization")
	}
	if old.ParentID != n.ParentID {
		refuse("parent_id", "The parent")
	}
	if old.TypeID != n.TypeID {
		refuse("type_id", "The type")
	}
	if old.StatusID != n.StatusID {
		refuse("status_id", "The status")
	}
	for _, f := range old.Spec().Fields {
		if f.Synced && !same(old.Values[f.Name], n.Values[f.Name]) {
			refuse(f.Name, f.Label)
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// DeleteNow moves up to 25 items that are no organizations to the trash in one
// transaction, as a plan that is done at once and can be undone like any other.
// versions holds the version of each item that the person saw.
func (c *Changes) DeleteNow(ctx context.Context, a mainstay.Actor, kind *mainstay.Kind, versions map[mainstay.ItemID]int64) (mainstay.Plan, error) {
	var p mainstay.Plan
	switch {
	case kind.Name == mainstay.Organization.Name:
		return p, mainstay.Errorf(mainstay.Invalid, "An organization is deleted through a plan, for it holds other items.")
	case len(versions) == 0:
		return p, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. Nothing was deleted.")
	case len(versions) > inlineLimit:
		return p, mainstay.Errorf(mainstay.Invalid, "More than %d items are deleted through a plan.", inlineLimit)
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		ids := make([]mainstay.ItemID, 0, len(versions))
		for id := range versions {
			ids = append(ids, id)
		}
		items, err := t.ItemsByID(ctx, ids)
		if err != nil {
			return err
		}
		if len(items) != len(ids) {
			return mainstay.Errorf(mainstay.NotFound, "There's nothing at this address. It may be in Trash.")
		}
		for _, i := range items {
			if err := deletable(a, kind, i, versions[i.ID]); err != nil {
				return err
			}
		}
		if err := keptError(ctx, t, items, "Nothing was deleted."); err != nil {
			return err
		}
		days, err := trashDays(ctx, t)
		if err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionDelete, kind.Name)
		p.PurgeAfter = t.Now().Add(days)
		return c.applyInline(ctx, t, a, &p, ids, func(chunk store.Chunk) (int, error) {
			_, skipped, err := t.TrashChunk(ctx, chunk, p.PurgeAfter)
			return skipped, err
		})
	})
	return p, err
}

// inlineLimit is how many items are deleted or disconnected without a plan page
// (ui.md section 4.3, level 1).
const inlineLimit = 25

func deletable(a mainstay.Actor, kind *mainstay.Kind, i mainstay.Item, version int64) error {
	if err := a.Can(mainstay.DeleteItems, i.OrganizationID); err != nil {
		return err
	}
	switch {
	case i.Kind != kind.Name:
		return mainstay.Errorf(mainstay.NotFound, "There is no such %s.", kind.Label)
	case i.Version != version:
		return mainstay.Errorf(mainstay.Conflict, "%s changed since you opened it. Nothing was deleted. Look at it again first.", i.Name)
	case i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError:
		return mainstay.Errorf(mainstay.Forbidden, "%s still syncs, so it can't be deleted. Turn its syncing off first, or remove it in the PSA: then it becomes orphaned at the next full sync.", i.Name)
	}
	return nil
}
