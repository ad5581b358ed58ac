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
	Others      []TrashGroup // other plans that can still be restored
	Speed       []Bar
	Held        int    // organizations, or items, that a deletion held back
	PSA         string // the name of the only PSA; empty for several
	CanControl  bool   // this person may pause, stop, restore
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
	text := num(p.Plan.Done) + " " + verbsOf(p.Plan.Action).Done
	if p.Plan.Skipped > 0 {
		text += ", " + num(p.Plan.Skipped) + " skipped"
	}
	return text
}

func (p PlanRunPage) subtitle() string {
	text := join("Plan "+planNumber(p.Plan), "confirmed by "+p.Plan.UserName)
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
	return p.CanControl && p.ended() && did && verbsOf(p.Plan.Action).Undone != ""
}

// undoButton names what undoing does: "Undo: reconnect 12 items".
func (p PlanRunPage) undoButton() string {
	u := verbsOf(p.Plan.Action.Undo())
	if p.Plan.Done == 0 {
		return "Undo: " + lower(u.Do)
	}
	return "Undo: " + lower(u.Do) + " " + some(p.Plan.Done, "item")
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
