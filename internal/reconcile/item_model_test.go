package reconcile_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestItemModel lets people switch, sync, disconnect, match, delete and undo
// single contacts in any order, while the PSA changes and full syncs come in
// between. Each step leads to the state that the table says, or is refused and
// changes nothing; no record ever gets a second item; the invariants hold after
// every step; and in the end every contact is what the PSA and the people say.
func TestItemModel(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		sequences(t, 4)
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(t, fresh(t, d), little())
			w.completes("first", w.sync())
			m := &itemModel{world: w}
			rt.Repeat(map[string]func(*rapid.T){
				"disable": m.disable, "enable": m.enable, "sync one": m.syncOne, "disconnect": m.disconnect, "match": m.match,
				"delete": m.delete, "undo": m.undo, "psa": m.psaChanges, "full sync": m.fullSync, "make": m.make,
				"": func(*rapid.T) {
					m.sound("after a step")
					if m.Failed() {
						rt.Fatal("an invariant is broken")
					}
				},
			})
			m.fullSync(rt)
			m.settled(rt)
		})
	})
}

type itemModel struct {
	*world
	plans []donePlan // and not undone
	made  int
}

// donePlan is a plan with what was there before and after it.
type donePlan struct {
	mainstay.Plan
	before, after map[string]string
}

func (m *itemModel) planned(p mainstay.Plan, before map[string]string) {
	m.plans = append(m.plans, donePlan{p, before, m.state()})
}

// any picks a contact, whatever its state.
func (m *itemModel) any(rt *rapid.T) mainstay.Item {
	var all []mainstay.Item
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		f, err := t.Filter(m.ctx, &mainstay.Contact, "", 0)
		if err != nil {
			return err
		}
		page, err := t.List(m.ctx, m.admin, store.ListRequest{Filter: f, Sort: store.ByName, Limit: 100})
		for _, r := range page.Rows {
			all = append(all, r.Item)
		}
		return err
	}))
	if len(all) == 0 {
		rt.Skip("no contact is left")
	}
	i := rapid.SampledFrom(all).Draw(rt, "contact")
	return m.item(i.Ref())
}

// steps is the state that follows a step that is allowed; a state without one
// refuses it.
func steps() map[string]map[mainstay.SyncState][]mainstay.SyncState {
	const on, off, bad, gone, own = mainstay.Syncing, mainstay.SyncDisabled, mainstay.SyncError, mainstay.Orphaned, mainstay.NotLinked
	return map[string]map[mainstay.SyncState][]mainstay.SyncState{
		"disable":    {on: {off}, bad: {off}},
		"enable":     {off: {on}},
		"sync one":   {on: {on, bad}, bad: {on, bad}, gone: {on, gone}},
		"disconnect": {on: {own}, off: {own}, bad: {own}, gone: {own}},
		"match":      {own: {on, off, gone}},
	}
}

// took checks that a step did what the table says.
func (m *itemModel) took(rt *rapid.T, step string, was mainstay.Item, before map[string]string, err error) bool {
	now := m.item(was.Ref())
	want, allowed := steps()[step][was.Sync]
	switch {
	case !allowed && err == nil:
		rt.Fatalf("%s of what is %s was allowed", step, was.Sync)
	case err != nil:
		if kind := mainstay.KindOf(err); kind != mainstay.Conflict && kind != mainstay.Held && kind != mainstay.NotFound {
			rt.Fatalf("%s of what is %s: %v", step, was.Sync, err)
		}
		m.differ(before, step+" was refused")
		return false
	case !strings.Contains(fmt.Sprint(want), string(now.Sync)):
		rt.Fatalf("%s led from %s to %s", step, was.Sync, now.Sync)
	}
	return true
}

func (m *itemModel) disable(rt *rapid.T) {
	i, before := m.any(rt), m.matter()
	_, err := m.changes.DisableSync(m.ctx, m.admin, i.Ref(), i.Version)
	if !m.took(rt, "disable", i, before, err) && (i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError) {
		rt.Fatalf("disable was refused: %v", err)
	}
}

