package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
)

func TestSync_FirstAndUnchanged(t *testing.T) {
	each(t, func(w *world) {
		first := w.sync()
		if first.State != mainstay.RunComplete {
			t.Fatalf("first sync: %+v", first)
		}
		orgs := w.tally("organization")[mainstay.Syncing]
		if want := w.psa.Count(simulator.Companies); orgs != want || first.Counts.Created == 0 {
			t.Fatalf("%d organizations sync, the PSA has %d companies; %+v", orgs, want, first.Counts)
		}
		again := w.sync()
		if again.State != mainstay.RunComplete || again.Counts.Created+again.Counts.Updated+again.Counts.Orphaned+again.Counts.Healed != 0 {
			t.Fatalf("an unchanged PSA gave %+v %s", again.Counts, again.Message)
		}
		if len(w.psa.Writes()) != 0 {
			t.Fatalf("writes to the PSA: %v", w.psa.Writes())
		}
	})
}

// TestSync_DeletedIsOrphanedAndHeals: a record that is gone is asked for by id,
// orphaned with its reason, with its contents, and heals when it returns.
func TestSync_DeletedIsOrphanedAndHeals(t *testing.T) {
	each(t, func(w *world) {
		w.must(nil)
		w.sync()
		id := w.psa.CompaniesOfType("Client")[0]
		company, _ := w.psa.Company(id)
		w.psa.MarkDeleted(id, true)
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Orphaned == 0 {
			t.Fatalf("%+v %s", run.Counts, run.Message)
		}
		o := w.organization(company.Name)
		if o.Sync != mainstay.Orphaned || o.Reason != mainstay.ReasonDeleted || o.SyncNote == "" {
			t.Fatalf("the organization is %s, %s, %q", o.Sync, o.Reason, o.SyncNote)
		}
		w.psa.MarkDeleted(id, false)
		back := w.sync()
		if o := w.organization(company.Name); o.Sync != mainstay.Syncing || back.Counts.Created != 0 {
			t.Fatalf("after its return it is %s; %+v", o.Sync, back.Counts)
		}
		if orphans := w.tally("contact")[mainstay.Orphaned] + w.tally("location")[mainstay.Orphaned]; orphans != 0 {
			t.Fatalf("%d contents did not heal", orphans)
		}
	})
}

// TestSync_UntickedTypeIsOrphaned is the main journey: what the preview said is
// what the next full sync does, and ticking the box again heals all of it.
func TestSync_UntickedTypeIsOrphaned(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		all := w.integration().Settings
		prospect := w.psa.LabelID(simulator.CompanyTypes, "Prospect")
		without := everything()
		for p := range without.Organizations {
			if p.Type == fmt.Sprint(prospect) {
				delete(without.Organizations, p)
			}
		}
		effect := w.save(without)
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Orphaned != effect.OrphanTotal() || effect.OrphanTotal() == 0 {
			t.Fatalf("previewed %+v, run %s %+v %s", effect, run.State, run.Counts, run.Message)
		}
		if n := w.tally("organization")[mainstay.Orphaned]; n != effect.Orphan["organization"] {
			t.Fatalf("%d organizations are orphaned, previewed %d", n, effect.Orphan["organization"])
		}
		w.save(all)
		if back := w.sync(); back.Counts.Created != 0 || w.tally("organization")[mainstay.Orphaned] != 0 {
			t.Fatalf("ticking again: %+v", back.Counts)
		}
	})
}

// TestSync_EmptyAnswerIsHeld is hazard 2: the key loses its rights and every
// list comes back empty with status 200.
func TestSync_EmptyAnswerIsHeld(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before := w.tally("organization")
		for _, r := range []string{simulator.Companies, simulator.Contacts, simulator.Sites, simulator.Configurations} {
			w.psa.HideAll(r)
		}
		run := w.sync()
		if run.State == mainstay.RunComplete || run.Counts.Orphaned != 0 {
			t.Fatalf("an empty answer ended %s: %s", run.State, run.Message)
		}
		if after := w.tally("organization"); after[mainstay.Orphaned] != 0 || after[mainstay.Syncing] != before[mainstay.Syncing] {
			t.Fatalf("before %v, after %v", before, after)
		}
		if !strings.Contains(run.Message, "Nothing was orphaned") {
			t.Errorf("message: %s", run.Message)
		}
	})
}

// TestSync_RenamedTypeChangesNothing is hazard 34.
func TestSync_RenamedTypeChangesNothing(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		w.psa.EditLabel(simulator.CompanyTypes, w.psa.LabelID(simulator.CompanyTypes, "Client"), func(l *simulator.Label) { l.Name = "Customer" })
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Orphaned+run.Counts.Candidates != 0 {
			t.Fatalf("%+v %s", run.Counts, run.Message)
		}
	})
}

// TestSync_PauseOrphansNothing: pausing the integration ends a run without flags.
func TestSync_PauseOrphansNothing(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
		w.must(err)
		w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, true))
		if run := w.work(r.ID); run.State != mainstay.RunCancelled {
			t.Fatalf("run %s", run.State)
		}
		if _, err := w.changes.StartRun(w.ctx, w.admin, w.id); mainstay.KindOf(err) != mainstay.Conflict {
			t.Fatalf("a paused integration started: %v", err)
		}
		w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, false))
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Orphaned != 0 {
			t.Fatalf("after resume: %+v", run)
		}
	})
}
