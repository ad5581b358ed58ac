package change

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// ProposeEdit freezes the chosen items that would get another type or status;
// nil leaves the one or the other as it is. It harms nothing. Items with a link
// are held back, for a PSA owns both; items that have both already are left out.
func (c *Changes) ProposeEdit(ctx context.Context, a mainstay.Actor, r Request, typeID, statusID *mainstay.LabelID) (mainstay.Plan, error) {
	var p mainstay.Plan
	if typeID == nil && statusID == nil {
		return p, mainstay.Errorf(mainstay.Invalid, "Choose a type or a status to set. Nothing was planned.")
	}
	return c.proposeRoots(ctx, a, r, mainstay.ActionEdit, mainstay.PlanChanges, func(t *store.Tx, p *mainstay.Plan) error {
		p.Params.TypeID, p.Params.StatusID = typeID, statusID
		labels, err := t.Labels(ctx)
		if err != nil {
			return err
		}
		p.Params.Sets, err = setsInWords(r.Kind, labels, p.Params)
		return err
	}, func(t *store.Tx, p mainstay.Plan) error {
		if err := t.DropSame(ctx, p); err != nil {
			return err
		}
		return t.HoldOwned(ctx, p)
	})
}

// setsInWords checks what an edit sets and writes it down: "type Former client
// and no status".
func setsInWords(k *mainstay.Kind, labels []mainstay.Label, p mainstay.PlanParams) (string, error) {
	var words []string
	one := func(axis mainstay.Axis, has bool, id *mainstay.LabelID) error {
		if id == nil {
			return nil
		}
		if !has {
			return mainstay.FieldError(string(axis)+"_id", "%s have no %s.", mainstay.Capitalized(k.Plural), axis)
		}
		if *id == 0 {
			words = append(words, "no "+string(axis))
			return nil
		}
		for _, l := range labels {
			if l.ID == *id && l.Kind == k.Name && l.Axis == axis {
				words = append(words, string(axis)+" "+l.Name)
				return nil
			}
		}
		return mainstay.FieldError(string(axis)+"_id", "There is no such %s.", axis)
	}
	if err := one(mainstay.TypeAxis, k.Types, p.TypeID); err != nil {
		return "", err
	}
	if err := one(mainstay.StatusAxis, k.Statuses, p.StatusID); err != nil {
		return "", err
	}
	return strings.Join(words, " and "), nil
}

// proposeRoots freezes chosen items without what organizations hold. prepare
// fills in what the plan does, and trim holds back lines or takes them out.
func (c *Changes) proposeRoots(ctx context.Context, a mainstay.Actor, r Request, action mainstay.Action, right mainstay.Right,
	prepare func(*store.Tx, *mainstay.Plan) error, trim func(*store.Tx, mainstay.Plan) error) (mainstay.Plan, error) {
	var p mainstay.Plan
	for _, right := range []mainstay.Right{mainstay.PlanChanges, right} {
		if err := a.Can(right, r.Organization); err != nil {
			return p, err
		}
	}
	if r.Query == "" && !r.All && len(r.IDs) == 0 {
		return p, errNothingChosen
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, action, r.Kind.Name)
		p.Seen = r.Seen
		if err := prepare(t, &p); err != nil {
			return err
		}
		if err := c.freezeRoots(ctx, t, a, &p, r, trim); err != nil {
			return err
		}
		if err := planNote(ctx, t, a, "planned", &p, p.Params.Sets); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

func (c *Changes) freezeRoots(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan, r Request, trim func(*store.Tx, mainstay.Plan) error) error {
	f, err := t.Filter(ctx, r.Kind, r.Query, r.Organization)
	if err != nil {
		return err
	}
	if len(r.IDs) == 0 {
		p.Query = f.Query.String()
	}
	if err := t.InsertPlan(ctx, p); err != nil {
		return err
	}
	var roots int
	if len(r.IDs) > 0 {
		f = store.Filter{}
		roots, err = t.FreezeIDs(ctx, *p, r.IDs, a)
	} else {
		roots, err = t.FreezeRoots(ctx, *p, f, a)
	}
	if err == nil && roots == 0 {
		err = mainstay.Errorf(mainstay.NotFound, "Nothing matches any more, so there is nothing to plan.")
	}
	if err == nil {
		err = trim(t, *p)
	}
	if err == nil {
		err = c.count(ctx, t, a, p, f)
	}
	if err != nil {
		return err
	}
	if n := p.Counts.Total(); n.Apply+n.Held == 0 {
		return mainstay.Errorf(mainstay.Conflict, "Everything that you chose is so already, so there is nothing to do.")
	}
	p.Counts.Matched = roots + p.Counts.Of(p.Kind).Hidden
	p.Message = moved(roots, r.Seen)
	return nil
}
