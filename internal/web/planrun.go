package web

import (
	"mainstay"
	"mainstay/internal/store"
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
	Parts       []store.PlanBack // which plans brought back, or ended for good, what a deletion took
	Returned    string           // where nothing of a deletion is left, and no plan says why
	Ticked      string           // what a restore ticked again in the sync settings
	Match       string           // where the links that a disconnection ended are taken up again; empty hides it
	Stays       *mainstay.Item   // the organization that a merge left, as it is now
	Restored    []mainstay.Item  // what a restore brought back, where it is few
	Orphans     int              // of what a restore brought back
	SettingsURL string           // where types and statuses are ticked; empty hides it
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
	text := doneText(p.Plan)
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

// doneText says what a plan did to how many items.
func doneText(plan mainstay.Plan) string {
	if m := plan.Params.Merge; m != nil && plan.State == mainstay.PlanDone && plan.Skipped == 0 && plan.Done > 0 {
		return mergeDone(plan.Action, plan.Done-1, m.Doubles)
	}
	return num(plan.Done) + " " + verbsOf(plan.Action).Done
}

// mergeDone tells apart what a merge, or its undoing, did to the items inside, to
// those of them that were doubles, and to the organization itself.
func mergeDone(action mainstay.Action, inside, doubles int) string {
	if action == mainstay.ActionUnmerge {
		if inside == 0 {
			return "The organization itself is back"
		}
		return some(inside, "item") + " moved back, and the organization itself is back"
	}
	gone := "the organization itself"
	if doubles > 0 {
		gone = some(doubles, "double") + " and " + gone
	}
	if inside -= doubles; inside <= 0 {
		return capital(gone) + " went to Trash"
	}
	return some(inside, "item") + " moved, and " + gone + " went to Trash"
}
