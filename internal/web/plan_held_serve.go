package web

import (
	"context"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// fillHeldDetails says of each row that is held back, or was included, what in it
// exists only here, or who protects what of it.
func fillHeldDetails(ctx context.Context, t *store.Tx, p *PlanPage) error {
	p.Details = map[mainstay.ItemID]string{}
	var only, kept, owners []mainstay.ItemID
	for _, h := range p.Held {
		switch h.Why {
		case store.WhyProtected, store.WhyLegalHold, store.WhyKeptInside, store.WhyHoldInside:
			kept, owners = append(kept, h.ItemID), append(owners, h.OrganizationID)
		}
		if h.Why == store.WhyContents {
			only = append(only, h.ItemID)
		}
	}
	if p.Plan.Kind == mainstay.Organization.Name {
		for _, h := range p.Included {
			only = append(only, h.ItemID)
		}
	}
	if err := fillKept(ctx, t, p, kept, owners); err != nil || len(only) == 0 {
		return err
	}
	items, err := t.ItemsByID(ctx, only)
	if err != nil {
		return err
	}
	inside, err := t.PlanOnlyHere(ctx, p.Plan, only)
	for _, i := range items {
		p.Details[i.ID] = onlyNamed(i, inside[i.ID])
	}
	return err
}

// fillKept says who protects what of the rows that protection holds back.
func fillKept(ctx context.Context, t *store.Tx, p *PlanPage, rows, owners []mainstay.ItemID) error {
	whole := p.Plan.Kind == mainstay.Organization.Name
	var kept []store.KeptItem
	var err error
	if whole {
		kept, err = t.KeptInside(ctx, rows)
	} else {
		kept, err = t.KeptAmong(ctx, append(append([]mainstay.ItemID{}, rows...), owners...))
	}
	if err != nil {
		return err
	}
	for n, row := range rows {
		var said []string
		for _, k := range kept {
			if k.ItemID == row || k.ItemID == owners[n] || (whole && k.OrganizationID == row) {
				said = append(said, p.keptText(k, row))
			}
		}
		p.Details[row] = strings.Join(said, "; ")
	}
	return nil
}

// sayIncluded names in the message what was just included or kept.
func (p *PlanPage) sayIncluded(f flash) {
	rows, said := p.Included, " is included, "
	if f.Code == flashExcluded {
		rows, said = p.Held, " is held back again, "
	} else if f.Code != flashIncluded {
		return
	}
	for _, h := range rows {
		if int(h.ItemID) == f.N && len(p.Toasts) > 0 {
			p.Toasts[0].Text = h.Name + said + heldItems(h.Kind, h.Items)
		}
	}
}
