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
