package web

import (
	"net/http"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// confirmRestore asks before everything of one part of the trash comes back.
func (s *Web) confirmRestore(w http.ResponseWriter, r *http.Request) error {
	p := ConfirmPage{}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		page, g, group, err := s.groupPage(r, t)
		if err != nil {
			return err
		}
		p.Page, p.Heading, p.Button, p.Action, p.Back = page, group.restoreButton(), group.restoreButton(), group.URL()+"/restore", group.URL()
		p.Fields = []Hidden{{"all", "1"}}
		p.Title, p.Crumbs = p.Heading, []Crumb{{Label: "Trash", URL: "/trash"}, {Label: group.Heading, URL: group.URL()}, {Label: "Restore"}}
		if group.Merge {
			p.Text = []string{group.Heading + ".", verbsOf(mainstay.ActionMerge).Undone, "Nothing changes in your PSA."}
			return nil
		}
		orphans, err := t.CountTrash(r.Context(), page.Actor, store.TrashFilter{Plan: &g.PlanID, Sync: mainstay.Orphaned})
		p.Text = restoreText(g, orphans)
		if err != nil || g.PlanID == 0 {
			return err
		}
		plan, err := t.Plan(r.Context(), g.PlanID)
		if text := tickedText(plan.Params); err == nil && text != "" && change.MaySeePlan(page.Actor, plan) == nil {
			p.Text = append(p.Text, text)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// emptied warns that what an organization held is in another one since a merge,
// where the plan is such and this person may see the other one.
func emptied(p Page, group TrashGroup) *Note {
	m := group.into
	if m == nil || !p.Actor.Sees(m.Target) {
		return nil
	}
	n := Note{Tone: "amber", Lead: "Its contents stay in " + m.TargetName + ".", Text: "They moved there when " + m.SourceName + " was merged. Restored here, it comes back without them."}
	if group.Merge && group.RestoreURL != "" {
		n.Text += " To bring back everything as it was,"
		n.Link = Link{"undo the merge", group.RestoreURL}
	}
	return &n
}

// restoreText says what comes back, in which state, and what comes next.
func restoreText(g store.TrashGroup, orphans int) []string {
	total, text := kindsText(g.Counts)
	verb, each := " come back to where they were.", "Each comes back with the sync state that it had."
	if total == 1 {
		verb, each = " comes back to where it was.", "It comes back with the sync state that it had."
	}
	out := []string{text + verb + " Nothing changes in your PSA.", each}
	if orphans > 0 {
		out = append(out, orphansNext(orphans, total))
	}
	return out
}

// orphansNext says what becomes of restored orphans, and how to keep them.
func orphansNext(orphans, total int) string {
	switch {
	case total == 1:
		return "It is Orphaned. The next deletion of all orphans takes it again, unless you protect it, or tick its type and status in Sync settings."
	case orphans == total:
		return "All of them are Orphaned. The next deletion of all orphans takes them again, unless you protect them, or tick their type and status in Sync settings."
	}
	return num(orphans) + " of them " + isAre(orphans) + " Orphaned. The next deletion of all orphans takes those again, unless you protect them, or tick their type and status in Sync settings."
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
		if g.PlanID != 0 {
			old, err := t.Plan(ctx, g.PlanID)
			if undo = err == nil && change.MaySeePlan(a, old) == nil; undo {
				return nil
			}
		}
		ids, err = t.TrashIDs(ctx, a, store.TrashFilter{Plan: &g.PlanID})
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
