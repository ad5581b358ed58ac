package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func keep(on bool, note string) mainstay.Guarding { return mainstay.Guarding{Keep: &on, Note: note} }

// TestProtect_anything: whatever is planned in whatever order, what is protected
// when a step is done is neither deleted nor disconnected by it.
func TestProtect_anything(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		sequences(t, 6)
		rapid.Check(t, func(rt *rapid.T) {
			m := newGuarded(t, fresh(t, d))
			rt.Repeat(map[string]func(*rapid.T){"protect": m.guard, "plan": m.propose, "apply": m.applyAny, "undo": m.undoAny, "wait": m.wait, "": m.unharmed})
		})
	})
}

// guarded is a sequence: what was live and linked before the step, and the plans.
type guarded struct {
	*world
	all     []mainstay.Ref
	waiting []mainstay.PlanID // confirmed
	done    []mainstay.PlanID
	kept    map[mainstay.ItemID]mainstay.Item // what was protected before this step
	offset  time.Duration
}

// newGuarded syncs a little PSA, of which the clients then are orphans.
func newGuarded(t *testing.T, d storetest.Database) *guarded {
	m := &guarded{}
	d.Config.Now = func() time.Time { return time.Now().Add(m.offset) }
	m.world = newWorld(t, d, little())
	m.completes("first", m.sync())
	m.save(change.PauseClass(m.integration().Settings, "organization", mainstay.TypeAxis, m.class("Client").ExternalID))
	m.completes("orphaned", m.sync())
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		for _, k := range mainstay.Kinds() {
			f, err := t.Filter(m.ctx, k, "", 0)
			if err != nil {
				return err
			}
			p, err := t.List(m.ctx, m.admin, store.ListRequest{Filter: f, Limit: 12})
			if err != nil {
				return err
			}
			for _, r := range p.Rows {
				m.all = append(m.all, r.Ref())
			}
		}
		return nil
	}))
	return m
}

func (m *guarded) hold(days int, note string) mainstay.Guarding {
	until := mainstay.Time(0)
	if days > 0 {
		until = m.store.DB.Now().Add(time.Duration(days) * 24 * time.Hour)
	}
	return mainstay.Guarding{HoldUntil: &until, Note: note}
}

func (m *guarded) guard(rt *rapid.T) {
	ref := rapid.SampledFrom(m.all).Draw(rt, "item")
	g := rapid.SampledFrom([]mainstay.Guarding{keep(true, "k"), keep(false, "f"), m.hold(1, "h"), m.hold(0, "l")}).Draw(rt, "what")
	err := m.changes.Protect(m.ctx, m.admin, ref, g)
	if k := mainstay.KindOf(err); err != nil && k != mainstay.NotFound && k != mainstay.Conflict {
		rt.Fatalf("protect: %v", err)
	}
}

