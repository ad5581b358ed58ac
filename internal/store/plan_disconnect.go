package store

import (
	"context"
	"strconv"

	"mainstay"
	"mainstay/internal/db"
)

// LinkedClass narrows to the linked items of an integration: of a kind and a
// label where they are given.
type LinkedClass struct {
	Integration mainstay.IntegrationID
	Kind        mainstay.KindName // empty for every kind
	Type        mainstay.LabelID  // 0 does not narrow
	Status      mainstay.LabelID
	// NoType and NoStatus narrow to the items without one.
	NoType, NoStatus bool
}

// ClassOf is a class of an integration by its label; a label of id 0 stands for
// the items without one. axis is empty for all items of a kind.
func ClassOf(integration mainstay.IntegrationID, kind mainstay.KindName, axis mainstay.Axis, label mainstay.LabelID) LinkedClass {
	c := LinkedClass{Integration: integration, Kind: kind}
	switch axis {
	case mainstay.TypeAxis:
		c.Type, c.NoType = label, label == 0
	case mainstay.StatusAxis:
		c.Status, c.NoStatus = label, label == 0
	}
	return c
}

func (c LinkedClass) conditions(w *where) {
	w.add("r.integration_id = ?", int64(c.Integration))
	if c.Kind != "" {
		w.add("r.kind = ?", string(c.Kind))
	}
	if c.Type != 0 {
		w.add("i.type_id = ?", int64(c.Type))
	}
	if c.Status != 0 {
		w.add("i.status_id = ?", int64(c.Status))
	}
	if c.NoType {
		w.conds = append(w.conds, "i.type_id = 0")
	}
	if c.NoStatus {
		w.conds = append(w.conds, "i.status_id = 0")
	}
}

