package web

import (
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

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

// partText says what a plan did to what a deletion took, after the link to it.
func (p PlanRunPage) partText(b store.PlanBack) string {
	did, all := " restored ", some(b.Items, "item")
	if b.Items >= p.Plan.Done {
		all = "all of it"
	}
	if b.Action == mainstay.ActionPurge {
		did, all = " deleted ", all+" for good"
	}
	if b.Ended.IsZero() {
		return did + all + " so far."
	}
	return did + all + " on " + p.day(b.Ended) + "."
}

// tickedText says what taking back a plan ticks again; empty for nothing.
func tickedText(params mainstay.PlanParams) string {
	if !params.Unticks() {
		return ""
	}
	where := "Sync settings"
	if params.PSA != "" {
		where += " of " + params.PSA
	}
	return className(params) + " is ticked again in " + where + ", so that it goes on syncing."
}

// undoText says what undoing the plan does; empty where it can't be undone.
func (p PlanRunPage) undoText() string {
	if p.Plan.Action == mainstay.ActionDisconnect && !p.Plan.Params.Unticks() {
		return "Undoing links them again as they were."
	}
	return verbsOf(p.Plan.Action).Undone
}

// mergedName is what the organization that a merge left is called now.
func (p PlanRunPage) mergedName() string { return itemName(*p.Stays) }

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
