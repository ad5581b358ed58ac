package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// clients are the organizations of a company type, in the order of its companies.
func (w *world) clients() []mainstay.Item {
	w.Helper()
	var out []mainstay.Item
	for _, id := range w.psa.CompaniesOfType("Client") {
		company, _ := w.psa.Company(id)
		if o := w.organizationOf(id); o != 0 && w.organization(company.Name).Sync == mainstay.Syncing {
			out = append(out, w.organization(company.Name))
		}
	}
	return out
}

// holding counts what an organization holds.
func (w *world) holding(o mainstay.ItemID) int {
	w.Helper()
	n := 0
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		all, err := t.Inside(w.ctx, o)
		n = len(all)
		return err
	}))
	return n
}

// still fails when a full sync changes anything that an undo has to give back.
func (w *world) still(when string) {
	w.Helper()
	before := w.matter()
	run := w.sync()
	if c := run.Counts; run.State != mainstay.RunComplete || c.Created+c.Orphaned+c.Healed+c.Updated+c.Matched+c.Waiting != 0 {
		w.Errorf("%s: the sync was %s %+v %s", when, run.State, c, run.Message)
	}
	w.differ(before, when+", synced")
	storetest.Invariants(w.TB, w.store)
}

// TestMerge: two organizations, whichever of them is linked, become one with all
// that they hold. Syncs before and after the undo change nothing, and the undo
// gives back what was.
func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name           string
		source, target bool // linked
		sourceLink     bool
	}{{"both linked", true, true, false}, {"both linked, the link of the first stays", true, true, true}, {"the first linked", true, false, false},
		{"the second linked", false, true, false}, {"none linked", false, false, false}} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(w *world) {
				w.sync()
				all := w.clients()
				pick := func(linked bool, n int) mainstay.Item {
					if linked {
						return all[n]
					}
					o := w.create(mainstay.Item{Kind: "organization", Name: fmt.Sprint("By hand ", n), Values: mainstay.Values{"quick_notes": {Text: fmt.Sprint("Note ", n)}}})
					w.create(mainstay.Item{Kind: "document", OrganizationID: o.ID, Name: "Handbook"})
					return o
				}
				source, target := pick(c.source, 0), pick(c.target, 1)
				before, held, had := w.matter(), w.holding(source.ID), w.holding(target.ID)
				p, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: source.ID, Target: target.ID, SourceLink: c.sourceLink})
				w.must(err)
				w.differ(before, "proposed")
				done := w.carry(p)
				if done.Done != held+1 || done.Skipped != 0 || w.holding(target.ID) != held+had {
					t.Fatalf("%d done, %d skipped of %d; the target holds %d", done.Done, done.Skipped, held+1, w.holding(target.ID))
				}
				storetest.Invariants(t, w.store)
				w.still("merged")
				if n := w.waiting("organization"); n != 0 {
					t.Errorf("%d records wait to be matched again", n)
				}
				undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
				w.must(err)
				w.carry(undo)
				w.differ(before, "undone")
				w.still("undone")
				if len(w.psa.Writes()) != 0 {
					t.Fatalf("writes to the PSA: %v", w.psa.Writes())
				}
			})
		})
	}
}

// TestMerge_notes: quick notes survive, both under the names of their organizations.
func TestMerge_notes(t *testing.T) {
	each(t, func(w *world) {
		a := w.create(mainstay.Item{Kind: "organization", Name: "First", Values: mainstay.Values{"quick_notes": {Text: "Ring twice"}, "phone": {Text: "1"}}})
		b := w.create(mainstay.Item{Kind: "organization", Name: "Second", Values: mainstay.Values{"quick_notes": {Text: "Dog"}, "phone": {Text: "2"}}})
		p, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: a.ID, Target: b.ID, Fields: map[string]mainstay.MergeSide{"phone": mainstay.MergeSource}})
		w.must(err)
		w.carry(p)
		got := w.organization("Second")
		if n := got.Values.Text("quick_notes"); !strings.Contains(n, "Ring twice") || !strings.Contains(n, "Dog") || !strings.Contains(n, "First") || got.Values.Text("phone") != "1" {
			t.Fatalf("the merged organization has %+v", got.Values)
		}
	})
}
