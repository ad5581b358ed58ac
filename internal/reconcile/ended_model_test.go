package reconcile_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestEndedModel lets people pause, disconnect, delete, match again, let go, edit,
// protect and undo types and selections of organizations with all they hold, in
// any order, while the PSA changes and full syncs come in between. The invariants
// hold after every step; making a plan changes nothing; applying it does each of
// its lines and touches nothing that is protected; no ended record gets an item
// without a person; a plan that is undone at once leaves what was before; and in
// the end everything is what the PSA and the people say.
func TestEndedModel(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		sequences(t, 3)
		rapid.Check(t, func(rt *rapid.T) {
			w := newWorld(sequence{t, rt}, fresh(t, d), little())
			w.completes("first", w.sync())
			m := &endedModel{itemModel: &itemModel{world: w}}
			rt.Repeat(map[string]func(*rapid.T){
				"pause": m.pause, "tick": m.tick, "disconnect class": m.disconnectClass, "disconnect": m.disconnectSome, "delete class": m.deleteClass,
				"delete orphans": m.deleteOrphans, "match again": m.matchAgain, "let go": m.letGo, "switch one off": m.switchOne, "protect": m.protect,
				"edit": m.editTypes, "merge": m.merge, "undo": m.undo, "psa": m.companyChanges, "full sync": m.fullSync,
				"": func(*rapid.T) { m.sound("after a step") },
			})
			m.tick(rt)
			m.fullSync(rt)
			m.fullSync(rt)
			m.settledAll(rt)
		})
	})
}

// endedModel is the model of many items; of single ones it takes the undo.
type endedModel struct{ *itemModel }

// through confirms a plan of anything, checks that making it changed nothing and
// that it did all it said, and keeps it to be undone.
func (m *endedModel) through(rt *rapid.T, before map[string]string, p mainstay.Plan, err error) {
	if kind := mainstay.KindOf(err); kind == mainstay.NotFound || kind == mainstay.Conflict || kind == mainstay.Held {
		m.unlike(before, "a plan was refused")
		rt.Skip(err.Error())
	}
	m.must(err)
	m.unlike(before, "a plan was made")
	if p.Idle() {
		m.must(m.changes.Discard(m.ctx, m.admin, p.ID))
		return
	}
	if p.Action == mainstay.ActionPause {
		p, err = m.changes.Confirm(m.ctx, m.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		m.must(err)
		m.unlike(before, "a type was paused")
	} else if p = m.carry(p); p.Done != p.Counts.Total().Apply || p.Skipped != 0 {
		rt.Fatalf("%s: %d done, %d skipped of %d", p.Title(), p.Done, p.Skipped, p.Counts.Total().Apply)
	}
	if p.Action == mainstay.ActionDelete || p.Action == mainstay.ActionDisconnect || p.Action == mainstay.ActionMerge {
		m.protectedStay(before, p)
	}
	m.planned(p, before)
}

// protectedStay checks that a plan that ends something changed no protected organization.
func (m *endedModel) protectedStay(before map[string]string, p mainstay.Plan) {
	m.Helper()
	after := m.state()
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		rows, err := t.Query(m.ctx, "SELECT item_id FROM protection WHERE keep")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			for _, what := range []string{"item ", "link "} {
				k := what + fmt.Sprint(id)
				if p.Action == mainstay.ActionMerge && id == int64(p.Params.Merge.Target) && (what == "item " || before[k] == "") {
					continue // what stays takes the other in; its own link stays
				}
				if before[k] != after[k] {
					m.Errorf("%s: %s is protected and was %q, is %q", p.Title(), k, before[k], after[k])
				}
			}
		}
		return rows.Err()
	}))
}

func (m *endedModel) someType(rt *rapid.T) *mainstay.Class {
	return m.class(rapid.SampledFrom([]string{"Client", "Prospect", "Vendor"}).Draw(rt, "type"))
}

