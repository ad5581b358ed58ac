package store

import (
	"context"

	"mainstay"
)

// PlansByID returns the plans among ids.
func (t *Tx) PlansByID(ctx context.Context, ids []mainstay.PlanID) (map[mainstay.PlanID]mainstay.Plan, error) {
	out := map[mainstay.PlanID]mainstay.Plan{}
	if len(ids) == 0 {
		return out, nil
	}
	w := &where{}
	plans, err := scanAll(ctx, t, scanPlan, "SELECT "+planColumns+" FROM plan WHERE id IN "+list(w, ids, func(id mainstay.PlanID) any { return int64(id) }), w.args...)
	for _, p := range plans {
		out[p.ID] = p
	}
	return out, err
}

// PlansOf returns the plans that brought back or ended for good what another one
// deleted, oldest first.
func (t *Tx) PlansOf(ctx context.Context, origin mainstay.PlanID) ([]mainstay.Plan, error) {
	return scanAll(ctx, t, scanPlan, "SELECT "+planColumns+" FROM plan WHERE origin = $1 AND done > 0 ORDER BY id", int64(origin))
}

// Restored returns up to limit items that a plan brought back, that are still
// live and that the actor sees, organizations first and by name. An empty kind
// means every kind.
func (t *Tx) Restored(ctx context.Context, a mainstay.Actor, plan mainstay.PlanID, kind mainstay.KindName, limit int) ([]mainstay.Item, error) {
	w := restored(a, plan)
	if kind != "" {
		w.add("q.kind = ?", string(kind))
	}
	return scanAll(ctx, t, scanItem, "SELECT "+itemColumnsI+" FROM plan_item q JOIN item i ON i.id = q.item_id WHERE "+w.sql()+
		" ORDER BY CASE WHEN i.kind = 'organization' THEN 0 ELSE 1 END, i.name_key, i.id LIMIT "+w.arg(limit), w.args...)
}

// CountRestoredOrphans counts what a plan brought back and that is orphaned now, as far
// as the actor sees it.
func (t *Tx) CountRestoredOrphans(ctx context.Context, a mainstay.Actor, plan mainstay.PlanID) (int, error) {
	w := restored(a, plan)
	w.conds = append(w.conds, "i.sync = 'orphaned'")
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item q JOIN item i ON i.id = q.item_id WHERE "+w.sql(), w.args...).Scan(&n)
	return n, err
}

func restored(a mainstay.Actor, plan mainstay.PlanID) *where {
	w := &where{}
	w.add("q.plan_id = ?", int64(plan))
	w.conds = append(w.conds, "q.outcome = 'done'")
	w.visible(a, "i.organization_id")
	return w
}
