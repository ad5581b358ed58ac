package web

import (
	"net/url"

	"mainstay"
	"mainstay/internal/store"
)

// PlanItemsPage names the items of a plan: those that it touches, or those that
// it holds back, of one kind.
type PlanItemsPage struct {
	Page
	Plan    mainstay.Plan
	Held    bool
	Kind    mainstay.KindName
	Query   string // names to look for
	Matches int
	Rows    []PlanRow
	Pager   Pager
}

// PlanRow is one item of a plan, as it is today.
type PlanRow struct {
	store.PlanLine
	URL    string // where it is now; empty where this person can't go there
	Change string // "Type: Prospect → Client"; empty but for an edit
}

// name is what to call it.
func (r PlanRow) name() string {
	switch {
	case r.Name != "":
		return r.Name
	case r.Live() || r.Trashed:
		return "(no name)"
	}
	return "(deleted for good)"
}

// inside names the organization around an item.
func (r PlanRow) inside() string {
	if r.Kind == mainstay.Organization.Name {
		return ""
	}
	return r.Organization
}

// said is what the plan says of it: why it is held back, or what became of it.
func (r PlanRow) said() string {
	switch {
	case r.Held:
		return capital(r.Why)
	case r.Outcome == mainstay.OutcomePending:
		return ""
	}
	return capital(string(r.Outcome))
}

// planItemsURL lists the items of a plan.
func planItemsURL(id mainstay.PlanID, held bool, kind mainstay.KindName, words, after string) string {
	q := url.Values{}
	if held {
		q.Set("show", "held")
	}
	for name, value := range map[string]string{"kind": string(kind), "q": words, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return planURL(id) + "/items"
	}
	return planURL(id) + "/items?" + q.Encode()
}

// listedKind is the kind by which people know the items of a plan: organizations
// where there are some.
func listedKind(p mainstay.Plan, held bool) mainstay.KindName {
	for _, k := range append([]mainstay.KindName{mainstay.Organization.Name, p.Kind}, kindNames()...) {
		if linesOf(p, k, held) > 0 {
			return k
		}
	}
	return p.Kind
}

func kindNames() []mainstay.KindName {
	var out []mainstay.KindName
	for _, k := range mainstay.Kinds() {
		out = append(out, k.Name)
	}
	return out
}

// linesOf is how many items of a kind a plan touches, or holds back.
func linesOf(p mainstay.Plan, kind mainstay.KindName, held bool) int {
	c := p.Counts.Of(kind)
	if held {
		return c.Held
	}
	return c.Apply
}

// sides are the two lists of a plan.
func (p PlanItemsPage) sides() []Tab {
	t := p.Plan.Counts.Total()
	return []Tab{{Label: "In the plan", URL: planItemsURL(p.Plan.ID, false, "", "", ""), Count: t.Apply, HasCount: true, Current: !p.Held},
		{Label: "Held back", URL: planItemsURL(p.Plan.ID, true, "", "", ""), Count: t.Held, HasCount: true, Current: p.Held}}
}

// kinds are the kinds of the list that is shown.
func (p PlanItemsPage) kinds() []Tab {
	var out []Tab
	for _, k := range mainstay.Kinds() {
		if n := linesOf(p.Plan, k.Name, p.Held); n > 0 {
			out = append(out, Tab{Label: capital(k.Plural), URL: planItemsURL(p.Plan.ID, p.Held, k.Name, "", ""), Count: n, HasCount: true, Current: k.Name == p.Kind})
		}
	}
	return out
}

// PlanNames are the first items of a plan by name, where to see all of them, and
// how many there are.
type PlanNames struct {
	Plan  mainstay.PlanID
	Kind  mainstay.KindName
	Rows  []PlanRow
	Total int
}

func (n PlanNames) more() int { return max(0, n.Total-len(n.Rows)) }

func (n PlanNames) url() string { return planItemsURL(n.Plan, false, n.Kind, "", "") }

// sets reports whether the rows say what an edit changes.
func (n PlanNames) sets() bool { return len(n.Rows) > 0 && n.Rows[0].Change != "" }