// propose makes and confirms a deletion, a disconnection or a protection of a few.
func (m *guarded) propose(rt *rapid.T) {
	kind := rapid.SampledFrom([]*mainstay.Kind{&mainstay.Organization, &mainstay.Organization, &mainstay.Contact, &mainstay.Configuration}).Draw(rt, "kind")
	r := change.Request{Kind: kind, All: true}
	if rapid.Bool().Draw(rt, "few") {
		for _, ref := range m.all {
			if ref.Kind == kind.Name && rapid.Bool().Draw(rt, "this") {
				r.IDs = append(r.IDs, ref.ID)
			}
		}
	}
	var p mainstay.Plan
	var err error
	switch rapid.SampledFrom([]string{"delete", "disconnect", "keep", "lift", "hold"}).Draw(rt, "action") {
	case "delete":
		p, err = m.changes.ProposeDelete(m.ctx, m.admin, r)
	case "disconnect":
		p, err = m.changes.ProposeDisconnect(m.ctx, m.admin, change.Unlink{Request: r})
	case "keep":
		p, err = m.changes.ProposeProtect(m.ctx, m.admin, r, keep(true, "p"))
	case "lift":
		p, err = m.changes.ProposeProtect(m.ctx, m.admin, r, keep(false, ""))
	case "hold":
		p, err = m.changes.ProposeProtect(m.ctx, m.admin, r, m.hold(1, "p"))
	}
	if err == nil {
		p, err = m.changes.Confirm(m.ctx, m.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	}
	switch mainstay.KindOf(err) {
	case mainstay.Internal:
		rt.Fatalf("plan: %v", err)
	case mainstay.Invalid, mainstay.NotFound, mainstay.Conflict, mainstay.Held, mainstay.Stale:
	default:
		m.waiting = append(m.waiting, p.ID)
	}
}

// applyAny works on a plan that was confirmed some steps ago. A plan that sets or
// lifts protection changes what is kept, so nothing is expected of that step.
func (m *guarded) applyAny(rt *rapid.T) {
	if len(m.waiting) == 0 {
		rt.Skip("no plan waits")
	}
	n := rapid.IntRange(0, len(m.waiting)-1).Draw(rt, "plan")
	id := m.waiting[n]
	m.waiting = slices.Delete(m.waiting, n, n+1)
	if err := m.changes.Apply(m.ctx, jobs.Job{Kind: jobs.Apply, Key: int64(id), Attempt: 1, Lease: fmt.Sprint("lease ", id)}); err != nil {
		rt.Fatalf("apply: %v", err)
	}
	m.done = append(m.done, id)
}

func (m *guarded) undoAny(rt *rapid.T) {
	if len(m.done) == 0 {
		rt.Skip("nothing was done")
	}
	p, err := m.changes.Undo(m.ctx, m.admin, rapid.SampledFrom(m.done).Draw(rt, "plan"))
	if err == nil {
		m.waiting = append(m.waiting, p.ID)
	} else if mainstay.KindOf(err) == mainstay.Internal {
		rt.Fatalf("undo: %v", err)
	}
}

// wait lets a legal hold come near its end, or pass it.
func (m *guarded) wait(rt *rapid.T) {
	m.offset += time.Duration(rapid.IntRange(1, 20).Draw(rt, "hours")) * time.Hour
}

// unharmed compares what was protected before the step with what became of it: a
// step can lift protection or harm, never both.
func (m *guarded) unharmed(rt *rapid.T) {
	storetest.Invariants(m, m.store)
	now := map[mainstay.ItemID]mainstay.Item{}
	guards := map[mainstay.ItemID]mainstay.Protection{}
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		var ids []mainstay.ItemID
		for _, r := range m.all {
			ids = append(ids, r.ID)
		}
		items, err := t.ItemsByID(m.ctx, ids)
		for _, i := range items {
			now[i.ID] = i
		}
		if err == nil {
			guards, err = t.Protections(m.ctx, ids)
		}
		return err
	}))
	for id, was := range m.kept {
		if i, ok := now[id]; !ok {
			rt.Fatalf("%s %d was protected and is deleted", was.Kind, id)
		} else if was.Sync != mainstay.NotLinked && i.Sync == mainstay.NotLinked {
			rt.Fatalf("%s %d was protected and is disconnected", was.Kind, id)
		}
	}
	m.kept = map[mainstay.ItemID]mainstay.Item{}
	for id, i := range now {
		own, outer := guards[id], guards[i.OrganizationID]
		// A hold near its end may be over when the next step begins.
		soon := m.store.DB.Now().Add(21 * time.Hour)
		if own.Active(soon) || outer.Active(soon) {
			m.kept[id] = i
			if o, ok := now[i.OrganizationID]; ok {
				m.kept[o.ID] = o // it is not torn
			}
		}
	}
	if m.Failed() {
		rt.Fatal("an invariant is broken")
	}
}

// heldBack is why a plan holds organizations and items back, by name.
func (w *world) heldBack(p mainstay.Plan) map[string]string {
	w.Helper()
	out := map[string]string{}
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		all, err := t.HeldBack(w.ctx, p, 1000)
		for _, h := range all {
			out[h.Name] = h.Why
		}
		return err
	}))
	return out
}

