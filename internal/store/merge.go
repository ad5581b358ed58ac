package store

import (
	"context"
	"errors"
	"strconv"

	"mainstay"
	"mainstay/internal/db"
)

func itemNumber(id mainstay.ItemID) string { return strconv.FormatInt(int64(id), 10) }

// scanItemID reads one id.
func scanItemID(r db.Row) (mainstay.ItemID, error) {
	var id mainstay.ItemID
	err := r.Scan(&id)
	return id, err
}

// Inside returns all that an organization holds, by id.
func (t *Tx) Inside(ctx context.Context, organization mainstay.ItemID) ([]mainstay.Item, error) {
	return scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE organization_id = $1 AND id <> $1 ORDER BY id", int64(organization))
}

// Referred returns what the items of an organization name in relations.
func Referred(inside []mainstay.Item) map[mainstay.ItemID]bool {
	out := map[mainstay.ItemID]bool{}
	for n := range inside {
		for _, f := range inside[n].Spec().Fields {
			if f.Type != mainstay.RefTo {
				continue
			}
			if id, err := mainstay.ParseItemID(inside[n].Values.Text(f.Name)); err == nil {
				out[id] = true
			}
		}
	}
	return out
}

// OnlyIn returns the people who may open one organization and not another, by id.
func (t *Tx) OnlyIn(ctx context.Context, one, other mainstay.ItemID) ([]mainstay.User, error) {
	return scanAll(ctx, t, scanPerson, "SELECT "+personColumns+` FROM person WHERE NOT all_organizations AND role <> 'administrator' AND NOT disabled
		AND id IN (SELECT person_id FROM person_organization WHERE organization_id = $1)
		AND id NOT IN (SELECT person_id FROM person_organization WHERE organization_id = $2) ORDER BY id`, int64(one), int64(other))
}

