package web

import (
	"context"
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// protectionOf reads what protects an item. organization leads to the one that
// holds it.
func protectionOf(ctx context.Context, t *store.Tx, p Page, i mainstay.Item, organization Link) (ProtectionCard, error) {
	c := ProtectionCard{Kind: i.Spec(), Name: itemName(i)}
	all, err := t.Protections(ctx, []mainstay.ItemID{i.ID, i.OrganizationID})
	if err != nil {
		return c, err
	}
	c.Own = all[i.ID]
	if i.OrganizationID != i.ID {
		c.Outer, c.Organization = all[i.OrganizationID], organization
	}
	if p.Actor.Can(mainstay.PlanChanges, i.OrganizationID) == nil {
		c.ProtectURL = itemURL(i.Ref()) + "/protect"
	}
	if p.Actor.Can(mainstay.LegalHold, i.OrganizationID) == nil {
		c.HoldURL = itemURL(i.Ref()) + "/hold"
	}
	return c, nil
}

// markKept puts the shield on the rows of a list that plans keep.
func markKept(ctx context.Context, t *store.Tx, p Page, rows []Row, items []store.ListRow) error {
	var ids []mainstay.ItemID
	for _, i := range items {
		ids = append(ids, i.ID, i.OrganizationID)
	}
	all, err := t.Protections(ctx, ids)
	if err != nil || len(all) == 0 {
		return err
	}
	for n, i := range items {
		outer := all[i.OrganizationID]
		if i.OrganizationID == i.ID {
			outer = mainstay.Protection{}
		}
		rows[n].Kept = p.keptNote(all[i.ID], outer)
	}
	return nil
}

// guardedItem reads the item of the address and the frame of a confirm page about it.
func (s *Web) guardedItem(r *http.Request, k *mainstay.Kind, title string) (p ConfirmPage, i mainstay.Item, c ProtectionCard, err error) {
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		if i, err = itemAt(r, t, k); err != nil {
			return err
		}
		p.Page, err = s.page(r, t, Page{Title: title + " " + itemName(i), Active: k.Plural,
			Crumbs: []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}, {Label: itemName(i), URL: itemURL(i.Ref())}, {Label: title}}})
		if err != nil {
			return err
		}
		c, err = protectionOf(r.Context(), t, p.Page, i, Link{})
		return err
	})
	p.Back = itemURL(i.Ref())
	return p, i, c, err
}

// confirmProtect asks for a note before an item is protected, or the protection
// is lifted.
func (s *Web) confirmProtect(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, _, err := s.askProtect(r, k)
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

func (s *Web) askProtect(r *http.Request, k *mainstay.Kind) (ConfirmPage, mainstay.Item, error) {
	p, i, c, err := s.guardedItem(r, k, "Protect")
	if err != nil {
		return p, i, err
	}
	p.Action = c.ProtectURL
	note := FormField{Name: "note", Label: "Note", Type: "textarea", Max: mainstay.MaxNote, Help: "Why. It is shown on this page and stays in the activity log."}
	if c.Own.Keep {
		p.Heading, p.Button, p.Stay = "Lift the protection of "+c.Name, "Lift protection", "Keep it"
		p.Text = []string{"Plans may delete, disconnect and merge it again."}
		note.Help = "Why. It stays in the activity log."
		p.Fields = []Hidden{{"guard", guardLift}}
	} else {
		p.Heading, p.Button = "Protect "+c.Name, "Protect"
		p.Text = []string{"Plans that delete, disconnect or merge leave it alone until someone lifts the protection, and nobody can delete it by itself."}
		if i.Kind == mainstay.Organization.Name {
			p.Text = []string{"Plans that delete, disconnect or merge leave it alone, with everything inside, until someone lifts the protection."}
		}
		p.Fields = []Hidden{{"guard", guardKeep}}
	}
	p.Inputs = []FormField{note}
	return p, i, nil
}

// confirmHold asks for the day and the reason of a legal hold, or for the reason
// to lift one.
func (s *Web) confirmHold(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, _, err := s.askHold(r, k)
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

func (s *Web) askHold(r *http.Request, k *mainstay.Kind) (ConfirmPage, mainstay.Item, error) {
	p, i, c, err := s.guardedItem(r, k, "Legal hold")
	if err != nil {
		return p, i, err
	}
	p.Action = c.HoldURL
	note := FormField{Name: "note", Label: "Reason", Type: "textarea", Required: true, Max: mainstay.MaxNote, Help: "It stays in the activity log."}
	if c.Own.Held(p.Now) {
		p.Heading, p.Button, p.Stay = "Lift the legal hold on "+c.Name, "Lift legal hold", "Keep it"
		p.Text = []string{"It would end by itself after " + p.holdDay(c.Own) + ". " + c.Own.HoldBy + " set it: “" + c.Own.HoldNote + "”"}
		p.Fields = []Hidden{{"guard", guardLiftHold}}
	} else {
		p.Heading, p.Button = "Legal hold on "+c.Name, "Set legal hold"
		p.Text = []string{"Nobody can delete, disconnect or merge it until the day is over. Only an Administrator can lift the hold before."}
		if i.Kind == mainstay.Organization.Name {
			p.Text[0] = "Nobody can delete, disconnect or merge it, or anything inside, until the day is over. Only an Administrator can lift the hold before."
		}
		p.Fields = []Hidden{{"guard", guardHold}}
		p.Inputs = []FormField{{Name: "until", Label: "Last day", Type: "date", Required: true}}
	}
	p.Inputs = append(p.Inputs, note)
	return p, i, nil
}

// protectOne sets or lifts the keep flag of one item.
func (s *Web) protectOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.guardOne(w, r, k, s.askProtect)
}

// holdOne sets or lifts the legal hold of one item.
func (s *Web) holdOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	return s.guardOne(w, r, k, s.askHold)
}

// guardOne does what the form says, or asks once more.
func (s *Web) guardOne(w http.ResponseWriter, r *http.Request, k *mainstay.Kind, ask func(*http.Request, *mainstay.Kind) (ConfirmPage, mainstay.Item, error)) error {
	if err := form(r); err != nil {
		return err
	}
	p, i, err := ask(r, k)
	if err != nil {
		return err
	}
	g, err := guardingOf(r.PostForm, p.Page)
	if err == nil {
		err = s.Changes.Protect(r.Context(), auth.Actor(r.Context()), i.Ref(), g)
	}
	switch kind := mainstay.KindOf(err); {
	case kind == mainstay.Invalid || kind == mainstay.Conflict:
		p.askAgain(r.PostForm, err)
		return s.write(w, r, auth.Status(err), confirmView(p))
	case err != nil:
		return err
	}
	withFlash(w, flash{Code: guardFlash(g), Kind: k.Name, N: 1})
	return redirect(w, r, itemURL(i.Ref()))
}
