package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// RecordsNamed returns records of a kind that were seen but have no item, and
// whose name contains the words. It walks the records of the kind, so it is for
// the page that a person opens on purpose.
func (t *Tx) RecordsNamed(ctx context.Context, kind mainstay.KindName, words string, limit int) ([]Record, error) {
	w := &where{}
	w.add("kind = ?", string(kind))
	w.add("item_id IS NULL")
	w.contains("name", words)
	return scanAll(ctx, t, scanRecord, "SELECT "+recordColumns+" FROM psa_record WHERE "+w.sql()+" ORDER BY name, external_id LIMIT "+w.arg(limit), w.args...)
}

// ProblemsNamed returns what the given runs could not take over of a kind and
// whose name contains the words.
func (t *Tx) ProblemsNamed(ctx context.Context, runs []mainstay.RunID, kind mainstay.KindName, words string, limit int) ([]mainstay.RunProblem, error) {
	w := &where{}
	w.conds = append(w.conds, "run_id IN "+list(w, runs, func(r mainstay.RunID) any { return int64(r) }))
	w.add("kind = ?", string(kind))
	w.contains("name", words)
	return scanAll(ctx, t, func(r db.Row) (mainstay.RunProblem, error) {
		p := mainstay.RunProblem{}
		err := r.Scan(&p.RunID, &p.Kind, &p.ExternalID, &p.ItemID, &p.Name, &p.Message)
		return p, err
	}, "SELECT run_id, kind, external_id, item_id, name, message FROM run_problem WHERE "+w.sql()+" ORDER BY run_id, external_id LIMIT "+w.arg(limit), w.args...)
}

// RefreshRecord lets the next sync look at the record of a live linked item
// anew: it updates the item from it, or finds that the record doesn't sync.
func (t *Tx) RefreshRecord(ctx context.Context, item mainstay.ItemID) error {
	_, err := t.Exec(ctx, "UPDATE psa_record SET hash = '', in_scope = TRUE WHERE item_id = $1 AND NOT trashed", int64(item))
	return err
}

// RecordsOf returns the links of the items among ids.
func (t *Tx) RecordsOf(ctx context.Context, ids []mainstay.ItemID) ([]Record, error) {
	var out []Record
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		rows, err := scanAll(ctx, t, scanRecord, "SELECT "+recordColumns+" FROM psa_record WHERE item_id IN "+list(w, ids, itemArg)+" ORDER BY item_id", w.args...)
		out = append(out, rows...)
		return err
	})
	return out, err
}
