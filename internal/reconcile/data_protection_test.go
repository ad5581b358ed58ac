package reconcile_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// clocked runs fn on both databases with a clock that can be moved on.
func clocked(t *testing.T, size simulator.Size, fn func(w *world, forward func(time.Duration))) {
	t.Helper()
	var offset atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	storetest.Setup{Template: prepared, Now: now}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		offset.Store(0)
		fn(newWorld(t, d, simulator.Config{Seed: 7, Size: size}), func(d time.Duration) { offset.Add(int64(d)) })
	})
}

func (w *world) switchOn(last time.Duration) {
	w.Helper()
	_, err := w.changes.SwitchOnBulkDeletion(w.ctx, w.admin, "The year's clean-up", last)
	w.must(err)
}

func (w *world) deleteClass(name string) mainstay.Plan {
	w.Helper()
	p, err := w.changes.ProposeDeleteClass(w.ctx, w.admin, w.id, *w.class(name), "", 0)
	w.must(err)
	return p
}

// logged counts the entries of the log about the switch with a verb.
func (w *world) logged(verb string) int {
	w.Helper()
	return w.number("SELECT count(*) FROM activity WHERE name = 'Bulk deletion' AND verb = $1", verb)
}

// sentence fails unless an error is the refusal by the switch.
func (w *world) sentence(err error) {
	w.Helper()
	if !change.SwitchedOff(err) || !strings.Contains(mainstay.SafeMessage(err), "Bulk deletion of items that still sync is switched off for this account; an Administrator can switch it on in Account > Data protection.") {
		w.Fatalf("not the sentence of the switch: %v", err)
	}
}

func (w *world) planAt(id mainstay.PlanID) (p mainstay.Plan) {
	w.Helper()
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { p, err = t.Plan(w.ctx, id); return err }))
	return p
}

// only lists the companies of a type that have no other.
func (w *world) only(name string) []int64 {
	w.Helper()
	var out []int64
	for _, id := range w.psa.CompaniesOfType(name) {
		if c, ok := w.psa.Company(id); ok && len(c.Types) == 1 {
			out = append(out, id)
		}
	}
	return out
}

func boxes(s mainstay.Settings) string { return fmt.Sprint(mainstay.SortedPairs(s.Organizations)) }

// TestDeleteClass: a type is deleted with all that is inside, and nothing comes
// back, not even after Trash is emptied.
func TestDeleteClass(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		before := w.matter()
		w.switchOn(time.Hour)
		p := w.deleteClass("Vendor")
		w.differ(before, "after proposing")
		if got := p.Counts.Total(); got.Apply == 0 || got.Returning != 0 || p.Phrase == "" || !p.Params.Syncing {
			t.Fatalf("the plan counts %+v, phrase %q", got, p.Phrase)
		}
		done := w.carry(p)
		if done.Done != p.Counts.Total().Apply || w.number("SELECT count(*) FROM trash") != done.Done {
			t.Fatalf("%d of %d done", done.Done, p.Counts.Total().Apply)
		}
		w.sound("deleted")
		left := len(w.matter())
		quiet := func(when string) {
			t.Helper()
			run := w.sync()
			if run.State != mainstay.RunComplete || run.Counts.Created+run.Counts.Orphaned+run.Counts.Waiting != 0 || w.number("SELECT count(*) FROM item")+w.number("SELECT count(*) FROM psa_record WHERE item_id IS NOT NULL AND NOT trashed") > left {
				t.Fatalf("%s: %s %+v %s", when, run.State, run.Counts, run.Message)
			}
		}
		quiet("synced after the deletion")
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		w.carry(purge)
		quiet("synced after the purge")
		w.sound("purged")
		if len(w.psa.Writes()) != 0 {
			t.Fatalf("writes to the PSA: %v", w.psa.Writes())
		}
	})
}

// TestDeleteClass_undo: undoing ticks the class again and gives everything back,
// though a sync ran meanwhile; what the PSA changed meanwhile arrives afterwards.
func TestDeleteClass_undo(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		before, settings := w.matter(), w.integration().Settings
		w.switchOn(time.Hour)
		p := w.deleteClass("Vendor")
		w.carry(p)
		if boxes(w.integration().Settings) == boxes(settings) {
			t.Fatal("the class still syncs")
		}
		vendor := w.only("Vendor")[0]
		company, _ := w.psa.Company(vendor)
		w.psa.EditCompany(vendor, func(c *simulator.Company) { c.PhoneNumber = "555-7777" })
		w.completes("between", w.sync())
		expected := maps.Clone(before) // what is in Trash comes back as it was, and the rest stays as it is
		maps.Copy(expected, w.matter())
		w.must(w.changes.SwitchOffBulkDeletion(w.ctx, w.admin))
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		w.differ(expected, "undone")
		w.sound("undone")
		if boxes(w.integration().Settings) != boxes(settings) {
			t.Fatal("the boxes are not ticked as before")
		}
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Orphaned+run.Counts.Created+run.Counts.Waiting != 0 {
			t.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
		if phone := w.linked("organization", vendor).Values.Text("phone"); phone != "555-7777" {
			t.Fatalf("the phone is %q", phone)
		}
		w.agrees("synced after the undo")
		w.psa.EditCompany(vendor, func(c *simulator.Company) { c.PhoneNumber = company.PhoneNumber })
		w.completes("as the PSA was before", w.sync())
		w.differ(before, "undone, and synced: what has another type as well shows the first again")
	})
}

