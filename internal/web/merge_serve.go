package web

import (
	"context"
	"net/http"
	"net/url"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// How much of a merge is listed.
const (
	doubleRows = 50
	peopleRows = 10
)

// merge shows two organizations side by side, or asks for the second one.
func (s *Web) merge(w http.ResponseWriter, r *http.Request) error {
	with := r.URL.Query().Get("with")
	if with == "" {
		return s.mergeChoose(w, r)
	}
	m, err := mergeChoices(r.URL.Query())
	if err != nil {
		return err
	}
	p, err := s.mergePage(r, m)
	if err != nil {
		return err
	}
	return s.show(w, r, mergeView(p), mergeFields(p))
}

// mergeChoices are what a person chose so far, in a form or in an address.
func mergeChoices(in url.Values) (m change.Merge, err error) {
	m = change.Merge{Fields: map[string]mainstay.MergeSide{}, SourceLink: in.Get("link") == string(mainstay.MergeSource), Grant: in.Get("grant") == "true"}
	for _, f := range append(mainstay.MergeLabels(), mainstay.Organization.Fields...) {
		if v := in.Get(fieldName(f.Name)); v != "" {
			m.Fields[f.Name] = mainstay.MergeSide(v)
		}
	}
	for _, text := range in["drop"] {
		id, err := mainstay.ParseItemID(text)
		if err != nil {
			return m, err
		}
		m.Drop = append(m.Drop, id)
	}
	return m, nil
}

func mergeSurrounding(o mainstay.Item) Page {
	return Page{Title: "Merge " + itemName(o), Active: mainstay.Organization.Plural, Crumbs: append(organizationCrumbs(o), Crumb{Label: "Merge"})}
}

// mergePage is the page of the pair of the address with what was chosen so far.
func (s *Web) mergePage(r *http.Request, m change.Merge) (p MergePage, err error) {
	ctx := r.Context()
	target, err := mainstay.ParseItemID(r.URL.Query().Get("with"))
	if err != nil {
		return p, errMissing()
	}
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		o, err := organizationAt(r, t)
		if err != nil {
			return err
		}
		into, err := t.Item(ctx, mainstay.Ref{Kind: mainstay.Organization.Name, ID: target})
		if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && !auth.Actor(ctx).Sees(into.ID)) {
			return errMissing()
		}
		if err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, mergeSurrounding(o)); err != nil {
			return err
		}
		wrong := change.Mergeable(ctx, t, p.Actor, o, into)
		if kind := mainstay.KindOf(wrong); wrong != nil && kind != mainstay.Conflict && kind != mainstay.Invalid {
			return wrong
		} else if wrong != nil {
			p.Held = mainstay.SafeMessage(wrong)
		}
		return p.fill(ctx, t, o, into, m)
	})
	return p, err
}

// fill makes the sections of the page.
func (p *MergePage) fill(ctx context.Context, t *store.Tx, o, into mainstay.Item, m change.Merge) error {
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	params := mainstay.MergeParams{Fields: m.Fields, SourceLink: m.SourceLink}
	p.Grant, p.SourceLink = m.Grant, m.SourceLink
	p.Both = o.Sync != mainstay.NotLinked && into.Sync != mainstay.NotLinked
	p.Fields = mergeFieldsOf(&params, labels, o, into)
	if err := p.fillAfter(ctx, t, &params, o, into); err != nil {
		return err
	}
	in, err := t.CountIn(ctx, o.ID)
	if err != nil {
		return err
	}
	inside := map[mainstay.KindName]int{}
	for kind, states := range in {
		inside[kind] = sumStates(states)
	}
	n, text := kindsText(inside)
	p.Source.Items = n
	verb, its := " move", "their"
	if n == 1 {
		verb, its = " moves", "its"
	}
	p.Moves = capital(text) + verb + " into " + p.Target.Name + ", with " + its + " links, relations and history. " + p.Source.Name + " itself goes to Trash."
	if n == 0 {
		p.Moves = p.Source.Name + " holds nothing, so nothing but itself goes."
	}
	p.LinkText = mergeLinkText(p.Both, &o, &into)
	if p.Children, _, err = t.CountChildren(ctx, p.Actor, o.ID); err != nil {
		return err
	}
	kept, err := t.CountProtectedIn(ctx, o.ID)
	if err != nil {
		return err
	}
	if kept > 0 && p.Held == "" {
		p.Held = p.Source.Name + " holds " + some(kept, "protected item") + " or is protected itself, so it can't be merged. Lift the protection first."
	}
	if err := p.fillDoubles(ctx, t, m); err != nil {
		return err
	}
	return p.fillAccess(ctx, t)
}

// fillAfter describes the two and what comes of the choices.
func (p *MergePage) fillAfter(ctx context.Context, t *store.Tx, m *mainstay.MergeParams, o, into mainstay.Item) error {
	p.Source = MergeOrganization{ID: o.ID, Name: itemName(o), Sync: o.Sync, Note: syncNote(o)}
	p.Target = MergeOrganization{ID: into.ID, Name: itemName(into), Sync: into.Sync, Note: syncNote(into)}
	records, err := t.RecordsOf(ctx, []mainstay.ItemID{o.ID, into.ID})
	if err != nil {
		return err
	}
	in := map[mainstay.IntegrationID]bool{}
	for _, r := range records {
		in[r.IntegrationID] = true
		if r.ItemID == o.ID {
			p.Source.Company = r.ExternalID
		} else {
			p.Target.Company = r.ExternalID
		}
	}
	if len(in) == 1 {
		all, err := t.Integrations(ctx)
		if err != nil {
			return err
		}
		for _, i := range all {
			if in[i.ID] {
				p.PSA = i.Name
			}
		}
	}
	p.After = m.Foresee(&o, &into, "")
	if name := p.After.Name; name != into.Name {
		p.Renamed = p.Target.Name + " will be called " + name + "."
	}
	return nil
}

