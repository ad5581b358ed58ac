package store

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

const planColumns = "id, action, kind, query, seen, origin, user_id, user_name, state, fingerprint, counts, friction, phrase, backup_id, done, skipped, message, created_at, expires_at, start_at, started_at, ended_at, purge_after, params"

func scanPlan(r db.Row) (mainstay.Plan, error) {
	var p mainstay.Plan
	var counts, params string
	err := r.Scan(&p.ID, &p.Action, &p.Kind, &p.Query, &p.Seen, &p.Origin, &p.UserID, &p.UserName, &p.State, &p.Fingerprint, &counts, &p.Friction, &p.Phrase,
		&p.BackupID, &p.Done, &p.Skipped, &p.Message, &p.Created, &p.Expires, &p.StartAt, &p.Started, &p.Ended, &p.PurgeAfter, &params)
	if err == nil {
		err = json.Unmarshal([]byte(counts), &p.Counts)
	}
	if err == nil {
		err = json.Unmarshal([]byte(params), &p.Params)
	}
	return p, err
}

// InsertPlan stores a new plan and sets its id.
func (t *Tx) InsertPlan(ctx context.Context, p *mainstay.Plan) error {
	id, err := t.NextIDs(ctx, "plan", 1)
	if err != nil {
		return err
	}
	p.ID = mainstay.PlanID(id)
	_, err = t.Exec(ctx, `INSERT INTO plan (id, action, kind, query, seen, origin, user_id, user_name, actor, state, fingerprint, counts, friction, phrase, backup_id,
		done, skipped, message, lease, cursor, created_at, expires_at, start_at, started_at, ended_at, purge_after)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', $9, '', '{}', 0, '', 0, 0, 0, '', '', 0, $10, $11, 0, 0, 0, 0)`,
		id, string(p.Action), string(p.Kind), p.Query, p.Seen, int64(p.Origin), int64(p.UserID), p.UserName, string(p.State), int64(p.Created), int64(p.Expires))
	return err
}

// UpdatePlan stores a plan that was read in the same transaction. It leaves
// what only the job writes (lease, pass, cursor, done, skipped) alone.
func (t *Tx) UpdatePlan(ctx context.Context, p mainstay.Plan) error {
	counts, err := json.Marshal(p.Counts)
	if err != nil {
		return err
	}
	params, err := json.Marshal(p.Params)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `UPDATE plan SET state = $1, fingerprint = $2, counts = $3, friction = $4, phrase = $5, backup_id = $6, message = $7,
		start_at = $8, started_at = $9, ended_at = $10, purge_after = $11, query = $12, params = $13 WHERE id = $14`,
		string(p.State), p.Fingerprint, string(counts), int(p.Friction), p.Phrase, int64(p.BackupID), p.Message,
		int64(p.StartAt), int64(p.Started), int64(p.Ended), int64(p.PurgeAfter), p.Query, string(params), int64(p.ID))
	return err
}

// Plan returns one plan.
func (t *Tx) Plan(ctx context.Context, id mainstay.PlanID) (mainstay.Plan, error) {
	return one(ctx, t, "plan", scanPlan, "SELECT "+planColumns+" FROM plan WHERE id = $1", int64(id))
}

// LockPlan reads a plan and keeps other writers of it waiting until the
// transaction ends, so that two clicks can't both confirm.
func (t *Tx) LockPlan(ctx context.Context, id mainstay.PlanID) (mainstay.Plan, error) {
	if _, err := t.Exec(ctx, "UPDATE plan SET id = id WHERE id = $1", int64(id)); err != nil {
		return mainstay.Plan{}, err
	}
	return t.Plan(ctx, id)
}

// Plans lists plans, newest first; states narrows where it is not empty.
func (t *Tx) Plans(ctx context.Context, states []mainstay.PlanState, limit int) ([]mainstay.Plan, error) {
	w := &where{}
	if len(states) > 0 {
		w.conds = append(w.conds, "state IN "+list(w, states, func(s mainstay.PlanState) any { return string(s) }))
	}
	return scanAll(ctx, t, scanPlan, "SELECT "+planColumns+" FROM plan WHERE "+w.sql()+" ORDER BY id DESC LIMIT "+w.arg(limit), w.args...)
}

