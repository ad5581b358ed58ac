package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/storetest"
)

func TestLists(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		for _, k := range mainstay.Kinds() {
			ann.get("/"+k.Plural).wants(http.StatusOK).says("Export CSV", "New "+k.Label)
			ann.get("/" + k.Plural + "?q=zzzz&sort=-name").wants(http.StatusOK).says("No " + k.Label + " matches.")
		}
		page := ann.get("/organizations?q=" + url.QueryEscape("sync status: orphaned")).wants(http.StatusOK)
		page.says("24 match", "Why they're orphaned", "Type not synced", "1–24 of 24", "Syncing 36", "Orphaned 24")
		if got := page.value("query"); got != "sync status: orphaned" {
			o.Errorf("the selection sends the query %q", got)
		}
		if got := page.value("seen"); got != "24" {
			o.Errorf("the selection sends the count %q", got)
		}
		ann.get("/organizations?q=sync+stauts%3A+orphaned").wants(http.StatusOK).says(`"sync stauts" isn't a filter.`, "Nothing is selected.").hides(`name="seen"`, "Export CSV")
		ann.get("/organizations?sort=height").wants(http.StatusUnprocessableEntity).says("A list can't be sorted by")
		ann.get("/organizations?at=%25%25").wants(http.StatusUnprocessableEntity).says("This page link is damaged.")
		ann.get("/organizations?q=%00").wants(http.StatusOK).says("can't be searched for")
		part := ann.fragment(http.MethodGet, "/contacts?q=a", nil).wants(http.StatusOK).hides("<html", "<body")
		if !strings.HasPrefix(strings.TrimSpace(part.body), `<div id="list"`) {
			o.Errorf("the fragment begins with %.60q", part.body)
		}
		ann.get("/vehicles").wants(http.StatusNotFound)
	})
}

// TestLists_pages walks a list to its end and back.
func TestLists_pages(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		for _, sort := range []string{"", "&sort=-name", "&sort=updated", "&sort=-updated"} {
			seen, next := map[string]bool{}, "/contacts?q=sync%3A+syncing"+sort
			var last *answer
			for next != "" {
				last = ann.get(next).wants(http.StatusOK)
				for _, i := range inputs(t, last.body) {
					if i.name == "id" {
						if seen[i.value] {
							o.Errorf("%s: contact %s twice", sort, i.value)
						}
						seen[i.value] = true
					}
				}
				next = rel(t, last.body, "next")
			}
			if want := len(o.find(&mainstay.Contact, "sync: syncing")); len(seen) != want {
				o.Errorf("%s: %d contacts on all pages, want %d", sort, len(seen), want)
			}
			back := 0
			for at := rel(t, last.body, "prev"); at != ""; back++ {
				at = rel(t, ann.get(at).wants(http.StatusOK).body, "prev")
			}
			if back == 0 {
				o.Errorf("%s: the last page leads nowhere back", sort)
			}
		}
	})
}

// rel is the address of the link with a relation, empty where there is none.
func rel(t *testing.T, page, name string) string {
	t.Helper()
	for _, n := range nodes(t, page) {
		if attribute(n, "rel") == name {
			return attribute(n, "href")
		}
	}
	return ""
}

