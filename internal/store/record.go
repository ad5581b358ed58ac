package store

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/db"
)

// Record is one PSA record that was seen, by key. With an ItemID it is a link.
type Record struct {
	IntegrationID mainstay.IntegrationID
	Kind          mainstay.KindName
	ExternalID    string
	ItemID        mainstay.ItemID // 0 for a record without an item
	Trashed       bool            // the item lies in the trash and the link waits for it there
	Name          string
	TypeIDs       []string
	StatusID      string
	CompanyID     string
	Inactive      bool
	InScope       bool
	Hash          string
	RunID         mainstay.RunID // the run that last saw it
	Linked        mainstay.Time
}

const recordColumns = "integration_id, kind, external_id, item_id, trashed, name, type_ids, status_id, company_id, inactive, in_scope, hash, run_id, linked_at"

func scanRecord(r db.Row) (Record, error) {
	var c Record
	var item *int64
	var types string
	err := r.Scan(&c.IntegrationID, &c.Kind, &c.ExternalID, &item, &c.Trashed, &c.Name, &types, &c.StatusID, &c.CompanyID, &c.Inactive, &c.InScope, &c.Hash, &c.RunID, &c.Linked)
	if item != nil {
		c.ItemID = mainstay.ItemID(*item)
	}
	if types != "" {
		c.TypeIDs = strings.Split(types, ",")
	}
	return c, err
}

// Records returns the known records among external ids.
func (t *Tx) Records(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) (map[string]Record, error) {
	out := make(map[string]Record, len(ids))
	err := db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "external_id IN "+list(w, ids, func(s string) any { return s }))
		rows, err := scanAll(ctx, t, scanRecord, "SELECT "+recordColumns+" FROM psa_record WHERE "+w.sql(), w.args...)
		for _, r := range rows {
			out[r.ExternalID] = r
		}
		return err
	})
	return out, err
}

// Links returns, of the known records among external ids, what tells whether and
// as which item they are here: the item, whether it lies in the trash, and the
// class of the record. The other fields stay empty.
func (t *Tx) Links(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) (map[string]Record, error) {
	out := make(map[string]Record, len(ids))
	err := db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "external_id IN "+list(w, ids, func(s string) any { return s }))
		rows, err := scanAll(ctx, t, scanLink, "SELECT external_id, item_id, trashed, type_ids, status_id, inactive FROM psa_record WHERE "+w.sql(), w.args...)
		for _, r := range rows {
			r.IntegrationID, r.Kind = integration, kind
			out[r.ExternalID] = r
		}
		return err
	})
	return out, err
}

func scanLink(r db.Row) (Record, error) {
	var c Record
	var item *int64
	var types string
	err := r.Scan(&c.ExternalID, &item, &c.Trashed, &types, &c.StatusID, &c.Inactive)
	if item != nil {
		c.ItemID = mainstay.ItemID(*item)
	}
	if types != "" {
		c.TypeIDs = strings.Split(types, ",")
	}
	return c, err
}

// UpsertRecords stores what was seen of records, and their links. A link that a
// deletion put into the trash meanwhile stays there: the caller's look is older.
func (t *Tx) UpsertRecords(ctx context.Context, records []Record) error {
	rows := make([][]any, len(records))
	for n, r := range records {
		var item any
		if r.ItemID != 0 {
			item = int64(r.ItemID)
		}
		rows[n] = []any{int64(r.IntegrationID), string(r.Kind), r.ExternalID, item, r.Trashed, r.Name, strings.Join(r.TypeIDs, ","), r.StatusID, r.CompanyID,
			r.Inactive, r.InScope, r.Hash, int64(r.RunID), int64(r.Linked)}
	}
	_, err := t.InsertRows(ctx, "INSERT INTO psa_record ("+recordColumns+")", `ON CONFLICT (integration_id, kind, external_id) DO UPDATE SET
		item_id = excluded.item_id, name = excluded.name, type_ids = excluded.type_ids, status_id = excluded.status_id,
		company_id = excluded.company_id, inactive = excluded.inactive, in_scope = excluded.in_scope, hash = excluded.hash, run_id = excluded.run_id,
		linked_at = excluded.linked_at`, rows)
	return err
}

