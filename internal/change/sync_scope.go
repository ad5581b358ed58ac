package change

import (
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// scope decides whether a record syncs, and else why not.
func (w *pageWork) scope(o *mainstay.Observation) (bool, mainstay.Reason) {
	s := &w.run.Settings
	if o.Deleted {
		return false, mainstay.ReasonDeleted
	}
	if o.Kind != mainstay.Organization.Name && !w.companySyncs(s, w.companies[o.CompanyID]) {
		return false, mainstay.ReasonParent
	}
	if !s.Syncs(o.Kind, o.TypeIDs, o.StatusID) {
		if w.p.Previous != nil && w.p.Previous.Syncs(o.Kind, o.TypeIDs, o.StatusID) {
			return false, mainstay.ReasonSetting
		}
		return false, s.WhyNot(o.Kind, o.TypeIDs)
	}
	if o.Inactive && o.Kind != mainstay.Organization.Name {
		return false, mainstay.ReasonInactive
	}
	return true, ""
}

// companySyncs decides from what was last seen of a company; a company that is
// gone keeps its contents here until that is confirmed.
func (w *pageWork) companySyncs(s *mainstay.Settings, company store.Record) bool {
	return company.ItemID != 0 && !company.Trashed && !company.Inactive && s.Syncs(mainstay.Organization.Name, company.TypeIDs, company.StatusID)
}

// expected reports whether a person agreed to this orphan when saving the settings.
func (w *pageWork) expected(o *mainstay.Observation, r mainstay.Reason) bool {
	if w.p.Confirmed != w.run.Settings.Version || w.p.Previous == nil {
		return false
	}
	if r == mainstay.ReasonParent {
		return w.companySyncs(w.p.Previous, w.companies[o.CompanyID])
	}
	return r == mainstay.ReasonSetting
}

// evidence is the sentence that stays with an orphan (V4).
func (w *pageWork) evidence(o *mainstay.Observation, r mainstay.Reason) string {
	class := func() string {
		var types []string
		for _, id := range o.TypeIDs {
			types = append(types, w.p.Labels.Name(o.Kind, mainstay.TypeAxis, id))
		}
		return orNone(types)
	}
	status := w.p.Labels.Name(o.Kind, mainstay.StatusAxis, o.StatusID)
	switch r {
	case mainstay.ReasonType:
		return "The PSA record has type " + class() + ", which isn't ticked in Sync settings."
	case mainstay.ReasonStatus:
		return "The PSA record has status " + status + ", which isn't ticked for its type in Sync settings."
	case mainstay.ReasonSetting:
		if o.Kind == mainstay.Contact.Name || o.Kind == mainstay.Location.Name {
			return "Syncing of " + w.p.Kind.Plural + " was switched off in Sync settings."
		}
		return "Type " + class() + " with status " + status + " was unticked in Sync settings."
	case mainstay.ReasonDeleted:
		return "The PSA marks the record as deleted."
	case mainstay.ReasonInactive:
		return "The record is inactive in the PSA."
	case mainstay.ReasonParent:
		return "Its organization stopped syncing."
	}
	return ""
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "(none)"
	}
	out := names[0]
	for _, n := range names[1:] {
		out += ", " + n
	}
	return out
}

// Labels finds types and statuses by the PSA's ids.
type Labels struct {
	byExternal map[labelKey]mainstay.Label
}

type labelKey struct {
	kind mainstay.KindName
	axis mainstay.Axis
	id   string
}

// NewLabels indexes the labels of one integration.
func NewLabels(all []mainstay.Label, integration mainstay.IntegrationID) *Labels {
	l := &Labels{map[labelKey]mainstay.Label{}}
	for _, x := range all {
		if x.IntegrationID == integration {
			l.byExternal[labelKey{x.Kind, x.Axis, x.ExternalID}] = x
		}
	}
	return l
}

// ID returns our id of a type or status; 0 for one that is unknown.
func (l *Labels) ID(kind mainstay.KindName, axis mainstay.Axis, external string) mainstay.LabelID {
	return l.byExternal[labelKey{kind, axis, external}].ID
}

// Name returns the name of a type or status, or its id in the PSA where it is unknown.
func (l *Labels) Name(kind mainstay.KindName, axis mainstay.Axis, external string) string {
	if x, ok := l.byExternal[labelKey{kind, axis, external}]; ok {
		return x.Name
	}
	if external == "" {
		return "(none)"
	}
	return "number " + external
}

// Knows reports whether every type and the status of a record are known.
func (l *Labels) Knows(o mainstay.Observation) bool {
	for _, id := range o.TypeIDs {
		if l.ID(o.Kind, mainstay.TypeAxis, id) == 0 {
			return false
		}
	}
	return o.StatusID == "" || l.ID(o.Kind, mainstay.StatusAxis, o.StatusID) != 0
}

// shownFirst lists the PSA's ids of a record's types with the one that its item
// shows first: the first that is ticked, else the first.
func (w *pageWork) shownFirst(o *mainstay.Observation) []string {
	pairs := w.run.Settings.Pairs(o.Kind)
	n := slices.IndexFunc(o.TypeIDs, func(id string) bool { return pairs[mainstay.Pair{Type: id, Status: o.StatusID}] })
	if n <= 0 {
		return o.TypeIDs
	}
	return slices.Concat(o.TypeIDs[n:n+1], o.TypeIDs[:n], o.TypeIDs[n+1:])
}

// typeOf picks the type that an item shows; 0 for none.
func (w *pageWork) typeOf(o *mainstay.Observation) mainstay.LabelID {
	if types := w.shownFirst(o); len(types) > 0 {
		return w.p.Labels.ID(o.Kind, mainstay.TypeAxis, types[0])
	}
	return 0
}
