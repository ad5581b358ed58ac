package reconcile_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

// without is settings with some boxes cleared.
func without(s mainstay.Settings, clear func(mainstay.Pair) bool) mainstay.Settings {
	s.Organizations = maps.Clone(s.Organizations)
	maps.DeleteFunc(s.Organizations, func(p mainstay.Pair, _ bool) bool { return clear(p) })
	return s
}

// inside returns records of a resource that belong to a company.
func (w *world) inside(company int64) (contacts, sites, configurations []int64) {
	for _, id := range w.psa.IDs(simulator.Contacts) {
		if k, _ := w.psa.Contact(id); refID(k.Company) == company {
			contacts = append(contacts, id)
		}
	}
	for _, id := range w.psa.IDs(simulator.Sites) {
		if k, _ := w.psa.Site(id); refID(k.Company) == company {
			sites = append(sites, id)
		}
	}
	for _, id := range w.psa.IDs(simulator.Configurations) {
		if k, _ := w.psa.Configuration(id); refID(k.Company) == company && k.ActiveFlag {
			configurations = append(configurations, id)
		}
	}
	return contacts, sites, configurations
}

// broken is one way for a record to stop syncing.
type broken struct {
	kind   mainstay.KindName
	id     int64
	reason mainstay.Reason
	mend   func()
}

// breakAll lets one record of each kind of reason stop syncing.
func (w *world) breakAll(blockedType, blockedStatus int64) []broken {
	w.Helper()
	var out []broken
	add := func(kind mainstay.KindName, id int64, r mainstay.Reason, mend func()) {
		out = append(out, broken{kind, id, r, mend})
	}
	companies := w.psa.CompaniesOfType("Prospect")
	of := func(n int) (int64, simulator.Company) {
		c, _ := w.psa.Company(companies[n])
		return companies[n], c
	}
	retyped, was := of(0)
	w.psa.EditCompany(retyped, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: blockedType}} })
	add("organization", retyped, mainstay.ReasonType, func() { w.psa.EditCompany(retyped, func(c *simulator.Company) { c.Types = was.Types }) })
	contacts, sites, configurations := w.inside(retyped)
	for _, id := range contacts {
		add("contact", id, mainstay.ReasonParent, nil)
	}
	for _, id := range sites {
		add("location", id, mainstay.ReasonParent, nil)
	}
	for _, id := range configurations {
		add("configuration", id, mainstay.ReasonParent, nil)
	}
	restatused, before := of(1)
	w.psa.EditCompany(restatused, func(c *simulator.Company) { c.Status = &simulator.Ref{ID: blockedStatus} })
	add("organization", restatused, mainstay.ReasonStatus, func() { w.psa.EditCompany(restatused, func(c *simulator.Company) { c.Status = before.Status }) })
	gone, _ := of(2)
	w.psa.Delete(simulator.Companies, gone)
	add("organization", gone, mainstay.ReasonDeleted, func() { w.psa.Undelete(gone) })
	marked, _ := of(3)
	w.psa.MarkDeleted(marked, true)
	add("organization", marked, mainstay.ReasonDeleted, func() { w.psa.MarkDeleted(marked, false) })

	contacts, sites, configurations = w.inside(w.psa.CompaniesOfType("Client")[0])
	w.psa.EditContact(contacts[0], func(k *simulator.Contact) { k.InactiveFlag = true })
	add("contact", contacts[0], mainstay.ReasonInactive, func() { w.psa.EditContact(contacts[0], func(k *simulator.Contact) { k.InactiveFlag = false }) })
	w.psa.EditSite(sites[0], func(k *simulator.Site) { k.InactiveFlag = true })
	add("location", sites[0], mainstay.ReasonInactive, func() { w.psa.EditSite(sites[0], func(k *simulator.Site) { k.InactiveFlag = false }) })
	w.psa.EditConfiguration(configurations[0], func(k *simulator.Configuration) { k.ActiveFlag = false })
	add("configuration", configurations[0], mainstay.ReasonInactive, func() {
		w.psa.EditConfiguration(configurations[0], func(k *simulator.Configuration) { k.ActiveFlag = true })
	})
	moved, _ := w.psa.Contact(contacts[1])
	w.psa.EditContact(contacts[1], func(k *simulator.Contact) { k.Company = &simulator.Ref{ID: retyped} })
	add("contact", contacts[1], mainstay.ReasonParent, func() { w.psa.EditContact(contacts[1], func(k *simulator.Contact) { k.Company = moved.Company }) })
	return out
}

