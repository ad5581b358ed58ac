package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// DisconnectNow ends the links of up to 25 items that are no organizations in one
// transaction, as a plan that is done at once and can be undone like any other.
// versions holds the version of each item that the person saw, and why the
// reason in the person's words.
func (c *Changes) DisconnectNow(ctx context.Context, a mainstay.Actor, kind *mainstay.Kind, versions map[mainstay.ItemID]int64, why string) (mainstay.Plan, error) {
	var p mainstay.Plan
	why = mainstay.CleanText(why, false)
	switch {
	case kind.Name == mainstay.Organization.Name:
		return p, mainstay.Errorf(mainstay.Invalid, "An organization is disconnected through a plan, for it holds other items.")
	case len(versions) == 0:
		return p, errNothingChosen
	case len(versions) > inlineLimit:
		return p, mainstay.Errorf(mainstay.Invalid, "More than %d items are disconnected through a plan.", inlineLimit)
	case len([]rune(why)) > mainstay.MaxNote:
		return p, mainstay.FieldError("note", "Keep the reason under %s characters.", mainstay.Thousands(mainstay.MaxNote))
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		ids := make([]mainstay.ItemID, 0, len(versions))
		for id := range versions {
			ids = append(ids, id)
		}
		from, err := linkedTo(ctx, t, ids)
		if err != nil {
			return err
		}
		if err := alone(ctx, t, from...); err != nil {
			return err
		}
		var items []mainstay.Item
		for _, id := range ids {
			i, err := ownItem(ctx, t, a, mainstay.Ref{Kind: kind.Name, ID: id}, versions[id])
			if err != nil {
				return err
			}
			if i.Sync == mainstay.NotLinked {
				return notLinked(&i)
			}
			items = append(items, i)
		}
		if err := keptError(ctx, t, items, "Nothing was disconnected."); err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionDisconnect, kind.Name)
		p.Params.Note = why
		if len(from) == 1 {
			i, err := t.Integration(ctx, from[0])
			if err != nil {
				return err
			}
			p.Params.Integration, p.Params.PSA = i.ID, i.Name
		}
		return c.applyInline(ctx, t, a, &p, ids, func(chunk store.Chunk) (int, error) {
			_, skipped, err := t.DisconnectChunk(ctx, chunk)
			return skipped, err
		})
	})
	return p, err
}

// linkedTo lists the integrations that items are linked with.
func linkedTo(ctx context.Context, t *store.Tx, ids []mainstay.ItemID) ([]mainstay.IntegrationID, error) {
	var out []mainstay.IntegrationID
	seen := map[mainstay.IntegrationID]bool{}
	links, err := t.RecordsOf(ctx, ids)
	for _, l := range links {
		if !seen[l.IntegrationID] {
			seen[l.IntegrationID] = true
			out = append(out, l.IntegrationID)
		}
	}
	return out, err
}
