package store

import (
	"context"
	"math"

	"mainstay"
	"mainstay/internal/db"
)

// Chunk is one step of applying a plan: the lines from Low to High, both included.
type Chunk struct {
	Plan      mainstay.Plan
	Lease     string
	Actor     mainstay.Actor
	Low, High mainstay.ItemID
	Lines     int // of these, without an outcome yet
}

// NextChunk returns the next size lines of a plan, walking from the highest id
// to the lowest so that contents go before their organization. ok is false when
// none is left. A Conflict says that another execution holds the plan.
func (t *Tx) NextChunk(ctx context.Context, id mainstay.PlanID, lease string, size int) (c Chunk, ok bool, err error) {
	n, err := t.Exec(ctx, "UPDATE plan SET id = id WHERE id = $1 AND lease = $2", int64(id), lease)
	if err != nil {
		return c, false, err
	}
	if n != 1 {
		return c, false, mainstay.Errorf(mainstay.Conflict, "This plan was taken over by another execution.")
	}
	if c.Plan, err = t.Plan(ctx, id); err != nil {
		return c, false, err
	}
	c.Lease = lease
	var at int64
	if err := t.QueryRow(ctx, "SELECT cursor FROM plan WHERE id = $1", int64(id)).Scan(&at); err != nil {
		return c, false, err
	}
	if at == 0 {
		at = math.MaxInt64
	}
	var low, high *int64
	err = t.QueryRow(ctx, `SELECT min(item_id), max(item_id), count(*) FROM (SELECT item_id FROM plan_item
		WHERE plan_id = $1 AND NOT held AND outcome = '' AND item_id < $2 ORDER BY item_id DESC LIMIT $3) q`, int64(id), at, size).Scan(&low, &high, &c.Lines)
	if err != nil || low == nil {
		return c, false, err
	}
	c.Low, c.High = mainstay.ItemID(*low), mainstay.ItemID(*high)
	return c, true, t.lockChunk(ctx, c)
}

// lockChunk keeps other transactions from changing the items of a chunk between
// the look at their version and the move, so that no edit gets lost.
func (t *Tx) lockChunk(ctx context.Context, c Chunk) error {
	if t.ForUpdate() == "" {
		return nil
	}
	table := "item"
	if c.Plan.Action.FromTrash() {
		table = "trash"
	}
	var n int
	return t.QueryRow(ctx, "SELECT count(*) FROM (SELECT id FROM "+table+` WHERE id IN (SELECT item_id FROM plan_item
		WHERE plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND outcome = '') ORDER BY id`+t.ForUpdate()+") q", c.args()...).Scan(&n)
}

// between is the condition for the lines of a chunk that have an outcome.
const between = "plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND outcome = 'done'"

const inChunk = "(SELECT item_id FROM plan_item WHERE " + between + ")"

func (c Chunk) args(more ...any) []any {
	return append([]any{int64(c.Plan.ID), int64(c.Low), int64(c.High)}, more...)
}

// FinishChunk moves the cursor past a chunk and adds up its outcomes, in the
// transaction of the effect (V11).
func (t *Tx) FinishChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	if err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item WHERE "+between, c.args()...).Scan(&done); err != nil {
		return 0, 0, err
	}
	skipped = c.Lines - done // those between them that were skipped before count already
	n, err := t.Exec(ctx, "UPDATE plan SET cursor = $1, done = done + $2, skipped = skipped + $3 WHERE id = $4 AND lease = $5 AND state = 'running'",
		int64(c.Low), done, skipped, int64(c.Plan.ID), c.Lease)
	if err == nil && n != 1 {
		err = mainstay.Errorf(mainstay.Conflict, "This plan was taken over by another execution.")
	}
	return done, skipped, err
}

// record writes one activity entry per item of a chunk that lies in table.
func (t *Tx) record(ctx context.Context, c Chunk, table, verb string) error {
	return t.recordWith(ctx, c, table, verb, "", "''")
}

// recordWith is record with a sentence, and an expression for the changes of an
// item under the alias i.
func (t *Tx) recordWith(ctx context.Context, c Chunk, table, verb, detail, changes string) error {
	var n int
	if err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item WHERE "+between, c.args()...).Scan(&n); err != nil || n == 0 {
		return err
	}
	id, err := t.NextIDs(ctx, "activity", n)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `INSERT INTO activity (`+activityColumns+`) SELECT $4 - 1 + row_number() OVER (ORDER BY i.id DESC), CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7, $8, i.kind, i.id,
		i.organization_id, i.name, 0, CAST($1 AS BIGINT), $10, `+changes+`, $9 FROM `+table+` i WHERE i.id IN `+inChunk,
		c.args(id, int64(t.Now()), int64(c.Actor.UserID), c.Actor.Name, verb, c.Actor.Address, detail)...)
	return err
}

