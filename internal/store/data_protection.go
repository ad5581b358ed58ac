package store

import (
	"context"
	"encoding/json"
	"strings"

	"mainstay"
	"mainstay/internal/db"
)

// settingBulkDeletion is the setting that holds the switch while it is on. No
// bundle takes it along: a restored installation starts with the switch off.
const settingBulkDeletion = "bulk deletion"

// BulkDeletion returns the switch for deleting items that still sync. The zero
// value, which is never on, stands for one that was switched off.
func (t *Tx) BulkDeletion(ctx context.Context) (mainstay.BulkDeletion, error) {
	return t.bulkDeletion(ctx, "")
}

// HoldBulkDeletion is BulkDeletion for a transaction that deletes: switching it
// off waits until the transaction ends, so nothing is deleted after that.
func (t *Tx) HoldBulkDeletion(ctx context.Context) (mainstay.BulkDeletion, error) {
	return t.bulkDeletion(ctx, t.ForUpdate())
}

func (t *Tx) bulkDeletion(ctx context.Context, lock string) (mainstay.BulkDeletion, error) {
	var b mainstay.BulkDeletion
	var text string
	err := t.QueryRow(ctx, "SELECT value FROM setting WHERE name = $1"+lock, settingBulkDeletion).Scan(&text)
	if db.IsNoRows(err) {
		return b, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &b)
	}
	return b, err
}

// SetBulkDeletion switches on, or replaces what was on before.
func (t *Tx) SetBulkDeletion(ctx context.Context, b mainstay.BulkDeletion) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return t.SetSetting(ctx, settingBulkDeletion, string(text))
}

// TakeBulkDeletion switches off and returns what was on. Of several transactions
// that do so at once a single one gets it; ok is false for the others.
func (t *Tx) TakeBulkDeletion(ctx context.Context) (b mainstay.BulkDeletion, ok bool, err error) {
	text, ok, err := t.TakeSetting(ctx, settingBulkDeletion)
	if err == nil && ok {
		err = json.Unmarshal([]byte(text), &b)
	}
	return b, ok, err
}

// AccountActivity lists what happened to a named part of the account, such as
// the switch for bulk deletion, newest first. It walks the entries that speak of
// no item, by index.
func (t *Tx) AccountActivity(ctx context.Context, name string, limit int) ([]mainstay.Activity, error) {
	return scanAll(ctx, t, scanActivity, "SELECT "+activityColumns+" FROM activity WHERE item_id = 0 AND name = $1 ORDER BY id DESC LIMIT $2", name, limit)
}

// Returning is how many items of a plan that sync share one class of records.
type Returning struct {
	Integration mainstay.IntegrationID
	ClassCount
}

// SyncingClasses counts what a plan will touch and has a record that syncs, or
// that would if nobody had switched the item off, by integration and by the class
// of the record and of its company. It reads every line of the plan once.
func (t *Tx) SyncingClasses(ctx context.Context, p mainstay.Plan) ([]Returning, error) {
	return t.planClasses(ctx, p, "'syncing', 'error', 'disabled'")
}

// OrphanClasses is SyncingClasses for what a plan will touch that is orphaned.
func (t *Tx) OrphanClasses(ctx context.Context, p mainstay.Plan) ([]Returning, error) {
	return t.planClasses(ctx, p, "'orphaned'")
}

func (t *Tx) planClasses(ctx context.Context, p mainstay.Plan, states string) ([]Returning, error) {
	return scanAll(ctx, t, scanReturning, `SELECT r.integration_id, r.kind, r.type_ids, r.status_id, r.inactive, COALESCE(c.type_ids, ''), COALESCE(c.status_id, ''), count(*)
		FROM plan_item q JOIN item i ON i.id = q.item_id JOIN psa_record r ON r.item_id = i.id
		LEFT JOIN psa_record c ON c.integration_id = r.integration_id AND c.kind = 'organization' AND c.external_id = r.company_id AND r.company_id <> ''
		WHERE q.plan_id = $1 AND NOT q.held AND i.sync IN (`+states+`)
		GROUP BY r.integration_id, r.kind, r.type_ids, r.status_id, r.inactive, COALESCE(c.type_ids, ''), COALESCE(c.status_id, '')`, int64(p.ID))
}

