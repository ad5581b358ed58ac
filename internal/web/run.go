package web

import (
	"strconv"
	"time"

	"mainstay"
)

// RunRow is one sync in a list.
type RunRow struct {
	Run         mainstay.Run
	Integration string
	URL         string
}

// RunsPage is the sync log of one integration.
type RunsPage struct {
	Page
	Integration mainstay.Integration
	Runs        []RunRow
	Pager       Pager
	Empty       *Empty
}

// RunPage is one sync: progress while it runs, what it did afterwards. Its live
// part is the fragment runLive, the element #live, sent as unnamed events by
// GET …/log/{run}/events and, without events, by GET …/log/{run}/progress.
// When the run ends the stream sends the event "finished".
type RunPage struct {
	Page
	Integration mainstay.Integration
	Run         mainstay.Run
	Percent     int     // below 0 while unknown
	Rate        float64 // records a second; 0 while unknown
	LeftSeconds int     // 0 while unknown
	Stages      []Stage
	Problems    []RunProblemRow
	MoreText    string // "and 120 more"
	Held        *HeldRun
	Orphaned    []ReasonCount // what the run orphaned, with lists
	CanCancel   bool
}

// RunProblemRow is one record that was not taken over; URL is its item, empty for none.
type RunProblemRow struct {
	Problem mainstay.RunProblem
	URL     string
}

// heldText says in short what a held sync needs, where its page says the rest.
const heldText = "Nothing was orphaned. Look at what it found, and decide."

// HeldRun asks a person to decide: POST AcceptURL or RejectURL.
type HeldRun struct {
	Why       string
	Groups    []ReasonCount
	Sample    []mainstay.Candidate
	ListURL   string // the candidates as CSV
	AcceptURL string
	RejectURL string
}

// ReasonCount is a number of items of a kind with one reason.
type ReasonCount struct {
	Kind   *mainstay.Kind
	Reason mainstay.Reason
	Count  int
	Of     int // items of the class, 0 where unknown
	URL    string
}

// Stage is one step of a long job. State is "done", "now" or empty.
type Stage struct{ Label, State, Detail string }

func integrationURL(id mainstay.IntegrationID) string {
	return "/account/integrations/" + strconv.FormatInt(int64(id), 10)
}

func runURL(r mainstay.Run) string {
	return integrationURL(r.IntegrationID) + "/log/" + strconv.FormatInt(int64(r.ID), 10)
}

// runTag is the word, the tone and the icon of a run's state.
func runTag(s mainstay.RunState) (label, tone, icon string) {
	switch s {
	case mainstay.RunQueued:
		return "Waiting", "", "clock"
	case mainstay.RunRunning:
		return "Syncing", "accent", "refresh"
	case mainstay.RunComplete:
		return "Done", "green", "check"
	case mainstay.RunIncomplete:
		return "Incomplete", "amber", "alert-triangle"
	case mainstay.RunHeld:
		return "Held for you", "orange", "shield-lock"
	case mainstay.RunCancelled:
		return "Cancelled", "", "x"
	case mainstay.RunRejected:
		return "Kept everything", "", "shield-check"
	}
	return "Failed", "red", "alert-triangle"
}

// seenText says how far the reading is.
func (p RunPage) seenText() string {
	c := p.Run.Counts
	text := num(c.Seen)
	if p.Run.Expected > 0 {
		text += " of " + num(max(p.Run.Expected, c.Seen))
	}
	pages := ""
	if c.Pages > 0 {
		pages = some(c.Pages, "page")
	}
	return join(text+" records read", pages, p.Run.Stage)
}

// leftText writes a remaining time roughly: "about 9 min left".
func leftText(seconds int) string {
	return "about " + span(time.Duration(seconds)*time.Second) + " left"
}

func matchedText(n int) string { return num(n) + " matched to what was here" }

func (h HeldRun) total() int {
	n := 0
	for _, g := range h.Groups {
		n += g.Count
	}
	return n
}

// next leads to what the run orphaned, organizations before what they hold; empty
// where it orphaned nothing.
func (p RunPage) next() Link {
	if len(p.Orphaned) == 0 {
		return Link{}
	}
	first, n, reasons := p.Orphaned[0].Kind, 0, 0
	for _, o := range p.Orphaned {
		if o.Kind == first {
			n += o.Count
			reasons++
		}
	}
	to := p.Orphaned[0].URL
	if reasons > 1 {
		to = queryURL(first, stateQuery(mainstay.Orphaned))
	}
	one := first.Plural
	if n == 1 {
		one = first.Label
	}
	return Link{"Review " + num(n) + " orphaned " + one, to}
}

// unmatchedText says how many of the records that don't match the settings have
// an item here, and how many records could not be read or stored.
func (p RunPage) unmatchedText() string {
	c, parts := p.Run.Counts, [2]string{}
	switch {
	case !c.Told() || c.Unmatched() == 0:
	case c.OutLinked == 0:
		parts[0] = "none has an item here"
	case c.OutNew == 0:
		parts[0] = "all have an item here"
	default:
		parts[0] = num(c.OutLinked) + haveVerb(c.OutLinked) + " an item here, " + num(c.OutNew) + haveVerb(c.OutNew) + " none"
	}
	if c.Errors > 0 {
		parts[1] = some(c.Errors, "record") + " could not be taken over"
	}
	return join(parts[:]...)
}

func haveVerb(n int) string {
	if n == 1 {
		return " has"
	}
	return " have"
}

// waitingText says what became of the records that wait, and of those inside
// their organizations.
func (p RunPage) waitingText() string {
	switch n := p.Run.Counts.OutWaiting; n {
	case 0:
		return "They were disconnected, so nothing was made of them."
	default:
		return "They were disconnected, so nothing was made of them, nor of " + some(n, "record") + " inside their organizations: what lies inside follows its organization."
	}
}

func lieVerb(n int) string {
	if n == 1 {
		return " lies"
	}
	return " lie"
}
