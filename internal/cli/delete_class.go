package cli

import (
	"mainstay"
	"mainstay/internal/store"
)

type integrationDeleteClassCmd struct {
	Name   string `arg:"" help:"Name of the integration."`
	Kind   string `help:"organizations, configurations, contacts or locations." default:"organizations"`
	Type   string `help:"Type whose items go." xor:"axis"`
	Status string `help:"Status whose items go." xor:"axis"`
	Note   string `help:"Why; kept with the plan."`
}

// Run plans to delete everything of a type or a status, or all contacts or
// locations, of an integration. Nothing is deleted before the plan is confirmed.
func (d *integrationDeleteClassCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(d.Kind)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, d.Name)
		if err != nil {
			return err
		}
		var labels []mainstay.Label
		if err := a.store.Read(c.ctx, func(t *store.Tx) error { labels, err = t.Labels(c.ctx); return err }); err != nil {
			return err
		}
		class, err := d.class(newBoxes(labels, i.ID, kind), kind)
		if err != nil {
			return err
		}
		plan, err := a.changes.ProposeDeleteClass(c.ctx, operator(), i.ID, class, d.Note, 0)
		if err != nil {
			return err
		}
		return c.showPlan(a, plan.ID)
	})
}

// class finds the row of Manage data that the options name.
func (d *integrationDeleteClassCmd) class(b boxes, kind *mainstay.Kind) (mainstay.Class, error) {
	class := mainstay.Class{Kind: kind.Name}
	if !kind.Types || !kind.Statuses {
		if d.Type != "" || d.Status != "" {
			return class, mainstay.Errorf(mainstay.Invalid, "All %s follow one switch. Leave out --type and --status.", kind.Plural)
		}
		class.Name = kind.Plural
		return class, nil
	}
	name, among := d.Type, b.types
	class.Axis = mainstay.TypeAxis
	if d.Status != "" {
		name, among, class.Axis = d.Status, b.statuses, mainstay.StatusAxis
	}
	if name == "" {
		return class, mainstay.Errorf(mainstay.Invalid, "Say which: --type or --status.")
	}
	for _, l := range among {
		if mainstay.SearchKey(l.Name) == mainstay.SearchKey(name) {
			class.ExternalID, class.Name = l.ExternalID, l.Name
			return class, nil
		}
	}
	return class, mainstay.Errorf(mainstay.NotFound, "There is no %s called %q. There are: %s.", class.Axis, name, labelNames(among))
}
