package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// mergedShown is how many merges a page names.
const mergedShown = 5

// mergedLink leads to the plan of a merge, where it can be undone; empty for
// people who may not see the plan.
func mergedLink(a mainstay.Actor, plan mainstay.Plan) Link {
	if change.MaySeePlan(a, plan) != nil {
		return Link{}
	}
	return Link{"Plan " + planNumber(plan) + ": undo the merge there", planURL(plan.ID)}
}

// mergedText says who merged the one organization into the other, and when. now
// is the name that the other one has today.
func mergedText(p Page, plan mainstay.Plan, now string) string {
	m := plan.Params.Merge
	text := m.SourceName + " was merged into " + m.TargetName + " by " + plan.UserName + " on " + p.day(plan.Ended) + " (plan " + planNumber(plan) + ")."
	if now != "" && now != m.TargetName {
		text += " " + m.TargetName + " is called " + now + " since."
	}
	return text
}

// mergedNotes say of a page's organization what was merged into it.
func mergedNotes(ctx context.Context, t *store.Tx, p Page, id mainstay.ItemID) ([]Note, error) {
	plans, err := t.MergesInto(ctx, id, mergedShown)
	var out []Note
	for _, plan := range plans {
		if m := plan.Params.Merge; p.Actor.Sees(m.Source) {
			out = append(out, Note{Icon: "arrows-exchange", Text: m.SourceName + " was merged into it on " + p.day(plan.Ended) + " by " + plan.UserName + ".", Link: mergedLink(p.Actor, plan)})
		}
	}
	return out, err
}

// whyMerged tells whether an organization became another one.
func whyMerged(plans []mainstay.Plan, names map[mainstay.ItemID]string) whyLook {
	return func(_ context.Context, _ *store.Tx, p Page, _ *mainstay.Kind, _ store.Filter, words string) ([]Note, error) {
		var out []Note
		for _, plan := range plans {
			m := plan.Params.Merge
			lead := m.SourceName + " was merged."
			if !named(m.SourceName, words) {
				lead = m.TargetName + " has another name since a merge."
			}
			n := Note{Icon: "arrows-exchange", Lead: lead, Text: mergedText(p, plan, names[m.Target]), Also: mergedLink(p.Actor, plan)}
			if name := names[m.Target]; name != "" {
				n.Link = Link{"Open " + name, organizationURL(m.Target)}
			}
			out = append(out, n)
		}
		return out, nil
	}
}

// whyMerges are the merges in force of organizations with the words in the name,
// and what the organizations that took them in are called now.
func whyMerges(ctx context.Context, t *store.Tx, p Page, k *mainstay.Kind, words string) ([]mainstay.Plan, map[mainstay.ItemID]string, error) {
	if words == "" || k.Name != mainstay.Organization.Name {
		return nil, nil, nil
	}
	plans, err := t.MergesNamed(ctx, p.Actor, words, whyRows)
	if err != nil || len(plans) == 0 {
		return nil, nil, err
	}
	var ids []mainstay.ItemID
	for _, plan := range plans {
		ids = append(ids, plan.Params.Merge.Target)
	}
	names, err := t.NamesByID(ctx, ids)
	return slices.DeleteFunc(plans, func(plan mainstay.Plan) bool {
		return !named(plan.Params.Merge.SourceName, words) && named(names[plan.Params.Merge.Target], words)
	}), names, err
}

// named reports whether a name has the words in it.
func named(name, words string) bool {
	return strings.Contains(mainstay.SearchKey(name), mainstay.SearchKey(words))
}

// whyAlias tells of a record that leads to another organization since a merge,
// and is called otherwise in the PSA than the organization was here.
func whyAlias(ctx context.Context, t *store.Tx, p Page, r store.Record, s mainstay.Tombstone) (Note, error) {
	names, err := t.NamesByID(ctx, []mainstay.ItemID{s.ItemID})
	n := Note{Icon: "arrows-exchange", Lead: r.Name + " was merged.", Text: "Its organization was merged by " + s.Who + " on " + p.day(s.At) + " (plan " + strconv.FormatInt(int64(s.PlanID), 10) + ")."}
	if name := names[s.ItemID]; name != "" {
		n.Text = r.Name + " was merged into " + name + " by " + s.Who + " on " + p.day(s.At) + " (plan " + strconv.FormatInt(int64(s.PlanID), 10) + ")."
		n.Link = Link{"Open " + name, organizationURL(s.ItemID)}
	}
	if p.May(mainstay.PlanChanges) && s.PlanID != 0 {
		n.Also = Link{"Undo the merge there", planURL(s.PlanID)}
	}
	return n, err
}

// gone answers the address of an item that lies in Trash, for people who may see
// it: what became of it, and the way back. Whatever else is missing stays so.
func (s *Web) gone(w http.ResponseWriter, r *http.Request, k *mainstay.Kind, missing error) error {
	id, err := pathID(r, "id")
	if err != nil || mainstay.KindOf(missing) != mainstay.NotFound {
		return missing
	}
	p := ErrorPage{Status: http.StatusNotFound}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		a := auth.Actor(r.Context())
		found, err := t.TrashPage(r.Context(), a, store.TrashFilter{ID: mainstay.ItemID(id), Kind: k.Name, Limit: 1})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return missing
		}
		if p.Page, err = s.page(r, t, Page{Title: "In Trash", Active: k.Plural}); err != nil {
			return err
		}
		return p.fillGone(r.Context(), t, found[0])
	})
	if err != nil {
		return err
	}
	return s.write(w, r, p.Status, errorView(p))
}

// fillGone says what became of an item in Trash.
func (p *ErrorPage) fillGone(ctx context.Context, t *store.Tx, e mainstay.TrashEntry) error {
	p.Heading = e.Name + " is in Trash"
	p.Message = "It is in Trash since " + p.day(e.Deleted) + ", deleted by " + e.DeletedBy
	var plan mainstay.Plan
	if e.PlanID != 0 {
		var err error
		if plan, err = t.Plan(ctx, e.PlanID); err != nil {
			return err
		}
		p.Message += " (plan " + planNumber(plan) + ")"
	}
	p.Message += ". It can be restored until " + p.day(e.PurgeAfter) + "."
	if m := plan.Params.Merge; m != nil && m.Source == e.ItemID && p.Actor.Sees(m.Target) {
		names, err := t.NamesByID(ctx, []mainstay.ItemID{m.Target})
		if err != nil {
			return err
		}
		p.Heading = m.SourceName + " was merged"
		p.Message = mergedText(p.Page, plan, names[m.Target])
		if name := names[m.Target]; name != "" {
			p.Links = append(p.Links, Link{"Open " + name, organizationURL(m.Target)})
		}
		if l := mergedLink(p.Actor, plan); l.URL != "" {
			p.Message += " Open it, or undo the merge."
			p.Links = append(p.Links, l)
		}
		return nil
	}
	if p.May(mainstay.UseTrash) {
		p.Links = append(p.Links, Link{"Look in Trash", trashSearchURL(e.Name)})
	}
	return nil
}
