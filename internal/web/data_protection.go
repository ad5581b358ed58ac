package web

import (
	"strconv"
	"time"

	"mainstay"
)

// DataProtectionPage shows the switch for bulk deletion of items that still sync.
type DataProtectionPage struct {
	Page
	Switch mainstay.BulkDeletion // as it is, or zero
	On     bool
	Off    string      // the sentence that everything answers with while it is off
	Form   []FormField // to switch it on; none for people who may not
	Error  string
	Log    []Event
}

// The addresses of the two pages about deleting safely.
const (
	protectionURL = "/account/data-protection"
	checksURL     = "/account/before-a-cleanup"
)

// protectionTabs lead from one page about deleting safely to the other.
func protectionTabs(current string) []Tab {
	tabs := []Tab{{Label: "Bulk deletion", URL: protectionURL}, {Label: "Before a clean-up", URL: checksURL}}
	for n := range tabs {
		tabs[n].Current = tabs[n].URL == current
	}
	return tabs
}

// keepEnd is the choice of the end that the switch has.
const keepEnd = "keep"

// lasting are the times for which the switch is offered, in minutes, after the
// end that it has while it is on.
func (p DataProtectionPage) lasting(chosen string) []Option {
	var out []Option
	if p.On {
		out = append(out, Option{Value: keepEnd, Label: "As it is: until " + p.until(p.Switch)})
	}
	if chosen == "" {
		chosen = minutes(mainstay.BulkDeletionUsual)
	}
	out = append(out, Option{Value: minutes(mainstay.BulkDeletionLeast), Label: "15 minutes"}, Option{Value: "60", Label: "1 hour"}, Option{Value: "240", Label: "4 hours"},
		Option{Value: minutes(mainstay.BulkDeletionUsual), Label: "24 hours"}, Option{Value: "4320", Label: "3 days"}, Option{Value: minutes(mainstay.BulkDeletionMost), Label: "7 days"})
	return choose(chosen, out...)
}

func minutes(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }

// until says when the switch ends: "15:04, in 3 h".
func (p Page) until(b mainstay.BulkDeletion) string {
	return p.day(b.Until) + ", " + p.clock(b.Until)
}

// syncingHeld says how many lines of a deletion stay because they still sync.
func (p PlanPage) syncingHeld() string {
	return some(p.Syncing, "item") + " " + stayOrStays(p.Syncing) + ", for they still sync or lie in an organization where something does."
}

func stayOrStays(n int) string {
	if n == 1 {
		return "stays"
	}
	return "stay"
}

// returningText says what comes back after the trash is emptied; empty where
// nothing does.
func (p PlanPage) returningText() string {
	n := p.Plan.Counts.Total().Returning
	if n == 0 {
		return ""
	}
	return some(n, "item") + " of these will come back as new items at the first full sync after Trash is emptied, for their records go on syncing. " +
		"What was written here doesn't come back with them. To keep them away, untick their type in Sync settings first, or delete by type in Manage data."
}

// orphansAfter says whether a sync brings the plan's orphans back; empty where it
// takes none, or where their reason is not the settings alone.
func (p PlanPage) orphansAfter() string {
	if p.Plan.Action != mainstay.ActionDelete {
		return ""
	}
	if n := p.Fitting; n > 0 {
		still := " of these records still match the settings and come back"
		if n == 1 {
			still = " of these records still matches the settings and comes back"
		}
		return num(n) + still + " as new items at the first full sync after Trash is emptied."
	}
	unticked := 0
	for _, g := range p.Plan.Counts.Groups {
		if g.By != "reason" || g.Kind != p.Plan.Kind || g.Apply == 0 {
			continue
		}
		switch g.Group {
		case mainstay.ReasonType.Label(), mainstay.ReasonStatus.Label(), mainstay.ReasonSetting.Label():
			unticked += g.Apply
		}
	}
	if unticked == 0 || unticked != p.Plan.Counts.Of(p.Plan.Kind).Apply {
		return ""
	}
	if p.Plan.Kind == mainstay.Contact.Name || p.Plan.Kind == mainstay.Location.Name {
		return "They are switched off in Sync settings, so no sync brings them back."
	}
	return "Their type and status are unticked, so no sync brings them back."
}

// deleteAfter says what a deletion does beyond moving to Trash.
func deleteAfter(params mainstay.PlanParams) string {
	switch {
	case params.Class != nil:
		return params.Class.Name + " stops syncing when you confirm, so that nothing returns. What is held back becomes Orphaned at the next full sync. Restoring the plan ticks " + params.Class.Name + " again. "
	case params.Syncing:
		return "This takes items that still sync. "
	}
	return ""
}

// restoredHelp says how items come back from Trash.
func restoredHelp(params mainstay.PlanParams) string {
	switch {
	case params.Class != nil:
		return "Restoring all of it ticks " + params.Class.Name + " again, and everything syncs as before. What is restored one by one becomes Orphaned at the next full sync."
	case params.Syncing:
		return "Restored items keep their history and sync as before."
	}
	return "Restored items keep their history. They come back as Orphaned."
}
