package web

import (
	"net/http"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// managed is what the pages of Manage data work with.
type managed struct {
	Page
	i       mainstay.Integration
	only    bool // it is the only integration, so queries need not name it
	all     []mainstay.Integration
	labels  []mainstay.Label
	tallies []store.Tally // of the linked items, over all organizations
}

// readManaged reads the integration, its labels and the numbers of its items.
func (s *Web) readManaged(r *http.Request, t *store.Tx, title string) (m managed, err error) {
	id, err := pathID(r, "id")
	if err != nil {
		return m, err
	}
	all, err := t.AllIntegrations(r.Context())
	if err != nil {
		return m, err
	}
	at := slices.IndexFunc(all, func(i mainstay.Integration) bool { return i.ID == mainstay.IntegrationID(id) })
	if at < 0 || !all[at].Removed.IsZero() {
		return m, errMissing()
	}
	m.i, m.all, m.only = all[at], all, len(all) == 1
	if m.labels, err = t.Labels(r.Context()); err != nil {
		return m, err
	}
	if m.tallies, err = t.LinkedTallies(r.Context(), m.i.ID); err != nil {
		return m, err
	}
	m.Page, err = s.page(r, t, integrationSurrounding(m.i, title))
	return m, err
}

func (m *managed) base() string { return integrationURL(m.i.ID) + "/manage-data" }

// syncedKinds are the kinds that PSAs know.
func syncedKinds() []*mainstay.Kind {
	var out []*mainstay.Kind
	for _, k := range mainstay.Kinds() {
		if k.Syncs {
			out = append(out, k)
		}
	}
	return out
}

// manageData shows everything that came from one integration, in three sections.
func (s *Web) manageData(w http.ResponseWriter, r *http.Request) error {
	kind, axis, err := manageChoice(r)
	if err != nil {
		return err
	}
	var p ManageDataPage
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		m, err := s.readManaged(r, t, "Manage data")
		if err != nil {
			return err
		}
		here, err := t.OnlyHereCounts(r.Context(), m.i.ID, mainstay.Orphaned)
		if err != nil {
			return err
		}
		ended, err := m.readEnded(r.Context(), t)
		if err != nil {
			return err
		}
		p = ManageDataPage{Page: m.Page, Integration: m.i, Group: string(axis), Kind: kind}
		p.Groups, p.Kinds = m.tabs(kind, axis)
		p.Synced = m.rows(kind, axis)
		if p.Several, err = t.SeveralTypes(r.Context(), m.i.ID, kind.Name); err != nil {
			return err
		}
		p.Orphaned = m.orphaned(here)
		p.Disconnected, p.Loose = m.disconnected(ended), m.loose(ended)
		return nil
	})
	if err != nil {
		return err
	}
	if p.May(mainstay.UseBackups) {
		p.BackupURL = "/account/backups"
	}
	return s.show(w, r, manageDataView(p), nil)
}

// manageChoice reads what the synced items are grouped by.
func manageChoice(r *http.Request) (*mainstay.Kind, mainstay.Axis, error) {
	kind, axis := &mainstay.Organization, mainstay.TypeAxis
	if name := r.FormValue("kind"); name != "" {
		k, err := mainstay.KindNamed(name)
		if err != nil || !k.Syncs {
			return nil, "", mainstay.Errorf(mainstay.Invalid, "Nothing of the kind %q comes from a PSA.", name)
		}
		kind = k
	}
	switch r.FormValue("group") {
	case "", string(mainstay.TypeAxis):
	case string(mainstay.StatusAxis):
		axis = mainstay.StatusAxis
	default:
		return nil, "", mainstay.Errorf(mainstay.Invalid, "Items can be grouped by type or by status.")
	}
	if !byPairs(kind) {
		axis = mainstay.TypeAxis
	}
	return kind, axis, nil
}

// byPairs reports whether the settings choose the records of a kind by type and
// status; the others follow one switch and make one row.
func byPairs(k *mainstay.Kind) bool { return k.Types && k.Statuses }

func (m *managed) tabs(kind *mainstay.Kind, axis mainstay.Axis) (groups, kinds []Tab) {
	address := func(k *mainstay.Kind, a mainstay.Axis) string {
		return m.base() + "?kind=" + k.Plural + "&group=" + string(a)
	}
	if byPairs(kind) {
		groups = []Tab{{Label: "By type", URL: address(kind, mainstay.TypeAxis), Current: axis == mainstay.TypeAxis},
			{Label: "By status", URL: address(kind, mainstay.StatusAxis), Current: axis == mainstay.StatusAxis}}
	}
	for _, k := range syncedKinds() {
		n := 0
		for _, y := range m.tallies {
			if y.Kind == k.Name && y.Sync != mainstay.Orphaned {
				n += y.N
			}
		}
		kinds = append(kinds, Tab{Label: capital(k.Plural), Icon: k.Icon, URL: address(k, axis), Count: n, HasCount: true, Current: k == kind})
	}
	return groups, kinds
}