// FreezeLinked writes the linked items of a class into a plan, as far as the
// actor sees them, and returns how many.
func (t *Tx) FreezeLinked(ctx context.Context, p mainstay.Plan, c LinkedClass, a mainstay.Actor) (int, error) {
	w := &where{}
	id := w.arg(int64(p.ID))
	c.conditions(w)
	w.visible(a, "i.organization_id")
	n, err := t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
		SELECT CAST(`+id+` AS BIGINT), i.id, i.kind, i.organization_id, i.version, TRUE, i.only_here, i.reason = 'deleted', FALSE, FALSE, '', ''
		FROM psa_record r JOIN item i ON i.id = r.item_id WHERE NOT r.trashed AND `+w.sql(), w.args...)
	if err != nil {
		return n, err
	}
	return n, t.Analyze(ctx, "plan_item", n)
}

// CountLinkedClass counts the linked items of a class with all that their
// organizations hold and that is linked too, by kind.
func (t *Tx) CountLinkedClass(ctx context.Context, c LinkedClass, a mainstay.Actor) (map[mainstay.KindName]int, error) {
	w := &where{}
	c.conditions(w)
	from := "SELECT i.id, i.kind, i.organization_id FROM psa_record r JOIN item i ON i.id = r.item_id WHERE NOT r.trashed AND " + w.sql()
	if c.Kind == mainstay.Organization.Name {
		from = "SELECT c.id, c.kind, c.organization_id FROM (" + from + ") o JOIN item c ON c.organization_id = o.id JOIN psa_record l ON l.item_id = c.id AND l.integration_id = " + w.arg(int64(c.Integration))
	}
	v := &where{args: w.args}
	v.visible(a, "q.organization_id")
	return t.countKinds(ctx, "SELECT q.kind, count(*) FROM ("+from+") q WHERE "+v.sql()+" GROUP BY q.kind", v.args...)
}

// ofIntegration narrows a plan that ends the links of one integration to these:
// an organization that others were merged into can hold what another one links.
func (t *Tx) ofIntegration(ctx context.Context, w *where, p mainstay.Plan, alias string) error {
	if p.Action != mainstay.ActionDisconnect || p.Params.Integration == 0 {
		return nil
	}
	sole, err := t.sole(ctx)
	if err == nil && !sole {
		w.conds = append(w.conds, "EXISTS (SELECT 1 FROM psa_record r WHERE r.item_id = "+alias+".id AND r.integration_id = "+strconv.FormatInt(int64(p.Params.Integration), 10)+")")
	}
	return err
}

// FreezeEnded writes into a plan the live items whose links another plan ended,
// or ended once more, and that have none since, and returns how many.
func (t *Tx) FreezeEnded(ctx context.Context, p mainstay.Plan, origin mainstay.PlanID, a mainstay.Actor) (int, error) {
	return t.freezeEnded(ctx, p, a, "(s.plan_id = ? OR i.id IN (SELECT q.item_id FROM plan_item q WHERE q.plan_id = ? AND q.outcome = 'done' AND q.before <> ''))", int64(origin), int64(origin))
}

// FreezeWaiting writes into a plan the items whose records wait to be matched
// again: of one kind of an integration, or those of the given records where ids
// is not empty, with what was disconnected together with an organization.
func (t *Tx) FreezeWaiting(ctx context.Context, p mainstay.Plan, integration mainstay.IntegrationID, kind mainstay.KindName, ids []string, a mainstay.Actor) (int, error) {
	const waits = `s.integration_id = ? AND s.kind = ? AND EXISTS (SELECT 1 FROM psa_record r WHERE r.integration_id = s.integration_id AND r.kind = s.kind
		AND r.external_id = s.external_id AND r.item_id IS NULL AND r.in_scope)`
	total := 0
	if len(ids) == 0 {
		n, err := t.freezeEnded(ctx, p, a, waits, int64(integration), string(kind))
		if err != nil {
			return n, err
		}
		total = n
	}
	err := db.Chunks(ids, 500, func(ids []string) error {
		w := &where{args: []any{}}
		marks := ""
		for n := range ids {
			marks += ",?"[btoi(n == 0):]
		}
		args := append(w.args, int64(integration), string(kind))
		for _, id := range ids {
			args = append(args, id)
		}
		n, err := t.freezeEnded(ctx, p, a, waits+" AND s.external_id IN ("+marks+")", args...)
		total += n
		return err
	})
	if err != nil || kind != mainstay.Organization.Name {
		return total, err
	}
	n, err := t.freezeEnded(ctx, p, a, `s.integration_id = ? AND s.why IN ('inside', 'removed') AND i.organization_id IN (SELECT q.item_id FROM plan_item q
		WHERE q.plan_id = ? AND q.kind = 'organization' AND q.root)`, int64(integration), int64(p.ID))
	return total + n, err
}

func (t *Tx) freezeEnded(ctx context.Context, p mainstay.Plan, a mainstay.Actor, cond string, args ...any) (int, error) {
	w := &where{}
	id := w.arg(int64(p.ID))
	w.add(cond, args...)
	w.visible(a, "i.organization_id")
	return t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
		SELECT DISTINCT CAST(`+id+` AS BIGINT), i.id, i.kind, i.organization_id, i.version, TRUE, i.only_here, FALSE, FALSE, FALSE, '', ''
		FROM tombstone s JOIN item i ON i.id = s.item_id AND i.sync = 'not_linked' WHERE s.why <> 'merged' AND `+w.sql()+" ON CONFLICT (plan_id, item_id) DO NOTHING", w.args...)
}

// MarkLinked gives every line of a chunk that disconnects an outcome: done where
// the item has the planned version and a link, and nothing keeps it.
func (t *Tx) MarkLinked(ctx context.Context, c Chunk) error {
	kept, err := t.keptClause(ctx, c.Plan)
	if err != nil {
		return err
	}
	return t.look(ctx, c, "item", kept, " WHEN i.sync = 'not_linked' THEN 'no longer matches'")
}

