package change_test

import (
	"slices"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

func keep(on bool, note string) mainstay.Guarding { return mainstay.Guarding{Keep: &on, Note: note} }

// hold is a legal hold for some days from now; 0 lifts it.
func (w *world) hold(days int, note string) mainstay.Guarding {
	until := mainstay.Time(0)
	if days > 0 {
		until = w.store.DB.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	return mainstay.Guarding{HoldUntil: &until, Note: note}
}

func organization(id mainstay.ItemID) mainstay.Ref {
	return mainstay.Ref{Kind: "organization", ID: id}
}

func (w *world) protect(ref mainstay.Ref, g mainstay.Guarding) {
	w.Helper()
	w.must(w.changes.Protect(w.ctx, w.admin, ref, g))
}

func (w *world) protection(id mainstay.ItemID) mainstay.Protection {
	w.Helper()
	var out mainstay.Protection
	w.read(func(t *store.Tx) error {
		all, err := t.Protections(w.ctx, []mainstay.ItemID{id})
		out = all[id]
		return err
	})
	return out
}

// inside returns the items of a kind in an organization.
func (w *world) inside(kind *mainstay.Kind, org mainstay.ItemID) []store.ListRow {
	w.Helper()
	var page store.ListPage
	w.read(func(t *store.Tx) error {
		f, err := t.Filter(w.ctx, kind, "", org)
		if err != nil {
			return err
		}
		page, err = t.List(w.ctx, w.admin, store.ListRequest{Filter: f, Limit: 100})
		return err
	})
	return page.Rows
}

// TestProtect: one item at a time, with who, why and when, and what lifts it.
func TestProtect(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(2)
		ref := organization(ids[0])
		before := w.stored(ref)
		w.protect(ref, keep(true, "the museum asked"))
		if p := w.protection(ids[0]); !p.Keep || p.KeepBy != "Dana" || p.KeepNote != "the museum asked" || p.KeepAt == 0 || w.stored(ref).Version != before.Version+1 {
			t.Fatalf("%+v", p)
		}
		w.protect(ref, w.hold(10, "court order 7"))
		if p := w.protection(ids[0]); !p.Keep || !p.Held(w.store.DB.Now()) || p.HoldBy != "Dana" || p.HoldNote != "court order 7" {
			t.Fatalf("%+v", p)
		}
		manager, editor := w.admin, w.admin
		manager.Role, editor.Role = mainstay.Manager, mainstay.Editor
		w.refused(w.changes.Protect(w.ctx, manager, ref, w.hold(0, "why not")), mainstay.Forbidden, "set and lift legal holds")
		w.refused(w.changes.Protect(w.ctx, editor, ref, keep(false, "")), mainstay.Forbidden, "make and confirm plans")
		w.refused(w.changes.Protect(w.ctx, w.half(ids[1]), ref, keep(false, "")), mainstay.NotFound, "")
		w.refused(w.changes.Protect(w.ctx, w.admin, ref, w.hold(0, "")), mainstay.Invalid, "Write down why")
		past := w.store.DB.Now().Add(-time.Hour)
		w.refused(w.changes.Protect(w.ctx, w.admin, ref, mainstay.Guarding{HoldUntil: &past, Note: "x"}), mainstay.Invalid, "This day is over")
		w.refused(w.changes.Protect(w.ctx, w.admin, ref, mainstay.Guarding{}), mainstay.Invalid, "either")
		w.refused(w.changes.Protect(w.ctx, w.admin, organization(ids[1]), keep(false, "")), mainstay.Conflict, "nothing to lift")
		w.refused(w.changes.Protect(w.ctx, w.admin, organization(9999), keep(true, "")), mainstay.NotFound, "")
		must := func(g mainstay.Guarding) { w.must(w.changes.Protect(w.ctx, manager, ref, g)) }
		must(keep(false, "they have a copy"))
		if p := w.protection(ids[0]); p.Keep || p.KeepNote != "" || !p.Held(w.store.DB.Now()) {
			t.Fatalf("lifting the flag gave %+v", p)
		}
		w.protect(ref, w.hold(0, "case closed"))
		if p := w.protection(ids[0]); p != (mainstay.Protection{}) {
			t.Fatalf("lifting the hold left %+v", p)
		}
		var said []string
		w.read(func(tx *store.Tx) error {
			log, err := tx.ActivityPage(w.ctx, w.admin, store.ActivityFilter{ItemID: ids[0], Limit: 10})
			for _, e := range log {
				if e.Verb == "orphaned" {
					continue // before the test began
				}
				said = append(said, e.Who+" "+e.Verb+" "+e.Name+": "+e.Detail)
			}
			return err
		})
		day := w.store.DB.Now().Add(10*24*time.Hour - 1).Std().UTC().Format("2 January 2006")
		want := []string{"Dana lifted the legal hold on Org 00000: case closed", "Dana lifted the protection of Org 00000: they have a copy",
			"Dana set a legal hold on Org 00000: Until " + day + ". court order 7", "Dana protected Org 00000: the museum asked"}
		if !slices.Equal(said, want) {
			t.Errorf("the log says\n%q, want\n%q", said, want)
		}
	})
}

