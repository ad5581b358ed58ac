package change_test

import (
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestChosen: what a list says beforehand of a selection is what the plans then
// leave out, for every kind, by filter and by ids, for people who see all and half.
func TestChosen(t *testing.T) {
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		w := newWorld(t, d)
		in, err := storetest.Seed(w.ctx, w.store, storetest.Size{Organizations: 30, PerOrganization: 6, Orphaned: 0.6, OnlyHere: 0.4, Random: 9})
		w.must(err)
		kinds := []*mainstay.Kind{&mainstay.Organization, &mainstay.Configuration, &mainstay.Contact, &mainstay.Location}
		for n, id := range in.Organizations {
			switch n % 7 {
			case 0:
				w.protect(organization(id), keep(true, ""))
			case 2:
				w.protect(organization(id), w.hold(3, "x"))
			case 4:
				w.protect(w.inside(kinds[1+n%3], id)[0].Ref(), keep(true, ""))
			}
		}
		types := map[mainstay.KindName]*mainstay.LabelID{}
		for _, k := range kinds[:3] {
			types[k.Name] = w.labels(k.Name, mainstay.TypeAxis, "Brand new")["Brand new"]
			p := w.disconnected(k, in.Organizations[20:])
			if p.Done == 0 {
				t.Fatalf("no %s is disconnected", k.Plural)
			}
		}
		half := w.half(in.Organizations[:16]...)
		for _, a := range []mainstay.Actor{w.admin, half} {
			for _, k := range kinds {
				w.foretold(a, k, types[k.Name], change.Request{Kind: k, All: true})
				w.foretold(a, k, types[k.Name], change.Request{Kind: k, Query: "sync status: orphaned"})
				var ids []mainstay.ItemID
				for n, i := range w.inside(k, 0) {
					if n%3 != 0 {
						ids = append(ids, i.ID)
					}
				}
				w.foretold(a, k, types[k.Name], change.Request{Kind: k, IDs: ids})
			}
		}
	})
}

// disconnected ends links of a kind in some organizations, as far as nothing
// protects them.
func (w *world) disconnected(k *mainstay.Kind, orgs []mainstay.ItemID) mainstay.Plan {
	w.Helper()
	var ids []mainstay.ItemID
	for _, org := range orgs {
		if k.Name == mainstay.Organization.Name {
			ids = append(ids, org)
			continue
		}
		for _, i := range w.inside(k, org)[:1] {
			ids = append(ids, i.ID)
		}
	}
	if k.Name == mainstay.Organization.Name {
		ids = ids[:3]
	}
	p, err := w.changes.ProposeDisconnect(w.ctx, w.admin, change.Unlink{Request: change.Request{Kind: k, IDs: ids}})
	w.must(err)
	return w.confirm(p)
}

// foretold compares the numbers of a selection with those of the plans made of it.
func (w *world) foretold(a mainstay.Actor, k *mainstay.Kind, typ *mainstay.LabelID, r change.Request) {
	w.Helper()
	var c store.Chosen
	w.read(func(t *store.Tx) error {
		f, err := t.Filter(w.ctx, k, r.Query, 0)
		if err != nil {
			return err
		}
		c, err = t.CountChosen(w.ctx, a, store.Selection{Filter: f, IDs: r.IDs})
		return err
	})
	roots := func(what string, p mainstay.Plan, err error, apply, held int) {
		w.Helper()
		if mainstay.KindOf(err) == mainstay.NotFound || mainstay.KindOf(err) == mainstay.Conflict {
			p, err = mainstay.Plan{}, nil // nothing is left to plan
		}
		w.must(err)
		if n := p.Counts.Of(k.Name); n.Apply != apply || n.Held != held || (p.ID != 0 && p.Action != mainstay.ActionDisconnect && p.Action != mainstay.ActionDelete && n.Hidden != c.Hidden) {
			w.Errorf("%s %s of %+v: %+v, foretold %d and %d held of %+v", what, k.Plural, r, n, apply, held, c)
		}
	}
	onlyHere := c.OnlyHere
	if len(r.IDs) > 0 && k.Name != mainstay.Organization.Name {
		onlyHere = 0
	}
	kept := c.Protected + c.Primary + c.Syncing + onlyHere
	p, err := w.changes.ProposeDelete(w.ctx, a, r)
	roots("delete", p, err, c.Total-kept, kept)
	p, err = w.changes.ProposeDisconnect(w.ctx, a, change.Unlink{Request: r})
	roots("disconnect", p, err, c.Free, c.Linked-c.Free)
	p, err = w.changes.ProposeProtect(w.ctx, a, r, keep(true, ""))
	roots("protect", p, err, c.Total-c.Kept, 0)
	p, err = w.changes.ProposeProtect(w.ctx, a, r, keep(false, ""))
	roots("lift", p, err, c.Kept, 0)
	if typ != nil {
		p, err = w.changes.ProposeEdit(w.ctx, a, r, typ, nil)
		roots("edit", p, err, c.Total-c.Linked, c.Linked)
	}
	if a.Role == mainstay.Administrator {
		p, err = w.changes.ProposeProtect(w.ctx, a, r, w.hold(0, "x"))
		roots("lift holds of", p, err, c.Held, 0)
	}
}