// tallyChunk changes the kept numbers by the items of a chunk that lie in table.
func (t *Tx) tallyChunk(ctx context.Context, c Chunk, table, sign string) error {
	_, err := t.Exec(ctx, `INSERT INTO tally (kind, type_id, status_id, sync, reason, n) SELECT kind, type_id, status_id, sync, reason, `+sign+`count(*) FROM `+table+`
		WHERE id IN `+inChunk+` GROUP BY kind, type_id, status_id, sync, reason ORDER BY kind, type_id, status_id, sync, reason `+tallyUpsert, c.args()...)
	return err
}

// ChangedOrganizations lists the organizations of a delete plan that no longer
// are what the plan froze: something in them changed, left or was added. It
// reads every line of the plan.
func (t *Tx) ChangedOrganizations(ctx context.Context, id mainstay.PlanID) ([]mainstay.ItemID, error) {
	return scanAll(ctx, t, func(r db.Row) (mainstay.ItemID, error) {
		var i mainstay.ItemID
		err := r.Scan(&i)
		return i, err
	}, `SELECT p.organization_id FROM plan_item p JOIN plan_item o ON o.plan_id = p.plan_id AND o.item_id = p.organization_id AND o.kind = 'organization'
			LEFT JOIN item i ON i.id = p.item_id
			WHERE p.plan_id = $1 AND NOT p.held AND p.outcome = '' AND (i.id IS NULL OR i.version <> p.version)
		UNION SELECT o.item_id FROM plan_item o JOIN item c ON c.organization_id = o.item_id
			LEFT JOIN plan_item q ON q.plan_id = o.plan_id AND q.item_id = c.id
			WHERE o.plan_id = $1 AND o.kind = 'organization' AND NOT o.held AND o.outcome = '' AND q.item_id IS NULL`, int64(id))
}

// SkipOrganizations leaves organizations of a plan alone as a whole.
func (t *Tx) SkipOrganizations(ctx context.Context, id mainstay.PlanID, orgs []mainstay.ItemID) error {
	return db.Chunks(orgs, 500, func(orgs []mainstay.ItemID) error {
		w := &where{}
		w.add("plan_id = ?", int64(id))
		in := list(w, orgs, itemArg)
		n, err := t.Exec(ctx, "UPDATE plan_item SET outcome = 'changed since the plan was made' WHERE "+w.sql()+" AND NOT held AND outcome = '' AND organization_id IN "+in, w.args...)
		if err != nil {
			return err
		}
		_, err = t.Exec(ctx, "UPDATE plan SET skipped = skipped + $1 WHERE id = $2", n, int64(id))
		return err
	})
}

// TrashChunk moves the items of a chunk to the trash: those that still have the
// planned version, still may be deleted, and, for organizations, hold nothing
// that the plan does not delete as well. Every other line gets an outcome that
// says why it was left alone.
func (t *Tx) TrashChunk(ctx context.Context, c Chunk, purgeAfter mainstay.Time) (done, skipped int, err error) {
	kept, err := t.keptClause(ctx, c.Plan)
	if err != nil {
		return 0, 0, err
	}
	syncs := ""
	if !c.Plan.Params.Syncing {
		syncs = " WHEN i.sync IN ('syncing', 'error') THEN 'no longer matches'"
	}
	steps := []struct {
		sql  string
		args []any
	}{
		{`UPDATE plan_item SET outcome = COALESCE((SELECT CASE` + kept + ` WHEN i.version <> plan_item.version THEN 'changed since the plan was made'
			` + syncs + ` ELSE 'done' END FROM item i WHERE i.id = plan_item.item_id), 'no longer there')
			WHERE plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND outcome = ''`, nil},
		{`UPDATE plan_item SET outcome = 'changed since the plan was made' WHERE ` + between + ` AND kind = 'organization'
			AND EXISTS (SELECT 1 FROM item c LEFT JOIN plan_item q ON q.plan_id = $1 AND q.item_id = c.id AND NOT q.held AND q.outcome IN ('', 'done')
			WHERE c.organization_id = plan_item.item_id AND c.id <> plan_item.item_id AND q.item_id IS NULL)`, nil},
	}
	for _, s := range steps {
		if _, err := t.Exec(ctx, s.sql, c.args(s.args...)...); err != nil {
			return 0, 0, err
		}
	}
	_, err = t.Exec(ctx, `INSERT INTO trash (`+itemColumns+`, plan_id, deleted_by, deleted_at, purge_after)
		SELECT `+itemColumns+`, CAST($1 AS BIGINT), $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT) FROM item WHERE id IN `+inChunk,
		c.args(c.Actor.Name, int64(t.Now()), int64(purgeAfter))...)
	if err != nil {
		return 0, 0, err
	}
	if err := t.record(ctx, c, "item", "deleted"); err != nil {
		return 0, 0, err
	}
	if err := t.tallyChunk(ctx, c, "item", "-"); err != nil {
		return 0, 0, err
	}
	for _, q := range []string{
		"UPDATE psa_record SET trashed = TRUE WHERE item_id IN " + inChunk,
		"DELETE FROM item WHERE id IN " + inChunk,
	} {
		if _, err := t.Exec(ctx, q, c.args()...); err != nil {
			return 0, 0, err
		}
	}
	return t.FinishChunk(ctx, c)
}

