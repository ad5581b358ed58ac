package web

import (
	"strconv"

	"mainstay"
)

// ItemMatchPage finds the PSA record that an item is to be linked with.
type ItemMatchPage struct {
	Page
	Item  mainstay.Item
	Kind  *mainstay.Kind
	Words string // what was searched for
	// Own says that nobody searched: the rows are what the page proposes.
	Own   bool
	Rows  []RecordRow
	Many  bool // more were found than are listed
	Empty *Empty
}

// RecordRow is one record of a PSA that an item may be linked with.
type RecordRow struct {
	Name      string
	Record    string // "Company 4471"
	RecordURL string // in the PSA; empty where unknown
	PSA       string
	Labels    string // type and status, as the PSA has them
	Hint      string // "It was linked with this one before."
	MatchURL  string // the page that shows what would change; empty where Why says something
	Why       string // why it can't be matched
	Holder    Link   // the item that has it, or waits for it
}

// ItemMatchPreview shows what linking an item with a record would change.
type ItemMatchPreview struct {
	Page
	Item      mainstay.Item
	Kind      *mainstay.Kind
	PSA       string
	RecordURL string
	Name      string // of the record
	ID        string // of the record in the PSA
	From      mainstay.IntegrationID
	Changes   []ChangeRow
	Note      Note   // where the values are from, or why they aren't known
	Out       string // why it doesn't sync by the settings
	Waits     Link   // the other item that the record waits for
	Error     string
	Back      string
}

func (p ItemMatchPage) action() string { return itemURL(p.Item.Ref()) + "/match" }

// intro says what matching does.
func (p ItemMatchPage) intro() string {
	text := "Choose the record that is this " + p.Kind.Label + ". You see what would change before anything is linked."
	if p.Kind.Name != mainstay.Organization.Name {
		text += " Only records of its organization's company are listed."
	}
	return text
}

func (p ItemMatchPreview) action() string { return itemURL(p.Item.Ref()) + "/match" }

func (p ItemMatchPreview) heading() string {
	record := p.Kind.Label + " " + p.ID
	if p.Name != itemName(p.Item) {
		record = p.Name + ", " + record
	}
	return "Match " + itemName(p.Item) + " to " + record
}

// differs says how many fields the PSA overwrites.
func (p ItemMatchPreview) differs() string {
	switch n := len(p.Changes); n {
	case 0:
		return "Nothing differs"
	case 1:
		return "1 field changes at the next sync"
	default:
		return num(n) + " fields change at the next sync"
	}
}

func (p ItemMatchPreview) version() string { return strconv.FormatInt(p.Item.Version, 10) }

func (p ItemMatchPreview) from() string { return strconv.FormatInt(int64(p.From), 10) }
