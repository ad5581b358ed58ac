package reconcile_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestModel lets everything happen in any order: the PSA changes, misbehaves and
// lies, many records leave it at once, people change settings, notes and plans,
// also while a run is under way, runs are cut short and go on, held ones are
// settled. After every step the invariants hold, and each run is compared with
// what the PSA really holds: see checks. Once the PSA behaves, a few syncs later
// the installation holds what the oracle says (liveness).
// A failing sequence is printed, shrunk, with the seed that repeats it.
func TestModel(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		sequences(t, 4)
		rapid.Check(t, func(rt *rapid.T) {
			m := &model{T: rt, world: newWorld(sequence{t, rt}, fresh(t, d), little())}
			m.save(m.all())
			if rapid.Bool().Draw(rt, "synced before") {
				m.completes("the first sync", m.world.sync())
			}
			rt.Repeat(map[string]func(*rapid.T){
				"psa": m.changePSA, "settings": m.changeSettings, "sync": m.someSync, "lie": m.syncWithLies, "exodus": m.exodus, "meanwhile": m.settingsMeanwhile,
				"cut short": m.cutShort, "note": m.writeNote, "delete": m.deleteOrphans, "delete syncing": m.deleteSyncing, "undo": m.undo, "purge": m.purge,
				"": func(*rapid.T) { m.sound("after a step") },
			})
			m.heal()
		})
	})
}

// sequences sets how many sequences run where the command line does not say:
// each makes an installation and a PSA of its own. ./check --long, which asks for
// many cases of every property, gets 10 times as many.
func sequences(t *testing.T, n int) {
	t.Helper()
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		return
	}
	if os.Getenv("RAPID_CHECKS") != "" {
		n *= 10
	}
	if err := flag.Set("rapid.checks", fmt.Sprint(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { flag.Set("rapid.checks", f.DefValue) }) // its own default is allowed
}

func fresh(t *testing.T, d storetest.Database) storetest.Database {
	t.Helper()
	if d.Name == "sqlite" {
		return storetest.Setup{Template: prepared}.SQLite(t)
	}
	return storetest.Setup{Template: prepared}.Postgres(t)
}

// sequence is the test of one sequence: what fails in it fails there, so that
// rapid can repeat and shrink it, and what it opened is closed with it. Files and
// databases are removed with the whole test.
type sequence struct {
	testing.TB
	rt *rapid.T
}

func (s sequence) Helper()                   { s.rt.Helper() }
func (s sequence) Error(args ...any)         { s.rt.Error(args...) }
func (s sequence) Errorf(f string, a ...any) { s.rt.Errorf(f, a...) }
func (s sequence) Fatal(args ...any)         { s.rt.Fatal(args...) }
func (s sequence) Fatalf(f string, a ...any) { s.rt.Fatalf(f, a...) }
func (s sequence) Fail()                     { s.rt.Fail() }
func (s sequence) FailNow()                  { s.rt.FailNow() }
func (s sequence) Failed() bool              { return s.rt.Failed() }
func (s sequence) Log(args ...any)           { s.rt.Log(args...) }
func (s sequence) Logf(f string, a ...any)   { s.rt.Logf(f, a...) }
func (s sequence) Cleanup(f func())          { s.rt.Cleanup(f) }

// model is one sequence.
type model struct {
	*rapid.T
	*world
	names int
	plans []mainstay.PlanID // deletions that can be undone
}

// all ticks every type and status that the PSA has.
func (m *model) all() mainstay.Settings {
	pairs := func(types, statuses string) map[mainstay.Pair]bool {
		out := map[mainstay.Pair]bool{}
		for _, status := range append(m.psa.IDs(statuses), 0) {
			out[mainstay.Pair{Status: fmt.Sprint(status)}] = true
			for _, ty := range m.psa.IDs(types) {
				out[mainstay.Pair{Type: fmt.Sprint(ty), Status: fmt.Sprint(status)}] = true
			}
		}
		return out
	}
	return mainstay.Settings{Contacts: true, Locations: true, Organizations: pairs(simulator.CompanyTypes, simulator.CompanyStatuses),
		Configurations: pairs(simulator.ConfigurationTypes, simulator.ConfigurationStatuses)}
}

func (m *model) pick(rt *rapid.T, resource string) int64 {
	ids := m.psa.IDs(resource)
	if len(ids) == 0 {
		rt.Skip("none left")
	}
	return rapid.SampledFrom(ids).Draw(rt, resource)
}

