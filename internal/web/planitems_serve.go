package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// How many items the page of a plan names, before it runs and after.
const (
	namedRows = 8
	namedDone = 5
)

// planItems lists the items of a plan.
func (s *Web) planItems(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	p := PlanItemsPage{Held: q.Get("show") == "held", Query: strings.TrimSpace(q.Get("q"))}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Plan, err = planOf(r, t); err != nil {
			return err
		}
		p.Kind = listedKind(p.Plan, p.Held)
		if k, err := mainstay.KindNamed(q.Get("kind")); err == nil {
			p.Kind = k.Name
		}
		p.Page, err = s.page(r, t, Page{Title: "Items of plan " + planNumber(p.Plan), Active: "jobs",
			Crumbs: []Crumb{{Label: "Jobs", URL: "/jobs"}, {Label: "Plan " + planNumber(p.Plan), URL: planURL(p.Plan.ID)}, {Label: "Items"}}})
		if err != nil {
			return err
		}
		return fillPlanItems(r.Context(), t, &p, q.Get("after"))
	})
	if err != nil {
		return err
	}
	return s.show(w, r, planItemsView(p), nil)
}

// fillPlanItems adds a page of the list.
func fillPlanItems(ctx context.Context, t *store.Tx, p *PlanItemsPage, after string) error {
	f := store.PlanLineFilter{Kind: p.Kind, Held: p.Held, Words: p.Query, After: after, Limit: pageRows + 1}
	var err error
	if p.Matches, err = t.CountPlanLines(ctx, p.Actor, p.Plan, f); err != nil {
		return err
	}
	p.Rows, err = planRows(ctx, t, p.Page, p.Plan, f)
	if p.Pager = (Pager{Total: p.Matches}); len(p.Rows) > pageRows {
		p.Rows = p.Rows[:pageRows]
		p.Pager.Next = planItemsURL(p.Plan.ID, p.Held, p.Kind, p.Query, store.PlanLinePlace(p.Rows[pageRows-1].PlanLine))
	}
	return err
}

// sortedNames is up to how many items a plan names its first ones by name; of more
// it names some.
const sortedNames = 2000

// planNames are the first items that a plan touches.
func planNames(ctx context.Context, t *store.Tx, p Page, plan mainstay.Plan, limit int) (PlanNames, error) {
	out := PlanNames{Plan: plan.ID, Kind: listedKind(plan, false)}
	if plan.Action == mainstay.ActionMerge || plan.Action == mainstay.ActionUnmerge {
		return out, nil // its title names the two
	}
	out.Total = linesOf(plan, out.Kind, false)
	var err error
	out.Rows, err = planRows(ctx, t, p, plan, store.PlanLineFilter{Kind: out.Kind, Any: out.Total > sortedNames, Limit: limit})
	return out, err
}

// planRows reads lines of a plan as they are shown.
func planRows(ctx context.Context, t *store.Tx, p Page, plan mainstay.Plan, f store.PlanLineFilter) ([]PlanRow, error) {
	lines, err := t.PlanLines(ctx, p.Actor, plan, f)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	names := map[mainstay.LabelID]string{}
	if plan.Action == mainstay.ActionEdit {
		labels, err := t.Labels(ctx)
		if err != nil {
			return nil, err
		}
		for _, l := range labels {
			names[l.ID] = l.Name
		}
	}
	out := make([]PlanRow, len(lines))
	for n, l := range lines {
		out[n] = PlanRow{PlanLine: l}
		switch {
		case l.Live():
			out[n].URL = itemURL(mainstay.Ref{Kind: l.Kind, ID: l.ItemID})
		case l.Trashed && l.Name != "" && p.May(mainstay.UseTrash):
			out[n].URL = trashSearchURL(l.Name)
		}
		if plan.Action == mainstay.ActionEdit && !l.Held {
			out[n].Change = changeText(plan.Params, l, names)
		}
	}
	return out, nil
}

// changeText says what an edit changes about an item, from what it found once it
// was there.
func changeText(params mainstay.PlanParams, l store.PlanLine, names map[mainstay.LabelID]string) string {
	old := struct {
		Type   mainstay.LabelID `json:"type_id"`
		Status mainstay.LabelID `json:"status_id"`
	}{l.TypeID, l.StatusID}
	if l.Before != "" && json.Unmarshal([]byte(l.Before), &old) != nil {
		return ""
	}
	one := func(axis string, from mainstay.LabelID, to *mainstay.LabelID) string {
		if to == nil || *to == from {
			return ""
		}
		named := func(id mainstay.LabelID) string {
			if id == 0 {
				return "none"
			}
			return names[id]
		}
		return axis + ": " + named(from) + " → " + named(*to)
	}
	return join(one("Type", old.Type, params.TypeID), one("Status", old.Status, params.StatusID))
}
