package web

import (
	"net/http"
	"net/url"
	"strconv"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// singleKey stands in an address for what was deleted without a plan.
const singleKey = "single"

// trash lists what was deleted, by the plan that did it.
func (s *Web) trash(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	p := TrashPage{Query: in.Get("q")}
	before := mainstay.PlanID(0)
	if text := in.Get("before"); text != "" {
		id, err := mainstay.ParseItemID(text)
		if err != nil {
			return err
		}
		before = mainstay.PlanID(id)
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Trash", Active: "trash", Crumbs: []Crumb{{Label: "Trash"}}}); err != nil {
			return err
		}
		if p.Days, err = trashDays(r, t); err != nil {
			return err
		}
		groups, err := t.TrashPlans(r.Context(), p.Actor, store.TrashFilter{Words: p.Query}, before, pageRows+1)
		p.Pager = Pager{Total: -1}
		if len(groups) > pageRows {
			groups = groups[:pageRows]
			p.Pager.Next = "/trash?" + url.Values{"q": {p.Query}, "before": {trashKey(groups[pageRows-1].PlanID)}}.Encode()
		}
		for _, g := range groups {
			p.Groups = append(p.Groups, trashGroup(p.Page, g))
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, trashView(p), nil)
}

func trashKey(id mainstay.PlanID) string {
	if id == 0 {
		return singleKey
	}
	return strconv.FormatInt(int64(id), 10)
}

// trashGroup is the part of one plan, with what this person may do about it.
func trashGroup(p Page, g store.TrashGroup) TrashGroup {
	out := TrashGroup{Key: trashKey(g.PlanID), Heading: trashHeading(g), Who: g.DeletedBy, When: g.Deleted, Count: g.Total, PurgeAfter: g.PurgeAfter}
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
// people know it by them.
func trashHeading(g store.TrashGroup) string {
	total, text := kindsText(g.Counts)
	if n := g.Counts[mainstay.Organization.Name]; n > 0 && n < total {
		return mainstay.Organization.Count(n) + " and " + some(total-n, "other item")
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

// trashItems lists the items of one part of the trash.
func (s *Web) trashItems(w http.ResponseWriter, r *http.Request) error {
	in := r.URL.Query()
	p := TrashGroupPage{Query: in.Get("q")}
	after := mainstay.ItemID(0)
	if text := in.Get("after"); text != "" {
		var err error
		if after, err = mainstay.ParseItemID(text); err != nil {
			return err
		}
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		g, err := groupAt(r, t)
		if err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, Page{Active: "trash"}); err != nil {
			return err
		}
		p.Group = trashGroup(p.Page, g)
		p.Title = p.Group.Heading + " in Trash"
		p.Crumbs = []Crumb{{Label: "Trash", URL: "/trash"}, {Label: p.Group.Heading}}
		f := store.TrashFilter{Plan: &g.PlanID, Words: p.Query}
		p.Matches = g.Total
		if p.Query != "" {
			if p.Matches, err = t.CountTrash(r.Context(), p.Actor, f); err != nil {
				return err
			}
		}
		f.After, f.Limit = after, pageRows+1
		p.Items, err = t.TrashPage(r.Context(), p.Actor, f)
		p.Pager = Pager{Total: p.Matches}
		if len(p.Items) > pageRows {
			p.Items = p.Items[:pageRows]
			p.Pager.Next = p.Group.URL() + "?" + url.Values{"q": {p.Query}, "after": {idText(p.Items[pageRows-1].ItemID)}}.Encode()
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, trashGroupView(p), nil)
}

// restoreTrash brings back ticked items, or all of one part of the trash.
func (s *Web) restoreTrash(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	ids, err := formIDs(r, "id")
	if err != nil {
		return err
	}
	ctx, a := r.Context(), auth.Actor(r.Context())
	whole := r.PostForm.Get("all") == "1"
	var g store.TrashGroup
	undo := false
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		if g, err = groupAt(r, t); err != nil || !whole {
			return err
		}
		words := r.PostForm.Get("q")
		if words == "" && g.PlanID != 0 {
			old, err := t.Plan(ctx, g.PlanID)
			if undo = err == nil && change.MaySeePlan(a, old) == nil; undo {
				return nil
			}
		}
		ids, err = t.TrashIDs(ctx, a, store.TrashFilter{Plan: &g.PlanID, Words: words})
		return err
	})
	if err != nil {
		return err
	}
	var plan mainstay.Plan
	if undo {
		plan, err = s.Changes.Undo(ctx, a, g.PlanID)
	} else {
		plan, err = s.Changes.Restore(ctx, a, ids)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, planURL(plan.ID))
}

// confirmPurge explains what deleting for good means, before a plan for it is made.
func (s *Web) confirmPurge(w http.ResponseWriter, r *http.Request) error {
	p := ConfirmPage{Danger: true}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		g, err := groupAt(r, t)
		if err != nil {
			return err
		}
		if p.Page, err = s.page(r, t, Page{Active: "trash"}); err != nil {
			return err
		}
		group := trashGroup(p.Page, g)
		p.Heading, p.Action, p.Back = "Delete "+group.Heading+" for good", group.URL()+"/purge", group.URL()
		p.Title, p.Crumbs = p.Heading, []Crumb{{Label: "Trash", URL: "/trash"}, {Label: group.Heading, URL: group.URL()}, {Label: "Delete for good"}}
		p.Text = []string{"This can't be undone. Only a backup can bring them back.", "The next page shows the plan and asks for a phrase. Nothing happens before that."}
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