// doomed picks a record that the PSA can lose. The first of a list stays, which
// of the companies is that of the PSA's owner: without any, no record could vouch
// for what the key sees, and what is gone would be kept.
func (m *model) doomed(rt *rapid.T, resource string) int64 {
	ids := m.psa.IDs(resource)[1:]
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
		m.psa.Delete(simulator.Companies, m.doomed(rt, simulator.Companies))
	case "mark":
		m.psa.MarkDeleted(m.doomed(rt, simulator.Companies), true)
	case "unmark":
		m.psa.MarkDeleted(company, false)
	case "merge":
		if from := m.doomed(rt, simulator.Companies); from != company {
			m.psa.Merge(from, company)
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
		m.psa.Delete(simulator.Contacts, m.doomed(rt, simulator.Contacts))
	}
}

// someSettings are all of them, or those without a type.
func (m *model) someSettings(rt *rapid.T) mainstay.Settings {
	ty := fmt.Sprint(m.psa.LabelID(simulator.CompanyTypes, rapid.SampledFrom([]string{"Client", "Prospect", "Vendor"}).Draw(rt, "type")))
	if rapid.Bool().Draw(rt, "untick") {
		return change.PauseClass(m.integration().Settings, "organization", mainstay.TypeAxis, ty)
	}
	return m.all()
}

func (m *model) changeSettings(rt *rapid.T) { m.save(m.someSettings(rt)) }

// someSync syncs, now and then with a fault in the middle, and settles a held run.
func (m *model) someSync(rt *rapid.T) {
	if rapid.Bool().Draw(rt, "fault") {
		m.psa.SetFaults(simulator.Fault{ID: rapid.SampledFrom([]string{"F06", "F15", "F17", "F20", "F21", "F22", "F31", "F32", "F35"}).Draw(rt, "id"),
			Resource: m.resource(rt), Call: simulator.CallList,
			Nth: rapid.IntRange(1, 4).Draw(rt, "nth"), Times: rapid.IntRange(1, 3).Draw(rt, "times")})
	}
	m.syncAndCheck(rt, truth)
}

func (m *model) resource(rt *rapid.T) string {
	return rapid.SampledFrom(resources()).Draw(rt, "resource")
}

// syncWithLies syncs while the PSA gives well-formed answers that are not true,
// after every record of some lists changed, so that what is missed shows.
func (m *model) syncWithLies(rt *rapid.T) {
	m.names++
	for _, id := range m.psa.IDs(simulator.Contacts) {
		m.psa.EditContact(id, func(k *simulator.Contact) { k.Title = fmt.Sprint("All ", m.names) })
	}
	for _, id := range m.psa.IDs(simulator.Companies) {
		m.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = fmt.Sprintf("555-%04d", m.names) })
	}
	resource := m.resource(rt)
	list := func(id string) simulator.Fault {
		return simulator.Fault{ID: id, Resource: resource, Call: simulator.CallList}
	}
	count := func(id string, n int) simulator.Fault {
		return simulator.Fault{ID: id, N: n, Resource: resource, Call: simulator.CallCount}
	}
	switch rapid.SampledFrom([]string{"a page is left out", "rows are hidden", "rows are hidden and not counted", "all is hidden"}).Draw(rt, "lie") {
	case "a page is left out":
		f := list("F32")
		f.Nth, f.Times = rapid.IntRange(1, 3).Draw(rt, "nth"), 1
		m.psa.SetFaults(f)
		m.syncAndCheck(rt, truth)
	case "rows are hidden":
		m.psa.SetFaults(list("F34"))
		m.syncAndCheck(rt, truth)
	case "rows are hidden and not counted":
		m.psa.SetFaults(list("F34"), count("F35", -100))
		m.syncAndCheck(rt, unlisted)
	case "all is hidden":
		gone := simulator.Fault{ID: "F18", Variant: "record", Resource: resource, Call: simulator.CallRecord}
		m.psa.SetFaults(list("F21"), count("F21", 0), gone)
		m.syncAndCheck(rt, denied)
	}
}

// exodus lets most records of a list leave or return at once, and syncs.
func (m *model) exodus(rt *rapid.T) {
	leave := rapid.Bool().Draw(rt, "leave")
	stay := rapid.IntRange(0, 2).Draw(rt, "stay")
	switch m.resource(rt) {
	case simulator.Contacts:
		for n, id := range m.psa.IDs(simulator.Contacts) {
			m.psa.EditContact(id, func(k *simulator.Contact) { k.InactiveFlag = leave && n >= stay })
		}
	case simulator.Sites:
		for n, id := range m.psa.IDs(simulator.Sites) {
			m.psa.EditSite(id, func(k *simulator.Site) { k.InactiveFlag = leave && n >= stay })
		}
	case simulator.Configurations:
		for n, id := range m.psa.IDs(simulator.Configurations) {
			m.psa.EditConfiguration(id, func(k *simulator.Configuration) { k.ActiveFlag = !leave || n < stay })
		}
	case simulator.Companies:
		for n, id := range m.psa.IDs(simulator.Companies) {
			m.psa.MarkDeleted(id, leave && n >= max(stay, 1))
		}
	}
	m.syncAndCheck(rt, truth)
}

