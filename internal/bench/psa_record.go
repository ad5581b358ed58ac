package bench

import (
	"fmt"
	"strconv"

	"mainstay"
)

// Parts of made-up names.
var (
	firstNames = []string{"Ada", "Bo", "Cleo", "Dario", "Edda", "Femi", "Greta", "Hiro", "Ines", "Jonas", "Kaia", "Luca", "Mira", "Nils", "Oona", "Pavel", "Runa", "Silas", "Tove", "Uma"}
	lastNames  = []string{"Ash", "Birch", "Cedar", "Dale", "Elm", "Fern", "Grove", "Hazel", "Iris", "Juniper", "Knoll", "Larch", "Moss", "Nettle", "Oak", "Pine", "Quill", "Reed", "Sage", "Thorn"}
	trades     = []string{"Dental", "Logistics", "Foods", "Optics", "Masonry", "Travel", "Legal", "Energy", "Textiles", "Robotics"}
	cities     = []string{"Aldbury", "Brackwell", "Corvane", "Dunmere", "Eastholt", "Farrowby"}
)

// mix spreads n over a list without a visible pattern.
func mix(list []string, n, salt int) string {
	return list[(uint64(n)*2_654_435_761+uint64(salt)*40_503)>>7%uint64(len(list))]
}

// record makes the n-th record of a kind. It is the same at each call.
func (p *psa) record(kind mainstay.KindName, n int) mainstay.Observation {
	o := mainstay.Observation{Kind: kind, ExternalID: strconv.Itoa(n + 1), Values: mainstay.Values{}, Updated: "2026-01-01T00:00:00Z"}
	if kind != mainstay.Organization.Name {
		o.CompanyID = strconv.Itoa(n%p.companies + 1)
	}
	switch kind {
	case mainstay.Organization.Name:
		o.Name = fmt.Sprintf("%s %s %d", mix(lastNames, n, 1), mix(trades, n, 2), n+1)
		o.TypeIDs, o.StatusID = []string{strconv.Itoa(n%6 + 1)}, strconv.Itoa(n%4+1)
		o.Values.SetText("short_name", fmt.Sprintf("ORG%06d", n+1))
		o.Values.SetText("phone", fmt.Sprintf("555-01%02d", n%100))
		o.Values.SetText("website", fmt.Sprintf("https://org%d.example", n+1))
		p.twins(&o, n)
	case mainstay.Location.Name:
		o.Name, o.Primary = mix(cities, n, 3)+" office", n < p.companies
		o.Values.SetText("address_1", fmt.Sprintf("%d %s Street", n%300+1, mix(lastNames, n, 4)))
		o.Values.SetText("city", mix(cities, n, 3))
		o.Values.SetText("postal_code", fmt.Sprintf("%05d", n%100_000))
		o.Values.SetText("country", "Ireland")
	case mainstay.Contact.Name:
		p.contact(&o, n)
	case mainstay.Configuration.Name:
		p.configuration(&o, n)
	}
	return o
}

// twins makes every twin-th company the one before, written in another way.
func (p *psa) twins(o *mainstay.Observation, n int) {
	if p.twin == 0 {
		return
	}
	area, line := 200+n%700, n%10_000
	o.Values.SetText("phone", fmt.Sprintf("(%d) 555-%04d", area, line))
	if n == 0 || n%p.twin != 0 {
		return
	}
	before := p.record(o.Kind, n-1)
	o.Name = "The " + before.Name + ", Inc."
	o.Values.SetText("website", "http://www."+before.Values.Text("website")[len("https://"):]+"/about")
}

func (p *psa) contact(o *mainstay.Observation, n int) {
	first, last := mix(firstNames, n, 5), mix(lastNames, n, 6)
	o.Name, o.TypeIDs = fmt.Sprintf("%s %s%d", first, last, n%1000), []string{strconv.Itoa(n%5 + 1)}
	o.Values.SetText("first_name", first)
	o.Values.SetText("last_name", last+strconv.Itoa(n%1000))
	o.Values.SetText("title", mix(trades, n, 7)+" manager")
	o.Values.SetText("location_id", p.site(n))
	o.Values.SetRows("emails", []mainstay.Row{{"value": fmt.Sprintf("%s.%d@org%s.example", first, n, o.CompanyID), "label": "Work", "primary": "true"}})
	o.Values.SetRows("phones", []mainstay.Row{{"value": fmt.Sprintf("555-01%02d", n%100), "label": "Direct", "primary": "true"}})
}

func (p *psa) configuration(o *mainstay.Observation, n int) {
	o.Name, o.TypeIDs, o.StatusID = fmt.Sprintf("%s-%05d", mix(trades, n, 8), n+1), []string{strconv.Itoa(n%12 + 1)}, strconv.Itoa(n%4+1)
	o.Values.SetText("serial_number", fmt.Sprintf("SN%09d", n+1))
	o.Values.SetText("mac_address", fmt.Sprintf("02:00:%02x:%02x:%02x:%02x", n>>24&255, n>>16&255, n>>8&255, n&255))
	o.Values.SetText("primary_ip", fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255))
	o.Values.SetText("manufacturer", mix(lastNames, n, 9)+" Systems")
	o.Values.SetText("model", fmt.Sprintf("M%d", n%40))
	o.Values.SetText("operating_system", fmt.Sprintf("OS %d", n%7))
	o.Values.SetText("location_id", p.site(n))
}

// site is a site of the company that the n-th record belongs to.
func (p *psa) site(n int) string {
	if s := n % p.companies; s < p.size(mainstay.Location.Name) {
		return strconv.Itoa(s + 1)
	}
	return ""
}
