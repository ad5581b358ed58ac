package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// CountHeldBack counts the organizations, or the single items, that a plan
// holds back: the rows of HeldBack without a limit.
func (t *Tx) CountHeldBack(ctx context.Context, p mainstay.Plan) (int, error) {
	var n int
	err := t.QueryRow(ctx, `SELECT count(DISTINCT CASE WHEN $2 = 'organization' THEN organization_id ELSE item_id END) FROM plan_item WHERE plan_id = $1 AND held`,
		int64(p.ID), string(p.Kind)).Scan(&n)
	return n, err
}

// Included lists what a delete plan touches although it holds things that exist
// only here, organizations as a whole, largest first: what a person included.
func (t *Tx) Included(ctx context.Context, p mainstay.Plan, limit int) ([]mainstay.HeldBack, error) {
	return scanAll(ctx, t, func(r db.Row) (mainstay.HeldBack, error) {
		var h mainstay.HeldBack
		err := r.Scan(&h.ItemID, &h.OrganizationID, &h.Kind, &h.Name, &h.Items, &h.Inside, &h.OnlyHere)
		return h, err
	}, `SELECT q.item_id, i.organization_id, i.kind, i.name, q.n, q.inside, q.own FROM (
			SELECT CASE WHEN $2 = 'organization' THEN organization_id ELSE item_id END AS item_id, count(*) AS n,
			count(*) FILTER (WHERE $2 = 'organization' AND item_id <> organization_id) AS inside, count(*) FILTER (WHERE only_here) AS own
			FROM plan_item WHERE plan_id = $1 AND NOT held AND ($2 <> 'organization' OR organization_id IN
				(SELECT organization_id FROM plan_item WHERE plan_id = $1 AND NOT held AND only_here)) GROUP BY 1) q
		JOIN item i ON i.id = q.item_id WHERE q.own > 0 ORDER BY q.own DESC, q.n DESC, q.item_id LIMIT $3`, int64(p.ID), string(p.Kind), limit)
}

// PlanProgress counts, by kind, the lines of a plan that have an outcome. It
// walks the lines of the plan.
func (t *Tx) PlanProgress(ctx context.Context, id mainstay.PlanID) (map[mainstay.KindName]int, error) {
	return t.countKinds(ctx, "SELECT kind, count(*) FROM plan_item WHERE plan_id = $1 AND NOT held AND outcome <> '' GROUP BY kind", int64(id))
}

// PlanHeldKinds counts, by kind, what a plan holds back of an organization, or
// of one item, because it exists only here, and how many items come with it.
func (t *Tx) PlanHeldKinds(ctx context.Context, p mainstay.Plan, item mainstay.ItemID) (only map[mainstay.KindName]int, items int, err error) {
	if only, err = t.countKinds(ctx, `SELECT kind, count(*) FROM plan_item WHERE plan_id = $1 AND held AND only_here AND (item_id = $2 OR organization_id = $2) GROUP BY kind`,
		int64(p.ID), int64(item)); err != nil {
		return nil, 0, err
	}
	err = t.QueryRow(ctx, "SELECT count(*) FROM plan_item WHERE plan_id = $1 AND held AND (item_id = $2 OR organization_id = $2)", int64(p.ID), int64(item)).Scan(&items)
	return only, items, err
}
