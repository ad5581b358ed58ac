package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// chosen are the items that a plan is about.
type chosen struct {
	Kind  string            `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	Query string            `arg:"" optional:"" help:"Filter, such as 'type: Prospect'."`
	ID    []mainstay.ItemID `help:"Only these items; repeat for more." xor:"what"`
	All   bool              `help:"Every item of the kind. Needed in place of an empty filter." xor:"what"`
	Seen  int               `help:"How many you expect; the plan says when it finds another number."`
}

// plan makes a plan about the chosen items and shows it.
func (o *chosen) plan(c *call, propose func(*app, change.Request) (mainstay.Plan, error)) error {
	kind, err := mainstay.KindNamed(o.Kind)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		plan, err := propose(a, change.Request{Kind: kind, Query: o.Query, IDs: o.ID, All: o.All, Seen: o.Seen})
		if err != nil {
			return err
		}
		return c.showPlan(a, plan.ID)
	})
}

type planEditCmd struct {
	chosen
	Type   string `help:"Type to set, by its name, or 'none'."`
	Status string `help:"Status to set, by its name, or 'none'."`
}

// Run makes the plan and prints what it would do.
func (p *planEditCmd) Run(c *call) error {
	return p.plan(c, func(a *app, r change.Request) (mainstay.Plan, error) {
		var labels []mainstay.Label
		err := a.store.Read(c.ctx, func(t *store.Tx) (err error) { labels, err = t.Labels(c.ctx); return err })
		if err != nil {
			return mainstay.Plan{}, err
		}
		typ, err := labelNamed(labels, r.Kind, mainstay.TypeAxis, p.Type)
		if err != nil {
			return mainstay.Plan{}, err
		}
		status, err := labelNamed(labels, r.Kind, mainstay.StatusAxis, p.Status)
		if err != nil {
			return mainstay.Plan{}, err
		}
		return a.changes.ProposeEdit(c.ctx, operator(), r, typ, status)
	})
}

// labelNamed finds the type or status with a name, or with an id written as
// "id:12". No name is none to set, and "none" takes the label away.
func labelNamed(labels []mainstay.Label, kind *mainstay.Kind, axis mainstay.Axis, name string) (*mainstay.LabelID, error) {
	if name == "" {
		return nil, nil
	}
	var hits, all []string
	var found mainstay.LabelID
	for _, l := range labels {
		if l.Kind != kind.Name || l.Axis != axis {
			continue
		}
		all = append(all, l.Name)
		id := "id:" + strconv.FormatInt(int64(l.ID), 10)
		if name == id {
			return &l.ID, nil
		}
		if mainstay.SearchKey(l.Name) == mainstay.SearchKey(name) {
			hits, found = append(hits, id), l.ID
		}
	}
	switch {
	case len(hits) == 1:
		return &found, nil
	case len(hits) > 1:
		return nil, mainstay.Errorf(mainstay.Invalid, "%d %s labels are called %q: use one of %s in place of the name.", len(hits), axis, name, strings.Join(hits, ", "))
	case mainstay.SearchKey(name) == query.NoneWord:
		return &found, nil
	}
	slices.Sort(all)
	return nil, mainstay.Errorf(mainstay.Invalid, "%s", fmt.Sprintf("%s have no %s called %q. Use one of: %s.", mainstay.Capitalized(kind.Plural), axis, name, strings.Join(slices.Compact(append(all, query.NoneWord)), ", ")))
}