// TestDeleteClass_held: what exists only here is held back with its
// organization, and becomes orphaned with the class that stopped. What has another
// type as well is held back and goes on syncing by that.
func TestDeleteClass_held(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		vendors := w.only("Vendor")
		kept := w.linked("organization", vendors[0])
		w.create(mainstay.Item{Kind: "document", OrganizationID: kept.ID, Name: "Handbook"})
		w.switchOn(time.Hour)
		p := w.deleteClass("Vendor")
		twice := len(w.psa.CompaniesOfType("Vendor")) - len(vendors)
		if twice == 0 || p.Counts.Of("organization").Held != 1+twice || p.Counts.Of("document").Held != 1 {
			t.Fatalf("%d have two types, held back: %+v", twice, p.Counts.Kinds)
		}
		w.carry(p)
		run := w.sync()
		if i := w.linked("organization", vendors[0]); run.State != mainstay.RunComplete || i.Sync != mainstay.Orphaned {
			t.Fatalf("%s %s: %s", run.State, run.Message, i.Sync)
		}
		w.sound("held")
	})
}

// TestDeleteClass_fromTrash: items that are restored one by one, without the
// class that was stopped, become orphaned at the next full sync like any other
// item that stopped syncing; they don't seem to sync for ever.
func TestDeleteClass_fromTrash(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		w.switchOn(time.Hour)
		id := w.linked("organization", w.only("Vendor")[0]).ID
		w.carry(w.deleteClass("Vendor"))
		w.completes("between", w.sync())
		back, err := w.changes.Restore(w.ctx, w.admin, []mainstay.ItemID{id})
		w.must(err)
		w.carry(back)
		run := w.sync()
		if i := w.item(mainstay.Ref{Kind: "organization", ID: id}); run.State != mainstay.RunComplete || i.Sync != mainstay.Orphaned {
			t.Fatalf("%s %s: %s", run.State, run.Message, i.Sync)
		}
		w.sound("restored one")
	})
}

// TestDeleteSyncing_returns: a selection stops no class, so its records come
// back after Trash is emptied, as many as the plan says.
func TestDeleteSyncing_returns(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		w.switchOn(time.Hour)
		before, orgs := w.matter(), []mainstay.ItemID{}
		for _, id := range w.only("Vendor")[:2] {
			orgs = append(orgs, w.linked("organization", id).ID)
		}
		request := change.Request{Kind: &mainstay.Organization, IDs: orgs}
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, request)
		w.must(err)
		if p.Counts.Total().Apply != 0 {
			t.Fatalf("without being asked to it would delete %+v", p.Counts.Kinds)
		}
		taken, err := w.changes.TakeSyncing(w.ctx, w.admin, p.ID)
		w.must(err)
		request.Syncing = true
		p, err = w.changes.ProposeDelete(w.ctx, w.admin, request)
		w.must(err)
		total := p.Counts.Total()
		if total.Apply == 0 || total.Returning != total.Apply || taken.Counts.Total() != total || taken.Phrase != p.Phrase {
			t.Fatalf("%+v, and taken later %+v", total, taken.Counts.Total())
		}
		w.carry(p)
		w.completes("between", w.sync())
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		w.differ(before, "undone")
		p, err = w.changes.ProposeDelete(w.ctx, w.admin, request)
		w.must(err)
		w.carry(p)
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		w.carry(purge)
		if run := w.sync(); run.Counts.Created != total.Returning {
			t.Fatalf("%d came back, the plan said %d", run.Counts.Created, total.Returning)
		}
		w.sound("came back")
	})
}

// TestDelete_twoSteps: the way of the original needs no switch: untick, sync,
// delete the orphans.
func TestDelete_twoSteps(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		vendor := fmt.Sprint(w.psa.LabelID(simulator.CompanyTypes, "Vendor"))
		w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == vendor }))
		w.completes("unticked", w.sync())
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned type: Vendor"})
		w.must(err)
		if done := w.carry(p); done.Done == 0 || done.Done != p.Counts.Total().Apply || p.Params.Syncing {
			t.Fatalf("%+v", done)
		}
		w.sound("deleted")
	})
}

