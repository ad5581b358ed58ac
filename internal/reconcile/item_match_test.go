package reconcile_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

// match asks to link an item with a record.
func (w *world) match(i mainstay.Item, record int64, instead bool) (mainstay.Plan, error) {
	w.Helper()
	return w.changes.MatchRecord(w.ctx, w.admin, change.Match{Item: i.Ref(), Version: i.Version, Integration: w.id, Record: external(record), Instead: instead})
}

// state is all that an undo has to give back: matter, and the traces of ended links.
func (w *world) state() map[string]string {
	w.Helper()
	out := w.matter()
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		rows, err := t.Query(w.ctx, "SELECT kind || ' ' || external_id, item_id || '|' || why || '|' || note || '|' || sync || '|' || who || '|' || seen FROM tombstone")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k, v string
			if err := rows.Scan(&k, &v); err != nil {
				return err
			}
			out["ended "+k] = v
		}
		return rows.Err()
	}))
	return out
}

func (w *world) unlike(before map[string]string, when string) {
	w.Helper()
	after := w.state()
	for k, b := range before {
		if a := after[k]; a != b {
			w.Errorf("%s: %s was\n%s, is\n%s", when, k, b, a)
		}
	}
	if len(after) != len(before) {
		w.Errorf("%s: %d things were there, %d are", when, len(before), len(after))
	}
}

// undone takes a plan back.
func (w *world) undone(p mainstay.Plan) mainstay.Plan {
	w.Helper()
	u, err := w.changes.Undo(w.ctx, w.admin, p.ID)
	w.must(err)
	if u.State == mainstay.PlanStarting {
		u = w.apply(u.ID)
	}
	return u
}

// apart makes an organization with a contact of its own beside a company that
// doesn't sync yet, under a similar name.
func (w *world) apart() (org mainstay.Item, company int64) {
	w.Helper()
	blocked := w.psa.AddLabel(simulator.CompanyTypes, "Blocked")
	company = w.psa.AddCompany("Acme Holding", "Blocked", "Active")
	w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == fmt.Sprint(blocked) }))
	w.completes("first", w.sync())
	org = mainstay.Item{Kind: "organization", Name: "Acme", Values: mainstay.Values{}}
	org.Values.SetText("phone", "typed here")
	org.Values.SetText("quick_notes", "Ring twice")
	org = w.create(org)
	w.create(mainstay.Item{Kind: "contact", OrganizationID: org.ID, Values: mainstay.Values{"first_name": {Text: "Zoë"}, "last_name": {Text: "Quist"}}})
	return org, company
}

// TestItem_match: an item without a link is tied to a record; the PSA wins at the
// next sync for what it owns and for nothing else; undoing gives all of it back,
// and undoing that links it once more.
func TestItem_match(t *testing.T) {
	each(t, func(w *world) {
		org, company := w.apart()
		before := w.state()
		preview, trouble, err := w.engine.PreviewMatch(w.ctx, w.admin, change.Match{Item: org.Ref(), Integration: w.id, Record: external(company)})
		w.must(err)
		w.must(trouble)
		if preview.Known != change.KnownNow || preview.Overwrites["name"].After != "Acme Holding" || preview.Overwrites["phone"].Before != "typed here" ||
			preview.Overwrites["quick_notes"].After != "" || !strings.Contains(preview.Out, "Blocked") {
			t.Errorf("the preview is %+v", preview)
		}
		w.unlike(before, "previewed")
		p, err := w.match(org, company, false)
		w.must(err)
		now := w.item(org.Ref())
		if p.State != mainstay.PlanDone || p.Done != 1 || now.Sync != mainstay.Syncing || now.Name != "Acme" || w.linked("organization", company).ID != org.ID {
			t.Errorf("plan %+v, item %+v", p, now)
		}
		w.sound("matched")
		w.save(everything())
		run := w.sync()
		now = w.item(org.Ref())
		if run.Counts.Created != 0 || now.Name != "Acme Holding" || now.Values.Text("phone") == "typed here" || now.Values.Text("quick_notes") != "Ring twice" {
			t.Errorf("after a sync: %+v, %+v", run.Counts, now)
		}
		w.agrees("synced")
		undo := w.undone(p)
		if undo.Origin != p.ID || undo.State != mainstay.PlanDone {
			t.Errorf("the undo is %+v", undo)
		}
		w.unlike(before, "undone")
		if got := w.item(org.Ref()); !got.OnlyHere {
			t.Error("what was made here is no longer only here")
		}
		w.sound("undone")
		w.undone(undo)
		if got := w.linked("organization", company); got.ID != org.ID {
			t.Errorf("undoing the undo linked %d", got.ID)
		}
		w.sound("undone twice")
		w.completes("synced again", w.sync())
		w.agrees("synced again")
	})
}

