package change_test

import (
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