// TestSwitch_ends: the switch ends by itself, in the middle of a plan as well:
// the plan stops between two chunks with the sentence, nothing more is touched,
// and what was done can be undone without it.
func TestSwitch_ends(t *testing.T) {
	clocked(t, simulator.Scaled(600), func(w *world, forward func(time.Duration)) {
		w.completes("first", w.sync())
		before, settings := w.matter(), w.integration().Settings
		w.switchOn(time.Hour)
		p := w.deleteClass("Client")
		_, err := w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		chunks := 0
		watched := db.WithWatch(w.ctx, func(query string, _ []any) {
			if strings.HasPrefix(query, "UPDATE plan SET pass") {
				if chunks++; chunks == 1 {
					forward(2 * time.Hour)
				}
			}
		})
		w.must(w.changes.Apply(watched, jobs.Job{Kind: jobs.Apply, Key: int64(p.ID), Attempt: 1, Lease: "the end"}))
		stopped := w.planAt(p.ID)
		if trashed := w.number("SELECT count(*) FROM trash"); stopped.State != mainstay.PlanStopped || chunks != 1 || stopped.Done == 0 || stopped.Done >= p.Counts.Total().Apply || trashed != stopped.Done {
			t.Fatalf("after %d chunks the plan is %s, %d of %d done, %d in Trash: %s", chunks, stopped.State, stopped.Done, p.Counts.Total().Apply, trashed, stopped.Message)
		}
		if !strings.Contains(stopped.Message, "can switch it on in Account > Data protection.") || w.logged("was refused") != 1 {
			t.Fatalf("%d refusals: %s", w.logged("was refused"), stopped.Message)
		}
		w.must(w.changes.EndBulkDeletion(w.ctx))
		w.must(w.changes.EndBulkDeletion(w.ctx))
		if w.logged("switched on") != 1 || w.logged("ended") != 1 {
			t.Fatalf("%d ends are in the log", w.logged("ended"))
		}
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		w.differ(before, "undone")
		if boxes(w.integration().Settings) != boxes(settings) {
			t.Fatal("the boxes are not ticked as before")
		}
		w.sound("undone")
	})
}

// TestSwitch_offBetween: switched off after a kill in the middle, or before the
// first chunk, the plan stops. Where nothing was touched, nothing stays changed.
func TestSwitch_offBetween(t *testing.T) {
	clocked(t, simulator.Scaled(600), func(w *world, forward func(time.Duration)) {
		w.completes("first", w.sync())
		before, settings := w.matter(), w.integration().Settings
		proof := func(p mainstay.Plan) change.Proof { return change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase} }
		job := func(p mainstay.Plan, lease string) jobs.Job {
			return jobs.Job{Kind: jobs.Apply, Key: int64(p.ID), Attempt: 1, Lease: lease}
		}

		// Before it is proposed, and before it is confirmed.
		_, err := w.changes.ProposeDeleteClass(w.ctx, w.admin, w.id, *w.class("Client"), "", 0)
		w.sentence(err)
		_, err = w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, All: true, Syncing: true})
		w.sentence(err)
		w.switchOn(time.Hour)
		p := w.deleteClass("Client")
		forward(time.Hour)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, proof(p))
		w.sentence(err)
		if got := w.planAt(p.ID); got.State != mainstay.PlanReview || w.logged("was refused") != 3 || w.logged("ended") != 1 {
			t.Fatalf("%s, %d refusals, %d ends", got.State, w.logged("was refused"), w.logged("ended"))
		}

		// Before the first chunk.
		w.switchOn(time.Hour)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, proof(p))
		w.must(err)
		w.must(w.changes.SwitchOffBulkDeletion(w.ctx, w.admin))
		w.must(w.changes.Apply(w.ctx, job(p, "first")))
		if got := w.planAt(p.ID); got.State != mainstay.PlanStopped || got.Done != 0 || boxes(w.integration().Settings) != boxes(settings) {
			t.Fatalf("%s, %d done: %s", got.State, got.Done, got.Message)
		}
		w.differ(before, "stopped before it began")

		// After a kill between two chunks.
		w.switchOn(time.Hour)
		p = w.deleteClass("Client")
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, proof(p))
		w.must(err)
		chunks := 0
		killed, kill := context.WithCancel(w.ctx)
		watched := db.WithWatch(killed, func(query string, _ []any) {
			if strings.HasPrefix(query, "UPDATE plan SET pass") {
				if chunks++; chunks == 2 {
					kill()
				}
			}
		})
		if err := w.changes.Apply(watched, job(p, "killed")); err == nil {
			t.Fatal("the plan was not cut short")
		}
		half := w.planAt(p.ID)
		w.must(w.changes.SwitchOffBulkDeletion(w.ctx, w.admin))
		w.must(w.changes.Apply(w.ctx, job(p, "again")))
		got := w.planAt(p.ID)
		if got.State != mainstay.PlanStopped || half.Done == 0 || got.Done != half.Done || w.number("SELECT count(*) FROM trash") != half.Done {
			t.Fatalf("%s, %d done, %d at the kill: %s", got.State, got.Done, half.Done, got.Message)
		}
		_, err = w.changes.ResumePlan(w.ctx, w.admin, p.ID)
		if mainstay.KindOf(err) != mainstay.Conflict {
			t.Fatalf("a stopped plan goes on: %v", err)
		}
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		w.differ(before, "undone")
		w.sound("undone")
	})
}