// TestItem_match_orphan: a record that doesn't sync makes its item an orphan at
// the next full sync, with the reason.
func TestItem_match_orphan(t *testing.T) {
	each(t, func(w *world) {
		org, company := w.apart()
		_, err := w.match(org, company, false)
		w.must(err)
		w.completes("next", w.sync())
		if now := w.item(org.Ref()); now.Sync != mainstay.Orphaned || now.Reason != mainstay.ReasonType || now.Name != "Acme" {
			t.Errorf("it is %+v", now)
		}
		w.agrees("next")
	})
}

// TestItem_match_again: a disconnected item takes its own record up again with
// its state, or that of another item where the person says so.
func TestItem_match_again(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		one, first := w.some("contact", 0)
		var two int64
		var second mainstay.Item
		for n := 1; second.OrganizationID != first.OrganizationID; n++ {
			two, second = w.some("contact", n)
		}
		off := w.disable(first)
		versions := func(i mainstay.Item) map[mainstay.ItemID]int64 { return map[mainstay.ItemID]int64{i.ID: i.Version} }
		_, err := w.changes.DisconnectNow(w.ctx, w.admin, &mainstay.Contact, versions(off), "")
		w.must(err)
		_, err = w.changes.DisconnectNow(w.ctx, w.admin, &mainstay.Contact, versions(second), "Left the firm")
		w.must(err)
		w.edit("contact", one, "Chief")
		w.completes("waiting", w.sync())
		before := w.state()
		p, err := w.match(w.item(first.Ref()), one, false)
		w.must(err)
		if now := w.item(first.Ref()); now.Sync != mainstay.SyncDisabled || now.Values.Text("title") != "Chief" || now.SyncNote != off.SyncNote {
			t.Errorf("it came back as %+v", now)
		}
		w.sound("again")
		w.undone(p)
		w.unlike(before, "undone")

		_, err = w.match(w.item(first.Ref()), two, false)
		w.refused("another's record", err, mainstay.Held, "waits for "+second.Name, w.matter())
		p, err = w.match(w.item(first.Ref()), two, true)
		w.must(err)
		if a, b := w.item(first.Ref()), w.item(second.Ref()); a.Sync != mainstay.Syncing || b.Sync != mainstay.NotLinked || b.Disconnected() || !b.OnlyHere {
			t.Errorf("one is %+v, the other %+v", a, b)
		}
		w.sound("taken")
		if run := w.sync(); run.Counts.Created != 0 || run.Counts.Waiting != 1 {
			t.Errorf("%+v", run.Counts)
		}
		w.agreesBut("taken", one)
		w.undone(p)
		w.unlike(before, "given back")
		w.sound("given back")
	})
}

// agreesBut is agrees without contacts that wait for a person.
func (w *world) agreesBut(where string, waits ...int64) {
	w.Helper()
	want, got := w.should(w.integration().Settings), w.holds()
	for _, id := range waits {
		delete(want, key("contact", id))
	}
	n := 0
	for k, state := range got.states {
		if state == mainstay.Syncing {
			n++
			if got.shown[k] != want[k] {
				w.Errorf("%s: %s shows %q, want %q", where, k, got.shown[k], want[k])
			}
		}
	}
	if n != len(want) {
		w.Errorf("%s: %d sync, want %d", where, n, len(want))
	}
}

