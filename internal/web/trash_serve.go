package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// singleKey stands in an address for what was deleted without a plan.
const singleKey = "single"

// trash lists what was deleted: by the plan that did it, or the items of a name.
func (s *Web) trash(w http.ResponseWriter, r *http.Request) error {
	p := TrashPage{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Trash", Active: "trash", Crumbs: []Crumb{{Label: "Trash"}}}); err != nil {
			return err
		}
		if p.Days, err = trashDays(r, t); err != nil {
			return err
		}
		if p.Query != "" {
			return fillTrashFound(r, t, &p)
		}
		return fillTrashGroups(r, t, &p)
	})
	if err != nil {
		return err
	}
	return s.show(w, r, trashView(p), nil)
}

// fillTrashGroups adds a page of the plans that deleted something.
func fillTrashGroups(r *http.Request, t *store.Tx, p *TrashPage) error {
	before := mainstay.PlanID(0)
	if text := r.URL.Query().Get("before"); text != "" {
		id, err := mainstay.ParseItemID(text)
		if err != nil {
			return err
		}
		before = mainstay.PlanID(id)
	}
	groups, err := t.TrashPlans(r.Context(), p.Actor, store.TrashFilter{}, before, pageRows+1)
	if err != nil {
		return err
	}
	p.Pager = Pager{Total: -1}
	if len(groups) > pageRows {
		groups = groups[:pageRows]
		p.Pager.Next = "/trash?" + url.Values{"before": {trashKey(groups[pageRows-1].PlanID)}}.Encode()
	}
	p.Groups, err = trashGroups(r.Context(), t, p.Page, groups)
	return err
}

// fillTrashFound adds a page of the items whose name matches.
func fillTrashFound(r *http.Request, t *store.Tx, p *TrashPage) error {
	f := store.TrashFilter{Words: p.Query}
	var err error
	if p.Matches, err = t.CountTrash(r.Context(), p.Actor, f); err != nil {
		return err
	}
	p.Found, p.Pager, err = trashRows(r, t, p.Page, f, "/trash", p.Matches)
	if err != nil {
		return err
	}
	ids := map[mainstay.PlanID]bool{}
	for _, row := range p.Found {
		ids[row.PlanID] = true
	}
	merges, err := mergesAmong(r.Context(), t, p.Page, slices.Collect(maps.Keys(ids)))
	for n := range p.Found {
		_, p.Found[n].Merge = merges[p.Found[n].PlanID]
	}
	return err
}

// trashRows reads one page of items in the trash, at the address base.
func trashRows(r *http.Request, t *store.Tx, p Page, f store.TrashFilter, base string, matches int) ([]TrashRow, Pager, error) {
	f.After, f.Limit = r.URL.Query().Get("after"), pageRows+1
	entries, err := t.TrashPage(r.Context(), p.Actor, f)
	pager := Pager{Total: matches}
	if len(entries) > pageRows {
		entries = entries[:pageRows]
		pager.Next = base + "?" + url.Values{"q": {f.Words}, "after": {store.TrashPlace(entries[pageRows-1])}}.Encode()
	}
	var out []TrashRow
	for _, e := range entries {
		row := TrashRow{TrashEntry: e, Plan: "Single deletes", PlanURL: "/trash/" + trashKey(e.PlanID), May: p.May(mainstay.UseTrash)}
		if e.PlanID != 0 {
			row.Plan = "Plan " + trashKey(e.PlanID)
		}
		if f.Words != "" {
			row.PlanURL += "?" + url.Values{"q": {f.Words}}.Encode()
		}
		out = append(out, row)
	}
	return out, pager, err
}

// mergesAmong returns the merges among plans that this person may undo.
func mergesAmong(ctx context.Context, t *store.Tx, p Page, ids []mainstay.PlanID) (map[mainstay.PlanID]mainstay.Plan, error) {
	plans, err := t.PlansByID(ctx, ids)
	for id, plan := range plans {
		if plan.Action != mainstay.ActionMerge || change.MaySeePlan(p.Actor, plan) != nil {
			delete(plans, id)
		}
	}
	return plans, err
}

// trashGroups are parts of the trash, with what this person may do about them.
func trashGroups(ctx context.Context, t *store.Tx, p Page, groups []store.TrashGroup) ([]TrashGroup, error) {
	var ids []mainstay.PlanID
	for _, g := range groups {
		ids = append(ids, g.PlanID)
	}
	plans, err := t.PlansByID(ctx, ids)
	var out []TrashGroup
	for _, g := range groups {
		one := trashGroup(p, g)
		if plan := plans[g.PlanID]; plan.Action == mainstay.ActionMerge {
			one.into = plan.Params.Merge
			if change.MaySeePlan(p.Actor, plan) == nil {
				one.Merge, one.Heading = true, plan.Title()
			}
		}
		out = append(out, one)
	}
	return out, err
}

func trashKey(id mainstay.PlanID) string {
	if id == 0 {
		return singleKey
	}
	return strconv.FormatInt(int64(id), 10)
}