// TestSwitch_cancelled: taking the confirmation back, or stopping before the
// start, ticks the boxes again; a paused plan needs the switch to go on.
func TestSwitch_cancelled(t *testing.T) {
	each(t, func(w *world) {
		w.completes("first", w.sync())
		before, settings := w.matter(), w.integration().Settings
		w.switchOn(time.Hour)
		w.changes.Pause = time.Hour
		defer func() { w.changes.Pause = 0 }()
		for _, back := range []func(context.Context, mainstay.Actor, mainstay.PlanID) (mainstay.Plan, error){w.changes.CancelStart, w.changes.StopPlan} {
			p := w.deleteClass("Vendor")
			p, err := w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
			w.must(err)
			if len(p.Params.Unticked) == 0 {
				t.Fatal("confirming unticked nothing")
			}
			_, err = back(w.ctx, w.admin, p.ID)
			w.must(err)
			if boxes(w.integration().Settings) != boxes(settings) {
				t.Fatal("the boxes are not ticked as before")
			}
		}
		w.differ(before, "taken back")
		p := w.deleteClass("Vendor")
		_, err := w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			now, err := t.LockPlan(w.ctx, p.ID)
			now.State = mainstay.PlanPaused
			if err != nil {
				return err
			}
			return t.UpdatePlan(w.ctx, now)
		}))
		w.must(w.changes.SwitchOffBulkDeletion(w.ctx, w.admin))
		_, err = w.changes.ResumePlan(w.ctx, w.admin, p.ID)
		w.sentence(err)
		if w.planAt(p.ID).State != mainstay.PlanPaused || w.logged("was refused") != 1 {
			t.Fatalf("the plan is %s, %d refusals", w.planAt(p.ID).State, w.logged("was refused"))
		}
	})
}

// deleteSyncing deletes a type with all that is inside while the switch is on: by
// its row of Manage data, which stops it, or as a selection. Now and then the
// switch goes off before the plan begins, and then nothing changes.
func (m *model) deleteSyncing(rt *rapid.T) {
	name := rapid.SampledFrom([]string{"Client", "Prospect", "Vendor"}).Draw(rt, "type")
	m.switchOn(time.Hour)
	var p mainstay.Plan
	var err error
	if rapid.Bool().Draw(rt, "by type") {
		p, err = m.changes.ProposeDeleteClass(m.ctx, m.admin, m.id, *m.class(name), "", 0)
	} else {
		p, err = m.changes.ProposeDelete(m.ctx, m.admin, change.Request{Kind: &mainstay.Organization, Query: "type: " + name, Syncing: true})
	}
	if kind := mainstay.KindOf(err); kind == mainstay.NotFound || kind == mainstay.Invalid {
		rt.Skip("none, or no such type yet")
	}
	m.must(err)
	if p.Counts.Total().Apply == 0 {
		return // everything is held back
	}
	if !rapid.Bool().Draw(rt, "switched off") {
		m.plans = append(m.plans, m.confirm(p).ID)
		if n := m.number("SELECT count(*) FROM trash WHERE plan_id = $1 AND only_here", int64(p.ID)); n != 0 {
			m.world.Errorf("a plan deleted %d items that exist only here, and nobody included them", n)
		}
		return
	}
	before, settings := m.matter(), m.integration().Settings
	_, err = m.changes.Confirm(m.ctx, m.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	m.must(err)
	m.must(m.changes.SwitchOffBulkDeletion(m.ctx, m.admin))
	m.must(m.changes.Apply(m.ctx, jobs.Job{Kind: jobs.Apply, Key: int64(p.ID), Attempt: 1, Lease: "too late"}))
	if got := m.planAt(p.ID); got.State != mainstay.PlanStopped || boxes(m.integration().Settings) != boxes(settings) {
		m.world.Errorf("the plan is %s after the switch went off: %s", got.State, got.Message)
	}
	m.differ(before, "stopped by the switch")
}
