package store

import (
	"cmp"
	"context"
	"slices"

	"mainstay"
	"mainstay/internal/db"
)

// planClass is how many lines of a plan are alike.
type planClass struct {
	line     mainstay.KindCount
	lost     bool // its organization, or the item itself, is not in the table any more
	typeName string
	reason   mainstay.Reason
}

// PlanCounts counts the lines of a plan by kind, and what it will touch by the
// type and by the reason of the organization (of the item itself for plans of
// other kinds), which lies in table: "item" or "trash". It reads every line once.
func (t *Tx) PlanCounts(ctx context.Context, p mainstay.Plan, table string) ([]mainstay.KindCount, []mainstay.GroupCount, error) {
	lines := "SELECT item_id AS root, kind, held, only_here, gone, unlinked, 1 AS n FROM plan_item WHERE plan_id = $1"
	if p.Kind == mainstay.Organization.Name {
		lines = "SELECT organization_id AS root, kind, held, only_here, gone, unlinked, count(*) AS n FROM plan_item WHERE plan_id = $1 GROUP BY organization_id, kind, held, only_here, gone, unlinked"
	}
	if table != "trash" {
		table = "item"
	}
	classes, err := scanAll(ctx, t, scanPlanClass, `SELECT g.kind, g.held, g.only_here, g.gone, g.unlinked, i.id IS NULL, COALESCE(l.name, 'No type'), COALESCE(i.reason, ''), CAST(sum(g.n) AS BIGINT)
		FROM (`+lines+`) g LEFT JOIN `+table+` i ON i.id = g.root LEFT JOIN label l ON l.id = i.type_id
		GROUP BY g.kind, g.held, g.only_here, g.gone, g.unlinked, i.id IS NULL, COALESCE(l.name, 'No type'), COALESCE(i.reason, '')`, int64(p.ID))
	if err != nil {
		return nil, nil, err
	}
	return kindsOf(classes), append(groupsOf(classes, "type"), groupsOf(classes, "reason")...), nil
}

func scanPlanClass(r db.Row) (planClass, error) {
	var c planClass
	var held, only, gone, unlinked bool
	var n int
	err := r.Scan(&c.line.Kind, &held, &only, &gone, &unlinked, &c.lost, &c.typeName, &c.reason, &n)
	switch {
	case held:
		c.line.Held = n
	default:
		c.line.Apply = n
		if only {
			c.line.OnlyHere = n
		}
		if gone {
			c.line.Gone = n
		}
		if unlinked {
			c.line.Unlinked = n
		}
	}
	return c, err
}

// kindsOf adds classes up by kind, in the order of the names of the kinds.
func kindsOf(classes []planClass) []mainstay.KindCount {
	var out []mainstay.KindCount
	at := map[mainstay.KindName]int{}
	for _, c := range classes {
		n, ok := at[c.line.Kind]
		if !ok {
			n = len(out)
			at[c.line.Kind] = n
			out = append(out, mainstay.KindCount{Kind: c.line.Kind})
		}
		out[n].Apply += c.line.Apply
		out[n].Held += c.line.Held
		out[n].OnlyHere += c.line.OnlyHere
		out[n].Gone += c.line.Gone
		out[n].Unlinked += c.line.Unlinked
	}
	slices.SortFunc(out, func(a, b mainstay.KindCount) int { return cmp.Compare(a.Kind, b.Kind) })
	return out
}

// groupsOf adds up what will be touched by "type" or by "reason", largest first.
func groupsOf(classes []planClass, by string) []mainstay.GroupCount {
	type key struct {
		group string
		kind  mainstay.KindName
	}
	sum := map[key]int{}
	for _, c := range classes {
		group := c.typeName
		if by == "reason" {
			if group = c.reason.Label(); group == "" {
				group = "Not orphaned"
			}
		}
		if c.line.Apply > 0 && !c.lost {
			sum[key{group, c.line.Kind}] += c.line.Apply
		}
	}
	var out []mainstay.GroupCount
	for k, n := range sum {
		out = append(out, mainstay.GroupCount{By: by, Group: k.group, Kind: k.kind, Apply: n})
	}
	slices.SortFunc(out, func(a, b mainstay.GroupCount) int {
		return cmp.Or(cmp.Compare(b.Apply, a.Apply), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}
