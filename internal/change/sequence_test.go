package change_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connectwise"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/jobs"
	"mainstay/internal/reconcile"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestPlan_sequences makes plans of every action in any order over what the one
// before left, each worked on by processes that are killed at random points, and
// then undoes all of them from the last to the first in the same way. What is
// there in the end is what was there in the beginning: items, notes, links, ended
// links, trash, protection, permissions and ticked boxes, compared by manifest;
// nothing is missing in the log; and a full sync finds nothing to do.
func TestPlan_sequences(t *testing.T) {
	n := 9                               // one for each action to begin with
	if os.Getenv("RAPID_CHECKS") != "" { // as ./check --long sets it
		n *= 10
	}
	for seed := range n {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
				newSequence(t, d, uint64(seed)).there()
			})
		})
	}
}

// sequence is one random sequence of plans over an installation that a sync filled.
type sequence struct {
	*killed
	*rand.Rand
	seed  uint64
	psa   *simulator.Simulator
	sync  func() mainstay.Run
	id    mainstay.IntegrationID
	plans []mainstay.Plan // done, and not undone
}

// newSequence fills an installation with what syncs, is orphaned, exists only
// here, is protected, and is seen by a person who sees not all of it.
func newSequence(t *testing.T, d storetest.Database, seed uint64) *sequence {
	t.Helper()
	s := &sequence{killed: &killed{newWorld(t, d), child{Path: d.Config.Path, URL: d.Config.URL, Backups: t.TempDir(), Chunk: 4}}, Rand: rand.New(rand.NewPCG(seed, 1)), seed: seed} // a test that can be repeated
	s.psa = simulator.New(simulator.Config{Seed: 7, Size: simulator.Scaled(40)})
	server, err := simulator.Start(s.psa)
	s.must(err)
	t.Cleanup(server.Close)
	engine := reconcile.New(reconcile.Config{Store: s.store, Changes: s.changes, Connectors: []connect.Spec{connectwise.Spec()},
		Open: func(b []byte, _ string) ([]byte, error) { return b, nil }, Client: connect.ClientConfig{AllowLoopback: true, RatePerSecond: 100_000, Now: time.Now}})
	s.connect(engine, server.URL())
	runs := 0
	s.sync = func() mainstay.Run {
		s.Helper()
		runs++
		r, err := s.changes.StartRun(s.ctx, s.admin, s.id)
		s.must(err)
		s.must(engine.Handle(s.ctx, jobs.Job{Kind: jobs.Sync, Key: int64(r.ID), Attempt: 1, Lease: fmt.Sprint("sync ", runs)}))
		s.read(func(t *store.Tx) (err error) { r, err = t.Run(s.ctx, r.ID); return err })
		return r
	}
	s.fill()
	return s
}

func (s *sequence) connect(engine *reconcile.Engine, url string) {
	s.Helper()
	cfg := s.psa.Config()
	options := map[string]string{"url": url, "company": cfg.Company, "public-key": cfg.PublicKey, "client-id": cfg.ClientID}
	secrets := map[string]string{"private-key": cfg.PrivateKey}
	instance, err := engine.Test(s.ctx, "connectwise", options, secrets)
	s.must(err)
	i, err := s.changes.AddIntegration(s.ctx, s.admin, change.NewIntegration{Connector: "connectwise", Name: "ConnectWise PSA", Options: options, Secrets: secrets, Fingerprint: instance.Fingerprint})
	s.must(err)
	s.id = i.ID
}

// tick saves settings as a person does who agreed to what they would orphan.
func (s *sequence) tick(settings mainstay.Settings) {
	s.Helper()
	e, err := s.changes.PreviewSettings(s.ctx, s.admin, s.id, settings)
	s.must(err)
	_, err = s.changes.SaveSettings(s.ctx, s.admin, s.id, settings, s.integration().Settings.Version, e.OrphanTotal())
	s.must(err)
}

