package cli

import (
	"mainstay"
	"mainstay/internal/change"
)

type planDisconnectCmd struct {
	Kind  string            `arg:"" help:"organizations, configurations, contacts or locations."`
	Query string            `arg:"" optional:"" help:"Filter, such as 'sync status: orphaned type: Vendor'."`
	ID    []mainstay.ItemID `help:"Only these items; repeat for more." xor:"what"`
	All   bool              `help:"Every item of the kind. Needed in place of an empty filter." xor:"what"`
	Seen  int               `help:"How many you expect; the plan says when it finds another number."`
	Note  string            `help:"Why; shown with the items."`
}

// Run plans to end the links of items, organizations with what they hold.
func (p *planDisconnectCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(p.Kind)
	if err != nil {
		return err
	}
	return c.propose(func(a *app) (mainstay.Plan, error) {
		return a.changes.ProposeDisconnect(c.ctx, operator(), change.Unlink{Note: p.Note,
			Request: change.Request{Kind: kind, Query: p.Query, IDs: p.ID, All: p.All, Seen: p.Seen}})
	})
}

// propose makes a plan and prints what it would do.
func (c *call) propose(make func(a *app) (mainstay.Plan, error)) error {
	return c.with(func(a *app) error {
		p, err := make(a)
		if err != nil {
			return err
		}
		return c.showPlan(a, p.ID)
	})
}

type integrationDisconnectCmd struct {
	Name string `arg:"" help:"Name of the integration."`
	classFlags
	Pause bool   `help:"Pause syncing and keep all data: links stay, and the items become orphaned at the next full sync." xor:"how" required:""`
	Keep  bool   `help:"Disconnect the records but keep all data: links end and leave a trace, so nothing is doubled later." xor:"how" required:""`
	Note  string `help:"Why; shown with the items."`
}

// Run plans to stop a type or a status, or all contacts or locations, from syncing.
func (d *integrationDisconnectCmd) Run(c *call) error {
	return c.propose(func(a *app) (mainstay.Plan, error) {
		i, err := a.integration(c.ctx, d.Name)
		if err != nil {
			return mainstay.Plan{}, err
		}
		class, err := d.class(c, a, i)
		if err != nil {
			return mainstay.Plan{}, err
		}
		if d.Pause {
			return a.changes.ProposePause(c.ctx, operator(), i.ID, class, d.Note)
		}
		return a.changes.ProposeDisconnect(c.ctx, operator(), change.Unlink{Integration: i.ID, Class: &class, Note: d.Note})
	})
}

type integrationRemoveCmd struct {
	Name string `arg:"" help:"Name of the integration."`
	Note string `help:"Why; shown with the items."`
}

// Run plans to remove an integration: its links end, its credentials are
// deleted, and every item stays.
func (r *integrationRemoveCmd) Run(c *call) error {
	return c.propose(func(a *app) (mainstay.Plan, error) {
		i, err := a.integration(c.ctx, r.Name)
		if err != nil {
			return mainstay.Plan{}, err
		}
		return a.changes.ProposeDisconnect(c.ctx, operator(), change.Unlink{Integration: i.ID, Remove: true, Note: r.Note})
	})
}