func mergeFieldsOf(m *mainstay.MergeParams, labels []mainstay.Label, o, into mainstay.Item) []MergeField {
	linked := mainstay.MergeLink(&o, &into, false) != ""
	text := func(field string, i mainstay.Item) string {
		switch field {
		case "name":
			return itemName(i)
		case "type_id":
			return labelName(labels, i.TypeID)
		case "status_id":
			return labelName(labels, i.StatusID)
		}
		return i.Values.Text(field)
	}
	after := m.Merge(&o, &into)
	var out []MergeField
	for _, f := range append(mainstay.MergeLabels(), mainstay.Organization.Fields...) {
		row := MergeField{Name: f.Name, Label: f.Label, Texts: [2]string{text(f.Name, o), text(f.Name, into)}, After: text(f.Name, after), Side: m.Side(f.Name, &o, &into), Owned: linked && mainstay.MergeOwned(f.Name)}
		if row.Texts[0]+row.Texts[1] == "" {
			continue
		}
		row.Joins = mainstay.MergeJoins(f.Name) && row.Texts[0] != "" && row.Texts[1] != "" && row.Texts[0] != row.Texts[1]
		out = append(out, row)
	}
	return out
}

// mergeLinkText says what becomes of the links.
func mergeLinkText(both bool, o, into *mainstay.Item) string {
	switch mainstay.MergeLink(o, into, false) {
	case mainstay.MergeSource:
		return itemName(*into) + " follows the company of " + itemName(*o) + " from then on, with its sync state and the fields that come from the PSA."
	case mainstay.MergeTarget:
		if both && (o.Sync == mainstay.Orphaned || into.Sync == mainstay.Orphaned) {
			return "Contacts and other items of the other company follow it as before, into " + itemName(*into) + ": what is orphaned stays so, until that company syncs again. It makes no new organization. Nothing changes in the PSA."
		}
		if both {
			return "Contacts and other items of the other company go on syncing too, into " + itemName(*into) + ". It makes no new organization. Nothing changes in the PSA."
		}
		return itemName(*into) + " goes on following the company that it follows now."
	}
	return "Neither of the two is linked with the PSA, so it follows none."
}

func (p *MergePage) fillDoubles(ctx context.Context, t *store.Tx, m change.Merge) error {
	all, err := change.Doubles(ctx, t, p.Source.ID, p.Target.ID)
	if err != nil {
		return err
	}
	drop := map[mainstay.ItemID]bool{}
	for _, id := range m.Drop {
		drop[id] = true
	}
	for _, d := range all[:min(len(all), doubleRows)] {
		p.Doubles = append(p.Doubles, MergeDouble{Source: Link{itemName(d.Source), itemURL(d.Source.Ref())}, Target: Link{itemName(d.Target), itemURL(d.Target.Ref())},
			ID: d.Source.ID, Kind: capital(d.Source.Spec().Label), Same: d.Same, Stays: d.Stays, Drop: drop[d.Source.ID]})
	}
	p.DoublesMore = len(all) - len(p.Doubles)
	return nil
}

func (p *MergePage) fillAccess(ctx context.Context, t *store.Tx) error {
	gain, err := t.OnlyIn(ctx, p.Target.ID, p.Source.ID)
	if err != nil {
		return err
	}
	lose, err := t.OnlyIn(ctx, p.Source.ID, p.Target.ID)
	if len(gain) > 0 {
		p.Gain = peopleText(gain) + " can open " + p.Target.Name + " only, and will see what moves into it."
	}
	if len(lose) > 0 {
		p.Lose = peopleText(lose) + " can open " + p.Source.Name + " only, and will no longer see what was in it."
	}
	return err
}

// peopleText names people, and how many more there are.
func peopleText(people []mainstay.User) string {
	var names []string
	for _, u := range people[:min(len(people), peopleRows)] {
		names = append(names, u.Name)
	}
	if more := len(people) - len(names); more > 0 {
		names = append(names, num(more)+" more")
	}
	return andList(names)
}

// planMerge makes the plan of what was chosen.
func (s *Web) planMerge(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	source, err := pathID(r, "id")
	if err != nil {
		return err
	}
	m, err := mergeChoices(r.PostForm)
	if err != nil {
		return err
	}
	m.Source = mainstay.ItemID(source)
	if m.Target, err = mainstay.ParseItemID(r.URL.Query().Get("with")); err != nil {
		return errMissing()
	}
	plan, wrong := s.Changes.ProposeMerge(r.Context(), auth.Actor(r.Context()), m)
	switch kind := mainstay.KindOf(wrong); {
	case wrong == nil:
		return redirect(w, r, planURL(plan.ID))
	case kind != mainstay.Invalid && kind != mainstay.Conflict && kind != mainstay.Held && kind != mainstay.Stale:
		return wrong
	}
	p, err := s.mergePage(r, m)
	if err != nil {
		return err
	}
	p.Error = mainstay.SafeMessage(wrong)
	return s.write(w, r, auth.Status(wrong), mergeView(p))
}