func (m *itemModel) enable(rt *rapid.T) {
	i, before := m.any(rt), m.matter()
	_, err := m.changes.EnableSync(m.ctx, m.admin, i.Ref(), i.Version)
	if !m.took(rt, "enable", i, before, err) && i.Sync == mainstay.SyncDisabled {
		rt.Fatalf("enable was refused: %v", err)
	}
}

func (m *itemModel) syncOne(rt *rapid.T) {
	i, before := m.any(rt), m.matter()
	_, err := m.engine.SyncItem(m.ctx, m.admin, i.Ref())
	if !m.took(rt, "sync one", i, before, err) && i.Sync != mainstay.SyncDisabled && i.Sync != mainstay.NotLinked {
		rt.Fatalf("sync was refused: %v", err)
	}
}

func (m *itemModel) disconnect(rt *rapid.T) {
	i, before, state := m.any(rt), m.matter(), m.state()
	p, err := m.changes.DisconnectNow(m.ctx, m.admin, &mainstay.Contact, map[mainstay.ItemID]int64{i.ID: i.Version}, "")
	if m.took(rt, "disconnect", i, before, err) {
		m.planned(p, state)
	} else if i.Sync != mainstay.NotLinked {
		rt.Fatalf("disconnect was refused: %v", err)
	}
}

// match links with any record of the company, one that is taken as well.
func (m *itemModel) match(rt *rapid.T) {
	i, before, state := m.any(rt), m.matter(), m.state()
	var fits []change.Fit
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		companies, err := t.CompaniesOf(m.ctx, i.OrganizationID)
		if err != nil || len(companies) == 0 {
			return err
		}
		records, err := t.SearchRecords(m.ctx, store.RecordSearch{Kind: "contact", Companies: companies, Limit: 100})
		if err == nil {
			fits, err = change.Fits(m.ctx, t, m.admin, i, records)
		}
		return err
	}))
	if len(fits) == 0 {
		rt.Skip("no record is there")
	}
	f := fits[rapid.IntRange(0, len(fits)-1).Draw(rt, "record")]
	instead := rapid.Bool().Draw(rt, "instead")
	p, err := m.changes.MatchRecord(m.ctx, m.admin, change.Match{Item: i.Ref(), Version: i.Version, Integration: m.id, Record: f.Record.ExternalID, Instead: instead})
	switch took := m.took(rt, "match", i, before, err); {
	case took && f.Why != "":
		rt.Fatalf("linked with a record that should be refused: %s", f.Why)
	case took:
		m.planned(p, state)
	case i.Sync == mainstay.NotLinked && f.Why == "" && (f.Waits == nil || instead):
		rt.Fatalf("match was refused: %v", err)
	}
}

func (m *itemModel) delete(rt *rapid.T) {
	i, before, state := m.any(rt), m.matter(), m.state()
	p, err := m.changes.DeleteNow(m.ctx, m.admin, &mainstay.Contact, map[mainstay.ItemID]int64{i.ID: i.Version})
	syncs := i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError
	switch {
	case syncs != (mainstay.KindOf(err) == mainstay.Forbidden):
		rt.Fatalf("deleting what is %s gave %v", i.Sync, err)
	case err != nil:
		m.differ(before, "a deletion was refused")
	default:
		m.planned(p, state)
	}
}