// TestProtect_disconnect: an organization that holds something protected is not
// disconnected, even where that has no link itself, and one that is protected
// between confirming and applying is left alone as a whole.
func TestProtect_disconnect(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		ids := w.psa.CompaniesOfType("Client")
		name := func(n int) string { c, _ := w.psa.Company(ids[n]); return c.Name }
		holder, late := w.organization(name(0)), w.organization(name(1))
		deed := w.create(mainstay.Item{Kind: "document", Name: "Deed", OrganizationID: holder.ID})
		w.must(w.changes.Protect(w.ctx, w.admin, deed.Ref(), keep(true, "signed")))
		before := w.matter()
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Class: w.class("Client")})
		w.must(err)
		if why := w.heldBack(p); len(why) != 1 || why[holder.Name] != store.WhyKeptInside {
			t.Fatalf("held back %v", why)
		}
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.must(w.changes.Protect(w.ctx, w.admin, late.Ref(), keep(true, "wait")))
		done := w.apply(p.ID)
		after := w.matter()
		inside := 0
		for what, was := range before {
			in := strings.Contains(was, fmt.Sprintf("|%d|", late.ID)) && strings.HasPrefix(what, "item ")
			if in && after[what] != was {
				t.Errorf("%s of the protected organization changed from\n%s to\n%s", what, was, after[what])
			}
			if in && strings.Contains(was, "|syncing|") {
				inside++
			}
		}
		if done.Skipped != inside || inside < 2 || done.Done != p.Counts.Total().Apply-inside {
			t.Errorf("%d of %d done, %d skipped; %d lie in the protected organization", done.Done, p.Counts.Total().Apply, done.Skipped, inside)
		}
		storetest.Invariants(t, w.store)
		if run := w.sync(); run.State != mainstay.RunComplete || run.Counts.Created != 0 {
			t.Errorf("%s %+v %s", run.State, run.Counts, run.Message)
		}
	})
}

// TestProtect_removal: what is protected keeps its link, and with it the
// integration stays, paused, and says so.
func TestProtect_removal(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		company, _ := w.psa.Company(w.psa.CompaniesOfType("Client")[0])
		org := w.organization(company.Name)
		w.must(w.changes.Protect(w.ctx, w.admin, org.Ref(), keep(true, "")))
		p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Integration: w.id, Remove: true})
		w.must(err)
		if why := w.heldBack(p); why[org.Name] != store.WhyProtected {
			t.Fatalf("held back %v", why)
		}
		done := w.carry(p)
		if i := w.integration(); !i.Removed.IsZero() || !i.Paused || !strings.Contains(done.Message, "stayed linked") {
			t.Errorf("%+v %q", i, done.Message)
		}
		if got := w.organization(company.Name); got.Sync != mainstay.Syncing {
			t.Errorf("the protected organization is %s", got.Sync)
		}
		storetest.Invariants(t, w.store)
	})
}

// TestEdit_relinked: an edit is not undone on an item that a PSA owns again, and
// the next sync brings back what the PSA says.
func TestEdit_relinked(t *testing.T) {
	each(t, func(w *world) {
		w.sync()
		before := w.matter()
		company, _ := w.psa.Company(w.psa.CompaniesOfType("Client")[0])
		org := w.organization(company.Name)
		r := change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{org.ID}}
		_, err := w.changes.ProposeEdit(w.ctx, w.admin, r, new(mainstay.LabelID), nil)
		w.must(err)
		cut, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Request: r})
		w.must(err)
		w.carry(cut)
		edit, err := w.changes.ProposeEdit(w.ctx, w.admin, r, new(mainstay.LabelID), nil)
		w.must(err)
		w.carry(edit)
		if got := w.organization(company.Name); got.TypeID != 0 {
			t.Fatalf("%+v", got)
		}
		again, err := w.changes.Undo(w.ctx, w.admin, cut.ID)
		w.must(err)
		w.carry(again)
		undo, err := w.changes.Undo(w.ctx, w.admin, edit.ID)
		w.must(err)
		if done := w.carry(undo); done.Done != 0 || done.Skipped != 1 {
			t.Errorf("%+v", done)
		}
		if run := w.sync(); run.State != mainstay.RunComplete {
			t.Fatalf("%s %s", run.State, run.Message)
		}
		w.differ(before, "synced again")
		storetest.Invariants(t, w.store)
	})
}
