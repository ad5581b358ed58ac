package change_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// hire makes a Manager who sees only some organizations.
func (w *world) hire(email string, orgs ...mainstay.ItemID) mainstay.Actor {
	w.Helper()
	u := mainstay.User{Email: email, Name: email, Role: mainstay.Manager, Created: w.store.DB.Now()}
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
		if err := t.InsertUser(w.ctx, &u, ""); err != nil {
			return err
		}
		return t.SetOrganizationsOf(w.ctx, u.ID, orgs)
	}))
	return w.actor(u.ID)
}

func (w *world) actor(id mainstay.UserID) (a mainstay.Actor) {
	w.Helper()
	w.read(func(t *store.Tx) (err error) { a, err = t.Actor(w.ctx, id, ""); return err })
	return a
}

func (w *world) grant(a mainstay.Actor, orgs ...mainstay.ItemID) {
	w.Helper()
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error { return t.SetOrganizationsOf(w.ctx, a.UserID, orgs) }))
}

// rowsOf writes down what there is of some organizations: items, trash and links.
func (w *world) rowsOf(orgs []mainstay.ItemID) string {
	w.Helper()
	var out []string
	w.read(func(t *store.Tx) error {
		for _, id := range orgs {
			rows, err := t.Query(w.ctx, `SELECT 'item ' || id || ' ' || version || ' ' || sync || ' ' || name || ' ' || fields FROM item WHERE organization_id = $1
				UNION ALL SELECT 'trash ' || id || ' ' || version || ' ' || plan_id FROM trash WHERE organization_id = $1
				UNION ALL SELECT 'link ' || external_id || ' ' || trashed FROM psa_record WHERE item_id IN (SELECT id FROM item WHERE organization_id = $1) ORDER BY 1`, int64(id))
			if err != nil {
				return err
			}
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
					rows.Close()
					return err
				}
				out = append(out, s)
			}
			rows.Close()
		}
		return nil
	})
	return strings.Join(out, "\n")
}

// frozen counts the lines of all plans of a person that concern some organizations.
func (w *world) frozen(a mainstay.Actor, orgs []mainstay.ItemID) int {
	w.Helper()
	n := 0
	for _, id := range orgs {
		n += w.number(`SELECT count(*) FROM plan_item q JOIN plan p ON p.id = q.plan_id WHERE p.user_id = $1 AND (q.organization_id = $2 OR q.item_id = $2
			OR q.item_id IN (SELECT id FROM item WHERE organization_id = $2) OR q.item_id IN (SELECT id FROM trash WHERE organization_id = $2))`, int64(a.UserID), int64(id))
	}
	return n
}

// TestPlan_hidden is V13 and R28: a Manager who sees 4 of 10 organizations gets
// the other 6 and what is in them as numbers. No line of theirs is ever frozen,
// whatever the person asks for, and no plan of that person does anything to them.
func TestPlan_hidden(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(10)
		seen, hidden := ids[:4], ids[4:]
		a, other := w.hire("max@example.com", seen...), w.hire("lea@example.com", hidden...)
		before, all := w.rowsOf(hidden), w.content()

		p, err := w.changes.ProposeDelete(w.ctx, a, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned", Seen: len(seen)})
		w.must(err)
		w.counts(p, "organization", mainstay.KindCount{Apply: 3, Held: 1, Hidden: 6})
		w.counts(p, "contact", mainstay.KindCount{Apply: 6, Held: 2, Hidden: 12})
		w.counts(p, "document", mainstay.KindCount{Held: 1})
		if p.Counts.Matched != 10 || p.Message != "" {
			w.Errorf("matched %d, %q", p.Counts.Matched, p.Message)
		}
		contacts, err := w.changes.ProposeDelete(w.ctx, a, change.Request{Kind: &mainstay.Contact, Query: "sync status: orphaned", Seen: 8})
		w.must(err)
		w.counts(contacts, "contact", mainstay.KindCount{Apply: 8, Hidden: 12})
		w.refusesHidden(a, other, p, hidden)
		p, err = w.changes.KeepItem(w.ctx, a, p.ID, ids[3])
		w.must(err)
		w.counts(p, "organization", mainstay.KindCount{Apply: 2, Held: 2, Hidden: 6})

		_, err = w.changes.Confirm(w.ctx, a, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		if done := w.plan(p.ID); done.Done != 6 || done.Skipped != 0 || done.State != mainstay.PlanDone {
			w.Errorf("plan %+v", done)
		}
		if w.rowsOf(hidden) != before {
			w.Error("the plan touched what is hidden")
		}
		if _, err := w.changes.Undo(w.ctx, other, p.ID); mainstay.KindOf(err) != mainstay.NotFound {
			w.Errorf("another Manager undoes the plan: %v", err)
		}
		undo, err := w.changes.Undo(w.ctx, a, p.ID)
		w.must(err)
		w.must(w.run(undo.ID, "b"))
		if w.content() != all || w.frozen(a, hidden) != 0 {
			w.Errorf("the undo did not bring back what was there, or %d lines of what is hidden were frozen", w.frozen(a, hidden))
		}
		w.hiddenTrash(a, p, seen, hidden)
	})
}

func (w *world) counts(p mainstay.Plan, kind mainstay.KindName, want mainstay.KindCount) {
	w.Helper()
	want.Kind = kind
	got := p.Counts.Of(kind)
	got.OnlyHere, got.Gone = 0, 0
	if got != want {
		w.Errorf("the plan counts %+v, want %+v", got, want)
	}
}