// LeasePlan gives the plan to one execution of its job.
func (t *Tx) LeasePlan(ctx context.Context, id mainstay.PlanID, lease string) error {
	_, err := t.Exec(ctx, "UPDATE plan SET lease = $1 WHERE id = $2", lease, int64(id))
	return err
}

// FreezeRoots writes the items that the filter matches and the actor sees into
// a plan, with their versions, and returns how many.
func (t *Tx) FreezeRoots(ctx context.Context, p mainstay.Plan, f Filter, a mainstay.Actor) (int, error) {
	w := &where{}
	id := w.arg(int64(p.ID))
	f.conditions(w, t.Now())
	w.visible(a, "i.organization_id")
	linkedOnly(w, p, "i")
	return t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
		SELECT CAST(`+id+` AS BIGINT), i.id, i.kind, i.organization_id, i.version, TRUE, i.only_here, i.reason = 'deleted', i.reason = 'disconnected', FALSE, `+whyOf("i", WhySyncing)+`, '' FROM item i WHERE `+w.sql(), w.args...)
}

// FreezeIDs writes the given items into a plan, where the actor sees them.
func (t *Tx) FreezeIDs(ctx context.Context, p mainstay.Plan, ids []mainstay.ItemID, a mainstay.Actor) (int, error) {
	total := 0
	err := db.Chunks(ids, 1000, func(ids []mainstay.ItemID) error {
		w := &where{}
		id := w.arg(int64(p.ID))
		w.add("i.kind = ?", string(p.Kind))
		w.conds = append(w.conds, "i.id IN "+list(w, ids, itemArg))
		w.visible(a, "i.organization_id")
		linkedOnly(w, p, "i")
		n, err := t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
			SELECT CAST(`+id+` AS BIGINT), i.id, i.kind, i.organization_id, i.version, TRUE, i.only_here, i.reason = 'deleted', i.reason = 'disconnected', FALSE, `+whyOf("i", WhySyncing)+`, '' FROM item i WHERE `+w.sql()+
			` ON CONFLICT (plan_id, item_id) DO NOTHING`, w.args...)
		total += n
		return err
	})
	return total, err
}

