package web

import (
	"net/url"

	"mainstay"
	"mainstay/internal/store"
)

// DuplicatesPage are pairs of organizations that may be the same client, with
// filters by GET: reason, organization, q, sync, view.
type DuplicatesPage struct {
	Page
	Views   []Tab    // to review, and not the same
	Reasons []Tab    // all, and one per reason
	Query   string   // a name, or a part of it
	States  []Option // of the sync state
	Keep    []Hidden // the other filters, for the form of these two
	All     string   // the page without these two; empty where neither is set
	// Of narrows to the pairs of one organization; its URL shows all again.
	Of     *Link
	Pairs  []DuplicateCard
	Common []DuplicateCommon // what too many share to say anything
	More   int               // how many more of these there are
	Pager  Pager
	Empty  *Empty
}

// DuplicateCard is one pair side by side.
type DuplicateCard struct {
	A, B    mainstay.ItemID
	Reasons []string // in words
	Sides   [2]DuplicateSide
	Facts   []DuplicateFact
	Told    *mainstay.NotDuplicate // who told them apart; nil while they are open
	Next    string                 // id of the card after it, to go on there
}

// DuplicateSide is one of the two.
type DuplicateSide struct {
	Name, URL string
	Type      string // with the status
	Sync      mainstay.SyncState
	Note      string // of the sync state
	Items     int
	OnlyHere  int
	Changed   mainstay.Time
	Own       bool // the account's own organization
	Archived  bool
}

// DuplicateFact is one thing to compare. Same says that it speaks for the two
// being one.
type DuplicateFact struct {
	Label string
	Texts [2]string
	Same  bool
}

// DuplicateCommon is something that too many organizations share to say
// anything, with the list of those where a filter finds them.
type DuplicateCommon struct {
	Text string // "phone 212 555 0142"
	N    int
	URL  string
}

// id is the id of the card's element.
func (c DuplicateCard) id() string { return "pair-" + idText(c.A) + "-" + idText(c.B) }

// url is the address that changes what is kept of the pair.
func (c DuplicateCard) url(do string) string { return pairURL(c.A, c.B) + "/" + do }

func (c DuplicateCard) names() string { return c.Sides[0].Name + " and " + c.Sides[1].Name }

func pairURL(a, b mainstay.ItemID) string { return duplicatesBase + "/" + idText(a) + "/" + idText(b) }

// duplicatesBase is the address of the page without filters.
const duplicatesBase = "/organizations/duplicates"

// viewApart shows the pairs that were told apart.
const viewApart = "not-the-same"

// duplicateFields are the filters that are chosen by a link.
func duplicateFields(ask store.DuplicateRequest) []Hidden {
	var out []Hidden
	if ask.Dismissed {
		out = append(out, Hidden{"view", viewApart})
	}
	if ask.Reason != "" {
		out = append(out, Hidden{"reason", string(ask.Reason)})
	}
	if ask.Organization != 0 {
		out = append(out, Hidden{"organization", idText(ask.Organization)})
	}
	return out
}

// duplicateStates are the choices of the sync state.
func duplicateStates(now mainstay.SyncState) []Option {
	out := []Option{{Label: "Any sync state"}}
	for _, s := range mainstay.SyncStates() {
		out = append(out, Option{Value: string(s), Label: "One is " + s.Label()})
	}
	return choose(string(now), out...)
}

// duplicatesURL is the address of the page with filters and a place.
func duplicatesURL(reason mainstay.DuplicateReason, organization mainstay.ItemID, apart bool, at string) string {
	return duplicatesAt(store.DuplicateRequest{Reason: reason, Organization: organization, Dismissed: apart}, at)
}

// duplicatesAt is the address of the page for what is asked, at a place.
func duplicatesAt(ask store.DuplicateRequest, at string) string {
	v := url.Values{}
	for _, h := range duplicateFields(ask) {
		v.Set(h.Name, h.Value)
	}
	if ask.Words != "" {
		v.Set("q", ask.Words)
	}
	if ask.Sync != "" {
		v.Set("sync", string(ask.Sync))
	}
	if at != "" {
		v.Set("at", at)
	}
	if len(v) == 0 {
		return duplicatesBase
	}
	return duplicatesBase + "?" + v.Encode()
}
