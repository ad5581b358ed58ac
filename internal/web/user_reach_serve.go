package web

import (
	"net/http"
	"slices"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// listedOrganizations is up to how many organizations the form of a person
// lists all of them; beyond that a person types a name to add one.
const listedOrganizations = 40

// organizationChoices are the organizations that the form lists: all that the
// actor sees where they are few (all is true then), else those that are granted
// and those that were found.
func organizationChoices(r *http.Request, t *store.Tx, p Page, f userForm) (choices []Option, all bool, err error) {
	granted := map[mainstay.ItemID]bool{}
	for _, id := range f.Organizations {
		granted[id] = true
	}
	if all = p.Counts[mainstay.Organization.Plural] <= listedOrganizations; all {
		filter, err := t.Filter(r.Context(), &mainstay.Organization, "", 0)
		if err != nil {
			return nil, all, err
		}
		list, err := t.List(r.Context(), p.Actor, store.ListRequest{Filter: filter, Sort: store.ByName, Limit: listedOrganizations})
		if err != nil {
			return nil, all, err
		}
		for _, o := range list.Rows {
			choices = append(choices, Option{Value: idText(o.ID), Label: o.Name, Selected: granted[o.ID]})
			delete(granted, o.ID)
		}
	}
	names, err := t.NamesByID(r.Context(), f.Organizations)
	for _, id := range f.Organizations {
		// A name is shown for what is granted already or seen by the actor; the
		// service refuses the rest when it is saved.
		if granted[id] && names[id] != "" && p.Actor.Sees(id) {
			choices = append(choices, Option{Value: idText(id), Label: names[id], Selected: true})
		}
	}
	if err != nil || !f.find || all {
		return choices, all, err
	}
	found, err := t.SearchKind(r.Context(), p.Actor, &mainstay.Organization, f.add, listedOrganizations)
	for n, name := range nameSuggestions(found) {
		if id := found[n].ID; !slices.Contains(f.Organizations, id) {
			choices = append(choices, Option{Value: idText(id), Label: name.Text})
		}
	}
	return choices, all, err
}

// reach are the fields that say which organizations the person sees.
func (f userForm) reach(a mainstay.Actor, choices []Option, all bool) []FormField {
	var fields []FormField
	if a.All {
		fields = append(fields, FormField{Name: "all", Label: "Every organization, also new ones", Type: "checkbox", Value: flagText(f.All)})
	}
	if len(choices) > 0 {
		fields = append(fields, FormField{Name: "organization", Label: "Organizations", Type: "checks", Options: choices, Help: "Where not every organization is ticked above."})
	}
	if !all || len(choices) == 0 {
		fields = append(fields, FormField{Name: "organization_name", Label: "Add an organization", Type: "suggest", Value: f.add, Suggest: "/search/names?kind=organizations", Help: f.findHelp(choices)})
	}
	return fields
}

// findHelp says how organizations are added, and what was found.
func (f userForm) findHelp(choices []Option) string {
	found := 0
	for _, o := range choices {
		if !o.Selected {
			found++
		}
	}
	switch {
	case f.find && found == 0:
		return "No other organization that you can open has that in its name."
	case f.find && found >= listedOrganizations:
		return "The first " + num(found) + " are listed above. Tick those that you want, or type more of the name and find again: what is ticked stays."
	case f.find:
		return some(found, "organization") + " " + isAre(found) + " listed above. Tick those that you want; you can find more before you save, and what is ticked stays."
	}
	return "Type a part of a name, find, and tick as many as you want. A whole name is added when you save."
}

// showFound shows the form with the organizations that were looked for.
func (s *Web) showFound(w http.ResponseWriter, r *http.Request, f userForm) error {
	p, err := s.userPage(r, f)
	if err != nil {
		return err
	}
	return s.show(w, r, userFormView(p), userReach(p))
}

// addOrganization grants the organization whose name was typed.
func (s *Web) addOrganization(r *http.Request, f *userForm) error {
	if f.add == "" {
		return nil
	}
	var found []mainstay.Item
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		all, err := t.ItemsNamed(r.Context(), mainstay.Organization.Name, []string{f.add}, 0)
		for _, o := range all {
			if auth.Actor(r.Context()).Sees(o.ID) {
				found = append(found, o)
			}
		}
		return err
	})
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		return mainstay.FieldError("organization_name", "There is no organization called %q.", f.add)
	case len(found) > 1:
		return mainstay.FieldError("organization_name", "%s organizations are called %q. Give one of them another name first.", num(len(found)), f.add)
	}
	f.Organizations, f.add = append(f.Organizations, found[0].ID), ""
	return nil
}
