package store

import (
	"context"
	"math"

	"mainstay"
	"mainstay/internal/db"
)

// Chunk is one step of applying a plan: the lines of one pass from Low to High,
// both included.
type Chunk struct {
	Plan      mainstay.Plan
	Lease     string
	Actor     mainstay.Actor
	Pass      int
	Low, High mainstay.ItemID
	Lines     int    // of these, without an outcome yet
	only      string // what narrows the lines that are done; empty for all
}

// passes are how many passes the walk over a plan has, see Chunk.kinds.
const passes = 2

// NextChunk returns the next size lines of a plan, walking each pass from the
// highest id to the lowest. ok is false when none is left. A Conflict says that
// another execution holds the plan.
func (t *Tx) NextChunk(ctx context.Context, id mainstay.PlanID, lease string, size int) (c Chunk, ok bool, err error) {
	var at int64
	err = t.QueryRow(ctx, "UPDATE plan SET id = id WHERE id = $1 AND lease = $2 RETURNING pass, cursor", int64(id), lease).Scan(&c.Pass, &at)
	if db.IsNoRows(err) {
		return c, false, mainstay.Errorf(mainstay.Conflict, "This plan was taken over by another execution.")
	}
	if err != nil {
		return c, false, err
	}
	if c.Plan, err = t.Plan(ctx, id); err != nil {
		return c, false, err
	}
	c.Lease = lease
	for ; c.Pass < passes; c.Pass, at = c.Pass+1, 0 {
		if at == 0 {
			at = math.MaxInt64
		}
		var low, high *int64
		err = t.QueryRow(ctx, `SELECT min(item_id), max(item_id), count(*) FROM (SELECT item_id FROM plan_item
			WHERE plan_id = $1 AND NOT held AND outcome = '' AND `+c.kinds()+` AND item_id < $2 ORDER BY item_id DESC LIMIT $3) q`, int64(id), at, size).Scan(&low, &high, &c.Lines)
		if err != nil {
			return c, false, err
		}
		if low != nil {
			c.Low, c.High = mainstay.ItemID(*low), mainstay.ItemID(*high)
			return c, true, t.lockChunk(ctx, c)
		}
	}
	return c, false, nil
}

// kinds is the condition for the kinds of the pass of a chunk. Contents go before
// organizations and come back after them, so that wherever a plan stops, nothing
// live lies in an organization that is not.
func (c Chunk) kinds() string {
	if (c.Pass == 0) == c.Plan.Action.Brings() {
		return "kind = 'organization'"
	}
	return "kind <> 'organization'"
}

// lines is the condition for the lines of a chunk.
func (c Chunk) lines() string {
	return "plan_id = $1 AND item_id BETWEEN $2 AND $3 AND NOT held AND " + c.kinds()
}

// between is the condition for the lines of a chunk that are done, as far as it
// is narrowed to.
func (c Chunk) between() string { return c.lines() + " AND outcome = 'done'" + c.only }

// narrowed is the chunk with the lines alone that meet a condition as well.
func (c Chunk) narrowed(cond string) Chunk {
	c.only = " AND " + cond
	return c
}

// items are the ids of the lines that are done.
func (c Chunk) items() string { return "(SELECT item_id FROM plan_item WHERE " + c.between() + ")" }

func (c Chunk) args(more ...any) []any {
	return append([]any{int64(c.Plan.ID), int64(c.Low), int64(c.High)}, more...)
}

// lockChunk keeps other transactions from changing the items of a chunk between
// the look at their version and the move, so that no edit gets lost, and from
// putting something into its organizations.
func (t *Tx) lockChunk(ctx context.Context, c Chunk) error {
	if t.ForUpdate() == "" {
		return nil
	}
	table := "item"
	if c.Plan.Action.FromTrash() {
		table = "trash"
	}
	var n int
	return t.QueryRow(ctx, "SELECT count(*) FROM (SELECT id FROM "+table+" WHERE id IN (SELECT item_id FROM plan_item WHERE "+c.lines()+
		" AND outcome = '') ORDER BY id"+t.ForUpdate()+") q", c.args()...).Scan(&n)
}

