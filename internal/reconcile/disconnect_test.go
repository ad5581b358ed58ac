package reconcile_test

import (
	"context"
	"fmt"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// carry works on a plan to its end, and confirms it first where it waits for that.
func (w *world) carry(p mainstay.Plan) mainstay.Plan {
	w.Helper()
	if p.State == mainstay.PlanReview {
		return w.confirm(p)
	}
	return w.apply(p.ID)
}

// class is the row of Manage data of a company type.
func (w *world) class(name string) *mainstay.Class {
	return &mainstay.Class{Kind: "organization", Axis: mainstay.TypeAxis, ExternalID: fmt.Sprint(w.psa.LabelID(simulator.CompanyTypes, name))}
}

// matter is what an installation holds that an undo has to give back: items
// without their version and dates, links, and who sees what.
func (w *world) matter() map[string]string {
	w.Helper()
	out := map[string]string{}
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		for what, q := range map[string]string{
			"item": `SELECT id, kind || '|' || organization_id || '|' || parent_id || '|' || name || '|' || type_id || '|' || status_id || '|' || fields || '|' || sync || '|' || reason || '|' || sync_note FROM item`,
			"link": `SELECT item_id, integration_id || '|' || kind || '|' || external_id FROM psa_record WHERE item_id IS NOT NULL`,
			"sees": `SELECT person_id * 1000000 + organization_id, '' FROM person_organization`,
		} {
			rows, err := t.Query(w.ctx, q)
			if err != nil {
				return err
			}
			for rows.Next() {
				var id int64
				var s string
				if err := rows.Scan(&id, &s); err != nil {
					rows.Close()
					return err
				}
				out[fmt.Sprint(what, " ", id)] = s
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				return err
			}
		}
		return nil
	}))
	return out
}

func (w *world) waiting(kind mainstay.KindName) int {
	w.Helper()
	n := 0
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		all, err := t.CountWaiting(w.ctx, w.id)
		n = all[kind]
		return err
	}))
	return n
}

func (w *world) differ(before map[string]string, when string) {
	w.Helper()
	after := w.matter()
	n := 0
	for k, b := range before {
		if a := after[k]; a != b && n < 5 {
			n++
			w.Errorf("%s: %s was\n%s, is\n%s", when, k, b, a)
		}
	}
	if len(after) != len(before) {
		w.Errorf("%s: %d things were there, %d are", when, len(before), len(after))
	}
}

// TestDisconnect_class: a type is disconnected for good with all its items kept,
// ticking it again makes no doubles, and matching again gives everything back.
func TestDisconnect_class(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before, settings := w.matter(), w.integration().Settings
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: w.class("Prospect"), Note: "Bought by mistake"})
		w.must(err)
		w.differ(before, "after proposing")
		orgs := p.Counts.Of("organization").Apply
		if orgs == 0 || p.Counts.Of("contact").Apply == 0 {
			t.Fatalf("the plan counts %+v", p.Counts)
		}
		done := w.carry(p)
		if done.Done != p.Counts.Total().Apply {
			t.Fatalf("%d of %d done", done.Done, p.Counts.Total().Apply)
		}
		storetest.Invariants(t, w.store)
		if n := w.tally("organization")[mainstay.NotLinked]; n != orgs {
			t.Fatalf("%d organizations are not linked, the plan said %d", n, orgs)
		}
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Created+run.Counts.Orphaned != 0 {
			t.Fatalf("the next sync: %s %+v %s", run.State, run.Counts, run.Message)
		}
		w.save(settings)
		run := w.sync()
		if run.Counts.Created != 0 || run.Counts.Waiting != orgs || w.waiting("organization") != orgs {
			t.Fatalf("ticked again: %+v, %d wait", run.Counts, w.waiting("organization"))
		}
		storetest.Invariants(t, w.store)
		again, err := w.changes.ProposeReconnect(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization, Seen: orgs})
		w.must(err)
		if got := again.Counts.Total().Apply; got != p.Counts.Total().Apply {
			t.Fatalf("matching again takes %d items, %d were disconnected", got, p.Counts.Total().Apply)
		}
		w.carry(again)
		w.differ(before, "matched again")
		storetest.Invariants(t, w.store)
		if run := w.sync(); run.Counts.Created+run.Counts.Orphaned+run.Counts.Waiting != 0 {
			t.Fatalf("after matching again: %+v", run.Counts)
		}
		w.differ(before, "synced after matching again")
		if len(w.psa.Writes()) != 0 {
			t.Fatalf("writes to the PSA: %v", w.psa.Writes())
		}
	})
}

// TestDisconnect_undo: undoing gives back links, states and the ticked boxes.
func TestDisconnect_undo(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before, settings := w.matter(), w.integration().Settings
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: w.class("Vendor")})
		w.must(err)
		w.carry(p)
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.carry(undo)
		w.differ(before, "undone")
		storetest.Invariants(t, w.store)
		got := w.integration().Settings
		if fmt.Sprint(mainstay.SortedPairs(got.Organizations)) != fmt.Sprint(mainstay.SortedPairs(settings.Organizations)) {
			t.Fatal("the boxes are not ticked as before")
		}
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Orphaned+run.Counts.Created+run.Counts.Waiting != 0 {
			t.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
		redo, err := w.changes.Undo(w.ctx, w.admin, undo.ID)
		w.must(err)
		if done := w.carry(redo); done.Done != p.Counts.Total().Apply {
			t.Fatalf("undoing the undo disconnected %d", done.Done)
		}
		storetest.Invariants(t, w.store)
	})
}