// Grant lets people open an organization.
func (t *Tx) Grant(ctx context.Context, people []mainstay.UserID, organization mainstay.ItemID) error {
	var rows [][]any
	for _, id := range people {
		rows = append(rows, []any{int64(id), int64(organization)})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO person_organization (person_id, organization_id)", "ON CONFLICT (person_id, organization_id) DO NOTHING", rows)
	return err
}

// Revoke takes an organization from people.
func (t *Tx) Revoke(ctx context.Context, people []mainstay.UserID, organization mainstay.ItemID) error {
	w := &where{}
	w.add("organization_id = ?", int64(organization))
	w.conds = append(w.conds, "person_id IN "+list(w, people, func(id mainstay.UserID) any { return int64(id) }))
	_, err := t.Exec(ctx, "DELETE FROM person_organization WHERE "+w.sql(), w.args...)
	return err
}

// MoveChildren gives the sub-organizations of one organization another parent:
// all of them, or those of only where it is not nil. It returns their ids.
func (t *Tx) MoveChildren(ctx context.Context, from, to mainstay.ItemID, only []mainstay.ItemID) ([]mainstay.ItemID, error) {
	return t.moveAll(ctx, "item", "parent_id", ", version = version + 1", from, to, only)
}

// MoveTrash lets what was deleted from one organization come back into another:
// all of it, or those of only where it is not nil. It returns their ids.
func (t *Tx) MoveTrash(ctx context.Context, from, to mainstay.ItemID, only []mainstay.ItemID) ([]mainstay.ItemID, error) {
	return t.moveAll(ctx, "trash", "organization_id", "", from, to, only)
}

// moveAll lets the rows of a table name another organization in a column, but for
// the two organizations themselves.
func (t *Tx) moveAll(ctx context.Context, table, column, more string, from, to mainstay.ItemID, only []mainstay.ItemID) ([]mainstay.ItemID, error) {
	move := func(ids []mainstay.ItemID) ([]mainstay.ItemID, error) {
		w := &where{}
		set := column + " = " + w.arg(int64(to))
		w.add(column+" = ?", int64(from))
		w.add("id NOT IN (?, ?)", int64(from), int64(to))
		if ids != nil {
			w.conds = append(w.conds, "id IN "+list(w, ids, itemArg))
		}
		return scanAll(ctx, t, scanItemID, "UPDATE "+table+" SET "+set+more+" WHERE "+w.sql()+" RETURNING id", w.args...)
	}
	if only == nil {
		return move(nil)
	}
	var out []mainstay.ItemID
	err := db.Chunks(only, 1000, func(ids []mainstay.ItemID) error {
		moved, err := move(ids)
		out = append(out, moved...)
		return err
	})
	return out, err
}

// OrphanedBy returns the run that orphaned an item last; 0 for none.
func (t *Tx) OrphanedBy(ctx context.Context, item mainstay.ItemID) (mainstay.RunID, error) {
	var n int64
	err := t.QueryRow(ctx, "SELECT COALESCE(max(run_id), 0) FROM activity WHERE item_id = $1 AND verb = 'orphaned'", int64(item)).Scan(&n)
	return mainstay.RunID(n), err
}

// AdoptRest moves what was put into the source of a merge since its plan was made,
// as lines of the plan that are done. It returns how many.
func (t *Tx) AdoptRest(ctx context.Context, c Chunk) (int, error) {
	m := c.Plan.Params.Merge
	rest := "FROM item i WHERE i.organization_id = $2 AND i.id <> $2 AND NOT EXISTS (SELECT 1 FROM plan_item q WHERE q.plan_id = $1 AND q.item_id = i.id) AND i.id NOT IN (" + t.protected(false) + ")"
	n, err := t.Exec(ctx, freezeTrash+"SELECT CAST($1 AS BIGINT), i.id, i.kind, i.organization_id, i.version, FALSE, i.only_here, FALSE, FALSE, FALSE, '', 'done' "+rest, int64(c.Plan.ID), int64(m.Source))
	if err != nil || n == 0 {
		return n, err
	}
	if _, err = t.Exec(ctx, "UPDATE plan SET done = done + $1 WHERE id = $2", n, int64(c.Plan.ID)); err != nil {
		return n, err
	}
	_, err = t.Exec(ctx, `UPDATE item SET organization_id = $2, version = version + 1 WHERE organization_id = $3 AND id IN
		(SELECT item_id FROM plan_item WHERE plan_id = $1 AND outcome = 'done' AND kind <> 'organization')`, int64(c.Plan.ID), int64(m.Target), int64(m.Source))
	return n, err
}

// TrashOne moves one item to the trash as it is given, which differs from how it
// is live in its sync state only.
func (t *Tx) TrashOne(ctx context.Context, c Chunk, live, i mainstay.Item, purgeAfter mainstay.Time) error {
	row, err := itemRow(&i)
	if err != nil {
		return err
	}
	row = append(row, int64(c.Plan.ID), c.Actor.Name, int64(t.Now()), int64(purgeAfter))
	if _, err := t.InsertRows(ctx, "INSERT INTO trash ("+itemColumns+", plan_id, deleted_by, deleted_at, purge_after)", "", [][]any{row}); err != nil {
		return err
	}
	if _, err := t.Exec(ctx, "DELETE FROM item WHERE id = $1", int64(i.ID)); err != nil {
		return err
	}
	delta := tallyDelta{}
	delta.add(&live, -1)
	return t.applyTally(ctx, delta)
}

// UntrashOne makes an item of the trash live again, as it is given.
func (t *Tx) UntrashOne(ctx context.Context, i mainstay.Item) error {
	row, err := itemRow(&i)
	if err != nil {
		return err
	}
	if _, err := t.Exec(ctx, "DELETE FROM trash WHERE id = $1", int64(i.ID)); err != nil {
		return err
	}
	if _, err := t.InsertRows(ctx, "INSERT INTO item ("+itemColumns+")", "", [][]any{row}); err != nil {
		return err
	}
	delta := tallyDelta{}
	delta.add(&i, 1)
	return t.applyTally(ctx, delta)
}

// BeforeOf is what a line of a plan keeps of what its item was.
func (t *Tx) BeforeOf(ctx context.Context, plan mainstay.PlanID, item mainstay.ItemID) (string, error) {
	var s string
	err := t.QueryRow(ctx, "SELECT COALESCE(max(before), '') FROM plan_item WHERE plan_id = $1 AND item_id = $2", int64(plan), int64(item)).Scan(&s)
	return s, err
}

// CountChildren counts the sub-organizations of an organization, and those of
// them that a person may not see.
func (t *Tx) CountChildren(ctx context.Context, a mainstay.Actor, organization mainstay.ItemID) (all, hidden int, err error) {
	count := func(w *where, n *int) error {
		w.add("parent_id = ?", int64(organization))
		w.add("parent_id <> ?", int64(0))
		return t.QueryRow(ctx, "SELECT count(*) FROM item WHERE "+w.sql(), w.args...).Scan(n)
	}
	seen, w := 0, &where{}
	w.visible(a, "id")
	if err := errors.Join(count(&where{}, &all), count(w, &seen)); err != nil {
		return 0, 0, err
	}
	return all, all - seen, nil
}

// CountProtectedIn counts what is protected in an organization, itself included.
func (t *Tx) CountProtectedIn(ctx context.Context, organization mainstay.ItemID) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM item WHERE organization_id = $1 AND id IN ("+t.protected(false)+")", int64(organization)).Scan(&n)
	return n, err
}