// TestProtect_single: no road to a single deletion takes what is protected.
func TestProtect_single(t *testing.T) {
	each(t, func(w *world) {
		org := w.byHand("Acme", nil)
		doc, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", Name: "Deed", OrganizationID: org.ID})
		w.must(err)
		try := func() error {
			_, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Document, map[mainstay.ItemID]int64{doc.ID: w.stored(doc.Ref()).Version})
			return err
		}
		today := w.store.DB.Now().Std().UTC().Format("2 January 2006")
		w.protect(doc.Ref(), keep(true, "signed copy"))
		w.refused(try(), mainstay.Held, "Deed is protected, set by Dana on "+today+": “signed copy”. Lift the protection on its page first. Nothing was deleted.")
		w.protect(doc.Ref(), keep(false, ""))
		w.protect(org.Ref(), w.hold(3, "audit"))
		w.refused(try(), mainstay.Held, "Acme, which holds Deed, is under legal hold until ")
		w.refused(try(), mainstay.Held, "Only an Administrator can lift the hold")
		w.offset = 4 * 24 * time.Hour // the hold ends by itself
		w.must(try())
	})
}

// TestProtect_keepsOrganization: what is protected is kept from a deletion, with
// its organization as a whole, whether it was protected before the plan or since.
func TestProtect_keepsOrganization(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(6)
		contacts := w.inside(&mainstay.Contact, ids[2])
		w.protect(organization(ids[1]), keep(true, ""))
		w.protect(contacts[0].Ref(), w.hold(5, "x"))
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
		w.must(err)
		why := map[mainstay.ItemID]string{}
		w.read(func(tx *store.Tx) error {
			held, err := tx.HeldBack(w.ctx, p, 10)
			for _, h := range held {
				why[h.ItemID] = h.Why
			}
			return err
		})
		if len(why) != 3 || why[ids[1]] != store.WhyProtected || why[ids[2]] != store.WhyHoldInside || p.Counts.Of("contact").Held != 6 {
			t.Fatalf("held back %v, %+v", why, p.Counts.Kinds)
		}
		for _, id := range []mainstay.ItemID{ids[1], ids[2], contacts[0].ID} {
			_, err := w.changes.IncludeHeld(w.ctx, w.admin, p.ID, id)
			w.refused(err, mainstay.Held, "it is protected")
		}
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		// Confirmed, not begun: an organization, and an item inside another.
		w.protect(organization(ids[3]), keep(true, "late"))
		w.protect(w.inside(&mainstay.Contact, ids[4])[1].Ref(), keep(true, "late too"))
		w.must(w.run(p.ID, "a"))
		done := w.plan(p.ID)
		if got := w.outcomes(p.ID); got[mainstay.OutcomeKept] != 6 || got[mainstay.OutcomeDone] != 3 || done.Skipped != 6 {
			t.Fatalf("%v, %+v", got, done)
		}
		for _, id := range []mainstay.ItemID{ids[1], ids[2], ids[3], ids[4]} {
			if n := len(w.inside(&mainstay.Contact, id)); n != 2 {
				t.Errorf("organization %d was torn: %d contacts", id, n)
			}
		}
	})
}

