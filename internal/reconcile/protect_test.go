package reconcile_test

import (
	"fmt"
	"slices"
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