// undo takes the latest plan back. Where nothing happened since, all is as before;
// else there may be nothing left to undo, and then nothing changes.
func (m *itemModel) undo(rt *rapid.T) {
	if len(m.plans) == 0 {
		rt.Skip("nothing was done")
	}
	p := m.plans[len(m.plans)-1]
	m.plans = m.plans[:len(m.plans)-1]
	before, now := m.matter(), m.state()
	u, err := m.changes.Undo(m.ctx, m.admin, p.ID)
	switch {
	case mainstay.KindOf(err) == mainstay.NotFound || mainstay.KindOf(err) == mainstay.Conflict:
		m.differ(before, "an undo was refused")
	case err != nil:
		rt.Fatalf("undo: %v", err)
	case u.State == mainstay.PlanStarting:
		m.apply(u.ID)
	}
	// Undoing a match ends links, from which protection keeps.
	kept := p.Action == mainstay.ActionReconnect && m.number("SELECT count(*) FROM protection WHERE keep") > 0
	if maps.Equal(now, p.after) && !kept {
		m.unlike(p.before, "undone at once")
		if rapid.Bool().Draw(rt, "undo the undo") && u.Action.Undo() != "" {
			m.undone(u)
		}
	}
}

func (m *itemModel) make(rt *rapid.T) {
	m.made++
	_, org := m.some("organization", rapid.IntRange(0, 3).Draw(rt, "organization"))
	m.create(mainstay.Item{Kind: "contact", OrganizationID: org.ID, Values: mainstay.Values{"first_name": {Text: fmt.Sprint("Made ", m.made)}}})
}

func (m *itemModel) psaChanges(rt *rapid.T) {
	m.made++
	id := rapid.SampledFrom(m.psa.IDs(simulator.Contacts)).Draw(rt, "record")
	switch rapid.SampledFrom([]string{"title", "inactive", "move", "gone"}).Draw(rt, "what") {
	case "title":
		m.edit("contact", id, fmt.Sprint("Title ", m.made))
	case "inactive":
		m.psa.EditContact(id, func(k *simulator.Contact) { k.InactiveFlag = !k.InactiveFlag })
	case "move":
		to := rapid.SampledFrom(m.psa.IDs(simulator.Companies)).Draw(rt, "company")
		m.psa.EditContact(id, func(k *simulator.Contact) { k.Company, k.Site = &simulator.Ref{ID: to}, nil })
	case "gone":
		if m.psa.Count(simulator.Contacts) > 6 {
			m.psa.Delete(simulator.Contacts, id)
		}
	}
}

// fullSync takes nothing for new that had an item, has one or waits for one.
func (m *itemModel) fullSync(rt *rapid.T) {
	known := m.number("SELECT count(*) FROM item WHERE kind = 'contact'") + m.number("SELECT count(*) FROM trash")
	had := map[string]bool{}
	for k := range m.state() {
		if name, ok := strings.CutPrefix(k, "ended contact "); ok {
			had[name] = true
		}
	}
	run := m.world.sync()
	if run.State == mainstay.RunHeld {
		m.settle(run.ID, true, "")
		run = m.work(run.ID)
	}
	m.completes("a full sync", run)
	if now := m.number("SELECT count(*) FROM item WHERE kind = 'contact'") + m.number("SELECT count(*) FROM trash"); now-known != run.Counts.Created {
		rt.Fatalf("%d contacts are more, the run counts %+v", now-known, run.Counts)
	}
	for k, state := range m.holds().states {
		if name, ok := strings.CutPrefix(k, "contact "); ok && had[name] {
			rt.Fatalf("a record that waited for a person is %s after a sync", state)
		}
	}
}

// settled: after a full sync what the PSA says syncs, but for what people decided.
func (m *itemModel) settled(rt *rapid.T) {
	want, got := m.should(m.integration().Settings), m.holds()
	for k := range m.state() {
		if name, ok := strings.CutPrefix(k, "ended "); ok {
			delete(want, name)
		}
	}
	for k, state := range got.states {
		switch state {
		case mainstay.Syncing, mainstay.SyncError:
			if got.shown[k] != want[k] {
				rt.Fatalf("%s shows %q, the PSA says %q", k, got.shown[k], want[k])
			}
			delete(want, k)
		case "trash", mainstay.SyncDisabled:
			delete(want, k)
		case mainstay.Orphaned, mainstay.NotLinked:
		}
	}
	if len(want) > 0 {
		rt.Fatalf("these should sync: %v", want)
	}
}
