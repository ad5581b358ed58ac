package reconcile_test

import (
	"testing"

	"mainstay"
	"mainstay/internal/change"
)

// TestItem_undoOne: whoever may change how a single item syncs takes a match or a
// disconnection of it back at once, and nothing else.
func TestItem_undoOne(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		eve := mainstay.Actor{UserID: 7, Name: "Eve", Role: mainstay.Editor, All: true}
		carl := mainstay.Actor{UserID: 8, Name: "Carl", Role: mainstay.Creator, All: true}
		id, item := w.some("contact", 0)
		_, other := w.some("contact", 1)
		before := w.state()
		p, err := w.changes.DisconnectNow(w.ctx, eve, &mainstay.Contact, map[mainstay.ItemID]int64{item.ID: item.Version}, "Left")
		w.must(err)
		apart := w.matter()
		_, err = w.changes.Undo(w.ctx, eve, p.ID)
		w.refused("as a plan", err, mainstay.Forbidden, "make and confirm plans", apart)
		_, err = w.changes.UndoOne(w.ctx, carl, item.Ref(), p.ID)
		w.refused("a Creator", err, mainstay.Forbidden, "change how single items sync", apart)
		_, err = w.changes.UndoOne(w.ctx, eve, other.Ref(), p.ID)
		w.refused("another item", err, mainstay.NotFound, "No plan with this number", apart)
		_, err = w.changes.UndoOne(w.ctx, eve, item.Ref(), 999)
		w.refused("no plan", err, mainstay.NotFound, "No plan with this number", apart)
		blind := eve
		blind.All = false
		_, err = w.changes.UndoOne(w.ctx, blind, item.Ref(), p.ID)
		w.refused("an item out of sight", err, mainstay.NotFound, "nothing at this address", apart)

		u, err := w.changes.UndoOne(w.ctx, eve, item.Ref(), p.ID)
		w.must(err)
		if u.State != mainstay.PlanDone || u.Done != 1 || u.Origin != p.ID || u.Action != mainstay.ActionReconnect {
			t.Errorf("the undo is %+v", u)
		}
		w.unlike(before, "undone")
		w.sound("undone")
		_, err = w.changes.UndoOne(w.ctx, eve, item.Ref(), p.ID)
		w.refused("twice", err, mainstay.Conflict, "nothing to undo", w.matter())
		_, err = w.changes.UndoOne(w.ctx, eve, item.Ref(), u.ID)
		w.refused("a reconnection that was no match", err, mainstay.NotFound, "No plan with this number", w.matter())

		item = w.item(item.Ref())
		_, err = w.changes.DisconnectNow(w.ctx, eve, &mainstay.Contact, map[mainstay.ItemID]int64{item.ID: item.Version}, "")
		w.must(err)
		item = w.item(item.Ref())
		before = w.state()
		m, err := w.changes.MatchRecord(w.ctx, eve, change.Match{Item: item.Ref(), Version: item.Version, Integration: w.id, Record: external(id)})
		w.must(err)
		u, err = w.changes.UndoOne(w.ctx, eve, item.Ref(), m.ID)
		w.must(err)
		if u.State != mainstay.PlanDone || u.Action != mainstay.ActionDisconnect {
			t.Errorf("the undo of the match is %+v", u)
		}
		w.unlike(before, "unmatched")
		w.sound("unmatched")

		w.completes("the record waits", w.sync())
		again, err := w.changes.ProposeReconnect(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Contact, Records: []string{external(id)}})
		w.must(err)
		again = w.carry(again)
		_, err = w.changes.UndoOne(w.ctx, eve, item.Ref(), again.ID)
		w.refused("a record that was matched again by a plan", err, mainstay.NotFound, "No plan with this number", w.matter())
		other = w.item(other.Ref())

		wide := w.disconnect(&mainstay.Contact, other.ID, w.twin(other))
		_, err = w.changes.UndoOne(w.ctx, eve, other.Ref(), wide.ID)
		w.refused("a plan about more", err, mainstay.NotFound, "No plan with this number", w.matter())
		_, org := w.some("organization", 0)
		whole := w.disconnect(&mainstay.Organization, org.ID)
		_, err = w.changes.UndoOne(w.ctx, eve, org.Ref(), whole.ID)
		w.refused("an organization", err, mainstay.Forbidden, "make and confirm plans", w.matter())
	})
}

// twin is another contact that syncs.
func (w *world) twin(i mainstay.Item) mainstay.ItemID {
	w.Helper()
	for n := range 10 {
		if _, c := w.some("contact", n); c.ID != i.ID {
			return c.ID
		}
	}
	w.Fatal("no other contact syncs")
	return 0
}
