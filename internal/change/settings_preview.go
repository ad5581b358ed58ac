package change

import (
	"context"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// Effect is what saving sync settings would do at the next full sync.
type Effect struct {
	Start  map[mainstay.KindName]int // records that would start to sync, or heal
	Orphan map[mainstay.KindName]int // items that would become orphaned
	// WillSync is how many companies would sync in all.
	WillSync int
	// OnlyHereOrganizations of those that would become orphaned hold OnlyHereItems that exist only here.
	OnlyHereOrganizations int
	OnlyHereItems         int
	// Waiting are records that would sync but were disconnected: they wait to be
	// matched again and make no new items.
	Waiting map[mainstay.KindName]int
	// Several are the boxes of each kind with records that count in other boxes, too.
	Several map[mainstay.KindName]map[mainstay.Pair]bool
}

// OrphanTotal is the number of items that the person is asked to agree to.
func (e Effect) OrphanTotal() int {
	n := 0
	for _, k := range e.Orphan {
		n += k
	}
	return n
}

// StartTotal is how many records would start to sync, of all kinds.
func (e Effect) StartTotal() int {
	n := 0
	for _, k := range e.Start {
		n += k
	}
	return n
}

// The limit over which saving asks once more (ui.md section 4.2).
const (
	settingsLimit = 100
	settingsShare = 10
)

// OverLimit reports whether saving needs a second click: more than 100
// organizations, or 10 % of those that sync.
func (e Effect) OverLimit() bool {
	orgs := e.Orphan[mainstay.Organization.Name]
	syncing := e.WillSync + orgs - e.Start[mainstay.Organization.Name]
	return orgs > settingsLimit || (orgs > 0 && orgs*100 > syncing*settingsShare)
}

// PreviewSettings counts what settings would change, from the records that the
// last sync saw. It reads class counts, not records, and changes nothing.
func (c *Changes) PreviewSettings(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, s mainstay.Settings) (Effect, error) {
	e := Effect{}
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return e, err
	}
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		e, err = effect(ctx, t, id, s)
		return err
	})
	return e, err
}

// willWait says in a sentence what waits to be matched again once settings take
// the place of those that are saved, beyond what does so already; empty for nothing.
func (c *Changes) willWait(ctx context.Context, id mainstay.IntegrationID, s mainstay.Settings) (string, error) {
	var counts []store.ClassCount
	var i mainstay.Integration
	err := c.Store.Read(ctx, func(t *store.Tx) (err error) {
		if i, err = t.Integration(ctx, id); err == nil {
			counts, err = t.ClassCounts(ctx, id)
		}
		return err
	})
	if err != nil {
		return "", err
	}
	before, _ := effectOf(counts, i.Settings)
	after, _ := effectOf(counts, s)
	var parts []string
	for _, k := range mainstay.Kinds() {
		if n := after.Waiting[k.Name] - before.Waiting[k.Name]; n > 0 {
			parts = append(parts, k.Count(n))
		}
	}
	if len(parts) == 0 {
		return "", nil
	}
	return strings.Join(parts, ", ") + " that were disconnected will wait to be matched again", nil
}

// PreviewPause counts what pausing a class would change beyond what the settings
// that are saved do by themselves at the next full sync.
func (c *Changes) PreviewPause(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, class mainstay.Class) (Effect, error) {
	var e Effect
	if err := a.Can(mainstay.ManageSync, 0); err != nil {
		return e, err
	}
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		i, err := t.Integration(ctx, id)
		if err == nil {
			e, _, err = pauseEffect(ctx, t, i, class)
		}
		return err
	})
	return e, err
}

// pauseEffect counts what pausing a class orphans, and how much of what will
// become orphaned anyway a person has agreed to.
func pauseEffect(ctx context.Context, t *store.Tx, i mainstay.Integration, class mainstay.Class) (e Effect, agreed int, err error) {
	counts, err := t.ClassCounts(ctx, i.ID)
	if err != nil {
		return e, 0, err
	}
	now, before := effectOf(counts, i.Settings)
	e, leaving := effectOf(counts, PauseClass(i.Settings, class.Kind, class.Axis, class.ExternalID))
	for k, n := range now.Orphan {
		e.Orphan[k] -= n
	}
	leaving = slices.DeleteFunc(leaving, func(c store.ClassCount) bool {
		return slices.ContainsFunc(before, func(b store.ClassCount) bool { return slices.Equal(b.TypeIDs, c.TypeIDs) && b.StatusID == c.StatusID })
	})
	e.OnlyHereOrganizations, e.OnlyHereItems, err = t.OnlyHereIn(ctx, i.ID, leaving)
	return e, min(now.OrphanTotal(), i.Confirmed), err
}

