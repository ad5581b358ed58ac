package store

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

const activityColumns = "id, at, user_id, who, verb, kind, item_id, organization_id, name, run_id, plan_id, detail, changes, address"

// InsertActivity records what was done; it belongs in the transaction that does it (V20).
func (t *Tx) InsertActivity(ctx context.Context, entries []mainstay.Activity) error {
	if len(entries) == 0 {
		return nil
	}
	id, err := t.NextIDs(ctx, "activity", len(entries))
	if err != nil {
		return err
	}
	rows := make([][]any, len(entries))
	for i, a := range entries {
		changes := ""
		if len(a.Changes) > 0 {
			b, err := json.Marshal(a.Changes)
			if err != nil {
				return err
			}
			changes = string(b)
		}
		rows[i] = []any{id + int64(i), int64(a.At), int64(a.UserID), a.Who, a.Verb, string(a.Kind), int64(a.ItemID), int64(a.OrganizationID),
			a.Name, int64(a.RunID), int64(a.PlanID), a.Detail, changes, a.Address}
	}
	_, err = t.InsertRows(ctx, "INSERT INTO activity ("+activityColumns+")", "", rows)
	return err
}

// ActivityFilter narrows the log; zero fields do not narrow.
type ActivityFilter struct {
	ItemID         mainstay.ItemID
	OrganizationID mainstay.ItemID
	Verb           string
	Kind           mainstay.KindName
	Who            string        // part of the name of who did it
	Words          string        // part of the name of what it was done to
	From           mainstay.Time // not before
	To             mainstay.Time // before
	// Whole leaves out the entries of each item of a plan or a sync, which have one
	// entry as a whole.
	Whole  bool
	Before int64 // entries older than this id
	Limit  int
}

// ActivityPage lists entries that the actor may see, newest first. Entries that
// belong to no organization are shown to people with access to all.
func (t *Tx) ActivityPage(ctx context.Context, a mainstay.Actor, f ActivityFilter) ([]mainstay.Activity, error) {
	w := &where{}
	if f.ItemID != 0 {
		w.add("item_id = ?", int64(f.ItemID))
	}
	if f.OrganizationID != 0 {
		w.add("organization_id = ?", int64(f.OrganizationID))
	}
	if f.Verb != "" {
		w.add("verb = ?", f.Verb)
	}
	if f.Whole {
		w.conds = append(w.conds, "(item_id = 0 OR (plan_id = 0 AND run_id = 0))") // as in the index activity_whole
	}
	f.more(w)
	if f.Before != 0 {
		w.add("id < ?", f.Before)
	}
	w.visible(a, "organization_id")
	q := "SELECT " + activityColumns + " FROM activity WHERE " + w.sql() + " ORDER BY id DESC LIMIT " + w.arg(f.Limit)
	return scanAll(ctx, t, scanActivity, q, w.args...)
}

// more adds the conditions that no index answers.
func (f *ActivityFilter) more(w *where) {
	if f.Kind != "" {
		w.add("kind = ?", string(f.Kind))
	}
	if f.Who != "" {
		w.contains("who", f.Who)
	}
	if f.Words != "" {
		w.contains("name", f.Words)
	}
	if f.From != 0 {
		w.add("at >= ?", int64(f.From))
	}
	if f.To != 0 {
		w.add("at < ?", int64(f.To))
	}
}

// LastDone is the latest thing in the log of an item.
type LastDone struct {
	Who string
	At  mainstay.Time
}

// LastDone returns who did the latest thing to each of the items, and when.
func (t *Tx) LastDone(ctx context.Context, ids []mainstay.ItemID) (map[mainstay.ItemID]LastDone, error) {
	out := map[mainstay.ItemID]LastDone{}
	if len(ids) == 0 {
		return out, nil
	}
	w := &where{}
	rows, err := t.Query(ctx, "SELECT item_id, who, at FROM activity WHERE id IN (SELECT max(id) FROM activity WHERE item_id IN "+list(w, ids, itemArg)+" GROUP BY item_id)", w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.ItemID
		var last LastDone
		if err := rows.Scan(&id, &last.Who, &last.At); err != nil {
			return nil, err
		}
		out[id] = last
	}
	return out, rows.Err()
}

func scanActivity(r db.Row) (mainstay.Activity, error) {
	var a mainstay.Activity
	var changes string
	err := r.Scan(&a.ID, &a.At, &a.UserID, &a.Who, &a.Verb, &a.Kind, &a.ItemID, &a.OrganizationID, &a.Name, &a.RunID, &a.PlanID, &a.Detail, &changes, &a.Address)
	if err == nil && changes != "" {
		err = json.Unmarshal([]byte(changes), &a.Changes)
	}
	return a, err
}
