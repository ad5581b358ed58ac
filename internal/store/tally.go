package store

import (
	"cmp"
	"context"
	"slices"

	"mainstay"
)

// tallyKey is one class of items.
type tallyKey struct {
	kind             mainstay.KindName
	typeID, statusID mainstay.LabelID
	sync             mainstay.SyncState
	reason           mainstay.Reason
}

// tallyDelta is how the numbers of classes change.
type tallyDelta map[tallyKey]int

func (d tallyDelta) add(i *mainstay.Item, n int) {
	d[tallyKey{i.Kind, i.TypeID, i.StatusID, i.Sync, i.Reason}] += n
}

const tallyUpsert = "ON CONFLICT (kind, type_id, status_id, sync, reason) DO UPDATE SET n = tally.n + excluded.n"

// applyTally changes the numbers in a fixed order, so that two writers rarely
// wait for each other in a ring.
func (t *Tx) applyTally(ctx context.Context, d tallyDelta) error {
	var keys []tallyKey
	for k, n := range d {
		if n != 0 {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b tallyKey) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.typeID, b.typeID), cmp.Compare(a.statusID, b.statusID),
			cmp.Compare(a.sync, b.sync), cmp.Compare(a.reason, b.reason))
	})
	var rows [][]any
	for _, k := range keys {
		rows = append(rows, []any{string(k.kind), int64(k.typeID), int64(k.statusID), string(k.sync), string(k.reason), d[k]})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO tally (kind, type_id, status_id, sync, reason, n)", tallyUpsert, rows)
	return err
}

// Tally is the number of live items of one class.
type Tally struct {
	Kind     mainstay.KindName
	TypeID   mainstay.LabelID
	StatusID mainstay.LabelID
	Sync     mainstay.SyncState
	Reason   mainstay.Reason
	N        int
}

// Tallies returns the numbers of all classes that the actor sees. For a person
// with access to all organizations this costs no scan of the items.
func (t *Tx) Tallies(ctx context.Context, a mainstay.Actor) ([]Tally, error) {
	if a.All {
		return t.tallies(ctx, "SELECT kind, type_id, status_id, sync, reason, n FROM tally WHERE n <> 0 ORDER BY kind, type_id, status_id, sync, reason")
	}
	w := &where{}
	w.visible(a, "organization_id")
	return t.tallies(ctx, "SELECT kind, type_id, status_id, sync, reason, count(*) FROM item WHERE "+w.sql()+
		" GROUP BY kind, type_id, status_id, sync, reason ORDER BY kind, type_id, status_id, sync, reason", w.args...)
}

// CountedTallies counts the items themselves. It walks all items: for the
// check that the kept numbers are right, not for pages.
func (t *Tx) CountedTallies(ctx context.Context) ([]Tally, error) {
	return t.tallies(ctx, "SELECT kind, type_id, status_id, sync, reason, count(*) FROM item GROUP BY kind, type_id, status_id, sync, reason ORDER BY kind, type_id, status_id, sync, reason")
}

func (t *Tx) tallies(ctx context.Context, query string, args ...any) ([]Tally, error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Tally
	for rows.Next() {
		var y Tally
		if err := rows.Scan(&y.Kind, &y.TypeID, &y.StatusID, &y.Sync, &y.Reason, &y.N); err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, rows.Err()
}
