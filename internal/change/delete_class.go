package change

import (
	"context"
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// ProposeDeleteClass freezes all that came from an integration under one row of
// Manage data: the linked items of a type or a status with everything that
// organizations hold, whether it syncs or not. Like any deletion it holds back
// what exists only here and what is protected, and what goes on syncing by another
// type as well. Confirming it stops the class in
// the same transaction, so that nothing returns. It needs the switch for bulk
// deletion, and harms nothing by itself. seen is the number that the person saw.
func (c *Changes) ProposeDeleteClass(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, class mainstay.Class, why string, seen int) (mainstay.Plan, error) {
	p, err := c.proposeDeleteClass(ctx, a, id, class, why, seen)
	if err != nil {
		what := "Plan to delete all " + class.Name
		if class.Name == "" {
			what = "Plan to delete all " + string(class.Kind) + " items of a type or status"
		}
		err = c.refused(ctx, a, 0, what, err)
	}
	return p, err
}

func (c *Changes) proposeDeleteClass(ctx context.Context, a mainstay.Actor, id mainstay.IntegrationID, class mainstay.Class, why string, seen int) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return p, err
	}
	if err := mayStop(a, true); err != nil {
		return p, err
	}
	why = mainstay.CleanText(why, false)
	if len([]rune(why)) > mainstay.MaxNote {
		return p, mainstay.FieldError("note", "Keep the reason under %s characters.", mainstay.Thousands(mainstay.MaxNote))
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := mayDeleteSyncing(ctx, t); err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionDelete, class.Kind)
		p.Seen, p.Params.Syncing, p.Params.Note = seen, true, why
		if err := c.ofIntegration(ctx, t, &p, Unlink{Integration: id, Class: &class}); err != nil {
			return err
		}
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		n, err := c.freezeClass(ctx, t, a, &p)
		if err == nil && n == 0 {
			err = mainstay.Errorf(mainstay.NotFound, "Nothing linked matches, so there is nothing to delete.")
		}
		if err == nil && p.Kind == mainstay.Organization.Name {
			_, err = t.FreezeContents(ctx, p)
		}
		if err == nil {
			err = holdOther(ctx, t, &p)
		}
		if err == nil && Guard("held") {
			err = t.HoldBack(ctx, p, false)
		}
		if err != nil {
			return err
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		p.Counts.Matched = n
		p.Message = moved(n, seen)
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

// TakeSyncing lets a plan under review delete what it held back because it still
// syncs. What has another reason to stay, such as existing only here, is held
// back for that one. It needs the switch for bulk deletion.
func (c *Changes) TakeSyncing(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	p, err := c.editPlan(ctx, a, id, func(t *store.Tx, p *mainstay.Plan) error {
		if p.Action != mainstay.ActionDelete {
			return mainstay.Errorf(mainstay.Invalid, "Only a deletion can take items that still sync.")
		}
		if err := mayDeleteSyncing(ctx, t); err != nil {
			return err
		}
		p.Params.Syncing = true
		if n, err := t.ReleaseSyncing(ctx, *p); err != nil {
			return err
		} else if n == 0 {
			return mainstay.Errorf(mainstay.Conflict, "Nothing in this plan is held back because it still syncs.")
		}
		return t.HoldBack(ctx, *p, p.Query == "" && p.Params.Class == nil)
	})
	if err != nil {
		err = c.refused(ctx, a, id, "Take what still syncs into plan "+number(int64(id)), err)
	}
	return p, err
}

// returning lists the classes of what a plan touches whose records go on syncing,
// by the settings as they will be once the plan is confirmed.
func returning(ctx context.Context, t *store.Tx, p *mainstay.Plan) ([]store.Returning, error) {
	classes, err := t.SyncingClasses(ctx, *p)
	if err != nil {
		return nil, err
	}
	all, err := t.Integrations(ctx)
	return stillIn(all, p, classes), err
}

// ReturningOrphans counts what a deletion takes that is orphaned although its
// record fits the settings as they are now: it comes back as a new item at the
// first full sync after the trash is emptied. all are the integrations in use.
func ReturningOrphans(ctx context.Context, t *store.Tx, p *mainstay.Plan, all []mainstay.Integration) (int, error) {
	classes, err := t.OrphanClasses(ctx, *p)
	n := 0
	for _, c := range stillIn(all, p, classes) {
		n += c.N
	}
	return n, err
}

// stillIn keeps the classes that sync by the settings as they will be once the
// plan is confirmed.
func stillIn(all []mainstay.Integration, p *mainstay.Plan, classes []store.Returning) []store.Returning {
	settings := make(map[mainstay.IntegrationID]mainstay.Settings, len(all))
	for _, i := range all {
		settings[i.ID] = i.Settings
		if class := p.Params.Class; class != nil && i.ID == p.Params.Integration {
			settings[i.ID] = PauseClass(i.Settings, class.Kind, class.Axis, class.ExternalID)
		}
	}
	var back []store.Returning
	for _, n := range classes {
		if s, known := settings[n.Integration]; known && classSyncs(&s, n.ClassCount) {
			back = append(back, n)
		}
	}
	return back
}

// holdOther keeps what has another type as well by which it goes on syncing: it
// belongs to that type no less, and would come back.
func holdOther(ctx context.Context, t *store.Tx, p *mainstay.Plan) error {
	back, err := returning(ctx, t, p)
	if err != nil {
		return err
	}
	return t.HoldClasses(ctx, *p, slices.DeleteFunc(back, func(n store.Returning) bool { return n.Kind != p.Kind }))
}

// countReturning counts, by kind, what a deletion takes whose record goes on syncing.
func countReturning(ctx context.Context, t *store.Tx, p *mainstay.Plan) error {
	classes, err := returning(ctx, t, p)
	back := map[mainstay.KindName]int{}
	for _, n := range classes {
		back[n.Kind] += n.N
	}
	for n := range p.Counts.Kinds {
		p.Counts.Kinds[n].Returning = back[p.Counts.Kinds[n].Kind]
	}
	return err
}
