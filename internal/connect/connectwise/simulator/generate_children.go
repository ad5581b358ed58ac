package simulator

import (
	"fmt"
	"strings"
)

// owner deals children out to companies: each of the first round gets one, and
// what is left goes to the documented companies.
func (g *generator) owners(n int, everyone bool) []int {
	var rich, all []int
	for i := range g.companies {
		if g.rank[i] < documented {
			rich = append(rich, i)
		}
		all = append(all, i)
	}
	if len(rich) == 0 {
		rich = all
	}
	out := make([]int, 0, n)
	if everyone {
		out = append(out, all[:min(n, len(all))]...)
	}
	for len(out) < n {
		out = append(out, rich[g.r.IntN(len(rich))])
	}
	return out
}

func (g *generator) makeSites() {
	t := g.s.table(Sites)
	id := int64(4_100)
	for _, at := range g.owners(g.s.cfg.Size.Sites, true) {
		c := g.companies[at]
		s := &Site{ID: id, Name: "Main", AddressLine1: c.AddressLine1, City: c.City, Zip: c.Zip, Country: c.Country,
			PhoneNumber: c.PhoneNumber, Company: &Ref{c.ID, c.Identifier, c.Name}, PrimaryAddressFlag: true, Info: g.info()}
		s.StateReference = &Ref{ID: 5, Identifier: c.State, Name: c.State}
		if len(g.sites[c.ID]) > 0 {
			s.Name, s.AddressLine1, s.City = g.city()+" office", g.street(), g.city()
			s.PrimaryAddressFlag = false
			s.InactiveFlag = g.chance(5)
		}
		switch {
		case g.chance(1):
			s.StateReference, s.Country = nil, nil
		case g.chance(20):
			s.AddressLine2 = fmt.Sprintf("Suite %d", 100+g.r.IntN(800))
		}
		g.sites[c.ID] = append(g.sites[c.ID], s)
		t.put(s)
		id += int64(1 + g.r.IntN(2))
	}
}

func (g *generator) makeContacts() {
	t := g.s.table(Contacts)
	id := int64(31_000)
	types := g.s.table(ContactTypes)
	n := g.s.cfg.Size.Contacts
	owners := g.owners(min(n, len(g.companies)*4/5), true)
	owners = append(owners, g.owners(n-len(owners), false)...)
	for i, at := range owners {
		c := g.companies[at]
		k := &Contact{ID: id, FirstName: g.pick(g.words.first), LastName: g.pick(g.words.last), Company: &Ref{c.ID, c.Identifier, c.Name},
			InactiveFlag: g.chance(6), DefaultFlag: len(g.contacts[c.ID]) == 0, Types: []Ref{}, Info: g.info()}
		if g.chance(75) {
			k.Title = g.pick(g.words.titles)
		}
		if g.chance(40) {
			l := types.rows[types.ids[g.r.IntN(len(types.ids))]].(*Label)
			k.Types = append(k.Types, Ref{ID: l.ID, Name: l.Text()})
		}
		switch sites := g.sites[c.ID]; {
		case len(sites) == 0 || i%40 == 7:
			k.Site = &Ref{} // the real server sends an empty object
		default:
			s := sites[g.r.IntN(len(sites))]
			k.Site = &Ref{ID: s.ID, Name: s.Name}
		}
		if i%97 == 13 {
			k.LastName = ""
		}
		g.communications(k, c)
		if k.DefaultFlag {
			c.DefaultContact = &Ref{ID: k.ID, Name: strings.TrimSpace(k.FirstName + " " + k.LastName)}
		}
		g.contacts[c.ID] = append(g.contacts[c.ID], k)
		t.put(k)
		id += int64(1 + g.r.IntN(2))
	}
}

// communications gives a contact emails and phones.
func (g *generator) communications(k *Contact, c *Company) {
	add := func(typeID int64, name, value, extension, kind string, first bool) {
		k.CommunicationItems = append(k.CommunicationItems, Communication{ID: k.ID*10 + int64(len(k.CommunicationItems)),
			ContactID: k.ID, Type: Ref{ID: typeID, Name: name}, Value: value, Extension: extension, DefaultFlag: first,
			CommunicationType: kind, Info: k.Info})
	}
	k.CommunicationItems = []Communication{}
	if g.chance(88) {
		at := domain(c.Name)
		local := strings.ToLower(ascii(k.FirstName) + "." + ascii(k.LastName))
		add(1, "Email", strings.Trim(local, ".")+"@"+at, "", "Email", true)
		k.CommunicationItems[0].Domain = "@" + at
		if g.chance(4) {
			add(5, "Alternate email", strings.Trim(local, ".")+"@mail.example", "", "Email", false)
		}
	}
	if g.chance(70) {
		extension := ""
		if g.chance(40) {
			extension = fmt.Sprint(100 + g.r.IntN(900))
		}
		k.DefaultPhoneType, k.DefaultPhoneNbr = "Direct", g.phone()
		add(2, "Direct", k.DefaultPhoneNbr, extension, "Phone", true)
	}
	if g.chance(35) {
		add(3, "Mobile", g.phone(), "", "Phone", false)
	}
	if g.chance(3) {
		add(4, "Fax", g.phone(), "", "Fax", true)
	}
}

