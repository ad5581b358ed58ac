package store

import (
	"context"
	"encoding/json"
	"strings"

	"mainstay"
	"mainstay/internal/db"
)

const itemColumns = "id, kind, organization_id, parent_id, name, name_key, type_id, status_id, is_primary, archived, fields, version, created_at, updated_at, sync, reason, since, sync_note, only_here"

// itemColumnsI is itemColumns of the table under the alias i.
var itemColumnsI = itemColumnsOf("i")

// itemColumnsOf is itemColumns with a table's name or alias in front of each.
func itemColumnsOf(table string) string { return columnsOf(itemColumns, table) }

// columnsOf puts a table's name or alias in front of each column of a list.
func columnsOf(columns, table string) string {
	return table + "." + strings.ReplaceAll(columns, ", ", ", "+table+".")
}

func scanItem(r db.Row) (mainstay.Item, error) {
	var i mainstay.Item
	var fields, key string
	err := r.Scan(&i.ID, &i.Kind, &i.OrganizationID, &i.ParentID, &i.Name, &key, &i.TypeID, &i.StatusID, &i.Primary, &i.Archived,
		&fields, &i.Version, &i.Created, &i.Updated, &i.Sync, &i.Reason, &i.Since, &i.SyncNote, &i.OnlyHere)
	if err == nil {
		err = json.Unmarshal([]byte(fields), &i.Values)
	}
	return i, err
}

func itemRow(i *mainstay.Item) ([]any, error) {
	fields, err := json.Marshal(i.Values)
	if err != nil {
		return nil, err
	}
	if i.Values == nil {
		fields = []byte("{}")
	}
	return []any{int64(i.ID), string(i.Kind), int64(i.OrganizationID), int64(i.ParentID), i.Name, mainstay.SearchKey(i.Name), int64(i.TypeID), int64(i.StatusID),
		i.Primary, i.Archived, string(fields), i.Version, int64(i.Created), int64(i.Updated), string(i.Sync), string(i.Reason), int64(i.Since), i.SyncNote, i.OnlyHere}, nil
}

// Item returns one live item of a kind. An id of another kind is NotFound (R1).
func (t *Tx) Item(ctx context.Context, ref mainstay.Ref) (mainstay.Item, error) {
	return one(ctx, t, string(ref.Kind), scanItem, "SELECT "+itemColumns+" FROM item WHERE id = $1 AND kind = $2", int64(ref.ID), string(ref.Kind))
}

// LockItem is Item for a transaction that relies on the item staying as it is,
// such as one that puts something into an organization.
func (t *Tx) LockItem(ctx context.Context, ref mainstay.Ref) (mainstay.Item, error) {
	return one(ctx, t, string(ref.Kind), scanItem, "SELECT "+itemColumns+" FROM item WHERE id = $1 AND kind = $2"+t.ForUpdate(), int64(ref.ID), string(ref.Kind))
}

// ItemsByID returns the live items among ids, in the order of their ids.
func (t *Tx) ItemsByID(ctx context.Context, ids []mainstay.ItemID) ([]mainstay.Item, error) {
	var out []mainstay.Item
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		items, err := scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE id IN "+list(w, ids, itemArg)+" ORDER BY id", w.args...)
		out = append(out, items...)
		return err
	})
	return out, err
}

func itemArg(id mainstay.ItemID) any { return int64(id) }

// Present tells the items among ids that are there: true for a live one, false for
// one in the trash.
func (t *Tx) Present(ctx context.Context, ids []mainstay.ItemID) (map[mainstay.ItemID]bool, error) {
	out := map[mainstay.ItemID]bool{}
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		in := list(w, ids, itemArg)
		rows, err := t.Query(ctx, "SELECT id, 1 FROM item WHERE id IN "+in+" UNION ALL SELECT id, 0 FROM trash WHERE id IN "+in, w.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id mainstay.ItemID
			var live int
			if err := rows.Scan(&id, &live); err != nil {
				return err
			}
			out[id] = live == 1
		}
		return rows.Err()
	})
	return out, err
}

// NamesByID returns the names of the items among ids, live or in the trash.
func (t *Tx) NamesByID(ctx context.Context, ids []mainstay.ItemID) (map[mainstay.ItemID]string, error) {
	out := map[mainstay.ItemID]string{}
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		in := list(w, ids, itemArg)
		rows, err := t.Query(ctx, "SELECT id, name FROM item WHERE id IN "+in+" UNION ALL SELECT id, name FROM trash WHERE id IN "+in, w.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id mainstay.ItemID
			var name string
			if err := rows.Scan(&id, &name); err != nil {
				return err
			}
			out[id] = name
		}
		return rows.Err()
	})
	return out, err
}