// TouchRecords marks records as seen by a run and changes nothing else.
func (t *Tx) TouchRecords(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string, run mainstay.RunID) error {
	return db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		set := "run_id = " + w.arg(int64(run))
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "external_id IN "+list(w, ids, func(s string) any { return s }))
		_, err := t.Exec(ctx, "UPDATE psa_record SET "+set+" WHERE "+w.sql(), w.args...)
		return err
	})
}

// CountSeen counts the records of a kind that a run has seen.
func (t *Tx) CountSeen(ctx context.Context, run mainstay.Run, kind mainstay.KindName) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM psa_record WHERE integration_id = $1 AND kind = $2 AND run_id = $3",
		int64(run.IntegrationID), string(kind), int64(run.ID)).Scan(&n)
	return n, err
}

// CountLinked counts the live linked items of a kind that still sync.
func (t *Tx) CountLinked(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName) (int, error) {
	var n int
	err := t.QueryRow(ctx, `SELECT count(*) FROM psa_record r JOIN item i ON i.id = r.item_id
		WHERE r.integration_id = $1 AND r.kind = $2 AND i.sync IN ('syncing', 'error')`, int64(integration), string(kind)).Scan(&n)
	return n, err
}

// UnseenLinks pages through links whose record a run did not see and whose
// item still syncs, by external id after the given one.
func (t *Tx) UnseenLinks(ctx context.Context, run mainstay.Run, kind mainstay.KindName, after string, limit int) ([]Record, error) {
	return scanAll(ctx, t, scanRecord, `SELECT `+recordColumns+` FROM psa_record WHERE integration_id = $1 AND kind = $2 AND external_id > $3
		AND run_id <> $4 AND NOT trashed AND item_id IN (SELECT id FROM item WHERE sync IN ('syncing', 'error')) ORDER BY external_id LIMIT $5`,
		int64(run.IntegrationID), string(kind), after, int64(run.ID), limit)
}

// OutOfScopeLinks pages through links whose record a run saw out of scope and
// whose item still syncs.
func (t *Tx) OutOfScopeLinks(ctx context.Context, run mainstay.Run, kind mainstay.KindName, after string, limit int) ([]Record, error) {
	return scanAll(ctx, t, scanRecord, `SELECT `+recordColumns+` FROM psa_record WHERE integration_id = $1 AND kind = $2 AND external_id > $3
		AND run_id = $4 AND NOT in_scope AND NOT trashed AND item_id IN (SELECT id FROM item WHERE sync IN ('syncing', 'error')) ORDER BY external_id LIMIT $5`,
		int64(run.IntegrationID), string(kind), after, int64(run.ID), limit)
}

// ForgetUnseen removes records without an item that a complete run did not see,
// but those that a person disconnected, which may be reconnected.
func (t *Tx) ForgetUnseen(ctx context.Context, run mainstay.Run, kind mainstay.KindName) error {
	_, err := t.Exec(ctx, "DELETE FROM psa_record WHERE integration_id = $1 AND kind = $2 AND run_id <> $3 AND item_id IS NULL"+
		" AND NOT EXISTS (SELECT 1 FROM tombstone s WHERE s.integration_id = psa_record.integration_id AND s.kind = psa_record.kind AND s.external_id = psa_record.external_id)",
		int64(run.IntegrationID), string(kind), int64(run.ID))
	return err
}

// RecordOf returns the link of an item; ok is false for an item without one.
func (t *Tx) RecordOf(ctx context.Context, id mainstay.ItemID) (Record, bool, error) {
	r, err := scanRecord(t.QueryRow(ctx, "SELECT "+recordColumns+" FROM psa_record WHERE item_id = $1", int64(id)))
	if db.IsNoRows(err) {
		return Record{}, false, nil
	}
	return r, err == nil, err
}

// ClassCount is how many records of the PSA share one class.
type ClassCount struct {
	Kind     mainstay.KindName
	TypeIDs  []string
	StatusID string
	Inactive bool
	// Company is the class of the company that contains the records, for kinds
	// other than organization.
	CompanyTypeIDs  []string
	CompanyStatusID string
	Linked          bool // has a live item
	Syncing         bool // and that item syncs now
	Ended           bool // had an item until a person disconnected it
	N               int
}

