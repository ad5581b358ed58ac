package reconcile_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// unite merges one organization into another.
func (w *world) unite(source, target mainstay.Item) mainstay.Plan {
	w.Helper()
	p, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: source.ID, Target: target.ID})
	w.must(err)
	return w.carry(p)
}

// manned are the organizations whose companies have contacts, in the order of
// the companies.
func (w *world) manned() []mainstay.Item {
	w.Helper()
	var out []mainstay.Item
	for _, id := range w.psa.IDs(simulator.Companies) {
		if people, _, _ := w.inside(id); len(people) > 0 && w.organizationOf(id) != 0 {
			out = append(out, w.linked("organization", id))
		}
	}
	return out
}

// agreed syncs, and accepts what the brake holds.
func (w *world) agreed(where string) {
	w.Helper()
	run := w.sync()
	if run.State == mainstay.RunHeld {
		w.settle(run.ID, true, "")
		run = w.work(run.ID)
	}
	w.completes(where, run)
	storetest.Invariants(w.TB, w.store)
}

// people are the contacts of a company that the PSA doesn't call inactive.
func (w *world) people(company int64) []int64 {
	w.Helper()
	contacts, _, _ := w.inside(company)
	return slices.DeleteFunc(contacts, func(id int64) bool { k, _ := w.psa.Contact(id); return k.InactiveFlag })
}

// companyOf is the company that an organization is linked with.
func (w *world) companyOf(o mainstay.Item) int64 {
	w.Helper()
	var id int64
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		r, _, err := t.RecordOf(w.ctx, o.ID)
		if err == nil {
			id, err = strconv.ParseInt(r.ExternalID, 10, 64)
		}
		return err
	}))
	return id
}

// TestMerge_chain: an organization that took one over is merged on. The contents
// of all companies sync into the last one, and each merge is taken back in turn,
// from the last to the first.
func TestMerge_chain(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		all := w.manned()
		a, b, c := all[0], all[1], all[2]
		companies := []int64{w.companyOf(a), w.companyOf(b), w.companyOf(c)}
		start, held := w.matter(), w.holding(a.ID)+w.holding(b.ID)+w.holding(c.ID)
		first := w.unite(a, b)
		between := w.matter()
		second := w.unite(w.item(b.Ref()), c)
		w.still("merged twice")
		if n := w.holding(c.ID); n != held {
			t.Fatalf("the last organization holds %d, want %d", n, held)
		}
		// Somebody changes employers, and comes back at the end.
		people, _, _ := w.inside(w.companyOf(all[3]))
		person, _ := w.psa.Contact(people[0])
		for _, company := range companies {
			w.psa.EditContact(person.ID, func(k *simulator.Contact) { k.Company = &simulator.Ref{ID: company} })
			w.completes("moved", w.sync())
			if got := w.linked("contact", person.ID); got.OrganizationID != c.ID || got.Sync != mainstay.Syncing {
				t.Fatalf("a contact of company %d lies in %d and is %s, want %d", company, got.OrganizationID, got.Sync, c.ID)
			}
		}
		w.psa.EditContact(person.ID, func(k *simulator.Contact) { k.Company = person.Company })
		w.completes("moved back", w.sync())
		// The first merge can't be undone while its organization is in another one.
		merged := w.matter()
		_, err := w.changes.Undo(w.ctx, w.admin, first.ID)
		if mainstay.KindOf(err) != mainstay.Conflict {
			t.Fatalf("the undo of the first merge gave %v", err)
		}
		w.differ(merged, "refused")
		w.undone(second)
		w.differ(between, "the second taken back")
		w.still("the second taken back")
		w.undone(first)
		w.differ(start, "both taken back")
		w.still("both taken back")
		storetest.Invariants(t, w.store)
	})
}

