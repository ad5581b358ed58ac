package web

import (
	"context"
	"maps"
	"net/http"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// organizationAt reads the organization of the address. One that is missing and
// one that this person may not see are the same.
func organizationAt(r *http.Request, t *store.Tx) (mainstay.Item, error) {
	return itemAt(r, t, &mainstay.Organization)
}

// itemAt reads the item of the address, which must be of the kind and visible.
func itemAt(r *http.Request, t *store.Tx, k *mainstay.Kind) (mainstay.Item, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return mainstay.Item{}, err
	}
	i, err := t.Item(r.Context(), mainstay.Ref{Kind: k.Name, ID: mainstay.ItemID(id)})
	if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && !auth.Actor(r.Context()).Sees(i.OrganizationID)) {
		return mainstay.Item{}, errMissing()
	}
	return i, err
}

// organizationCrumbs is the path to a page inside an organization.
func organizationCrumbs(o mainstay.Item) []Crumb {
	return []Crumb{{Label: "Organizations", URL: "/organizations"}, {Label: itemName(o), URL: organizationURL(o.ID)}}
}

// organizationHead is the heading of every page inside one organization. in
// are the numbers of CountIn, tab the plural of the section that is open, empty
// for the overview.
func (s *Web) organizationHead(p Page, o mainstay.Item, labels []mainstay.Label, in map[mainstay.KindName]map[mainstay.SyncState]int, tab string) OrganizationHead {
	h := OrganizationHead{ID: o.ID, Name: itemName(o), Type: labelName(labels, o.TypeID), Status: labelName(labels, o.StatusID),
		Locations: sumStates(in[mainstay.Location.Name]), Sync: o.Sync}
	h.Tabs = []Tab{{Label: "Overview", URL: organizationURL(o.ID), Current: tab == ""}}
	mayCreate := p.Actor.Can(mainstay.CreateItems, o.ID) == nil
	for _, k := range mainstay.Kinds()[1:] {
		h.Tabs = append(h.Tabs, Tab{Label: capital(k.Plural), Icon: k.Icon, URL: organizationURL(o.ID) + "/" + k.Plural,
			Count: sumStates(in[k.Name]), HasCount: true, Current: tab == k.Plural})
		if mayCreate {
			h.NewItems = append(h.NewItems, Link{"New " + k.Label, organizationURL(o.ID) + "/" + k.Plural + "/new"})
		}
	}
	if p.May(mainstay.SeeActivity) {
		h.Tabs = append(h.Tabs, Tab{Label: "Activity", Icon: "activity", URL: organizationURL(o.ID) + "/activity", Current: tab == "activity"})
	}
	if p.Actor.Can(mainstay.EditItems, o.ID) == nil {
		h.EditURL = itemURL(o.Ref()) + "/edit"
	}
	h.DisconnectURL = disconnectLink(p.Actor, o)
	if p.Actor.Can(mainstay.MergeOrgs, o.ID) == nil {
		h.Duplicates = duplicatesURL("", o.ID, false, "")
	}
	h.DeleteURL, h.DeleteReason = deleteLink(p.Actor, o)
	return h
}

// deleteLink leads to the confirm page of a deletion, or says why there is none.
func deleteLink(a mainstay.Actor, i mainstay.Item) (url, reason string) {
	right := mainstay.DeleteItems
	if i.Kind == mainstay.Organization.Name {
		right = mainstay.PlanChanges
	}
	switch {
	case a.Can(right, i.OrganizationID) != nil:
		return "", ""
	case i.Sync == mainstay.Syncing || i.Sync == mainstay.SyncError:
		return "", "It can't be deleted while it syncs. Disconnect it first, or stop syncing its type: it becomes orphaned at the next full sync, and then you can delete it."
	case i.Kind == mainstay.Organization.Name && i.Primary:
		return "", "This is your own organization. It can't be deleted."
	}
	return itemURL(i.Ref()) + "/delete", ""
}