// TestLists_restricted shows people what they may see and nothing else.
func TestLists_restricted(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		mine, foreign := in.Organizations[0], in.Organizations[1]
		lee, max := o.hire("lee@example.com", mainstay.Lite, mine), o.hire("max@example.com", mainstay.Manager, mine)
		name := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: foreign}).Name
		for _, b := range []*browser{lee, max} {
			b.get("/organizations").wants(http.StatusOK).says("1 match").hides(name)
			b.get("/contacts").wants(http.StatusOK).hides(name)
			b.get("/search?q=" + url.QueryEscape(name)).wants(http.StatusOK).says("Nothing matches.")
			b.get("/search/suggest?q=" + url.QueryEscape(name)).wants(http.StatusOK).hides(name)
			b.get("/search/names?kind=organizations&organization=" + url.QueryEscape(name)).wants(http.StatusOK).hides(name)
			if body := b.get("/organizations/export.csv").wants(http.StatusOK).body; strings.Count(body, "\n") != 2 {
				b.Errorf("the export has more than one organization:\n%s", body)
			}
			b.post("/organizations/export.csv", with("scope", "ids", "id", "1", "id", "2", "id", "3")).wants(http.StatusOK).hides(name)
			missing := b.get("/organizations/999999").wants(http.StatusNotFound)
			for _, path := range []string{"", "/contacts", "/contacts/new", "/edit"} {
				if b == lee && (path == "/contacts/new" || path == "/edit") {
					continue
				}
				a, m := b.get(organizationPath(foreign, path)).wants(http.StatusNotFound), b.get("/organizations/999999"+path)
				if a.text() != m.text() || m.text() != missing.text() {
					b.Errorf("%s of a foreign organization is told apart from a missing one:\n%s\n%s", path, a.text(), m.text())
				}
			}
			b.get("/contacts/export.csv?organization=" + idText(foreign)).wants(http.StatusNotFound)
			b.get("/organizations/why?q=" + url.QueryEscape(name)).wants(http.StatusOK).says("You can open only some organizations.")
		}
		lee.get("/organizations").hides(`name="scope"`, "59 more")
		max.get("/organizations").says("59 more are in organizations you can't open.")
		lee.get("/contacts/new").wants(http.StatusForbidden).says("Your role, Lite, can't create items.")
		lee.get("/activity").wants(http.StatusForbidden)
		lee.get("/organizations/" + idText(mine) + "/activity").wants(http.StatusForbidden)
	})
}

func TestOrganizationLists(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva := o.hire("eva@example.com", mainstay.Editor)
		id := in.Organizations[2]
		for _, k := range mainstay.Kinds()[1:] {
			eva.get(organizationPath(id, "/"+k.Plural)).wants(http.StatusOK).says("Overview", "New "+k.Label)
		}
		eva.get(organizationPath(id, "/contacts?q=nonsense%3A+1")).wants(http.StatusOK).says("isn't a filter")
		ann := o.hire("ann@example.com", mainstay.Administrator)
		page := ann.get(organizationPath(id, "/contacts")).wants(http.StatusOK)
		if page.value("organization") != idText(id) {
			o.Error("a selection inside an organization does not say which one")
		}
		plan := ann.post("/changes", with("action", "delete", "kind", "contact", "scope", "all", "query", "", "seen", page.value("seen"), "organization", idText(id))).planned()
		if got := plan.Counts.Matched; plain(got) != page.value("seen") {
			o.Errorf("the plan matched %d contacts, the list showed %s", got, page.value("seen"))
		}
	})
}

func TestCompletions(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		ann.get("/search/complete?kind=organizations&q=sync+status%3A+or").wants(http.StatusOK).says("24")
		ann.get("/search/complete?kind=contacts&q=ty").wants(http.StatusOK).hides("<html")
		ann.get("/search/complete?kind=cars&q=ty").wants(http.StatusUnprocessableEntity)
		ann.get("/search/complete?kind=contacts&q=" + strings.Repeat("x", 5000)).wants(http.StatusOK)
		name := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: in.Organizations[4]}).Name
		if n := ann.get("/search/names?kind=organizations&organization=" + url.QueryEscape(name)).wants(http.StatusOK).count(`value="` + name + `"`); n != 1 {
			o.Errorf("%s is proposed %d times", name, n)
		}
		ann.get("/search/names?kind=organizations&parent=").wants(http.StatusOK)
		ann.get("/search/suggest?q=").wants(http.StatusOK).says("Go to Dashboard", "Orphaned organizations")
		ann.get("/search/suggest?q=%3Enew").wants(http.StatusOK).says("New contact").hides("Go to")
		ann.get("/organizations/" + idText(in.Organizations[4])).wants(http.StatusOK)
		ann.get("/search/suggest?q=").wants(http.StatusOK).says("Recent", name)
		ann.get("/search?q="+url.QueryEscape(strings.ToUpper(name[:6]))).wants(http.StatusOK).says("Organizations", name)
		ann.get("/search").wants(http.StatusOK)
	})
}

