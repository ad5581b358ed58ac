package reconcile_test

import (
	"context"
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestModel lets everything happen in any order: the PSA changes and misbehaves,
// people change settings, notes and plans, runs are cut short and go on, held
// ones are settled. The invariants hold after every step; and once the PSA
// behaves, two syncs later the installation holds what the oracle says (liveness).
// A failing sequence is printed, shrunk, with the seed that repeats it.
func TestModel(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		sequences(t, 4)
		rapid.Check(t, func(rt *rapid.T) {
			m := &model{T: rt, world: newWorld(t, fresh(t, d), little())}
			m.sound("start")
			rt.Repeat(map[string]func(*rapid.T){
				"psa": m.changePSA, "settings": m.changeSettings, "sync": m.someSync, "cut short": m.cutShort,
				"note": m.writeNote, "delete": m.deleteOrphans, "undo": m.undo, "purge": m.purge,
				"": func(*rapid.T) { m.checked() },
			})
			m.heal()
		})
	})
}

// sequences sets how many sequences run where the command line does not say:
// each makes an installation and a PSA of its own.
func sequences(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if err := flag.Set("rapid.checks", fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", f.DefValue) }) //nolint:errcheck // its own default is allowed
}

func fresh(t *testing.T, d storetest.Database) storetest.Database {
	t.Helper()
	if d.Name == "sqlite" {
		return storetest.Setup{Template: prepared}.SQLite(t)
	}
	return storetest.Setup{Template: prepared}.Postgres(t)
}

// model is one sequence.
type model struct {
	*rapid.T
	*world
	names int
	plans []mainstay.PlanID // deletions that can be undone
}

// Fatalf and the like are the sequence's, so that rapid shrinks it.
func (m *model) checked() {
	if m.world.Failed() {
		m.T.Fatal("an invariant is broken")
	}
	m.sound("after a step")
	if m.world.Failed() {
		m.T.Fatal("an invariant is broken")
	}
}

func (m *model) pick(rt *rapid.T, resource string) int64 {
	ids := m.psa.IDs(resource)
	if len(ids) == 0 {
		rt.Skip("none left")
	}
	return rapid.SampledFrom(ids).Draw(rt, resource)
}

func (m *model) changePSA(rt *rapid.T) {
	m.names++
	company := m.pick(rt, simulator.Companies)
	types := []string{"Client", "Prospect", "Vendor"}
	switch rapid.SampledFrom([]string{"rename", "retype", "delete", "mark", "unmark", "merge", "add", "contact", "move", "inactive", "gone"}).Draw(rt, "what") {
	case "rename":
		m.psa.EditCompany(company, func(c *simulator.Company) { c.Name = fmt.Sprint("Renamed ", m.names) })
	case "retype":
		ty := m.psa.LabelID(simulator.CompanyTypes, rapid.SampledFrom(types).Draw(rt, "type"))
		m.psa.EditCompany(company, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: ty}} })
	case "delete":
		m.psa.Delete(simulator.Companies, company)
	case "mark":
		m.psa.MarkDeleted(company, true)
	case "unmark":
		m.psa.MarkDeleted(company, false)
	case "merge":
		if other := m.pick(rt, simulator.Companies); other != company {
			m.psa.Merge(company, other)
		}
	case "add":
		m.psa.AddCompany(fmt.Sprint("Added ", m.names), rapid.SampledFrom(types).Draw(rt, "type"), "Active")
	case "contact":
		m.psa.EditContact(m.pick(rt, simulator.Contacts), func(k *simulator.Contact) { k.Title = fmt.Sprint("Title ", m.names) })
	case "move":
		m.psa.EditContact(m.pick(rt, simulator.Contacts), func(k *simulator.Contact) { k.Company = &simulator.Ref{ID: company} })
	case "inactive":
		m.psa.EditConfiguration(m.pick(rt, simulator.Configurations), func(k *simulator.Configuration) { k.ActiveFlag = !k.ActiveFlag })
	case "gone":
		m.psa.Delete(simulator.Contacts, m.pick(rt, simulator.Contacts))
	}
}

func (m *model) changeSettings(rt *rapid.T) {
	ty := fmt.Sprint(m.psa.LabelID(simulator.CompanyTypes, rapid.SampledFrom([]string{"Client", "Prospect", "Vendor"}).Draw(rt, "type")))
	if rapid.Bool().Draw(rt, "untick") {
		m.save(change.PauseClass(m.integration().Settings, "organization", mainstay.TypeAxis, ty))
		return
	}
	m.save(everything())
}