// orgs lists the organizations that a query matches.
func (m *endedModel) orgs(rt *rapid.T, query string) (ids []mainstay.ItemID) {
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

// few picks one to three of them.
func (m *endedModel) few(rt *rapid.T, query string) change.Request {
	ids := m.orgs(rt, query)
	n := rapid.IntRange(1, min(3, len(ids))).Draw(rt, "how many")
	return change.Request{Kind: &mainstay.Organization, IDs: rapid.Permutation(ids).Draw(rt, "organizations")[:n]}
}

func (m *endedModel) pause(rt *rapid.T) {
	before := m.state()
	p, err := m.changes.ProposePause(m.ctx, m.admin, m.id, *m.someType(rt), "")
	m.through(rt, before, p, err)
}

func (m *endedModel) tick(*rapid.T) { m.save(everything()) }

func (m *endedModel) disconnectClass(rt *rapid.T) {
	before := m.state()
	p, err := m.changes.ProposeDisconnect(m.ctx, m.admin, change.Unlink{Integration: m.id, Class: m.someType(rt), Note: "Bought by mistake"})
	m.through(rt, before, p, err)
}

func (m *endedModel) disconnectSome(rt *rapid.T) {
	before := m.state()
	p, err := m.changes.ProposeDisconnect(m.ctx, m.admin, change.Unlink{Request: m.few(rt, "")})
	m.through(rt, before, p, err)
}

func (m *endedModel) deleteClass(rt *rapid.T) {
	before, class := m.state(), *m.someType(rt)
	if rapid.Bool().Draw(rt, "switched on") {
		m.switchOn(time.Hour)
	} else {
		m.must(m.changes.SwitchOffBulkDeletion(m.ctx, m.admin))
		_, err := m.changes.ProposeDeleteClass(m.ctx, m.admin, m.id, class, "", 0)
		m.sentence(err)
		m.unlike(before, "a deletion was refused by the switch")
		return
	}
	p, err := m.changes.ProposeDeleteClass(m.ctx, m.admin, m.id, class, "", 0)
	m.through(rt, before, p, err)
}

func (m *endedModel) deleteOrphans(rt *rapid.T) {
	before := m.state()
	p, err := m.changes.ProposeDelete(m.ctx, m.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	m.through(rt, before, p, err)
}

// matchAgain takes up all links that wait, or one of them.
func (m *endedModel) matchAgain(rt *rapid.T) {
	before := m.state()
	r := change.Rematch{Integration: m.id, Kind: &mainstay.Organization}
	if waits := m.waits(); len(waits) > 0 && rapid.Bool().Draw(rt, "one") {
		r.Records = []string{rapid.SampledFrom(waits).Draw(rt, "record")}
	}
	p, err := m.changes.ProposeReconnect(m.ctx, m.admin, r)
	m.through(rt, before, p, err)
}

// waits lists the companies that wait to be matched again.
func (m *endedModel) waits() (ids []string) {
	m.Helper()
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		all, err := t.WaitingPage(m.ctx, m.admin, m.id, "organization", "", 100)
		for _, w := range all {
			ids = append(ids, w.ExternalID)
		}
		return err
	}))
	return ids
}

// letGo gives up a link for good: the record may become a new item.
func (m *endedModel) letGo(rt *rapid.T) {
	waits := m.waits()
	if len(waits) == 0 {
		rt.Skip("nothing waits")
	}
	_, err := m.changes.LetGo(m.ctx, m.admin, change.Rematch{Integration: m.id, Kind: &mainstay.Organization, Records: []string{rapid.SampledFrom(waits).Draw(rt, "record")}})
	m.must(err)
}

// switchOne turns the syncing of one organization off or on.
func (m *endedModel) switchOne(rt *rapid.T) {
	i := m.item(mainstay.Ref{Kind: "organization", ID: rapid.SampledFrom(m.orgs(rt, "")).Draw(rt, "organization")})
	before := m.matter()
	step, err := "disable", error(nil)
	if i.Sync == mainstay.SyncDisabled {
		step = "enable"
		_, err = m.changes.EnableSync(m.ctx, m.admin, i.Ref(), i.Version)
	} else {
		_, err = m.changes.DisableSync(m.ctx, m.admin, i.Ref(), i.Version)
	}
	m.took(rt, step, i, before, err)
}

func (m *endedModel) protect(rt *rapid.T) {
	before := m.state()
	on := rapid.Bool().Draw(rt, "keep")
	p, err := m.changes.ProposeProtect(m.ctx, m.admin, m.few(rt, ""), mainstay.Guarding{Keep: &on, Note: "for now"})
	m.through(rt, before, p, err)
}

// merge moves all of one organization into another.
func (m *endedModel) merge(rt *rapid.T) {
	before, ids := m.state(), m.orgs(rt, "")
	if len(ids) < 4 {
		rt.Skip("too few are left")
	}
	two := rapid.Permutation(ids).Draw(rt, "organizations")
	p, err := m.changes.ProposeMerge(m.ctx, m.admin, change.Merge{Source: two[0], Target: two[1],
		SourceLink: rapid.Bool().Draw(rt, "link of the first"), DropAll: rapid.Bool().Draw(rt, "drop doubles")})
	m.through(rt, before, p, err)
}