// FinishChunk moves the cursor past a chunk and adds up its outcomes, in the
// transaction of the effect (V11).
func (t *Tx) FinishChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	if err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item WHERE "+c.between(), c.args()...).Scan(&done); err != nil {
		return 0, 0, err
	}
	skipped = c.Lines - done // those between them that were skipped before count already
	n, err := t.Exec(ctx, "UPDATE plan SET pass = $1, cursor = $2, done = done + $3, skipped = skipped + $4 WHERE id = $5 AND lease = $6 AND state = 'running'",
		c.Pass, int64(c.Low), done, skipped, int64(c.Plan.ID), c.Lease)
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
// item under the alias i. It takes an id for each line of the chunk; those of
// skipped lines stay unused.
func (t *Tx) recordWith(ctx context.Context, c Chunk, table, verb, detail, changes string) error {
	id, err := t.NextIDs(ctx, "activity", c.Lines)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `INSERT INTO activity (`+activityColumns+`) SELECT $4 - 1 + row_number() OVER (ORDER BY i.id DESC), CAST($5 AS BIGINT), CAST($6 AS BIGINT), $7, $8, i.kind, i.id,
		i.organization_id, i.name, 0, CAST($1 AS BIGINT), $10, `+changes+`, $9 FROM `+table+` i WHERE i.id IN `+c.items(),
		c.args(id, int64(t.Now()), int64(c.Actor.UserID), c.Actor.Name, verb, c.Actor.Address, detail)...)
	return err
}

// tallyChunk changes the kept numbers by the items of a chunk that lie in table.
func (t *Tx) tallyChunk(ctx context.Context, c Chunk, table, sign string) error {
	_, err := t.Exec(ctx, `INSERT INTO tally (kind, type_id, status_id, sync, reason, n) SELECT kind, type_id, status_id, sync, reason, `+sign+`count(*) FROM `+table+`
		WHERE id IN `+c.items()+` GROUP BY kind, type_id, status_id, sync, reason ORDER BY kind, type_id, status_id, sync, reason `+tallyUpsert, c.args()...)
	return err
}

