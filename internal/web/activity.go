package web

import "mainstay"

// ActivityPage is the log of who did what, with filters by GET: who, verb,
// kind, from, to, q.
type ActivityPage struct {
	Page
	Filters []FormField
	Active  bool // some filter is set
	Whole   bool // each plan and sync has one line
	Each    Link // leads to the log with each item of plans and syncs, or back; empty where there is no choice
	Entries []ActivityRow
	Pager   Pager
	// Organization is set for the activity of one organization.
	Head *OrganizationHead
	Base string
}

// ActivityRow is one entry with where it leads and what changed, in the order of the form.
type ActivityRow struct {
	Entry   mainstay.Activity
	URL     string
	Plan    Link // the plan that did it to an item, for people who may see it
	Changes []ChangeRow
}

// ChangeRow is one field before and after.
type ChangeRow struct{ Label, Before, After string }
