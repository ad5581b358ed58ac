package change_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestMerge_refused: a merge keeps off what is hidden, the account's own
// organization, and what lies above the other; protection holds all of it back.
func TestMerge_refused(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.byHand("First", nil), w.byHand("Second", nil)
		_, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: a.ID, Target: a.ID})
		w.refused(err, mainstay.Invalid, "the same one twice")
		max := w.hire("max@example.com", a.ID)
		for _, m := range []change.Merge{{Source: a.ID, Target: b.ID}, {Source: b.ID, Target: a.ID}} {
			_, err = w.changes.ProposeMerge(w.ctx, max, m)
			w.refused(err, mainstay.NotFound, "nothing at this address")
		}
		_, err = w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: a.ID, Target: b.ID, Fields: map[string]mainstay.MergeSide{"phone": "both"}})
		w.refused(err, mainstay.Invalid, "keep both")
		doc, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: a.ID, Name: "Keys"})
		w.must(err)
		keep := true
		w.must(w.changes.Protect(w.ctx, w.admin, doc.Ref(), mainstay.Guarding{Keep: &keep}))
		p, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: a.ID, Target: b.ID})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.refused(err, mainstay.Held, "held back")
	})
}

// TestMerge_doubles: a dropped double goes to the trash and comes back with the
// undo; people gain access only where that was chosen, and lose it again.
func TestMerge_doubles(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.byHand("First", nil), w.byHand("Second", nil)
		for _, o := range []mainstay.Item{a, b} {
			_, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: o.ID, Name: "Handbook"})
			w.must(err)
		}
		max := w.hire("max@example.com", a.ID)
		before := w.matter()
		p, err := w.changes.ProposeMerge(w.ctx, w.admin, change.Merge{Source: a.ID, Target: b.ID, DropAll: true, Grant: true})
		w.must(err)
		w.confirm(p)
		storetest.Invariants(t, w.store)
		w.read(func(t *store.Tx) error {
			in, err := t.Inside(w.ctx, b.ID)
			if len(in) != 1 {
				w.Errorf("%d documents are left, want 1", len(in))
			}
			return err
		})
		if !w.actor(max.UserID).Sees(b.ID) {
			w.Error("the grant did nothing")
		}
		w.undo(p.ID)
		storetest.Invariants(t, w.store)
		if got := w.matter(); got != before {
			w.Errorf("undone it is\n%s\nwas\n%s", got, before)
		}
		if w.actor(max.UserID).Sees(b.ID) {
			w.Error("the undo left the access that the merge gave")
		}
	})
}

// TestMerge_hidden: a person who sees both organizations and not all that lies
// below them can neither merge nor take apart; nothing changes.
func TestMerge_hidden(t *testing.T) {
	each(t, func(w *world) {
		a, b, other := w.byHand("First", nil), w.byHand("Second", nil), w.byHand("Other", nil)
		below := func(name string) mainstay.Item {
			i, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "organization", Name: name, ParentID: a.ID})
			w.must(err)
			return i
		}
		seen, hidden := below("Seen"), below("Hidden")
		max := w.hire("max@example.com", a.ID, b.ID, seen.ID)
		before := w.matter()
		_, err := w.changes.ProposeMerge(w.ctx, max, change.Merge{Source: a.ID, Target: b.ID})
		w.refused(err, mainstay.Conflict, "1 organization below First is hidden from you")
		if w.matter() != before || w.stored(hidden.Ref()).ParentID != a.ID {
			t.Error("a refused merge changed something")
		}

		// What is hidden after the plan was made stays as it is.
		w.grant(max, a.ID, b.ID, seen.ID, hidden.ID)
		p, err := w.changes.ProposeMerge(w.ctx, w.actor(max.UserID), change.Merge{Source: a.ID, Target: b.ID})
		w.must(err)
		p, err = w.changes.Confirm(w.ctx, w.actor(max.UserID), p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.grant(max, a.ID, b.ID)
		w.must(w.run(p.ID, "hidden meanwhile"))
		if done := w.plan(p.ID); done.State != mainstay.PlanStopped || done.Done != 0 || !strings.Contains(done.Message, "2 organizations below First are hidden") || w.matter() != before {
			t.Errorf("the plan is %s after %d lines: %s", done.State, done.Done, done.Message)
		}

		// The same for the undo, which would move them back.
		w.grant(max, a.ID, b.ID, seen.ID, hidden.ID)
		p, err = w.changes.ProposeMerge(w.ctx, w.actor(max.UserID), change.Merge{Source: a.ID, Target: b.ID})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.actor(max.UserID), p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.must(w.run(p.ID, "all seen"))
		if w.stored(hidden.Ref()).ParentID != b.ID {
			t.Fatal("the merge left what lies below First")
		}
		w.grant(max, a.ID, b.ID, seen.ID, other.ID)
		merged := w.matter()
		_, err = w.changes.Undo(w.ctx, w.actor(max.UserID), p.ID)
		w.refused(err, mainstay.Conflict, "1 organization below Second is hidden from you")
		if w.matter() != merged {
			t.Error("a refused undo changed something")
		}
		w.undo(p.ID)
		if w.matter() != before || w.stored(hidden.Ref()).ParentID != a.ID {
			t.Errorf("undone it is\n%s\nwas\n%s", w.matter(), before)
		}
	})
}

// TestMerge_deniedHalfway: a person loses an organization after each chunk of a
// merge in turn. The merge stops there and says so, nothing lies nowhere, and
// somebody who may takes back what was done.
func TestMerge_deniedHalfway(t *testing.T) {
	each(t, func(w *world) {
		a, b := w.byHand("First", nil), w.byHand("Second", nil)
		for n := range 3 {
			_, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: a.ID, Name: fmt.Sprint("Document ", n)})
			w.must(err)
		}
		max := w.hire("max@example.com", a.ID, b.ID)
		before, ended := w.matter(), false
		for chunks := 0; !ended; chunks++ {
			for _, left := range []mainstay.ItemID{a.ID, b.ID} {
				w.grant(max, a.ID, b.ID)
				p, err := w.changes.ProposeMerge(w.ctx, w.actor(max.UserID), change.Merge{Source: a.ID, Target: b.ID})
				w.must(err)
				p, err = w.changes.Confirm(w.ctx, w.actor(max.UserID), p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
				w.must(err)
				w.runUntil(p, chunks, func() { w.grant(max, left) })
				storetest.Invariants(t, w.store)
				done := w.plan(p.ID)
				if ended = done.Done == 4; !ended && (done.State != mainstay.PlanStopped || done.Done != chunks || !strings.Contains(done.Message, "may no longer do this")) {
					t.Fatalf("denied after %d chunks, the plan is %s with %d lines done: %s", chunks, done.State, done.Done, done.Message)
				}
				if done.Done == 0 {
					if w.matter() != before {
						t.Fatal("a merge that did nothing changed something")
					}
					continue
				}
				w.undo(p.ID)
				storetest.Invariants(t, w.store)
				if got := w.matter(); got != before {
					t.Fatalf("undone after %d chunks it is\n%s\nwas\n%s", chunks, got, before)
				}
			}
			if chunks > 10 {
				t.Fatal("the merge never ends")
			}
		}
	})
}
