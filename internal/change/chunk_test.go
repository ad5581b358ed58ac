package change_test

import (
	"fmt"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// moved makes 3 organizations with contents, of which some moved: one is older
// than the organization that it lies in, and one younger than all.
func (w *world) moved() {
	w.Helper()
	create := func(kind mainstay.KindName, org mainstay.ItemID, name string) mainstay.Item {
		i := mainstay.Item{Kind: kind, OrganizationID: org, Name: name, Values: mainstay.Values{}}
		if kind == "contact" {
			i.Values.SetText("first_name", name)
			i.Values.SetText("last_name", name)
		}
		i, err := w.changes.Create(w.ctx, w.admin, i)
		w.must(err)
		return i
	}
	move := func(i mainstay.Item, to mainstay.ItemID) {
		i.OrganizationID = to
		_, err := w.changes.Update(w.ctx, w.admin, i)
		w.must(err)
	}
	old := create("organization", 0, "Old")
	early, document := create("contact", old.ID, "Early"), create("document", old.ID, "Document")
	middle := create("organization", 0, "Middle")
	create("contact", middle.ID, "Stays")
	young := create("organization", 0, "Young")
	late := create("contact", young.ID, "Late")
	create("contact", old.ID, "Last")
	move(early, young.ID)
	move(document, middle.ID)
	move(late, old.ID)
}

// deleteAll confirms a plan that deletes every organization with all it holds.
func (w *world) deleteAll() mainstay.Plan {
	w.Helper()
	p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, All: true})
	w.must(err)
	var held []mainstay.HeldBack
	w.read(func(tx *store.Tx) (err error) { held, err = tx.HeldBack(w.ctx, p, 100); return err })
	for _, h := range held {
		p, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, h.ItemID)
		w.must(err)
	}
	p, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	w.must(err)
	return p
}

// runUntil works on a plan in chunks of one line, checks the invariants after
// each, and calls stop after n of them. It reports whether there were as many.
func (w *world) runUntil(p mainstay.Plan, n int, stop func()) bool {
	w.Helper()
	chunks := 0
	w.changes.Watch(1, func(at change.Point) {
		if at != change.AtChunk && at != change.AtRunning {
			return
		}
		storetest.Invariants(w, w.store)
		if at == change.AtRunning {
			chunks = 0
		} else {
			chunks++
		}
		if chunks == n {
			stop()
		}
	})
	w.must(w.run(p.ID, fmt.Sprintf("plan %d until %d", p.ID, n)))
	return chunks >= n
}

// never is a number of chunks that no plan here has.
const never = 1000

// stop ends a plan as a person does.
func (w *world) stop(p mainstay.Plan) func() {
	return func() {
		_, err := w.changes.StopPlan(w.ctx, w.admin, p.ID)
		w.must(err)
	}
}

// TestPlan_stoppedAtEachChunk: wherever a deletion, its undo or a purge stops,
// nothing live lies in an organization that is not, and what was stopped can be
// undone, or be done again, to the end.
func TestPlan_stoppedAtEachChunk(t *testing.T) {
	each(t, func(w *world) {
		w.moved()
		before, lines := w.content(), w.number("SELECT count(*) FROM item")
		for n := range lines + 1 {
			p := w.deleteAll()
			if !w.runUntil(p, n, w.stop(p)) {
				w.Fatalf("the deletion never had %d chunks", n)
			}
			if done := w.plan(p.ID); done.State != mainstay.PlanStopped || done.Done != n {
				w.Fatalf("stopped after %d chunks the deletion is %+v", n, done)
			}
			w.undoUntil(p, never)
			if w.content() != before {
				w.Fatalf("undoing a deletion that was stopped after %d chunks did not bring back what was there", n)
			}
		}
		for n := range lines + 1 {
			p := w.deleteAll()
			w.runUntil(p, never, nil)
			if !w.undoUntil(p, n) {
				w.Fatalf("the undo never had %d chunks", n)
			}
			w.undoUntil(p, never)
			if w.content() != before {
				w.Fatalf("an undo that was stopped after %d chunks, and another, did not bring back what was there", n)
			}
		}
		w.purgeInPieces(lines)
	})
}

// undoUntil undoes a deletion, stopped after n chunks. It reports whether there
// were as many. There may be nothing to undo.
func (w *world) undoUntil(p mainstay.Plan, n int) bool {
	w.Helper()
	undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
	if mainstay.KindOf(err) == mainstay.NotFound {
		return false
	}
	w.must(err)
	return w.runUntil(undo, n, w.stop(undo))
}

