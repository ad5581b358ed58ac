package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// syncOne syncs one item and expects an outcome.
func (w *world) syncOne(i mainstay.Item, want change.OneOutcome) change.OneSynced {
	w.Helper()
	got, err := w.engine.SyncItem(w.ctx, w.admin, i.Ref())
	w.must(err)
	if got.Outcome != want || got.Message == "" || got.Item.ID != i.ID {
		w.Errorf("%s %s: %q %q, want %q", i.Kind, i.Name, got.Outcome, got.Message, want)
	}
	w.sound("synced " + i.Name)
	return got
}

// TestItem_now: one item of each kind is brought up to date without a run, and
// says so in the log; a second time there is nothing to do.
func TestItem_now(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		for _, kind := range kinds() {
			id, item := w.some(kind, 0)
			w.syncOne(item, change.OneUnchanged)
			field := w.edit(kind, id, "42")
			got := w.syncOne(item, change.OneUpdated)
			if got.Fields != 1 || got.Item.Values.Text(field) != "42" || got.Item.Version != item.Version+1 {
				t.Errorf("%s: %+v", kind, got)
			}
			var log []mainstay.Activity
			w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) {
				log, err = t.ActivityPage(w.ctx, w.admin, store.ActivityFilter{ItemID: item.ID, Limit: 2})
				return err
			}))
			if log[1].Who != "Dana" || log[1].Verb != "asked to sync" || log[0].Who != "ConnectWise PSA" || log[0].Verb != "updated" || log[0].RunID != 0 || log[0].Changes[field].After != "42" {
				t.Errorf("%s: the log says %+v", kind, log)
			}
			w.agrees("synced one")
		}
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Updated+run.Counts.Created+run.Counts.Orphaned != 0 {
			t.Errorf("a full sync after all: %s %+v", run.State, run.Counts)
		}
		if len(w.psa.Writes()) != 0 {
			t.Errorf("writes to the PSA: %v", w.psa.Writes())
		}
	})
}

// TestItem_now_leaves: what doesn't sync any more, is gone, or isn't answered
// clearly stays as it is, and the next full sync decides.
func TestItem_now_leaves(t *testing.T) {
	each(t, func(w *world) {
		blocked := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
		w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(blocked) }))
		w.completes("first", w.sync())
		gone, contact := w.some("contact", 0)
		retyped, _ := w.alone(0)
		company := w.linked("organization", retyped)
		hidden, site := w.some("location", 3)
		w.psa.Delete(simulator.Contacts, gone)
		w.psa.EditCompany(retyped, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: blocked, Name: "Blocked"}} })
		before := w.matter()
		if got := w.syncOne(contact, change.OneGone); !strings.Contains(got.Message, "no longer has this record") {
			t.Error(got.Message)
		}
		if got := w.syncOne(company, change.OneOut); !strings.Contains(got.Message, "has type Blocked, which isn't ticked") || !strings.Contains(got.Message, "left as it is") {
			t.Error(got.Message)
		}
		w.psa.HideAll(simulator.Sites)
		_, err := w.engine.SyncItem(w.ctx, w.admin, site.Ref())
		w.refused("hidden", err, mainstay.Unavailable, "gave no clear answer", before)
		w.psa.Hide(simulator.Sites, func(id int64) bool { return id == hidden })
		w.syncOne(site, change.OneGone)
		w.psa.Allow(simulator.Sites)
		w.psa.Deny(simulator.Sites)
		_, err = w.engine.SyncItem(w.ctx, w.admin, site.Ref())
		w.refused("denied", err, mainstay.Forbidden, "lacks", before)
		w.psa.Allow(simulator.Sites)
		w.differ(before, "left")
		w.completes("full", w.sync())
		if a, b := w.item(contact.Ref()), w.item(company.Ref()); a.Reason != mainstay.ReasonDeleted || b.Reason != mainstay.ReasonType || w.item(site.Ref()).Sync != mainstay.Syncing {
			t.Errorf("after the full sync: %s and %s", a.Reason, b.Reason)
		}
		w.agrees("full")
		if got := w.syncOne(company, change.OneOut); !strings.Contains(got.Message, "It stays orphaned.") {
			t.Error(got.Message)
		}
		prospect := w.psa.LabelID(simulator.CompanyTypes, "Prospect")
		w.psa.EditCompany(retyped, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: prospect}} })
		w.syncOne(company, change.OneHealed)
		if now := w.item(company.Ref()); now.Sync != mainstay.Syncing || now.Reason != "" {
			t.Errorf("healed as %+v", now)
		}
		w.completes("the rest", w.sync())
		w.agrees("the rest")
	})
}

