package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"mainstay"
	"mainstay/internal/storetest"
)

// heads are the columns of the list that a page shows, without the boxes.
func (a *answer) heads() string {
	a.Helper()
	var out []string
	for _, n := range nodes(a.T, a.body) {
		if n.Data == "th" && attribute(n, "role") == "columnheader" {
			for d := range n.Descendants() {
				if text := strings.TrimSpace(d.Data); d.Type == html.TextNode && text != "" && text != "Edit" {
					out = append(out, text)
				}
			}
		}
	}
	return strings.Join(out, ", ")
}

// sees compares the columns of a list.
func (b *browser) sees(path, want string) {
	b.Helper()
	if got := b.get(path).wants(http.StatusOK).heads(); got != want {
		b.Errorf("%s shows the columns %q, want %q", path, got, want)
	}
}

// A choice of columns belongs to one person and one kind, lasts beyond signing
// out, and can be taken back.
func TestColumns(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, bob := o.hire("ann@example.com", mainstay.Administrator), o.hire("bob@example.com", mainstay.ReadOnly)
		usual := map[string]string{
			"organizations":  "Organization, Type, Status, Sync, Why, Since, Items, Only here",
			"configurations": "Configuration, Organization, Type, Status, Primary IP, Sync, Changed",
			"contacts":       "Contact, Organization, Type, Emails, Sync, Changed",
			"locations":      "Location, Organization, City, Phone, Sync, Changed",
			"documents":      "Document, Organization, Changed",
		}
		for plural, want := range usual {
			ann.sees("/"+plural, want)
			ann.get("/" + plural).says("Columns").hides(`value="reset"`)
		}
		const back = "/contacts?q=sync%3A+syncing&sort=-updated"
		ann.post("/contacts/columns", with("do", "save", "back", back, "column", "created", "column", "title", "column", "organization", "column", "password")).leads(back)
		const chosen = "Contact, Organization, Title, Created"
		ann.sees(back, chosen)
		ann.get(back).says("Reset", "An export has every field, whatever is shown.")
		bob.sees("/contacts", usual["contacts"])
		ann.sees("/locations", usual["locations"])
		ann.post("/logout", nil).wants(http.StatusSeeOther)
		ann.cookies = map[string]string{}
		ann.post("/login", url.Values{"email": {"ann@example.com"}, "password": {officePassword}}).wants(http.StatusSeeOther)
		ann.sees("/contacts", chosen)
		ann.post("/contacts/columns", with("do", "save", "back", "https://elsewhere.example/")).leads("/contacts")
		ann.sees("/contacts", "Contact")
		ann.post("/contacts/columns", with("do", "reset", "back", "/contacts?at=x", "column", "created")).leads("/contacts?at=x")
		ann.sees("/contacts", usual["contacts"])
	})
}

// Inside one organization the column of its name says nothing. It is not
// offered there, and choosing others there keeps it for the other lists.
func TestColumns_inside(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		inside := organizationPath(in.Organizations[2], "/contacts")
		ann.sees(inside, "Contact, Type, Emails, Sync, Changed")
		sent := url.Values{"back": {inside}, "column": {"phones"}}
		for _, i := range inputs(t, ann.get(inside).body) {
			if i.name == "column" && i.kind == "hidden" {
				sent.Add("column", i.value)
			}
		}
		ann.post("/contacts/columns", sent).leads(inside)
		ann.sees(inside, "Contact, Phones")
		ann.sees("/contacts", "Contact, Organization, Phones")
	})
}

// Fields, list fields and named items fill their cells, and a page asks the
// database nothing per row for them.
func TestColumns_cells(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		add := func(i mainstay.Item) mainstay.Item {
			made, err := o.changes.Create(o.Context(), boss(), i)
			o.must(err)
			return made
		}
		place := add(mainstay.Item{Kind: mainstay.Location.Name, OrganizationID: in.Organizations[0], Name: "Harbor office"})
		for range 3 {
			add(mainstay.Item{Kind: mainstay.Contact.Name, OrganizationID: in.Organizations[0], Archived: true, Values: mainstay.Values{"first_name": {Text: "Zora"}, "location_id": {Text: idText(place.ID)}, "important": {Text: "true"},
				"emails": {Rows: []mainstay.Row{{"value": "old@example.com"}, {"value": "zora@example.com", "primary": "true"}, {"value": "more@example.com"}}}}})
		}
		all := with("do", "save", "back", "/contacts")
		for _, i := range inputs(t, ann.get("/contacts").body) {
			if i.name == "column" {
				all.Add("column", i.value)
			}
		}
		ann.post("/contacts/columns", all).leads("/contacts")
		page, queries := ann.asking("/contacts?q=Zora")
		page.wants(http.StatusOK).says("Harbor office", "zora@example.com +2", "Yes")
		for _, q := range queries.twice() {
			o.Errorf("a list with every column asks %s", q)
		}
		_, few := ann.asking("/contacts?q=Zora&sort=-name")
		_, many := ann.asking("/contacts")
		if len(few) != len(many) {
			o.Errorf("3 rows take %d statements, a full page %d", len(few), len(many))
		}
		// A name that the person may not see stays hidden in a cell, too.
		parent := add(mainstay.Item{Kind: mainstay.Organization.Name, Name: "Northwind Holding"})
		child := add(mainstay.Item{Kind: mainstay.Organization.Name, Name: "Quay Street", ParentID: parent.ID})
		max := o.hire("max@example.com", mainstay.Manager, child.ID)
		for b, sees := range map[*browser]bool{ann: true, max: false} {
			b.post("/organizations/columns", with("column", "parent")).leads("/organizations")
			page := b.get("/organizations?q=Quay").wants(http.StatusOK).says("Quay Street")
			if got := page.count(parent.Name) > 0; got != sees {
				b.Errorf("the parent is shown: %v, want %v", got, sees)
			}
		}
	})
}

// The preview of Manage data follows the choice, and an export does not.
func TestColumns_elsewhere(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		i := ann.connected()
		ann.work()
		ann.everythingSyncs(i)
		before := ann.get("/contacts/export.csv").wants(http.StatusOK).body
		ann.post("/contacts/columns", with("column", "title", "back", path(i, "/manage-data/rows/contact"))).leads(path(i, "/manage-data/rows/contact"))
		ann.sees(path(i, "/manage-data/rows/contact"), "Contact, Title")
		if after := ann.get("/contacts/export.csv").wants(http.StatusOK).body; after != before {
			o.Error("the export changed with the columns")
		}
	})
}
