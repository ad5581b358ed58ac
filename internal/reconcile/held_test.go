package reconcile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// crowd lets more companies of one type stop syncing than a run may orphan by
// itself: seven get a type that does not sync, seven are marked as deleted.
func (w *world) crowd() {
	w.Helper()
	blocked := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
	w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(blocked) }))
	w.completes("first", w.sync())
	for n, id := range w.psa.CompaniesOfType("Prospect")[:14] {
		if n < 7 {
			w.psa.EditCompany(id, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: blocked, Name: "Blocked"}} })
		} else {
			w.psa.MarkDeleted(id, true)
		}
	}
}

// held syncs and expects to be held with nothing flagged (V3).
func (w *world) held() mainstay.Run {
	w.Helper()
	run := w.sync()
	if run.State != mainstay.RunHeld || run.Counts.Orphaned != 0 || w.tally("organization")[mainstay.Orphaned] != 0 {
		w.Fatalf("the run is %s: %+v %s", run.State, run.Counts, run.Message)
	}
	return run
}

func (w *world) settle(id mainstay.RunID, accept bool, want mainstay.ErrorKind, reasons ...mainstay.Reason) {
	w.Helper()
	if err := w.changes.SettleRun(w.ctx, w.admin, id, accept, reasons); mainstay.KindOf(err) != want {
		w.Fatalf("settling run %d gave %v, want %q", id, err, want)
	}
}

// TestHeld: a mass change is held; a person keeps it, accepts a part, or all,
// and only of the newest run with the settings of now.
func TestHeld(t *testing.T) {
	each(t, func(w *world) {
		w.crowd()
		rejected := w.held()
		w.settle(rejected.ID, false, "")
		w.settle(rejected.ID, true, mainstay.Conflict)
		if r := w.work(rejected.ID); r.State != mainstay.RunRejected {
			t.Errorf("a rejected run became %s", r.State)
		}
		old := w.held()
		w.save(w.integration().Settings)
		w.settle(old.ID, true, mainstay.Stale)
		older := w.held()
		newest := w.held()
		w.settle(older.ID, true, mainstay.Stale)
		w.sound("held")

		w.settle(newest.ID, true, "", mainstay.ReasonType)
		run := w.work(newest.ID)
		w.completes("a part accepted", run)
		reasons := map[mainstay.Reason]int{}
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			tallies, err := t.Tallies(w.ctx, w.admin)
			for _, y := range tallies {
				if y.Sync == mainstay.Orphaned && y.Kind == "organization" {
					reasons[y.Reason] += y.N
				}
			}
			return err
		}))
		if reasons[mainstay.ReasonType] != 7 || len(reasons) != 1 {
			w.Errorf("accepting the retyped ones orphaned %v", reasons)
		}
		w.sound("a part accepted")

		rest := w.sync()
		if rest.State != mainstay.RunHeld {
			w.Fatalf("the rest is %s: %s", rest.State, rest.Message)
		}
		w.settle(rest.ID, true, "")
		w.completes("the rest accepted", w.work(rest.ID))
		w.agrees("all accepted")
		if n := w.tally("organization")[mainstay.Orphaned]; n != 14 {
			w.Errorf("%d organizations are orphaned", n)
		}
	})
}

// TestHeld_lostSight: contacts whose company the PSA no longer names would all
// count as contents of an organization that stopped syncing. None did, so none
// is orphaned, however many or few they are: each is a problem with what to do.
func TestHeld_lostSight(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		w.psa.SetFaults(simulator.Fault{ID: "F26", Variant: "company", Resource: simulator.Contacts, Call: simulator.CallList})
		run := w.sync()
		if contacts := w.tally("contact"); contacts[mainstay.Orphaned] != 0 || contacts[mainstay.SyncError] == 0 || run.Counts.Errors != contacts[mainstay.SyncError] {
			w.Errorf("the run is %s with contacts %v, %d errors: %s", run.State, contacts, run.Counts.Errors, run.Message)
		}
		w.psa.SetFaults()
		w.completes("mended", w.sync())
		w.agrees("mended")
	})
}

// TestEmptyPSA: a key that sees nothing at all on the first sync is told so; the
// run is not complete.
func TestEmptyPSA(t *testing.T) {
	each(t, func(w *world) {
		w.psa.SetFaults(simulator.Fault{ID: "F21"})
		if run := w.sync(); run.State == mainstay.RunComplete || !strings.Contains(run.Message, "Nothing was orphaned") {
			w.Errorf("an empty PSA gave %s: %s", run.State, run.Message)
		}
		w.psa.SetFaults()
		w.completes("mended", w.sync())
		w.agrees("mended")
	})
}

