package reconcile_test

import (
	"maps"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

func (w *world) create(i mainstay.Item) mainstay.Item {
	w.Helper()
	n, err := w.changes.Create(w.ctx, w.admin, i)
	w.must(err)
	return n
}

func (w *world) item(ref mainstay.Ref) mainstay.Item {
	w.Helper()
	var i mainstay.Item
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { i, err = t.Item(w.ctx, ref); return err }))
	return i
}

// alone returns a company whose name no other has.
func (w *world) alone(n int) (int64, simulator.Company) {
	w.Helper()
	ids := w.psa.CompaniesOfType("Prospect")
	c, _ := w.psa.Company(ids[n])
	return ids[n], c
}

// TestMatch_organizations: a record takes over the one hand-made organization of
// its name, whatever the case, keeps what people wrote (V7), and where two look
// the same none is linked and none is made (V6, hazard 28).
func TestMatch_organizations(t *testing.T) {
	each(t, func(w *world) {
		one, c := w.alone(0)
		two, d := w.alone(1)
		_, e := w.alone(2)
		mine := mainstay.Item{Kind: "organization", Name: strings.ToUpper(c.Name), Values: mainstay.Values{}}
		mine.Values.SetText("quick_notes", "Ring twice")
		mine.Values.SetText("phone", "typed here")
		mine = w.create(mine)
		twin := w.create(mainstay.Item{Kind: "organization", Name: d.Name})
		w.create(mainstay.Item{Kind: "organization", Name: d.Name})
		near := w.create(mainstay.Item{Kind: "organization", Name: e.Name + " Nord"})

		run := w.sync()
		w.completes("first", run)
		i := w.linked("organization", one)
		if i.ID != mine.ID || i.Name != c.Name || i.Values.Text("quick_notes") != "Ring twice" || i.Values.Text("phone") != c.PhoneNumber || i.Sync != mainstay.Syncing {
			w.Errorf("the match is %+v", i)
		}
		if run.Counts.Matched != 1 || w.holds().states[key("organization", two)] != "" {
			w.Errorf("two look the same: %+v", run.Counts)
		}
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			problems, err := t.Problems(w.ctx, run.ID, 10)
			if len(problems) != 1 || problems[0].Name != d.Name || !strings.Contains(problems[0].Message, "look the same") {
				w.Errorf("problems %+v", problems)
			}
			return err
		}))
		if w.item(near.Ref()).Sync != mainstay.NotLinked {
			w.Error("a name that is only near was linked")
		}
		w.sound("ambiguous")

		twin.Name = "Renamed by hand"
		_, err := w.changes.Update(w.ctx, w.admin, twin)
		w.must(err)
		w.completes("after renaming", w.sync())
		w.agrees("after renaming")
		if i := w.linked("organization", two); i.ID == twin.ID {
			w.Error("the renamed one was linked")
		}
	})
}

// TestMatch_contents: contacts match by both names, locations by name and
// address, configurations by name, type, serial number and MAC address, each
// within its organization.
func TestMatch_contents(t *testing.T) {
	each(t, func(w *world) {
		s := everything()
		s.Contacts, s.Locations, s.Configurations = false, false, nil
		w.save(s)
		w.completes("organizations only", w.sync())
		var want []mainstay.Item
		contacts := w.psa.IDs(simulator.Contacts)
		k, _ := w.psa.Contact(contacts[0])
		v := mainstay.Values{}
		v.SetText("first_name", k.FirstName)
		v.SetText("last_name", k.LastName)
		org := w.linked("organization", k.Company.ID)
		want = append(want, w.create(mainstay.Item{Kind: "contact", OrganizationID: org.ID, Name: mainstay.Contact.NameOf(v), Values: v}))
		other := maps.Clone(v)
		other.SetText("last_name", "Otherwise")
		stranger := w.create(mainstay.Item{Kind: "contact", OrganizationID: org.ID, Name: mainstay.Contact.NameOf(other), Values: other})

		site := w.psa.IDs(simulator.Sites)[0]
		p, _ := w.psa.Site(site)
		v = mainstay.Values{}
		v.SetText("address_1", p.AddressLine1)
		v.SetText("address_2", p.AddressLine2)
		v.SetText("city", p.City)
		if p.StateReference != nil {
			v.SetText("region", p.StateReference.Name)
		}
		if p.Country != nil {
			v.SetText("country", p.Country.Name)
		}
		org = w.linked("organization", p.Company.ID)
		want = append(want, w.create(mainstay.Item{Kind: "location", OrganizationID: org.ID, Name: p.Name, Values: v}))
		moved := maps.Clone(v)
		moved.SetText("city", "Elsewhere")
		w.create(mainstay.Item{Kind: "location", OrganizationID: org.ID, Name: p.Name, Values: moved})

		configuration, near := w.machine()
		want = append(want, configuration)
		w.save(everything())
		run := w.sync()
		w.completes("all", run)
		if run.Counts.Matched != len(want) {
			w.Errorf("%d matched, want %d", run.Counts.Matched, len(want))
		}
		for _, i := range want {
			if now := w.item(i.Ref()); now.Sync != mainstay.Syncing {
				w.Errorf("%s %s is %s", i.Kind, i.Name, now.Sync)
			}
		}
		for _, i := range []mainstay.Item{stranger, near} {
			if now := w.item(i.Ref()); now.Sync != mainstay.NotLinked {
				w.Errorf("%s %s is %s", i.Kind, i.Name, now.Sync)
			}
		}
		w.agrees("all")
	})
}

