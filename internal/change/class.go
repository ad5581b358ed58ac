package change

import (
	"context"
	"fmt"

	"mainstay"
	"mainstay/internal/store"
)

// unticked lists what pausing a class takes out of the settings: pairs, or one
// empty pair for the switch of contacts or locations.
func unticked(s mainstay.Settings, class mainstay.Class) []mainstay.Pair {
	switch class.Kind {
	case mainstay.Contact.Name, mainstay.Location.Name:
		if s.Syncs(class.Kind, nil, "") {
			return []mainstay.Pair{{}}
		}
		return nil
	}
	paused := PauseClass(s, class.Kind, class.Axis, class.ExternalID)
	left := paused.Pairs(class.Kind)
	var out []mainstay.Pair
	for _, p := range mainstay.SortedPairs(s.Pairs(class.Kind)) {
		if !left[p] {
			out = append(out, p)
		}
	}
	return out
}

// stopClass takes the class of a plan out of the sync settings, in the
// transaction that confirms the plan. What that may orphan was counted in the
// plan and is agreed to with it.
func (c *Changes) stopClass(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	class := p.Params.Class
	if class == nil && !p.Params.Remove {
		return nil
	}
	if err := mayStop(a, true); err != nil {
		return err
	}
	if p.Params.Remove {
		return c.standStill(ctx, t, a, p)
	}
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if err != nil {
		return err
	}
	p.Params.Unticked, p.Params.Switched = unticked(i.Settings, *class), false
	if len(p.Params.Unticked) == 0 {
		return nil
	}
	s := PauseClass(i.Settings, class.Kind, class.Axis, class.ExternalID)
	if class.Kind == mainstay.Contact.Name || class.Kind == mainstay.Location.Name {
		p.Params.Unticked, p.Params.Switched = nil, true
	}
	e, agreed, err := pauseEffect(ctx, t, i, *class)
	if err != nil {
		return err
	}
	if p.Action == mainstay.ActionPause && e.OrphanTotal() != p.Counts.Total().Apply {
		return mainstay.Errorf(mainstay.Stale, "%s would become orphaned by now, not %s. Nothing was done. Make the plan again to see what's different.",
			items(e.OrphanTotal()), mainstay.Thousands(p.Counts.Total().Apply))
	}
	return c.putSettings(ctx, t, a, i, s, agreed+e.OrphanTotal(), fmt.Sprintf("%s was unticked by plan %d", class.Name, p.ID))
}

// standStill pauses an integration that is about to be removed. Params.Switched
// says that it was this plan that paused it.
func (c *Changes) standStill(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if err != nil || i.Paused {
		return err
	}
	p.Params.Switched = true
	return c.pause(ctx, t, a, i, true)
}

// takeBack undoes what confirming a plan changed at once, for a person who
// cancels before it starts.
func (c *Changes) takeBack(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	defer func() { p.Params.Unticked, p.Params.Switched = nil, false }()
	if !p.Params.Remove {
		return c.resumeClass(ctx, t, a, p)
	}
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if err != nil || !p.Params.Switched || !i.Paused {
		return err
	}
	return c.pause(ctx, t, a, i, false)
}

// putSettings stores sync settings that a plan changed.
func (c *Changes) putSettings(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Integration, s mainstay.Settings, confirmed int, detail string) error {
	s.Version = i.Settings.Version + 1
	i.Settings, i.Confirmed, i.ConfirmedVersion = s, confirmed, s.Version
	i.NextFull = nextFull(i, t.Now())
	if err := t.UpdateIntegration(ctx, i); err != nil {
		return err
	}
	return note(ctx, t, a, "changed sync settings", i.Name, detail)
}

// resumeClass ticks again what stopClass unticked, as far as nobody did so
// meanwhile.
func (c *Changes) resumeClass(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	class := p.Params.Class
	if !p.Params.Unticks() {
		return nil
	}
	i, err := t.LockIntegration(ctx, p.Params.Integration)
	if mainstay.KindOf(err) == mainstay.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s := i.Settings
	switch {
	case p.Params.Switched && class.Kind == mainstay.Contact.Name:
		s.Contacts = true
	case p.Params.Switched:
		s.Locations = true
	default:
		with := map[mainstay.Pair]bool{}
		for q, on := range s.Pairs(class.Kind) {
			with[q] = on
		}
		for _, q := range p.Params.Unticked {
			with[q] = true
		}
		if class.Kind == mainstay.Organization.Name {
			s.Organizations = with
		} else {
			s.Configurations = with
		}
	}
	e, err := effect(ctx, t, i.ID, s)
	if err != nil {
		return err
	}
	return c.putSettings(ctx, t, a, i, s, min(e.OrphanTotal(), i.Confirmed), fmt.Sprintf("%s was ticked again by undoing plan %d", class.Name, p.ID))
}