// moments are points of a run at which something else happens, as the request
// before which it does.
func moments() map[string]simulator.Fault {
	return map[string]simulator.Fault{
		"companies":      {Resource: simulator.Companies, Call: simulator.CallList},
		"contacts":       {Resource: simulator.Contacts, Call: simulator.CallList},
		"configurations": {Resource: simulator.Configurations, Call: simulator.CallList},
		"confirm":        {Resource: simulator.Contacts, Call: simulator.CallRecord},
		"last question":  {Resource: simulator.Configurations, Call: simulator.CallRecord},
	}
}

// meanwhile lets something happen once at a moment of the next sync.
func (w *world) meanwhile(at simulator.Fault, do func()) {
	at.ID, at.Times, at.Do = "F37", 1, func(*simulator.Simulator) { do() }
	w.psa.SetFaults(at)
}

// TestMidRun: a cancel, a pause and changed settings at any moment of a run end
// it with nothing flagged, and say so (V9). A stopped server flags nothing
// either, and the run goes on to the same end (hazard 17).
func TestMidRun(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		w.psa.MarkDeleted(w.psa.CompaniesOfType("Prospect")[0], true)
		w.psa.Delete(simulator.Contacts, w.psa.IDs(simulator.Contacts)[0])
		w.psa.Delete(simulator.Configurations, w.psa.IDs(simulator.Configurations)[0])
		for name, at := range moments() {
			for what, do := range map[string]func(run mainstay.RunID){
				"cancel":   func(id mainstay.RunID) { w.must(w.changes.CancelRun(w.ctx, w.admin, id)) },
				"pause":    func(mainstay.RunID) { w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, true)) },
				"settings": func(mainstay.RunID) { w.save(everything()) },
			} {
				r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
				w.must(err)
				w.meanwhile(at, func() { do(r.ID) })
				run := w.work(r.ID)
				where := what + " at " + name
				if n := w.psa.Struck(); n != 1 {
					w.Errorf("%s: struck %d times", where, n)
				}
				want := mainstay.RunCancelled
				if what == "settings" {
					want = mainstay.RunIncomplete
				}
				if run.State != want || run.Counts.Orphaned != 0 || w.tally("organization")[mainstay.Orphaned] != 0 || strings.Count(run.Message, "Nothing was orphaned") != 1 {
					w.Errorf("%s: the run is %s, %+v, %s", where, run.State, run.Counts, run.Message)
				}
				w.psa.SetFaults()
				w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, false))
			}
			w.stopped(name, at)
		}
		w.sound("ended early")
		w.completes("at last", w.sync())
		w.agrees("at last")
	})
}

// stopped lets the server stop at a moment of a run, and cancels the run later
// so that the next moment meets the same state.
func (w *world) stopped(name string, at simulator.Fault) {
	w.Helper()
	r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
	w.must(err)
	ctx, stop := context.WithCancel(w.ctx)
	defer stop()
	w.meanwhile(at, stop)
	if run := w.workIn(ctx, r.ID); run.State != mainstay.RunRunning || run.Counts.Orphaned != 0 {
		w.Errorf("stopped at %s: the run is %s: %s", name, run.State, run.Message)
	}
	w.psa.SetFaults()
	w.must(w.changes.CancelRun(w.ctx, w.admin, r.ID))
	if run := w.work(r.ID); run.State != mainstay.RunCancelled {
		w.Errorf("stopped at %s and cancelled: the run is %s", name, run.State)
	}
}

// TestConfirm: records that no page and no count tells of, but that the PSA has
// when asked by id, keep syncing (V2).
func TestConfirm(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		w := newWorld(t, d, little())
		w.completes("first", w.sync())
		w.psa.SetFaults(simulator.Fault{ID: "F35", N: -8, Resource: simulator.Contacts, Call: simulator.CallCount},
			simulator.Fault{ID: "F34", Resource: simulator.Contacts, Call: simulator.CallList})
		run := w.sync()
		w.completes("not listed", run)
		w.psa.SetFaults()
		if run.Counts.Orphaned != 0 || run.Counts.Kept+run.Counts.Errors == 0 {
			w.Errorf("orphaned though the PSA has them, or not asked for: %+v", run.Counts)
		}
		w.agrees("not listed")
	})
}

// TestCompleteness: a list that leaves a page out says that it is whole; the
// PSA's own count does not agree, so the run is not complete (V1).
func TestCompleteness(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		w := newWorld(t, d, little())
		w.psa.SetFaults(simulator.Fault{ID: "F32", Resource: simulator.Contacts, Call: simulator.CallList, Nth: 2, Times: 1})
		if run := w.sync(); run.State != mainstay.RunIncomplete {
			w.Errorf("with a page left out the run is %s: %+v", run.State, run.Counts)
		}
		w.psa.SetFaults()
		w.completes("mended", w.sync())
		w.agrees("mended")
	})
}