// FreezeContents writes everything inside the plan's organizations into the plan.
// Where that is most of all items it reads the items in the order of their ids,
// in which both tables lie on the disk, and else it looks them up by organization.
func (t *Tx) FreezeContents(ctx context.Context, p mainstay.Plan) (int, error) {
	const roots = "SELECT item_id FROM plan_item WHERE plan_id = $1 AND kind = 'organization' AND root"
	var inside, all int
	err := t.QueryRow(ctx, "SELECT count(*), (SELECT CAST(COALESCE(sum(n), 0) AS BIGINT) FROM tally) FROM item WHERE organization_id IN ("+roots+")", int64(p.ID)).Scan(&inside, &all)
	if err != nil {
		return 0, err
	}
	w := &where{}
	linkedOnly(w, p, "c")
	if err := t.ofIntegration(ctx, w, p, "c"); err != nil {
		return 0, err
	}
	column := "c.organization_id"
	if inside > all/2 {
		column = "+c.organization_id"
	}
	n, err := t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
		SELECT CAST($1 AS BIGINT), c.id, c.kind, c.organization_id, c.version, FALSE, c.only_here, c.reason = 'deleted', c.reason = 'disconnected', FALSE, `+whyOf("c", WhyInside)+`, ''
		FROM item c WHERE `+column+" IN ("+roots+") AND c.id <> c.organization_id AND "+w.sql()+" ORDER BY c.id", int64(p.ID))
	if err != nil {
		return n, err
	}
	return n, t.Analyze(ctx, "plan_item", n)
}

// FreezeDone writes into a plan the live items that another plan touched, with
// the versions that they have now, and returns how many.
func (t *Tx) FreezeDone(ctx context.Context, p mainstay.Plan, origin mainstay.PlanID, a mainstay.Actor) (int, error) {
	w := &where{}
	id := w.arg(int64(p.ID))
	w.add("o.plan_id = ?", int64(origin))
	w.visible(a, "i.organization_id")
	linkedOnly(w, p, "i")
	return t.Exec(ctx, `INSERT INTO plan_item (plan_id, item_id, kind, organization_id, version, root, only_here, gone, unlinked, held, why, outcome)
		SELECT CAST(`+id+` AS BIGINT), i.id, i.kind, i.organization_id, i.version, o.root, i.only_here, i.reason = 'deleted', i.reason = 'disconnected', FALSE, '', ''
		FROM plan_item o JOIN item i ON i.id = o.item_id WHERE o.outcome = 'done' AND `+w.sql(), w.args...)
}

// linkedOnly narrows a plan that ends links to the items that have one.
func linkedOnly(w *where, p mainstay.Plan, alias string) {
	if p.Action == mainstay.ActionDisconnect {
		w.conds = append(w.conds, alias+".sync <> 'not_linked'")
	}
}

// whyOf is the reason to hold a line back that its item, under an alias, gives by
// itself: it still syncs. HoldBack makes it count.
func whyOf(alias, why string) string {
	return "CASE WHEN " + alias + ".sync IN ('syncing', 'error') THEN '" + why + "' ELSE '' END"
}

// Why a plan holds an item back.
const (
	WhySyncing  = "still syncing"
	WhyInside   = "holds items that still sync"
	WhyOnlyHere = "exists only here"
	WhyContents = "holds items that exist only here"
	WhyPrimary  = "your own organization"
	// WhyOther is for a deletion by type: it has another type, by which it goes on syncing.
	WhyOther    = "goes on syncing by another type"
	WhyOwned    = "its type comes from the PSA"
	WhyByPerson = "kept by you"
	// Protection is never included one by one; it has to be lifted first.
	WhyProtected  = "protected"
	WhyKeptInside = "holds protected items"
	WhyLegalHold  = "under legal hold"
	WhyHoldInside = "holds items under legal hold"
)

// HoldBack marks what a plan that deletes, disconnects or merges keeps: what is
// protected, and for deletions also items that still sync, items and whole
// organizations with something that exists only here, and the primary
// organization. chosen says that a person picked the rows one by one, so an
// only-here item that is no organization is not held.
func (t *Tx) HoldBack(ctx context.Context, p mainstay.Plan, chosen bool) error {
	var primary, syncing, only int
	err := t.QueryRow(ctx, `SELECT count(*) FILTER (WHERE why <> ''), count(*) FILTER (WHERE only_here),
		(SELECT count(*) FROM item i JOIN plan_item q ON q.plan_id = $1 AND q.item_id = i.id WHERE i.kind = 'organization' AND i.is_primary)
		FROM plan_item WHERE plan_id = $1`, int64(p.ID)).Scan(&syncing, &only, &primary)
	if err != nil {
		return err
	}
	guarded, err := t.anyProtected(ctx)
	if err != nil {
		return err
	}
	if p.Action != mainstay.ActionDelete {
		primary, only = 0, 0
	}
	if p.Action != mainstay.ActionDelete || p.Params.Syncing {
		syncing = 0
	}
	whole := p.Kind == mainstay.Organization.Name
	steps := append(t.protectedSteps(p, guarded), holdStep{syncing, "why", "why <> ''"}, holdStep{btoi(!chosen) * only, "'" + WhyOnlyHere + "'", "only_here"})
	if whole {
		steps = append(t.protectedSteps(p, guarded),
			holdStep{primary, "'" + WhyPrimary + "'", "organization_id IN (SELECT id FROM item WHERE kind = 'organization' AND is_primary)"},
			holdStep{syncing, "CASE WHEN root AND why <> '' THEN why ELSE '" + WhyInside + "' END",
				"organization_id IN (SELECT q.organization_id FROM plan_item q WHERE q.plan_id = $1 AND q.why IN ('" + WhySyncing + "', '" + WhyInside + "'))"},
			holdStep{only, "'" + WhyContents + "'", "organization_id IN (SELECT q.organization_id FROM plan_item q WHERE q.plan_id = $1 AND q.only_here)"})
	}
	for _, s := range steps {
		if s.lines == 0 {
			continue
		}
		if _, err := t.Exec(ctx, "UPDATE plan_item SET held = TRUE, why = "+s.why+" WHERE plan_id = $1 AND NOT held AND "+s.cond, int64(p.ID)); err != nil {
			return err
		}
	}
	return nil
}

// protectedSteps hold back what is under a legal hold or protected: the item,
// what lies in a protected organization, and where organizations go as a whole,
// each one that holds something protected.
func (t *Tx) protectedSteps(p mainstay.Plan, guarded bool) []holdStep {
	step := func(held bool, why, inside string) []holdStep {
		in := "(" + t.protected(held) + ")"
		steps := []holdStep{{btoi(guarded), "'" + why + "'", "(item_id IN " + in + " OR organization_id IN " + in + ")"}}
		if wholes(p) {
			steps = append(steps, holdStep{btoi(guarded), "'" + inside + "'", "organization_id IN " + t.protecting(held)})
		}
		return steps
	}
	return append(step(true, WhyLegalHold, WhyHoldInside), step(false, WhyProtected, WhyKeptInside)...)
}

// wholes reports whether a plan takes organizations with all that they hold.
func wholes(p mainstay.Plan) bool {
	return p.Kind == mainstay.Organization.Name || p.Params.Remove
}

// holdStep holds lines back under a condition, with an expression for the
// reason. It is left out where no line makes it needed.
type holdStep struct {
	lines     int
	why, cond string
}

// Include takes an organization with its contents, or one item, out of what a
// plan holds back, unless it was protected since. It returns how many items that were.
func (t *Tx) Include(ctx context.Context, p mainstay.Plan, id mainstay.ItemID) (int, error) {
	kept, err := t.keptCondition(ctx, p, "i")
	if err != nil {
		return 0, err
	}
	if kept != "" {
		kept = " AND item_id NOT IN (SELECT i.id FROM item i WHERE " + kept + ")"
	}
	return t.Exec(ctx, `UPDATE plan_item SET held = FALSE, why = '' WHERE plan_id = $1 AND held AND why IN ('exists only here', 'holds items that exist only here', 'kept by you')
		AND (item_id = $2 OR organization_id = $2)`+kept, int64(p.ID), int64(id))
}

// Keep takes an organization with its contents, or one item, out of what a plan
// will touch. It returns how many items that were.
func (t *Tx) Keep(ctx context.Context, p mainstay.Plan, id mainstay.ItemID, why string) (int, error) {
	return t.Exec(ctx, `UPDATE plan_item SET held = TRUE, why = $3 WHERE plan_id = $1 AND NOT held AND (item_id = $2 OR organization_id = $2)`, int64(p.ID), int64(id), why)
}

// HeldBack lists what a plan holds back, organizations as a whole, by name.
func (t *Tx) HeldBack(ctx context.Context, p mainstay.Plan, limit int) ([]mainstay.HeldBack, error) {
	return scanAll(ctx, t, func(r db.Row) (mainstay.HeldBack, error) {
		var h mainstay.HeldBack
		err := r.Scan(&h.ItemID, &h.OrganizationID, &h.Kind, &h.Name, &h.Items, &h.Inside, &h.OnlyHere, &h.Why)
		return h, err
	}, `SELECT q.item_id, i.organization_id, i.kind, i.name, q.n, q.inside, q.own, q.why FROM (
			SELECT CASE WHEN $2 = 'organization' THEN organization_id ELSE item_id END AS item_id, count(*) AS n,
				count(*) FILTER (WHERE $2 = 'organization' AND item_id <> organization_id) AS inside,
				count(*) FILTER (WHERE only_here) AS own, min(why) AS why
			FROM plan_item WHERE plan_id = $1 AND held GROUP BY 1) q
		JOIN item i ON i.id = q.item_id ORDER BY i.name_key, q.item_id LIMIT $3`, int64(p.ID), string(p.Kind), limit)
}

// CountHidden counts what the filter matches in organizations that the actor can't
// see, with contents, by kind.
func (t *Tx) CountHidden(ctx context.Context, f Filter, kind mainstay.KindName, a mainstay.Actor) (map[mainstay.KindName]int, error) {
	out := map[mainstay.KindName]int{}
	if a.All {
		return out, nil
	}
	w := &where{}
	f.conditions(w, t.Now())
	w.add("i.organization_id NOT IN (SELECT organization_id FROM person_organization WHERE person_id = ?)", int64(a.UserID))
	q := "SELECT i.kind, count(*) FROM item i WHERE " + w.sql() + " GROUP BY i.kind"
	if kind == mainstay.Organization.Name {
		q = "SELECT c.kind, count(*) FROM item i JOIN item c ON c.organization_id = i.id WHERE " + w.sql() + " GROUP BY c.kind"
	}
	rows, err := t.Query(ctx, q, w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k mainstay.KindName
		var n int
		if err := rows.Scan(&k, &n); err != nil {
			return nil, err
		}
		out[k] = n
	}
	return out, rows.Err()
}

// LinksRemoved counts the relations from items that stay to items that a plan
// deletes: sub-organizations that lose their parent.
func (t *Tx) LinksRemoved(ctx context.Context, p mainstay.Plan) (int, error) {
	var n int
	err := t.QueryRow(ctx, `SELECT count(*) FROM plan_item q JOIN item s ON s.parent_id = q.item_id AND s.parent_id <> 0
		LEFT JOIN plan_item own ON own.plan_id = q.plan_id AND own.item_id = s.id AND NOT own.held
		WHERE q.plan_id = $1 AND q.kind = 'organization' AND NOT q.held AND own.item_id IS NULL`, int64(p.ID)).Scan(&n)
	return n, err
}

// PlanItems pages through the lines of a plan by item id, with names, for
// export and for the outcome list.
func (t *Tx) PlanItems(ctx context.Context, id mainstay.PlanID, after mainstay.ItemID, onlySkipped bool, limit int) ([]mainstay.PlanItem, error) {
	cond := ""
	if onlySkipped {
		cond = " AND p.outcome NOT IN ('', 'done')"
	}
	return scanAll(ctx, t, func(r db.Row) (mainstay.PlanItem, error) {
		var p mainstay.PlanItem
		err := r.Scan(&p.ItemID, &p.Kind, &p.OrganizationID, &p.Name, &p.Version, &p.Held, &p.Why, &p.Outcome)
		return p, err
	}, `SELECT p.item_id, p.kind, p.organization_id, COALESCE(i.name, d.name, '(deleted for good)'), p.version, p.held, p.why, p.outcome FROM plan_item p
		LEFT JOIN item i ON i.id = p.item_id LEFT JOIN trash d ON d.id = p.item_id
		WHERE p.plan_id = $1 AND p.item_id > $2`+cond+` ORDER BY p.item_id LIMIT $3`, int64(id), int64(after), limit)
}

// CountStale counts the lines of a plan whose item changed or left table ("item"
// or "trash") since the plan was made.
func (t *Tx) CountStale(ctx context.Context, p mainstay.Plan, table string) (int, error) {
	if table != "trash" {
		table = "item"
	}
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item p LEFT JOIN "+table+" i ON i.id = p.item_id WHERE p.plan_id = $1 AND NOT p.held AND (i.id IS NULL OR i.version <> p.version)", int64(p.ID)).Scan(&n)
	return n, err
}

// SetPlanActor keeps who confirmed a plan, with the address, for the job.
func (t *Tx) SetPlanActor(ctx context.Context, id mainstay.PlanID, a mainstay.Actor) error {
	b, err := json.Marshal(planActor{a.UserID, a.Name, a.Address})
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, "UPDATE plan SET actor = $1 WHERE id = $2", string(b), int64(id))
	return err
}

type planActor struct {
	UserID  mainstay.UserID `json:"user_id"`
	Name    string          `json:"name"`
	Address string          `json:"address"`
}

// PlanActor returns who confirmed a plan with the rights of this moment, so that
// a person who lost them meanwhile can't go on through a job (hazard 50).
func (t *Tx) PlanActor(ctx context.Context, id mainstay.PlanID) (mainstay.Actor, error) {
	var text string
	if err := t.QueryRow(ctx, "SELECT actor FROM plan WHERE id = $1", int64(id)).Scan(&text); err != nil {
		return mainstay.Actor{}, err
	}
	var p planActor
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return mainstay.Actor{}, err
	}
	if p.UserID == 0 {
		return mainstay.System(p.Name), nil
	}
	return t.Actor(ctx, p.UserID, p.Address)
}
