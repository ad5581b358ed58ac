package change_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// prepared is a database with every table, made once per test process.
var prepared = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

// world is one installation without a server: tests run its jobs themselves.
type world struct {
	*testing.T
	ctx     context.Context
	store   *store.Store
	changes *change.Changes
	backups int
	admin   mainstay.Actor
	offset  time.Duration // how far the clock was moved
}

// each runs fn on both databases, each with a fresh installation.
func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		x := newWorld(t, d)
		fn(x)
		storetest.Invariants(x, x.store)
	})
}

func newWorld(t *testing.T, d storetest.Database) *world {
	t.Helper()
	x := &world{T: t, ctx: context.Background(), admin: mainstay.Actor{UserID: 0, Name: "Dana", Role: mainstay.Administrator, All: true}}
	d.Config.Now = func() time.Time { return time.Now().Add(x.offset) }
	x.store = store.New(d.Open(t))
	q, err := jobs.NewQueue(x.store.DB)
	if err != nil {
		t.Fatal(err)
	}
	x.changes = change.New(change.Config{Store: x.store, Jobs: q, Backup: x.backup,
		Seal: func(b []byte, _ string) ([]byte, error) { return b, nil }})
	return x
}

// backup stands for a verified backup: what a bundle holds is tested with the bundle.
func (w *world) backup(ctx context.Context, by string) (mainstay.Backup, error) {
	w.backups++
	b := mainstay.Backup{State: mainstay.BackupVerified, By: by, Created: w.store.DB.Now(), Verified: w.store.DB.Now()}
	return b, w.store.Write(ctx, func(t *store.Tx) error { return t.InsertBackup(ctx, &b) })
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(fn func(t *store.Tx) error) {
	w.Helper()
	w.must(w.store.Read(w.ctx, fn))
}

// orphans makes n orphaned, linked organizations with 2 contacts each, the
// first of which also holds a document that exists only here.
func (w *world) orphans(n int) []mainstay.ItemID {
	w.Helper()
	var ids []mainstay.ItemID
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
		ids = nil
		labels := []mainstay.Label{{Kind: "organization", Axis: mainstay.TypeAxis, Name: "Prospect"}}
		if err := t.InsertLabels(w.ctx, labels); err != nil {
			return err
		}
		var orgs []*mainstay.Item
		for i := range n {
			orgs = append(orgs, w.item("organization", 0, fmt.Sprintf("Org %05d", i), labels[0].ID))
		}
		if err := t.InsertItems(w.ctx, orgs); err != nil {
			return err
		}
		var inside []*mainstay.Item
		for _, o := range orgs {
			ids = append(ids, o.ID)
			inside = append(inside, w.item("contact", o.ID, "Ada Ash", 0), w.item("contact", o.ID, "Bo Birch", 0))
		}
		if err := t.InsertItems(w.ctx, inside); err != nil {
			return err
		}
		doc := w.item("document", orgs[0].ID, "Handbook", 0)
		doc.Sync, doc.Reason, doc.SyncNote, doc.OnlyHere = mainstay.NotLinked, "", "", true
		if err := t.InsertItems(w.ctx, []*mainstay.Item{doc}); err != nil {
			return err
		}
		return w.orphaned(t, append(orgs, inside...))
	}))
	return ids
}

// orphaned links items to records, and notes the run that orphaned them.
func (w *world) orphaned(t *store.Tx, items []*mainstay.Item) error {
	run := mainstay.Run{IntegrationID: 1, State: mainstay.RunComplete, Created: t.Now()}
	if err := t.InsertRun(w.ctx, &run); err != nil {
		return err
	}
	var records []store.Record
	var log []mainstay.Activity
	at := map[mainstay.KindName]int{}
	for _, i := range items {
		records = append(records, store.Record{IntegrationID: 1, Kind: i.Kind, ExternalID: fmt.Sprint(at[i.Kind]), ItemID: i.ID, Name: i.Name})
		log = append(log, mainstay.Activity{At: t.Now(), Verb: "orphaned", Kind: i.Kind, ItemID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name, RunID: run.ID})
		at[i.Kind]++
	}
	if err := t.UpsertRecords(w.ctx, records); err != nil {
		return err
	}
	return t.InsertActivity(w.ctx, log)
}

func (w *world) item(kind mainstay.KindName, org mainstay.ItemID, name string, typeID mainstay.LabelID) *mainstay.Item {
	now := w.store.DB.Now()
	return &mainstay.Item{Kind: kind, OrganizationID: org, Name: name, TypeID: typeID, Values: mainstay.Values{}, Version: 1, Created: now, Updated: now,
		Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, SyncNote: "It has another type.", Since: now}
}

// run works on a confirmed plan as its job does.
func (w *world) run(id mainstay.PlanID, lease string) error {
	return w.changes.Apply(w.ctx, jobs.Job{Kind: jobs.Apply, Key: int64(id), Attempt: 1, Lease: lease})
}

func (w *world) plan(id mainstay.PlanID) mainstay.Plan {
	w.Helper()
	var p mainstay.Plan
	w.read(func(t *store.Tx) (err error) {
		p, err = t.Plan(w.ctx, id)
		return err
	})
	return p
}

func (w *world) count(query string) int {
	w.Helper()
	n := 0
	w.read(func(t *store.Tx) error {
		f, err := t.Filter(w.ctx, &mainstay.Organization, query, 0)
		if err != nil {
			return err
		}
		n, err = t.Count(w.ctx, w.admin, f)
		return err
	})
	return n
}

// content writes down every live item, link and trash entry, without what an
// undo may change: nothing.
func (w *world) content() string {
	w.Helper()
	out := ""
	w.read(func(t *store.Tx) error {
		for _, q := range []string{
			"SELECT 'item ' || id || ' ' || kind || ' ' || organization_id || ' ' || name || ' ' || version || ' ' || sync || ' ' || reason || ' ' || fields FROM item ORDER BY id",
			"SELECT 'link ' || kind || ' ' || external_id || ' ' || item_id || ' ' || CASE WHEN trashed THEN 'trashed' ELSE '' END FROM psa_record WHERE item_id IS NOT NULL ORDER BY kind, external_id",
			"SELECT 'trash ' || id || ' ' || name FROM trash ORDER BY id",
		} {
			rows, err := t.Query(w.ctx, q)
			if err != nil {
				return err
			}
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					return err
				}
				out += s + "\n"
			}
			rows.Close()
		}
		return nil
	})
	return out
}
