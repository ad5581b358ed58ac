package web

import (
	"context"
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// editType is the pencil of a row: it asks for the type and the status of one
// item, or says that a PSA owns them and what to do instead.
func (s *Web) editType(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	ctx := r.Context()
	var ask ConfirmPage
	var owned TypePage
	linked := false
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		i, err := itemAt(r, t, k)
		if err != nil {
			return err
		}
		back := itemURL(i.Ref())
		if from := r.URL.Query().Get("from"); from != "" {
			back = auth.SafeNext(from) + "#" + rowID(i.ID)
		}
		title := capital(labelsOwned(k)) + " of " + itemName(i)
		page, err := s.page(r, t, Page{Title: title, Active: k.Plural, Crumbs: []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}, {Label: itemName(i), URL: itemURL(i.Ref())}, {Label: capital(labelsOwned(k))}}})
		if err != nil {
			return err
		}
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		if linked = i.Sync != mainstay.NotLinked; linked {
			owned = TypePage{Page: page, Heading: title, Back: back}
			return s.fillType(ctx, t, &owned, i, labels)
		}
		c := choice{kind: k, ids: []mainstay.ItemID{i.ID}, from: back}
		ask = ConfirmPage{Page: page, Heading: title, Action: "/changes", Back: back, Button: "Review the change",
			Text: []string{"You see what changes before it does."}, Inputs: labelFields(k, labels, &i),
			Fields: append(c.fields(), Hidden{"action", string(mainstay.ActionEdit)})}
		return nil
	})
	if err != nil {
		return err
	}
	if linked {
		return s.show(w, r, typeView(owned), nil)
	}
	return s.show(w, r, confirmView(ask), confirmDialog(ask))
}

// fillType says what owns the type of a linked item and what can be done instead.
func (s *Web) fillType(ctx context.Context, t *store.Tx, p *TypePage, i mainstay.Item, labels []mainstay.Label) error {
	k := i.Spec()
	panel, err := s.syncPanel(ctx, t, p.Page, i, labels)
	if err != nil {
		return err
	}
	psa := panel.Integration
	p.Lead = itemName(i) + " comes from " + psa + ", so its " + labelsOwned(k) + " can't change here."
	p.Labels = []Fact{{Label: "Type", Value: orNone(labelName(labels, i.TypeID))}}
	if k.Statuses {
		p.Labels = append(p.Labels, Fact{Label: "Status", Value: orNone(labelName(labels, i.StatusID))})
	}
	there := TypeWay{Icon: "pencil", Title: "Change it in " + psa, Away: true,
		Text: "Open " + lowerFirst(panel.Record) + " there and change its " + labelWords(k) + ". The next sync brings it here."}
	if panel.RecordURL != "" {
		there.Link = Link{"Open in " + psa, panel.RecordURL}
	}
	p.Ways = append(p.Ways, there)
	if panel.IntegrationURL != "" {
		tab := tabContacts
		if byPairs(k) {
			tab = k.Plural
		}
		p.Ways = append(p.Ways, TypeWay{Icon: "adjustments-horizontal", Title: "Stop syncing the type", Link: Link{"Sync settings", panel.IntegrationURL + "/sync-settings/" + tab},
			Text: "Untick it in Sync settings. Its " + k.Plural + " become orphaned at the next full sync: they stay here and stop updating."})
	}
	cut := TypeWay{Icon: "unlink", Title: "Disconnect it", Text: "Its link with " + psa + " ends and it stays here as Not linked. Then you can change its " + labelWords(k) + " here. Undoing links it again.",
		Button: "Plan the disconnection", Plan: append(choice{kind: k, ids: []mainstay.ItemID{i.ID}, from: p.Back}.fields(), Hidden{"action", string(mainstay.ActionDisconnect)})}
	if k.Name == mainstay.Organization.Name {
		cut.Text = "Its link with " + psa + " ends, those of all that it holds as well, and everything stays here as Not linked. Then you can change its " + labelWords(k) + " here. Undoing links it again."
	}
	kept, err := protectionOf(ctx, t, p.Page, i, Link{Label: "Its organization"})
	if err != nil {
		return err
	}
	if why := kept.reason(p.Page); why != "" {
		cut.Text, cut.Plan = why, nil
	}
	p.Ways = append(p.Ways, cut)
	return nil
}

func orNone(s string) string {
	if s == "" {
		return "None"
	}
	return s
}
