package store

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

// DropGuarded takes the items out of a protect plan that have what it sets
// already, and the reasons of deletion plans off the others.
func (t *Tx) DropGuarded(ctx context.Context, p mainstay.Plan) error {
	g := p.Params.Guarding()
	has := "SELECT item_id FROM protection WHERE keep"
	args := []any{int64(p.ID)}
	if g.HoldUntil != nil {
		has = "SELECT item_id FROM protection WHERE hold_until = $2"
		args = append(args, int64(*g.HoldUntil))
	}
	in := "IN"
	if g.Lifts() {
		in = "NOT IN"
		if g.HoldUntil != nil {
			has, args[1] = "SELECT item_id FROM protection WHERE hold_until > $2", int64(t.Now())
		}
	}
	if _, err := t.Exec(ctx, "DELETE FROM plan_item WHERE plan_id = $1 AND item_id "+in+" ("+has+")", args...); err != nil {
		return err
	}
	_, err := t.Exec(ctx, "UPDATE plan_item SET why = '' WHERE plan_id = $1 AND why <> ''", int64(p.ID))
	return err
}

// ProtectChunk sets or lifts the keep flag or a legal hold of the items of a
// chunk, and keeps in each line what protected the item before.
func (t *Tx) ProtectChunk(ctx context.Context, c Chunk, verb, detail string) (done, skipped int, err error) {
	if err = t.look(ctx, c, "item", "", ""); err != nil {
		return 0, 0, err
	}
	old, err := scanAll(ctx, t, scanProtection, "SELECT "+protectionColumns+" FROM protection WHERE item_id IN "+c.items(), c.args()...)
	if err != nil {
		return 0, 0, err
	}
	before := map[mainstay.ItemID]string{}
	for _, p := range old {
		b, err := json.Marshal(p)
		if err != nil {
			return 0, 0, err
		}
		before[p.ItemID] = string(b)
	}
	if err := t.PutBefore(ctx, c.Plan.ID, before); err != nil {
		return 0, 0, err
	}
	if err := t.guard(ctx, c); err != nil {
		return 0, 0, err
	}
	if err := t.recordWith(ctx, c, "item", verb, detail, "''"); err != nil {
		return 0, 0, err
	}
	if _, err := t.Exec(ctx, "UPDATE item SET version = version + 1 WHERE id IN "+c.items(), c.args()...); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}

// guard writes what a protect plan sets into the protections of a chunk.
func (t *Tx) guard(ctx context.Context, c Chunk) error {
	g := c.Plan.Params.Guarding()
	now := g.Apply(mainstay.Protection{}, c.Actor.Name, c.Plan.Started)
	set := "keep = excluded.keep, keep_note = excluded.keep_note, keep_by = excluded.keep_by, keep_at = excluded.keep_at"
	if g.HoldUntil != nil {
		set = "hold_until = excluded.hold_until, hold_note = excluded.hold_note, hold_by = excluded.hold_by, hold_at = excluded.hold_at"
	}
	_, err := t.Exec(ctx, `INSERT INTO protection (`+protectionColumns+`) SELECT item_id, CAST($4 AS BOOLEAN), $5, $6, CAST($7 AS BIGINT), CAST($8 AS BIGINT), $9, $10, CAST($11 AS BIGINT)
		FROM plan_item WHERE `+c.between()+` ON CONFLICT (item_id) DO UPDATE SET `+set,
		c.args(now.Keep, now.KeepNote, now.KeepBy, int64(now.KeepAt), int64(now.HoldUntil), now.HoldNote, now.HoldBy, int64(now.HoldAt))...)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, "DELETE FROM protection WHERE NOT keep AND hold_until = 0 AND item_id IN "+c.items(), c.args()...)
	return err
}

// PutBefore keeps in the lines of a plan what their items were.
func (t *Tx) PutBefore(ctx context.Context, id mainstay.PlanID, before map[mainstay.ItemID]string) error {
	texts := make(map[int64]string, len(before))
	for i, text := range before {
		texts[int64(i)] = text
	}
	_, err := t.SetTexts(ctx, db.Texts{Table: "plan_item", Column: "before", Scope: "plan_id", In: int64(id), Key: "item_id", Of: texts})
	return err
}

// PutOutcomes gives lines of a plan their outcome.
func (t *Tx) PutOutcomes(ctx context.Context, id mainstay.PlanID, outcomes map[mainstay.Outcome][]mainstay.ItemID) error {
	for outcome, ids := range outcomes {
		err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
			w := &where{}
			w.add("plan_id = ?", int64(id))
			w.conds = append(w.conds, "item_id IN "+list(w, ids, itemArg))
			_, err := t.Exec(ctx, "UPDATE plan_item SET outcome = "+w.arg(string(outcome))+" WHERE "+w.sql(), w.args...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// RevertLine is a line of a plan that takes another plan back: what the other
// found, and where the other took back a third one itself, what it set.
type RevertLine struct {
	ItemID  mainstay.ItemID
	Version int64
	Before  string
	Set     string
}

// RevertLines returns the lines of a chunk that have no outcome yet.
func (t *Tx) RevertLines(ctx context.Context, c Chunk) ([]RevertLine, error) {
	return scanAll(ctx, t, func(r db.Row) (RevertLine, error) {
		var l RevertLine
		err := r.Scan(&l.ItemID, &l.Version, &l.Before, &l.Set)
		return l, err
	}, `SELECT q.item_id, q.version, COALESCE(o.before, ''), COALESCE(s.before, '') FROM plan_item q
		LEFT JOIN plan_item o ON o.plan_id = $4 AND o.item_id = q.item_id
		LEFT JOIN plan s1 ON s1.id = $4 LEFT JOIN plan_item s ON s.plan_id = s1.origin AND s.item_id = q.item_id
		WHERE q.plan_id = $1 AND q.item_id BETWEEN $2 AND $3 AND NOT q.held AND q.outcome = '' ORDER BY q.item_id`, c.args(int64(c.Plan.Origin))...)
}

// Successor returns the plan that took another one back, where one did so or is
// about to; 0 where none.
func (t *Tx) Successor(ctx context.Context, id mainstay.PlanID) (mainstay.PlanID, error) {
	var n int64
	err := t.QueryRow(ctx, "SELECT COALESCE(max(id), 0) FROM plan WHERE origin = $1 AND state IN ('starting', 'backing_up', 'running', 'paused', 'done')", int64(id)).Scan(&n)
	return mainstay.PlanID(n), err
}

// Successors returns the plans that took others back, where one did so or is
// about to, by the plan that they took back.
func (t *Tx) Successors(ctx context.Context, ids []mainstay.PlanID) (map[mainstay.PlanID]mainstay.PlanID, error) {
	out := map[mainstay.PlanID]mainstay.PlanID{}
	if len(ids) == 0 {
		return out, nil
	}
	w := &where{}
	w.conds = append(w.conds, "origin IN "+list(w, ids, func(id mainstay.PlanID) any { return int64(id) }))
	rows, err := t.Query(ctx, "SELECT origin, max(id) FROM plan WHERE "+w.sql()+" AND action <> 'purge' AND state IN ('starting', 'backing_up', 'running', 'paused', 'done') GROUP BY origin", w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var origin, by mainstay.PlanID
		if err := rows.Scan(&origin, &by); err != nil {
			return nil, err
		}
		out[origin] = by
	}
	return out, rows.Err()
}
