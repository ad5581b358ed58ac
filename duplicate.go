package mainstay

import (
	"cmp"
	"slices"
	"strings"
)

// DuplicateReason is one thing that two organizations have in common and that
// speaks for them being the same client.
type DuplicateReason string

// The reasons.
const (
	DuplicateName    DuplicateReason = "name"    // the same name, see NameKey
	DuplicateDomain  DuplicateReason = "domain"  // the same web domain, of the website or of the contacts' email addresses
	DuplicatePhone   DuplicateReason = "phone"   // the same phone number, of the organization or of a location
	DuplicateAddress DuplicateReason = "address" // locations at the same address
	DuplicatePSA     DuplicateReason = "psa"     // the same id that people give a company in the PSA, kept as the short name
)

// DuplicateReasons lists every reason, in the order in which they are shown.
func DuplicateReasons() []DuplicateReason {
	return []DuplicateReason{DuplicateName, DuplicatePSA, DuplicateDomain, DuplicatePhone, DuplicateAddress}
}

// ParseDuplicateReason reads a reason; empty stands for any.
func ParseDuplicateReason(s string) (DuplicateReason, error) {
	if s == "" || slices.Contains(DuplicateReasons(), DuplicateReason(s)) {
		return DuplicateReason(s), nil
	}
	return "", Errorf(Invalid, "There is no reason called %q. Use name, psa, domain, phone or address.", s)
}

// Label returns the words of the screen.
func (r DuplicateReason) Label() string {
	switch r {
	case DuplicateName:
		return "Same name"
	case DuplicateDomain:
		return "Same web domain"
	case DuplicatePhone:
		return "Same phone"
	case DuplicateAddress:
		return "Same address"
	}
	return "Same PSA id"
}

// weight is how much a reason counts. A name or the PSA's own id says more than
// a switchboard or a building, which neighbors share.
func (r DuplicateReason) weight() int {
	switch r {
	case DuplicateName, DuplicatePSA:
		return 4
	case DuplicateDomain:
		return 3
	}
	return 2
}

// family reports whether the reason counts for organizations of one family: a
// head office and its branches share web pages, switchboards and buildings.
func (r DuplicateReason) family() bool { return r == DuplicateName || r == DuplicatePSA }

// DuplicateGroup is how many organizations may share something for it to speak
// for any two of them. What more share, such as the number of an answering
// service, the address of an office tower or the name "Test", is no evidence; it
// is reported as Common instead. The limit also keeps the number of pairs in
// proportion to the number of organizations.
const DuplicateGroup = 10

// DuplicateShared is one thing that two organizations have in common, as each of
// them has it written.
type DuplicateShared struct {
	Reason DuplicateReason
	A, B   string
}

// DuplicatePair is two organizations that may be the same client. A is the one
// with the lower id, which was here first.
type DuplicatePair struct {
	A, B   ItemID
	Name   string // of A, as it sorts
	Score  int    // the more the likelier
	Shared []DuplicateShared
}

// Compare orders pairs: the likeliest first, then by name and ids.
func (p DuplicatePair) Compare(q DuplicatePair) int {
	return cmp.Or(cmp.Compare(q.Score, p.Score), strings.Compare(p.Name, q.Name), cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B))
}

// Has reports whether the pair has a reason; the empty one stands for any.
func (p DuplicatePair) Has(r DuplicateReason) bool {
	return r == "" || slices.ContainsFunc(p.Shared, func(s DuplicateShared) bool { return s.Reason == r })
}

// DuplicateCommon is something that more organizations share than DuplicateGroup.
type DuplicateCommon struct {
	Reason DuplicateReason
	Text   string // as one of them has it written; a domain by itself
	N      int    // organizations
}

// NotDuplicate is a pair of organizations that a person told apart.
type NotDuplicate struct {
	A, B   ItemID // A < B
	UserID UserID
	Who    string
	At     Time
}

// DuplicateFields are the fields of an organization, a contact or a location that
// are compared; what a kind lacks is empty.
type DuplicateFields struct {
	ShortName, Website, Phone string
	Street, Postal            string // the first line of the address, and the postal code
	Email                     string // the address that is used; others are often private
}

// DuplicateFinder collects what organizations are known by and finds those that
// have something in common. Use one for a single Find.
type DuplicateFinder struct {
	names  map[ItemID]string
	parent map[ItemID]ItemID
	marks  []duplicateMark
	mails  map[ItemID]*duplicateMails
}

// duplicateMark is one key of one organization.
type duplicateMark struct {
	reason DuplicateReason
	key    string
	id     ItemID
	depth  int // 0 for the organization's own, 1 for something inside, so that its own text is shown where both have the key
	text   string
}

// duplicateMails counts the contacts of an organization by the domain of their
// email address.
type duplicateMails struct {
	contacts int
	domains  map[string]int
}

// NewDuplicateFinder returns an empty finder.
func NewDuplicateFinder() *DuplicateFinder {
	return &DuplicateFinder{names: map[ItemID]string{}, parent: map[ItemID]ItemID{}, mails: map[ItemID]*duplicateMails{}}
}

// Organization takes in an organization; parent is 0 for none.
func (f *DuplicateFinder) Organization(id, parent ItemID, name string, v DuplicateFields) {
	f.names[id] = SearchKey(name)
	if parent != 0 {
		f.parent[id] = parent
	}
	f.mark(DuplicateName, NameKey(name), id, 0, name)
	f.mark(DuplicatePSA, CodeKey(v.ShortName), id, 0, v.ShortName)
	f.mark(DuplicateDomain, DomainKey(v.Website), id, 0, v.Website)
	f.mark(DuplicatePhone, PhoneKey(v.Phone), id, 0, v.Phone)
}

