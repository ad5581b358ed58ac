package web

import (
	"net/url"

	"mainstay"
)

// TrashPage is what can be restored: without a query the plans that deleted
// something, with one the items whose name matches. An item that was found is
// restored by itself, never with its whole plan.
type TrashPage struct {
	Page
	Query   string // names to look for
	Groups  []TrashGroup
	Found   []TrashRow
	Matches int // items that match the query
	Days    int // how long things stay
	Pager   Pager
}

// TrashGroup is what one plan, or single deletes on one day, put into the trash.
type TrashGroup struct {
	Key        string // in the address: the plan's id, or "single"
	Heading    string // "Delete 1,204 duplicate contacts"
	Holds      string // what lies in it: "Harbor Dental and 12 other items"
	Who        string
	When       mainstay.Time
	Count      int
	PurgeAfter mainstay.Time
	Merge      bool                  // a merge put it there: undoing that brings it back, with everything that moved
	into       *mainstay.MergeParams // of a merge
	PlanURL    string                // empty for single deletes
	RestoreURL string                // GET asks, POST restores everything; empty hides it
	PurgeURL   string                // a confirm page; empty hides it
}

// URL lists the group's items.
func (g TrashGroup) URL() string { return "/trash/" + g.Key }

// restoreButton names what bringing back the whole group is.
func (g TrashGroup) restoreButton() string {
	switch {
	case g.Merge:
		return "Undo the merge"
	case g.Count == 1:
		return "Restore 1 item"
	}
	return "Restore all " + some(g.Count, "item")
}

// restoreSome names what bringing back ticked items is.
func (p TrashGroupPage) restoreSome() string {
	if p.Emptied != nil {
		return "Restore without its contents"
	}
	return "Restore these items"
}

// TrashRow is one item in the trash, with what comes back with it.
type TrashRow struct {
	mainstay.TrashEntry
	Plan    string // "Plan 4"
	PlanURL string // the group that it lies in
	Merge   bool   // see TrashGroup
	May     bool   // this person may restore it
}

// name is what to call it; a name made of fields can be empty.
func (r TrashRow) name() string { return itemName(mainstay.Item{Name: r.Name}) }

// takes says what it is and what its restore brings back with it.
func (r TrashRow) takes() string {
	text := capital(string(r.Kind))
	if n, inside := kindsText(r.Inside); n > 0 {
		return text + ", with " + inside
	}
	if r.OwnerTrashed {
		return text + ", with its organization " + r.Organization
	}
	if r.Kind != mainstay.Organization.Name && r.Organization != "" {
		return text + " in " + r.Organization
	}
	return text
}

// restoreButton names how many items its restore brings back.
func (r TrashRow) restoreButton() string {
	n, _ := kindsText(r.Inside)
	if r.OwnerTrashed {
		n++
	}
	if n == 0 {
		return "Restore"
	}
	return "Restore " + some(n+1, "item")
}

// TrashGroupPage is the items of one group, to restore some of them: POST
// /trash/{key}/restore with id (several), or with all=1.
type TrashGroupPage struct {
	Page
	Group   TrashGroup
	Query   string
	Matches int
	Items   []TrashRow
	Pager   Pager
	Error   string
	Emptied *Note // warns that a merge took what an organization held
}

// trashSearchURL looks for a name in the trash.
func trashSearchURL(words string) string {
	return "/trash?" + url.Values{"q": {words}}.Encode()
}