// someSync syncs, now and then with a fault in the middle, and settles a held run.
func (m *model) someSync(rt *rapid.T) {
	m.psa.SetFaults()
	if rapid.Bool().Draw(rt, "fault") {
		m.psa.SetFaults(simulator.Fault{ID: rapid.SampledFrom([]string{"F06", "F15", "F17", "F20", "F21", "F22", "F31", "F32", "F35"}).Draw(rt, "id"),
			Resource: rapid.SampledFrom([]string{simulator.Companies, simulator.Contacts, simulator.Sites}).Draw(rt, "resource"), Call: simulator.CallList,
			Nth: rapid.IntRange(1, 4).Draw(rt, "nth"), Times: rapid.IntRange(1, 3).Draw(rt, "times")})
	}
	run := m.world.sync()
	m.psa.SetFaults()
	m.settleAny(rt, run)
}

func (m *model) settleAny(rt *rapid.T, run mainstay.Run) {
	if run.State != mainstay.RunHeld {
		return
	}
	accept := rapid.Bool().Draw(rt, "accept")
	if err := m.changes.SettleRun(m.ctx, m.admin, run.ID, accept, nil); err != nil {
		rt.Fatalf("settle: %v", err)
	}
	if accept {
		m.work(run.ID)
	}
}

// cutShort ends the server in the middle of a run, which then goes on.
func (m *model) cutShort(rt *rapid.T) {
	r, err := m.changes.StartRun(m.ctx, m.admin, m.id)
	if err != nil {
		rt.Fatalf("start: %v", err)
	}
	ctx, stop := context.WithCancel(m.ctx)
	defer stop()
	m.meanwhile(simulator.Fault{Resource: rapid.SampledFrom([]string{simulator.Companies, simulator.Contacts, simulator.Configurations}).Draw(rt, "at"),
		Nth: rapid.IntRange(1, 3).Draw(rt, "nth")}, stop)
	m.workIn(ctx, r.ID)
	m.psa.SetFaults()
	m.settleAny(rt, m.work(r.ID))
}

func (m *model) orgs(rt *rapid.T, query string) []mainstay.ItemID {
	var ids []mainstay.ItemID
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		f, err := t.Filter(m.ctx, &mainstay.Organization, query, 0)
		if err != nil {
			return err
		}
		p, err := t.List(m.ctx, m.admin, store.ListRequest{Filter: f, Sort: store.ByName, Limit: 100})
		for _, r := range p.Rows {
			ids = append(ids, r.ID)
		}
		return err
	}))
	if len(ids) == 0 {
		rt.Skip("none")
	}
	return ids
}

func (m *model) writeNote(rt *rapid.T) {
	id := rapid.SampledFrom(m.orgs(rt, "")).Draw(rt, "organization")
	i := m.item(mainstay.Ref{Kind: "organization", ID: id})
	m.names++
	i.Values.SetText("quick_notes", fmt.Sprint("note ", m.names))
	if _, err := m.changes.Update(m.ctx, m.admin, i); err != nil {
		rt.Fatalf("note: %v", err)
	}
}

func (m *model) deleteOrphans(rt *rapid.T) {
	m.orgs(rt, "sync status: orphaned")
	p, err := m.changes.ProposeDelete(m.ctx, m.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	if err != nil {
		rt.Fatalf("plan: %v", err)
	}
	if p.Counts.Total().Apply == 0 {
		return // everything is held back
	}
	m.plans = append(m.plans, m.confirm(p).ID)
}

func (m *model) undo(rt *rapid.T) {
	if len(m.plans) == 0 {
		rt.Skip("nothing was deleted")
	}
	last := m.plans[len(m.plans)-1]
	m.plans = m.plans[:len(m.plans)-1]
	p, err := m.changes.Undo(m.ctx, m.admin, last)
	if err != nil {
		rt.Fatalf("undo: %v", err)
	}
	m.apply(p.ID)
}

func (m *model) purge(rt *rapid.T) {
	if len(m.plans) == 0 {
		rt.Skip("nothing was deleted")
	}
	p, err := m.changes.ProposePurge(m.ctx, m.admin, m.plans[0], nil)
	if err != nil {
		rt.Fatalf("purge: %v", err)
	}
	m.plans = m.plans[1:]
	m.confirm(p)
}

// heal lets the PSA behave: within a few syncs, held ones accepted, all is well.
func (m *model) heal() {
	m.psa.SetFaults()
	for range 4 {
		if run := m.world.sync(); run.State == mainstay.RunHeld {
			m.must(m.changes.SettleRun(m.ctx, m.admin, run.ID, true, nil))
			m.work(run.ID)
		}
	}
	m.agrees("in the end")
	if m.world.Failed() {
		m.T.Fatal("the installation is not what the PSA holds")
	}
}