// editTypes gives organizations without a link another type.
func (m *endedModel) editTypes(rt *rapid.T) {
	before := m.state()
	var types []mainstay.LabelID
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		all, err := t.Labels(m.ctx)
		for _, l := range all {
			if l.Kind == "organization" && l.Axis == mainstay.TypeAxis {
				types = append(types, l.ID)
			}
		}
		return err
	}))
	to := rapid.SampledFrom(types).Draw(rt, "type")
	p, err := m.changes.ProposeEdit(m.ctx, m.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: not linked"}, &to, nil)
	m.through(rt, before, p, err)
}

func (m *endedModel) companyChanges(rt *rapid.T) {
	m.made++
	companies := m.psa.IDs(simulator.Companies)
	id := rapid.SampledFrom(companies).Draw(rt, "company")
	switch rapid.SampledFrom([]string{"rename", "retype", "delete", "add", "contact"}).Draw(rt, "what") {
	case "rename":
		m.psa.EditCompany(id, func(c *simulator.Company) { c.Name = fmt.Sprint("Renamed ", m.made) })
	case "retype":
		ty := m.psa.LabelID(simulator.CompanyTypes, rapid.SampledFrom([]string{"Client", "Prospect", "Vendor"}).Draw(rt, "type"))
		m.psa.EditCompany(id, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: ty}} })
	case "delete":
		if id != companies[0] && len(companies) > 6 {
			m.psa.Delete(simulator.Companies, id)
		}
	case "add":
		m.psa.AddCompany(fmt.Sprint("Added ", m.made), "Client", "Active")
	case "contact":
		m.edit("contact", rapid.SampledFrom(m.psa.IDs(simulator.Contacts)).Draw(rt, "contact"), fmt.Sprint("Title ", m.made))
	}
}

// fullSync takes nothing up again that a person ended.
func (m *endedModel) fullSync(rt *rapid.T) {
	had := m.ended()
	run := m.world.sync()
	if run.State == mainstay.RunHeld {
		m.settle(run.ID, true, "")
		run = m.work(run.ID)
	}
	m.completes("a full sync", run)
	for k, state := range m.holds().states {
		if had[k] {
			rt.Fatalf("%s was ended by a person and is %s after a sync", k, state)
		}
	}
}

// ended lists the records whose links a person ended.
func (m *endedModel) ended() map[string]bool {
	out := map[string]bool{}
	for k := range m.state() {
		if name, ok := strings.CutPrefix(k, "ended "); ok {
			out[name] = true
		}
	}
	return out
}

// aliases lists, of the companies whose organization was merged into another, the
// company of that one; empty where it has none any more.
func (m *endedModel) aliases() map[string]string {
	m.Helper()
	out := map[string]string{}
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		rows, err := t.Query(m.ctx, "SELECT s.external_id, COALESCE(r.external_id, '') FROM tombstone s LEFT JOIN psa_record r ON r.item_id = s.item_id WHERE s.kind = 'organization' AND s.why = 'merged'")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var from, to string
			if err := rows.Scan(&from, &to); err != nil {
				return err
			}
			out[from] = to
		}
		return rows.Err()
	}))
	return out
}

// settledAll: what the PSA says syncs, but for what people ended, switched off,
// let go or have in the trash, and what lies in such an organization. What lies in
// a company whose organization was merged syncs into the other one.
func (m *endedModel) settledAll(rt *rapid.T) {
	want, got, ended, alias := m.should(m.integration().Settings), m.holds(), m.ended(), m.aliases()
	maps.DeleteFunc(want, func(k, shown string) bool {
		owner := k
		if at := strings.LastIndex(shown, " in "); at >= 0 {
			company := shown[at+4:]
			if to := alias[company]; to != "" && got.states["organization "+to] != "trash" && !ended[k] && got.states[k] != "trash" {
				want[k] = shown[:at+4] + to
				return false
			}
			owner = "organization " + company
		}
		return ended[k] || ended[owner] || got.states[owner] == "trash" || got.states[k] == "trash" || got.states[k] == mainstay.SyncDisabled
	})
	for k, state := range got.states {
		if state != mainstay.Syncing && state != mainstay.SyncError || strings.HasSuffix(got.shown[k], " in ") {
			continue // of the second the organization is one that people keep by hand since a merge
		}
		if shown, in := want[k]; !in || got.shown[k] != shown {
			rt.Fatalf("%s shows %q, the PSA says %q", k, got.shown[k], shown)
		}
		delete(want, k)
	}
	maps.DeleteFunc(want, func(k, _ string) bool { return strings.HasSuffix(got.shown[k], " in ") })
	if len(want) > 0 {
		rt.Fatalf("these should sync: %v", want)
	}
}
