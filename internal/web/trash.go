package web

import "mainstay"

// TrashPage is what can be restored, grouped by the plan that deleted it.
type TrashPage struct {
	Page
	Query  string // names to look for
	Groups []TrashGroup
	Days   int // how long things stay
	Pager  Pager
}

// TrashGroup is what one plan, or single deletes on one day, put into the trash.
type TrashGroup struct {
	Key        string // in the address: the plan's id, or "single"
	Heading    string // "Delete 1,204 duplicate contacts"
	Who        string
	When       mainstay.Time
	Count      int
	PurgeAfter mainstay.Time
	PlanURL    string // empty for single deletes
	RestoreURL string // POST: restore everything; empty hides it
	PurgeURL   string // a confirm page; empty hides it
}

// URL lists the group's items.
func (g TrashGroup) URL() string { return "/trash/" + g.Key }

// TrashGroupPage is the items of one group, to restore some of them: POST
// /trash/{key}/restore with id (several), or with all=1 and q.
type TrashGroupPage struct {
	Page
	Group   TrashGroup
	Query   string
	Matches int
	Items   []mainstay.TrashEntry
	Pager   Pager
	Error   string
}
