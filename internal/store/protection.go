package store

import (
	"context"
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

// keptClause is the branch of a CASE that leaves an item alone, under the alias
// i, because it or its organization was protected after the plan was made.
func (t *Tx) keptClause(ctx context.Context) (string, error) {
	any, err := t.anyProtected(ctx)
	if err != nil || !any {
		return "", err
	}
	in := "(" + t.protected(false) + ")"
	return " WHEN i.id IN " + in + " OR i.organization_id IN " + in + " THEN '" + string(mainstay.OutcomeKept) + "'", nil
}