func effect(ctx context.Context, t *store.Tx, id mainstay.IntegrationID, s mainstay.Settings) (Effect, error) {
	counts, err := t.ClassCounts(ctx, id)
	if err != nil {
		return Effect{}, err
	}
	return SettingsEffect(ctx, t, id, s, counts)
}

// SettingsEffect is PreviewSettings for a page that has the class counts already.
// The settings that are saved give what waits for the next full sync.
func SettingsEffect(ctx context.Context, t *store.Tx, id mainstay.IntegrationID, s mainstay.Settings, counts []store.ClassCount) (Effect, error) {
	e, leaving := effectOf(counts, s)
	var err error
	e.OnlyHereOrganizations, e.OnlyHereItems, err = t.OnlyHereIn(ctx, id, leaving)
	return e, err
}

// effectOf counts what settings would do, and returns the classes of companies
// that stop syncing.
func effectOf(counts []store.ClassCount, s mainstay.Settings) (e Effect, leaving []store.ClassCount) {
	e = Effect{Start: map[mainstay.KindName]int{}, Orphan: map[mainstay.KindName]int{}, Waiting: map[mainstay.KindName]int{}, Several: map[mainstay.KindName]map[mainstay.Pair]bool{}}
	for _, n := range counts {
		e.noteSeveral(n)
		syncs := classSyncs(&s, n)
		if syncs && !n.Ended && n.Kind == mainstay.Organization.Name {
			e.WillSync += n.N
		}
		switch {
		case syncs && n.Ended:
			e.Waiting[n.Kind] += n.N
		case syncs && !n.Syncing:
			e.Start[n.Kind] += n.N
		case !syncs && n.Syncing:
			e.Orphan[n.Kind] += n.N
			if n.Kind == mainstay.Organization.Name {
				leaving = append(leaving, n)
			}
		}
	}
	return e, leaving
}

// noteSeveral notes the boxes of a class whose records have several types.
func (e Effect) noteSeveral(n store.ClassCount) {
	if len(n.TypeIDs) < 2 {
		return
	}
	if e.Several[n.Kind] == nil {
		e.Several[n.Kind] = map[mainstay.Pair]bool{}
	}
	for _, id := range n.TypeIDs {
		e.Several[n.Kind][mainstay.Pair{Type: id, Status: n.StatusID}] = true
	}
}

// Ended parts the records that people disconnected: how many of each kind wait to
// be matched again once a full sync followed the settings, and the classes that the
// settings leave out.
func Ended(counts []store.ClassCount, s mainstay.Settings) (waiting map[mainstay.KindName]int, left []store.ClassCount) {
	waiting = map[mainstay.KindName]int{}
	for _, n := range counts {
		switch {
		case !n.Ended:
		case classSyncs(&s, n):
			waiting[n.Kind] += n.N
		default:
			left = append(left, n)
		}
	}
	return waiting, left
}

// classSyncs decides for a class of records what pageWork.scope decides for one record.
func classSyncs(s *mainstay.Settings, n store.ClassCount) bool {
	if n.Kind == mainstay.Organization.Name {
		return !n.Inactive && s.Syncs(n.Kind, n.TypeIDs, n.StatusID)
	}
	return !n.Inactive && s.Syncs(n.Kind, n.TypeIDs, n.StatusID) && s.Syncs(mainstay.Organization.Name, n.CompanyTypeIDs, n.CompanyStatusID)
}

// PauseClass unticks every box of a type or a status, or the switch of contacts
// or locations: "Pause syncing and keep all data" for a row of Manage data. It
// returns the settings to be saved; nothing is stored.
func PauseClass(s mainstay.Settings, kind mainstay.KindName, axis mainstay.Axis, external string) mainstay.Settings {
	out := s
	keep := func(in map[mainstay.Pair]bool) map[mainstay.Pair]bool {
		m := map[mainstay.Pair]bool{}
		for p, on := range in {
			hit := (axis == mainstay.TypeAxis && p.Type == external) || (axis == mainstay.StatusAxis && p.Status == external)
			if on && !hit {
				m[p] = true
			}
		}
		return m
	}
	switch kind {
	case mainstay.Organization.Name:
		out.Organizations = keep(s.Organizations)
	case mainstay.Configuration.Name:
		out.Configurations = keep(s.Configurations)
	case mainstay.Contact.Name:
		out.Contacts = false
	case mainstay.Location.Name:
		out.Locations = false
	}
	return out
}
