package web

import (
	"html/template"
	"sort"
	"strconv"
	"strings"

	"mainstay"
)

// OrganizationPage is the overview of one organization.
type OrganizationPage struct {
	Page
	Item       mainstay.Item
	Head       OrganizationHead
	Alert      string // the organization's own alert text
	Notes      []Note
	Tiles      []Tile
	QuickNotes template.HTML // already sanitized
	Fields     []FieldView   // phone, website, … that have a value
	Recent     []Row         // Cells follow the columns Type, Status, Sync, Changed by, When
	OnlyHere   int
	OnlyText   string // "28 documents, 3 contacts and its quick notes"
	Sync       *SyncPanel
	Problems   []StateCount // states that need a look, with where they are listed
	Activity   []Event
	Protection ProtectionCard
}

// heldBack says what becomes of an organization with items that exist only here.
func (p OrganizationPage) heldBack() string {
	if p.Item.Sync == mainstay.Orphaned {
		return "Bulk deletion holds this organization back, unless someone includes it."
	}
	return "If this organization is ever orphaned, bulk deletion holds it back."
}

// Tile counts one kind inside an organization.
type Tile struct {
	Kind   *mainstay.Kind
	URL    string
	Total  int
	States []StateCount
	Text   string // under the bar; empty writes the two largest states
}

// StateCount is a number of items in a sync state.
type StateCount struct {
	State mainstay.SyncState
	Count int
	URL   string
	Kind  *mainstay.Kind // nil for items of every kind
}

// what is the number with its noun.
func (c StateCount) what() string {
	if c.Kind == nil {
		return some(c.Count, "item")
	}
	return c.Kind.Count(c.Count)
}

// Event is one line of activity.
type Event struct {
	Icon string
	Tone string // "orange", "red", "green", "acc" or empty
	Who  string
	// Verb stands between Who and Name: "changed". Without Who it follows the
	// name: "became orphaned".
	Verb   string
	Name   string
	URL    string
	Detail string
	At     mainstay.Time
}

// FieldView is one field of an item as text.
type FieldView struct {
	Label  string
	Text   string
	URL    string
	HTML   template.HTML // already sanitized; shown instead of Text
	Heads  []string      // a list: its columns
	Rows   [][]string
	Long   bool
	Synced bool
}

// text is the line under a tile's bar: what it was given, or the two largest states.
func (t Tile) text() string {
	switch {
	case t.Text != "":
		return t.Text
	case t.Total == 0:
		return "None yet"
	case !t.Kind.Syncs:
		return "Only here"
	}
	states := append([]StateCount(nil), t.States...)
	sort.SliceStable(states, func(i, j int) bool { return states[i].Count > states[j].Count })
	var out []string
	for _, s := range states {
		if s.Count > 0 && len(out) < 2 {
			out = append(out, num(s.Count)+" "+strings.ToLower(s.State.Label()))
		}
	}
	return strings.Join(out, ", ")
}

func sumOf(counts []StateCount) int {
	n := 0
	for _, c := range counts {
		n += c.Count
	}
	return n
}

func existOrExists(n int) string {
	if n == 1 {
		return "exists"
	}
	return "exist"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func idText(id mainstay.ItemID) string { return strconv.FormatInt(int64(id), 10) }