// Location takes in a location of an organization.
func (f *DuplicateFinder) Location(organization ItemID, v DuplicateFields) {
	f.mark(DuplicateAddress, AddressKey(v.Street, v.Postal), organization, 1, v.Street+", "+v.Postal)
	f.mark(DuplicatePhone, PhoneKey(v.Phone), organization, 1, v.Phone)
}

// Contact takes in a contact of an organization.
func (f *DuplicateFinder) Contact(organization ItemID, v DuplicateFields) {
	_, host, ok := strings.Cut(v.Email, "@")
	domain := DomainKey(host)
	if !ok || domain == "" {
		return
	}
	m := f.mails[organization]
	if m == nil {
		m = &duplicateMails{domains: map[string]int{}}
		f.mails[organization] = m
	}
	m.contacts++
	m.domains[domain]++
}

func (f *DuplicateFinder) mark(r DuplicateReason, key string, id ItemID, depth int, text string) {
	if key != "" {
		f.marks = append(f.marks, duplicateMark{r, key, id, depth, text})
	}
}

// Find returns the pairs, the likeliest first, and what too many share, the most
// shared first. It sorts what was taken in and compares only neighbors, so its
// time grows with n log n.
func (f *DuplicateFinder) Find() (pairs []DuplicatePair, common []DuplicateCommon) {
	f.markMails()
	f.marks = slices.DeleteFunc(f.marks, func(m duplicateMark) bool { _, known := f.names[m.id]; return !known })
	slices.SortFunc(f.marks, duplicateMark.compare)
	f.marks = slices.CompactFunc(f.marks, func(m, n duplicateMark) bool { return m.id == n.id && m.sharedBy(n) })
	var found []DuplicatePair
	for low := 0; low < len(f.marks); {
		high := low + 1
		for high < len(f.marks) && f.marks[low].sharedBy(f.marks[high]) {
			high++
		}
		group := f.marks[low:high]
		if len(group) > DuplicateGroup {
			common = append(common, DuplicateCommon{group[0].reason, group[0].plain(), len(group)})
		} else {
			found = f.pairUp(found, group)
		}
		low = high
	}
	slices.SortStableFunc(common, func(c, d DuplicateCommon) int { return cmp.Compare(d.N, c.N) })
	return f.gather(found), common
}

// markMails turns the email addresses of contacts into marks. A domain that less
// than half of the contacts with an address of a company have is that of a
// visitor, such as a consultant, and not of the organization.
func (f *DuplicateFinder) markMails() {
	for id, m := range f.mails {
		for d, n := range m.domains {
			if n*2 >= m.contacts {
				f.mark(DuplicateDomain, d, id, 1, Contact.Count(n)+" at "+d)
			}
		}
	}
}

// plain is what the holders of a key share, in words that fit all of them.
func (m duplicateMark) plain() string {
	if m.reason == DuplicateDomain {
		return m.key
	}
	return m.text
}

func (m duplicateMark) sharedBy(n duplicateMark) bool { return m.reason == n.reason && m.key == n.key }

func (m duplicateMark) compare(n duplicateMark) int {
	return cmp.Or(strings.Compare(string(m.reason), string(n.reason)), strings.Compare(m.key, n.key), cmp.Compare(m.id, n.id),
		cmp.Compare(m.depth, n.depth), strings.Compare(m.text, n.text))
}

// pairUp adds a pair for each two of a group.
func (f *DuplicateFinder) pairUp(found []DuplicatePair, group []duplicateMark) []DuplicatePair {
	for i, m := range group {
		for _, n := range group[i+1:] {
			if m.reason.family() || !f.related(m.id, n.id) {
				found = append(found, DuplicatePair{A: m.id, B: n.id, Shared: []DuplicateShared{{m.reason, m.text, n.text}}})
			}
		}
	}
	return found
}

// related reports whether one organization is the parent of the other, or both
// have the same parent.
func (f *DuplicateFinder) related(a, b ItemID) bool {
	pa, pb := f.parent[a], f.parent[b]
	return pa == b || pb == a || (pa != 0 && pa == pb)
}

// gather makes one pair of all that two organizations share.
func (f *DuplicateFinder) gather(found []DuplicatePair) []DuplicatePair {
	order := DuplicateReasons()
	slices.SortFunc(found, func(p, q DuplicatePair) int {
		return cmp.Or(cmp.Compare(p.A, q.A), cmp.Compare(p.B, q.B), cmp.Compare(slices.Index(order, p.Shared[0].Reason), slices.Index(order, q.Shared[0].Reason)),
			strings.Compare(p.Shared[0].A, q.Shared[0].A), strings.Compare(p.Shared[0].B, q.Shared[0].B))
	})
	var pairs []DuplicatePair
	for _, p := range found {
		if n := len(pairs); n == 0 || pairs[n-1].A != p.A || pairs[n-1].B != p.B {
			pairs = append(pairs, DuplicatePair{A: p.A, B: p.B, Name: f.names[p.A]})
		}
		pairs[len(pairs)-1].add(p.Shared[0])
	}
	slices.SortFunc(pairs, DuplicatePair.Compare)
	return pairs
}

// add takes in one more thing in common. Several of one reason, such as two
// phone numbers, count once.
func (p *DuplicatePair) add(s DuplicateShared) {
	if !p.Has(s.Reason) {
		p.Score += s.Reason.weight()
		p.Shared = append(p.Shared, s)
	}
}
