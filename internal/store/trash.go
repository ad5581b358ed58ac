package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// TrashGroup is the part of the trash that one plan, or single deletes by one
// person, put there.
type TrashGroup struct {
	PlanID     mainstay.PlanID // 0 for single deletes
	DeletedBy  string
	Deleted    mainstay.Time // the latest
	PurgeAfter mainstay.Time // the earliest
	Counts     map[mainstay.KindName]int
	Total      int
	Name       string // of its only organization, or else of its only item
}

// TrashGroups lists the trash by plan, newest first. It reads an index of the
// whole trash.
func (t *Tx) TrashGroups(ctx context.Context, a mainstay.Actor) ([]TrashGroup, error) {
	w := &where{}
	w.visible(a, "organization_id")
	return t.trashGroups(ctx, w)
}

func (t *Tx) trashGroups(ctx context.Context, w *where) ([]TrashGroup, error) {
	rows, err := t.Query(ctx, "SELECT plan_id, kind, count(*), min(deleted_by), max(deleted_at), min(purge_after), min(name) FROM trash WHERE "+w.sql()+
		" GROUP BY plan_id, kind ORDER BY plan_id DESC, kind", w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []TrashGroup
	for rows.Next() {
		var g TrashGroup
		var kind mainstay.KindName
		var n int
		var name string
		if err := rows.Scan(&g.PlanID, &kind, &n, &g.DeletedBy, &g.Deleted, &g.PurgeAfter, &name); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].PlanID != g.PlanID {
			g.Counts = map[mainstay.KindName]int{}
			out = append(out, g)
		}
		last := &out[len(out)-1]
		last.Counts[kind] += n
		last.Total += n
		last.Deleted = max(last.Deleted, g.Deleted)
		last.PurgeAfter = min(last.PurgeAfter, g.PurgeAfter)
		switch {
		case kind == mainstay.Organization.Name && n == 1, last.Total == 1:
			last.Name = name
		case last.Counts[mainstay.Organization.Name] != 1:
			last.Name = ""
		}
	}
	return out, rows.Err()
}

// TrashedItem returns one item in the trash.
func (t *Tx) TrashedItem(ctx context.Context, id mainstay.ItemID) (mainstay.Item, error) {
	return one(ctx, t, "item in Trash", scanItem, "SELECT "+itemColumns+" FROM trash WHERE id = $1", int64(id))
}

// FreezeTrash writes entries of the trash into a restore or purge plan: all of
// one delete plan where origin is not 0, all that expired by a moment where
// expired is not 0, else the given ids. Only what the actor sees is taken.
func (t *Tx) FreezeTrash(ctx context.Context, p mainstay.Plan, origin mainstay.PlanID, expired mainstay.Time, ids []mainstay.ItemID, a mainstay.Actor) (int, error) {
	freeze := func(cond func(*where)) (int, error) {
		w := &where{}
		id := w.arg(int64(p.ID))
		cond(w)
		w.visible(a, "d.organization_id")
		return t.Exec(ctx, freezeTrash+frozenTrash(id)+"FROM trash d WHERE "+w.sql()+" ON CONFLICT (plan_id, item_id) DO NOTHING", w.args...)
	}
	switch {
	case len(ids) > 0:
		total := 0
		err := db.Chunks(ids, 500, func(ids []mainstay.ItemID) error {
			n, err := freeze(func(w *where) { w.conds = append(w.conds, "d.id IN "+list(w, ids, itemArg)) })
			total += n
			return err
		})
		return total, err
	case origin != 0:
		return freeze(func(w *where) { w.add("d.plan_id = ?", int64(origin)) })
	case expired != 0:
		return freeze(func(w *where) { w.add("d.purge_after <= ?", int64(expired)) })
	}
	return 0, mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. An empty choice restores and purges nothing.")
}

const freezeTrash = `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome) `

// FreezeOrigin writes up to limit trash entries of one delete plan with ids above
// after into a restore plan, as far as the actor sees them. It returns how many,
// and the id to go on after; 0 after the last.
func (t *Tx) FreezeOrigin(ctx context.Context, p mainstay.Plan, origin mainstay.PlanID, after mainstay.ItemID, limit int, a mainstay.Actor) (n int, last mainstay.ItemID, err error) {
	var high *int64
	err = t.QueryRow(ctx, "SELECT max(id) FROM (SELECT id FROM trash WHERE plan_id = $1 AND id > $2 ORDER BY id LIMIT $3) q", int64(origin), int64(after), limit).Scan(&high)
	if err != nil || high == nil {
		return 0, 0, err
	}
	w := &where{}
	id := w.arg(int64(p.ID))
	w.add("d.plan_id = ?", int64(origin))
	w.add("d.id > ?", int64(after))
	w.add("d.id <= ?", *high)
	w.visible(a, "d.organization_id")
	n, err = t.Exec(ctx, freezeTrash+frozenTrash(id)+"FROM trash d WHERE "+w.sql(), w.args...)
	return n, mainstay.ItemID(*high), err
}

// frozenTrash are the columns of a line of a plan, of an entry under the alias d.
func frozenTrash(plan string) string {
	return "SELECT CAST(" + plan + " AS BIGINT), d.id, d.kind, d.organization_id, d.version, TRUE, d.only_here, d.reason = 'deleted', d.reason = 'disconnected', FALSE, '', '' "
}

// FreezeTrashContents adds to a restore or purge plan the contents of its
// organizations that lie in the trash because of the same plan.
func (t *Tx) FreezeTrashContents(ctx context.Context, p mainstay.Plan) error {
	_, err := t.Exec(ctx, freezeTrash+`SELECT q.plan_id, d.id, d.kind, d.organization_id, d.version, FALSE, d.only_here, d.reason = 'deleted', d.reason = 'disconnected', FALSE, '', ''
		FROM plan_item q JOIN trash o ON o.id = q.item_id AND o.plan_id <> 0 JOIN trash d ON d.organization_id = q.item_id AND d.plan_id = o.plan_id
		WHERE q.plan_id = $1 AND q.kind = 'organization' ON CONFLICT (plan_id, item_id) DO NOTHING`, int64(p.ID))
	return err
}

// FreezeTrashOwners adds to a restore plan the organizations of its entries that
// lie in the trash themselves.
func (t *Tx) FreezeTrashOwners(ctx context.Context, p mainstay.Plan) error {
	_, err := t.Exec(ctx, freezeTrash+`SELECT CAST($1 AS BIGINT), d.id, d.kind, d.organization_id, d.version, FALSE, d.only_here, d.reason = 'deleted', d.reason = 'disconnected', FALSE, '', ''
		FROM (SELECT DISTINCT organization_id FROM plan_item WHERE plan_id = $1) q JOIN trash d ON d.id = q.organization_id
		WHERE NOT EXISTS (SELECT 1 FROM plan_item own WHERE own.plan_id = $1 AND own.item_id = d.id)`, int64(p.ID))
	return err
}
