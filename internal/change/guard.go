package change

import (
	"fmt"
	"slices"
	"strings"

	"mainstay"
)

// The thresholds of friction (ui.md section 4.3).
const (
	phraseOrganizations = 100
	backupOrganizations = 1000
	backupItems         = 10_000
)

// friction decides how much a plan asks of the person who confirms it.
func friction(p *mainstay.Plan) mainstay.Friction {
	orgs, total := p.Counts.Of(mainstay.Organization.Name), p.Counts.Total()
	switch {
	case p.Action.Harmless():
		return mainstay.FrictionButton
	case p.Action == mainstay.ActionPurge:
		return mainstay.FrictionBackup
	case p.Params.Remove:
		return mainstay.FrictionPhrase
	case p.Action != mainstay.ActionDelete:
		// Keeps every item and can be undone as a whole.
		if orgs.Apply > phraseOrganizations {
			return mainstay.FrictionPhrase
		}
		return mainstay.FrictionButton
	case p.Params.Syncing && total.Apply <= backupItems && orgs.Apply <= backupOrganizations:
		return mainstay.FrictionPhrase
	case orgs.Apply > backupOrganizations || total.Apply > backupItems:
		return mainstay.FrictionBackup
	case orgs.Apply > phraseOrganizations || total.OnlyHere > 0 || total.Unlinked > 0:
		return mainstay.FrictionPhrase
	}
	return mainstay.FrictionButton
}

// phrase is what must be typed. It carries the number, which is what people get
// wrong in bulk.
func phrase(p *mainstay.Plan) string {
	if p.Action == mainstay.ActionPurge {
		n := p.Counts.Total().Apply
		if n == 1 {
			return "delete 1 item for good"
		}
		return "delete " + mainstay.Thousands(n) + " items for good"
	}
	return strings.ToLower(p.Title())
}

// PhraseMatches compares a typed phrase: case, spacing and commas don't matter,
// the number does.
func PhraseMatches(want, typed string) bool {
	fold := func(s string) string {
		return strings.Join(strings.Fields(strings.ToLower(strings.ReplaceAll(s, ",", ""))), " ")
	}
	return want != "" && fold(want) == fold(typed)
}

// Brake are the limits of what one run may orphan by itself. The defaults are
// those of reliability-security.md section 4.1.
type Brake struct {
	Count int // of one class, whatever its size
	Share int // of one class, in percent
	Total int // over all classes
	Empty int // a class of this size that comes back empty stops the run
}

// DefaultBrake holds a run beyond max(5, 10 %) of a class, 200 in all, or a
// class of 5 or more that came back empty.
func DefaultBrake() Brake { return Brake{Count: 5, Share: 10, Total: 200, Empty: 5} }

// ClassChange is what a run found of one class of linked items.
type ClassChange struct {
	Name       string // in words, for the message: "organizations of type Client"
	Kind       mainstay.KindName
	Linked     int // items of the class that synced before
	Seen       int // records of the kind that the run saw at all
	Unexpected int // candidates that no person agreed to
	Expected   int // candidates that follow from settings a person confirmed
}

// Judge decides whether a run may orphan its candidates. It returns the
// sentences that say why not; none means go on. confirmed is the number of
// items that a person agreed to orphan when saving the settings.
func (b Brake) Judge(classes []ClassChange, confirmed int) []string {
	var why []string
	unexpected, expected := 0, 0
	for _, c := range classes {
		unexpected += c.Unexpected
		expected += c.Expected
		if c.Linked >= b.Empty && c.Seen == 0 {
			why = append(why, fmt.Sprintf("The PSA returned no %s at all; %s synced before.", c.Name, mainstay.Thousands(c.Linked)))
			continue
		}
		if limit := max(b.Count, c.Linked*b.Share/100); c.Unexpected > limit {
			why = append(why, fmt.Sprintf("%s of %s %s would become orphaned; more than %s needs a person's word.",
				mainstay.Thousands(c.Unexpected), mainstay.Thousands(c.Linked), c.Name, mainstay.Thousands(limit)))
		}
	}
	if unexpected > b.Total {
		why = append(why, fmt.Sprintf("%s items would become orphaned in all; more than %s needs a person's word.", mainstay.Thousands(unexpected), mainstay.Thousands(b.Total)))
	}
	if limit := confirmed + max(b.Count, confirmed*b.Share/100); expected > limit {
		why = append(why, fmt.Sprintf("The changed sync settings would orphan %s items; %s were confirmed when they were saved.", mainstay.Thousands(expected), mainstay.Thousands(confirmed)))
	}
	slices.Sort(why)
	return slices.Compact(why)
}

// guardOff names one guard that is switched off. It is empty in every build but
// those of the test that proves each guard needed: the linker sets it there.
var guardOff string

// Guard reports whether a guard works: "completeness", "confirm", "brake",
// "settings" or "held".
func Guard(name string) bool { return name != guardOff }
