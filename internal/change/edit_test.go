package change_test

import (
	"fmt"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// labels makes types and statuses and returns their ids by name.
func (w *world) labels(kind mainstay.KindName, axis mainstay.Axis, names ...string) map[string]*mainstay.LabelID {
	w.Helper()
	out := map[string]*mainstay.LabelID{}
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
		var all []mainstay.Label
		for _, n := range names {
			all = append(all, mainstay.Label{Kind: kind, Axis: axis, Name: n})
		}
		if err := t.InsertLabels(w.ctx, all); err != nil {
			return err
		}
		for i := range all {
			out[all[i].Name] = &all[i].ID
		}
		return nil
	}))
	return out
}

// byHand makes an organization that no PSA knows.
func (w *world) byHand(name string, typeID *mainstay.LabelID) mainstay.Item {
	w.Helper()
	i := mainstay.Item{Kind: "organization", Name: name}
	if typeID != nil {
		i.TypeID = *typeID
	}
	made, err := w.changes.Create(w.ctx, w.admin, i)
	w.must(err)
	return made
}

func (w *world) stored(ref mainstay.Ref) mainstay.Item {
	w.Helper()
	var i mainstay.Item
	w.read(func(t *store.Tx) (err error) { i, err = t.Item(w.ctx, ref); return err })
	return i
}

// confirm says yes to a plan and works on it to its end.
func (w *world) confirm(p mainstay.Plan) mainstay.Plan {
	w.Helper()
	if p.State == mainstay.PlanReview {
		_, err := w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
	}
	w.must(w.run(p.ID, fmt.Sprint("lease of ", p.ID)))
	done := w.plan(p.ID)
	if done.State != mainstay.PlanDone {
		w.Fatalf("plan %d is %s: %s", p.ID, done.State, done.Message)
	}
	return done
}

func (w *world) undo(id mainstay.PlanID) mainstay.Plan {
	w.Helper()
	p, err := w.changes.Undo(w.ctx, w.admin, id)
	w.must(err)
	return w.confirm(p)
}

// outcomes counts what became of the lines of a plan.
func (w *world) outcomes(id mainstay.PlanID) map[mainstay.Outcome]int {
	w.Helper()
	out := map[mainstay.Outcome]int{}
	w.read(func(t *store.Tx) error {
		lines, err := t.PlanItems(w.ctx, id, 0, false, 10_000)
		for _, l := range lines {
			if !l.Held {
				out[l.Outcome]++
			}
		}
		return err
	})
	return out
}