// DisconnectChunk ends the links of a chunk and keeps the items. Of each link a
// tombstone stays, with the item's state before.
func (t *Tx) DisconnectChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	if err := t.MarkLinked(ctx, c); err != nil {
		return 0, 0, err
	}
	why := "CASE WHEN i.kind <> 'organization' AND i.organization_id IN (SELECT q.item_id FROM plan_item q WHERE q.plan_id = $1 AND q.item_id = i.organization_id AND NOT q.held) THEN 'inside' ELSE 'disconnected' END"
	if c.Plan.Params.Remove {
		why = "'removed'"
	}
	now := int64(t.Now())
	_, err = t.Exec(ctx, `INSERT INTO tombstone (`+tombstoneColumns+`) SELECT r.integration_id, r.kind, r.external_id, i.id, CAST($1 AS BIGINT), $4, CAST($5 AS BIGINT), `+why+`, $6,
		i.sync, i.reason, i.since, i.sync_note, r.linked_at, '' FROM psa_record r JOIN item i ON i.id = r.item_id WHERE r.item_id IN `+c.items()+`
		ON CONFLICT (integration_id, kind, external_id) DO UPDATE SET item_id = excluded.item_id, plan_id = excluded.plan_id, who = excluded.who, at = excluded.at,
		why = excluded.why, note = excluded.note, sync = excluded.sync, reason = excluded.reason, since = excluded.since, sync_note = excluded.sync_note,
		linked_at = excluded.linked_at, seen = excluded.seen`, c.args(c.Actor.Name, now, c.Plan.Params.Note)...)
	if err != nil {
		return 0, 0, err
	}
	if err := t.record(ctx, c, "item", "disconnected"); err != nil {
		return 0, 0, err
	}
	if err := t.tallyMoved(ctx, c, mainstay.NotLinked, mainstay.ReasonDisconnected); err != nil {
		return 0, 0, err
	}
	steps := []struct {
		sql  string
		args []any
	}{
		{"UPDATE psa_record SET item_id = NULL, in_scope = FALSE, hash = '', linked_at = 0 WHERE item_id IN " + c.items(), nil},
		{"UPDATE item SET sync = 'not_linked', reason = 'disconnected', since = $4, sync_note = $5, version = version + 1 WHERE id IN " + c.items(),
			[]any{now, disconnectedNote(c)}},
	}
	for _, s := range steps {
		if _, err := t.Exec(ctx, s.sql, c.args(s.args...)...); err != nil {
			return 0, 0, err
		}
	}
	return t.FinishChunk(ctx, c)
}

// disconnectedNote is the sentence that stays with a disconnected item.
func disconnectedNote(c Chunk) string {
	from := ""
	if c.Plan.Params.PSA != "" {
		from = " from " + c.Plan.Params.PSA
	}
	s := "Disconnected" + from + " by " + c.Actor.Name + "."
	if c.Plan.Params.Note != "" {
		s += " " + c.Plan.Params.Note
	}
	return s
}

// MarkEnded gives every line of a chunk that reconnects an outcome: done where
// the item is live, has no link, and a link of it was ended whose record has no
// other item.
func (t *Tx) MarkEnded(ctx context.Context, c Chunk) error {
	_, err := t.Exec(ctx, `UPDATE plan_item SET outcome = COALESCE((SELECT CASE WHEN i.sync <> 'not_linked' OR NOT EXISTS (SELECT 1 FROM tombstone s
			LEFT JOIN psa_record r ON r.integration_id = s.integration_id AND r.kind = s.kind AND r.external_id = s.external_id
			WHERE s.item_id = i.id AND s.why <> 'merged' AND r.item_id IS NULL) THEN 'no longer matches' ELSE 'done' END
		FROM item i WHERE i.id = plan_item.item_id), 'no longer there')
		WHERE `+c.lines()+" AND outcome = ''", c.args()...)
	return err
}

// EndedIn returns the ended links of the items of a chunk that are to be taken
// up: per item the one of the plan's origin, or else the newest.
func (t *Tx) EndedIn(ctx context.Context, c Chunk) (map[mainstay.ItemID]mainstay.Tombstone, error) {
	all, err := scanAll(ctx, t, scanTombstone, "SELECT "+columnsOf(tombstoneColumns, "s")+` FROM tombstone s
		LEFT JOIN psa_record r ON r.integration_id = s.integration_id AND r.kind = s.kind AND r.external_id = s.external_id
		WHERE s.item_id IN `+c.items()+` AND s.why <> 'merged' AND r.item_id IS NULL ORDER BY s.at, s.external_id`, c.args()...)
	out := make(map[mainstay.ItemID]mainstay.Tombstone, len(all))
	for _, s := range all {
		if old, ok := out[s.ItemID]; ok && old.PlanID == c.Plan.Origin && c.Plan.Origin != 0 {
			continue
		}
		out[s.ItemID] = s
	}
	return out, err
}