func labelName(labels []mainstay.Label, id mainstay.LabelID) string {
	for _, l := range labels {
		if l.ID == id {
			return l.Name
		}
	}
	return ""
}

func sumStates(states map[mainstay.SyncState]int) int {
	n := 0
	for _, c := range states {
		n += c
	}
	return n
}

// How much the overview of an organization shows.
const (
	recentRows   = 8
	activityRows = 8
)

// organization is the overview of one organization.
func (s *Web) organization(w http.ResponseWriter, r *http.Request) error {
	p := OrganizationPage{}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		o, err := organizationAt(r, t)
		if err != nil {
			return err
		}
		p.Item = o
		if p.Page, err = s.page(r, t, Page{Title: itemName(o), Active: mainstay.Organization.Plural, Crumbs: lastCrumb(organizationCrumbs(o))}); err != nil {
			return err
		}
		return s.fillOrganization(r.Context(), t, &p)
	})
	if err != nil {
		return s.gone(w, r, &mainstay.Organization, err)
	}
	remember(w, r, p.Item.Ref())
	return s.show(w, r, organizationView(p), nil)
}

// lastCrumb takes the address from the last step, which is the page itself.
func lastCrumb(cs []Crumb) []Crumb {
	cs[len(cs)-1].URL = ""
	return cs
}

func (s *Web) fillOrganization(ctx context.Context, t *store.Tx, p *OrganizationPage) error {
	o := p.Item
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	in, err := t.CountIn(ctx, o.ID)
	if err != nil {
		return err
	}
	p.Head = s.organizationHead(p.Page, o, labels, in, "")
	p.Tiles, p.Problems = organizationTiles(o.ID, in), organizationProblems(o.ID, in)
	recent, err := t.RecentIn(ctx, o.ID, recentRows)
	if err != nil {
		return err
	}
	if p.Recent, err = recentItemRows(ctx, t, recent, labels); err != nil {
		return err
	}
	only, err := t.OnlyHereKinds(ctx, o.ID)
	if err != nil {
		return err
	}
	p.OnlyHere, p.OnlyText = onlyHereText(o, only)
	if err := s.fillOrganizationFields(ctx, t, p); err != nil {
		return err
	}
	if p.Sync, err = s.syncPanel(ctx, t, p.Page, o, labels); err != nil {
		return err
	}
	if p.Protection, err = protectionOf(ctx, t, p.Page, o, Link{}); err != nil {
		return err
	}
	p.Head.Kept = p.Protection.tag(p.Page)
	if why := p.Protection.reason(p.Page); why != "" && p.Head.DeleteURL != "" {
		p.Head.DeleteURL, p.Head.DeleteReason = "", why
	}
	if p.Sync != nil {
		p.Sync.Kept = p.Protection.reason(p.Page) != ""
	}
	merged, err := mergedNotes(ctx, t, p.Page, o.ID)
	if err != nil {
		return err
	}
	p.Notes = append(itemNotes(p.Page, o, p.Sync), merged...)
	p.Activity, err = events(ctx, t, p.Page, store.ActivityFilter{OrganizationID: o.ID, Limit: activityRows})
	return err
}

// fillOrganizationFields sorts the fields: the alert and the quick notes have
// places of their own.
func (s *Web) fillOrganizationFields(ctx context.Context, t *store.Tx, p *OrganizationPage) error {
	v := p.Item.Values.Clone()
	p.Alert = v.Text("alert")
	if notes := v.Text("quick_notes"); notes != "" {
		p.QuickNotes = richText(notes)
	}
	v.SetText("alert", "")
	v.SetText("quick_notes", "")
	p.Fields = fieldViews(&mainstay.Organization, v, nil, richText)
	if p.Item.ParentID == 0 {
		return nil
	}
	parents, err := t.Known(ctx, p.Actor, []mainstay.Ref{{Kind: mainstay.Organization.Name, ID: p.Item.ParentID}})
	for _, n := range parents {
		p.Fields = append([]FieldView{{Label: "Parent", Text: n.Name, URL: organizationURL(n.ID), Synced: true}}, p.Fields...)
	}
	return err
}