func (s *sequence) integration() (i mainstay.Integration) {
	s.Helper()
	s.read(func(t *store.Tx) (err error) { i, err = t.Integration(s.ctx, s.id); return err })
	return i
}

func (s *sequence) class(name string) mainstay.Class {
	return mainstay.Class{Kind: "organization", Axis: mainstay.TypeAxis, ExternalID: fmt.Sprint(s.psa.LabelID(simulator.CompanyTypes, name))}
}

// fill syncs every type, lets the vendors become orphans, and adds what people
// add: organizations of their own, documents, notes, protection, permissions.
func (s *sequence) fill() {
	s.Helper()
	all := mainstay.Settings{Organizations: map[mainstay.Pair]bool{}, Configurations: map[mainstay.Pair]bool{}, Contacts: true, Locations: true}
	for ty := range 61 {
		for st := range 61 {
			p := mainstay.Pair{Type: fmt.Sprint(ty), Status: fmt.Sprint(st)}
			if ty == 0 {
				p.Type = ""
			}
			all.Organizations[p], all.Configurations[p] = true, true
		}
	}
	s.tick(all)
	if run := s.sync(); run.State != mainstay.RunComplete {
		s.Fatalf("the first sync is %s: %s", run.State, run.Message)
	}
	vendor := s.class("Vendor")
	s.tick(change.PauseClass(all, vendor.Kind, vendor.Axis, vendor.ExternalID))
	if run := s.sync(); run.State != mainstay.RunComplete || run.Counts.Orphaned == 0 {
		s.Fatalf("the second sync is %s %+v: %s", run.State, run.Counts, run.Message)
	}
	orgs := s.organizations("")
	for n := range 3 {
		own := s.byHand(fmt.Sprint("Own ", n), nil)
		for _, in := range []mainstay.ItemID{own.ID, s.pick(orgs)} {
			_, err := s.changes.Create(s.ctx, s.admin, mainstay.Item{Kind: "document", OrganizationID: in, Name: "Handbook"})
			s.must(err)
		}
		noted := s.stored(organization(s.pick(orgs)))
		noted.Values.SetText("quick_notes", fmt.Sprint("note ", n))
		_, err := s.changes.Update(s.ctx, s.admin, noted)
		s.must(err)
	}
	s.protect(organization(s.pick(orgs)), keep(true, "the museum asked"))
	s.protect(organization(s.pick(orgs)), s.hold(10, "court order 7"))
	s.hire("manager@example.com", s.pick(orgs), s.pick(orgs), s.pick(orgs))
}

func (s *sequence) pick(ids []mainstay.ItemID) mainstay.ItemID { return ids[s.IntN(len(ids))] }

// organizations lists those that a query matches.
func (s *sequence) organizations(query string) []mainstay.ItemID {
	s.Helper()
	var ids []mainstay.ItemID
	s.read(func(t *store.Tx) error {
		f, err := t.Filter(s.ctx, &mainstay.Organization, query, 0)
		if err != nil {
			return err
		}
		page, err := t.List(s.ctx, s.admin, store.ListRequest{Filter: f, Sort: store.ByName, Limit: 1000})
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		return err
	})
	return ids
}

// some picks up to n organizations.
func (s *sequence) some(n int) []mainstay.ItemID {
	s.Helper()
	all := s.organizations("")
	s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(n, len(all))]
}