// TestProtect_include: a line that exists only here can't be included any more
// once it, its organization or something in it is protected.
func TestProtect_include(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(1)
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
		w.must(err)
		doc := w.inside(&mainstay.Document, ids[0])[0].Ref()
		for _, ref := range []mainstay.Ref{organization(ids[0]), doc} {
			w.protect(ref, keep(true, ""))
			_, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, ids[0])
			w.refused(err, mainstay.Held, "it is protected")
			w.protect(ref, keep(false, ""))
		}
		_, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, ids[0])
		w.must(err)
	})
}

// TestProtect_plan: many at once, undone line by line, and never what somebody
// set since.
func TestProtect_plan(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(5)
		w.protect(organization(ids[0]), keep(true, "old"))
		w.protect(organization(ids[1]), w.hold(9, "case"))
		before := w.matter()
		r := change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned", Seen: 5}
		p, err := w.changes.ProposeProtect(w.ctx, w.admin, r, keep(true, "all of them"))
		w.must(err)
		if n := p.Counts.Total(); n.Apply != 4 || n.Held != 0 || p.Title() != "Protect 4 organizations" || len(p.Counts.Kinds) != 1 {
			t.Fatalf("%+v %s", p.Counts, p.Title())
		}
		w.confirm(p)
		if got := w.protection(ids[1]); !got.Keep || got.HoldNote != "case" || got.KeepNote != "all of them" || got.KeepBy != "Dana" {
			t.Fatalf("%+v", got)
		}
		back := w.undo(p.ID)
		if w.matter() != before || back.Done != 4 {
			t.Fatalf("undone %+v:\n%s\nwas\n%s", back, w.matter(), before)
		}
		again := w.undo(back.ID)
		if !w.protection(ids[4]).Keep || w.protection(ids[1]).KeepNote != "all of them" {
			t.Fatal("undoing the undo protects nothing")
		}
		w.protect(organization(ids[2]), keep(false, ""))
		w.protect(organization(ids[2]), keep(true, "for another reason"))
		w.protect(organization(ids[3]), w.hold(4, "another case")) // the other part, which the plan never set
		last := w.undo(again.ID)
		if got := w.outcomes(last.ID); got[mainstay.OutcomeDone] != 3 || got[mainstay.OutcomeStale] != 1 {
			t.Fatalf("%v", got)
		}
		if got := w.protection(ids[2]); got.KeepNote != "for another reason" {
			t.Errorf("%+v", got)
		}
		if got := w.protection(ids[3]); got.Keep || got.HoldNote != "another case" {
			t.Errorf("%+v", got)
		}
	})
}

