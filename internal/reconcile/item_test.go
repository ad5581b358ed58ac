package reconcile_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

func resourceOf(kind mainstay.KindName) string {
	return map[mainstay.KindName]string{"organization": simulator.Companies, "location": simulator.Sites, "contact": simulator.Contacts, "configuration": simulator.Configurations}[kind]
}

// kinds are those that a PSA knows.
func kinds() []mainstay.KindName {
	return []mainstay.KindName{"organization", "configuration", "contact", "location"}
}

// some returns the n-th record of a kind whose item syncs, with its item.
func (w *world) some(kind mainstay.KindName, n int) (int64, mainstay.Item) {
	w.Helper()
	states := w.holds().states
	for _, id := range w.psa.IDs(resourceOf(kind)) {
		if states[key(kind, id)] == mainstay.Syncing {
			if n == 0 {
				return id, w.linked(kind, id)
			}
			n--
		}
	}
	w.Fatalf("too few %s sync", kind)
	return 0, mainstay.Item{}
}

// edit changes a record of any kind in a field that its item shows, and returns
// that field and its value.
func (w *world) edit(kind mainstay.KindName, id int64, value string) string {
	switch kind {
	case "organization":
		w.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = value })
		return "phone"
	case "contact":
		w.psa.EditContact(id, func(c *simulator.Contact) { c.Title = value })
		return "title"
	case "location":
		w.psa.EditSite(id, func(c *simulator.Site) { c.City = value })
		return "city"
	}
	w.psa.EditConfiguration(id, func(c *simulator.Configuration) { c.SerialNumber = value })
	return "serial_number"
}

func (w *world) disable(i mainstay.Item) mainstay.Item {
	w.Helper()
	n, err := w.changes.DisableSync(w.ctx, w.admin, i.Ref(), i.Version)
	w.must(err)
	return n
}

func (w *world) enable(i mainstay.Item) mainstay.Item {
	w.Helper()
	n, err := w.changes.EnableSync(w.ctx, w.admin, i.Ref(), i.Version)
	w.must(err)
	return n
}

// refused checks that something was refused with a kind and a word of its
// sentence, and that nothing is different from before.
func (w *world) refused(what string, err error, kind mainstay.ErrorKind, word string, before map[string]string) {
	w.Helper()
	if mainstay.KindOf(err) != kind || !strings.Contains(mainstay.SafeMessage(err), word) {
		w.Errorf("%s: %v, want %s with %q", what, err, kind, word)
	}
	w.differ(before, what)
}

// TestItem_disable: what a person switched off is left alone by every sync,
// whatever the PSA does; switched on again it is what the PSA says.
func TestItem_disable(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		for _, kind := range kinds() {
			changed, item := w.some(kind, 0)
			n := w.disable(item)
			if n.Sync != mainstay.SyncDisabled || n.Version != item.Version+1 || !strings.HasPrefix(n.SyncNote, "Dana turned syncing off") || n.Since < item.Since {
				t.Errorf("%s: %+v", kind, n)
			}
			field := w.edit(kind, changed, "77")
			w.completes("changed there", w.sync())
			if now := w.linked(kind, changed); now.Version != n.Version || now.Values.Text(field) != item.Values.Text(field) {
				t.Errorf("%s: a sync changed what was switched off: %+v", kind, now)
			}
			w.sound("off")
			w.enable(n)
			if run := w.sync(); run.Counts.Updated != 1 || run.Counts.Created != 0 {
				t.Errorf("%s: %+v", kind, run.Counts)
			}
			if now := w.linked(kind, changed); now.Sync != mainstay.Syncing || now.Values.Text(field) != "77" || now.SyncNote != "" {
				t.Errorf("%s: on again it is %+v", kind, now)
			}
			w.agrees("on again")
		}
	})
}