// organizationTiles counts each kind inside an organization.
func organizationTiles(id mainstay.ItemID, in map[mainstay.KindName]map[mainstay.SyncState]int) []Tile {
	var out []Tile
	for _, k := range mainstay.Kinds()[1:] {
		tile := Tile{Kind: k, URL: organizationURL(id) + "/" + k.Plural, Total: sumStates(in[k.Name])}
		for _, state := range mainstay.SyncStates() {
			if n := in[k.Name][state]; n > 0 && k.Syncs {
				tile.States = append(tile.States, StateCount{State: state, Count: n})
			}
		}
		out = append(out, tile)
	}
	return out
}

// organizationProblems lists what a person should look at, with its list.
func organizationProblems(id mainstay.ItemID, in map[mainstay.KindName]map[mainstay.SyncState]int) []StateCount {
	var out []StateCount
	for _, state := range []mainstay.SyncState{mainstay.SyncError, mainstay.Orphaned} {
		for _, k := range mainstay.Kinds()[1:] {
			if n := in[k.Name][state]; n > 0 && k.Syncs {
				l := listSpec{Base: organizationURL(id) + "/" + k.Plural, Sort: store.ByName}
				out = append(out, StateCount{State: state, Count: n, Kind: k, URL: l.url(stateQuery(state), l.Sort, "")})
			}
		}
	}
	return out
}

// recentItemRows are rows with the columns Type, Status, Sync, Changed by, When.
func recentItemRows(ctx context.Context, t *store.Tx, items []mainstay.Item, labels []mainstay.Label) ([]Row, error) {
	ids := make([]mainstay.ItemID, len(items))
	for n, i := range items {
		ids[n] = i.ID
	}
	last, err := t.LastDone(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Row
	for _, i := range items {
		k := i.Spec()
		r := Row{ID: i.ID, Name: itemName(i), URL: itemURL(i.Ref()), Icon: k.Icon, Sub: capital(k.Label)}
		sync := Cell{Text: "Only here", Muted: true}
		if k.Syncs {
			r.Sync, sync = i.Sync, Cell{Sync: i.Sync, Note: syncNote(i)}
		}
		r.Cells = []Cell{{Text: labelName(labels, i.TypeID)}, {Text: labelName(labels, i.StatusID)}, sync, {Text: last[i.ID].Who}, {At: last[i.ID].At, Muted: true, Right: true}}
		out = append(out, r)
	}
	return out, nil
}

// kindsText adds up numbers by kind and writes them: "28 documents and 3 contacts".
func kindsText(n map[mainstay.KindName]int) (total int, text string) {
	var parts []string
	for _, k := range mainstay.Kinds() {
		if n[k.Name] > 0 {
			total += n[k.Name]
			parts = append(parts, k.Count(n[k.Name]))
		}
	}
	return total, andList(parts)
}

// onlyHereText says what of an organization, or of a single item, exists only
// here: "1 document and its quick notes". n is 1 for a single thing.
func onlyHereText(i mainstay.Item, only map[mainstay.KindName]int) (n int, text string) {
	if i.Kind != mainstay.Organization.Name || only[i.Kind] == 0 {
		return kindsText(only)
	}
	inside := maps.Clone(only)
	delete(inside, i.Kind)
	n, text = kindsText(inside)
	own := "the organization itself"
	if i.Sync != mainstay.NotLinked || i.Disconnected() {
		var fields []string
		for _, f := range i.Spec().Fields {
			if f.OnlyHere && !i.Values[f.Name].Empty() {
				fields = append(fields, lowerFirst(f.Label))
			}
		}
		own = "its " + andList(fields)
		n += len(fields) - 1
	}
	if text == "" {
		return n + 1, own
	}
	return n + 1, text + " and " + own
}

func andList(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
