package cli

import (
	"mainstay"
	"mainstay/internal/change"
)

type planMergeCmd struct {
	Source      mainstay.ItemID               `arg:"" help:"Id of the organization that moves into the other and goes to Trash."`
	Target      mainstay.ItemID               `arg:"" help:"Id of the organization that stays."`
	Field       map[string]mainstay.MergeSide `help:"Where a field comes from, such as phone=source; repeat for more. Texts of several lines can keep both."`
	Link        mainstay.MergeSide            `enum:"source,target" default:"target" help:"Whose link stays where both have one: source or target."`
	DropDoubles bool                          `help:"Move items to Trash that look like one of the target, where they don't sync and nothing names them."`
	Grant       bool                          `help:"Let people open the target who can open the source only."`
}

// Run makes the plan and prints what it would do.
func (p *planMergeCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		plan, err := a.changes.ProposeMerge(c.ctx, operator(), change.Merge{Source: p.Source, Target: p.Target, Fields: p.Field,
			SourceLink: p.Link == mainstay.MergeSource, Grant: p.Grant, DropAll: p.DropDoubles})
		if err != nil {
			return err
		}
		return c.showPlan(a, plan.ID)
	})
}
