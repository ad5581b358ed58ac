package web

import (
	"strconv"

	"mainstay"
)

// PlanPage is a plan under review, before anything happens.
type PlanPage struct {
	Page
	Plan     mainstay.Plan
	Heading  string // "Delete 12,387 orphaned organizations"
	By       string // treemap by "type" or "reason"
	Held     []mainstay.HeldBack
	HeldMore int // held back beyond the ones listed
	Included []mainstay.HeldBack
	Checks   []Check
	Blocked  string // why it can't be confirmed; empty where it can
	Error    string // why the last confirmation did not go through
	Typed    string // what was typed then
	Pause    int    // seconds between confirming and starting
	Days     int    // of restore
	PSA      string // name of the PSA in "nothing changes there"
	Drifted  int    // matches now, minus those seen when choosing
}

// PlanRunPage is a plan that was confirmed: starting, running, paused, done,
// stopped, failed, discarded. Its live part is the fragment planLive, the
// element #live, sent as unnamed events by GET /changes/{id}/events and,
// without events, by GET /changes/{id}/progress. When the plan ends the stream
// sends the event "finished".
type PlanRunPage struct {
	Page
	Plan        mainstay.Plan
	Heading     string
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
	CanControl  bool // this person may pause, stop, restore
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

func planURL(id mainstay.PlanID) string { return "/changes/" + strconv.FormatInt(int64(id), 10) }

// handled is how many items the plan is through with.
func (p PlanRunPage) handled() int { return p.Plan.Done + p.Plan.Skipped }

func (p PlanRunPage) total() int {
	t := p.Plan.Counts.Total()
	return t.Apply
}

// verbs are the words of an action.
type verbs struct{ Do, Doing, Done, Noun, Icon string }

func verbsOf(a mainstay.Action) verbs {
	switch a {
	case mainstay.ActionRestore:
		return verbs{"Restore", "Restoring", "restored", "Restore", "arrow-back-up"}
	case mainstay.ActionPurge:
		return verbs{"Delete for good", "Deleting", "deleted for good", "Purge", "trash-off"}
	}
	return verbs{"Delete", "Deleting", "moved to Trash", "Deletion", "trash"}
}

// planTag is the word and the tone of a plan's state.
func planTag(p mainstay.Plan) (label, tone string) {
	v := verbsOf(p.Action)
	switch p.State {
	case mainstay.PlanReview:
		return "Needs review", "accent"
	case mainstay.PlanStarting:
		return "Starting", "accent"
	case mainstay.PlanBackingUp:
		return "Backing up", "accent"
	case mainstay.PlanRunning:
		return v.Doing, "accent"
	case mainstay.PlanPaused:
		return "Paused", "amber"
	case mainstay.PlanDone:
		return "Done", "green"
	case mainstay.PlanStopped:
		return "Stopped", "amber"
	case mainstay.PlanDiscarded:
		return "Discarded", ""
	}
	return "Failed", "red"
}
