package web

import (
	"context"
	"strings"

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
func fillRestored(ctx context.Context, t *store.Tx, p *PlanRunPage) error {
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
	if p.Orphans, err = t.CountRestoredOrphans(ctx, p.Actor, plan.ID); err != nil || p.Orphans == 0 || !p.May(mainstay.ManageSync) {
		return err
	}
	all, err := t.Integrations(ctx)
	if p.SettingsURL = "/account/integrations"; len(all) == 1 {
		p.SettingsURL = integrationURL(all[0].ID) + "/sync-settings"
	}
	return err
}

// returned says what became of what a deletion moved to the trash, where nothing
// of it lies there any more; else it is empty.
func returned(ctx context.Context, t *store.Tx, plan mainstay.Plan, trash int) (string, error) {
	if trash > 0 || plan.Done == 0 || plan.State.Active() {
		return "", nil
	}
	plans, err := t.PlansOf(ctx, plan.ID)
	var text []string
	for _, p := range plans {
		switch all := p.Done >= plan.Done; {
		case p.Action == mainstay.ActionRestore && all:
			return "Plan " + planNumber(p) + " restored all of it.", err
		case p.Action == mainstay.ActionRestore:
			text = append(text, "Plan "+planNumber(p)+" restored "+some(p.Done, "item")+".")
		case p.Action == mainstay.ActionPurge:
			text = append(text, "Plan "+planNumber(p)+" deleted "+some(p.Done, "item")+" for good.")
		}
	}
	return strings.Join(append([]string{"Nothing of it is left in Trash."}, text...), " "), err
}
