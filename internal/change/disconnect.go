package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// Unlink asks to end links. Exactly one of Class, Remove and the Request's
// choice says which.
type Unlink struct {
	Request
	Integration mainstay.IntegrationID // of Class and Remove
	Class       *mainstay.Class        // a row of Manage data, which stops syncing as well
	Remove      bool                   // every link of the integration, and then the integration
	Note        string                 // why, in the person's words; shown with the items
}

// ProposeDisconnect freezes the linked items that a person wants to be on their
// own, organizations with all that is linked inside them, and counts them. It
// harms nothing. Applying keeps every item and leaves a tombstone of each link,
// so nothing is doubled when its record syncs again.
func (c *Changes) ProposeDisconnect(ctx context.Context, a mainstay.Actor, u Unlink) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PlanChanges, u.Organization); err != nil {
		return p, err
	}
	whole := u.Class != nil || u.Remove
	if err := mayStop(a, whole); err != nil {
		return p, err
	}
	if u.Remove {
		if err := a.Can(mainstay.EditConnections, 0); err != nil {
			return p, err
		}
	}
	if !whole && u.Query == "" && !u.All && len(u.IDs) == 0 {
		return p, errNothingChosen
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionDisconnect, "")
		p.Seen = u.Seen
		var err error
		if p.Params.Note, err = reason(u.Note); err != nil {
			return err
		}
		if err := c.freezeLinked(ctx, t, a, &p, u, whole); err != nil {
			return err
		}
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

// reason is what a person wrote as the reason of a plan, as it is kept.
func reason(note string) (string, error) {
	note = mainstay.CleanText(note, false)
	if len([]rune(note)) > mainstay.MaxNote {
		return "", mainstay.FieldError("note", "Keep the reason under %s characters.", mainstay.Thousands(mainstay.MaxNote))
	}
	return note, nil
}

var errNothingChosen = mainstay.Errorf(mainstay.Invalid, "Nothing was chosen. An empty filter selects nothing.")

// mayStop refuses what concerns every organization to people who see only some.
func mayStop(a mainstay.Actor, whole bool) error {
	if whole {
		if err := a.Can(mainstay.ManageSync, 0); err != nil {
			return err
		}
	}
	if whole && !a.All {
		return mainstay.Errorf(mainstay.Forbidden, "This concerns every organization, and you can open only some. Select the ones you can open in a list, or ask an Administrator.")
	}
	return nil
}

func (c *Changes) freezeLinked(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, u Unlink, whole bool) error {
	var f store.Filter
	var err error
	if whole {
		if err = c.ofIntegration(ctx, t, p, u); err != nil {
			return err
		}
	} else {
		p.Kind = u.Kind.Name
		if f, err = t.Filter(ctx, u.Kind, u.Query, u.Organization); err != nil {
			return err
		}
		if len(u.IDs) == 0 {
			p.Query = f.Query.String()
		}
	}
	if err = t.InsertPlan(ctx, p); err != nil {
		return err
	}
	var roots int
	switch {
	case whole:
		roots, err = c.freezeClass(ctx, t, a, p)
	case len(u.IDs) > 0:
		roots, err = t.FreezeIDs(ctx, *p, u.IDs, a)
	default:
		roots, err = t.FreezeRoots(ctx, *p, f, a)
	}
	if err == nil && roots == 0 && !u.Remove {
		err = mainstay.Errorf(mainstay.NotFound, "Nothing linked matches, so there is nothing to disconnect.")
	}
	if err == nil && p.Kind == mainstay.Organization.Name {
		_, err = t.FreezeContents(ctx, *p)
	}
	if err == nil {
		err = t.HoldBack(ctx, *p, len(u.IDs) > 0)
	}
	if err != nil {
		return err
	}
	if whole || len(u.IDs) > 0 {
		f = store.Filter{}
	}
	if err := c.count(ctx, t, a, p, f); err != nil {
		return err
	}
	p.Counts.Matched = roots + p.Counts.Of(p.Kind).Hidden
	p.Message = moved(roots, u.Seen)
	return nil
}

// moved says that the number of matches is no longer what the person saw.
func moved(now, seen int) string {
	if seen == 0 || now == seen {
		return ""
	}
	return mainstay.Thousands(now) + " match now; " + mainstay.Thousands(seen) + " did when you selected. Review them."
}

// ofIntegration fills in what a plan about a class or a whole integration is about.
func (c *Changes) ofIntegration(ctx context.Context, t *store.Tx, p *mainstay.Plan, u Unlink) error {
	i, err := t.Integration(ctx, u.Integration)
	if err == nil {
		err = inUse(i)
	}
	if err != nil {
		return err
	}
	p.Params.Integration, p.Params.PSA, p.Params.Remove = i.ID, i.Name, u.Remove
	if u.Class == nil {
		return nil
	}
	class, err := c.named(ctx, t, i.ID, *u.Class)
	p.Params.Class, p.Kind = &class, class.Kind
	return err
}