// settingsMeanwhile saves settings in the middle of a run that has something to orphan.
func (m *model) settingsMeanwhile(rt *rapid.T) {
	m.psa.Delete(simulator.Contacts, m.doomed(rt, simulator.Contacts))
	s, resource := m.someSettings(rt), m.resource(rt)
	r, err := m.changes.StartRun(m.ctx, m.admin, m.id)
	m.must(err)
	m.meanwhile(simulator.Fault{Resource: resource, Call: simulator.CallList}, func() { m.save(s) })
	before := m.linkedBefore()
	run := m.work(r.ID)
	if m.psa.Struck() != 1 {
		m.world.Errorf("the settings were saved %d times during the run", m.psa.Struck())
	}
	m.psa.SetFaults()
	m.checks(run, before, truth)
}

// syncAndCheck syncs under the faults that are set, compares what the run did
// with the PSA, and settles it where it is held.
func (m *model) syncAndCheck(rt *rapid.T, told answers) {
	before := m.linkedBefore()
	run := m.world.sync()
	m.psa.SetFaults()
	m.checks(run, before, told)
	m.settleAny(rt, run)
}

func (m *model) settleAny(rt *rapid.T, run mainstay.Run) {
	if run.State != mainstay.RunHeld {
		return
	}
	accept := rapid.Bool().Draw(rt, "accept")
	m.must(m.changes.SettleRun(m.ctx, m.admin, run.ID, accept, nil))
	if accept {
		m.work(run.ID)
	}
}

// cutShort ends the server in the middle of a run, which then goes on.
func (m *model) cutShort(rt *rapid.T) {
	r, err := m.changes.StartRun(m.ctx, m.admin, m.id)
	m.must(err)
	ctx, stop := context.WithCancel(m.ctx)
	defer stop()
	m.meanwhile(simulator.Fault{Resource: m.resource(rt), Nth: rapid.IntRange(1, 3).Draw(rt, "nth")}, stop)
	before := m.linkedBefore()
	m.workIn(ctx, r.ID)
	m.psa.SetFaults()
	run := m.work(r.ID)
	m.checks(run, before, truth)
	m.settleAny(rt, run)
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
	_, err := m.changes.Update(m.ctx, m.admin, i)
	m.must(err)
}

// deleteOrphans deletes them through a plan, now and then after somebody wrote a
// document in one, and includes nothing of what the plan holds back.
func (m *model) deleteOrphans(rt *rapid.T) {
	orphans := m.orgs(rt, "sync status: orphaned")
	if rapid.Bool().Draw(rt, "document") {
		m.create(mainstay.Item{Kind: "document", OrganizationID: rapid.SampledFrom(orphans).Draw(rt, "organization"), Name: "Handbook"})
	}
	p, err := m.changes.ProposeDelete(m.ctx, m.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	m.must(err)
	if p.Counts.Total().Apply == 0 {
		return // everything is held back
	}
	m.plans = append(m.plans, m.confirm(p).ID)
	if n := m.number("SELECT count(*) FROM trash WHERE plan_id = $1 AND (only_here OR sync IN ('syncing', 'error'))", int64(p.ID)); n != 0 {
		m.world.Errorf("a plan deleted %d items that exist only here, or that sync, and nobody included them", n)
	}
}

func (m *model) undo(rt *rapid.T) {
	if len(m.plans) == 0 {
		rt.Skip("nothing was deleted")
	}
	last := m.plans[len(m.plans)-1]
	m.plans = m.plans[:len(m.plans)-1]
	p, err := m.changes.Undo(m.ctx, m.admin, last)
	m.must(err)
	m.apply(p.ID)
}

func (m *model) purge(rt *rapid.T) {
	if len(m.plans) == 0 {
		rt.Skip("nothing was deleted")
	}
	p, err := m.changes.ProposePurge(m.ctx, m.admin, m.plans[0], nil)
	m.must(err)
	m.plans = m.plans[1:]
	m.confirm(p)
}

// heal lets the PSA behave: within a few syncs, held ones accepted, all is well.
func (m *model) heal() {
	for range 4 {
		if run := m.world.sync(); run.State == mainstay.RunHeld {
			m.must(m.changes.SettleRun(m.ctx, m.admin, run.ID, true, nil))
			m.work(run.ID)
		}
	}
	m.agrees("in the end")
}
