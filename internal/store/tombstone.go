package store

import (
	"context"
	"encoding/json"
	"slices"

	"mainstay"
	"mainstay/internal/db"
)

const tombstoneColumns = "integration_id, kind, external_id, item_id, plan_id, who, at, why, note, sync, reason, since, sync_note, linked_at, seen"

func scanTombstone(r db.Row) (mainstay.Tombstone, error) {
	var s mainstay.Tombstone
	var seen string
	err := r.Scan(&s.IntegrationID, &s.Kind, &s.ExternalID, &s.ItemID, &s.PlanID, &s.Who, &s.At, &s.Why, &s.Note, &s.Sync, &s.Reason, &s.Since, &s.SyncNote, &s.Linked, &seen)
	if err == nil && seen != "" {
		s.Seen = &mainstay.SeenRecord{}
		err = json.Unmarshal([]byte(seen), s.Seen)
	}
	return s, err
}

// Tombstones returns the ended links among external ids.
func (t *Tx) Tombstones(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) (map[string]mainstay.Tombstone, error) {
	out := map[string]mainstay.Tombstone{}
	err := db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "external_id IN "+list(w, ids, text))
		rows, err := scanAll(ctx, t, scanTombstone, "SELECT "+tombstoneColumns+" FROM tombstone WHERE "+w.sql(), w.args...)
		for _, s := range rows {
			out[s.ExternalID] = s
		}
		return err
	})
	return out, err
}

// TombstonesOf returns the ended links that lead to an item, newest first.
func (t *Tx) TombstonesOf(ctx context.Context, item mainstay.ItemID) ([]mainstay.Tombstone, error) {
	return scanAll(ctx, t, scanTombstone, "SELECT "+tombstoneColumns+" FROM tombstone WHERE item_id = $1 ORDER BY at DESC, external_id", int64(item))
}

// PutTombstones stores ended links, or replaces those of the same records.
func (t *Tx) PutTombstones(ctx context.Context, all []mainstay.Tombstone) error {
	rows := make([][]any, len(all))
	for n, s := range all {
		seen := ""
		if s.Seen != nil {
			b, err := json.Marshal(s.Seen)
			if err != nil {
				return err
			}
			seen = string(b)
		}
		rows[n] = []any{int64(s.IntegrationID), string(s.Kind), s.ExternalID, int64(s.ItemID), int64(s.PlanID), s.Who, int64(s.At), string(s.Why), s.Note,
			string(s.Sync), string(s.Reason), int64(s.Since), s.SyncNote, int64(s.Linked), seen}
	}
	_, err := t.InsertRows(ctx, "INSERT INTO tombstone ("+tombstoneColumns+")", `ON CONFLICT (integration_id, kind, external_id) DO UPDATE SET item_id = excluded.item_id,
		plan_id = excluded.plan_id, who = excluded.who, at = excluded.at, why = excluded.why, note = excluded.note, sync = excluded.sync, reason = excluded.reason,
		since = excluded.since, sync_note = excluded.sync_note, linked_at = excluded.linked_at, seen = excluded.seen`, rows)
	return err
}

// DeleteTombstones forgets ended links of one integration and kind, so that
// their records are new to the next sync.
func (t *Tx) DeleteTombstones(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) error {
	return db.Chunks(ids, 1000, func(ids []string) error {
		w := &where{}
		w.add("integration_id = ?", int64(integration))
		w.add("kind = ?", string(kind))
		w.conds = append(w.conds, "external_id IN "+list(w, ids, text))
		_, err := t.Exec(ctx, "DELETE FROM tombstone WHERE "+w.sql(), w.args...)
		return err
	})
}

// Waiting is a record that syncs again while its old link is ended.
type Waiting struct {
	mainstay.Tombstone
	RecordName string
	Item       *mainstay.Item // the item that it had; nil where that lies in the trash
	Trashed    string         // the name of an item in the trash
}

const waitingJoin = ` FROM tombstone s JOIN psa_record r ON r.integration_id = s.integration_id AND r.kind = s.kind AND r.external_id = s.external_id
	WHERE r.item_id IS NULL AND r.in_scope AND s.why <> 'merged'`

// CountWaiting counts the records that wait to be matched again, by kind. It
// reads every ended link of the integration.
func (t *Tx) CountWaiting(ctx context.Context, integration mainstay.IntegrationID) (map[mainstay.KindName]int, error) {
	return t.CountWaitingFor(ctx, mainstay.Actor{All: true}, integration)
}

// CountWaitingFor is CountWaiting as far as the actor sees the items.
func (t *Tx) CountWaitingFor(ctx context.Context, a mainstay.Actor, integration mainstay.IntegrationID) (map[mainstay.KindName]int, error) {
	w := &where{}
	w.add("s.integration_id = ?", int64(integration))
	visibleWaiting(w, a)
	return t.countKinds(ctx, "SELECT s.kind, count(*)"+waitingJoin+" AND "+w.sql()+" GROUP BY s.kind", w.args...)
}

