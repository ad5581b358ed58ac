package cli

import (
	"time"

	"mainstay"
	"mainstay/internal/change"
)

type protectCmd struct {
	Kind string            `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	ID   []mainstay.ItemID `arg:"" help:"Items, up to 25. For more: mainstay plan protect."`
	Note string            `help:"Why; shown with the items."`
	Lift bool              `help:"Take the protection away again."`
}

// Run sets or lifts the keep flag of a few items.
func (p *protectCmd) Run(c *call) error {
	on := !p.Lift
	return c.guard(p.Kind, p.ID, mainstay.Guarding{Keep: &on, Note: p.Note})
}

type holdCmd struct {
	Kind  string            `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	ID    []mainstay.ItemID `arg:"" help:"Items, up to 25. For more: mainstay plan protect --until."`
	Until string            `help:"Last day of the hold, such as 2026-12-31 (UTC)." xor:"what" required:"" placeholder:"DATE"`
	Lift  bool              `help:"Lift the hold before its day." xor:"what" required:""`
	Note  string            `help:"Why; it stays in the activity log." required:""`
}

// Run sets or lifts a legal hold of a few items.
func (h *holdCmd) Run(c *call) error {
	until, err := holdUntil(h.Until)
	if err != nil {
		return err
	}
	return c.guard(h.Kind, h.ID, mainstay.Guarding{HoldUntil: &until, Note: h.Note})
}

// holdUntil is when a hold ends; no day lifts it.
func holdUntil(day string) (mainstay.Time, error) {
	if day == "" {
		return 0, nil
	}
	return mainstay.HoldEnd(day, time.UTC)
}

// guard protects a few items at once and shows the plan that can be undone.
func (c *call) guard(kindName string, ids []mainstay.ItemID, g mainstay.Guarding) error {
	kind, err := mainstay.KindNamed(kindName)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		plan, err := a.changes.ProtectNow(c.ctx, operator(), change.Request{Kind: kind, IDs: ids}, g)
		if err != nil {
			return err
		}
		return c.showPlan(a, plan.ID)
	})
}

type planProtectCmd struct {
	chosen
	Note     string `help:"Why; needed for a legal hold."`
	Until    string `help:"Set a legal hold until this day (UTC), in place of the keep flag." xor:"how" placeholder:"DATE"`
	Lift     bool   `help:"Take the keep flag away." xor:"how"`
	LiftHold bool   `help:"Lift the legal hold." xor:"how"`
}

// Run makes the plan and prints what it would do.
func (p *planProtectCmd) Run(c *call) error {
	on := !p.Lift
	g := mainstay.Guarding{Keep: &on, Note: p.Note}
	if p.Until != "" || p.LiftHold {
		until, err := holdUntil(p.Until)
		if err != nil {
			return err
		}
		g = mainstay.Guarding{HoldUntil: &until, Note: p.Note}
	}
	return p.plan(c, func(a *app, r change.Request) (mainstay.Plan, error) {
		return a.changes.ProposeProtect(c.ctx, operator(), r, g)
	})
}