// TestItem_now_moves: a record of another company, with a parent, with a type that
// nobody knew, and one that can't be read.
func TestItem_now_moves(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		id, contact := w.some("contact", 0)
		to, target := w.alone(3)
		parent, _ := w.alone(4)
		w.psa.EditContact(id, func(k *simulator.Contact) { k.Company = &simulator.Ref{ID: to, Name: target.Name}; k.Site = nil })
		if got := w.syncOne(contact, change.OneMoved); got.Item.OrganizationID != w.linked("organization", to).ID {
			t.Errorf("moved to %d", got.Item.OrganizationID)
		}
		org := w.linked("organization", to)
		w.psa.EditCompany(to, func(c *simulator.Company) { c.ParentCompany = &simulator.Ref{ID: parent}; c.PhoneNumber = "1" })
		if got := w.syncOne(org, change.OneUpdated); got.Item.ParentID != w.linked("organization", parent).ID {
			t.Errorf("its parent is %d", got.Item.ParentID)
		}
		special := w.psa.AddLabel(simulator.CompanyTypes, "Special")
		w.psa.EditCompany(to, func(c *simulator.Company) { c.Types = []simulator.Ref{{ID: special, Name: "Special"}} })
		now := w.syncOne(org, change.OneUpdated).Item
		w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
			labels, err := t.Labels(w.ctx)
			for _, l := range labels {
				if l.ID == now.TypeID && l.Name == "Special" {
					return err
				}
			}
			w.Errorf("the type is %d", now.TypeID)
			return err
		}))
		w.psa.EditCompany(to, func(c *simulator.Company) { c.Name = "" })
		broken := w.syncOne(org, change.OneBroken).Item
		if broken.Sync != mainstay.SyncError || broken.Name != org.Name || !strings.Contains(broken.SyncNote, "Open it in ConnectWise") {
			t.Errorf("broken it is %+v", broken)
		}
		w.psa.EditCompany(to, func(c *simulator.Company) { c.Name = "Mended" })
		w.syncOne(org, change.OneUpdated)
		w.completes("full", w.sync())
		w.agrees("full")
	})
}

// TestItem_now_refused: not while all syncing is paused, while a sync is under
// way or came in between, or where the PSA is another one.
func TestItem_now_refused(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		_, item := w.some("contact", 0)
		mine := w.create(mainstay.Item{Kind: "contact", OrganizationID: item.OrganizationID, Values: mainstay.Values{"first_name": {Text: "Own"}}})
		before := w.matter()
		try := func(what string, i mainstay.Item, kind mainstay.ErrorKind, word string) {
			t.Helper()
			_, err := w.engine.SyncItem(w.ctx, w.admin, i.Ref())
			w.refused(what, err, kind, word, before)
		}
		asked := w.psa.Requests()
		try("no link", mine, mainstay.Conflict, "isn't linked")
		w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, true))
		try("paused", item, mainstay.Conflict, "is paused by Dana")
		w.must(w.changes.PauseIntegration(w.ctx, w.admin, w.id, false))
		r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
		w.must(err)
		try("queued", item, mainstay.Conflict, "is under way and brings this contact")
		if n := w.psa.Requests(); n != asked {
			t.Errorf("the PSA was asked %d times for what was refused", n-asked)
		}
		w.completes("with refusals", w.work(r.ID))
		w.meanwhile(simulator.Fault{Resource: simulator.Contacts, Call: simulator.CallList, Nth: 2}, func() { w.completes("in between", w.sync()) })
		try("a sync came in between", item, mainstay.Conflict, "while the PSA was asked")
		if w.psa.Struck() != 1 {
			t.Error("no sync came in between")
		}
		w.psa.SetFaults()
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			_, err := t.Exec(w.ctx, "UPDATE integration SET fingerprint = 'other'")
			return err
		}))
		try("another PSA", item, mainstay.Held, "is another PSA")
	})
}

// TestItem_now_held: what syncs again is no longer orphaned when a person accepts
// the sync that was held.
func TestItem_now_held(t *testing.T) {
	each(t, func(w *world) {
		w.crowd()
		run := w.held()
		var id int64
		for _, c := range w.psa.IDs(simulator.Companies) {
			if k, _ := w.psa.Company(c); k.DeletedFlag {
				id = c
			}
		}
		w.psa.MarkDeleted(id, false)
		org := w.linked("organization", id)
		w.edit("organization", id, "555-7")
		w.syncOne(org, change.OneUpdated)
		w.settle(run.ID, true, "")
		w.completes("accepted", w.work(run.ID))
		if now := w.item(org.Ref()); now.Sync != mainstay.Syncing {
			t.Errorf("it is %s: %s", now.Sync, now.SyncNote)
		}
		if n := w.tally("organization")[mainstay.Orphaned]; n != 13 {
			t.Errorf("%d organizations are orphaned", n)
		}
		w.sound("accepted")
	})
}

// TestItem_now_faults lets every fault of the PSA meet the sync of one item, on
// the list and on the question by id: it says what is wrong or does what the PSA
// says, orphans nothing, and a full sync later all is well.
func TestItem_now_faults(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		w := newWorld(t, d, little())
		w.completes("the world", w.sync())
		for n, f := range faults(t) {
			kind := kinds()[n%4]
			if d.Name == "postgres" && n%3 != 0 || waits(f) && kind != "contact" {
				continue
			}
			id, item := w.some(kind, 0)
			w.edit(kind, id, fmt.Sprint(100+n))
			f.Resource = resourceOf(kind)
			w.psa.SetFaults(f)
			got, err := w.engine.SyncItem(w.ctx, w.admin, item.Ref())
			w.psa.SetFaults()
			where := fmt.Sprintf("%s %s on %s", f.ID, f.Variant, kind)
			now := w.item(item.Ref())
			switch {
			case err != nil:
				if message := mainstay.SafeMessage(err); mainstay.KindOf(err) == mainstay.Internal || strings.Contains(message, w.psa.Config().PrivateKey) {
					t.Errorf("%s: %v", where, err)
				}
				if now.Version != item.Version {
					t.Errorf("%s: an error changed the item: %+v", where, now)
				}
			case got.Outcome == change.OneGone:
				t.Errorf("%s: taken for gone", where)
			}
			if now.Sync == mainstay.Orphaned {
				t.Errorf("%s: orphaned", where)
			}
			w.sound(where)
			w.completes(where, w.sync())
			w.agrees(where)
		}
	})
}
