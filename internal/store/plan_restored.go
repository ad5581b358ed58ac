package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
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

// PlanBack is a plan that brought back, or ended for good, some of what another
// one deleted.
type PlanBack struct {
	mainstay.Plan
	Items int // of the deletion
}

// PlansOf returns the plans that brought back or ended for good what another one
// deleted, oldest first: those that name it as their origin, and those that
// restored items chosen one by one. An item that came back more than once counts
// for the first. It reads every line of the plans that brought something back.
func (t *Tx) PlansOf(ctx context.Context, origin mainstay.PlanID) ([]PlanBack, error) {
	return scanAll(ctx, t, func(r db.Row) (PlanBack, error) {
		var b PlanBack
		err := r.Scan(&b.ID, &b.Action, &b.UserName, &b.State, &b.Ended, &b.Items)
		return b, err
	}, `SELECT p.id, p.action, p.user_name, p.state, p.ended_at, r.n FROM (
			SELECT f.plan_id, count(*) AS n FROM (
				SELECT q.item_id, min(q.plan_id) AS plan_id FROM plan s JOIN plan_item q ON q.plan_id = s.id AND q.outcome = 'done'
				WHERE s.id > $1 AND s.done > 0 AND (s.origin = $1 OR (s.origin = 0 AND s.action = 'restore')) GROUP BY q.item_id) f
			JOIN plan_item o ON o.plan_id = $1 AND o.item_id = f.item_id AND o.outcome = 'done' GROUP BY f.plan_id) r
		JOIN plan p ON p.id = r.plan_id ORDER BY p.id`, int64(origin))
}

// RestoredFrom says of deletions how much of them plans brought back whose items
// were chosen one by one: By is the last of these plans.
type RestoredFrom struct {
	By    mainstay.PlanID
	Plans int
	Items int
}

// RestoredOneByOne returns, of the deletions among ids, what came back item by item.
// It reads the lines of the plans whose items were chosen.
func (t *Tx) RestoredOneByOne(ctx context.Context, ids []mainstay.PlanID) (map[mainstay.PlanID]RestoredFrom, error) {
	out := map[mainstay.PlanID]RestoredFrom{}
	if len(ids) == 0 {
		return out, nil
	}
	w := &where{}
	rows, err := t.Query(ctx, `SELECT o.plan_id, max(q.plan_id), count(DISTINCT q.plan_id), count(DISTINCT q.item_id) FROM plan p JOIN plan_item q ON q.plan_id = p.id AND q.outcome = 'done'
		JOIN plan_item o ON o.item_id = q.item_id AND o.plan_id < p.id AND o.outcome = 'done' AND o.plan_id IN `+list(w, ids, func(id mainstay.PlanID) any { return int64(id) })+`
		WHERE p.action = 'restore' AND p.origin = 0 AND p.done > 0 GROUP BY o.plan_id`, w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.PlanID
		var r RestoredFrom
		if err := rows.Scan(&id, &r.By, &r.Plans, &r.Items); err != nil {
			return nil, err
		}
		out[id] = r
	}
	return out, rows.Err()
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
