package web

import (
	"context"
	"net/http"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// foundRows is how many organizations are proposed to merge into.
const foundRows = 20

// mergeChoose finds the organization that stays.
func (s *Web) mergeChoose(w http.ResponseWriter, r *http.Request) error {
	p := MergePage{Find: strings.TrimSpace(r.URL.Query().Get("find"))}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		o, err := organizationAt(r, t)
		if err != nil {
			return err
		}
		p.Source = MergeOrganization{ID: o.ID, Name: itemName(o)}
		if p.Page, err = s.page(r, t, mergeSurrounding(o)); err != nil || p.Find == "" || len(p.Find) > mainstay.MaxName*4 {
			return err
		}
		found, err := t.SearchKind(r.Context(), p.Actor, &mainstay.Organization, p.Find, foundRows+2)
		if err != nil {
			return err
		}
		return p.offer(r.Context(), t, found)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, mergeChooseView(p), nil)
}

// offer lists what was found with what tells two of one name apart, in sets.
func (p *MergePage) offer(ctx context.Context, t *store.Tx, found []mainstay.Item) error {
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	rows, err := t.ListRows(ctx, found, labels)
	if err != nil {
		return err
	}
	ids := make([]mainstay.ItemID, len(found))
	for n, o := range found {
		ids[n] = o.ID
	}
	records, err := t.RecordsOf(ctx, ids)
	if err != nil {
		return err
	}
	company := map[mainstay.ItemID]string{}
	for _, r := range records {
		company[r.ItemID] = r.ExternalID
	}
	for _, o := range rows {
		if o.ID == p.Source.ID {
			continue
		}
		if p.Many = len(p.Found) == foundRows; p.Many {
			break
		}
		p.Found = append(p.Found, MergeFound{URL: mergeURL(p.Source.ID, o.ID), Labels: join(o.Type, o.Status),
			MergeOrganization: MergeOrganization{ID: o.ID, Name: itemName(o.Item), Sync: o.Sync, Note: syncNote(o.Item), Items: o.Items, Company: company[o.ID]}})
	}
	if len(p.Found) == 0 {
		p.None = "No other organization that you can open matches."
	}
	return nil
}