// TestReasons: each way for a record to stop syncing orphans its item with the
// reason and a sentence of evidence (V4), changes nothing else of it, and heals
// when the record is as it was.
func TestReasons(t *testing.T) {
	each(t, func(w *world) {
		blockedType := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
		blockedStatus := w.psa.AddLabel(simulator.CompanyStatuses, "Blocked")
		w.save(without(everything(), func(p mainstay.Pair) bool {
			return p.Type == fmt.Sprint(blockedType) || p.Status == fmt.Sprint(blockedStatus)
		}))
		w.completes("first", w.sync())
		before := w.holds()
		all := w.breakAll(blockedType, blockedStatus)
		run := w.sync()
		w.completes("broken", run)
		w.agrees("broken")
		for _, b := range all {
			i := w.linked(b.kind, b.id)
			if i.Sync != mainstay.Orphaned || i.Reason != b.reason || i.SyncNote == "" {
				w.Errorf("%s %d is %s, %q, %q; want the reason %s", b.kind, b.id, i.Sync, i.Reason, i.SyncNote, b.reason)
			}
		}
		after := w.holds()
		for k, shown := range before.shown {
			if after.states[k] == mainstay.Orphaned && after.shown[k] != shown {
				w.Errorf("orphaning changed %s from %q to %q", k, shown, after.shown[k])
			}
		}
		if again := w.sync(); again.Counts.Candidates+again.Counts.Orphaned+again.Counts.Healed != 0 {
			w.Errorf("a second sync found more: %+v", again.Counts)
		}
		for _, b := range all {
			if b.mend != nil {
				b.mend()
			}
		}
		back := w.sync()
		w.completes("mended", back)
		w.agrees("mended")
		if back.Counts.Created != 0 || back.Counts.Healed == 0 {
			w.Errorf("mending made new items: %+v", back.Counts)
		}
	})
}

// completes checks that a run ended complete.
func (w *world) completes(where string, r mainstay.Run) {
	w.Helper()
	if r.State != mainstay.RunComplete {
		w.Fatalf("%s: the run is %s: %s", where, r.State, r.Message)
	}
}

// TestReasons_setting: switching a kind off and clearing a box orphan with the
// reason of the settings, as many as the preview said, and heal when they are
// back. What the settings no longer explain is held (V3).
func TestReasons_setting(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		s := everything()
		s.Contacts = false
		effect := w.save(s)
		run := w.sync()
		w.completes("contacts off", run)
		if run.Counts.Orphaned != effect.OrphanTotal() || run.Counts.Orphaned == 0 {
			w.Errorf("%d orphaned, previewed %d", run.Counts.Orphaned, effect.OrphanTotal())
		}
		contact := w.linked("contact", w.psa.IDs(simulator.Contacts)[0])
		if contact.Reason != mainstay.ReasonSetting || !strings.Contains(contact.SyncNote, "switched off") {
			w.Errorf("the contact is %s: %s", contact.Reason, contact.SyncNote)
		}
		w.agrees("contacts off")
		w.save(everything())
		w.completes("contacts on", w.sync())
		w.agrees("contacts on")

		// A person agreed to three orphans; the PSA meanwhile has a crowd in that class.
		s = without(everything(), func(p mainstay.Pair) bool {
			return p.Type == fmt.Sprint(w.psa.LabelID(simulator.CompanyTypes, "Prospect"))
		})
		_, err := w.changes.SaveSettings(w.ctx, w.admin, w.id, s, w.integration().Settings.Version, 3)
		w.must(err)
		held := w.sync()
		if held.State != mainstay.RunHeld || held.Counts.Orphaned != 0 || !strings.Contains(held.Message, "3 were confirmed") {
			w.Errorf("beyond what was confirmed: %s, %+v, %s", held.State, held.Counts, held.Message)
		}
		w.sound("held")
	})
}

// TestLabels: a type that appears later does not sync, and a company with
// several types syncs while one of them does.
func TestLabels(t *testing.T) {
	each(t, func(w *world) {
		client, lead := w.psa.LabelID(simulator.CompanyTypes, "Client"), w.psa.LabelID(simulator.CompanyTypes, "Lead")
		only := without(everything(), func(p mainstay.Pair) bool { return p.Type != fmt.Sprint(client) && p.Type != fmt.Sprint(lead) })
		w.save(only)
		id := w.psa.CompaniesOfType("Client")[0]
		both := []simulator.Ref{{ID: client, Name: "Client"}, {ID: lead, Name: "Lead"}}
		w.psa.EditCompany(id, func(c *simulator.Company) { c.Types = both })
		late := w.psa.AddLabel(simulator.CompanyTypes, "Newcomer")
		stranger := w.psa.AddCompany("Stranger Works", "Newcomer", "Active")
		w.completes("first", w.sync())
		w.agrees("first")
		if w.holds().states[key("organization", stranger)] != "" {
			w.Error("a company of a new type was synced")
		}
		w.save(without(only, func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(client) }))
		w.completes("one type left", w.sync())
		if i := w.linked("organization", id); i.Sync != mainstay.Syncing {
			w.Errorf("with one of its types ticked the company is %s", i.Sync)
		}
		w.agrees("one type left")
		w.psa.EditCompany(id, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: late}} })
		w.completes("new type", w.sync())
		if i := w.linked("organization", id); i.Reason != mainstay.ReasonType {
			w.Errorf("of a new type the company is %s %s", i.Sync, i.Reason)
		}
		w.psa.EditLabel(simulator.CompanyTypes, lead, func(l *simulator.Label) { l.Name = "Suspect" })
		run := w.sync()
		w.completes("renamed", run)
		if run.Counts.Candidates != 0 {
			w.Errorf("a renamed type made %d candidates (hazard 34)", run.Counts.Candidates)
		}
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			labels, err := t.Labels(w.ctx)
			for _, l := range labels {
				if l.Name == "Lead" {
					w.Error("the old name of the type is still here")
				}
			}
			return err
		}))
		w.agrees("renamed")
	})
}
