package web

import (
	"strings"

	"mainstay"
)

// IntegrationsPage lists the connections and what can be connected.
type IntegrationsPage struct {
	Page
	Integrations []IntegrationCard
	Removed      []RemovedRow
	Runs         []RunRow
	Available    []ConnectorCard
}

// RemovedRow is a connection that a person removed.
type RemovedRow struct {
	Integration mainstay.Integration
	Items       int    // disconnected from it
	AgainURL    string // connects the same PSA again; empty where this person may not
}

// RemovedIntegration is what stays of a connection that a person removed.
type RemovedIntegration struct {
	RemovedRow
	Kinds []Link // the disconnected items by kind
	Plan  Link   // the plan that removed it, where it is known
}

// IntegrationCard is one connection with its health and the states of its items.
type IntegrationCard struct {
	Integration mainstay.Integration
	LastRun     *RunRow // nil before the first
	Running     *JobPill
	Message     string // what is wrong, or what a pause means
	States      []StateCount
	Waiting     int // records that wait to be matched again
	// Unfollowed says that no sync has followed the settings that are saved yet.
	Unfollowed  bool
	History     []Bar
	HistoryText string // the bars in words
}

// URL is where the integration lives.
func (c IntegrationCard) URL() string { return integrationURL(c.Integration.ID) }

// Bar is one bar of a history: its height is the square root of Value, its
// color tells the outcome: "ok", "warn", "bad" or "none".
type Bar struct {
	Value int
	Tone  string
	Label string
}

// ConnectorCard is something that can be connected.
type ConnectorCard struct{ Name, Label, Text, URL string }

// IntegrationFormPage adds or edits a connection. It posts name and one
// "opt.<name>" per option, with do=test or do=save.
type IntegrationFormPage struct {
	Page
	Connector string // label: "ConnectWise PSA"
	Text      string // what the PSA account needs
	Action    string
	Fields    []FormField
	Test      *TestResult // after do=test, or after a save that could not connect
	Error     string
	Editing   bool
	Back      string
}

// TestResult is what a test of the credentials found.
type TestResult struct {
	OK       bool
	Instance string // "Bluepeak IT (v2026.1)"
	Message  string
	Checks   []Check
}

// Check is one line of a checklist. State is "ok", "wait", "warn" or "bad".
type Check struct {
	State, Label, Detail string
	Link                 Link
}

// IntegrationPage is one connection: health, ways on, latest syncs.
type IntegrationPage struct {
	Page
	Card  IntegrationCard
	Facts []Fact
	Runs  []RunRow
	Held  *RunRow // a run that waits for a person, or nil
	// Gone is set for a connection that was removed.
	Gone *RemovedIntegration
}

// cardText is the line under a connection's name.
func (p Page) cardText(c IntegrationCard) string {
	i := c.Integration
	if !i.Removed.IsZero() {
		return "Removed " + p.ago(i.Removed) + " by " + i.RemovedBy
	}
	if i.Paused {
		return "One-way · paused " + p.ago(i.PausedAt) + " by " + i.PausedBy
	}
	every := "synced when someone asks"
	if i.Settings.Interval > 0 {
		every = "every " + intervalText(i.Settings.Interval)
	}
	last := "not synced yet"
	if c.LastRun != nil {
		r := c.LastRun.Run
		last = "last sync " + p.ago(r.Ended) + ", " + some(r.Counts.Created+r.Counts.Updated, "change")
		if r.Ended.IsZero() {
			last = "syncing since " + p.clock(r.Started)
		}
	}
	return join("One-way", every, last)
}

// intervalText writes an interval of minutes: "30 minutes", "hour", "4 hours".
func intervalText(minutes int) string {
	switch {
	case minutes == 60:
		return "hour"
	case minutes == 1440:
		return "day"
	case minutes%60 == 0:
		return some(minutes/60, "hour")
	}
	return some(minutes, "minute")
}

// waitVerb is the verb after a number of records.
func waitVerb(n int) string {
	if n == 1 {
		return " waits"
	}
	return " wait"
}

// word is the state in the middle of a line.
func (s StateCount) word() string { return strings.ToLower(s.State.Label()) }
