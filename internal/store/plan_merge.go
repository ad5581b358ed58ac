package store

import (
	"context"
	"strconv"
	"strings"

	"mainstay"
)

// WhyDouble marks the lines of a merge that go to the trash: an item of the
// target stands for each, whose id the line keeps as what was before.
const WhyDouble = "a double of an item that stays"

// FreezeMerge writes an organization and all that it holds into a merge plan.
func (t *Tx) FreezeMerge(ctx context.Context, p mainstay.Plan, a mainstay.Actor) (int, error) {
	n, err := t.FreezeIDs(ctx, p, []mainstay.ItemID{p.Params.Merge.Source}, a)
	if err != nil {
		return n, err
	}
	inside, err := t.FreezeContents(ctx, p)
	if err != nil {
		return n, err
	}
	// What syncs may move as well, so it is no reason to hold anything back.
	_, err = t.Exec(ctx, "UPDATE plan_item SET why = '' WHERE plan_id = $1 AND why <> ''", int64(p.ID))
	return n + inside, err
}

// MarkDoubles lets lines of a merge plan go to the trash, each with the item that
// stands for it.
func (t *Tx) MarkDoubles(ctx context.Context, id mainstay.PlanID, doubles map[mainstay.ItemID]mainstay.ItemID) error {
	before := make(map[mainstay.ItemID]string, len(doubles))
	for drop, stays := range doubles {
		before[drop] = itemNumber(stays)
	}
	if err := t.PutBefore(ctx, id, before); err != nil {
		return err
	}
	_, err := t.Exec(ctx, "UPDATE plan_item SET why = '"+WhyDouble+"' WHERE plan_id = $1 AND NOT held AND before <> ''", int64(id))
	return err
}

// MergeChunk moves the contents of a merge plan into the target, whatever else
// changed of them since, and doubles into the trash. A double that syncs again,
// changed, or whose stand-in is gone, moves like the rest.
func (t *Tx) MergeChunk(ctx context.Context, c Chunk, purgeAfter mainstay.Time) (done, skipped int, err error) {
	m := c.Plan.Params.Merge
	kept, err := t.keptClause(ctx, c.Plan)
	if err != nil {
		return 0, 0, err
	}
	_, err = t.Exec(ctx, `UPDATE plan_item SET outcome = COALESCE((SELECT CASE`+kept+` WHEN i.organization_id <> $4 OR NOT EXISTS (SELECT 1 FROM item o WHERE o.id = $5) THEN 'no longer matches' ELSE 'done' END
		FROM item i WHERE i.id = plan_item.item_id), 'no longer there') WHERE `+c.lines()+" AND outcome = ''", c.args(int64(m.Source), int64(m.Target))...)
	if err != nil {
		return 0, 0, err
	}
	if m.Doubles > 0 {
		if err := t.trashDoubles(ctx, c, purgeAfter); err != nil {
			return 0, 0, err
		}
	}
	if _, err := t.Exec(ctx, "UPDATE item SET organization_id = $4, version = version + 1 WHERE id IN "+c.items(), c.args(int64(m.Target))...); err != nil {
		return 0, 0, err
	}
	if err := t.recordWith(ctx, c, "item", "moved", "From "+m.SourceName, "''"); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}

// trashDoubles moves the doubles among the lines of a chunk to the trash.
func (t *Tx) trashDoubles(ctx context.Context, c Chunk, purgeAfter mainstay.Time) error {
	doubles := c.narrowed("why = '" + WhyDouble + "'")
	err := t.each(ctx, c, `UPDATE plan_item SET why = '' WHERE `+doubles.between()+` AND NOT EXISTS (SELECT 1 FROM item i WHERE i.id = plan_item.item_id AND i.version = plan_item.version
		AND i.sync NOT IN ('syncing', 'error') AND EXISTS (SELECT 1 FROM item s WHERE s.id = CAST(NULLIF(plan_item.before, '') AS BIGINT)))`)
	if err != nil {
		return err
	}
	return t.trashDone(ctx, doubles, purgeAfter, "As a double in a merge")
}

// FreezeUnmerge writes into a plan what another one merged: the organization, and
// what moved or went to the trash with it, where it still is anywhere.
func (t *Tx) FreezeUnmerge(ctx context.Context, p mainstay.Plan, origin mainstay.PlanID) (int, error) {
	return t.Exec(ctx, freezeTrash+`SELECT CAST($1 AS BIGINT), o.item_id, o.kind, o.organization_id, COALESCE(i.version, d.version), o.kind = 'organization', o.only_here, o.gone, o.unlinked, FALSE, '', ''
		FROM plan_item o LEFT JOIN item i ON i.id = o.item_id LEFT JOIN trash d ON d.id = o.item_id
		WHERE o.plan_id = $2 AND (o.outcome = 'done' OR o.kind = 'organization') AND (i.id IS NOT NULL OR d.id IS NOT NULL)`, int64(p.ID), int64(origin))
}

