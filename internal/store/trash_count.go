package store

import (
	"context"

	"mainstay"
)

// CountTrash counts the entries of the trash that match and that the actor sees.
func (t *Tx) CountTrash(ctx context.Context, a mainstay.Actor, f TrashFilter) (int, error) {
	w := &where{}
	f.conditions(w, "")
	w.visible(a, "organization_id")
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM trash WHERE "+w.sql(), w.args...).Scan(&n)
	return n, err
}

// CountTrashed counts the entries of the trash that a filter of a list matches and
// that the actor sees. It walks the trash.
func (t *Tx) CountTrashed(ctx context.Context, a mainstay.Actor, f Filter) (int, error) {
	w := &where{}
	f.conditions(w, t.Now())
	w.visible(a, "i.organization_id")
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM trash i WHERE "+w.sql(), w.args...).Scan(&n)
	return n, err
}

// conditions adds the filter to w, over columns with a prefix such as "d.".
func (f *TrashFilter) conditions(w *where, prefix string) {
	if f.ID != 0 {
		w.add(prefix+"id = ?", int64(f.ID))
	}
	if f.Plan != nil {
		w.add(prefix+"plan_id = ?", int64(*f.Plan))
	}
	if f.Kind != "" {
		w.add(prefix+"kind = ?", string(f.Kind))
	}
	if f.Sync != "" {
		w.add(prefix+"sync = ?", string(f.Sync))
	}
	if f.Words != "" {
		w.add(prefix+`name_key LIKE ? ESCAPE '\'`, "%"+escapeLike(mainstay.SearchKey(f.Words))+"%")
	}
}

// TrashIDs returns the ids of all entries that match and that the actor sees.
func (t *Tx) TrashIDs(ctx context.Context, a mainstay.Actor, f TrashFilter) ([]mainstay.ItemID, error) {
	w := &where{}
	f.conditions(w, "")
	w.visible(a, "organization_id")
	return scanAll(ctx, t, scanID, "SELECT id FROM trash WHERE "+w.sql()+" ORDER BY id", w.args...)
}

// TrashPlans returns the plans, newest first and older than before (0 for the
// newest), whose part of the trash has an entry that matches.
func (t *Tx) TrashPlans(ctx context.Context, a mainstay.Actor, f TrashFilter, before mainstay.PlanID, limit int) ([]TrashGroup, error) {
	w := &where{}
	f.conditions(w, "")
	w.visible(a, "organization_id")
	if before != 0 {
		w.add("plan_id < ?", int64(before))
	}
	ids, err := scanAll(ctx, t, scanID, "SELECT DISTINCT plan_id FROM trash WHERE "+w.sql()+" ORDER BY plan_id DESC LIMIT "+w.arg(limit), w.args...)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	w = &where{}
	f.conditions(w, "")
	w.visible(a, "organization_id")
	w.conds = append(w.conds, "plan_id IN "+list(w, ids, itemArg))
	return t.trashGroups(ctx, w)
}
