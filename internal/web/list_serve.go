package web

import (
	"context"
	"net/http"
	"net/url"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// pageRows is how many rows a list shows at once.
const pageRows = 50

// listSpec says which list to make.
type listSpec struct {
	Kind  *mainstay.Kind
	Base  string // address without a query
	Query string // as typed
	Sort  store.Sort
	At    string // cursor; empty for the first page
	// Organization narrows to the items of one; 0 does not.
	Organization mainstay.ItemID
	// States are the numbers for the tabs; nil shows no tabs.
	States map[mainstay.SyncState]int
	// Tallies are the numbers of the whole account, for the facets.
	Tallies []store.Tally
}

// parseList reads the query of a list's address.
func parseList(r *http.Request, k *mainstay.Kind, base string) (listSpec, error) {
	in := r.URL.Query()
	spec := listSpec{Kind: k, Base: base, Query: in.Get("q"), At: in.Get("at")}
	var err error
	spec.Sort, err = store.ParseSort(in.Get("sort"))
	return spec, err
}

// url is the address of the list with a query, an order and a place.
func (l listSpec) url(q string, sort store.Sort, at string) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	if sort != store.ByName {
		v.Set("sort", string(sort))
	}
	if at != "" {
		v.Set("at", at)
	}
	if len(v) == 0 {
		return l.Base
	}
	return l.Base + "?" + v.Encode()
}

// kindList is the list of one kind over all organizations.
func (s *Web) kindList(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	spec, err := parseList(r, k, "/"+k.Plural)
	if err != nil {
		return err
	}
	p := ListPage{Page: Page{Title: capital(k.Plural), Active: k.Plural, Crumbs: []Crumb{{Label: capital(k.Plural)}}}}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		if spec.Tallies, err = t.Tallies(r.Context(), auth.Actor(r.Context())); err != nil {
			return err
		}
		spec.States = statesOf(spec.Tallies, k.Name)
		if p.Page, err = s.pageWith(r, t, p.Page, spec.Tallies); err != nil {
			return err
		}
		if k.Name == mainstay.Organization.Name && p.May(mainstay.MergeOrgs) {
			p.Duplicates = duplicatesBase
		}
		return s.fillList(r.Context(), t, &p, spec)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, listView(p), listFragment(p))
}

// organizationList is the list of one kind inside one organization.
func (s *Web) organizationList(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	ctx := r.Context()
	p := ListPage{}
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		o, err := organizationAt(r, t)
		if err != nil {
			return err
		}
		spec, err := parseList(r, k, organizationURL(o.ID)+"/"+k.Plural)
		if err != nil {
			return err
		}
		in, err := t.CountIn(ctx, o.ID)
		if err != nil {
			return err
		}
		spec.Organization, spec.States = o.ID, in[k.Name]
		if spec.States == nil {
			spec.States = map[mainstay.SyncState]int{}
		}
		p.Page, err = s.page(r, t, Page{Title: capital(k.Plural) + " of " + o.Name, Active: mainstay.Organization.Plural,
			Crumbs: append(organizationCrumbs(o), Crumb{Label: capital(k.Plural)})})
		if err != nil {
			return err
		}
		labels, err := s.fillListLabels(ctx, t, &p, spec)
		if err != nil {
			return err
		}
		head := s.organizationHead(p.Page, o, labels, in, k.Plural)
		p.Head = &head
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, listView(p), listFragment(p))
}

// fillList makes the list itself: rows, tabs, chips, facets and links.
func (s *Web) fillList(ctx context.Context, t *store.Tx, p *ListPage, spec listSpec) error {
	_, err := s.fillListLabels(ctx, t, p, spec)
	return err
}

