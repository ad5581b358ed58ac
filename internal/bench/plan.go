package bench

import (
	"context"
	"errors"
	"fmt"

	"mainstay"
	"mainstay/internal/change"
)

// plan measures how long it takes to propose the deletion of a tenth as many
// organizations as there are items, each with fifty dependents.
func (r *runner) plan(ctx context.Context) error {
	in, err := r.open(ctx, "plan")
	if err != nil {
		return err
	}
	return errors.Join(r.planOf(ctx, in), in.close())
}

func (r *runner) planOf(ctx context.Context, in *install) error {
	organizations := r.Items / 10
	r.say("Prepare %s organizations with %s dependents", mainstay.Thousands(organizations), mainstay.Thousands(organizations*inside))
	if err := in.connect(ctx, organizations, organizations*inside); err != nil {
		return err
	}
	if _, err := in.sync(ctx); err != nil {
		return err
	}
	if err := in.orphan(ctx, organizations); err != nil {
		return err
	}
	if err := in.settle(ctx); err != nil {
		return err
	}
	r.say("Plan to delete them")
	res := r.result(Plan, fmt.Sprintf("plan: %s organizations with %s dependents", mainstay.Thousands(organizations), mainstay.Thousands(organizations*inside)), organizations*(inside+1))
	var p mainstay.Plan
	err := r.meter.measure(ctx, &res, in.psa, in.listReader(), func() (err error) {
		p, err = in.changes.ProposeDelete(ctx, in.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
		return err
	})
	if err != nil {
		return err
	}
	if total := p.Counts.Total(); p.Counts.Of(mainstay.Organization.Name).Apply != organizations || total.Apply != res.Items {
		return fmt.Errorf("the plan counts %+v, not %d", total, res.Items)
	}
	seconds, err := floorPlan(ctx, in)
	if err != nil {
		return err
	}
	res.floor(seconds)
	res.atMost("time", res.Seconds, 1, "s")
	r.add(res)
	return nil
}