// ascii keeps the plain letters of a name, for an email address.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 'A' || r > 'z' || r > 'Z' && r < 'a' {
			return -1
		}
		return r
	}, s)
}

func (g *generator) makeConfigurations() {
	t := g.s.table(Configurations)
	id := int64(780)
	types := map[string]int64{}
	for n, r := range g.s.table(ConfigurationTypes).rows {
		types[r.(*Label).Name] = n
	}
	list := models()
	for i, at := range g.owners(g.s.cfg.Size.Configurations, false) {
		if i%25 == 3 {
			// Some prospects and former clients have leftovers of an old contract.
			at = g.r.IntN(len(g.companies))
		}
		c := g.companies[at]
		m := g.model(list)
		k := g.device(id, c, m, i)
		k.Type = &Ref{ID: types[m.kind], Name: m.kind}
		t.put(k)
		id += int64(1 + g.r.IntN(2))
	}
}

func (g *generator) model(list []model) model {
	n := g.r.IntN(100)
	for _, m := range list {
		if n -= m.share; n < 0 {
			return m
		}
	}
	return list[0]
}

// device makes one configuration. A few are odd in ways that are legal.
func (g *generator) device(id int64, c *Company, m model, i int) *Configuration {
	short := strings.ToUpper(ascii(c.Identifier))
	k := &Configuration{ID: id, Name: fmt.Sprintf("%s-%s%02d", short[:min(4, len(short))], m.prefix, 1+i%60), ActiveFlag: true,
		Company: &Ref{c.ID, c.Identifier, c.Name}, Manufacturer: &Ref{ID: int64(len(m.maker)), Name: m.maker}, ModelNumber: m.name,
		SerialNumber: fmt.Sprintf("%s%07X", m.prefix, g.r.IntN(1<<28)), OSType: m.os, Info: g.info()}
	k.Status = &Ref{ID: 1, Name: "Active"}
	switch n := g.r.IntN(100); {
	case n < 4:
		k.Status = &Ref{ID: 2, Name: "In storage"}
	case n < 9:
		k.Status, k.ActiveFlag = &Ref{ID: 3, Name: "Inactive"}, false
	case n < 12:
		k.Status = &Ref{ID: 4, Name: "Retired"}
	}
	subnet := g.r.IntN(250)
	k.IPAddress, k.DefaultGateway = fmt.Sprintf("10.%d.%d.%d", c.ID%250, subnet, 2+g.r.IntN(250)), fmt.Sprintf("10.%d.%d.1", c.ID%250, subnet)
	k.MacAddress = g.mac()
	if i%83 == 11 {
		k.MacAddress += ", " + g.mac()
	}
	bought := g.base.AddDate(0, 0, -g.r.IntN(1800))
	k.PurchaseDate = bought.Format("2006-01-02") + "T00:00:00Z"
	k.InstallationDate = bought.AddDate(0, 0, 9).Format("2006-01-02") + "T00:00:00Z"
	k.WarrantyExpirationDate = bought.AddDate(3, 0, 0).Format("2006-01-02") + "T00:00:00Z"
	k.TagNumber = fmt.Sprintf("T-%05d", id)
	if g.chance(30) {
		k.Notes = "Installed by the project team.\r\nSee the ticket for the cabling plan."
	}
	if g.chance(10) {
		k.InstalledBy = &Ref{ID: 176, Identifier: "DWhitfield", Name: "Dana Whitfield"}
	}
	if people := g.contacts[c.ID]; len(people) > 0 && strings.Contains(m.kind, "Workstation") {
		p := people[g.r.IntN(len(people))]
		k.Contact = &Ref{ID: p.ID, Name: strings.TrimSpace(p.FirstName + " " + p.LastName)}
		k.LastLoginName = strings.ToLower(ascii(p.FirstName))
	}
	if sites := g.sites[c.ID]; len(sites) > 0 {
		s := sites[g.r.IntN(len(sites))]
		k.Site = &Ref{ID: s.ID, Name: s.Name}
	}
	k.Questions = []Question{{1, 1, "Managed by", "Bluepeak IT", "Text"}}
	return k
}

func (g *generator) mac() string {
	return fmt.Sprintf("02:%02X:%02X:%02X:%02X:%02X", g.r.IntN(256), g.r.IntN(256), g.r.IntN(256), g.r.IntN(256), g.r.IntN(256))
}