// trashGroup is the part of one plan, with what this person may do about it.
func trashGroup(p Page, g store.TrashGroup) TrashGroup {
	holds := trashHeading(g)
	out := TrashGroup{Key: trashKey(g.PlanID), Heading: holds, Holds: holds, Who: g.DeletedBy, When: g.Deleted, Count: g.Total, PurgeAfter: g.PurgeAfter}
	if p.May(mainstay.PlanChanges) && g.PlanID != 0 && p.Actor.All {
		out.PlanURL = planURL(g.PlanID)
	}
	if p.May(mainstay.UseTrash) {
		out.RestoreURL = out.URL() + "/restore"
	}
	if p.May(mainstay.PurgeTrash) {
		out.PurgeURL = out.URL() + "/purge"
	}
	return out
}

// trashHeading says what a part of the trash holds: its organizations first, for
// people know it by them, and the name where there is one.
func trashHeading(g store.TrashGroup) string {
	total, text := kindsText(g.Counts)
	orgs := g.Counts[mainstay.Organization.Name]
	switch {
	case g.Name != "" && total == 1:
		return g.Name
	case g.Name != "":
		return g.Name + " and " + some(total-1, "other item")
	case orgs > 0 && orgs < total:
		return mainstay.Organization.Count(orgs) + " and " + some(total-orgs, "other item")
	}
	return text
}

// trashPlan reads which part of the trash the address means.
func trashPlan(r *http.Request) (mainstay.PlanID, error) {
	key := r.PathValue("key")
	if key == singleKey {
		return 0, nil
	}
	id, err := mainstay.ParseItemID(key)
	if err != nil {
		return 0, errMissing()
	}
	return mainstay.PlanID(id), nil
}

// groupAt reads the part of the trash of the address, as far as the person sees it.
func groupAt(r *http.Request, t *store.Tx) (store.TrashGroup, error) {
	id, err := trashPlan(r)
	if err != nil {
		return store.TrashGroup{}, err
	}
	groups, err := t.TrashPlans(r.Context(), auth.Actor(r.Context()), store.TrashFilter{Plan: &id}, 0, 1)
	if err != nil {
		return store.TrashGroup{}, err
	}
	if len(groups) == 0 {
		return store.TrashGroup{}, errMissing()
	}
	return groups[0], nil
}

// groupPage reads the part of the trash of the address as a page shows it.
func (s *Web) groupPage(r *http.Request, t *store.Tx) (Page, store.TrashGroup, TrashGroup, error) {
	g, err := groupAt(r, t)
	if err != nil {
		return Page{}, g, TrashGroup{}, err
	}
	p, err := s.page(r, t, Page{Active: "trash"})
	if err != nil {
		return p, g, TrashGroup{}, err
	}
	shown, err := trashGroups(r.Context(), t, p, []store.TrashGroup{g})
	return p, g, shown[0], err
}

// trashItems lists the items of one part of the trash.
func (s *Web) trashItems(w http.ResponseWriter, r *http.Request) error {
	p := TrashGroupPage{Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var g store.TrashGroup
		var err error
		if p.Page, g, p.Group, err = s.groupPage(r, t); err != nil {
			return err
		}
		p.Emptied = emptied(p.Page, p.Group)
		p.Title = p.Group.Heading + " in Trash"
		p.Crumbs = []Crumb{{Label: "Trash", URL: "/trash"}, {Label: p.Group.Heading}}
		f := store.TrashFilter{Plan: &g.PlanID, Words: p.Query}
		p.Matches = g.Total
		if p.Query != "" {
			if p.Matches, err = t.CountTrash(r.Context(), p.Actor, f); err != nil {
				return err
			}
		}
		p.Items, p.Pager, err = trashRows(r, t, p.Page, f, p.Group.URL(), p.Matches)
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, trashGroupView(p), nil)
}

// confirmPurge explains what deleting for good means, before a plan for it is made.
func (s *Web) confirmPurge(w http.ResponseWriter, r *http.Request) error {
	p := ConfirmPage{Danger: true}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		page, g, group, err := s.groupPage(r, t)
		if err != nil {
			return err
		}
		p.Page = page
		p.Heading, p.Action, p.Back = "Delete "+group.Holds+" for good", group.URL()+"/purge", group.URL()
		p.Title, p.Crumbs = p.Heading, []Crumb{{Label: "Trash", URL: "/trash"}, {Label: group.Heading, URL: group.URL()}, {Label: "Delete for good"}}
		p.Text = []string{"This can't be undone. Only a backup can bring them back.", "The next page shows the plan and asks for a phrase. Nothing happens before that."}
		if group.Merge {
			p.Text = append(p.Text, "The merge that it comes from can't be undone any more after that.")
		}
		p.Button = "Plan to delete " + some(g.Total, "item") + " for good"
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// purgeTrash makes the plan that deletes one part of the trash for good.
func (s *Web) purgeTrash(w http.ResponseWriter, r *http.Request) error {
	ctx, a := r.Context(), auth.Actor(r.Context())
	var g store.TrashGroup
	var ids []mainstay.ItemID
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		if g, err = groupAt(r, t); err == nil && g.PlanID == 0 {
			ids, err = t.TrashIDs(ctx, a, store.TrashFilter{Plan: &g.PlanID})
		}
		return err
	})
	if err != nil {
		return err
	}
	plan, err := s.Changes.ProposePurge(ctx, a, g.PlanID, ids)
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}
