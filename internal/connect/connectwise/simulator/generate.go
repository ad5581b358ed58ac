package simulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The MSP's own company.
const (
	homeID   = 2
	homeName = "Bluepeak IT"
)

// generator fills a simulator with data from a seed.
type generator struct {
	s     *Simulator
	r     *rand.Rand
	names map[string]bool
	words struct {
		first, last, place, ends, trades, streets, cityStart, cityEnd, states, titles []string
	}
	base      time.Time
	companies []*Company // in the order of their ids
	rank      []int      // index of each company's type in companyShares
	sites     map[int64][]*Site
	contacts  map[int64][]*Contact
}

func newGenerator(s *Simulator) *generator {
	g := &generator{s: s, r: rand.New(rand.NewPCG(uint64(s.cfg.Seed), 0x6d61696e73746179)), names: map[string]bool{},
		base:  time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC),
		sites: map[int64][]*Site{}, contacts: map[int64][]*Contact{}}
	g.words.first, g.words.last, g.words.place, g.words.ends = firstNames(), lastNames(), placeWords(), endings()
	g.words.trades, g.words.streets = trimmed(trades()), streets()
	g.words.cityStart, g.words.cityEnd = cityWords(), endings()
	g.words.states, g.words.titles = states(), trimmed(titles())
	return g
}

func trimmed(list []string) []string {
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}

// run fills every table.
func (g *generator) run() {
	g.labels()
	g.makeCompanies()
	g.makeSites()
	g.makeContacts()
	g.makeConfigurations()
}

func (g *generator) pick(list []string) string { return list[g.r.IntN(len(list))] }

// chance is true in n of 100 cases.
func (g *generator) chance(n int) bool { return g.r.IntN(100) < n }

// info is a last change within the two years before the base date.
func (g *generator) info() Info {
	entered := g.base.Add(-time.Duration(g.r.IntN(5*365*24)+2*365*24) * time.Hour)
	return Info{LastUpdated: stamp(g.base.Add(-time.Duration(g.r.IntN(2*365*24*3600)) * time.Second)),
		UpdatedBy: "DWhitfield", DateEntered: stamp(entered)}
}

// labels fills the tables of types and statuses.
func (g *generator) labels() {
	put := func(resource string, l Label) {
		l.Info = Info{LastUpdated: "2019-02-11T15:20:41Z", UpdatedBy: "Admin1"}
		g.s.table(resource).put(&l)
	}
	for _, l := range companyStatuses() {
		put(CompanyStatuses, l)
	}
	for i, s := range companyShares() {
		put(CompanyTypes, Label{ID: int64(i + 1), Name: s.name, DefaultFlag: i == 0, VendorFlag: s.name == "Vendor"})
	}
	for i, n := range []string{"Owner", "Approver", "End user", "Billing", "Technical"} {
		put(ContactTypes, Label{ID: int64(i + 1), Description: n, DefaultFlag: n == "End user"})
	}
	for i, n := range []string{"Active", "In storage", "Inactive", "Retired"} {
		put(ConfigurationStatuses, Label{ID: int64(i + 1), Description: n, DefaultFlag: i == 0, ClosedFlag: i >= 2})
	}
	seen := map[string]bool{}
	for _, m := range models() {
		if !seen[m.kind] {
			seen[m.kind] = true
			put(ConfigurationTypes, Label{ID: int64(len(seen)), Name: m.kind})
		}
	}
	for i, n := range []string{"Email", "Direct", "Mobile", "Fax", "Alternate email"} {
		put(CommunicationTypes, Label{ID: int64(i + 1), Description: n, EmailFlag: strings.Contains(n, "mail"),
			PhoneFlag: n == "Direct" || n == "Mobile", FaxFlag: n == "Fax", DefaultFlag: i < 2})
	}
}

func (g *generator) makeCompanies() {
	dealt := cells(g.s.cfg.Size.Companies)
	// The MSP itself comes first, the others in no order.
	for i, c := range dealt {
		if companyShares()[c.typ].name == "Internal" {
			dealt[0], dealt[i] = dealt[i], dealt[0]
			break
		}
	}
	rest := dealt[1:]
	g.r.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	t := g.s.table(Companies)
	id := int64(homeID)
	for i, c := range dealt {
		company := g.company(id, c, i)
		g.companies, g.rank = append(g.companies, company), append(g.rank, c.typ)
		t.put(company)
		id += int64(1 + g.r.IntN(3))
		if i == 0 {
			id = 19_300
		}
	}
	g.twins()
	g.parents()
}

// twinShare is how many companies there are for each that somebody entered a
// second time, as happens in every PSA.
const twinShare = 40