// tallyMoved changes the kept numbers by the live items of a chunk that go to
// another sync state. It runs before they do.
func (t *Tx) tallyMoved(ctx context.Context, c Chunk, to mainstay.SyncState, reason mainstay.Reason) error {
	_, err := t.Exec(ctx, `WITH q AS (SELECT kind, type_id, status_id, sync, reason, count(*) AS n FROM item WHERE id IN `+c.items()+`
			GROUP BY kind, type_id, status_id, sync, reason)
		INSERT INTO tally (kind, type_id, status_id, sync, reason, n) SELECT kind, type_id, status_id, sync, reason, CAST(sum(n) AS BIGINT)
		FROM (SELECT kind, type_id, status_id, sync, reason, -n AS n FROM q UNION ALL SELECT kind, type_id, status_id, $4, $5, n FROM q) b
		GROUP BY kind, type_id, status_id, sync, reason ORDER BY kind, type_id, status_id, sync, reason `+tallyUpsert, c.args(string(to), string(reason))...)
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

// look gives every line of a chunk its outcome by the item in table ("item" or
// "trash"): done where the person who confirmed may still see it, it has the
// planned version, and nothing else is against it. first and then are branches of
// the CASE before and after the look at the version.
func (t *Tx) look(ctx context.Context, c Chunk, table, first, then string) error {
	denied, args := "", c.args()
	if !c.Actor.All {
		denied = " WHEN i.organization_id NOT IN (SELECT organization_id FROM person_organization WHERE person_id = $4) THEN 'no longer permitted'"
		args = c.args(int64(c.Actor.UserID))
	}
	_, err := t.Exec(ctx, `UPDATE plan_item SET outcome = COALESCE((SELECT CASE`+denied+first+` WHEN i.version <> plan_item.version THEN 'changed since the plan was made'`+then+`
		ELSE 'done' END FROM `+table+` i WHERE i.id = plan_item.item_id), 'no longer there') WHERE `+c.lines()+" AND outcome = ''", args...)
	return err
}

// each runs statements for the items of a chunk.
func (t *Tx) each(ctx context.Context, c Chunk, statements ...string) error {
	for _, q := range statements {
		if _, err := t.Exec(ctx, q, c.args()...); err != nil {
			return err
		}
	}
	return nil
}

// TrashChunk moves the items of a chunk to the trash: those that still have the
// planned version, still may be deleted, and, for organizations, hold nothing
// live any more. Every other line gets an outcome that says why it was left alone.
func (t *Tx) TrashChunk(ctx context.Context, c Chunk, purgeAfter mainstay.Time) (done, skipped int, err error) {
	kept, err := t.keptClause(ctx, c.Plan)
	if err != nil {
		return 0, 0, err
	}
	syncs := ""
	if !c.Plan.Params.Syncing {
		syncs = " WHEN i.sync IN ('syncing', 'error') THEN 'no longer matches'"
	}
	if err := t.look(ctx, c, "item", kept, syncs); err != nil {
		return 0, 0, err
	}
	err = t.each(ctx, c, `UPDATE plan_item SET outcome = 'changed since the plan was made' WHERE `+c.between()+` AND kind = 'organization'
		AND EXISTS (SELECT 1 FROM item c WHERE c.organization_id = plan_item.item_id AND c.id <> plan_item.item_id)`)
	if err != nil {
		return 0, 0, err
	}
	if err := t.trashDone(ctx, c, purgeAfter, ""); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}

// trashDone moves the items of the done lines of a chunk to the trash, with a
// sentence for the log.
func (t *Tx) trashDone(ctx context.Context, c Chunk, purgeAfter mainstay.Time, detail string) error {
	_, err := t.Exec(ctx, `INSERT INTO trash (`+itemColumns+`, plan_id, deleted_by, deleted_at, purge_after)
		SELECT `+itemColumns+`, CAST($1 AS BIGINT), $4, CAST($5 AS BIGINT), CAST($6 AS BIGINT) FROM item WHERE id IN `+c.items(),
		c.args(c.Actor.Name, int64(t.Now()), int64(purgeAfter))...)
	if err != nil {
		return err
	}
	if err := t.recordWith(ctx, c, "item", "deleted", detail, "''"); err != nil {
		return err
	}
	if err := t.tallyChunk(ctx, c, "item", "-"); err != nil {
		return err
	}
	return t.each(ctx, c, "UPDATE psa_record SET trashed = TRUE WHERE item_id IN "+c.items(), "DELETE FROM item WHERE id IN "+c.items())
}

// RestoreChunk moves the items of a chunk from the trash back to where they
// were, with their links. An item whose organization is not live stays in the trash.
func (t *Tx) RestoreChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	if err := t.look(ctx, c, "trash", "", ""); err != nil {
		return 0, 0, err
	}
	err = t.each(ctx, c, `UPDATE plan_item SET outcome = 'its organization is in Trash' WHERE `+c.between()+` AND kind <> 'organization'
			AND NOT EXISTS (SELECT 1 FROM item o WHERE o.id = plan_item.organization_id)`)
	if err != nil {
		return 0, 0, err
	}
	if err := t.restoreDone(ctx, c); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}

// restoreDone moves the items of the done lines of a chunk back from the trash,
// with their links.
func (t *Tx) restoreDone(ctx context.Context, c Chunk) error {
	if err := t.each(ctx, c, `INSERT INTO item (`+itemColumns+`) SELECT `+itemColumns+` FROM trash WHERE id IN `+c.items()); err != nil {
		return err
	}
	if err := t.record(ctx, c, "trash", "restored"); err != nil {
		return err
	}
	if err := t.tallyChunk(ctx, c, "trash", ""); err != nil {
		return err
	}
	return t.each(ctx, c, "UPDATE psa_record SET trashed = FALSE WHERE item_id IN "+c.items(), "DELETE FROM trash WHERE id IN "+c.items())
}

// PurgeChunk ends the items of a chunk for good and frees their links, so that
// a record which still syncs comes back as a new item.
func (t *Tx) PurgeChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	if err := t.look(ctx, c, "trash", "", ""); err != nil {
		return 0, 0, err
	}
	if err := t.record(ctx, c, "trash", "purged"); err != nil {
		return 0, 0, err
	}
	err = t.each(ctx, c, "UPDATE item SET parent_id = 0, version = version + 1 WHERE parent_id <> 0 AND parent_id IN "+c.items(),
		"UPDATE psa_record SET trashed = FALSE, item_id = NULL, hash = '', linked_at = 0 WHERE item_id IN "+c.items(),
		"DELETE FROM tombstone WHERE item_id IN "+c.items(),
		"DELETE FROM protection WHERE item_id IN "+c.items(),
		"DELETE FROM not_duplicate WHERE organization_a IN "+c.items()+" OR organization_b IN "+c.items(),
		"DELETE FROM trash WHERE id IN "+c.items())
	if err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}
