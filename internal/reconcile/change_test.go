package reconcile_test

import (
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

// TestMoves: a contact that moves and a company that is merged keep their items
// and what people wrote (V7, hazards 26 and 38); parents follow the PSA, in
// circles as well (hazard 37).
func TestMoves(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		from, _ := w.alone(0)
		to, target := w.alone(1)
		source := w.linked("organization", from)
		doc := w.create(mainstay.Item{Kind: "document", OrganizationID: source.ID, Name: "Handbook"})
		contact := w.psa.IDs(simulator.Contacts)[0]
		before := w.linked("contact", contact)
		w.psa.EditContact(contact, func(k *simulator.Contact) { k.Company = &simulator.Ref{ID: to, Name: target.Name}; k.Site = nil })
		contacts, sites, configurations := w.inside(from)
		w.psa.Merge(from, to)
		circle := w.psa.CompaniesOfType("Client")
		w.psa.EditCompany(to, func(c *simulator.Company) { c.ParentCompany = &simulator.Ref{ID: circle[0]} })
		w.psa.EditCompany(circle[0], func(c *simulator.Company) { c.ParentCompany = &simulator.Ref{ID: circle[1]} })
		w.psa.EditCompany(circle[1], func(c *simulator.Company) { c.ParentCompany = &simulator.Ref{ID: circle[0]} })

		run := w.sync()
		w.completes("moved", run)
		w.agrees("moved")
		after := w.linked("contact", contact)
		org := w.linked("organization", to)
		if after.ID != before.ID || after.OrganizationID != org.ID || run.Counts.Created != 0 {
			w.Errorf("the contact is %+v; %+v", after, run.Counts)
		}
		for kind, ids := range map[mainstay.KindName][]int64{"contact": contacts, "location": sites, "configuration": configurations} {
			for _, id := range ids {
				if i := w.linked(kind, id); i.OrganizationID != org.ID {
					w.Errorf("%s %d did not move with its company", kind, id)
				}
			}
		}
		if merged := w.item(source.Ref()); merged.Sync != mainstay.Orphaned || merged.Reason != mainstay.ReasonDeleted {
			w.Errorf("the merged company is %s %s", merged.Sync, merged.Reason)
		}
		if w.item(doc.Ref()).OrganizationID != source.ID {
			w.Error("a document moved, and with it who may see it")
		}
		if a, b := w.linked("organization", circle[0]), w.linked("organization", circle[1]); a.ParentID != b.ID || b.ParentID != a.ID || org.ParentID != a.ID {
			w.Errorf("parents %d, %d and %d", a.ParentID, b.ParentID, org.ParentID)
		}
		w.psa.MarkDeleted(circle[0], true)
		w.completes("parent gone", w.sync())
		if again := w.sync(); again.Counts.Updated+again.Counts.Candidates != 0 {
			w.Errorf("it does not settle: %+v", again.Counts)
		}
		w.agrees("parent gone")
	})
}

// TestDisabled: an item that a person switched off is neither changed nor
// orphaned, and does not count for the brake.
func TestDisabled(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		ids := w.psa.CompaniesOfType("Prospect")[:9]
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			for _, id := range ids {
				c, _ := w.psa.Company(id)
				if _, err := t.Exec(w.ctx, "UPDATE item SET sync = 'disabled' WHERE kind = 'organization' AND name = $1", c.Name); err != nil {
					return err
				}
			}
			return t.RecountTallies(w.ctx)
		}))
		before := map[int64]mainstay.Item{}
		for n, id := range ids {
			before[id] = w.linked("organization", id)
			if n%2 == 0 {
				w.psa.MarkDeleted(id, true)
			} else {
				w.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = "555-9999" })
			}
		}
		w.completes("changed there", w.sync())
		for id, was := range before {
			if now := w.linked("organization", id); now.Version != was.Version || now.Sync != mainstay.SyncDisabled {
				w.Errorf("company %d is %s, version %d after %d", id, now.Sync, now.Version, was.Version)
			}
		}
		w.sound("changed there")
	})
}

// TestBadRecord: a record that can't be read counts as seen, shows as an error
// with what to do, keeps nothing else from syncing (V22), and recovers.
func TestBadRecord(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		bad, was := w.alone(0)
		good, _ := w.alone(1)
		w.psa.EditCompany(bad, func(c *simulator.Company) { c.Name = "" })
		w.psa.EditCompany(good, func(c *simulator.Company) { c.PhoneNumber = "555-2000" })
		run := w.sync()
		w.completes("bad", run)
		if i := w.linked("organization", bad); i.Sync != mainstay.SyncError || i.Name != was.Name || !strings.Contains(i.SyncNote, "Open it in ConnectWise") {
			w.Errorf("the item is %s: %s", i.Sync, i.SyncNote)
		}
		if w.linked("organization", good).Values.Text("phone") != "555-2000" || run.Counts.Errors != 1 || run.Counts.Orphaned != 0 {
			w.Errorf("others: %+v", run.Counts)
		}
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			problems, err := t.Problems(w.ctx, run.ID, 10)
			if len(problems) != 1 || problems[0].ItemID == 0 {
				w.Errorf("problems %+v", problems)
			}
			return err
		}))
		w.sound("bad")
		again := w.sync()
		w.completes("still bad", again)
		w.psa.EditCompany(bad, func(c *simulator.Company) { c.Name = was.Name })
		w.completes("mended", w.sync())
		w.agrees("mended")
	})
}

// TestEditDuringSync: what a person writes while a sync runs is not lost, and
// neither is what the PSA says (hazard 48).
func TestEditDuringSync(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		id, _ := w.alone(0)
		w.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = "555-3000" })
		w.meanwhile(simulator.Fault{Resource: simulator.Companies, Call: simulator.CallList}, func() {
			i := w.linked("organization", id)
			i.Values.SetText("quick_notes", "Written meanwhile")
			_, err := w.changes.Update(w.ctx, w.admin, i)
			w.must(err)
		})
		w.completes("edited", w.sync())
		if i := w.linked("organization", id); i.Values.Text("quick_notes") != "Written meanwhile" || i.Values.Text("phone") != "555-3000" {
			w.Errorf("the item holds %v", i.Values)
		}
		w.agrees("edited")
	})
}
