package web

import (
	"strconv"
	"strings"
	"time"

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
	Drifted  int    // matches in sight now, minus those seen when choosing
}

func planURL(id mainstay.PlanID) string { return "/changes/" + strconv.FormatInt(int64(id), 10) }

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

// steps are the stages of a plan before it runs.
func (p PlanPage) steps() []Stage {
	s := []Stage{{Label: "Select", State: "done"}}
	if p.Plan.Friction >= mainstay.FrictionBackup {
		s = append(s, Stage{Label: "Back up", State: p.backupState()})
	}
	last := verbsOf(p.Plan.Action).Do
	if p.Plan.Action == mainstay.ActionDelete {
		last += ", with " + some(p.Days, "day") + " to restore"
	}
	return append(s, Stage{Label: "Review", State: "now"}, Stage{Label: "Confirm"}, Stage{Label: last})
}

func (p PlanPage) backupState() string {
	if p.Plan.BackupID != 0 {
		return "done"
	}
	return ""
}

func (p PlanPage) verb() string {
	if p.Plan.Action == mainstay.ActionRestore {
		return "restore"
	}
	return "delete"
}

func (p PlanPage) willBe() string {
	if p.Plan.Action == mainstay.ActionRestore {
		return "Will be restored"
	}
	return "Will be deleted"
}

func (p PlanPage) whatWould() string {
	if p.Plan.Action == mainstay.ActionRestore {
		return "What would be restored"
	}
	return "What would be deleted"
}

// inText names the organizations among the items, where there are some.
func (p PlanPage) inText() string {
	n := p.Plan.Counts.Of(mainstay.Organization.Name).Apply
	if n == 0 {
		return "items"
	}
	return "in " + mainstay.Organization.Count(n)
}

func (p PlanPage) psa() string {
	if p.PSA == "" {
		return "In your PSA"
	}
	return "In " + p.PSA
}

// heldGroups is how many organizations or single items are held back.
func (p PlanPage) heldGroups() int { return len(p.Held) + p.HeldMore }

func (p PlanPage) groupings() []Tab {
	url := planURL(p.Plan.ID)
	return []Tab{{Label: "By type", URL: url + "?by=type", Current: p.By == "type"}, {Label: "By reason", URL: url + "?by=reason", Current: p.By == "reason"}}
}

// tree lists the plan's own kind first, then what hangs on it.
func (p PlanPage) tree() []mainstay.KindCount {
	out := []mainstay.KindCount{p.Plan.Counts.Of(p.Plan.Kind)}
	for _, k := range mainstay.Kinds() {
		c := p.Plan.Counts.Of(k.Name)
		if k.Name != p.Plan.Kind && (p.Plan.Kind == mainstay.Organization.Name || c.Apply+c.Held > 0) {
			out = append(out, c)
		}
	}
	return out
}

func (p PlanPage) onlyText() string {
	t := p.Plan.Counts.Total()
	switch {
	case p.Plan.Action == mainstay.ActionRestore:
		return ""
	case t.OnlyHere == 0:
		return "Every one of these came from the PSA."
	case t.OnlyHere == 1:
		return "1 of these exists only here: no PSA has a copy."
	}
	return num(t.OnlyHere) + " of these exist only here: no PSA has a copy."
}

func (p PlanPage) confirmIcon() string {
	if p.Plan.Action == mainstay.ActionRestore {
		return "arrow-back-up"
	}
	return "alert-triangle"
}

func (p PlanPage) buttonTone() string {
	if p.Plan.Action == mainstay.ActionRestore {
		return "btn--p"
	}
	return "btn--d"
}

// button names the effect: "Delete 12,387 organizations".
func (p PlanPage) button() string {
	what := some(p.Plan.Counts.Total().Apply, "item")
	if n := p.Plan.Counts.Of(p.Plan.Kind).Apply; n > 0 {
		if k, err := mainstay.KindNamed(string(p.Plan.Kind)); err == nil {
			what = k.Count(n)
		}
	}
	switch p.Plan.Action {
	case mainstay.ActionRestore:
		return "Restore " + what
	case mainstay.ActionPurge:
		return "Delete " + what + " for good"
	}
	return "Delete " + what
}

// after says what happens to the items, and what stays possible.
func (p PlanPage) after() string {
	switch p.Plan.Action {
	case mainstay.ActionRestore:
		return "They come back as they were, with their history. Items that came from the PSA come back as Orphaned and sync again when the PSA returns them."
	case mainstay.ActionPurge:
		return "This can't be undone. Only a backup can bring them back."
	}
	return "Everything goes to Trash and can be restored until " + p.day(p.Now.Add(time.Duration(p.Days)*24*time.Hour)) + ". After that it's gone for good."
}

func planNumber(p mainstay.Plan) string { return strconv.FormatInt(int64(p.ID), 10) }

func heldURL(h mainstay.HeldBack) string {
	k, err := mainstay.KindNamed(string(h.Kind))
	if err != nil {
		return "#"
	}
	return "/" + k.Plural + "/" + idText(h.ItemID)
}

func includeURL(p mainstay.Plan, h mainstay.HeldBack) string {
	return planURL(p.ID) + "/include?item=" + idText(h.ItemID)
}

// driftText says that the query matches another number now.
func driftText(matched, drift int) string {
	if drift < 0 {
		return num(matched) + " match now, " + num(-drift) + " fewer than when you selected. Review them."
	}
	return num(matched) + " match now, " + num(drift) + " more than when you selected. Review them."
}

func lower(s string) string { return strings.ToLower(s) }
