package web

import (
	"strings"

	"mainstay"
)

// PlanRunPage is a plan that was confirmed: starting, running, paused, done,
// stopped, failed, discarded. Its live part is the fragment planLive, the
// element #live, sent as unnamed events by GET /changes/{id}/events and,
// without events, by GET /changes/{id}/progress. When the plan ends the stream
// sends the event "finished".
type PlanRunPage struct {
	Page
	Plan        mainstay.Plan
	Heading     string
	Back        string // the list or the row that it was made from; empty where unknown
	Kinds       []KindProgress
	Rate        int // items a minute; 0 while unknown
	LeftSeconds int // 0 while unknown
	Stages      []Stage
	Log         []LogLine
	Backup      *mainstay.Backup
	Trash       int // items of this plan that are in the trash now
	Days        int
	Others      []TrashGroup    // other plans that can still be restored
	Returned    string          // what became of a deletion of which nothing is left in the trash
	Restored    []mainstay.Item // what a restore brought back, where it is few
	Orphans     int             // of what a restore brought back
	SettingsURL string          // where types and statuses are ticked; empty hides it
	Speed       []Bar
	Names       PlanNames
	// Undone is the plan that took this one back or, with the action purge, deleted
	// for good what this one deleted; nil for none.
	Undone     *mainstay.Plan
	Held       int    // organizations, or items, that a deletion held back
	PSA        string // the name of the only PSA; empty for several
	CanControl bool   // this person may pause, stop, restore
}

// KindProgress is how far a plan is with one kind.
type KindProgress struct {
	Kind        *mainstay.Kind
	Done, Total int
}

// LogLine is one line of a job's log.
type LogLine struct {
	At   mainstay.Time
	Text string
	Warn bool
}

// handled is how many items the plan is through with.
func (p PlanRunPage) handled() int { return p.Plan.Done + p.Plan.Skipped }

func (p PlanRunPage) total() int {
	t := p.Plan.Counts.Total()
	return t.Apply
}

// ended reports whether nothing moves any more.
func (p PlanRunPage) ended() bool { return !p.Plan.State.Active() }

// secondsToStart is how long a person can still cancel.
func (p PlanRunPage) secondsToStart() int {
	return max(0, int(p.Plan.StartAt.Sub(p.Now).Seconds()))
}

// result says what became of the items.
func (p PlanRunPage) result() string {
	text := doneText(p.Plan) + " " + verbsOf(p.Plan.Action).Done
	if p.Plan.Skipped > 0 {
		text += ", " + num(p.Plan.Skipped) + " skipped"
	}
	return text
}

func (p PlanRunPage) subtitle() string {
	by := p.Plan.Params.ConfirmedBy
	if by == "" {
		by = p.Plan.UserName
	}
	text := join("Plan "+planNumber(p.Plan), "confirmed by "+by)
	if !p.Plan.Started.IsZero() {
		text = join(text, "started "+p.ago(p.Plan.Started))
	}
	text = join(text, p.Plan.About())
	if p.Plan.Params.Note != "" {
		text = join(text, "reason: "+p.Plan.Params.Note)
	}
	return text
}

// canRestore reports whether the plan's items can come back as a whole.
func (p PlanRunPage) canRestore() bool {
	return p.CanControl && p.ended() && p.Plan.Action == mainstay.ActionDelete && p.Trash > 0
}

// canUndo reports whether what the plan changed can be changed back as a whole.
func (p PlanRunPage) canUndo() bool {
	did := p.Plan.Done > 0 || (p.Plan.Action == mainstay.ActionPause && p.Plan.State == mainstay.PlanDone)
	return p.CanControl && p.ended() && did && p.Undone == nil && verbsOf(p.Plan.Action).Undone != ""
}

// undoButton names what undoing does: "Undo: reconnect 12 items".
func (p PlanRunPage) undoButton() string {
	if p.Plan.Action == mainstay.ActionMerge {
		return "Undo the merge"
	}
	u := verbsOf(p.Plan.Action.Undo())
	if p.Plan.Done == 0 {
		return "Undo: " + lower(u.Do)
	}
	return "Undo: " + lower(u.Do) + " " + some(p.Plan.Done, "item")
}

// undoneBy says which plan took this one back, before the link to it and after.
func (p PlanRunPage) undoneBy() (link, text string) {
	link = "Plan " + planNumber(*p.Undone)
	switch {
	case p.Undone.State.Active():
		return link, " is taking this back now."
	case p.Undone.Action == mainstay.ActionPurge:
		text = " deleted this for good"
	default:
		text = " took this back"
	}
	return link, text + " on " + p.day(p.Undone.Ended) + "."
}

// doneText is how many items a plan touched. Of a merge that went through it
// tells the organization from what is in it.
func doneText(plan mainstay.Plan) string {
	if (plan.Action == mainstay.ActionMerge || plan.Action == mainstay.ActionUnmerge) && plan.State == mainstay.PlanDone && plan.Skipped == 0 {
		return mergeCount(plan.Done)
	}
	return num(plan.Done)
}

// mergeCount tells n items of a merge apart: the organization, and what is in it.
func mergeCount(n int) string {
	if n <= 1 {
		return "The organization itself"
	}
	return some(n-1, "item") + " and the organization itself"
}

// heldText says what became of what the deletion held back; empty where it held
// nothing.
func (p PlanRunPage) heldText() string {
	k, err := mainstay.KindNamed(string(p.Plan.Kind))
	if p.Held == 0 || err != nil {
		return ""
	}
	stay := " was held back and stays"
	if p.Held > 1 {
		stay = " were held back and stay"
	}
	if strings.Contains(p.Plan.Query, "orphaned") {
		return k.Count(p.Held) + stay + " orphaned."
	}
	return k.Count(p.Held) + stay + " here."
}

// unchangedText says that the PSA was left alone.
func (p PlanRunPage) unchangedText() string {
	psa := p.PSA
	if psa == "" {
		psa = "your PSA"
	}
	return "Nothing was changed in " + psa + "."
}