// TestProtect_holdPlan: only an Administrator makes, confirms, applies and undoes
// a plan about legal holds; lifting leaves out what is under none.
func TestProtect_holdPlan(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(3)
		manager := w.admin
		manager.Role = mainstay.Manager
		r := change.Request{Kind: &mainstay.Organization, IDs: ids, Seen: 3}
		_, err := w.changes.ProposeProtect(w.ctx, manager, r, w.hold(9, "case"))
		w.refused(err, mainstay.Forbidden, "legal holds")
		_, err = w.changes.ProtectNow(w.ctx, manager, r, w.hold(9, "case"))
		w.refused(err, mainstay.Forbidden, "legal holds")
		p, err := w.changes.ProposeProtect(w.ctx, w.admin, r, w.hold(9, "case"))
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, manager, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.refused(err, mainstay.Forbidden, "legal holds")
		w.confirm(p)
		if p.Title() != "Set a legal hold on 3 organizations" || w.protection(ids[2]).HoldNote != "case" {
			t.Fatalf("%s: %+v", p.Title(), w.protection(ids[2]))
		}
		_, err = w.changes.Undo(w.ctx, manager, p.ID)
		w.refused(err, mainstay.Forbidden, "legal holds")
		w.protect(organization(ids[0]), w.hold(0, "settled"))
		lift, err := w.changes.ProtectNow(w.ctx, w.admin, r, w.hold(0, "closed"))
		w.must(err)
		if lift.State != mainstay.PlanDone || lift.Done != 2 || lift.Title() != "Lift the legal hold on 2 organizations" {
			t.Fatalf("%+v", lift)
		}
		if w.protection(ids[1]) != (mainstay.Protection{}) {
			t.Error("the hold stands")
		}
		w.undo(lift.ID)
		if got := w.protection(ids[1]); !got.Held(w.store.DB.Now()) || got.HoldNote != "case" {
			t.Errorf("undoing a lift gave %+v", got)
		}
		// A hold whose day passes between making and confirming is not set.
		late, err := w.changes.ProposeProtect(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids[:1]}, mainstay.Guarding{HoldUntil: in(w, time.Hour), Note: "short"})
		w.must(err)
		w.offset = 2 * time.Hour
		_, err = w.changes.Confirm(w.ctx, w.admin, late.ID, change.Proof{Fingerprint: late.Fingerprint})
		w.refused(err, mainstay.Invalid, "This day is over")
		many := change.Request{Kind: &mainstay.Organization, IDs: make([]mainstay.ItemID, 26)}
		_, err = w.changes.ProtectNow(w.ctx, w.admin, many, keep(true, ""))
		w.refused(err, mainstay.Invalid, "More than 25")
	})
}

func in(w *world, d time.Duration) *mainstay.Time {
	at := w.store.DB.Now().Add(d)
	return &at
}

// TestProtect_filter: lists find what is kept, by itself or with its
// organization, and the numbers are exact.
func TestProtect_filter(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(4)
		w.protect(organization(ids[0]), keep(true, ""))
		w.protect(organization(ids[1]), w.hold(3, "x"))
		w.protect(w.inside(&mainstay.Contact, ids[2])[0].Ref(), keep(true, ""))
		count := func(kind *mainstay.Kind, q string) (n int) {
			t.Helper()
			w.read(func(tx *store.Tx) error {
				f, err := tx.Filter(w.ctx, kind, q, 0)
				if err != nil {
					return err
				}
				page, err := tx.List(w.ctx, w.admin, store.ListRequest{Filter: f, Limit: 100})
				if n = page.Total; n != len(page.Rows) {
					t.Errorf("%q counts %d and lists %d", q, n, len(page.Rows))
				}
				return err
			})
			return n
		}
		want := func(kind *mainstay.Kind, q string, n int) {
			t.Helper()
			if got := count(kind, q); got != n {
				t.Errorf("%s %q: %d, want %d", kind.Plural, q, got, n)
			}
		}
		want(&mainstay.Organization, "protected: yes", 2)
		want(&mainstay.Organization, "protected: no", 2)
		want(&mainstay.Organization, "-protected: yes", 2)
		want(&mainstay.Organization, "protected: yes, no", 4)
		want(&mainstay.Organization, "legal hold: yes", 1)
		want(&mainstay.Organization, "legal hold: no sync status: orphaned", 3)
		want(&mainstay.Contact, "protected: yes", 5)
		want(&mainstay.Contact, "legal hold: yes", 2)
		w.offset = 4 * 24 * time.Hour
		want(&mainstay.Organization, "legal hold: yes", 0)
		want(&mainstay.Contact, "protected: yes", 3)
	})
}

// TestProtect_purge: a purge takes the rows of protections that ended along.
func TestProtect_purge(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(2)
		w.protect(organization(ids[1]), w.hold(1, "x"))
		w.offset = 2 * 24 * time.Hour
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids[1:]})
		w.must(err)
		w.confirm(p)
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		w.confirm(purge)
		if got := w.protection(ids[1]); got != (mainstay.Protection{}) {
			t.Errorf("%+v is left", got)
		}
	})
}
