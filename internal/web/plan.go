package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
)

// PlanPage is a plan under review, before anything happens.
type PlanPage struct {
	Page
	Plan     mainstay.Plan
	Back     string // the list or the row that it was made from; empty where unknown
	Heading  string // "Delete 12,387 orphaned organizations"
	By       string // treemap by "type" or "reason"
	Held     []mainstay.HeldBack
	HeldMore int // held back beyond the ones listed
	Included []mainstay.HeldBack
	// Details say of rows of Held and Included what exists only here, or who
	// protects what.
	Details map[mainstay.ItemID]string
	Names   PlanNames
	Checks  []Check
	Blocked string // why it can't be confirmed; empty where it can
	Error   string // why the last confirmation did not go through
	Typed   string // what was typed then
	Pause   int    // seconds between confirming and starting
	Days    int    // of restore
	PSA     string // name of the PSA in "nothing changes there"
	Drifted int    // matches in sight now, minus those seen when choosing
	Syncing int    // lines that stay because they still sync
	Fitting int    // orphans of the plan whose records fit the settings all the same
	// SwitchedOff is the sentence of the switch for bulk deletion; empty while it is on.
	SwitchedOff string
}

func planURL(id mainstay.PlanID) string { return "/changes/" + strconv.FormatInt(int64(id), 10) }

// withFrom lets an address of a plan know the list or the row to go back to.
func withFrom(to, from string) string {
	if from == "" {
		return to
	}
	return to + "?from=" + url.QueryEscape(from)
}

// fromOf reads what withFrom wrote, as far as it leads to a page of ours.
func fromOf(r *http.Request) string {
	if from := r.URL.Query().Get("from"); from != "" {
		return safeFrom(from)
	}
	return ""
}

// safeFrom is an address of ours, with the row to come back to.
func safeFrom(from string) string {
	to, row, _ := strings.Cut(from, "#")
	if to = auth.SafeNext(to); strings.HasPrefix(row, rowKey("")) && !strings.ContainsFunc(row, strange) {
		to += "#" + row
	}
	return to
}

func strange(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
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

// steps are the stages of a plan, in the order in which they come.
func (p PlanPage) steps() []Stage {
	s := []Stage{{Label: "Select", State: "done"}, {Label: "Review", State: "now"}, {Label: "Confirm"}}
	if p.Plan.Friction >= mainstay.FrictionBackup {
		s = append(s, Stage{Label: "Back up"})
	}
	last := verbsOf(p.Plan.Action).Do
	if p.Plan.Action == mainstay.ActionDelete {
		last += ", with " + some(p.Days, "day") + " to restore"
	}
	return append(s, Stage{Label: last})
}

func (p PlanPage) verb() string { return verbsOf(p.Plan.Action).Verb }

func (p PlanPage) willBe() string { return verbsOf(p.Plan.Action).WillBe }

func (p PlanPage) whatWould() string {
	return strings.Replace(verbsOf(p.Plan.Action).WillBe, "Will", "What would", 1)
}

// inText names the organizations among the items, where there are some.
func (p PlanPage) inText() string {
	n := p.Plan.Counts.Of(mainstay.Organization.Name).Apply
	if n > 0 && p.Plan.Action == mainstay.ActionMerge {
		return "items, and the organization itself"
	}
	switch rest := p.Plan.Counts.Total().Apply - n; {
	case n == 0 && p.unchanged() > 0:
		return "items, and " + num(p.unchanged()) + " unchanged: so already"
	case n == 0:
		return "items"
	case p.Plan.Action == mainstay.ActionUnmerge:
		return "in " + mainstay.Organization.Count(n)
	case rest == 0 && p.unchanged() > 0:
		return plural(n, "organization") + ", and " + num(p.unchanged()) + " unchanged: so already"
	case rest == 0:
		return plural(n, "organization")
	default:
		return mainstay.Organization.Count(n) + " and " + some(rest, "item") + " inside"
	}
}

// unchanged is how many of the items that were chosen for an edit or a protection
// have already what the plan sets.
func (p PlanPage) unchanged() int {
	if p.Plan.Action != mainstay.ActionEdit && p.Plan.Action != mainstay.ActionProtect {
		return 0
	}
	c := p.Plan.Counts.Of(p.Plan.Kind)
	return max(0, p.Plan.Counts.Matched-c.Hidden-c.Apply-c.Held)
}

// heldText says what lies in the organizations that are held back, themselves
// not counted.
func (p PlanPage) heldText() string {
	if p.Plan.Kind != mainstay.Organization.Name || !p.Plan.Action.Inside() {
		return "of what was chosen"
	}
	return "with " + some(p.Plan.Counts.Total().Held-p.Plan.Counts.Of(p.Plan.Kind).Held, "item") + " inside"
}

// moves is the first number of the plan. A merge tells the organization from what
// is in it.
func (p PlanPage) moves() int {
	n := p.Plan.Counts.Total().Apply
	if p.Plan.Action == mainstay.ActionMerge {
		n -= p.Plan.Counts.Of(mainstay.Organization.Name).Apply
	}
	return n
}

func (p PlanPage) psa() string {
	if p.PSA == "" {
		return "In your PSA"
	}
	return "In " + p.PSA
}

// hasHeld reports whether the action can hold something back at all.
func (p PlanPage) hasHeld() bool {
	return p.heldGroups() > 0 || verbsOf(p.Plan.Action).HeldHelp != ""
}

// heldHelp says what becomes of what is held back. That rows can be included is
// said only where some can.
func (p PlanPage) heldHelp() string {
	if p.Plan.Action == mainstay.ActionDelete && p.HeldMore == 0 && !slices.ContainsFunc(p.Held, includable) {
		return ""
	}
	return verbsOf(p.Plan.Action).HeldHelp
}

// heldNone says why nothing is held back.
func (p PlanPage) heldNone() string {
	if p.Plan.Action == mainstay.ActionDelete {
		return "None of these has items that exist only here, and none is protected."
	}
	return "None of these is protected."
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
		if k.Name != p.Plan.Kind && (p.Plan.Kind == mainstay.Organization.Name && p.Plan.Action.Inside() || c.Apply+c.Held > 0) {
			out = append(out, c)
		}
	}
	return out
}

func (p PlanPage) confirmIcon() string {
	if v := verbsOf(p.Plan.Action); !v.Danger {
		return v.Icon
	}
	return "alert-triangle"
}

func (p PlanPage) buttonTone() string {
	if verbsOf(p.Plan.Action).Danger {
		return "btn--d"
	}
	return "btn--p"
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
	case mainstay.ActionPurge:
		return "Delete " + what + " for good"
	case mainstay.ActionMerge:
		return "Merge the two organizations"
	}
	return p.Plan.Verb() + " " + what
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