// TestItem_match_refused: a record that is taken, in the trash, of another
// company, unknown, or merged; an item that is linked; people who may not.
func TestItem_match_refused(t *testing.T) {
	each(t, func(w *world) {
		org, company := w.apart()
		marked, orphan := w.alone(0)
		w.psa.MarkDeleted(marked, true)
		w.completes("orphaned", w.sync())
		w.delete(w.linked("organization", marked).ID)
		taken, holder := w.some("organization", 3)
		contact, linked := w.some("contact", 0)
		mine := w.create(mainstay.Item{Kind: "contact", OrganizationID: w.linked("organization", w.psa.CompaniesOfType("Client")[1]).ID, Values: mainstay.Values{"first_name": {Text: "Own"}}})
		merged, _ := w.some("organization", 6)
		target := w.linked("organization", merged)
		before := w.matter()
		try := func(what string, i mainstay.Item, record int64, kind mainstay.ErrorKind, word string) {
			t.Helper()
			_, err := w.match(i, record, true)
			w.refused(what, err, kind, word, before)
		}
		try("taken", org, taken, mainstay.Conflict, "It is linked with "+holder.Name+". Merge the two organizations")
		try("in the trash", org, marked, mainstay.Conflict, orphan.Name+", which lies in Trash")
		try("unknown", org, 999_999, mainstay.NotFound, "No sync of ConnectWise PSA has seen")
		try("another kind", org, contact, mainstay.NotFound, "No sync of ConnectWise PSA has seen")
		try("linked", linked, contact, mainstay.Conflict, "is linked with a PSA record already")
		away := mine
		away.ID = 0
		for _, id := range w.psa.IDs(simulator.Contacts) {
			k, _ := w.psa.Contact(id)
			if away.ID == 0 && w.holds().states[key("contact", id)] == "" && w.organizationOf(refID(k.Company)) != mine.OrganizationID {
				away.ID = mine.ID
				try("another company", mine, id, mainstay.Conflict, "belongs to another company")
			}
		}
		if away.ID == 0 {
			t.Error("no contact of another company is free")
		}
		stale := org
		stale.Version--
		try("an old version", stale, company, mainstay.Conflict, "changed since you opened it")
		doc := w.create(mainstay.Item{Kind: "document", OrganizationID: org.ID, Name: "Handbook"})
		before = w.matter()
		try("a document", doc, company, mainstay.Invalid, "No PSA has documents")
		for role, word := range map[mainstay.Role]string{mainstay.Creator: "Your role, Creator", mainstay.Editor: "Your role, Editor"} {
			_, err := w.changes.MatchRecord(w.ctx, mainstay.Actor{UserID: 9, Role: role, All: true}, change.Match{Item: org.Ref(), Version: org.Version, Integration: w.id, Record: external(company)})
			w.refused(string(role), err, mainstay.Forbidden, word, before)
		}
		some := mainstay.Actor{UserID: 9, Role: mainstay.Manager, Organizations: map[mainstay.ItemID]bool{org.ID: true}}
		_, err := w.changes.MatchRecord(w.ctx, some, change.Match{Item: org.Ref(), Version: org.Version, Integration: w.id, Record: external(company)})
		w.refused("a Manager of some", err, mainstay.Forbidden, "access to all organizations", before)
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			return t.PutTombstones(w.ctx, []mainstay.Tombstone{{IntegrationID: w.id, Kind: "organization", ExternalID: external(company), ItemID: target.ID, Why: mainstay.EndedMerged}})
		}))
		try("merged", org, company, mainstay.Conflict, "was merged into "+target.Name)
	})
}

// organizationOf returns the organization of a company; 0 for none.
func (w *world) organizationOf(company int64) mainstay.ItemID {
	w.Helper()
	var id mainstay.ItemID
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		links, err := t.Links(w.ctx, w.id, "organization", []string{external(company)})
		id = links[external(company)].ItemID
		return err
	}))
	return id
}

// TestItem_candidates: a search finds records by name and id, free ones first, in
// the company of the item's organization only.
func TestItem_candidates(t *testing.T) {
	each(t, func(w *world) {
		org, company := w.apart()
		find := func(i mainstay.Item, words string) (names []string, why map[string]string, ok bool) {
			why = map[string]string{}
			w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
				found, matchable, err := change.Candidates(w.ctx, t, w.admin, i, words, 50)
				ok = matchable
				for _, f := range found {
					names, why[f.Record.Name] = append(names, f.Record.Name), f.Why
				}
				return err
			}))
			return names, why, ok
		}
		if names, why, ok := find(org, "acme"); !ok || len(names) != 1 || names[0] != "Acme Holding" || why["Acme Holding"] != "" {
			t.Errorf("%v %v", names, why)
		}
		if names, _, _ := find(org, external(company)); len(names) != 1 || names[0] != "Acme Holding" {
			t.Errorf("by its id: %v", names)
		}
		if names, why, _ := find(org, ""); len(names) < 20 || names[0] != "Acme Holding" || !strings.Contains(why[names[5]], "It is linked with "+names[5]) {
			t.Errorf("%v %v", names, why)
		}
		inside := w.create(mainstay.Item{Kind: "contact", OrganizationID: org.ID, Values: mainstay.Values{"first_name": {Text: "A"}}})
		if names, _, ok := find(inside, ""); ok || names != nil {
			t.Errorf("an organization without a company has %v", names)
		}
		id, contact := w.some("contact", 0)
		k, _ := w.psa.Contact(id)
		there, _, _ := w.inside(refID(k.Company))
		mine := w.create(mainstay.Item{Kind: "contact", OrganizationID: contact.OrganizationID, Values: mainstay.Values{"first_name": {Text: "B"}}})
		if names, _, ok := find(mine, ""); !ok || len(names) != len(there) {
			t.Errorf("%d contacts of the company, found %v", len(there), names)
		}
	})
}
