package cli

import (
	"context"
	"fmt"
	"io"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type planCmd struct {
	Delete     planDeleteCmd     `cmd:"" help:"Plan to delete items that match a filter. Nothing is deleted yet."`
	Disconnect planDisconnectCmd `cmd:"" help:"Plan to end the links of items that match a filter. Every item stays, and it can be undone."`
	Edit       planEditCmd       `cmd:"" help:"Plan to change the type or status of items that match a filter."`
	Protect    planProtectCmd    `cmd:"" help:"Plan to protect items that match a filter, or to lift it."`
	Merge      planMergeCmd      `cmd:"" help:"Plan to merge one organization into another. Nothing is changed yet."`
	Show       planShowCmd       `cmd:"" help:"Show a plan."`
	List       planListCmd       `cmd:"" help:"List plans."`
	Include    planIncludeCmd    `cmd:"" help:"Include one thing that a plan holds back."`
	Take       planTakeCmd       `cmd:"" name:"take-syncing" help:"Let a deletion take what it holds back because it still syncs. Needs data-protection on."`
	Wait       planWaitCmd       `cmd:"" help:"Show the progress of a confirmed plan and wait for its end."`
	Pause      planPauseCmd      `cmd:"" help:"Pause a running plan."`
	Resume     planResumeCmd     `cmd:"" help:"Go on with a paused or failed plan."`
	Stop       planStopCmd       `cmd:"" help:"Stop a plan. What it did can be undone."`
	Discard    planDiscardCmd    `cmd:"" help:"Throw a plan away that was not confirmed."`
}

type planDeleteCmd struct {
	Kind    string            `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	Query   string            `arg:"" optional:"" help:"Filter, such as 'sync status: orphaned'."`
	ID      []mainstay.ItemID `help:"Only these items; repeat for more." xor:"what"`
	All     bool              `help:"Every item of the kind. Needed in place of an empty filter." xor:"what"`
	Seen    int               `help:"How many you expect; the plan says when it finds another number."`
	Syncing bool              `help:"Take items that still sync as well. Needs data-protection on."`
}

// Run makes the plan and prints what it would do.
func (p *planDeleteCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(p.Kind)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		plan, err := a.changes.ProposeDelete(c.ctx, operator(), change.Request{Kind: kind, Query: p.Query, IDs: p.ID, All: p.All, Seen: p.Seen, Syncing: p.Syncing})
		if err != nil {
			return err
		}
		return c.showPlan(a, plan.ID)
	})
}

type planShowCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run prints one plan.
func (p *planShowCmd) Run(c *call) error {
	return c.with(func(a *app) error { return c.showPlan(a, p.Plan) })
}

type planListCmd struct {
	Limit int `default:"20" help:"How many to print."`
}

// Run prints the newest plans.
func (p *planListCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		var plans []mainstay.Plan
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			var err error
			plans, err = t.Plans(c.ctx, nil, p.Limit)
			return err
		})
		if err != nil {
			return err
		}
		views := []planView{}
		for _, p := range plans {
			views = append(views, planViewOf(p))
		}
		return c.print(views, func(w io.Writer) {
			for _, p := range plans {
				fmt.Fprintf(w, "%d\t%s\t%s\tby %s\n", p.ID, p.Title(), p.State, p.UserName)
			}
		})
	})
}

type planIncludeCmd struct {
	Plan mainstay.PlanID `arg:""`
	Item mainstay.ItemID `arg:"" help:"Id of the organization or item that is held back."`
}

// Run includes one thing.
func (p *planIncludeCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		if _, err := a.changes.IncludeHeld(c.ctx, operator(), p.Plan, p.Item); err != nil {
			return err
		}
		return c.showPlan(a, p.Plan)
	})
}

type planTakeCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run lets a deletion take what still syncs.
func (p *planTakeCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error { _, err := a.changes.TakeSyncing(c.ctx, operator(), p.Plan); return err })
}

// step runs one move of a plan and shows it.
func (c *call) step(id mainstay.PlanID, move func(a *app) error) error {
	return c.with(func(a *app) error {
		if err := move(a); err != nil {
			return err
		}
		return c.showPlan(a, id)
	})
}

type planWaitCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run waits for a plan that was confirmed, here or in the browser.
func (p *planWaitCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error {
		plan, err := a.plan(c.ctx, p.Plan)
		if err != nil {
			return err
		}
		if plan.State == mainstay.PlanReview || plan.State == mainstay.PlanDiscarded {
			return mainstay.Errorf(mainstay.Conflict, "Plan %d was not confirmed, so there is nothing to wait for.", p.Plan)
		}
		return c.waitPlan(a, p.Plan)
	})
}

type planPauseCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run pauses a plan.
func (p *planPauseCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error { _, err := a.changes.PausePlan(c.ctx, operator(), p.Plan); return err })
}

type planResumeCmd struct {
	Plan mainstay.PlanID `arg:""`
	Wait bool            `help:"Show progress and wait for the end."`
}

// Run resumes a plan.
func (p *planResumeCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error {
		if _, err := a.changes.ResumePlan(c.ctx, operator(), p.Plan); err != nil || !p.Wait {
			return err
		}
		return c.waitPlan(a, p.Plan)
	})
}

type planStopCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run stops a plan.
func (p *planStopCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error { _, err := a.changes.StopPlan(c.ctx, operator(), p.Plan); return err })
}

type planDiscardCmd struct {
	Plan mainstay.PlanID `arg:""`
}

// Run discards a plan.
func (p *planDiscardCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error { return a.changes.Discard(c.ctx, operator(), p.Plan) })
}

type applyCmd struct {
	Plan        mainstay.PlanID `arg:""`
	Phrase      string          `help:"What the plan asks you to type."`
	Fingerprint string          `help:"Of the plan that you looked at; left out, the plan as it is now."`
	Wait        bool            `help:"Show progress and wait for the end."`
}

// Run confirms a plan.
func (p *applyCmd) Run(c *call) error {
	return c.step(p.Plan, func(a *app) error {
		proof := change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase}
		if proof.Fingerprint == "" {
			seen, err := a.plan(c.ctx, p.Plan)
			if err != nil {
				return err
			}
			proof.Fingerprint = seen.Fingerprint
		}
		plan, err := a.changes.Confirm(c.ctx, operator(), p.Plan, proof)
		if err != nil || !p.Wait {
			return err
		}
		if now := a.store.DB.Now(); plan.StartAt > now && !c.json {
			fmt.Fprintf(c.Out, "Plan %d is confirmed. %s\n", p.Plan, startText(plan, now))
		}
		return c.waitPlan(a, p.Plan)
	})
}

func (a *app) plan(ctx context.Context, id mainstay.PlanID) (p mainstay.Plan, err error) {
	err = a.store.Read(ctx, func(t *store.Tx) error {
		p, err = t.Plan(ctx, id)
		return err
	})
	return p, err
}

// waitPlan waits for a confirmed plan and turns a bad end into an error.
func (c *call) waitPlan(a *app, id mainstay.PlanID) error {
	var p mainstay.Plan
	err := c.wait(a, func(ctx context.Context) (progress, error) {
		var err error
		p, err = a.plan(ctx, id)
		stage := string(p.State)
		if p.State == mainstay.PlanStarting {
			stage = "starts " + inText(p.StartAt, a.store.DB.Now())
		}
		return progress{stage, p.Done + p.Skipped, p.Counts.Total().Apply, !p.State.Active() || p.State == mainstay.PlanPaused}, err
	})
	switch {
	case err != nil || p.State == mainstay.PlanDone:
		return err
	case p.State == mainstay.PlanReview:
		return mainstay.Errorf(mainstay.Held, "The start of plan %d was canceled. Nothing was changed, and it can be confirmed again.", id)
	}
	return mainstay.Errorf(mainstay.Held, "Plan %d is %s. %s", id, p.State, p.Message)
}

type undoCmd struct {
	Plan mainstay.PlanID   `arg:"" optional:"" help:"Plan to take back."`
	ID   []mainstay.ItemID `help:"Only these items from Trash; repeat for more." xor:"what"`
	Wait bool              `help:"Show progress and wait for the end."`
}

// Run takes a plan back, or restores items from the trash, as a new plan.
func (u *undoCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		var p mainstay.Plan
		var err error
		if len(u.ID) > 0 {
			p, err = a.changes.Restore(c.ctx, operator(), u.ID)
		} else {
			p, err = a.changes.Undo(c.ctx, operator(), u.Plan)
		}
		if err != nil {
			return err
		}
		if u.Wait {
			if err := c.waitPlan(a, p.ID); err != nil {
				return err
			}
		}
		return c.showPlan(a, p.ID)
	})
}