// there makes the plans and takes them back.
func (s *sequence) there() {
	s.Helper()
	before, log := s.manifest(), s.number("SELECT max(id) FROM activity")
	said := s.table("activity", fmt.Sprintf("SELECT id || who || verb || item_id || name || detail || changes FROM activity WHERE id <= %d ORDER BY id", log))
	actions := slices.Sorted(maps.Keys(s.actions()))
	s.step(actions[s.seed%uint64(len(actions))])
	for range 1 + s.IntN(4) {
		s.step(actions[s.IntN(len(actions))])
	}
	for len(s.plans) > 0 {
		p := s.plans[len(s.plans)-1]
		s.plans = s.plans[:len(s.plans)-1]
		s.takeBack(p)
	}
	after := s.manifest()
	if diff := cmp.Diff(before.hashes, after.hashes); diff != "" {
		s.Errorf("after %d plans and their undo something is not as before:\n%s\n%s", s.number("SELECT count(*) FROM plan"), diff, cmp.Diff(before.rows, after.rows))
	}
	if s.table("activity", fmt.Sprintf("SELECT id || who || verb || item_id || name || detail || changes FROM activity WHERE id <= %d ORDER BY id", log)) != said {
		s.Error("something is missing in the log")
	}
	if run := s.sync(); run.State != mainstay.RunComplete || run.Counts.Created+run.Counts.Updated+run.Counts.Orphaned+run.Counts.Healed+run.Counts.Waiting+run.Counts.Errors != 0 {
		s.Errorf("a sync afterwards is %s %+v: %s\n%s", run.State, run.Counts, run.Message,
			s.table("activity", fmt.Sprintf("SELECT verb || ' ' || kind || ' ' || item_id || ' ' || name || ' ' || changes FROM activity WHERE run_id = %d ORDER BY id", run.ID)))
	}
	storetest.Invariants(s, s.store)
	if n := len(s.psa.Writes()); n != 0 {
		s.Errorf("%d clients wrote to the PSA", n)
	}
}

