package web

import (
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// The tabs of the sync settings, as they stand in the address.
const (
	tabOrganizations  = "organizations"
	tabConfigurations = "configurations"
	tabContacts       = "contacts"
	tabSchedule       = "schedule"
)

// settingsTab reads the tab of the address; none is the first.
func settingsTab(r *http.Request) (string, error) {
	switch tab := r.PathValue("tab"); tab {
	case "":
		return tabOrganizations, nil
	case tabOrganizations, tabConfigurations, tabContacts, tabSchedule:
		return tab, nil
	}
	return "", errMissing()
}

// tabKinds are the kinds whose numbers a tab shows as its own.
func tabKinds(tab string) []*mainstay.Kind {
	switch tab {
	case tabConfigurations:
		return []*mainstay.Kind{&mainstay.Configuration}
	case tabContacts:
		return []*mainstay.Kind{&mainstay.Contact, &mainstay.Location}
	}
	return []*mainstay.Kind{&mainstay.Organization}
}

// settingsForm is what one request works with: the integration, its labels and
// the settings as they stand in the form.
type settingsForm struct {
	tab    string
	i      mainstay.Integration
	labels []mainstay.Label // of the integration
	typed  mainstay.Settings
	states map[mainstay.KindName]int // items that sync now, by kind
	looked bool                      // some sync followed what is saved
	// waiting are the records that wait to be matched again now, by kind; unknown
	// where a sync followed what is saved.
	waiting map[mainstay.KindName]int
}

// readSettings reads what every answer about the settings needs. typed starts
// as what is saved.
func readSettings(r *http.Request, t *store.Tx) (f settingsForm, err error) {
	if f.tab, err = settingsTab(r); err != nil {
		return f, err
	}
	if f.i, err = integrationOf(r, t); err != nil {
		return f, err
	}
	all, err := t.Labels(r.Context())
	if err != nil {
		return f, err
	}
	for _, l := range all {
		if l.IntegrationID == f.i.ID {
			f.labels = append(f.labels, l)
		}
	}
	tallies, err := t.LinkedTallies(r.Context(), f.i.ID)
	f.states = map[mainstay.KindName]int{}
	for _, y := range tallies {
		if y.Sync == mainstay.Syncing || y.Sync == mainstay.SyncError {
			f.states[y.Kind] += y.N
		}
	}
	f.typed = f.i.Settings
	if err != nil {
		return f, err
	}
	last, ok, err := t.LastComplete(r.Context(), f.i.ID, math.MaxInt64)
	f.looked = ok && last.Settings.Version == f.i.Settings.Version
	if err == nil && !f.looked {
		f.waiting, err = t.CountWaiting(r.Context(), f.i.ID)
	}
	return f, err
}

// read takes over what the form of a tab sends. Boxes that the form does not
// show keep what is saved.
func (f *settingsForm) read(body url.Values) error {
	switch f.tab {
	case tabContacts:
		f.typed.Contacts, f.typed.Locations = body.Get("contacts") == "true", body.Get("locations") == "true"
		return nil
	case tabSchedule:
		minutes, err := mainstay.ParseItemID(body.Get("interval"))
		if err != nil && body.Get("interval") != "0" {
			return mainstay.FieldError("interval", "Choose how often everything is read.")
		}
		f.typed.Interval = int(min(minutes, 1<<20))
		return nil
	}
	kind := tabKinds(f.tab)[0]
	sent, err := parsePairs(body["pair"])
	if err != nil {
		return err
	}
	pairs := map[mainstay.Pair]bool{}
	for p, on := range f.i.Settings.Pairs(kind.Name) {
		if on && !f.shows(kind.Name, p) {
			pairs[p] = true
		}
	}
	for p := range sent {
		if !f.shows(kind.Name, p) {
			return mainstay.FieldError("pair", "The PSA has no such type and status any more. Open the settings again.")
		}
		pairs[p] = true
	}
	if kind == &mainstay.Organization {
		f.typed.Organizations = pairs
	} else {
		f.typed.Configurations = pairs
	}
	return nil
}

// shows reports whether the matrix of a kind has a box.
func (f *settingsForm) shows(kind mainstay.KindName, p mainstay.Pair) bool {
	known := func(axis mainstay.Axis, id string) bool {
		return id == "" || slices.ContainsFunc(f.labels, func(l mainstay.Label) bool {
			return l.Kind == kind && l.Axis == axis && l.ExternalID == id
		})
	}
	return known(mainstay.TypeAxis, p.Type) && known(mainstay.StatusAxis, p.Status)
}

// changed counts the boxes and switches of the tab that differ from what is saved.
func (f *settingsForm) changed() int {
	n := 0
	count := func(a, b bool) {
		if a != b {
			n++
		}
	}
	saved := f.i.Settings
	switch f.tab {
	case tabContacts:
		count(f.typed.Contacts, saved.Contacts)
		count(f.typed.Locations, saved.Locations)
	case tabSchedule:
		count(f.typed.Interval == saved.Interval, true)
	default:
		n += len(f.changedPairs())
	}
	return n
}

// changedPairs are the boxes of the tab that differ from what is saved.
func (f *settingsForm) changedPairs() []mainstay.Pair {
	kind := tabKinds(f.tab)[0].Name
	now, was := f.typed.Pairs(kind), f.i.Settings.Pairs(kind)
	boxes := maps.Clone(now)
	maps.Copy(boxes, was)
	var out []mainstay.Pair
	for p := range boxes {
		if now[p] != was[p] {
			out = append(out, p)
		}
	}
	return out
}

// fill makes the page from the form and the counts of the PSA's records.
func (f *settingsForm) fill(p *SyncSettingsPage, counts []store.ClassCount) {
	p.Integration, p.Tab, p.Version = f.i, f.tab, f.i.Settings.Version
	p.Counted, p.CountURL = f.i.LastFull, p.base()+"/"+f.tab+"/count"
	p.Contacts, p.Locations, p.Interval = f.typed.Contacts, f.typed.Locations, f.typed.Interval
	p.ContactsHere, p.LocationsHere = f.states[mainstay.Contact.Name], f.states[mainstay.Location.Name]
	for _, c := range counts {
		switch c.Kind {
		case mainstay.Contact.Name:
			p.ContactsInPSA += c.N
		case mainstay.Location.Name:
			p.LocationsInPSA += c.N
		}
	}
	if f.tab == tabOrganizations || f.tab == tabConfigurations {
		m := f.matrix(tabKinds(f.tab)[0], counts)
		p.Matrix = &m
	}
}

// settingsPage fills the whole page. The numbers in the boxes are those of the
// records that the last sync saw.
func (s *Web) settingsPage(r *http.Request, t *store.Tx, f settingsForm) (p SyncSettingsPage, counts []store.ClassCount, err error) {
	if counts, err = t.ClassCounts(r.Context(), f.i.ID); err != nil {
		return p, nil, err
	}
	if p.Page, err = s.page(r, t, integrationSurrounding(f.i, "Sync settings")); err != nil {
		return p, nil, err
	}
	f.fill(&p, counts)
	if !p.Actor.All {
		p.Error = "These settings concern every organization, and you can open only some. Ask an Administrator to change them."
	}
	return p, counts, nil
}

// syncSettings shows the settings as they are saved.
func (s *Web) syncSettings(w http.ResponseWriter, r *http.Request) error {
	var p SyncSettingsPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		f, err := readSettings(r, t)
		if err != nil {
			return err
		}
		var counts []store.ClassCount
		if p, counts, err = s.settingsPage(r, t, f); err != nil {
			return err
		}
		e, err := change.SettingsEffect(r.Context(), t, f.i.ID, f.typed, counts)
		p.Preview = f.preview(e)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, syncSettingsView(p), nil)
}

