package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// manageClass is one row of Manage data: the items of a kind with one type or
// status, all of a kind that follows one switch, or the items of a kind without a link.
type manageClass struct {
	kind  *mainstay.Kind
	axis  mainstay.Axis
	label mainstay.Label // ID 0 for none
}

// unlinkedAxis stands where an axis would in the key of items without a link.
const unlinkedAxis mainstay.Axis = "unlinked"

// key names the row in addresses: "organization-type-12", "contact", "contact-unlinked".
func (c manageClass) key() string {
	switch c.axis {
	case "":
		return string(c.kind.Name)
	case unlinkedAxis:
		return unlinkedKey(c.kind)
	}
	return string(c.kind.Name) + "-" + string(c.axis) + "-" + strconv.FormatInt(int64(c.label.ID), 10)
}

func unlinkedKey(k *mainstay.Kind) string { return string(k.Name) + "-" + string(unlinkedAxis) }

// class reads the key of a row; anything but a row that there can be is not there.
func (m *managed) class(key string) (manageClass, error) {
	kind, rest, _ := strings.Cut(key, "-")
	k, err := mainstay.KindNamed(kind)
	if err != nil || string(k.Name) != kind || !k.Syncs {
		return manageClass{}, errMissing()
	}
	axis, _, _ := strings.Cut(rest, "-")
	if rest == string(unlinkedAxis) {
		return manageClass{kind: k, axis: unlinkedAxis}, nil
	}
	for _, c := range m.classes(k, mainstay.Axis(axis)) {
		if c.key() == key {
			return c, nil
		}
	}
	return manageClass{}, errMissing()
}

// name is the row in words: "Prospect", "No type", "All contacts".
func (c manageClass) name() string {
	switch {
	case c.axis == unlinkedAxis:
		return capital(c.kind.Plural) + " that never had a link"
	case c.axis == "":
		return "All " + c.kind.Plural
	case c.label.ID == 0:
		return "No " + string(c.axis)
	}
	return c.label.Name
}

// active reports whether records of the class sync by the settings: some box of
// it is ticked, or its switch is on.
func (c manageClass) active(i mainstay.Integration) bool {
	switch c.axis {
	case unlinkedAxis:
		return false
	case "":
		return i.Settings.Syncs(c.kind.Name, nil, "")
	}
	if c.label.ID != 0 && c.label.IntegrationID != i.ID {
		return false
	}
	for p, on := range i.Settings.Pairs(c.kind.Name) {
		id := p.Type
		if c.axis == mainstay.StatusAxis {
			id = p.Status
		}
		if on && id == c.label.ExternalID {
			return true
		}
	}
	return false
}

// settingsURL is the tab of the sync settings that decides about the class.
func (c manageClass) settingsURL(i mainstay.Integration) string {
	tab := tabContacts
	if byPairs(c.kind) {
		tab = c.kind.Plural
	}
	return integrationURL(i.ID) + "/sync-settings/" + tab
}

// back is the section of Manage data that the row stands in.
func (m *managed) back(c manageClass) string {
	to := m.base() + "?kind=" + c.kind.Plural
	if c.axis == mainstay.StatusAxis {
		to += "&group=" + string(c.axis)
	}
	return to + "#" + rowKey(c.key())
}

// rowQuery is the query that the items of the row match.
func (m *managed) rowQuery(c manageClass) string {
	if c.axis == unlinkedAxis {
		ended := query.Term{Not: true, Key: "sync status", Op: query.In, Values: []string{store.WordDisconnected}}
		return query.All().With(statesTerm(mainstay.NotLinked)).With(ended).String()
	}
	terms := []query.Term{statesTerm(mainstay.Syncing, mainstay.SyncDisabled, mainstay.SyncError)}
	if c.axis != "" {
		name := c.label.Name
		if c.label.ID == 0 {
			name = query.NoneWord
		}
		terms = append(terms, query.Term{Key: string(c.axis), Op: query.In, Values: []string{name}})
	}
	return m.query(terms...)
}

// manageRows lists the items of a row that this person may see.
func (s *Web) manageRows(w http.ResponseWriter, r *http.Request) error {
	var p ListPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		m, err := s.readManaged(r, t, "Preview")
		if err != nil {
			return err
		}
		c, err := m.class(r.PathValue("row"))
		if err != nil {
			return err
		}
		m.Title = c.name()
		m.Crumbs = append(m.Crumbs[:2:2], Crumb{Label: "Manage data", URL: m.back(c)}, Crumb{Label: c.name()})
		p, err = m.preview(r, t, c)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, listView(p), listFragment(p))
}

// preview fills one page of the row's items. What is typed into the query bar
// narrows the row further.
func (m *managed) preview(r *http.Request, t *store.Tx, c manageClass) (ListPage, error) {
	p := ListPage{Page: m.Page, Kind: c.kind, Preview: &PreviewHead{Heading: c.name(), Back: m.back(c)}}
	spec, err := parseList(r, c.kind, m.base()+"/rows/"+c.key())
	if err != nil {
		return p, err
	}
	p.Base, p.Query = spec.Base, spec.Query
	f, err := store.FilterOf(c.kind, strings.TrimSpace(m.rowQuery(c)+" "+spec.Query), 0, m.labels, m.all)
	if mainstay.KindOf(err) == mainstay.Invalid {
		p.QueryError = queryProblem(err)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	list, err := t.List(r.Context(), m.Actor, store.ListRequest{Filter: f, Sort: spec.Sort, Cursor: spec.At, Limit: pageRows})
	if err != nil {
		return p, err
	}
	all := list.Total
	if !m.Actor.All {
		if all, err = t.CountAll(r.Context(), f); err != nil {
			return p, err
		}
	}
	p.Matches, p.Pager = list.Total, spec.pager(list)
	p.Preview.Seen = seenText(c.kind, list.Total, all)
	if err := spec.table(r.Context(), t, &p, list.Rows); err != nil {
		return p, err
	}
	if err := markKept(r.Context(), t, p.Page, p.Rows, list.Rows); err != nil {
		return p, err
	}
	p.Rows = m.pencils(c, p.Rows, spec.url(spec.Query, spec.Sort, spec.At))
	p.Canonical, p.Selectable = f.Query.String(), p.May(mainstay.PlanChanges) && len(p.Rows) > 0
	if len(p.Rows) == 0 {
		p.Empty = &Empty{Icon: c.kind.Icon, Title: "Nothing to show here.", Text: "No item of this row matches, or it is in organizations that you can't open."}
	}
	return p, nil
}

// pencils puts the pencil on the rows: it changes the type and the status, or says
// who owns them and what to do instead, and comes back to the row. Kinds that have
// neither are edited as a whole, where no PSA owns them.
func (m *managed) pencils(c manageClass, rows []Row, from string) []Row {
	for n := range rows {
		one := "/" + c.kind.Plural + "/" + idText(rows[n].ID)
		switch {
		case c.kind.Types && m.May(mainstay.PlanChanges):
			rows[n].Edit = one + "/type?from=" + url.QueryEscape(from)
		case !c.kind.Types && rows[n].Sync == mainstay.NotLinked && m.May(mainstay.EditItems):
			rows[n].Edit = one + "/edit"
		default:
			rows[n].Edit = ""
		}
	}
	return rows
}

func seenText(k *mainstay.Kind, seen, all int) string {
	if hidden := all - seen; hidden > 0 {
		return "You can see " + num(seen) + " of " + num(all) + "; " + num(hidden) + " are in organizations you have no access to."
	}
	return k.Count(all)
}
