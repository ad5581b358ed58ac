package web

import (
	"mainstay"
)

// ListPage is the one list of items, for every kind: a kind's own list, a
// kind's items in one organization, and the preview of a Manage data row. The
// fragment is listFragment, the element #list.
type ListPage struct {
	Page
	Kind *mainstay.Kind
	Head *OrganizationHead // around a list inside one organization; else nil
	// Preview is set for a row of Manage data.
	Preview *PreviewHead
	Base    string // address of the list without a query: "/organizations"
	Tabs    []Tab  // All and one per sync state, with counts

	Query        string // as typed
	QueryError   string // why it does not parse; it then matches nothing
	StillSyncing int    // of Matches, while bulk deletion is on: still sync
	Matches      int
	Chips        []Chip
	Adds         []ChipAdd
	FacetLabel   string // "Why they're orphaned"
	Facets       []Facet

	Columns []Column       // after the name
	Chooser *ColumnChooser // chooses Columns; nil where there is nothing to show them of
	Rows    []Row
	SortKey string // kept by the query form as the field sort; empty for the usual order
	Pager   Pager
	Hidden  int    // matches in organizations that this person may not see
	Empty   *Empty // set where there are no rows
	// Name is the heading of the first column; an empty one writes the kind's label.
	Name Column

	// Selectable offers checkboxes and the bulk bar. Canonical is the query that
	// "select all that match" sends.
	Selectable bool
	Canonical  string
	Orphans    bool // it is narrowed to what is orphaned
	ExportURL  string
	Duplicates string // leads to those of the kind; empty where there is no such page
	NewURL     string // empty where this person may not create
}

// OrganizationHead is the heading of every page inside one organization.
type OrganizationHead struct {
	ID           mainstay.ItemID
	Name         string
	Type, Status string
	Locations    int
	Sync         mainstay.SyncState
	Tabs         []Tab
	EditURL      string // empty where this person may not edit
	NewItems     []Link // what can be made inside it
	Duplicates   string // those of the organization; empty where this person may not look
	DeleteURL    string // a confirm page; empty where it can't be deleted
	DeleteReason string // why not
	// DisconnectURL asks before its links end; empty where there are none.
	DisconnectURL string
	Kept          string // what protects it; empty where nothing does
}

// PreviewHead is the heading of the preview of a Manage data row.
type PreviewHead struct {
	Heading string // "Client"
	Back    string
	Seen    string // "You can see 214 of 227; 13 are in organizations you have no access to."
}

// Chip is one term of the query.
type Chip struct {
	Key, Value string
	Remove     string // address of the list without it
}

// ChipAdd starts a new term: the words are put into the query bar.
type ChipAdd struct{ Label, Insert string }

// Facet is a narrower query with its count.
type Facet struct {
	Label string
	Icon  string
	Count int
	URL   string
}

// Column is one column of a list.
type Column struct {
	Label string
	URL   string // sorts by it; empty where it can't be sorted
	Sort  string // "ascending", "descending" or empty
	Right bool   // numbers
}

// Row is one item in a list. Cells follow ListPage.Columns.
type Row struct {
	ID    mainstay.ItemID
	Name  string
	URL   string
	Icon  string
	Sub   string // second line on a phone
	Sync  mainstay.SyncState
	Note  string // tooltip of the sync state
	Only  int    // items inside that exist only here
	Cells []Cell
	// Edit leads to the form; empty shows no pencil.
	Edit string
	Kept string // what protects it; empty where nothing does
}

// Cell is one value of a row.
type Cell struct {
	Text string
	URL  string
	// Sync draws the sync state instead of a text.
	Sync mainstay.SyncState
	Note string
	At   mainstay.Time // draws a moment
	// ShowOnly draws Only, the number of items inside that exist only here.
	ShowOnly bool
	Only     int
	// Right aligns a number.
	Right bool
	Muted bool
}

// Suggestion completes what is typed into the query bar.
type Suggestion struct {
	Text  string // the whole query with the completion
	Count int    // below 0 shows none
	Label string
}

// long reports whether a text may not fit its column, so that it shows in full
// on hover.
func (c Cell) long() bool { return len(c.Text) > 24 }

func (p ListPage) nameColumn() Column {
	if p.Name.Label == "" {
		p.Name.Label = capital(p.Kind.Label)
	}
	return p.Name
}

func (p ListPage) editable() bool {
	for _, r := range p.Rows {
		if r.Edit != "" {
			return true
		}
	}
	return false
}

func (p ListPage) matchWord() string {
	if p.Matches == 1 {
		return "matches"
	}
	return "match"
}

// text is what a completion shows beside the words it puts in.
func (s Suggestion) text() string {
	if s.Count >= 0 {
		return join(s.Label, num(s.Count))
	}
	return s.Label
}

// WhyPage answers "why isn't it here?": GET /{kind}/why?q=.
type WhyPage struct {
	Page
	Kind    *mainstay.Kind
	Query   string
	Answers []Note
	Back    string
}

// SearchPage is the full result of a search: GET /search?q=. The palette shows
// the same groups as a fragment (searchResults): GET /search/suggest?q=.
type SearchPage struct {
	Page
	Query  string
	Groups []SearchGroup
	Trash  Link // to the deleted items of that name, where nothing else is found
}

// SearchGroup are results of one sort.
type SearchGroup struct {
	Label   string
	Results []SearchResult
}

// SearchResult is one thing that was found, or a command.
type SearchResult struct {
	Icon, Label, Detail, URL string
	Sync                     mainstay.SyncState // empty shows none
	Keys                     []string
}

// orphans reports whether the list shows orphans alone.
func (p ListPage) orphans() bool { return p.Matches > 0 && p.Orphans }

// planAll reports whether the list offers to plan the deletion of all that match:
// that of orphans does.
func (p ListPage) planAll() bool {
	return p.Selectable && p.Canonical != "" && p.orphans()
}
