package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// Company is a company of a PSA.
type Company struct {
	Integration mainstay.IntegrationID
	ExternalID  string
}

// CompaniesOf returns the companies whose records belong into an organization:
// the one that it is linked with, and those whose organization was merged into it.
func (t *Tx) CompaniesOf(ctx context.Context, organization mainstay.ItemID) ([]Company, error) {
	return scanAll(ctx, t, func(r db.Row) (Company, error) {
		var c Company
		err := r.Scan(&c.Integration, &c.ExternalID)
		return c, err
	}, `SELECT integration_id, external_id FROM psa_record WHERE item_id = $1 AND kind = 'organization' AND NOT trashed
		UNION SELECT integration_id, external_id FROM tombstone WHERE item_id = $1 AND kind = 'organization' AND why = 'merged' ORDER BY 1, 2`, int64(organization))
}

// RecordSearch narrows the records that an item may be linked with.
type RecordSearch struct {
	Kind mainstay.KindName
	// Companies are where the records of contents have to be; nil does not narrow.
	Companies []Company
	Words     string // part of the name, or the id in the PSA; empty does not narrow
	Limit     int
}

// SearchRecords finds known records of the integrations in use, those without an
// item first, then by name. It walks the records of the kind, or of the companies,
// so it is for the page that a person opens on purpose.
func (t *Tx) SearchRecords(ctx context.Context, s RecordSearch) ([]Record, error) {
	w := &where{}
	w.add("kind = ?", string(s.Kind))
	w.conds = append(w.conds, "integration_id IN (SELECT id FROM integration WHERE removed_at = 0)")
	if s.Companies != nil {
		any := "1 = 0"
		for _, c := range s.Companies {
			any += " OR (integration_id = " + w.arg(int64(c.Integration)) + " AND company_id = " + w.arg(c.ExternalID) + ")"
		}
		w.conds = append(w.conds, "("+any+")")
	}
	if s.Words != "" {
		named := &where{args: w.args}
		named.contains("name", s.Words)
		w.args = named.args
		w.conds = append(w.conds, "(external_id = "+w.arg(s.Words)+" OR "+named.sql()+")")
	}
	return scanAll(ctx, t, scanRecord, "SELECT "+recordColumns+" FROM psa_record WHERE "+w.sql()+
		" ORDER BY CASE WHEN item_id IS NULL THEN 0 ELSE 1 END, lower(name), integration_id, external_id LIMIT "+w.arg(s.Limit), w.args...)
}

// TrashedByID returns the items in the trash among ids, in the order of their ids.
func (t *Tx) TrashedByID(ctx context.Context, ids []mainstay.ItemID) ([]mainstay.Item, error) {
	var out []mainstay.Item
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		items, err := scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM trash WHERE id IN "+list(w, ids, itemArg)+" ORDER BY id", w.args...)
		out = append(out, items...)
		return err
	})
	return out, err
}

// MarkMatched notes on the line of an item of a chunk that it is done, and what
// the item was before, as JSON.
func (t *Tx) MarkMatched(ctx context.Context, c Chunk, item mainstay.ItemID, before string) error {
	_, err := t.Exec(ctx, "UPDATE plan_item SET outcome = 'done', before = $1 WHERE plan_id = $2 AND item_id = $3 AND NOT held AND outcome = ''",
		before, int64(c.Plan.ID), int64(item))
	return err
}

// MatchedBefore returns what MarkMatched noted on a plan; ok is false for a plan
// that is no match of one item.
func (t *Tx) MatchedBefore(ctx context.Context, id mainstay.PlanID) (before string, ok bool, err error) {
	err = t.QueryRow(ctx, "SELECT before FROM plan_item WHERE plan_id = $1 AND before <> '' LIMIT 1", int64(id)).Scan(&before)
	if db.IsNoRows(err) {
		return "", false, nil
	}
	return before, err == nil, err
}

// OriginBefore returns what the lines of a plan's origin keep of the items of a
// chunk, as JSON.
func (t *Tx) OriginBefore(ctx context.Context, c Chunk) (map[mainstay.ItemID]string, error) {
	out := map[mainstay.ItemID]string{}
	if c.Plan.Origin == 0 {
		return out, nil
	}
	rows, err := t.Query(ctx, "SELECT o.item_id, o.before FROM plan_item o WHERE o.plan_id = $4 AND o.before <> '' AND o.item_id IN "+c.items(), c.args(int64(c.Plan.Origin))...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.ItemID
		var before string
		if err := rows.Scan(&id, &before); err != nil {
			return nil, err
		}
		out[id] = before
	}
	return out, rows.Err()
}
