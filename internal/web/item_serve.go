package web

import (
	"context"
	"net/http"

	"mainstay"
	"mainstay/internal/store"
)

// relatedRows is how many related items one page lists.
const relatedRows = 20

// item is the page of one item of a kind other than organization.
func (s *Web) item(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	p := ItemPage{Kind: k}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		i, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		p.Item = i
		if p.Page, err = s.page(r, t, Page{Title: itemName(i), Active: k.Plural}); err != nil {
			return err
		}
		return s.fillItem(r.Context(), t, &p)
	})
	if err != nil {
		return s.gone(w, r, k, err)
	}
	remember(w, r, p.Item.Ref())
	return s.show(w, r, itemView(p), nil)
}

func (s *Web) fillItem(ctx context.Context, t *store.Tx, p *ItemPage) error {
	i, k := p.Item, p.Kind
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	p.Type, p.Status = labelName(labels, i.TypeID), labelName(labels, i.StatusID)
	refs, organization, err := itemLinks(ctx, t, p.Actor, i)
	if err != nil {
		return err
	}
	p.Organization = organization
	p.Crumbs = []Crumb{{Label: "Organizations", URL: "/organizations"}, {Label: organization.Label, URL: organization.URL},
		{Label: capital(k.Plural), URL: organization.URL + "/" + k.Plural}, {Label: itemName(i)}}
	p.Fields = fieldViews(k, i.Values, refs, richText)
	if p.Related, err = related(ctx, t, i); err != nil {
		return err
	}
	if p.Sync, err = s.syncPanel(ctx, t, p.Page, i, labels); err != nil {
		return err
	}
	p.Notes = itemNotes(p.Page, i, p.Sync)
	if p.Actor.Can(mainstay.EditItems, i.OrganizationID) == nil {
		p.EditURL = itemURL(i.Ref()) + "/edit"
	}
	p.DeleteURL, p.DeleteReason = deleteLink(p.Actor, i)
	if p.Protection, err = protectionOf(ctx, t, p.Page, i, organization); err != nil {
		return err
	}
	if why := p.Protection.reason(p.Page); why != "" && p.DeleteURL != "" {
		p.DeleteURL, p.DeleteReason = "", why
	}
	p.Activity, err = events(ctx, t, p.Page, store.ActivityFilter{ItemID: i.ID, Limit: activityRows})
	return err
}

// itemLinks looks up, in one query, the items that an item names and its
// organization.
func itemLinks(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Item) (refs map[string]Link, organization Link, err error) {
	ids := []mainstay.ItemID{i.OrganizationID}
	byField := map[string]mainstay.ItemID{}
	for _, f := range i.Spec().Fields {
		if id, err := mainstay.ParseItemID(i.Values.Text(f.Name)); f.Type == mainstay.RefTo && err == nil {
			byField[f.Name] = id
			ids = append(ids, id)
		}
	}
	known, err := t.KnownIDs(ctx, a, ids)
	if err != nil {
		return nil, organization, err
	}
	links := map[mainstay.ItemID]Link{}
	for _, n := range known {
		links[n.ID] = Link{n.Name, itemURL(n.Ref)}
	}
	refs = map[string]Link{}
	for field, id := range byField {
		refs[field] = links[id]
		if refs[field].Label == "" {
			refs[field] = Link{Label: "(in Trash)"}
		}
	}
	return refs, links[i.OrganizationID], nil
}

// related lists the items of the same organization that name this one.
func related(ctx context.Context, t *store.Tx, i mainstay.Item) ([]SearchGroup, error) {
	var fields []string
	seen := map[string]bool{}
	for _, k := range mainstay.Kinds() {
		for _, f := range k.Fields {
			if f.Type == mainstay.RefTo && f.RefKind == i.Kind && !seen[f.Name] {
				seen[f.Name] = true
				fields = append(fields, f.Name)
			}
		}
	}
	items, err := t.Referring(ctx, i, fields, relatedRows)
	return resultGroups(items, nil), err
}

// resultGroups puts items into one group per kind, in the order of the kinds.
func resultGroups(items []mainstay.Item, organizations map[mainstay.ItemID]string) []SearchGroup {
	var out []SearchGroup
	for _, k := range mainstay.Kinds() {
		g := SearchGroup{Label: capital(k.Plural)}
		for _, i := range items {
			if i.Kind != k.Name {
				continue
			}
			detail := ""
			if k.Name != mainstay.Organization.Name {
				detail = organizations[i.OrganizationID]
			}
			g.Results = append(g.Results, foundResult(i.Ref(), i.Name, i.Sync, detail))
		}
		if len(g.Results) > 0 {
			out = append(out, g)
		}
	}
	return out
}
