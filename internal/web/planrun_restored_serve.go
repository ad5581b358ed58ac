package web

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// restoredRows is how many items the page of a restore names.
const restoredRows = 10

// broughtBack is the organization that a restore brought back, where it is one.
func (p PlanRunPage) broughtBack() *mainstay.Item {
	if len(p.Restored) == 0 || p.Restored[0].Kind != mainstay.Organization.Name || (len(p.Restored) > 1 && p.Restored[1].Kind == mainstay.Organization.Name) {
		return nil
	}
	return &p.Restored[0]
}

// alsoRestored counts what came back and has no name on the page.
func (p PlanRunPage) alsoRestored(n int) string {
	if len(p.Restored) == 0 {
		return some(n, "item") + "."
	}
	return "And " + some(n, "other item") + "."
}

// fillRestored names what a restore that has ended brought back: all of it where
// it is few, else its organizations where they are. It says how many are
// orphaned, for the next deletion of all orphans takes those again.
func fillRestored(ctx context.Context, t *store.Tx, p *PlanRunPage, all []mainstay.Integration) error {
	plan := p.Plan
	if plan.Action != mainstay.ActionRestore || plan.State.Active() || plan.Done == 0 {
		return nil
	}
	kind, few := mainstay.KindName(""), plan.Counts.Total().Apply <= restoredRows
	if n := plan.Counts.Of(mainstay.Organization.Name).Apply; !few && n > 0 && n <= restoredRows {
		kind, few = mainstay.Organization.Name, true
	}
	var err error
	if few {
		if p.Restored, err = t.Restored(ctx, p.Actor, plan.ID, kind, restoredRows); err != nil {
			return err
		}
	}
	if plan.Origin != 0 {
		origin, err := t.Plan(ctx, plan.Origin)
		if err != nil && mainstay.KindOf(err) != mainstay.NotFound {
			return err
		}
		p.Ticked = tickedText(origin.Params)
	}
	if p.Orphans, err = t.CountRestoredOrphans(ctx, p.Actor, plan.ID); err != nil || p.Orphans == 0 || !p.May(mainstay.ManageSync) {
		return err
	}
	if p.SettingsURL = "/account/integrations"; len(all) == 1 {
		p.SettingsURL = integrationURL(all[0].ID) + "/sync-settings"
	}
	return nil
}

// fillReturned says which plans brought back, or ended for good, what a deletion
// moved to the trash.
func fillReturned(ctx context.Context, t *store.Tx, p *PlanRunPage) error {
	if p.Plan.Done == 0 || p.Plan.State.Active() {
		return nil
	}
	var err error
	if p.Parts, err = t.PlansOf(ctx, p.Plan.ID); err != nil {
		return err
	}
	if p.Trash == 0 && len(p.Parts) == 0 && p.Undone == nil {
		p.Returned = "Nothing of it is left in Trash."
	}
	return nil
}