func TestWhy(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		name := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: in.Organizations[0]}).Name
		ann.get("/organizations/why?q=" + url.QueryEscape("archived: yes "+name)).wants(http.StatusOK).says("The filter leaves it out.")
		ann.get("/organizations/why?q=" + url.QueryEscape("flavour: x")).wants(http.StatusOK).says("The filter has a slip.")
		ann.get("/contacts/why?q=nobody").wants(http.StatusOK).says("No sync has seen it.")
		ann.get("/configurations/why?q=nothing").wants(http.StatusOK).says("No type of configurations is ticked")
		ann.get("/documents/why?q=x").wants(http.StatusNotFound)
		gone := o.find(&mainstay.Contact, "sync status: orphaned")[0].Item
		ann.post(itemPath(gone, "/delete"), with("version", plain(int(gone.Version)))).leads("/contacts")
		ann.get("/contacts/why?q="+url.QueryEscape(gone.Name)).wants(http.StatusOK).says("It is in Trash.", "Look in Trash")
		ann.get("/contacts/why?q="+url.QueryEscape("protected: no sync status: orphaned")).wants(http.StatusOK).says("1 contact in Trash.", "Look in Trash").hides("No sync has seen it")
		ann.get("/contacts/why?q=" + url.QueryEscape("protected: yes")).wants(http.StatusOK).hides("in Trash")
	})
}

func TestExports(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		evil, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: `=cmd|' /C calc'!A1`,
			Values: mainstay.Values{"phone": {Text: "+49 30 1"}, "short_name": {Text: "@sum(1)"}, "description": {Text: "-1\n\"quoted\", comma"}}})
		o.must(err)
		for _, k := range mainstay.Kinds() {
			a := ann.get("/" + k.Plural + "/export.csv").wants(http.StatusOK)
			rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
			o.must(err)
			if want := len(o.find(k, "")) + 1; len(rows) != want {
				o.Errorf("%s: %d lines, want %d", k.Plural, len(rows), want)
			}
			if !strings.Contains(a.Header().Get("Content-Disposition"), k.Plural+"-") || a.Header().Get("Content-Type") != "text/csv; charset=utf-8" {
				o.Errorf("%s: headers %v", k.Plural, a.Header())
			}
		}
		one := ann.post("/organizations/export.csv", with("scope", "ids", "id", idText(evil.ID)))
		rows, err := csv.NewReader(strings.NewReader(one.wants(http.StatusOK).body)).ReadAll()
		o.must(err)
		for _, cell := range rows[1] {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				o.Errorf("the cell %q is a formula", cell)
			}
		}
		if rows[1][1] != "'"+evil.Name {
			o.Errorf("the name became %q", rows[1][1])
		}
		all := ann.post("/organizations/export.csv", with("scope", "all", "query", "sync status: orphaned")).wants(http.StatusOK)
		if n := strings.Count(all.body, "Orphaned"); n != 24 {
			o.Errorf("%d orphaned lines, want 24", n)
		}
		ann.get("/organizations/export.csv?q=nonsense%3A1").wants(http.StatusUnprocessableEntity).says("isn't a filter")
		ann.post("/organizations/export.csv", with("scope", "ids")).wants(http.StatusUnprocessableEntity).says("Nothing was chosen.")
		ann.post("/organizations/export.csv", with("scope", "ids", "id", "x")).wants(http.StatusUnprocessableEntity)
	})
}
