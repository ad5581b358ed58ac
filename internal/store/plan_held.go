package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// namedInside is how many items are named of what an organization holds.
const namedInside = 3

// OnlyInside is what exists only here of an organization that a plan takes whole.
type OnlyInside struct {
	Kinds map[mainstay.KindName]int // the organization itself included
	Names []string                  // the first few, without the organization itself
}

// PlanOnlyHere says, of each of some organizations of a plan, what exists only here.
// It reads what these organizations hold, in this order of the tables, and not the
// plan as a whole.
func (t *Tx) PlanOnlyHere(ctx context.Context, p mainstay.Plan, ids []mainstay.ItemID) (map[mainstay.ItemID]OnlyInside, error) {
	out := map[mainstay.ItemID]OnlyInside{}
	if len(ids) == 0 {
		return out, nil
	}
	w := &where{}
	w.add("q.plan_id = ?", int64(p.ID))
	w.conds = append(w.conds, "q.item_id = i.id", "q.only_here", "i.organization_id IN "+list(w, ids, itemArg))
	type line struct {
		organization mainstay.ItemID
		kind         mainstay.KindName
		name         string
		n            int
	}
	lines, err := scanAll(ctx, t, func(r db.Row) (line, error) {
		var l line
		err := r.Scan(&l.organization, &l.kind, &l.name, &l.n)
		return l, err
	}, `SELECT organization_id, kind, name, n FROM (SELECT q.organization_id, q.kind, i.name, count(*) OVER (PARTITION BY q.organization_id, q.kind) AS n,
			row_number() OVER (PARTITION BY q.organization_id, q.kind ORDER BY i.name_key, i.id) AS at
		FROM item i CROSS JOIN plan_item q WHERE `+w.sql()+") x WHERE at <= "+w.arg(namedInside)+" ORDER BY organization_id, kind, at", w.args...)
	for _, l := range lines {
		o := out[l.organization]
		if o.Kinds == nil {
			o.Kinds = map[mainstay.KindName]int{}
		}
		o.Kinds[l.kind] = l.n
		if l.kind != mainstay.Organization.Name && len(o.Names) < namedInside {
			o.Names = append(o.Names, l.name)
		}
		out[l.organization] = o
	}
	return out, err
}

// KeptItem is an item that is protected or under legal hold now.
type KeptItem struct {
	ItemID         mainstay.ItemID
	OrganizationID mainstay.ItemID
	Name           string
	mainstay.Protection
}

// KeptInside returns what is kept now among what organizations hold, themselves
// first, a few of each.
func (t *Tx) KeptInside(ctx context.Context, organizations []mainstay.ItemID) ([]KeptItem, error) {
	if len(organizations) == 0 {
		return nil, nil
	}
	w := &where{}
	w.conds = append(w.conds, "c.id IN ("+t.protected(false)+")", "c.organization_id IN "+list(w, organizations, itemArg))
	return t.keptItems(ctx, w)
}

// KeptAmong returns what is kept now among some items.
func (t *Tx) KeptAmong(ctx context.Context, ids []mainstay.ItemID) ([]KeptItem, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	w := &where{}
	w.conds = append(w.conds, "c.id IN ("+t.protected(false)+")", "c.id IN "+list(w, ids, itemArg))
	return t.keptItems(ctx, w)
}

func (t *Tx) keptItems(ctx context.Context, w *where) ([]KeptItem, error) {
	return scanAll(ctx, t, func(r db.Row) (KeptItem, error) {
		var k KeptItem
		err := r.Scan(&k.OrganizationID, &k.Name, &k.ItemID, &k.Keep, &k.KeepNote, &k.KeepBy, &k.KeepAt, &k.HoldUntil, &k.HoldNote, &k.HoldBy, &k.HoldAt)
		return k, err
	}, "SELECT organization_id, name, "+protectionColumns+` FROM (SELECT c.organization_id, c.name, p.*,
			row_number() OVER (PARTITION BY c.organization_id ORDER BY CASE WHEN c.id = c.organization_id THEN 0 ELSE 1 END, c.name_key, c.id) AS at
		FROM protection p JOIN item c ON c.id = p.item_id WHERE `+w.sql()+") x WHERE at <= "+w.arg(namedInside)+" ORDER BY organization_id, at", w.args...)
}