// actions are the ways to make a plan; each proposes one over what there is.
func (s *sequence) actions() map[string]func() (mainstay.Plan, error) {
	some := func(n int) change.Request { return change.Request{Kind: &mainstay.Organization, IDs: s.some(n)} }
	return map[string]func() (mainstay.Plan, error){
		"delete orphans": func() (mainstay.Plan, error) {
			return s.changes.ProposeDelete(s.ctx, s.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
		},
		"delete class": func() (mainstay.Plan, error) {
			_, err := s.changes.SwitchOnBulkDeletion(s.ctx, s.admin, "The year's clean-up", time.Hour)
			s.must(err)
			return s.changes.ProposeDeleteClass(s.ctx, s.admin, s.id, s.class("Prospect"), "", 0)
		},
		"disconnect": func() (mainstay.Plan, error) {
			return s.changes.ProposeDisconnect(s.ctx, s.admin, change.Unlink{Request: some(5)})
		},
		"disconnect class": func() (mainstay.Plan, error) {
			class := s.class([]string{"Client", "Prospect"}[s.IntN(2)])
			return s.changes.ProposeDisconnect(s.ctx, s.admin, change.Unlink{Integration: s.id, Class: &class, Note: "Bought by mistake"})
		},
		"pause class": func() (mainstay.Plan, error) {
			return s.changes.ProposePause(s.ctx, s.admin, s.id, s.class("Prospect"), "")
		},
		"edit": func() (mainstay.Plan, error) {
			types := s.labels("organization", mainstay.TypeAxis, fmt.Sprint("Type ", len(s.plans)))
			for _, id := range types {
				return s.changes.ProposeEdit(s.ctx, s.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: not linked"}, id, nil)
			}
			return mainstay.Plan{}, nil
		},
		"merge": func() (mainstay.Plan, error) {
			two := s.some(2)
			return s.changes.ProposeMerge(s.ctx, s.admin, change.Merge{Source: two[0], Target: two[1], SourceLink: s.IntN(2) == 0, Grant: s.IntN(2) == 0, DropAll: s.IntN(2) == 0})
		},
		"protect": func() (mainstay.Plan, error) {
			return s.changes.ProposeProtect(s.ctx, s.admin, some(3), keep(s.IntN(2) == 0, "for now"))
		},
		"hold": func() (mainstay.Plan, error) {
			return s.changes.ProposeProtect(s.ctx, s.admin, some(2), s.hold(1+s.IntN(9), "court order 8"))
		},
	}
}

// step makes one plan and works on it. There may be nothing that it could do.
func (s *sequence) step(name string) {
	s.Helper()
	before := s.manifest()
	p, err := s.actions()[name]()
	if kind := mainstay.KindOf(err); kind == mainstay.NotFound || kind == mainstay.Conflict || kind == mainstay.Held {
		s.Logf("%s: %v", name, err)
		return
	}
	s.must(err)
	if diff := cmp.Diff(before.rows, s.manifest().rows); diff != "" && name != "edit" {
		s.Fatalf("%s: making a plan changed something:\n%s", name, diff)
	}
	if held := s.heldBack(p); len(held) > 0 && s.IntN(2) == 0 {
		if included, err := s.changes.IncludeHeld(s.ctx, s.admin, p.ID, held[s.IntN(len(held))].ItemID); err == nil {
			p = included
		}
	}
	s.Logf("%s: %s, of %d matched", name, p.Title(), p.Counts.Matched)
	if p.Idle() {
		s.must(s.changes.Discard(s.ctx, s.admin, p.ID))
		return
	}
	p, err = s.changes.Confirm(s.ctx, s.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	s.must(err)
	s.plans = append(s.plans, s.work(p))
}

func (s *sequence) heldBack(p mainstay.Plan) (held []mainstay.HeldBack) {
	s.Helper()
	s.read(func(t *store.Tx) (err error) { held, err = t.HeldBack(s.ctx, p, 100); return err })
	return held
}

// takeBack undoes a plan, and now and then undoes that and undoes once more.
func (s *sequence) takeBack(p mainstay.Plan) {
	s.Helper()
	times := 1
	if p.Action.Undo().Undo() != "" && s.IntN(3) == 0 {
		times = 3
	}
	for range times {
		u, err := s.changes.Undo(s.ctx, s.admin, p.ID)
		if err != nil {
			s.Fatalf("undo of %s: %v", p.Title(), err)
		}
		s.Logf("undo of plan %d: %s", p.ID, u.Title())
		u = s.work(u)
		if p.Action != mainstay.ActionPause && u.Done != p.Done {
			s.Errorf("%s touched %d items, its undo %d", p.Title(), p.Done, u.Done)
		}
		p = u
	}
}

// work lets processes work on a confirmed plan, each killed when it reaches a
// random point, and the last left alone. Nothing else happens meanwhile, so no
// line is skipped.
func (s *sequence) work(p mainstay.Plan) mainstay.Plan {
	s.Helper()
	points := []change.Point{change.AtTaken, change.AtRunning, change.AtEffect, change.AtChunk, change.AtChunk, change.AtLast}
	for n := s.IntN(3); n > 0 && s.plan(p.ID).State != mainstay.PlanDone; n-- {
		s.workUntil(p.ID, points[s.IntN(len(points))])
	}
	if s.plan(p.ID).State != mainstay.PlanDone {
		s.workUntil(p.ID, "")
	}
	p = s.plan(p.ID)
	if p.State != mainstay.PlanDone || p.Skipped != 0 {
		s.Fatalf("%s is %s with %d skipped: %s", p.Title(), p.State, p.Skipped, p.Message)
	}
	return p
}

// workUntil runs a process until it reaches a point or the plan is done, and kills it.
func (s *sequence) workUntil(id mainstay.PlanID, at change.Point) {
	s.Helper()
	c := s.child
	c.Point = at
	says, kill := s.start(c)
	defer storetest.Invariants(s, s.store)
	defer kill()
	for end := time.After(30 * time.Second); ; {
		select {
		case <-says:
			return
		case <-end:
			s.Fatalf("after 30 s plan %d is %+v", id, s.plan(id))
		case <-time.After(10 * time.Millisecond):
			if s.plan(id).State == mainstay.PlanDone {
				return
			}
		}
	}
}
