package web

import (
	"strconv"
	"strings"

	"mainstay"
)

// ManageDataPage is everything that came from one integration, in three sections.
type ManageDataPage struct {
	Page
	Integration  mainstay.Integration
	Group        string // "type" or "status"
	Kind         *mainstay.Kind
	Groups       []Tab // By type, By status
	Kinds        []Tab // with counts
	Synced       []ManageRow
	Several      bool // some items of the kind have records of several types
	Orphaned     []ManageKind
	Disconnected []ManageKind
	Loose        []Link // items that never had a link, by kind
	BackupURL    string // POST; empty hides it
}

// ManageRow is the items of one type or status.
type ManageRow struct {
	ID       string // its place in the page, to come back to
	Label    string
	ViewURL  string
	Count    int
	States   []StateCount
	Active   bool   // records of this class sync by the present settings
	PauseURL string // asks what to do, with pausing ticked; empty hides the action
	EndURL   string // asks what to do, with disconnecting ticked; empty hides the action
	// DeleteURL asks what to do, with deleting ticked; empty hides the action.
	DeleteURL string
	// ResumeURL leads to the settings that bring a paused row back.
	ResumeURL string
}

// ManageKind is the orphaned or disconnected items of a kind.
type ManageKind struct {
	ID       string // its place in the page; empty for none
	Kind     *mainstay.Kind
	Count    int
	Why      string // "11,982 type not synced · 381 deleted in ConnectWise"
	OnlyHere int    // of these: hold items that exist only here
	ViewURL  string
	// Plan is the query that "Plan deletion" sends; empty hides it.
	Plan string
	// Source is the plan that disconnected them, where it is one.
	Source Link
	// Waiting records wait to be matched again. Again is the way there, or to what
	// is in the way, which Rest tells; without an address there is none.
	Waiting int
	Again   Link
	Rest    string
}

// severalText says why Sync settings has larger numbers than the rows; empty where
// it has not.
func (p ManageDataPage) severalText() string {
	if !p.Several || !byPairs(p.Kind) || p.Group != string(mainstay.TypeAxis) {
		return ""
	}
	records := "records"
	if p.Kind == &mainstay.Organization {
		records = "companies"
	}
	return capital(p.Kind.Plural) + " of several types count once here, by the type that their page shows. Sync settings counts their " + records + " in each type, so its numbers are higher."
}

// onlyHere says how many of them hold what exists only here.
func (k ManageKind) onlyHere() string {
	if k.OnlyHere == 1 {
		return "1 holds items only here"
	}
	return num(k.OnlyHere) + " hold items only here"
}

// text writes in one line why they are there and what to heed, for narrow screens.
func (k ManageKind) text() string {
	waits, only := "", ""
	if k.Waiting > 0 {
		waits = num(k.Waiting) + " wait"
	}
	if k.OnlyHere > 0 {
		only = k.onlyHere()
	}
	return join(k.Why, waits, only)
}

func total(kinds []ManageKind) int {
	n := 0
	for _, k := range kinds {
		n += k.Count
	}
	return n
}

// of is the number of items in a state.
func (r ManageRow) of(s mainstay.SyncState) int {
	for _, c := range r.States {
		if c.State == s {
			return c.Count
		}
	}
	return 0
}

// text writes the states of a row in one line.
func (r ManageRow) text() string {
	var out []string
	for _, c := range r.States {
		if c.Count > 0 {
			out = append(out, num(c.Count)+" "+c.word())
		}
	}
	return strings.Join(out, ", ")
}

// plain writes a number for a machine.
func plain(n int) string { return strconv.Itoa(n) }