// TestItem_disable_gone: it is no orphan and no candidate when its record goes or
// stops syncing, and becomes one at the next full sync after it was switched on.
func TestItem_disable_gone(t *testing.T) {
	each(t, func(w *world) {
		blocked := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
		w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(blocked) }))
		w.completes("first", w.sync())
		deleted, contact := w.some("contact", 0)
		marked, _ := w.alone(0)
		retyped, _ := w.alone(1)
		off := []mainstay.Item{w.disable(contact), w.disable(w.linked("organization", marked)), w.disable(w.linked("organization", retyped))}
		w.psa.Delete(simulator.Contacts, deleted)
		w.psa.MarkDeleted(marked, true)
		w.psa.EditCompany(retyped, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: blocked, Name: "Blocked"}} })
		for range 2 {
			run := w.sync()
			w.completes("gone", run)
			w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
				found, err := t.Candidates(w.ctx, run.ID, 0, 100)
				for _, c := range found {
					for _, i := range off {
						if c.ItemID == i.ID {
							w.Errorf("%s is a candidate: %+v", i.Name, c)
						}
					}
				}
				return err
			}))
			for _, i := range off {
				if now := w.item(i.Ref()); now.Sync != mainstay.SyncDisabled || now.Version != i.Version {
					t.Errorf("%s is %s, version %d after %d", now.Name, now.Sync, now.Version, i.Version)
				}
			}
			w.sound("gone")
		}
		reasons := []mainstay.Reason{mainstay.ReasonDeleted, mainstay.ReasonDeleted, mainstay.ReasonType}
		for _, i := range off {
			w.enable(w.item(i.Ref()))
		}
		w.completes("on again", w.sync())
		for n, i := range off {
			if now := w.item(i.Ref()); now.Sync != mainstay.Orphaned || now.Reason != reasons[n] {
				t.Errorf("%s is %s, %s", now.Name, now.Sync, now.Reason)
			}
		}
		w.agrees("on again")
	})
}

// TestItem_disable_delete is the original's way to delete one item: switched off
// it can be deleted, its record makes no new item meanwhile, and restored it is
// switched off as before.
func TestItem_disable_delete(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		id, item := w.some("contact", 0)
		version := func(i mainstay.Item) map[mainstay.ItemID]int64 { return map[mainstay.ItemID]int64{i.ID: i.Version} }
		before := w.matter()
		_, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Contact, version(item))
		w.refused("deleted while it syncs", err, mainstay.Forbidden, "Turn its syncing off first", before)
		off := w.disable(item)
		p, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Contact, version(off))
		w.must(err)
		w.edit("contact", id, "Changed meanwhile")
		run := w.sync()
		w.completes("in the trash", run)
		if run.Counts.Created != 0 || run.Counts.InTrash != 1 {
			t.Errorf("its record made a new item: %+v", run.Counts)
		}
		w.sound("in the trash")
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.apply(undo.ID)
		back := w.item(item.Ref())
		if back.Sync != mainstay.SyncDisabled || back.SyncNote != off.SyncNote {
			t.Errorf("restored it is %+v", back)
		}
		w.completes("restored", w.sync())
		if now := w.item(item.Ref()); now.Version != back.Version {
			t.Errorf("a sync changed it: %+v", now)
		}
		w.enable(back)
		w.completes("on again", w.sync())
		if now := w.item(item.Ref()); now.Values.Text("title") != "Changed meanwhile" {
			t.Errorf("on again it is %+v", now)
		}
		w.agrees("on again")
	})
}

