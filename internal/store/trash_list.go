package store

import (
	"context"
	"encoding/base64"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

// TrashFilter narrows the trash; zero fields do not narrow.
type TrashFilter struct {
	ID    mainstay.ItemID
	Plan  *mainstay.PlanID
	Kind  mainstay.KindName
	Sync  mainstay.SyncState // that it had, and comes back with
	Words string
	After string // from TrashPlace; empty for the first page
	Limit int
}

// trashPlace marks a place between two entries; it is read back only as parameters.
type trashPlace struct {
	Rank int    `json:"r"`
	Name string `json:"n"`
	ID   int64  `json:"i"`
}

// trashRank puts organizations first, for people know the rest by them.
const trashRank = "CASE WHEN d.kind = 'organization' THEN 0 ELSE 1 END"

// TrashPlace is the place of an entry in the order of TrashPage.
func TrashPlace(e mainstay.TrashEntry) string {
	p := trashPlace{Rank: 1, Name: mainstay.SearchKey(e.Name), ID: int64(e.ItemID)}
	if e.Kind == mainstay.Organization.Name {
		p.Rank = 0
	}
	b, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// TrashPage lists entries that the actor sees, organizations first and by name,
// each with what comes back with it. It reads the entries that match, and asks one
// more query for a page.
func (t *Tx) TrashPage(ctx context.Context, a mainstay.Actor, f TrashFilter) ([]mainstay.TrashEntry, error) {
	w := &where{}
	f.conditions(w, "d.")
	w.visible(a, "d.organization_id")
	if f.After != "" {
		var p trashPlace
		b, err := base64.RawURLEncoding.DecodeString(f.After)
		if err == nil {
			err = json.Unmarshal(b, &p)
		}
		if err != nil {
			return nil, mainstay.Errorf(mainstay.Invalid, "This page link is damaged. Open Trash again.")
		}
		w.add("("+trashRank+", d.name_key, d.id) > (?, ?, ?)", p.Rank, p.Name, p.ID)
	}
	const order = " ORDER BY " + trashRank + ", d.name_key, d.id"
	out, err := scanAll(ctx, t, func(r db.Row) (mainstay.TrashEntry, error) {
		var e mainstay.TrashEntry
		err := r.Scan(&e.ItemID, &e.Kind, &e.OrganizationID, &e.Organization, &e.Name, &e.PlanID, &e.DeletedBy, &e.Deleted, &e.PurgeAfter, &e.OwnerTrashed)
		return e, err
	}, `SELECT d.id, d.kind, d.organization_id, COALESCE(o.name, p.name, ''), d.name, d.plan_id, d.deleted_by, d.deleted_at, d.purge_after, p.id IS NOT NULL AND p.id <> d.id
		FROM (SELECT * FROM trash d WHERE `+w.sql()+order+" LIMIT "+w.arg(f.Limit)+`) d
		LEFT JOIN item o ON o.id = d.organization_id LEFT JOIN trash p ON p.id = d.organization_id`+order, w.args...)
	if err != nil {
		return nil, err
	}
	return out, t.trashInside(ctx, out)
}

// trashInside counts, by kind, what a restore of each organization brings back
// with it: what lies in the trash because of the same plan.
func (t *Tx) trashInside(ctx context.Context, all []mainstay.TrashEntry) error {
	at := map[mainstay.ItemID]*mainstay.TrashEntry{}
	var ids []mainstay.ItemID
	for n := range all {
		if e := &all[n]; e.Kind == mainstay.Organization.Name && e.PlanID != 0 {
			at[e.ItemID], ids, e.Inside = e, append(ids, e.ItemID), map[mainstay.KindName]int{}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	w := &where{}
	rows, err := t.Query(ctx, `SELECT d.organization_id, d.kind, count(*) FROM trash d JOIN trash o ON o.id = d.organization_id AND o.plan_id = d.plan_id
		WHERE d.id <> d.organization_id AND d.organization_id IN `+list(w, ids, itemArg)+" GROUP BY d.organization_id, d.kind", w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.ItemID
		var kind mainstay.KindName
		var n int
		if err := rows.Scan(&id, &kind, &n); err != nil {
			return err
		}
		at[id].Inside[kind] = n
	}
	return rows.Err()
}
