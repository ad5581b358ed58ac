package store

import (
	"context"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/db"
)

const protectionColumns = "item_id, keep, keep_note, keep_by, keep_at, hold_until, hold_note, hold_by, hold_at"

func scanProtection(r db.Row) (mainstay.Protection, error) {
	var p mainstay.Protection
	err := r.Scan(&p.ItemID, &p.Keep, &p.KeepNote, &p.KeepBy, &p.KeepAt, &p.HoldUntil, &p.HoldNote, &p.HoldBy, &p.HoldAt)
	return p, err
}

// Protections returns what protects the items among ids, ended holds included.
func (t *Tx) Protections(ctx context.Context, ids []mainstay.ItemID) (map[mainstay.ItemID]mainstay.Protection, error) {
	out := map[mainstay.ItemID]mainstay.Protection{}
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		rows, err := scanAll(ctx, t, scanProtection, "SELECT "+protectionColumns+" FROM protection WHERE item_id IN "+list(w, ids, itemArg), w.args...)
		for _, p := range rows {
			out[p.ItemID] = p
		}
		return err
	})
	return out, err
}

// PutProtections stores what protects items; one that protects nothing is removed.
func (t *Tx) PutProtections(ctx context.Context, all []mainstay.Protection) error {
	var rows [][]any
	var none []mainstay.ItemID
	for _, p := range all {
		if !p.Keep && p.HoldUntil == 0 {
			none = append(none, p.ItemID)
			continue
		}
		rows = append(rows, []any{int64(p.ItemID), p.Keep, p.KeepNote, p.KeepBy, int64(p.KeepAt), int64(p.HoldUntil), p.HoldNote, p.HoldBy, int64(p.HoldAt)})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO protection ("+protectionColumns+")", `ON CONFLICT (item_id) DO UPDATE SET keep = excluded.keep, keep_note = excluded.keep_note,
		keep_by = excluded.keep_by, keep_at = excluded.keep_at, hold_until = excluded.hold_until, hold_note = excluded.hold_note, hold_by = excluded.hold_by,
		hold_at = excluded.hold_at`, rows)
	if err != nil {
		return err
	}
	return db.Chunks(none, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		_, err := t.Exec(ctx, "DELETE FROM protection WHERE item_id IN "+list(w, ids, itemArg), w.args...)
		return err
	})
}

// protected selects the ids of the items that are kept now; "held" narrows to
// legal holds.
func (t *Tx) protected(held bool) string {
	cond := "hold_until > " + strconv.FormatInt(int64(t.Now()), 10)
	if !held {
		cond = "(keep OR " + cond + ")"
	}
	return "SELECT item_id FROM protection WHERE " + cond
}

// anyProtected reports whether anything is protected now, so that nothing need
// be asked per item where nothing is.
func (t *Tx) anyProtected(ctx context.Context) (bool, error) {
	var any bool
	err := t.QueryRow(ctx, "SELECT EXISTS ("+t.protected(false)+")").Scan(&any)
	return any, err
}

// protecting selects the organizations that hold something that is kept now;
// "held" narrows to legal holds.
func (t *Tx) protecting(held bool) string {
	return "(SELECT c.organization_id FROM item c WHERE c.id IN (" + t.protected(held) + "))"
}

// keptCondition says that an item, under an alias, is kept from a plan: it is
// protected, its organization is, or the plan would tear an organization that
// holds something protected. It is empty where nothing is protected.
func (t *Tx) keptCondition(ctx context.Context, p mainstay.Plan, alias string) (string, error) {
	any, err := t.anyProtected(ctx)
	if err != nil || !any {
		return "", err
	}
	in := "(" + t.protected(false) + ")"
	cond := alias + ".id IN " + in + " OR " + alias + ".organization_id IN " + in
	if wholes(p) {
		cond += " OR " + alias + ".organization_id IN " + t.protecting(false)
	}
	return "(" + cond + ")", nil
}

// keptClause is the first branch of a CASE that leaves an item alone, under the
// alias i, because it was protected after the plan was made.
func (t *Tx) keptClause(ctx context.Context, p mainstay.Plan) (string, error) {
	cond, err := t.keptCondition(ctx, p, "i")
	if err != nil || cond == "" {
		return "", err
	}
	return " WHEN " + cond + " THEN '" + string(mainstay.OutcomeKept) + "'", nil
}

// KeepProtected gives the lines of a plan that were protected since it was made
// their outcome, organizations as a whole, before anything of the plan is done.
func (t *Tx) KeepProtected(ctx context.Context, p mainstay.Plan) error {
	cond, err := t.keptCondition(ctx, p, "i")
	if err != nil || cond == "" {
		return err
	}
	n, err := t.Exec(ctx, "UPDATE plan_item SET outcome = '"+string(mainstay.OutcomeKept)+"' WHERE plan_id = $1 AND NOT held AND outcome = '' AND item_id IN (SELECT i.id FROM item i WHERE "+cond+")", int64(p.ID))
	if err != nil || n == 0 {
		return err
	}
	_, err = t.Exec(ctx, "UPDATE plan SET skipped = skipped + $1 WHERE id = $2", n, int64(p.ID))
	return err
}

// kept adds that an item is protected, or under a legal hold, by itself or with
// its organization; or that it is not.
func kept(w *where, held bool, yesNo []string, now mainstay.Time) {
	if slices.Contains(yesNo, "yes") && slices.Contains(yesNo, "no") {
		w.conds = append(w.conds, "1 = 1")
		return
	}
	cond := "hold_until > " + w.arg(int64(now))
	if !held {
		cond = "(keep OR " + cond + ")"
	}
	in := "IN (SELECT item_id FROM protection WHERE " + cond + ")"
	yes := "(i.id " + in + " OR i.organization_id " + in + ")"
	if yesNo[0] != "yes" {
		yes = "NOT " + yes
	}
	w.conds = append(w.conds, yes)
}