// fillListLabels is fillList that also returns the labels that it read.
func (s *Web) fillListLabels(ctx context.Context, t *store.Tx, p *ListPage, spec listSpec) ([]mainstay.Label, error) {
	k := spec.Kind
	p.Kind, p.Base, p.Query = k, spec.Base, spec.Query
	if spec.Sort != store.ByName {
		p.SortKey = string(spec.Sort)
	}
	p.NewURL = newURL(p.Page, k, spec)
	f, err := t.Filter(ctx, k, spec.Query, spec.Organization)
	if mainstay.KindOf(err) == mainstay.Invalid {
		p.QueryError = queryProblem(err)
		p.Tabs = spec.tabs(query.Query{})
		return f.Labels(), nil
	}
	if err != nil {
		return nil, err
	}
	page, err := t.List(ctx, p.Actor, store.ListRequest{Filter: f, Sort: spec.Sort, Cursor: spec.At, Limit: pageRows})
	if err != nil {
		return nil, err
	}
	p.Matches, p.Canonical, p.Orphans = page.Total, f.Query.String(), f.Orphans()
	p.Tabs, p.Chips, p.Adds = spec.tabs(f.Query), spec.chips(f.Query), chipAdds(f)
	p.FacetLabel, p.Facets = spec.facets(f.Query)
	if err := spec.table(ctx, t, p, page.Rows); err != nil {
		return nil, err
	}
	if err := markKept(ctx, t, p.Page, p.Rows, page.Rows); err != nil {
		return nil, err
	}
	p.Pager = spec.pager(page)
	if p.Hidden, err = hiddenMatches(ctx, t, p.Actor, f, page.Total); err != nil {
		return nil, err
	}
	p.Selectable = p.May(mainstay.PlanChanges) && len(p.Rows) > 0
	if p.BulkDeletion != nil && p.Selectable && k.Syncs {
		if p.StillSyncing, err = t.CountStillSyncing(ctx, p.Actor, f); err != nil {
			return nil, err
		}
	}
	if page.Total > 0 {
		p.ExportURL = spec.exportURL(p.Canonical)
	}
	if len(p.Rows) == 0 {
		p.Empty = spec.empty(p.Page, f)
		words, _ := plainWords(f.Query)
		there, err := inTrash(ctx, t, p.Page, words)
		if err != nil {
			return nil, err
		}
		if there.URL != "" {
			p.Empty.Links = append([]Link{there}, p.Empty.Links...)
		}
	}
	return f.Labels(), nil
}

// hiddenMatches counts what matches in organizations that a person who makes
// plans can't open; others are not told.
func hiddenMatches(ctx context.Context, t *store.Tx, a mainstay.Actor, f store.Filter, seen int) (int, error) {
	if a.All || f.Organization != 0 || a.Can(mainstay.PlanChanges, 0) != nil {
		return 0, nil //nolint:nilerr // who may not is not told
	}
	all, err := t.CountAll(ctx, f)
	return max(0, all-seen), err
}

// statesOf adds up the numbers of a kind by sync state.
func statesOf(tallies []store.Tally, kind mainstay.KindName) map[mainstay.SyncState]int {
	out := map[mainstay.SyncState]int{}
	for _, y := range tallies {
		if y.Kind == kind {
			out[y.Sync] += y.N
		}
	}
	return out
}

// newURL leads to the form for one more of the kind, or nowhere.
func newURL(p Page, k *mainstay.Kind, spec listSpec) string {
	if k.Name == mainstay.Organization.Name {
		if !p.May(mainstay.CreateOrgs) {
			return ""
		}
	} else if p.Actor.Can(mainstay.CreateItems, spec.Organization) != nil {
		return ""
	}
	if spec.Organization != 0 {
		return organizationURL(spec.Organization) + "/" + k.Plural + "/new"
	}
	return "/" + k.Plural + "/new"
}

func (l listSpec) pager(page store.ListPage) Pager {
	g := Pager{Total: page.Total, Fragment: "list"}
	if page.Next != "" {
		g.Next = l.url(l.Query, l.Sort, page.Next)
	}
	if page.Prev != "" {
		g.Prev = l.url(l.Query, l.Sort, page.Prev)
	}
	if l.At == "" && len(page.Rows) > 0 {
		g.First, g.Last = 1, len(page.Rows)
	}
	return g
}

func (l listSpec) exportURL(canonical string) string {
	v := url.Values{}
	if canonical != "" {
		v.Set("q", canonical)
	}
	if l.Organization != 0 {
		v.Set("organization", idText(l.Organization))
	}
	to := "/" + l.Kind.Plural + "/export.csv"
	if len(v) > 0 {
		to += "?" + v.Encode()
	}
	return to
}