// CountWaitingIn counts the records that wait to be matched again in each of the
// integrations. It reads every ended link of them.
func (t *Tx) CountWaitingIn(ctx context.Context, integrations []mainstay.IntegrationID) (map[mainstay.IntegrationID]int, error) {
	if len(integrations) == 0 {
		return map[mainstay.IntegrationID]int{}, nil
	}
	w := &where{}
	return t.countIntegrations(ctx, "SELECT s.integration_id, count(*)"+waitingJoin+" AND s.integration_id IN "+list(w, integrations, integrationArg)+" GROUP BY s.integration_id", w.args...)
}

// countIntegrations reads rows of an integration and a number.
func (t *Tx) countIntegrations(ctx context.Context, query string, args ...any) (map[mainstay.IntegrationID]int, error) {
	out := map[mainstay.IntegrationID]int{}
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.IntegrationID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[id] = n
	}
	return out, rows.Err()
}

func integrationArg(id mainstay.IntegrationID) any { return int64(id) }

// visibleWaiting narrows to the ended links whose item the actor sees. What lies
// in the trash is seen by people with access to everything only.
func visibleWaiting(w *where, a mainstay.Actor) {
	if !a.All {
		w.add("s.item_id IN (SELECT i.id FROM item i WHERE i.organization_id IN (SELECT organization_id FROM person_organization WHERE person_id = ?))", int64(a.UserID))
	}
}

// WaitingPage lists records that wait to be matched again, by external id after
// the given one, as far as the actor sees their item.
func (t *Tx) WaitingPage(ctx context.Context, a mainstay.Actor, integration mainstay.IntegrationID, kind mainstay.KindName, after string, limit int) ([]Waiting, error) {
	w := &where{}
	w.add("s.external_id > ?", after)
	return t.waiting(ctx, w, a, integration, kind, limit)
}

// WaitingRecords lists those of the given records that wait to be matched again,
// as far as the actor sees their item.
func (t *Tx) WaitingRecords(ctx context.Context, a mainstay.Actor, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string) ([]Waiting, error) {
	w := &where{}
	w.conds = append(w.conds, "s.external_id IN "+list(w, ids, text))
	return t.waiting(ctx, w, a, integration, kind, len(ids))
}

func (t *Tx) waiting(ctx context.Context, w *where, a mainstay.Actor, integration mainstay.IntegrationID, kind mainstay.KindName, limit int) ([]Waiting, error) {
	w.add("s.integration_id = ?", int64(integration))
	w.add("s.kind = ?", string(kind))
	visibleWaiting(w, a)
	out, err := scanAll(ctx, t, scanWaiting, "SELECT "+columnsOf(tombstoneColumns, "s")+", r.name"+waitingJoin+" AND "+w.sql()+" ORDER BY s.external_id LIMIT "+w.arg(limit), w.args...)
	if err != nil {
		return nil, err
	}
	ids := make([]mainstay.ItemID, len(out))
	for n := range out {
		ids[n] = out[n].ItemID
	}
	items, err := t.ItemsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	at := map[mainstay.ItemID]*mainstay.Item{}
	for n := range items {
		at[items[n].ID] = &items[n]
	}
	var gone []mainstay.ItemID
	for n := range out {
		if out[n].Item = at[out[n].ItemID]; out[n].Item == nil {
			gone = append(gone, out[n].ItemID)
		}
	}
	names, err := t.NamesByID(ctx, gone)
	if err != nil {
		return nil, err
	}
	for n := range out {
		out[n].Trashed = names[out[n].ItemID]
	}
	return out, t.leaveHomes(ctx, out, a)
}

// leaveHomes takes out of what a sync saw the organizations that are gone since, or
// that the actor doesn't see: taking up a link doesn't lead there.
func (t *Tx) leaveHomes(ctx context.Context, all []Waiting, a mainstay.Actor) error {
	var named []mainstay.ItemID
	for _, w := range all {
		if w.Seen != nil && w.Seen.OrganizationID != 0 && w.Seen.OrganizationID != w.ItemID {
			named = append(named, w.Seen.OrganizationID)
		}
	}
	live, err := t.ItemsByID(ctx, unique(named))
	if err != nil {
		return err
	}
	for _, w := range all {
		if w.Seen != nil && !slices.ContainsFunc(live, func(o mainstay.Item) bool { return o.ID == w.Seen.OrganizationID && a.Sees(o.ID) }) {
			w.Seen.OrganizationID = 0
		}
	}
	return nil
}

func scanWaiting(r db.Row) (Waiting, error) {
	var w Waiting
	var seen string
	s := &w.Tombstone
	err := r.Scan(&s.IntegrationID, &s.Kind, &s.ExternalID, &s.ItemID, &s.PlanID, &s.Who, &s.At, &s.Why, &s.Note, &s.Sync, &s.Reason, &s.Since, &s.SyncNote, &s.Linked, &seen, &w.RecordName)
	if err == nil && seen != "" {
		s.Seen = &mainstay.SeenRecord{}
		err = json.Unmarshal([]byte(seen), s.Seen)
	}
	return w, err
}
