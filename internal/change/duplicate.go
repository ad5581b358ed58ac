package change

import (
	"context"
	"strconv"

	"mainstay"
	"mainstay/internal/store"
)

// The words of the log for what people say of two organizations, and the field
// under which it names the other one. It is named by its id: a person who may not
// see it reads no name there.
const (
	VerbApart  = "ruled out a duplicate of"
	VerbAgain  = "reopened a duplicate of"
	FieldApart = "not_same_as"
)

// MarkNotSame keeps that two organizations are not the same client, so that they
// are no longer proposed as duplicates. Doing it again changes nothing.
func (c *Changes) MarkNotSame(ctx context.Context, a mainstay.Actor, one, other mainstay.ItemID) error {
	return c.tellApart(ctx, a, one, other, func(t *store.Tx, x, y mainstay.ItemID) (string, bool, error) {
		done, err := t.InsertNotDuplicate(ctx, mainstay.NotDuplicate{A: x, B: y, UserID: a.UserID, Who: a.Name, At: t.Now()})
		return VerbApart, done, err
	})
}

// LookAgain is the way back from MarkNotSame.
func (c *Changes) LookAgain(ctx context.Context, a mainstay.Actor, one, other mainstay.ItemID) error {
	return c.tellApart(ctx, a, one, other, func(t *store.Tx, x, y mainstay.ItemID) (string, bool, error) {
		done, err := t.DeleteNotDuplicate(ctx, x, y)
		return VerbAgain, done, err
	})
}

// tellApart checks and locks both organizations, lets do change what is kept of
// them, and records on each what was said of the other.
func (c *Changes) tellApart(ctx context.Context, a mainstay.Actor, one, other mainstay.ItemID, do func(t *store.Tx, x, y mainstay.ItemID) (string, bool, error)) error {
	if err := a.Can(mainstay.MergeOrgs, 0); err != nil {
		return err
	}
	if one == other {
		return mainstay.Errorf(mainstay.Invalid, "Name two organizations: this is the same one twice. Nothing was changed.")
	}
	x, y := min(one, other), max(one, other)
	return c.Store.Write(ctx, func(t *store.Tx) error {
		var pair [2]mainstay.Item
		for n, id := range []mainstay.ItemID{x, y} {
			if err := a.Can(mainstay.MergeOrgs, id); err != nil {
				return err
			}
			var err error
			if pair[n], err = t.LockItem(ctx, mainstay.Ref{Kind: mainstay.Organization.Name, ID: id}); err != nil {
				return err
			}
		}
		verb, done, err := do(t, x, y)
		if err != nil || !done {
			return err
		}
		entries := []mainstay.Activity{itemEntry(t, a, verb, &pair[0]), itemEntry(t, a, verb, &pair[1])}
		for n := range entries {
			said := mainstay.Change{After: strconv.FormatInt(int64(pair[1-n].ID), 10)}
			if verb == VerbAgain {
				said = mainstay.Change{Before: said.After}
			}
			entries[n].Changes = map[string]mainstay.Change{FieldApart: said}
		}
		return t.InsertActivity(ctx, entries)
	})
}
