package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// liveEnded joins ended links with the disconnected items that they led to.
const liveEnded = ` FROM tombstone s JOIN item i ON i.id = s.item_id AND i.sync = 'not_linked' AND i.reason = 'disconnected'
	WHERE s.why <> 'merged' AND s.integration_id = $1`

// DisconnectedCounts counts the items of each kind that people disconnected from
// an integration, over all organizations. Where the caller knows that it is the
// only one, removed ones counted, this costs no scan.
func (t *Tx) DisconnectedCounts(ctx context.Context, integration mainstay.IntegrationID, only bool) (map[mainstay.KindName]int, error) {
	if only {
		return t.countKinds(ctx, "SELECT kind, CAST(sum(n) AS BIGINT) FROM tally WHERE sync = 'not_linked' AND reason = 'disconnected' GROUP BY kind")
	}
	return t.countKinds(ctx, "SELECT i.kind, count(DISTINCT i.id)"+liveEnded+" GROUP BY i.kind", int64(integration))
}

// DisconnectedIn counts the items that people disconnected from each of the
// integrations. It reads every ended link of them.
func (t *Tx) DisconnectedIn(ctx context.Context, integrations []mainstay.IntegrationID) (map[mainstay.IntegrationID]int, error) {
	if len(integrations) == 0 {
		return map[mainstay.IntegrationID]int{}, nil
	}
	w := &where{}
	return t.countIntegrations(ctx, `SELECT s.integration_id, count(DISTINCT i.id) FROM tombstone s JOIN item i ON i.id = s.item_id AND i.sync = 'not_linked' AND i.reason = 'disconnected'
		WHERE s.why <> 'merged' AND s.integration_id IN `+list(w, integrations, integrationArg)+" GROUP BY s.integration_id", w.args...)
}

// EndedGroup is how many links of a kind one person ended in one way.
type EndedGroup struct {
	Kind        mainstay.KindName
	Why         mainstay.EndedWhy
	Who         string
	Note        string          // the reason that was given; empty where several were
	Plan        mainstay.PlanID // 0 where there were several
	First, Last mainstay.Time
	N           int
}

// EndedGroups sums up who ended the links of the items that are disconnected
// from an integration now, largest first. It reads every ended link of it once.
func (t *Tx) EndedGroups(ctx context.Context, integration mainstay.IntegrationID) ([]EndedGroup, error) {
	return scanAll(ctx, t, func(r db.Row) (EndedGroup, error) {
		var g EndedGroup
		err := r.Scan(&g.Kind, &g.Why, &g.Who, &g.Note, &g.Plan, &g.First, &g.Last, &g.N)
		return g, err
	}, `SELECT s.kind, s.why, s.who, CASE WHEN min(s.note) = max(s.note) THEN min(s.note) ELSE '' END, CASE WHEN min(s.plan_id) = max(s.plan_id) THEN min(s.plan_id) ELSE 0 END,
		min(s.at), max(s.at), count(*)`+liveEnded+" GROUP BY s.kind, s.why, s.who ORDER BY count(*) DESC, s.kind, s.why, s.who", int64(integration))
}

// TombstonesOfItems returns the ended links that lead to any of the items.
func (t *Tx) TombstonesOfItems(ctx context.Context, ids []mainstay.ItemID) ([]mainstay.Tombstone, error) {
	var out []mainstay.Tombstone
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		rows, err := scanAll(ctx, t, scanTombstone, "SELECT "+tombstoneColumns+" FROM tombstone WHERE item_id IN "+list(w, ids, itemArg)+" ORDER BY item_id, external_id", w.args...)
		out = append(out, rows...)
		return err
	})
	return out, err
}

// TombstonesInside returns up to limit links that were ended together with the
// links of organizations, of what lies in these or did until it went to the trash.
func (t *Tx) TombstonesInside(ctx context.Context, integration mainstay.IntegrationID, organizations []mainstay.ItemID, limit int) ([]mainstay.Tombstone, error) {
	w := &where{}
	w.add("s.integration_id = ?", int64(integration))
	in := list(w, organizations, itemArg)
	return scanAll(ctx, t, scanTombstone, "SELECT "+columnsOf(tombstoneColumns, "s")+` FROM tombstone s WHERE s.kind <> 'organization' AND s.why IN ('inside', 'removed') AND `+w.sql()+
		" AND s.item_id IN (SELECT id FROM item WHERE organization_id IN "+in+" UNION ALL SELECT id FROM trash WHERE organization_id IN "+in+
		") ORDER BY s.kind, s.external_id LIMIT "+w.arg(limit), w.args...)
}

// HashAnew is the hash of a record whose old item a person let go of: the next
// sync makes a new item of it and does not look for one that equals it.
const HashAnew = "anew"

// TakeAnew marks records without an item to become new items at the next sync.
func (t *Tx) TakeAnew(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) error {
	return db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		set := "hash = " + w.arg(HashAnew)
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "item_id IS NULL", "external_id IN "+list(w, ids, text))
		_, err := t.Exec(ctx, "UPDATE psa_record SET "+set+" WHERE "+w.sql(), w.args...)
		return err
	})
}

// SettleTrashed makes items in the trash ordinary ones without a link where no
// ended link leads to them any more, as they are to be when they come back.
func (t *Tx) SettleTrashed(ctx context.Context, ids []mainstay.ItemID) error {
	return db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		_, err := t.Exec(ctx, `UPDATE trash SET reason = '', sync_note = '', only_here = TRUE, version = version + 1
			WHERE sync = 'not_linked' AND reason = 'disconnected' AND id IN `+list(w, ids, itemArg)+
			" AND NOT EXISTS (SELECT 1 FROM tombstone s WHERE s.item_id = trash.id AND s.why <> 'merged')", w.args...)
		return err
	})
}