// UnmergeChunk moves the contents back, live ones and those that were deleted
// since, and brings the doubles out of the trash. What somebody moved elsewhere
// since stays there.
func (t *Tx) UnmergeChunk(ctx context.Context, c Chunk) (done, skipped int, err error) {
	m, origin := c.Plan.Params.Merge, int64(c.Plan.Origin)
	_, err = t.Exec(ctx, `UPDATE plan_item SET outcome = CASE WHEN NOT EXISTS (SELECT 1 FROM item o WHERE o.id = $5) THEN 'its organization is in Trash'
		ELSE COALESCE((SELECT CASE WHEN i.organization_id IN ($4, $5) THEN 'done' ELSE 'no longer matches' END FROM item i WHERE i.id = plan_item.item_id),
		(SELECT 'done' FROM trash d WHERE d.id = plan_item.item_id), 'no longer there') END WHERE `+c.lines()+" AND outcome = ''", c.args(int64(m.Target), int64(m.Source))...)
	if err != nil {
		return 0, 0, err
	}
	doubles := c.narrowed("item_id IN (SELECT d.id FROM trash d WHERE d.plan_id = " + strconv.FormatInt(origin, 10) + ")")
	if err := t.restoreDone(ctx, doubles); err != nil {
		return 0, 0, err
	}
	_, err = t.Exec(ctx, "UPDATE trash SET organization_id = $5 WHERE organization_id = $4 AND id IN "+c.items(), c.args(int64(m.Target), int64(m.Source))...)
	if err != nil {
		return 0, 0, err
	}
	if _, err := t.Exec(ctx, "UPDATE item SET organization_id = $4, version = version + 1 WHERE id IN "+c.items(), c.args(int64(m.Source))...); err != nil {
		return 0, 0, err
	}
	if err := t.recordWith(ctx, c, "item", "moved", "Back from "+m.TargetName, "''"); err != nil {
		return 0, 0, err
	}
	return t.FinishChunk(ctx, c)
}

// mergesInForce are the plans that merged an organization which was not taken out
// again since.
const mergesInForce = ` FROM plan WHERE action = 'merge' AND state = 'done' AND EXISTS (SELECT 1 FROM plan_item q WHERE q.plan_id = plan.id AND q.kind = 'organization' AND q.outcome = 'done')
	AND NOT EXISTS (SELECT 1 FROM plan u WHERE u.origin = plan.id AND u.action = 'unmerge' AND u.state IN ('starting', 'backing_up', 'running', 'paused', 'done'))`

// mergesRead is how many of the latest merges are looked through for a name.
const mergesRead = 1000

// MergesInto returns the plans that merged others into an organization and are
// still in force, the latest first. The log of the organization leads to them.
func (t *Tx) MergesInto(ctx context.Context, target mainstay.ItemID, limit int) ([]mainstay.Plan, error) {
	w := &where{}
	w.add("id IN (SELECT plan_id FROM activity WHERE item_id = ? AND verb = 'merged')", int64(target))
	w.add("params LIKE ?", `%"target":`+strconv.FormatInt(int64(target), 10)+",%")
	return scanAll(ctx, t, scanPlan, "SELECT "+planColumns+mergesInForce+" AND "+w.sql()+" ORDER BY id DESC LIMIT "+w.arg(limit), w.args...)
}

// MergesNamed returns the merges in force of which either organization has the
// words in the name that it had, as far as the actor sees both; the latest first.
func (t *Tx) MergesNamed(ctx context.Context, a mainstay.Actor, words string, limit int) ([]mainstay.Plan, error) {
	all, err := scanAll(ctx, t, scanPlan, "SELECT "+planColumns+mergesInForce+" ORDER BY id DESC LIMIT $1", mergesRead)
	key := mainstay.SearchKey(words)
	var out []mainstay.Plan
	for _, p := range all {
		m := p.Params.Merge
		if m == nil || len(out) == limit || !a.Sees(m.Source) || !a.Sees(m.Target) {
			continue
		}
		if strings.Contains(mainstay.SearchKey(m.SourceName), key) || strings.Contains(mainstay.SearchKey(m.TargetName), key) {
			out = append(out, p)
		}
	}
	return out, err
}
