package change_test

import (
	"slices"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

func TestPlan_DeletesHoldsBackAndRestores(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(40)
		before := w.content()
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned", Seen: 40})
		w.must(err)
		if got := p.Counts.Of("organization"); got.Apply != 39 || got.Held != 1 {
			t.Fatalf("organizations %+v, want 39 and 1 held", got)
		}
		if got := p.Counts.Of("contact"); got.Apply != 78 || got.Held != 2 {
			t.Fatalf("contacts %+v", got)
		}
		if p.Friction != mainstay.FrictionButton || p.Counts.Matched != 40 || p.Message != "" {
			t.Fatalf("friction %d, matched %d, %q", p.Friction, p.Counts.Matched, p.Message)
		}
		var held []mainstay.HeldBack
		w.read(func(tx *store.Tx) (err error) { held, err = tx.HeldBack(w.ctx, p, 10); return err })
		if len(held) != 1 || held[0].ItemID != ids[0] || held[0].OnlyHere != 1 || held[0].Items != 4 {
			t.Fatalf("held back %+v", held)
		}
		if w.content() != before {
			t.Fatal("proposing changed something")
		}
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		done := w.plan(p.ID)
		if done.State != mainstay.PlanDone || done.Done != 117 || done.Skipped != 0 {
			t.Fatalf("plan %+v", done)
		}
		if n := w.count("sync status: orphaned"); n != 1 {
			t.Fatalf("%d orphans are left, want the one held back", n)
		}
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.must(w.run(undo.ID, "b"))
		if w.content() != before {
			t.Fatal("undo did not bring back what was there")
		}
		if w.backups != 0 {
			t.Fatal("a small plan took a backup")
		}
	})
}

func TestPlan_IncludeAndPhrase(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(3)
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync: orphaned"})
		w.must(err)
		old := p.Fingerprint
		p, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, ids[0])
		w.must(err)
		if p.Fingerprint == old || p.Counts.Of("organization").Apply != 3 || p.Counts.Total().OnlyHere != 1 {
			t.Fatalf("after include: %+v", p)
		}
		if _, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: old, Phrase: p.Phrase}); mainstay.KindOf(err) != mainstay.Stale {
			t.Fatalf("an old fingerprint gave %v", err)
		}
		if _, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: "delete 2 organizations"}); mainstay.KindOf(err) != mainstay.Invalid {
			t.Fatalf("a wrong number gave %v", err)
		}
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: " DELETE 3  organizations"})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		if n := w.count(""); n != 0 {
			t.Fatalf("%d organizations are left", n)
		}
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, purge.ID, change.Proof{Fingerprint: purge.Fingerprint, Phrase: purge.Phrase})
		w.must(err)
		w.must(w.run(purge.ID, "c"))
		if w.backups != 1 {
			t.Fatalf("a purge took %d backups, want 1", w.backups)
		}
		if _, err := w.changes.Undo(w.ctx, w.admin, p.ID); mainstay.KindOf(err) != mainstay.NotFound {
			t.Fatalf("undo after purge gave %v", err)
		}
	})
}

// TestPlan_SkipsWhatChanged is hazard 63 and invariant V12: what changed after
// the plan was made is left alone and reported, with its organization.
func TestPlan_SkipsWhatChanged(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(5)
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync: orphaned"})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		// After the confirmation, a document is written in the third organization and the fourth is edited.
		_, err = w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: ids[2], Name: "New"})
		w.must(err)
		var org mainstay.Item
		w.read(func(tx *store.Tx) (err error) {
			org, err = tx.Item(w.ctx, mainstay.Ref{Kind: "organization", ID: ids[3]})
			return err
		})
		org.Values.SetText("quick_notes", "call first")
		_, err = w.changes.Update(w.ctx, w.admin, org)
		w.must(err)
		w.must(w.run(p.ID, "a"))
		if done := w.plan(p.ID); done.Skipped == 0 || done.State != mainstay.PlanDone {
			t.Fatalf("plan %+v", done)
		}
		if n := w.count(""); n != 3 {
			t.Fatalf("%d organizations are left, want the held one and the two that changed", n)
		}
		for _, id := range []mainstay.ItemID{ids[2], ids[3]} {
			w.read(func(tx *store.Tx) error {
				in, err := tx.CountIn(w.ctx, id)
				if in["contact"][mainstay.Orphaned] != 2 {
					t.Errorf("organization %d was torn: %v", id, in)
				}
				return err
			})
		}
		var out []mainstay.PlanItem
		w.read(func(tx *store.Tx) (err error) { out, err = tx.PlanItems(w.ctx, p.ID, 0, true, 100); return err })
		for _, o := range out {
			if o.Outcome != mainstay.OutcomeStale {
				t.Errorf("%s %d: %q", o.Kind, o.ItemID, o.Outcome)
			}
		}
	})
}

func TestDeleteNow_UndoAndBlocked(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(1)
		doc, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: ids[0], Name: "Draft"})
		w.must(err)
		before := w.content()
		p, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Document, map[mainstay.ItemID]int64{doc.ID: 1})
		w.must(err)
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.must(w.run(undo.ID, "a"))
		if w.content() != before {
			t.Fatal("undo did not bring back what was there")
		}
		if _, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Contact, map[mainstay.ItemID]int64{doc.ID: 1}); mainstay.KindOf(err) != mainstay.NotFound {
			t.Fatalf("an id of another kind gave %v (R1)", err)
		}
	})
}

// TestPropose_EmptySelectsNothing is requirement R10.
func TestPropose_EmptySelectsNothing(t *testing.T) {
	each(t, func(w *world) {
		w.orphans(2)
		for _, r := range []change.Request{{Kind: &mainstay.Organization}, {Kind: &mainstay.Organization, Query: "sync stauts: orphaned"}, {Kind: &mainstay.Organization, Query: "type: Nope"}} {
			if _, err := w.changes.ProposeDelete(w.ctx, w.admin, r); mainstay.KindOf(err) != mainstay.Invalid {
				t.Errorf("%q gave %v", r.Query, err)
			}
		}
	})
}

// TestPlanLines_any: a plan names some of many items without sorting all of them,
// and those by name.
func TestPlanLines_any(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(6)
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids})
		w.must(err)
		w.read(func(tx *store.Tx) error {
			all, err := tx.PlanLines(w.ctx, w.admin, p, store.PlanLineFilter{Kind: "organization", Limit: 10})
			w.must(err)
			some, err := tx.PlanLines(w.ctx, w.admin, p, store.PlanLineFilter{Kind: "organization", Any: true, Limit: len(all) - 1})
			if len(all) < 3 || len(some) != len(all)-1 {
				w.Fatalf("%d lines, %d of any", len(all), len(some))
			}
			for _, lines := range [][]store.PlanLine{all, some} {
				if !slices.IsSortedFunc(lines, func(a, b store.PlanLine) int { return strings.Compare(a.Name, b.Name) }) {
					w.Errorf("not by name: %+v", lines)
				}
			}
			return err
		})
	})
}