// machine makes a configuration by hand like one of the PSA, and one with
// another serial number.
func (w *world) machine() (same, near mainstay.Item) {
	w.Helper()
	for _, id := range w.psa.IDs(simulator.Configurations) {
		k, _ := w.psa.Configuration(id)
		status, _ := w.psa.Label(simulator.ConfigurationStatuses, refID(k.Status))
		if !k.ActiveFlag || status.ClosedFlag {
			continue
		}
		org := w.linked("organization", k.Company.ID)
		var labels []mainstay.Label
		w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { labels, err = t.Labels(w.ctx); return err }))
		i := mainstay.Item{Kind: "configuration", OrganizationID: org.ID, Name: k.Name, Values: mainstay.Values{}}
		for _, l := range labels {
			if l.Kind == "configuration" && l.Axis == mainstay.TypeAxis && l.Name == k.Type.Name {
				i.TypeID = l.ID
			}
		}
		i.Values.SetText("serial_number", k.SerialNumber)
		i.Values.SetText("mac_address", k.MacAddress)
		other := i
		other.Values = maps.Clone(i.Values)
		other.Values.SetText("serial_number", "another")
		return w.create(i), w.create(other)
	}
	w.Fatal("no configuration syncs")
	return same, near
}

// delete moves one orphaned organization with its contents to the trash.
func (w *world) delete(id mainstay.ItemID) mainstay.Plan {
	w.Helper()
	p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{id}})
	w.must(err)
	return w.confirm(p)
}

func (w *world) confirm(p mainstay.Plan) mainstay.Plan {
	w.Helper()
	_, err := w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	w.must(err)
	return w.apply(p.ID)
}

func (w *world) apply(id mainstay.PlanID) mainstay.Plan {
	w.Helper()
	w.runs++
	w.must(w.changes.Apply(w.ctx, jobs.Job{Kind: jobs.Apply, Key: int64(id), Attempt: 1, Lease: "plan " + string(rune('a'+w.runs%26))}))
	var p mainstay.Plan
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { p, err = t.Plan(w.ctx, id); return err }))
	if p.State != mainstay.PlanDone {
		w.Fatalf("plan %d is %s: %s", id, p.State, p.Message)
	}
	return p
}

// TestTrash: sync neither makes anew nor changes what lies in the trash; a
// restore gives the link back and sync goes on; a purge frees the record.
func TestTrash(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		id, c := w.alone(0)
		w.psa.MarkDeleted(id, true)
		w.completes("orphaned", w.sync())
		item := w.linked("organization", id)
		deleted := w.delete(item.ID)
		w.psa.MarkDeleted(id, false)
		w.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = "555-1000" })
		run := w.sync()
		w.completes("in the trash", run)
		if run.Counts.InTrash == 0 || run.Counts.Created != 0 || w.holds().states[key("organization", id)] != "trash" {
			w.Errorf("a record whose item lies in the trash: %+v, %s", run.Counts, w.holds().states[key("organization", id)])
		}
		w.sound("in the trash")
		undo, err := w.changes.Undo(w.ctx, w.admin, deleted.ID)
		w.must(err)
		w.apply(undo.ID)
		if back := w.linked("organization", id); back.ID != item.ID || back.Values.Text("phone") != c.PhoneNumber || back.Sync != mainstay.Orphaned {
			w.Errorf("restored as %+v", back)
		}
		healed := w.sync()
		w.completes("restored", healed)
		w.agrees("restored")
		if now := w.linked("organization", id); now.ID != item.ID || now.Values.Text("phone") != "555-1000" || healed.Counts.Created != 0 {
			w.Errorf("after the restore: %+v, %+v", now, healed.Counts)
		}

		w.psa.MarkDeleted(id, true)
		w.completes("orphaned again", w.sync())
		deleted = w.delete(item.ID)
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, deleted.ID, nil)
		w.must(err)
		w.confirm(purge)
		w.sound("purged")
		w.psa.MarkDeleted(id, false)
		w.completes("after the purge", w.sync())
		w.agrees("after the purge")
		if now := w.linked("organization", id); now.ID == item.ID {
			w.Error("the purged item came back under its old id")
		}
	})
}