// RestoreChunk moves the items of a chunk from the trash back to where they
// were, with their links. An item whose organization lies neither among the
// live ones nor in the plan stays in the trash.
func (t *Tx) RestoreChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	for _, q := range []string{
		`UPDATE plan_item SET outcome = COALESCE((SELECT CASE WHEN d.version <> plan_item.version THEN 'changed since the plan was made' ELSE 'done' END
			FROM trash d WHERE d.id = plan_item.item_id), 'no longer there')
			WHERE plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND outcome = ''`,
		`UPDATE plan_item SET outcome = 'its organization is in Trash' WHERE ` + between + ` AND kind <> 'organization'
			AND NOT EXISTS (SELECT 1 FROM item o WHERE o.id = plan_item.organization_id)
			AND NOT EXISTS (SELECT 1 FROM plan_item q WHERE q.plan_id = $1 AND q.item_id = plan_item.organization_id AND NOT q.held AND q.outcome IN ('', 'done'))`,
		`INSERT INTO item (` + itemColumns + `) SELECT ` + itemColumns + ` FROM trash WHERE id IN ` + inChunk,
	} {
		if _, err := t.Exec(ctx, q, c.args()...); err != nil {
			return 0, 0, err
		}
	}
	if err := t.record(ctx, c, "trash", "restored"); err != nil {
		return 0, 0, err
	}
	if err := t.tallyChunk(ctx, c, "trash", ""); err != nil {
		return 0, 0, err
	}
	for _, q := range []string{
		"UPDATE psa_record SET trashed = FALSE WHERE item_id IN " + inChunk,
		"DELETE FROM trash WHERE id IN " + inChunk,
	} {
		if _, err := t.Exec(ctx, q, c.args()...); err != nil {
			return 0, 0, err
		}
	}
	return t.FinishChunk(ctx, c)
}

// PurgeChunk ends the items of a chunk for good and frees their links, so that
// a record which still syncs comes back as a new item.
func (t *Tx) PurgeChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	_, err = t.Exec(ctx, `UPDATE plan_item SET outcome = COALESCE((SELECT CASE WHEN d.version <> plan_item.version THEN 'changed since the plan was made' ELSE 'done' END
		FROM trash d WHERE d.id = plan_item.item_id), 'no longer there')
		WHERE plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND outcome = ''`, c.args()...)
	if err != nil {
		return 0, 0, err
	}
	if err := t.record(ctx, c, "trash", "purged"); err != nil {
		return 0, 0, err
	}
	for _, q := range []string{
		"UPDATE item SET parent_id = 0, version = version + 1 WHERE parent_id <> 0 AND parent_id IN " + inChunk,
		"UPDATE psa_record SET trashed = FALSE, item_id = NULL, hash = '', linked_at = 0 WHERE item_id IN " + inChunk,
		"DELETE FROM tombstone WHERE item_id IN " + inChunk,
		"DELETE FROM protection WHERE item_id IN " + inChunk,
		"DELETE FROM trash WHERE id IN " + inChunk,
	} {
		if _, err := t.Exec(ctx, q, c.args()...); err != nil {
			return 0, 0, err
		}
	}
	return t.FinishChunk(ctx, c)
}
