package store

import (
	"context"

	"mainstay"
)

// Selection is what a person chose in a list: the items with the IDs, or where
// there are none all that the filter matches.
type Selection struct {
	Filter Filter
	IDs    []mainstay.ItemID
}

// Chosen are the numbers of a selection that say, before a plan is made, what
// the plan would leave out and why.
type Chosen struct {
	Total  int // that the person sees
	Hidden int // in organizations that the person can't open; 0 for chosen ids
	Linked int // with a link: a PSA owns their type and status
	// Protected are kept from every plan that deletes, disconnects or merges: by
	// themselves, with their organization, or for what they hold.
	Protected int
	Free      int // of Linked: not protected
	Kept      int // with a keep flag of their own
	Held      int // under a legal hold of their own
	// What else a deletion holds back, each for the first reason that applies:
	// the primary organization, what syncs or holds items that do, and what
	// exists only here or holds such items.
	Primary  int
	Syncing  int
	OnlyHere int
}

// CountChosen counts a selection, exactly and in one query. It walks the items of
// the selection; for organizations it also looks at what they hold.
func (t *Tx) CountChosen(ctx context.Context, a mainstay.Actor, s Selection) (Chosen, error) {
	w := &where{}
	if len(s.IDs) > 0 {
		w.add("i.kind = ?", string(s.Filter.Kind))
		w.conds = append(w.conds, "i.id IN "+list(w, unique(s.IDs), itemArg))
	} else {
		s.Filter.conditions(w, t.Now())
	}
	sees := "TRUE"
	if !a.All {
		sees = "i.organization_id IN (SELECT organization_id FROM person_organization WHERE person_id = " + w.arg(int64(a.UserID)) + ")"
	}
	kept, held := "("+t.protected(false)+")", "("+t.protected(true)+")"
	safe := "(i.id IN " + kept + " OR i.organization_id IN " + kept + ")"
	syncs, only, primary := "i.sync IN ('syncing', 'error')", "i.only_here", "FALSE"
	if s.Filter.Kind == mainstay.Organization.Name {
		safe = "(i.id IN " + kept + " OR i.id IN " + t.protecting(false) + ")"
		syncs = "EXISTS (SELECT 1 FROM item o WHERE o.organization_id = i.id AND o.sync IN ('syncing', 'error'))"
		only = "EXISTS (SELECT 1 FROM item o WHERE o.organization_id = i.id AND o.only_here)"
		primary = "i.is_primary"
	}
	var c Chosen
	err := t.QueryRow(ctx, `SELECT count(*) FILTER (WHERE q.sees), count(*) FILTER (WHERE NOT q.sees), count(*) FILTER (WHERE q.sees AND q.linked),
			count(*) FILTER (WHERE q.sees AND q.safe), count(*) FILTER (WHERE q.sees AND q.linked AND NOT q.safe),
			count(*) FILTER (WHERE q.sees AND q.flag), count(*) FILTER (WHERE q.sees AND q.held), count(*) FILTER (WHERE q.sees AND NOT q.safe AND q.main),
			count(*) FILTER (WHERE q.sees AND NOT q.safe AND NOT q.main AND q.syncs),
			count(*) FILTER (WHERE q.sees AND NOT q.safe AND NOT q.main AND NOT q.syncs AND q.only_here)
		FROM (SELECT `+sees+` AS sees, i.sync <> 'not_linked' AS linked, `+safe+` AS safe, i.id IN (SELECT item_id FROM protection WHERE keep) AS flag,
			i.id IN `+held+` AS held, `+primary+` AS main, `+syncs+` AS syncs, `+only+` AS only_here FROM item i WHERE `+w.sql()+`) q`, w.args...).
		Scan(&c.Total, &c.Hidden, &c.Linked, &c.Protected, &c.Free, &c.Kept, &c.Held, &c.Primary, &c.Syncing, &c.OnlyHere)
	if len(s.IDs) > 0 {
		c.Hidden = 0 // whoever sends ids that they can't see learns nothing of them
	}
	return c, err
}
