package change

import (
	"context"
	"encoding/json"
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// Merge asks to make one organization of two.
type Merge struct {
	Source mainstay.ItemID // goes to the trash
	Target mainstay.ItemID // stays
	Fields map[string]mainstay.MergeSide
	// SourceLink keeps the link of the source where both have one; Grant lets the
	// people who may open the source only open the target.
	SourceLink, Grant bool
	// Drop are items of the source that go to the trash as doubles; DropAll is all
	// that may.
	Drop    []mainstay.ItemID
	DropAll bool
}

// ProposeMerge freezes an organization with all that it holds, which is to move
// into another one. It harms nothing. Whatever the two are linked with may be
// merged; a merge moves everything or, where something inside is protected, nothing.
func (c *Changes) ProposeMerge(ctx context.Context, a mainstay.Actor, m Merge) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := a.Can(mainstay.PlanChanges, 0); err != nil {
		return p, err
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		source, target, err := MergePair(ctx, t, a, m.Source, m.Target)
		if err != nil {
			return err
		}
		p = newPlan(t, a, mainstay.ActionMerge, mainstay.Organization.Name)
		params := mainstay.MergeParams{Source: source.ID, Target: target.ID, SourceName: source.Name, TargetName: target.Name, TargetVersion: target.Version,
			Fields: m.Fields, SourceLink: m.SourceLink, Grant: m.Grant}
		p.Params.Merge = &params
		if errs := params.Check(&source, &target); len(errs) > 0 {
			return FieldErrors(errs)
		}
		if err := keepsLink(ctx, t, source, target, m.SourceLink); err != nil {
			return err
		}
		drop, err := dropped(ctx, t, m)
		if err != nil {
			return err
		}
		params.Doubles = len(drop)
		if err := foresee(ctx, t, &params, source, target); err != nil {
			return err
		}
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if _, err := t.FreezeMerge(ctx, p, a); err != nil {
			return err
		}
		if err := t.HoldBack(ctx, p, true); err != nil {
			return err
		}
		if err := t.MarkDoubles(ctx, p.ID, drop); err != nil {
			return err
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		p.Counts.Matched = 1
		if err := planNote(ctx, t, a, "planned", &p, ""); err != nil {
			return err
		}
		return t.UpdatePlan(ctx, p)
	})
	return p, err
}

var errSameTwice = mainstay.Errorf(mainstay.Invalid, "Name two organizations: this is the same one twice. Nothing was changed.")

// MergePair reads and locks two organizations that a person may merge. One that is missing
// and one that the person may not see are the same.
func MergePair(ctx context.Context, t *store.Tx, a mainstay.Actor, source, target mainstay.ItemID) (s, into mainstay.Item, err error) {
	if source == target {
		return s, into, errSameTwice
	}
	for _, id := range []mainstay.ItemID{min(source, target), max(source, target)} {
		if err := a.Can(mainstay.MergeOrgs, id); err != nil {
			return s, into, err
		}
		o, err := t.LockItem(ctx, mainstay.Ref{Kind: mainstay.Organization.Name, ID: id})
		if err != nil {
			return s, into, err
		}
		if id == source {
			s = o
		} else {
			into = o
		}
	}
	return s, into, Mergeable(ctx, t, a, s, into)
}

// Mergeable refuses what is no pair, the pairs that can be merged the other way
// round only, and those whose merge would reach what the person may not see.
func Mergeable(ctx context.Context, t *store.Tx, a mainstay.Actor, source, target mainstay.Item) error {
	if source.ID == target.ID {
		return errSameTwice
	}
	if source.Primary {
		return mainstay.Errorf(mainstay.Conflict, "%s is your own organization, so it is the one that has to stay. Swap the two.", source.Name)
	}
	seen := []mainstay.ItemID{target.ID}
	for up := target.ParentID; up != 0 && !slices.Contains(seen, up); {
		if up == source.ID {
			return mainstay.Errorf(mainstay.Conflict, "%s lies below %s, which therefore is the one that has to stay. Swap the two.", target.Name, source.Name)
		}
		seen = append(seen, up)
		above, err := t.ItemsByID(ctx, []mainstay.ItemID{up})
		if err != nil {
			return err
		}
		up = 0
		for _, o := range above {
			up = o.ParentID
		}
	}
	_, hidden, err := t.CountChildren(ctx, a, source.ID)
	if err == nil {
		err = hiddenBelow(hidden, source.Name)
	}
	return err
}