// matter is what an undo gives back: items without version and dates, and what
// protects them.
func (w *world) matter() string {
	w.Helper()
	var out []string
	w.read(func(t *store.Tx) error {
		for _, q := range []string{
			"SELECT 'item ' || id || ' ' || kind || ' ' || organization_id || ' ' || name || ' ' || type_id || ' ' || status_id || ' ' || sync || ' ' || reason || ' ' || fields FROM item ORDER BY id",
			"SELECT 'protection ' || item_id || ' ' || keep_note || ' ' || keep_by || ' ' || keep_at || ' ' || hold_until || ' ' || hold_note || ' ' || hold_by || ' ' || hold_at FROM protection ORDER BY item_id",
		} {
			rows, err := t.Query(w.ctx, q)
			if err != nil {
				return err
			}
			for rows.Next() {
				var s string
				if err := rows.Scan(&s); err != nil {
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

func (w *world) refused(err error, kind mainstay.ErrorKind, says string) {
	w.Helper()
	if mainstay.KindOf(err) != kind || !strings.Contains(fmt.Sprint(err), says) {
		w.Errorf("got %q (%s), want %s with %q", err, mainstay.KindOf(err), kind, says)
	}
}

var everyOrganization = change.Request{Kind: &mainstay.Organization, All: true}

// TestEdit changes what no PSA owns, holds back what one does, leaves out what is
// so already, and gives all of it back, twice.
func TestEdit(t *testing.T) {
	each(t, func(w *world) {
		linked := w.orphans(4)
		types := w.labels("organization", mainstay.TypeAxis, "Friend", "Former")
		statuses := w.labels("organization", mainstay.StatusAxis, "Gone")
		a, b, c := w.byHand("A", nil), w.byHand("B", types["Friend"]), w.byHand("C", types["Former"])
		before := w.matter()
		r := everyOrganization
		r.Seen = 7
		p, err := w.changes.ProposeEdit(w.ctx, w.admin, r, types["Former"], nil)
		w.must(err)
		if n := p.Counts.Of("organization"); n.Apply != 2 || n.Held != 4 || p.Counts.Matched != 7 || p.Message != "" || p.Params.Sets != "type Former" || p.Title() != "Change 2 organizations" {
			t.Fatalf("%+v matched %d %q sets %q, %s", n, p.Counts.Matched, p.Message, p.Params.Sets, p.Title())
		}
		if len(p.Counts.Kinds) != 1 {
			t.Fatalf("the plan takes in what organizations hold: %+v", p.Counts.Kinds)
		}
		w.read(func(tx *store.Tx) error {
			held, err := tx.HeldBack(w.ctx, p, 10)
			if len(held) != 4 || held[0].Why != store.WhyOwned {
				t.Errorf("held back %+v", held)
			}
			return err
		})
		_, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, linked[0])
		w.refused(err, mainstay.Held, "its type and status come from the PSA")
		if w.matter() != before {
			t.Fatal("proposing changed something")
		}
		done := w.confirm(p)
		if done.Done != 2 || done.Skipped != 0 {
			t.Fatalf("%+v", done)
		}
		for _, i := range []mainstay.Item{a, b} {
			now := w.stored(i.Ref())
			if now.TypeID != *types["Former"] || now.StatusID != 0 || now.Version != i.Version+1 || now.Updated < i.Updated {
				t.Errorf("%s is %+v", i.Name, now)
			}
			w.logged(now, "updated", mainstay.Change{Before: number(i.TypeID), After: number(*types["Former"])})
		}
		if got := w.stored(c.Ref()); got.Version != c.Version {
			t.Errorf("what was so already was written: %+v", got)
		}
		back := w.undo(p.ID)
		if back.Done != 2 || w.matter() != before {
			t.Fatalf("undone %d; before\n%s\nnow\n%s", back.Done, before, w.matter())
		}
		_, err = w.changes.Undo(w.ctx, w.admin, p.ID)
		w.refused(err, mainstay.Conflict, "took this back already")
		w.undo(back.ID)
		if got := w.stored(a.Ref()); got.TypeID != *types["Former"] {
			t.Errorf("undoing the undo left %+v", got)
		}
		both, err := w.changes.ProposeEdit(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{a.ID, b.ID}}, new(mainstay.LabelID), statuses["Gone"])
		w.must(err)
		if both.Params.Sets != "no type and status Gone" {
			t.Errorf("sets %q", both.Params.Sets)
		}
		w.confirm(both)
		if got := w.stored(b.Ref()); got.TypeID != 0 || got.StatusID != *statuses["Gone"] {
			t.Errorf("%+v", got)
		}
		_, err = w.changes.ProposeEdit(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{a.ID, b.ID}}, new(mainstay.LabelID), nil)
		w.refused(err, mainstay.Conflict, "so already")
	})
}

func number(id mainstay.LabelID) string {
	if id == 0 {
		return ""
	}
	return fmt.Sprint(id)
}

// logged fails unless the newest entry of an item is of a verb, with what its
// type became.
func (w *world) logged(i mainstay.Item, verb string, typ mainstay.Change) {
	w.Helper()
	w.read(func(t *store.Tx) error {
		log, err := t.ActivityPage(w.ctx, w.admin, store.ActivityFilter{ItemID: i.ID, Limit: 1})
		if err == nil && (len(log) != 1 || log[0].Verb != verb || len(log[0].Changes) != 1 || log[0].Changes["type_id"] != typ || log[0].PlanID == 0) {
			w.Errorf("the log of %s says %+v", i.Name, log)
		}
		return err
	})
}

// TestEdit_changedSince: what people change after the plan is left alone, by the
// plan and by its undo.
func TestEdit_changedSince(t *testing.T) {
	each(t, func(w *world) {
		types := w.labels("organization", mainstay.TypeAxis, "Friend", "Former", "Third")
		a, b, c := w.byHand("A", nil), w.byHand("B", nil), w.byHand("C", nil)
		p, err := w.changes.ProposeEdit(w.ctx, w.admin, everyOrganization, types["Former"], nil)
		w.must(err)
		rename := func(i mainstay.Item, change func(*mainstay.Item)) {
			now := w.stored(i.Ref())
			change(&now)
			_, err := w.changes.Update(w.ctx, w.admin, now)
			w.must(err)
		}
		rename(a, func(i *mainstay.Item) { i.Name = "A2" })
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.refused(err, mainstay.Stale, "changed after this plan was made")
		p, err = w.changes.ProposeEdit(w.ctx, w.admin, everyOrganization, types["Former"], nil)
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		rename(a, func(i *mainstay.Item) { i.TypeID = *types["Friend"] })
		w.must(w.run(p.ID, "a"))
		if got := w.outcomes(p.ID); got[mainstay.OutcomeDone] != 2 || got[mainstay.OutcomeStale] != 1 {
			t.Fatalf("%v", got)
		}
		rename(b, func(i *mainstay.Item) { i.Name = "B2" })              // not what the plan set: is given back
		rename(c, func(i *mainstay.Item) { i.TypeID = *types["Third"] }) // what the plan set: stays
		back := w.undo(p.ID)
		if got := w.outcomes(back.ID); got[mainstay.OutcomeDone] != 1 || got[mainstay.OutcomeStale] != 1 {
			t.Fatalf("%v", got)
		}
		if got := w.stored(b.Ref()); got.TypeID != 0 || got.Name != "B2" {
			t.Errorf("%+v", got)
		}
		if got := w.stored(c.Ref()); got.TypeID != *types["Third"] {
			t.Errorf("%+v", got)
		}
	})
}

func TestEdit_refuses(t *testing.T) {
	each(t, func(w *world) {
		types := w.labels("organization", mainstay.TypeAxis, "Friend")
		status := w.labels("organization", mainstay.StatusAxis, "Gone")
		a := w.byHand("A", nil)
		missing := mainstay.LabelID(999)
		editor, manager := w.admin, w.admin
		editor.Role, manager.Role, manager.All = mainstay.Editor, mainstay.Manager, false
		before := w.content()
		for name, try := range map[string]struct {
			actor       mainstay.Actor
			r           change.Request
			typ, status *mainstay.LabelID
			kind        mainstay.ErrorKind
			says        string
		}{
			"nothing to set":   {w.admin, everyOrganization, nil, nil, mainstay.Invalid, "Choose a type or a status"},
			"nothing chosen":   {w.admin, change.Request{Kind: &mainstay.Organization}, types["Friend"], nil, mainstay.Invalid, "Nothing was chosen"},
			"a missing type":   {w.admin, everyOrganization, &missing, nil, mainstay.Invalid, "There is no such type."},
			"the wrong axis":   {w.admin, everyOrganization, status["Gone"], nil, mainstay.Invalid, "There is no such type."},
			"the other axis":   {w.admin, everyOrganization, nil, types["Friend"], mainstay.Invalid, "There is no such status."},
			"the wrong kind":   {w.admin, change.Request{Kind: &mainstay.Contact, All: true}, types["Friend"], nil, mainstay.Invalid, "There is no such type."},
			"no statuses":      {w.admin, change.Request{Kind: &mainstay.Contact, All: true}, nil, new(mainstay.LabelID), mainstay.Invalid, "Contacts have no status."},
			"no types":         {w.admin, change.Request{Kind: &mainstay.Document, All: true}, new(mainstay.LabelID), nil, mainstay.Invalid, "Documents have no type."},
			"an Editor":        {editor, everyOrganization, types["Friend"], nil, mainstay.Forbidden, "make and confirm plans"},
			"foreign":          {manager, change.Request{Kind: &mainstay.Contact, All: true, Organization: a.ID}, new(mainstay.LabelID), nil, mainstay.NotFound, ""},
			"nothing matches":  {w.admin, change.Request{Kind: &mainstay.Organization, Query: "zzz"}, types["Friend"], nil, mainstay.NotFound, "Nothing matches"},
			"a broken filter":  {w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync stauts: x"}, types["Friend"], nil, mainstay.Invalid, "isn't a filter"},
			"an id elsewhere":  {w.admin, change.Request{Kind: &mainstay.Contact, IDs: []mainstay.ItemID{a.ID}}, new(mainstay.LabelID), nil, mainstay.NotFound, "Nothing matches"},
			"all so already":   {w.admin, everyOrganization, new(mainstay.LabelID), nil, mainstay.Conflict, "so already"},
			"of another actor": {manager, everyOrganization, types["Friend"], nil, mainstay.NotFound, "Nothing matches"},
		} {
			_, err := w.changes.ProposeEdit(w.ctx, try.actor, try.r, try.typ, try.status)
			if mainstay.KindOf(err) != try.kind || !strings.Contains(fmt.Sprint(err), try.says) {
				t.Errorf("%s: %v (%s)", name, err, mainstay.KindOf(err))
			}
		}
		if w.content() != before {
			t.Error("a refusal changed something")
		}
	})
}

// half makes a Manager who sees some organizations only.
func (w *world) half(sees ...mainstay.ItemID) mainstay.Actor {
	w.Helper()
	u := mainstay.User{Email: fmt.Sprint("max", len(sees), "@example.com"), Name: "Max", Role: mainstay.Manager, Created: w.store.DB.Now()}
	var a mainstay.Actor
	w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
		if err := t.InsertUser(w.ctx, &u, "x"); err != nil {
			return err
		}
		if err := t.SetOrganizationsOf(w.ctx, u.ID, sees); err != nil {
			return err
		}
		var err error
		a, err = t.Actor(w.ctx, u.ID, "")
		return err
	}))
	return a
}

// TestEdit_hidden: what a Manager can't open is counted and never touched.
func TestEdit_hidden(t *testing.T) {
	each(t, func(w *world) {
		types := w.labels("organization", mainstay.TypeAxis, "Friend")
		var all []mainstay.Item
		for n := range 6 {
			all = append(all, w.byHand(fmt.Sprint("Org ", n), nil))
		}
		_, err := w.changes.Create(w.ctx, w.admin, mainstay.Item{Kind: "document", Name: "Inside", OrganizationID: all[5].ID})
		w.must(err)
		max := w.half(all[0].ID, all[1].ID)
		keep := true
		p, err := w.changes.ProposeEdit(w.ctx, max, everyOrganization, types["Friend"], nil)
		w.must(err)
		q, err := w.changes.ProposeProtect(w.ctx, max, everyOrganization, mainstay.Guarding{Keep: &keep})
		w.must(err)
		for _, p := range []mainstay.Plan{p, q} {
			if n := p.Counts.Total(); n.Apply != 2 || n.Hidden != 4 || p.Counts.Matched != 6 {
				t.Fatalf("%s: %+v of %d", p.Action, n, p.Counts.Matched)
			}
			_, err = w.changes.Confirm(w.ctx, max, p.ID, change.Proof{Fingerprint: p.Fingerprint})
			if p.Action == mainstay.ActionProtect {
				w.refused(err, mainstay.Stale, "2 items changed")
				continue
			}
			w.must(err)
			w.must(w.run(p.ID, "a"))
		}
		for n, i := range all {
			if got := w.stored(i.Ref()); (got.TypeID != 0) != (n < 2) {
				t.Errorf("%s has the type %d", got.Name, got.TypeID)
			}
		}
		_, err = w.changes.ProposeEdit(w.ctx, max, change.Request{Kind: &mainstay.Organization, IDs: []mainstay.ItemID{all[4].ID}}, types["Friend"], nil)
		w.refused(err, mainstay.NotFound, "Nothing matches")
	})
}
