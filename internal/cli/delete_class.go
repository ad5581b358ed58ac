package cli

type integrationDeleteClassCmd struct {
	Name string `arg:"" help:"Name of the integration."`
	classFlags
	Note string `help:"Why; kept with the plan."`
}

// Run plans to delete everything of a type or a status, or all contacts or
// locations, of an integration. Nothing is deleted before the plan is confirmed.
func (d *integrationDeleteClassCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, d.Name)
		if err != nil {
			return err
		}
		class, err := d.class(c, a, i)
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