// ClassCounts counts the records that the PSA held when they were last seen, by
// class, but companies whose organization was merged into another: they are no
// organization here. It walks the known records of the integration, in sets.
func (t *Tx) ClassCounts(ctx context.Context, integration mainstay.IntegrationID) ([]ClassCount, error) {
	rows, err := t.Query(ctx, `SELECT r.kind, r.type_ids, r.status_id, r.inactive, COALESCE(c.type_ids, ''), COALESCE(c.status_id, ''),
		r.item_id IS NOT NULL AND NOT r.trashed AS linked, COALESCE(i.sync IN ('syncing', 'error'), FALSE) AS syncing, e.item_id IS NOT NULL AND r.item_id IS NULL, count(*)
		FROM psa_record r
		LEFT JOIN tombstone e ON e.integration_id = r.integration_id AND e.kind = r.kind AND e.external_id = r.external_id
		LEFT JOIN psa_record c ON c.integration_id = r.integration_id AND c.kind = 'organization' AND c.external_id = r.company_id AND r.company_id <> ''
		LEFT JOIN item i ON i.id = r.item_id
		WHERE r.integration_id = $1 AND NOT (r.item_id IS NULL AND COALESCE(e.why, '') = 'merged')
		GROUP BY r.kind, r.type_ids, r.status_id, r.inactive, COALESCE(c.type_ids, ''), COALESCE(c.status_id, ''),
		r.item_id IS NOT NULL AND NOT r.trashed, COALESCE(i.sync IN ('syncing', 'error'), FALSE), e.item_id IS NOT NULL AND r.item_id IS NULL`, int64(integration))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ClassCount
	for rows.Next() {
		var c ClassCount
		var types, company string
		if err := rows.Scan(&c.Kind, &types, &c.StatusID, &c.Inactive, &company, &c.CompanyStatusID, &c.Linked, &c.Syncing, &c.Ended, &c.N); err != nil {
			return nil, err
		}
		if types != "" {
			c.TypeIDs = strings.Split(types, ",")
		}
		if company != "" {
			c.CompanyTypeIDs = strings.Split(company, ",")
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// SetParents sets the parent of the linked organizations, or of the only one
// where that is not 0, from their records and returns those that changed. A parent
// that was merged into another organization is that one. It compares all of them in one statement; the
// sub-selects look up two keys for each, whatever the database knows of the sizes.
func (t *Tx) SetParents(ctx context.Context, integration mainstay.IntegrationID, only mainstay.ItemID) ([]mainstay.Item, error) {
	const parent = `COALESCE((SELECT p.item_id FROM psa_record r JOIN psa_record p ON p.integration_id = r.integration_id AND p.kind = 'organization' AND p.external_id = r.company_id
		WHERE r.item_id = item.id AND r.company_id <> '' AND p.item_id <> r.item_id AND NOT p.trashed),
		(SELECT s.item_id FROM psa_record r JOIN tombstone s ON s.integration_id = r.integration_id AND s.kind = 'organization' AND s.external_id = r.company_id AND s.why = 'merged'
		WHERE r.item_id = item.id AND r.company_id <> '' AND s.item_id <> r.item_id AND EXISTS (SELECT 1 FROM item a WHERE a.id = s.item_id)), 0)`
	args, one := []any{int64(integration)}, ""
	if only != 0 {
		args, one = append(args, int64(only)), " AND id = $2"
	}
	return scanAll(ctx, t, scanItem, `UPDATE item SET parent_id = `+parent+`, version = version + 1
		WHERE kind = 'organization' AND sync IN ('syncing', 'error')`+one+`
		AND EXISTS (SELECT 1 FROM psa_record r WHERE r.item_id = item.id AND r.integration_id = $1 AND r.in_scope)
		AND parent_id <> `+parent+` RETURNING `+itemColumnsOf("item"), args...)
}

// Aliases returns, of company records among external ids whose organization was
// merged into another, the organization that took its place and is live.
func (t *Tx) Aliases(ctx context.Context, integration mainstay.IntegrationID, ids []string) (map[string]mainstay.ItemID, error) {
	out := map[string]mainstay.ItemID{}
	err := db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		w.add("s.integration_id = ?", int64(integration))
		w.conds = append(w.conds, "s.external_id IN "+list(w, ids, text))
		rows, err := t.Query(ctx, "SELECT s.external_id, s.item_id FROM tombstone s JOIN item i ON i.id = s.item_id WHERE s.kind = 'organization' AND s.why = 'merged' AND "+w.sql(), w.args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var external string
			var id mainstay.ItemID
			if err := rows.Scan(&external, &id); err != nil {
				return err
			}
			out[external] = id
		}
		return rows.Err()
	})
	return out, err
}
