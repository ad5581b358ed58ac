package web

import (
	"context"
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// disconnectLink leads to the page that disconnects an item, an organization with
// what it holds; empty where there is nothing to disconnect or the person may not.
func disconnectLink(a mainstay.Actor, i mainstay.Item) string {
	right := mainstay.SyncItems
	if i.Kind == mainstay.Organization.Name {
		right = mainstay.PlanChanges
	}
	if i.Sync == mainstay.NotLinked || a.Can(right, i.OrganizationID) != nil {
		return ""
	}
	return itemURL(i.Ref()) + "/disconnect"
}

// askDisconnectOrganization asks before an organization is disconnected.
func (s *Web) askDisconnectOrganization(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p, err := s.disconnectOrganizationPage(r, k)
	if err != nil {
		return err
	}
	return s.show(w, r, disconnectView(p), nil)
}

func (s *Web) disconnectOrganizationPage(r *http.Request, k *mainstay.Kind) (p DisconnectPage, err error) {
	ctx := r.Context()
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		o, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		if disconnectLink(auth.Actor(ctx), o) == "" {
			return mainstay.Errorf(mainstay.Conflict, "%s is linked with no PSA record, so there is nothing to disconnect.", itemName(o))
		}
		if p, err = endOrganization(ctx, t, o); err != nil {
			return err
		}
		p.Page, err = s.page(r, t, Page{Title: "Disconnect " + itemName(o), Active: k.Plural, Crumbs: append(organizationCrumbs(o), Crumb{Label: "Disconnect"})})
		return err
	})
	return p, err
}

// endOrganization is the page without its surrounding.
func endOrganization(ctx context.Context, t *store.Tx, o mainstay.Item) (DisconnectPage, error) {
	psa := "the PSA"
	if record, ok, err := t.RecordOf(ctx, o.ID); err != nil {
		return DisconnectPage{}, err
	} else if ok {
		i, err := t.Integration(ctx, record.IntegrationID)
		if err != nil {
			return DisconnectPage{}, err
		}
		psa = i.Name
	}
	in, err := t.CountIn(ctx, o.ID)
	inside := map[mainstay.KindName]int{}
	for kind, states := range in {
		inside[kind] = sumStates(states) - states[mainstay.NotLinked]
	}
	p := DisconnectPage{Heading: "Disconnect " + itemName(o) + " from " + psa, Action: itemURL(o.Ref()) + "/disconnect", Back: itemURL(o.Ref()),
		Text: "It is linked, and so " + isAre(sumKinds(inside)) + " " + inWords(inside) + " inside."}
	if sumKinds(inside) == 0 {
		p.Text = "It is linked. Nothing inside it is."
	}
	n := sumKinds(inside) + 1
	p.Choices = []DisconnectChoice{{Key: choiceDisconnect, Title: "Disconnect it with what it holds, and keep all data", Tag: reversible(), Checked: true,
		Text: "Every item stays here as Not linked, can be edited, and no longer updates from " + psa + ".", Button: "Plan to disconnect " + some(n, "item"),
		Facts: []Fact{{Label: "Now", Value: some(n, "link") + ends(n) + ". " + capital(psa) + " isn't changed."},
			{Label: "At the next full sync", Value: "While its type and status are ticked, its record waits under Match again. No duplicate is made."},
			{Label: "To get it back", Value: "Undo the plan, or match it again later."}}}}
	p.Advice = Note{Text: "To merge it with another organization there is no need to disconnect it first."}
	return p, err
}

// disconnectOrganization makes the plan.
func (s *Web) disconnectOrganization(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
		return err
	}
	p, err := s.disconnectOrganizationPage(r, k)
	if err != nil {
		return err
	}
	id, err := mainstay.ParseItemID(r.PathValue("id"))
	if err != nil {
		return errMissing()
	}
	plan, err := s.Changes.ProposeDisconnect(r.Context(), auth.Actor(r.Context()), change.Unlink{
		Request: change.Request{Kind: k, IDs: []mainstay.ItemID{id}, Seen: 1}, Note: r.PostForm.Get("note")})
	if kind := mainstay.KindOf(err); kind == mainstay.Invalid || kind == mainstay.Conflict {
		p.Error, p.Note = mainstay.SafeMessage(err), r.PostForm.Get("note")
		return s.write(w, r, auth.Status(err), disconnectView(p))
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}
