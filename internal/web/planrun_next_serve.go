package web

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// fillNext adds where a merge or a disconnection that is done leads.
func fillNext(ctx context.Context, t *store.Tx, p *PlanRunPage, all []mainstay.Integration) error {
	switch m := p.Plan.Params.Merge; {
	case p.Plan.State.Active() || p.Plan.Done == 0:
	case p.Plan.Action == mainstay.ActionMerge && m != nil && p.Actor.Sees(m.Target):
		items, err := t.ItemsByID(ctx, []mainstay.ItemID{m.Target})
		if len(items) == 1 {
			p.Stays = &items[0]
		}
		return err
	case p.Plan.Action == mainstay.ActionDisconnect && p.May(mainstay.ManageSync):
		id := p.Plan.Params.Integration
		if id == 0 && len(all) == 1 {
			id = all[0].ID
		}
		if k, err := mainstay.KindNamed(string(p.Plan.Kind)); err == nil && id != 0 && !p.Plan.Params.Remove {
			p.Match = matchURL(id, k)
		}
	}
	return nil
}