func scanReturning(r db.Row) (Returning, error) {
	var c Returning
	var types, company string
	err := r.Scan(&c.Integration, &c.Kind, &types, &c.StatusID, &c.Inactive, &company, &c.CompanyStatusID, &c.N)
	c.TypeIDs, c.CompanyTypeIDs = splitIDs(types), splitIDs(company)
	return c, err
}

// splitIDs reads ids of the PSA as psa_record keeps them.
func splitIDs(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// HoldClasses makes a plan keep what its roots hold whose records are of the given
// classes, organizations as a whole. The classes are few, the lines many.
func (t *Tx) HoldClasses(ctx context.Context, p mainstay.Plan, classes []Returning) error {
	return db.Chunks(classes, 100, func(classes []Returning) error {
		w := &where{}
		why, plan := w.arg(WhyOther), w.arg(int64(p.ID))
		var ors []string
		for _, c := range classes {
			ors = append(ors, "(r.integration_id = "+w.arg(int64(c.Integration))+" AND r.kind = "+w.arg(string(c.Kind))+
				" AND r.type_ids = "+w.arg(strings.Join(c.TypeIDs, ","))+" AND r.status_id = "+w.arg(c.StatusID)+")")
		}
		column := "item_id"
		if p.Kind == mainstay.Organization.Name {
			column = "organization_id"
		}
		_, err := t.Exec(ctx, "UPDATE plan_item SET held = TRUE, why = "+why+" WHERE plan_id = "+plan+" AND NOT held AND "+column+
			" IN (SELECT q.item_id FROM plan_item q JOIN psa_record r ON r.item_id = q.item_id WHERE q.plan_id = "+plan+" AND q.root AND ("+strings.Join(ors, " OR ")+"))", w.args...)
		return err
	})
}

// CountClassContents counts, by kind, the linked items of a class with everything
// that their organizations hold, linked or not, as far as the actor sees them.
func (t *Tx) CountClassContents(ctx context.Context, c LinkedClass, a mainstay.Actor) (map[mainstay.KindName]int, error) {
	w := &where{}
	c.conditions(w)
	w.visible(a, "i.organization_id")
	linked := "SELECT i.id, i.kind FROM psa_record r JOIN item i ON i.id = r.item_id WHERE NOT r.trashed AND " + w.sql()
	if c.Kind == mainstay.Organization.Name {
		linked = "SELECT c.id, c.kind FROM (" + linked + ") o JOIN item c ON c.organization_id = o.id"
	}
	return t.countKinds(ctx, "SELECT q.kind, count(*) FROM ("+linked+") q GROUP BY q.kind", w.args...)
}

// CountStillSyncing counts what a filter matches, the actor sees and still syncs.
// It costs what counting the matches of the filter costs.
func (t *Tx) CountStillSyncing(ctx context.Context, a mainstay.Actor, f Filter) (int, error) {
	w := &where{}
	f.conditions(w, t.Now())
	w.visible(a, "i.organization_id")
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM item i WHERE i.sync IN ('syncing', 'error') AND "+w.sql(), w.args...).Scan(&n)
	return n, err
}

// ReleaseSyncing takes out of what a plan holds back what it kept because it
// still syncs, and returns how many lines that were. The caller holds back anew
// what has another reason to stay.
func (t *Tx) ReleaseSyncing(ctx context.Context, p mainstay.Plan) (int, error) {
	return t.Exec(ctx, "UPDATE plan_item SET held = FALSE, why = '' WHERE plan_id = $1 AND held AND why IN ('"+WhySyncing+"', '"+WhyInside+"')", int64(p.ID))
}

// CountSyncingHeld counts the lines of a plan that are kept because they, or
// something in their organization, still sync.
func (t *Tx) CountSyncingHeld(ctx context.Context, p mainstay.Plan) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM plan_item WHERE plan_id = $1 AND held AND why IN ('"+WhySyncing+"', '"+WhyInside+"')", int64(p.ID)).Scan(&n)
	return n, err
}