// TestMerge_aliasStops: the company of a merged organization is marked as
// deleted, or changes to a type that does not sync. What the PSA keeps in it becomes orphaned, the
// organization that stayed goes on syncing, and all of it heals with the company.
func TestMerge_aliasStops(t *testing.T) {
	each(t, func(w *world) {
		blocked := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
		w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(blocked) }))
		w.sync()
		all := w.manned()
		source, target := all[0], all[1]
		company := w.companyOf(source)
		was, _ := w.psa.Company(company)
		_, sites, _ := w.inside(company)
		contacts := w.people(company)
		start := w.matter()
		p := w.unite(source, target)
		merged := w.matter()
		for _, c := range []struct {
			name         string
			breaks, mend func()
		}{
			{"retyped", func() {
				w.psa.EditCompany(company, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: blocked}} })
			},
				func() { w.psa.EditCompany(company, func(c *simulator.Company) { c.Types = was.Types }) }},
			{"marked deleted", func() { w.psa.MarkDeleted(company, true) }, func() { w.psa.MarkDeleted(company, false) }},
		} {
			c.breaks()
			w.agreed(c.name)
			if got := w.item(target.Ref()); got.Sync != mainstay.Syncing {
				t.Fatalf("%s: the organization that stayed is %s (%s)", c.name, got.Sync, got.Reason)
			}
			for kind, ids := range map[mainstay.KindName][]int64{"contact": contacts, "location": sites} {
				for _, id := range ids {
					if got := w.linked(kind, id); got.Sync != mainstay.Orphaned || got.OrganizationID != target.ID {
						t.Errorf("%s: %s %d in %d is %s (%s), want orphaned in %d", c.name, kind, id, got.OrganizationID, got.Sync, got.Reason, target.ID)
					}
				}
			}
			c.mend()
			w.completes(c.name+", mended", w.sync())
			w.differ(merged, c.name+", mended")
		}
		w.undone(p)
		w.differ(start, "taken back")
		w.still("taken back")
	})
}

// TestMerge_targetStops: the company of the organization that stayed is marked
// as deleted.
// It becomes orphaned with what the PSA kept in it there; what the other company
// keeps goes on syncing into it. The undo gives each what is its own.
func TestMerge_targetStops(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		all := w.manned()
		source, target := all[0], all[1]
		company, gone := w.companyOf(source), w.companyOf(target)
		kept, lost := w.people(company), w.people(gone)
		p := w.unite(source, target)
		w.psa.MarkDeleted(gone, true)
		w.agreed("deleted")
		if got := w.item(target.Ref()); got.Sync != mainstay.Orphaned || got.Reason != mainstay.ReasonDeleted {
			t.Errorf("the organization is %s (%s), want orphaned, deleted in the PSA", got.Sync, got.Reason)
		}
		for _, id := range slices.Concat(kept, lost) {
			want := mainstay.Syncing
			if slices.Contains(lost, id) {
				want = mainstay.Orphaned
			}
			if got := w.linked("contact", id); got.Sync != want {
				t.Errorf("contact %d in %d is %s (%s, %s), want %s", id, got.OrganizationID, got.Sync, got.Reason, got.SyncNote, want)
			}
		}
		w.undone(p)
		w.still("taken back")
		if s, g := w.item(source.Ref()), w.item(target.Ref()); s.Sync != mainstay.Syncing || g.Sync != mainstay.Orphaned {
			t.Errorf("taken back, the two are %s and %s", s.Sync, g.Sync)
		}
		w.psa.MarkDeleted(gone, false)
		w.completes("back", w.sync())
		if got := w.item(target.Ref()); got.Sync != mainstay.Syncing {
			t.Errorf("the company came back and its organization is %s", got.Sync)
		}
	})
}

// TestReconnect_merged: what waits to be matched again and lay in an organization
// that was merged since comes back where the merge put it, and not into Trash.
func TestReconnect_merged(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		all := w.manned()
		from, into := all[0], all[1]
		people := w.people(w.companyOf(from))
		contact := w.linked("contact", people[0])
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Request: change.Request{Kind: &mainstay.Contact, IDs: []mainstay.ItemID{contact.ID}}})
		w.must(err)
		w.carry(p)
		w.agreed("it waits")
		w.unite(from, into)
		merged := w.state()
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			waits, err := t.WaitingPage(w.ctx, w.admin, w.id, "contact", "", 10)
			if len(waits) != 1 || waits[0].Seen == nil || waits[0].Seen.Apply(*waits[0].Item).OrganizationID != into.ID {
				w.Errorf("Match again shows %+v", waits)
			}
			return err
		}))
		p, err = w.changes.ProposeReconnect(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Contact})
		w.must(err)
		w.carry(p)
		storetest.Invariants(w.TB, w.store)
		if got := w.item(contact.Ref()); got.OrganizationID != into.ID || got.Sync != mainstay.Syncing {
			t.Errorf("the contact came back as %+v", got)
		}
		w.undone(p)
		w.unlike(merged, "the match was undone")
	})
}