// rows are the items that are not orphaned, by type or status.
func (m *managed) rows(kind *mainstay.Kind, axis mainstay.Axis) []ManageRow {
	states := map[mainstay.LabelID]map[mainstay.SyncState]int{}
	for _, y := range m.tallies {
		if y.Kind != kind.Name || y.Sync == mainstay.Orphaned {
			continue
		}
		id := mainstay.LabelID(0)
		switch {
		case byPairs(kind) && axis == mainstay.TypeAxis:
			id = y.TypeID
		case byPairs(kind):
			id = y.StatusID
		}
		if states[id] == nil {
			states[id] = map[mainstay.SyncState]int{}
		}
		states[id][y.Sync] += y.N
	}
	var out []ManageRow
	for _, c := range m.classes(kind, axis) {
		if n := states[c.label.ID]; n != nil {
			out = append(out, m.row(c, n))
		}
	}
	return out
}

// classes lists the rows that a kind can have, by name, "none" last.
func (m *managed) classes(kind *mainstay.Kind, axis mainstay.Axis) []manageClass {
	if !byPairs(kind) {
		return []manageClass{{kind: kind}}
	}
	var out []manageClass
	for _, l := range m.labels {
		if l.Kind == kind.Name && l.Axis == axis {
			out = append(out, manageClass{kind, axis, l})
		}
	}
	return append(out, manageClass{kind: kind, axis: axis})
}

func (m *managed) row(c manageClass, states map[mainstay.SyncState]int) ManageRow {
	row := ManageRow{ID: rowKey(c.key()), Label: c.name(), ViewURL: m.base() + "/rows/" + c.key(), Active: c.active(m.i)}
	for _, st := range []mainstay.SyncState{mainstay.Syncing, mainstay.SyncDisabled, mainstay.SyncError} {
		row.States = append(row.States, StateCount{State: st, Count: states[st]})
		row.Count += states[st]
	}
	switch {
	case !m.May(mainstay.PlanChanges) || (c.label.ID != 0 && c.label.IntegrationID != m.i.ID):
		return row
	case row.Active:
		row.PauseURL = m.disconnectURL(c, choicePause)
	case m.Actor.All:
		row.ResumeURL = c.settingsURL(m.i)
	}
	row.EndURL = m.disconnectURL(c, choiceDisconnect)
	if m.Actor.All {
		row.DeleteURL = m.disconnectURL(c, choiceDelete)
	}
	return row
}

// orphaned are the items that no longer sync, by kind, with the reasons.
func (m *managed) orphaned(onlyHere map[mainstay.KindName]int) []ManageKind {
	var out []ManageKind
	for _, k := range syncedKinds() {
		row := ManageKind{Kind: k, OnlyHere: onlyHere[k.Name]}
		reasons := map[mainstay.Reason]int{}
		for _, y := range m.tallies {
			if y.Kind == k.Name && y.Sync == mainstay.Orphaned {
				row.Count += y.N
				reasons[y.Reason] += y.N
			}
		}
		if row.Count == 0 {
			continue
		}
		var why []string
		for _, reason := range mainstay.Reasons() {
			if reasons[reason] > 0 {
				why = append(why, num(reasons[reason])+" "+lowerFirst(reason.Label()))
			}
		}
		q := m.query(statesTerm(mainstay.Orphaned))
		row.Why, row.ViewURL = join(why...), queryURL(k, q)
		if m.May(mainstay.PlanChanges) {
			row.Plan = q
		}
		out = append(out, row)
	}
	return out
}

// query writes a canonical query, narrowed to the integration where there are several.
func (m *managed) query(terms ...query.Term) string {
	q := query.All()
	for _, t := range terms {
		q = q.With(t)
	}
	if !m.only {
		q = q.With(query.Term{Key: "integration", Op: query.In, Values: []string{m.i.Name}})
	}
	return q.String()
}

// statesTerm is the condition that an item is in one of the sync states.
func statesTerm(states ...mainstay.SyncState) query.Term {
	t := query.Term{Key: "sync status", Op: query.In}
	for _, s := range states {
		t.Values = append(t.Values, stateWord(s))
	}
	return t
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// queryURL is the list of a kind with a query.
func queryURL(k *mainstay.Kind, q string) string {
	return listSpec{Kind: k, Base: "/" + k.Plural}.url(q, store.ByName, "")
}