// ItemsNamed returns the live items of a kind with a name, compared without
// regard to case and spacing. organization narrows to one; 0 does not.
func (t *Tx) ItemsNamed(ctx context.Context, kind mainstay.KindName, names []string, organization mainstay.ItemID) ([]mainstay.Item, error) {
	var out []mainstay.Item
	err := db.Chunks(names, 500, func(names []string) error {
		w := &where{}
		w.add("kind = ?", string(kind))
		if organization != 0 {
			w.add("organization_id = ?", int64(organization))
		}
		w.conds = append(w.conds, "name_key IN "+list(w, names, func(s string) any { return mainstay.SearchKey(s) }))
		items, err := scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE "+w.sql()+" ORDER BY id", w.args...)
		out = append(out, items...)
		return err
	})
	return out, err
}

// UnlinkedIn returns the live items of a kind in the given organizations that
// no PSA record is linked with.
func (t *Tx) UnlinkedIn(ctx context.Context, kind mainstay.KindName, organizations []mainstay.ItemID) ([]mainstay.Item, error) {
	var out []mainstay.Item
	err := db.Chunks(organizations, 500, func(ids []mainstay.ItemID) error {
		w := &where{}
		w.add("kind = ?", string(kind))
		w.add("sync = 'not_linked'")
		w.conds = append(w.conds, "organization_id IN "+list(w, ids, itemArg))
		items, err := scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE "+w.sql()+" ORDER BY id", w.args...)
		out = append(out, items...)
		return err
	})
	return out, err
}

// InsertItems stores new items and sets their ids.
func (t *Tx) InsertItems(ctx context.Context, items []*mainstay.Item) error {
	if len(items) == 0 {
		return nil
	}
	first, err := t.NextIDs(ctx, "item", len(items))
	if err != nil {
		return err
	}
	delta := tallyDelta{}
	rows := make([][]any, len(items))
	for n, i := range items {
		i.ID = mainstay.ItemID(first + int64(n))
		if i.Kind == mainstay.Organization.Name {
			i.OrganizationID = i.ID
		}
		delta.add(i, 1)
		if rows[n], err = itemRow(i); err != nil {
			return err
		}
	}
	if _, err := t.InsertRows(ctx, "INSERT INTO item ("+itemColumns+")", "", rows); err != nil {
		return err
	}
	return t.applyTally(ctx, delta)
}

// UpdateItems stores changed items. Each must carry the version that it was read
// with plus one; before holds the items as they were read, in the same order. An
// item that somebody else changed meanwhile makes the whole call a Conflict.
func (t *Tx) UpdateItems(ctx context.Context, before []mainstay.Item, items []*mainstay.Item) error {
	delta := tallyDelta{}
	rows := make([][]any, len(items))
	for n, i := range items {
		var err error
		delta.add(&before[n], -1)
		delta.add(i, 1)
		if rows[n], err = itemRow(i); err != nil {
			return err
		}
	}
	n, err := t.InsertRows(ctx, "INSERT INTO item ("+itemColumns+")", `ON CONFLICT (id) DO UPDATE SET organization_id = excluded.organization_id,
		parent_id = excluded.parent_id, name = excluded.name, name_key = excluded.name_key, type_id = excluded.type_id, status_id = excluded.status_id,
		is_primary = excluded.is_primary, archived = excluded.archived, fields = excluded.fields, version = excluded.version, updated_at = excluded.updated_at,
		sync = excluded.sync, reason = excluded.reason, since = excluded.since, sync_note = excluded.sync_note, only_here = excluded.only_here
		WHERE item.version = excluded.version - 1 AND item.kind = excluded.kind`, rows)
	if err != nil {
		return err
	}
	lost := 0
	err = db.Chunks(items, 1000, func(items []*mainstay.Item) error {
		w := &where{}
		var n int
		err := t.QueryRow(ctx, "SELECT count(*) FROM trash WHERE id IN "+list(w, items, func(i *mainstay.Item) any { return int64(i.ID) }), w.args...).Scan(&n)
		lost += n
		return err
	})
	if err != nil {
		return err
	}
	// An item in the trash means that another transaction deleted it between the
	// caller's read and this write: without this check the upsert would bring it back.
	if n != len(items) || lost != 0 {
		return mainstay.Errorf(mainstay.Conflict, "This item changed while you were editing. Nothing was saved. Open it again to see what is new.")
	}
	return t.applyTally(ctx, delta)
}

// CountIn counts the live items of each kind in an organization.
func (t *Tx) CountIn(ctx context.Context, organization mainstay.ItemID) (map[mainstay.KindName]map[mainstay.SyncState]int, error) {
	rows, err := t.Query(ctx, "SELECT kind, sync, count(*) FROM item WHERE organization_id = $1 AND id <> $1 GROUP BY kind, sync", int64(organization))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[mainstay.KindName]map[mainstay.SyncState]int{}
	for rows.Next() {
		var k mainstay.KindName
		var s mainstay.SyncState
		var n int
		if err := rows.Scan(&k, &s, &n); err != nil {
			return nil, err
		}
		if out[k] == nil {
			out[k] = map[mainstay.SyncState]int{}
		}
		out[k][s] = n
	}
	return out, rows.Err()
}