// refusesHidden asks for what is hidden by id.
func (w *world) refusesHidden(a, other mainstay.Actor, p mainstay.Plan, hidden []mainstay.ItemID) {
	w.Helper()
	if _, err := w.changes.ProposeDelete(w.ctx, a, change.Request{Kind: &mainstay.Organization, IDs: hidden}); mainstay.KindOf(err) != mainstay.NotFound {
		w.Errorf("ids that are hidden gave %v", err)
	}
	if _, err := w.changes.ProposeDelete(w.ctx, a, change.Request{Kind: &mainstay.Contact, All: true, Organization: hidden[0]}); mainstay.KindOf(err) != mainstay.NotFound {
		w.Errorf("a hidden organization gave %v", err)
	}
	if _, err := w.changes.IncludeHeld(w.ctx, a, p.ID, hidden[0]); mainstay.KindOf(err) != mainstay.Held {
		w.Errorf("including what is hidden gave %v", err)
	}
	if kept, err := w.changes.KeepItem(w.ctx, a, p.ID, hidden[0]); err != nil || fmt.Sprint(kept.Counts) != fmt.Sprint(p.Counts) {
		w.Errorf("keeping what is hidden gave %+v, %v", kept.Counts, err)
	}
	if _, err := w.changes.Confirm(w.ctx, other, p.ID, change.Proof{Fingerprint: p.Fingerprint}); mainstay.KindOf(err) != mainstay.NotFound {
		w.Errorf("another Manager confirms the plan: %v", err)
	}
	if n := w.frozen(a, hidden); n != 0 {
		w.Errorf("%d lines of what is hidden were frozen", n)
	}
}

// hiddenTrash lets an Administrator delete everything, and the Manager bring back
// what is in sight, and nothing else.
func (w *world) hiddenTrash(a mainstay.Actor, old mainstay.Plan, seen, hidden []mainstay.ItemID) {
	w.Helper()
	p := w.deleteAll()
	w.must(w.run(p.ID, "all"))
	before := w.rowsOf(hidden)
	for what, err := range map[string]error{
		"restoring what is hidden":       second(w.changes.Restore(w.ctx, a, hidden)),
		"undoing what another one did":   second(w.changes.Undo(w.ctx, a, p.ID)),
		"undoing what is undone already": second(w.changes.Undo(w.ctx, a, old.ID)),
	} {
		if mainstay.KindOf(err) != mainstay.NotFound {
			w.Errorf("%s gave %v", what, err)
		}
	}
	back, err := w.changes.Restore(w.ctx, a, slices.Concat(seen, hidden))
	w.must(err)
	w.must(w.run(back.ID, "back"))
	if live := w.number("SELECT count(*) FROM item WHERE kind = 'organization'"); live != len(seen) || w.rowsOf(hidden) != before || w.frozen(a, hidden) != 0 {
		w.Errorf("after the restore %d organizations are live, and %d lines of what is hidden were frozen", live, w.frozen(a, hidden))
	}
}

func second(_ mainstay.Plan, err error) error { return err }

// TestPlan_deniedMeanwhile is hazard 50: what a person may no longer see when the
// plan works is left alone, as a whole, in a deletion and in a restore.
func TestPlan_deniedMeanwhile(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(6)
		a := w.hire("max@example.com", ids...)
		propose := func() mainstay.Plan {
			p, err := w.changes.ProposeDelete(w.ctx, a, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
			w.must(err)
			p, err = w.changes.Confirm(w.ctx, a, p.ID, change.Proof{Fingerprint: p.Fingerprint})
			w.must(err)
			return p
		}
		p := propose()
		before := w.rowsOf(ids[3:])
		w.grant(a, ids[:3]...)
		w.must(w.run(p.ID, "a"))
		if done := w.plan(p.ID); done.Done != 6 || done.Skipped != 9 || w.rowsOf(ids[3:]) != before {
			w.Errorf("%d done and %d skipped", done.Done, done.Skipped)
		}
		w.skippedFor(p, mainstay.OutcomeDenied, 9)

		w.grant(a, ids...)
		rest := propose()
		w.must(w.run(rest.ID, "b"))
		undo, err := w.changes.Undo(w.ctx, w.actor(a.UserID), rest.ID)
		w.must(err)
		before = w.rowsOf(ids[4:])
		w.grant(a, ids[:4]...)
		w.must(w.run(undo.ID, "c"))
		if done := w.plan(undo.ID); done.Done != 3 || done.Skipped != 6 || w.rowsOf(ids[4:]) != before {
			w.Errorf("%d restored and %d skipped", done.Done, done.Skipped)
		}
		w.skippedFor(undo, mainstay.OutcomeDenied, 6)
		storetest.Invariants(w, w.store)
	})
}

// skippedFor checks that so many lines of a plan were skipped, all for one reason.
func (w *world) skippedFor(p mainstay.Plan, why mainstay.Outcome, want int) {
	w.Helper()
	var lines []mainstay.PlanItem
	w.read(func(t *store.Tx) (err error) { lines, err = t.PlanItems(w.ctx, p.ID, 0, true, 1000); return err })
	for _, l := range lines {
		if l.Outcome != why {
			w.Errorf("%s %d: %q, want %q", l.Kind, l.ItemID, l.Outcome, why)
		}
	}
	if len(lines) != want {
		w.Errorf("%d lines were skipped, want %d", len(lines), want)
	}
}