// twins makes some companies the one before them, entered again in another way.
// It draws nothing, so that all others stay as they are.
func (g *generator) twins() {
	for i := twinShare/2 + 3; i < len(g.companies); i += twinShare {
		c, first := g.companies[i], g.companies[i-1]
		name := first.Name + ", Inc."
		switch i / twinShare % 4 {
		case 1:
			name = "The " + first.Name
		case 2:
			name = strings.ToUpper(first.Name) + " LLC"
		case 3: // renamed: only where it is stayed the same
			name = c.Name
			c.AddressLine1, c.City, c.State, c.Zip = first.AddressLine1, first.City, first.State, first.Zip
		}
		if utf8.RuneCountInString(name) > 50 || name != c.Name && g.names[name] {
			continue
		}
		if g.names[name] = true; name != c.Name {
			c.Name, c.Identifier = name, identifier(name)
			first.Website = "https://www." + domain(first.Name)
			c.Website = strings.TrimPrefix(first.Website, "https://www.")
		}
		first.PhoneNumber = fmt.Sprintf("%d55501%02d", 200+first.ID%700, first.ID/700%100)
		c.PhoneNumber = first.PhoneNumber
	}
}

func (g *generator) company(id int64, at cell, index int) *Company {
	shares := companyShares()
	status := companyStatuses()[at.status]
	name := g.companyName(index)
	if index == 0 {
		name = homeName
	}
	c := &Company{ID: id, Name: name, Identifier: identifier(name), Info: g.info(),
		Status: &Ref{ID: status.ID, Name: status.Name}, Types: []Ref{{ID: int64(at.typ + 1), Name: shares[at.typ].name}}}
	if g.chance(2) && index > 0 {
		// A second type, mostly from the same side of what is documented.
		other := documented + g.r.IntN(len(shares)-documented)
		if at.typ < documented && !g.chance(15) {
			other = g.r.IntN(documented - 1)
		}
		if other != at.typ {
			c.Types = append(c.Types, Ref{ID: int64(other + 1), Name: shares[other].name})
		}
	}
	c.LeadFlag, c.IsVendorFlag = shares[at.typ].name == "Lead", shares[at.typ].name == "Vendor"
	c.AddressLine1, c.City, c.State, c.Zip = g.street(), g.city(), g.pick(g.words.states), fmt.Sprintf("%05d", 10_000+g.r.IntN(89_000))
	c.Country = &Ref{ID: 1, Name: "United States"}
	c.PhoneNumber = g.phone()
	if g.chance(15) {
		c.FaxNumber = g.phone()
	}
	if g.chance(70) {
		c.Website = "https://www." + domain(name)
	}
	if at.typ < documented {
		c.AccountNumber = fmt.Sprintf("A%05d", id%100_000)
	}
	c.Territory = &Ref{ID: 38, Name: "Main"}
	return c
}

// parents puts some companies below an earlier one of the documented types.
func (g *generator) parents() {
	var heads []*Company
	for i, c := range g.companies {
		if g.rank[i] >= documented-1 {
			continue
		}
		if len(heads) > 3 && g.chance(5) {
			p := heads[g.r.IntN(len(heads))]
			c.ParentCompany = &Ref{p.ID, p.Identifier, p.Name}
			continue
		}
		if len(heads) < 40 {
			heads = append(heads, c)
		}
	}
}

// companyName makes a name that no company has yet, at most 50 characters long.
func (g *generator) companyName(index int) string {
	odd := unicodeNames()
	if index%37 == 5 && index/37 < len(odd) {
		g.names[odd[index/37]] = true
		return odd[index/37]
	}
	for try := 0; ; try++ {
		var n string
		switch place, trade := g.pick(g.words.place), g.pick(g.words.trades); g.r.IntN(4) {
		case 0:
			n = place + g.pick(g.words.ends) + " " + trade
		case 1:
			n = g.pick(g.words.last) + " " + trade
		case 2:
			n = place + " " + g.pick(g.words.streets) + " " + trade
		default:
			n = g.pick(g.words.last) + " & " + g.pick(g.words.last) + " " + trade
		}
		if try > 5 {
			n = fmt.Sprintf("%s %d", n, 2+g.r.IntN(98))
		}
		if !g.names[n] && utf8.RuneCountInString(n) <= 50 {
			g.names[n] = true
			return n
		}
	}
}

// identifier makes the Company ID of a name: letters and digits, at most 30.
func identifier(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if b.Len()+utf8.RuneLen(r) > 30 {
				break
			}
			b.WriteRune(r)
		}
	}
	return b.String()
}

// domain makes the host name of a company, below a name that nobody can own.
func domain(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return "company.example"
	}
	return b.String() + ".example"
}

func (g *generator) street() string {
	return fmt.Sprintf("%d %s %s", 1+g.r.IntN(9_900), strings.ReplaceAll(g.pick(g.words.streets), "-", " "),
		g.pick([]string{"Street", "Avenue", "Road", "Lane", "Way"}))
}

func (g *generator) city() string { return g.pick(g.words.cityStart) + g.pick(g.words.cityEnd) }

// phone is from the numbers that are kept free for fiction.
func (g *generator) phone() string {
	return fmt.Sprintf("%d55501%02d", 2+g.r.IntN(8), g.r.IntN(100))
}