// named checks a class against what the integration knows, and gives it its name.
func (c *Changes) named(ctx context.Context, t *store.Tx, id mainstay.IntegrationID, class mainstay.Class) (mainstay.Class, error) {
	kind, err := mainstay.KindNamed(string(class.Kind))
	if err != nil {
		return class, err
	}
	class.Kind = kind.Name
	pairs := kind.Types && kind.Statuses
	if class.Axis == "" && !pairs && kind.Syncs {
		class.ExternalID = ""
		class.Name = mainstay.Capitalized(kind.Plural)
		return class, nil
	}
	if class.ExternalID == "" && pairs && (class.Axis == mainstay.TypeAxis || class.Axis == mainstay.StatusAxis) {
		class.Name = "No " + string(class.Axis)
		return class, nil
	}
	labels, err := t.Labels(ctx)
	if err != nil {
		return class, err
	}
	if l, ok := NewLabels(labels, id).byExternal[labelKey{class.Kind, class.Axis, class.ExternalID}]; ok {
		class.Name = l.Name
		return class, nil
	}
	return class, mainstay.Errorf(mainstay.NotFound, "There is no such type or status.")
}

func (c *Changes) freezeClass(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) (int, error) {
	class := store.LinkedClass{Integration: p.Params.Integration}
	if k := p.Params.Class; k != nil {
		class.Kind = k.Kind
		labels, err := t.Labels(ctx)
		if err != nil {
			return 0, err
		}
		id := NewLabels(labels, p.Params.Integration).ID(k.Kind, k.Axis, k.ExternalID)
		class = store.ClassOf(p.Params.Integration, k.Kind, k.Axis, id)
	}
	return t.FreezeLinked(ctx, *p, class, a)
}

// ProposePause counts what stops syncing when a row of Manage data is paused.
// The plan has no list: confirming it unticks the class, and the next full sync
// marks the items as orphaned. Their links stay, and undoing ticks the class again.
func (c *Changes) ProposePause(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, class mainstay.Class, why string) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := mayStop(a, true); err != nil {
		return p, err
	}
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return p, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionPause, class.Kind)
		var err error
		if p.Params.Note, err = reason(why); err != nil {
			return err
		}
		if err := c.ofIntegration(ctx, t, &p, Unlink{Integration: id, Class: &class}); err != nil {
			return err
		}
		i, err := t.Integration(ctx, id)
		if err != nil {
			return err
		}
		e, _, err := pauseEffect(ctx, t, i, *p.Params.Class)
		if err != nil {
			return err
		}
		if len(unticked(i.Settings, *p.Params.Class)) == 0 {
			return mainstay.Errorf(mainstay.Conflict, "%s doesn't sync already.", p.Params.Class.Name)
		}
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if err := c.countPause(&p, e); err != nil {
			return err
		}
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

func (c *Changes) countPause(p *mainstay.Plan, e Effect) error {
	p.Counts = mainstay.PlanCounts{Matched: e.Orphan[p.Kind]}
	for _, k := range mainstay.Kinds() {
		if n := e.Orphan[k.Name]; n > 0 {
			p.Counts.Kinds = append(p.Counts.Kinds, mainstay.KindCount{Kind: k.Name, Apply: n})
		}
	}
	p.Friction, p.Phrase = friction(p), ""
	var err error
	p.Fingerprint, err = fingerprint(p)
	return err
}

// paused ends a pause plan in the transaction that confirms it: the settings are
// all that it changes.
func (c *Changes) paused(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	p.State, p.StartAt, p.Started, p.Ended = mainstay.PlanDone, t.Now(), t.Now(), t.Now()
	if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
		return err
	}
	if err := planNote(ctx, t, a, "finished", p, "They become orphaned at the next full sync"); err != nil {
		return err
	}
	return t.UpdatePlan(ctx, *p)
}

// undoPause ticks a paused class again. Items that became orphaned meanwhile
// heal at the next full sync.
func (c *Changes) undoPause(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := mayStop(a, true); err != nil {
		return p, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionResume, old.Kind)
		p.Origin, p.Params.Integration, p.Params.PSA, p.Params.Class = old.ID, old.Params.Integration, old.Params.PSA, old.Params.Class
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if err := c.resumeClass(ctx, t, a, &old); err != nil {
			return err
		}
		p.Counts, p.Friction = old.Counts, mainstay.FrictionButton
		var err error
		if p.Fingerprint, err = fingerprint(&p); err != nil {
			return err
		}
		p.State, p.Started, p.Ended = mainstay.PlanDone, t.Now(), t.Now()
		if err := planNote(ctx, t, a, "started", &p, "They sync again at the next full sync"); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}