// hiddenBelow refuses to give sub-organizations another parent that the person
// who asks may not see.
func hiddenBelow(n int, name string) error {
	switch n {
	case 0:
		return nil
	case 1:
		return mainstay.Errorf(mainstay.Conflict, "1 organization below %s is hidden from you and would get another parent. Somebody who may open it has to do this.", name)
	}
	return mainstay.Errorf(mainstay.Conflict, "%d organizations below %s are hidden from you and would get another parent. Somebody who may open them has to do this.", n, name)
}

// stillMerges checks that a person may still merge two organizations, or take
// them apart, with the sub-organizations that this moves.
func stillMerges(ctx context.Context, t *store.Tx, a mainstay.Actor, p mainstay.Plan) error {
	m := p.Params.Merge
	for _, id := range []mainstay.ItemID{m.Source, m.Target} {
		if err := a.Can(mainstay.MergeOrgs, id); err != nil {
			return err
		}
	}
	if p.Action == mainstay.ActionMerge {
		_, hidden, err := t.CountChildren(ctx, a, m.Source)
		if err != nil {
			return err
		}
		return hiddenBelow(hidden, m.SourceName)
	}
	text, err := t.BeforeOf(ctx, p.Origin, m.Source)
	if err != nil || text == "" {
		return err
	}
	var b mergeBefore
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		return err
	}
	children, err := t.ItemsByID(ctx, b.Children)
	if err != nil {
		return err
	}
	hidden := 0
	for _, o := range children {
		if !a.Sees(o.ID) {
			hidden++
		}
	}
	return hiddenBelow(hidden, m.TargetName)
}

// keepsLink refuses a merge that would end the link of a protected target.
func keepsLink(ctx context.Context, t *store.Tx, source, target mainstay.Item, sourceLink bool) error {
	if !sourceLink || source.Sync == mainstay.NotLinked || target.Sync == mainstay.NotLinked {
		return nil
	}
	all, err := t.Protections(ctx, []mainstay.ItemID{target.ID})
	if err != nil {
		return err
	}
	if p := all[target.ID]; p.Active(t.Now()) {
		return mainstay.Errorf(mainstay.Held, "%s is protected, so its link has to be the one that stays. Nothing was changed. Choose its link, or lift the protection first.", target.Name)
	}
	return nil
}

// foresee writes what comes of the merge into the plan, with the number that the
// PSA has for the company whose link stays.
func foresee(ctx context.Context, t *store.Tx, m *mainstay.MergeParams, source, target mainstay.Item) error {
	records, err := t.RecordsOf(ctx, []mainstay.ItemID{source.ID, target.ID})
	if err != nil {
		return err
	}
	stays, company := target.ID, ""
	if mainstay.MergeLink(&source, &target, m.SourceLink) == mainstay.MergeSource {
		stays = source.ID
	}
	for _, r := range records {
		if r.ItemID == stays {
			company = r.ExternalID
		}
	}
	after := m.Foresee(&source, &target, company)
	m.After = &after
	return nil
}

// dropped finds what stands for the items that go to the trash as doubles.
func dropped(ctx context.Context, t *store.Tx, m Merge) (map[mainstay.ItemID]mainstay.ItemID, error) {
	out := map[mainstay.ItemID]mainstay.ItemID{}
	if len(m.Drop) == 0 && !m.DropAll {
		return out, nil
	}
	all, err := Doubles(ctx, t, m.Source, m.Target)
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		chosen := slices.Contains(m.Drop, d.Source.ID)
		switch {
		case d.Stays == "" && (m.DropAll || chosen):
			out[d.Source.ID] = d.Target.ID
		case chosen:
			return nil, mainstay.Errorf(mainstay.Held, "%s can't go to Trash in this merge: %s. Nothing was changed.", d.Source.Name, d.Stays)
		}
	}
	for _, id := range m.Drop {
		if _, ok := out[id]; !ok {
			return nil, mainstay.Errorf(mainstay.Stale, "Item %d is no double any more. Nothing was changed. Look at the two organizations again.", id)
		}
	}
	return out, nil
}

// unseen refuses to confirm a merge into an organization that changed since.
func unseen(ctx context.Context, t *store.Tx, a mainstay.Actor, p *mainstay.Plan) error {
	m := p.Params.Merge
	if m == nil {
		return nil
	}
	source, target, err := MergePair(ctx, t, a, m.Source, m.Target)
	if err != nil {
		return err
	}
	if source.Name != m.SourceName || target.Version != m.TargetVersion {
		return mainstay.Errorf(mainstay.Stale, "%s changed after this plan was made. Nothing was done. Make the plan again to see what's different.", target.Name)
	}
	return nil
}
