package web

import (
	"net/url"

	"mainstay"
)

// DuplicatesPage are pairs of organizations that may be the same client, with
// filters by GET: reason, organization, view.
type DuplicatesPage struct {
	Page
	Views   []Tab // to review, and not the same
	Reasons []Tab // all, and one per reason
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

// duplicatesURL is the address of the page with filters and a place.
func duplicatesURL(reason mainstay.DuplicateReason, organization mainstay.ItemID, apart bool, at string) string {
	v := url.Values{}
	if apart {
		v.Set("view", viewApart)
	}
	if reason != "" {
		v.Set("reason", string(reason))
	}
	if organization != 0 {
		v.Set("organization", idText(organization))
	}
	if at != "" {
		v.Set("at", at)
	}
	if len(v) == 0 {
		return duplicatesBase
	}
	return duplicatesBase + "?" + v.Encode()
}