// purgeInPieces ends everything through purges that are stopped after one chunk
// more each time, with what is left restored and deleted anew between them.
func (w *world) purgeInPieces(lines int) {
	w.Helper()
	for n := 1; lines > 0; n++ {
		p := w.deleteAll()
		w.runUntil(p, never, nil)
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		purge, err = w.changes.Confirm(w.ctx, w.admin, purge.ID, change.Proof{Fingerprint: purge.Fingerprint, Phrase: purge.Phrase})
		w.must(err)
		lines -= n
		if !w.runUntil(purge, n, w.stop(purge)) && lines > 0 {
			w.Fatalf("the purge never had %d chunks", n)
		}
		if got := w.number("SELECT count(*) FROM trash"); got != max(lines, 0) {
			w.Fatalf("after %d chunks of the purge %d items are left, want %d", n, got, lines)
		}
		w.undoUntil(p, never)
		if got := w.number("SELECT count(*) FROM item"); got != max(lines, 0) {
			w.Fatalf("%d of the %d items that were not purged came back", got, lines)
		}
	}
}

func (w *world) number(query string, args ...any) (n int) {
	w.Helper()
	w.read(func(t *store.Tx) error { return t.QueryRow(w.ctx, query, args...).Scan(&n) })
	return n
}

// TestPlan_goesOnAfterUpgrade: a plan that stood halfway in one walk over all its
// lines, from the highest id to the lowest, goes on in passes and does each once.
func TestPlan_goesOnAfterUpgrade(t *testing.T) {
	each(t, func(w *world) {
		w.orphans(6)
		p := w.deleteAll()
		var items []mainstay.PlanItem
		w.read(func(tx *store.Tx) (err error) { items, err = tx.PlanItems(w.ctx, p.ID, 0, false, 100); return err })
		w.changes.Watch(1, func(at change.Point) {
			if at == change.AtRunning && w.plan(p.ID).Done == 0 {
				for n := len(items) - 1; n > len(items)/3; n-- {
					w.trashLine(p.ID, items[n])
				}
			}
		})
		w.must(w.run(p.ID, "a"))
		if done := w.plan(p.ID); done.State != mainstay.PlanDone || done.Done != len(items) || done.Skipped != 0 {
			w.Errorf("plan %+v", done)
		}
	})
}

// trashLine applies one line of a plan and leaves the plan in its first pass.
func (w *world) trashLine(id mainstay.PlanID, line mainstay.PlanItem) {
	w.Helper()
	c := store.Chunk{Plan: w.plan(id), Lease: "a", Actor: w.admin, Low: line.ItemID, High: line.ItemID, Lines: 1}
	if line.Kind == "organization" {
		c.Pass = 1
	}
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
		if _, _, err := t.TrashChunk(w.ctx, c, t.Now()); err != nil {
			return err
		}
		_, err := t.Exec(w.ctx, "UPDATE plan SET pass = 0 WHERE id = $1", int64(id))
		return err
	}))
}

// TestPlan_leavesOrganizationWithSomethingNew: what is written into an
// organization whose contents are gone already keeps it, and it alone.
func TestPlan_leavesOrganizationWithSomethingNew(t *testing.T) {
	each(t, func(w *world) {
		w.moved()
		p := w.deleteAll()
		var old mainstay.Item
		w.read(func(tx *store.Tx) error {
			found, err := tx.ItemsNamed(w.ctx, "organization", []string{"Old"}, 0)
			old = found[0]
			return err
		})
		contents := w.number("SELECT count(*) FROM item WHERE kind <> 'organization'")
		w.runUntil(p, contents, func() {
			_, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", OrganizationID: old.ID, Name: "Written meanwhile"})
			w.must(err)
		})
		if done := w.plan(p.ID); done.State != mainstay.PlanDone || done.Skipped != 1 {
			w.Errorf("plan %+v", done)
		}
		if live := w.number("SELECT count(*) FROM item"); live != 2 {
			w.Errorf("%d items are live, want the organization and the document that was written in it", live)
		}
	})
}

// TestPlan_pausedAndRestored: what a person brings back while a deletion is
// paused keeps its organization.
func TestPlan_pausedAndRestored(t *testing.T) {
	each(t, func(w *world) {
		w.moved()
		p := w.deleteAll()
		contents := w.number("SELECT count(*) FROM item WHERE kind <> 'organization'")
		w.runUntil(p, contents, func() {
			_, err := w.changes.PausePlan(w.ctx, w.admin, p.ID)
			w.must(err)
		})
		var trash []mainstay.TrashEntry
		w.read(func(tx *store.Tx) (err error) {
			trash, err = tx.TrashPage(w.ctx, w.admin, store.TrashFilter{Words: "Stays", Limit: 10})
			return err
		})
		if len(trash) != 1 {
			w.Fatalf("in the trash: %+v", trash)
		}
		back, err := w.changes.Restore(w.ctx, w.admin, []mainstay.ItemID{trash[0].ItemID})
		w.must(err)
		w.runUntil(back, never, nil)
		_, err = w.changes.ResumePlan(w.ctx, w.admin, p.ID)
		w.must(err)
		w.runUntil(p, never, nil)
		if done := w.plan(p.ID); done.State != mainstay.PlanDone || done.Skipped != 1 {
			w.Errorf("plan %+v", done)
		}
		if live := w.number("SELECT count(*) FROM item"); live != 2 {
			w.Errorf("%d items are live, want the contact that was brought back and its organization", live)
		}
	})
}