// TestItem_disable_refused: who may, what can't be switched, and a stale look.
func TestItem_disable_refused(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		_, item := w.some("contact", 0)
		mine := w.create(mainstay.Item{Kind: "contact", OrganizationID: item.OrganizationID, Values: mainstay.Values{"first_name": {Text: "Own"}}})
		before := w.matter()
		try := func(what string, a mainstay.Actor, i mainstay.Item, kind mainstay.ErrorKind, word string) {
			t.Helper()
			_, err := w.changes.DisableSync(w.ctx, a, i.Ref(), i.Version)
			w.refused(what, err, kind, word, before)
		}
		try("a Creator", mainstay.Actor{UserID: 9, Role: mainstay.Creator, All: true}, item, mainstay.Forbidden, "Your role, Creator")
		try("a foreign Editor", mainstay.Actor{UserID: 9, Role: mainstay.Editor}, item, mainstay.NotFound, "nothing at this address")
		try("no link", w.admin, mine, mainstay.Conflict, "isn't linked")
		stale := item
		stale.Version--
		try("an old version", w.admin, stale, mainstay.Conflict, "changed since you opened it")
		_, err := w.changes.EnableSync(w.ctx, w.admin, item.Ref(), item.Version)
		w.refused("not off", err, mainstay.Conflict, "isn't turned off", before)
		off := w.disable(item)
		before = w.matter()
		try("off already", w.admin, off, mainstay.Conflict, "turned off already")
		_, err = w.engine.SyncItem(w.ctx, w.admin, off.Ref())
		w.refused("sync while off", err, mainstay.Conflict, "Turn it on first", before)
		editor := mainstay.Actor{UserID: 9, Name: "Eva", Role: mainstay.Editor, Organizations: map[mainstay.ItemID]bool{item.OrganizationID: true}}
		n, err := w.changes.EnableSync(w.ctx, editor, off.Ref(), off.Version)
		w.must(err)
		var log []mainstay.Activity
		w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) {
			log, err = t.ActivityPage(w.ctx, w.admin, store.ActivityFilter{ItemID: n.ID, Limit: 2})
			return err
		}))
		if log[0].Verb != "turned on syncing of" || log[0].Who != "Eva" || log[1].Verb != "turned off syncing of" || log[1].Changes["sync"].After != "disabled" {
			t.Errorf("the log says %+v", log)
		}
	})
}

// TestItem_disconnect: one item is disconnected at once, with undo; what is
// protected, doesn't match, or is linked no more is refused.
func TestItem_disconnect(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		for n, kind := range []*mainstay.Kind{&mainstay.Configuration, &mainstay.Contact, &mainstay.Location} {
			_, item := w.some(kind.Name, n)
			before := w.matter()
			if n == 1 {
				w.disable(item)
				item = w.item(item.Ref())
				before = w.matter()
			}
			versions := map[mainstay.ItemID]int64{item.ID: item.Version}
			p, err := w.changes.DisconnectNow(w.ctx, w.admin, kind, versions, "Sold")
			w.must(err)
			now := w.item(item.Ref())
			if p.State != mainstay.PlanDone || p.Done != 1 || !now.Disconnected() || now.SyncNote != "Disconnected from ConnectWise PSA by Dana. Sold" {
				t.Errorf("plan %+v, item %+v", p, now)
			}
			w.sound("disconnected")
			if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Created != 0 || run.Counts.Waiting != 1 {
				t.Errorf("%s: the next sync %+v", kind.Name, run.Counts)
			}
			undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
			w.must(err)
			w.apply(undo.ID)
			w.differ(before, "undone")
			w.sound("undone")
		}
		_, item := w.some("contact", 1)
		before := w.matter()
		now := func(kind *mainstay.Kind, version int64) error {
			_, err := w.changes.DisconnectNow(w.ctx, w.admin, kind, map[mainstay.ItemID]int64{item.ID: version}, "")
			return err
		}
		w.refused("old version", now(&mainstay.Contact, item.Version-1), mainstay.Conflict, "changed since", before)
		w.refused("other kind", now(&mainstay.Location, item.Version), mainstay.NotFound, "no such location", before)
		w.refused("an organization", now(&mainstay.Organization, item.Version), mainstay.Invalid, "through a plan", before)
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			return t.PutProtections(w.ctx, []mainstay.Protection{{ItemID: item.OrganizationID, Keep: true, KeepBy: "Ann"}})
		}))
		w.refused("protected", now(&mainstay.Contact, item.Version), mainstay.Held, "is protected", before)
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			return t.PutProtections(w.ctx, []mainstay.Protection{{ItemID: item.OrganizationID}})
		}))
		r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
		w.must(err)
		w.meanwhile(simulator.Fault{Resource: simulator.Contacts, Call: simulator.CallList}, func() {
			w.refused("during a sync", now(&mainstay.Contact, item.Version), mainstay.Conflict, "under way", before)
		})
		w.completes("with a refusal", w.work(r.ID))
		if w.psa.Struck() != 1 {
			t.Error("nobody tried during the sync")
		}
		w.psa.SetFaults()
	})
}

func external(id int64) string { return strconv.FormatInt(id, 10) }