// TestDisconnect_cancelled: taking the confirmation back ticks the boxes again.
func TestDisconnect_cancelled(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before, settings := w.matter(), w.integration().Settings
		w.changes.Pause = 1 << 40
		defer func() { w.changes.Pause = 0 }()
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: w.class("Vendor")})
		w.must(err)
		p, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		if len(p.Params.Unticked) == 0 || len(w.integration().Settings.Organizations) == len(settings.Organizations) {
			t.Fatal("confirming unticked nothing")
		}
		_, err = w.changes.CancelStart(w.ctx, w.admin, p.ID)
		w.must(err)
		if got := w.integration().Settings; len(got.Organizations) != len(settings.Organizations) {
			t.Fatalf("%d boxes are ticked, %d were", len(got.Organizations), len(settings.Organizations))
		}
		w.differ(before, "cancelled")
	})
}

// TestDisconnect_removal is requirement R23: removing an integration ends links
// and nothing else, and connecting the same PSA again finds all of them.
func TestDisconnect_removal(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before := w.matter()
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Remove: true})
		w.must(err)
		w.carry(p)
		if i := w.integration(); i.Removed.IsZero() {
			t.Fatalf("the integration stands: %+v", i)
		}
		for _, k := range mainstay.Kinds() {
			if n := w.tally(k.Name)[mainstay.Syncing]; n != 0 {
				t.Fatalf("%d %s still sync", n, k.Plural)
			}
		}
		storetest.Invariants(t, w.store)
		old := w.integration()
		i, err := w.changes.AddIntegration(w.ctx, w.admin, change.NewIntegration{Connector: old.Connector, Name: "Again", Options: old.Options,
			Secrets: map[string]string{"private-key": w.psa.Config().PrivateKey}, Fingerprint: old.Fingerprint})
		w.must(err)
		w.id = i.ID
		w.save(everything())
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Created != 0 {
			t.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
		again, err := w.changes.ProposeReconnect(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization})
		w.must(err)
		w.carry(again)
		w.differ(before, "connected and matched again")
		storetest.Invariants(t, w.store)
	})
}

// TestDisconnect_pause: pausing a class touches no item; the next full sync
// orphans what the plan counted, and undoing heals it.
func TestDisconnect_pause(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before := w.matter()
		p, err := w.changes.ProposePause(w.ctx, w.admin, w.id, *w.class("Prospect"), "")
		w.must(err)
		p, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.differ(before, "paused")
		run := w.sync()
		if run.State != mainstay.RunComplete || run.Counts.Orphaned != p.Counts.Total().Apply {
			t.Fatalf("%d were announced, run %s %+v %s", p.Counts.Total().Apply, run.State, run.Counts, run.Message)
		}
		_, err = w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		if run := w.sync(); run.Counts.Healed != p.Counts.Total().Apply {
			t.Fatalf("%d healed of %d", run.Counts.Healed, p.Counts.Total().Apply)
		}
		w.differ(before, "ticked again and synced")
		storetest.Invariants(t, w.store)
	})
}

// TestDisconnect_sameName: a new record that equals a disconnected item waits
// for a person, who may reconnect the item with it.
func TestDisconnect_sameName(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		id := w.psa.CompaniesOfType("Client")[0]
		company, _ := w.psa.Company(id)
		org := w.organization(company.Name)
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Request: change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{org.ID}}})
		w.must(err)
		w.carry(p)
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			return t.DeleteTombstones(context.Background(), w.id, "organization", []string{fmt.Sprint(id)})
		}))
		run := w.sync()
		if run.Counts.Waiting == 0 || w.organization(company.Name).ID != org.ID {
			t.Fatalf("%+v", run.Counts)
		}
		storetest.Invariants(t, w.store)
	})
}

// TestReconnect_undone: undoing a match again gives back the items as they were
// on their own, with the words of who disconnected them, and undoing that links
// them as they were linked; a class that was disconnected stops and syncs with it.
func TestReconnect_undone(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: w.class("Prospect"), Note: "Bought by mistake"})
		w.must(err)
		w.carry(p)
		w.save(everything())
		for n, id := range w.psa.CompaniesOfType("Prospect") {
			w.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = fmt.Sprintf("555-%04d", n) })
		}
		w.sync()
		own := w.state()
		again, err := w.changes.ProposeReconnect(w.ctx, w.admin, change.Rematch{Integration: w.id, Kind: &mainstay.Organization})
		w.must(err)
		w.carry(again)
		linked := w.state()
		back := w.undone(again)
		if back.Done != again.Counts.Total().Apply || back.Skipped != 0 {
			t.Fatalf("%d taken back, %d skipped", back.Done, back.Skipped)
		}
		w.unlike(own, "the match was undone")
		w.sound("undone")
		if run := w.sync(); run.Counts.Waiting != again.Counts.Of("organization").Apply || run.Counts.Created+run.Counts.Matched != 0 {
			t.Fatalf("the next sync: %+v", run.Counts)
		}
		w.undone(back)
		w.unlike(linked, "the undo was undone")
		w.sound("linked again")
		if run := w.sync(); run.Counts.Created+run.Counts.Orphaned+run.Counts.Waiting != 0 {
			t.Fatalf("the last sync: %+v", run.Counts)
		}
	})
}
