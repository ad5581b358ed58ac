package web

import (
	"net/http"
	"strconv"

	"mainstay"
	"mainstay/internal/store"
)

// maxChoices is how many items a select offers.
const maxChoices = 1000

// formPage makes the form of a draft.
func (s *Web) formPage(r *http.Request, t *store.Tx, d *itemDraft) (ItemFormPage, error) {
	k := d.kind
	p := ItemFormPage{Kind: k, Version: d.old.Version, Error: d.problem, Conflict: d.conflict, Button: "Save " + k.Label}
	title, active := "New "+k.Label, k.Plural
	p.Action, p.Back = "/"+k.Plural+"/new", "/"+k.Plural
	crumbs := []Crumb{{Label: capital(k.Plural), URL: "/" + k.Plural}}
	switch {
	case !d.isNew():
		title, p.Back = "Edit "+itemName(d.old), itemURL(d.old.Ref())
		p.Action = p.Back + "/edit"
		crumbs = append(crumbs, Crumb{Label: itemName(d.old), URL: p.Back})
	case d.fixed:
		p.Back = organizationURL(d.item.OrganizationID) + "/" + k.Plural
		p.Action, active = p.Back+"/new", mainstay.Organization.Plural
		crumbs = []Crumb{{Label: "Organizations", URL: "/organizations"}, {Label: d.organization, URL: organizationURL(d.item.OrganizationID)}, {Label: capital(k.Plural), URL: p.Back}}
	}
	p.Heading = title
	var err error
	if p.Page, err = s.page(r, t, Page{Title: title, Active: active, Crumbs: append(crumbs, Crumb{Label: title})}); err != nil {
		return p, err
	}
	labels, err := t.Labels(r.Context())
	if err != nil {
		return p, err
	}
	refs, err := d.choices(r, t)
	if err != nil {
		return p, err
	}
	p.Basics = d.basics(labels)
	p.Fields = d.withBlank(kindFields(k, d.item.Values, refs, d.errs, d.locked()))
	if d.locked() != "" {
		p.Note = &Note{Icon: "lock", Text: "Fields with a lock come from the PSA. Change them there; they arrive here with the next sync."}
	}
	return p, nil
}

// locked is why the fields that a PSA owns can't be edited; empty where they can.
func (d *itemDraft) locked() string {
	if d.isNew() || d.old.Sync == mainstay.NotLinked {
		return ""
	}
	return "From the PSA"
}

func (d *itemDraft) hasPrimary() bool {
	return d.kind.Name == mainstay.Organization.Name || d.kind.Name == mainstay.Location.Name
}

// basics are the fields that every kind has. Without labels they carry no choices.
func (d *itemDraft) basics(labels []mainstay.Label) []FormField {
	k, i, locked := d.kind, d.item, d.locked()
	var out []FormField
	add := func(f FormField, field, why string) {
		f.Error, f.Locked = d.errs[field], why
		out = append(out, f)
	}
	if k.NameOf == nil {
		add(FormField{Name: "name", Label: "Name", Type: "text", Value: i.Name, Required: true, Max: mainstay.MaxName}, "name", locked)
	}
	organizations := "/search/names?kind=" + mainstay.Organization.Plural
	switch {
	case k.Name == mainstay.Organization.Name:
		add(FormField{Name: "parent", Label: "Parent", Type: "suggest", Value: d.parent, Suggest: organizations}, "parent_id", locked)
	case d.fixed:
		add(FormField{Name: "organization", Label: "Organization", Type: "suggest", Value: d.organization}, "organization_id", "It is made in this organization.")
	default:
		add(FormField{Name: "organization", Label: "Organization", Type: "suggest", Value: d.organization, Suggest: organizations, Required: true}, "organization_id", locked)
	}
	if k.Types {
		add(FormField{Name: "type_id", Label: "Type", Type: "select", Options: labelOptions(labels, k.Name, mainstay.TypeAxis, i.TypeID)}, "type_id", locked)
	}
	if k.Statuses {
		add(FormField{Name: "status_id", Label: "Status", Type: "select", Options: labelOptions(labels, k.Name, mainstay.StatusAxis, i.StatusID)}, "status_id", locked)
	}
	if d.hasPrimary() {
		label := "Your own organization"
		if k.Name == mainstay.Location.Name {
			label = "Primary location"
		}
		add(FormField{Name: "primary", Label: label, Type: "checkbox", Value: boolText(i.Primary)}, "primary", "")
	}
	add(FormField{Name: "archived", Label: "Archived", Type: "checkbox", Value: boolText(i.Archived), Help: "Archived items stay findable and are shown as such."}, "archived", "")
	// Tells a checkbox that was not ticked from a form that did not have it.
	return append(out, FormField{Name: "basics", Type: "hidden", Value: "1"})
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// labelOptions are the types or statuses of a kind, by name.
func labelOptions(labels []mainstay.Label, kind mainstay.KindName, axis mainstay.Axis, now mainstay.LabelID) []Option {
	out := []Option{{Label: "None", Selected: now == 0}}
	for _, l := range labels {
		if l.Kind == kind && l.Axis == axis {
			out = append(out, Option{Value: strconv.FormatInt(int64(l.ID), 10), Label: l.Name, Selected: l.ID == now})
		}
	}
	return out
}

// choices are the items that the fields of the kind can name: those of the same
// organization.
func (d *itemDraft) choices(r *http.Request, t *store.Tx) (map[string][]Option, error) {
	var kinds []mainstay.KindName
	for _, f := range d.kind.Fields {
		if f.Type == mainstay.RefTo {
			kinds = append(kinds, f.RefKind)
		}
	}
	refs := map[string][]Option{}
	if len(kinds) == 0 || d.item.OrganizationID == 0 {
		return refs, nil
	}
	all, err := t.Choices(r.Context(), kinds, d.item.OrganizationID, maxChoices)
	for _, f := range d.kind.Fields {
		if f.Type != mainstay.RefTo {
			continue
		}
		for _, c := range all {
			if c.Kind == f.RefKind {
				refs[f.Name] = append(refs[f.Name], Option{Value: idText(c.ID), Label: c.Name})
			}
		}
		refs[f.Name] = d.keepChosen(refs[f.Name], f)
	}
	return refs, err
}

// keepChosen makes sure that saving the form keeps a choice that the list does
// not offer, such as one in Trash.
func (d *itemDraft) keepChosen(options []Option, f mainstay.Field) []Option {
	now := d.item.Values.Text(f.Name)
	if now == "" {
		return options
	}
	for _, o := range options {
		if o.Value == now {
			return options
		}
	}
	return append(options, Option{Value: now, Label: "(the one it has now)"})
}

// withBlank adds an empty row to the list that a person wants one more in.
func (d *itemDraft) withBlank(fields []FormField) []FormField {
	for n := range fields {
		if d.blank != "" && fields[n].Name == fieldName(d.blank) && len(fields[n].Rows) < maxFormRow {
			fields[n].Rows = append(fields[n].Rows[:len(fields[n].Rows):len(fields[n].Rows)], mainstay.Row{})
		}
	}
	return fields
}
