package web

import "mainstay"

// DashboardPage is the first page after signing in.
type DashboardPage struct {
	Page
	Totals       []Tile
	Attention    []Attention
	Checked      mainstay.Time // when nothing was found
	Integrations []IntegrationCard
	Recents      []SearchResult
	Activity     []Event
	NewItems     []Link
	SyncURL      string // POST: sync every integration; empty hides it
	Notices      []mainstay.Notice
	Steps        []Step // a new account: what to do first; else none
}

// Attention is something that a person should look at, worst first.
type Attention struct {
	Icon, Tone  string // tone: "orange", "red", "amber", "green", "acc" or empty
	Title, Text string
	Link        Link
	Post        Link // a button instead: what it sends, by POST
}

// Step is one step of setting up. State is "done", "now" or empty.
type Step struct {
	Title, Text, State string
	Link               Link
}

func (p DashboardPage) subtitle() string {
	zone := p.zone().String()
	return join(p.Account, p.Now.Std().In(p.zone()).Format("Monday 2 January"), "all times "+zone)
}

func (p DashboardPage) activityURL() string {
	if p.May(mainstay.SeeActivity) {
		return "/activity"
	}
	return ""
}

func allStates() []mainstay.SyncState { return mainstay.SyncStates() }