// typedSettings reads the settings and what the form sends.
func (s *Web) typedSettings(r *http.Request) (f settingsForm, err error) {
	if err := form(r); err != nil {
		return f, err
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		if f, err = readSettings(r, t); err != nil {
			return err
		}
		return f.read(r.PostForm)
	})
	return f, err
}

// redrawSettings shows the page again with what was typed.
func (s *Web) redrawSettings(w http.ResponseWriter, r *http.Request, f settingsForm, e change.Effect, status int, message string) error {
	var p SyncSettingsPage
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p, _, err = s.settingsPage(r, t, f)
		return err
	})
	if err != nil {
		return err
	}
	p.Preview = f.preview(e)
	if message != "" {
		p.Error = message
	}
	return s.write(w, r, status, syncSettingsView(p))
}

// countAgain starts a full sync, which counts what the PSA holds by type and
// status, and keeps what is ticked in the form.
func (s *Web) countAgain(w http.ResponseWriter, r *http.Request) error {
	f, err := s.typedSettings(r)
	if err != nil {
		return err
	}
	if _, err := s.startRun(r, f.i.ID); err != nil {
		return err
	}
	e, err := s.Changes.PreviewSettings(r.Context(), auth.Actor(r.Context()), f.i.ID, f.typed)
	if err != nil {
		return err
	}
	return s.redrawSettings(w, r, f, e, http.StatusOK, "")
}

// saveSettings stores the settings. Over the limit it first asks a second time,
// with the numbers as they are now; a person who agreed to fewer is asked again.
func (s *Web) saveSettings(w http.ResponseWriter, r *http.Request) error {
	f, err := s.typedSettings(r)
	if err != nil {
		return err
	}
	version, err := formNumber(r, "version")
	if err != nil {
		return err
	}
	a := auth.Actor(r.Context())
	e, err := s.Changes.PreviewSettings(r.Context(), a, f.i.ID, f.typed)
	if err != nil {
		return err
	}
	if agreed, err := strconv.Atoi(r.PostForm.Get("confirmed")); e.OverLimit() && f.changed() > 0 && (err != nil || e.OrphanTotal() > agreed) {
		return s.askSettings(w, r, f, e)
	}
	_, err = s.Changes.SaveSettings(r.Context(), a, f.i.ID, f.typed, version, e.OrphanTotal())
	switch mainstay.KindOf(err) {
	case "":
		withFlash(w, flash{Code: flashSettings})
		return redirect(w, r, integrationURL(f.i.ID)+"/sync-settings/"+f.tab)
	case mainstay.Conflict, mainstay.Invalid:
		return s.redrawSettings(w, r, f, e, auth.Status(err), mainstay.SafeMessage(err))
	}
	return err
}

// askSettings is the second look for a browser without script.
func (s *Web) askSettings(w http.ResponseWriter, r *http.Request, f settingsForm, e change.Effect) error {
	v := f.preview(e)
	p := ConfirmPage{Heading: v.SaveLabel, Text: []string{SyncSettingsPage{}.overText()}, Button: "Save settings",
		Action: integrationURL(f.i.ID) + "/sync-settings/" + f.tab, Back: integrationURL(f.i.ID) + "/sync-settings/" + f.tab}
	for _, name := range slices.Sorted(maps.Keys(r.PostForm)) {
		if name == "confirmed" {
			continue // a number that no longer holds
		}
		for _, v := range r.PostForm[name] {
			p.Fields = append(p.Fields, Hidden{name, v})
		}
	}
	p.Fields = append(p.Fields, Hidden{"confirmed", strconv.Itoa(e.OrphanTotal())})
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, integrationSurrounding(f.i, "Sync settings"))
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, confirmView(p))
}
