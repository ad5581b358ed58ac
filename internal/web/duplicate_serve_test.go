package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"mainstay"
)

// organizationNamed makes an organization with fields by pairs of name and text.
func (o *office) organizationNamed(name string, fields ...string) mainstay.ItemID {
	o.Helper()
	i := mainstay.Item{Kind: mainstay.Organization.Name, Name: name, Values: mainstay.Values{}}
	for n := 0; n < len(fields); n += 2 {
		i.Values.SetText(fields[n], fields[n+1])
	}
	i, err := o.changes.Create(o.Context(), boss(), i)
	o.must(err)
	return i.ID
}

// harbor makes three organizations that may be one, and one that is another.
func (o *office) harbor() (first, second, third, other mainstay.ItemID) {
	o.Helper()
	first = o.organizationNamed("Harbor Dental", "phone", "212-555-0142", "website", "https://harbor.example", "short_name", "HD")
	second = o.organizationNamed("Harbor Dental, Inc.", "phone", "+1 212 555 0142", "short_name", "HARBOR")
	third = o.organizationNamed("Bright Smiles", "website", "www.harbor.example")
	return first, second, third, o.organizationNamed("Quiet Mill")
}

func pairPath(a, b mainstay.ItemID, do string) string {
	return fmt.Sprintf("/organizations/duplicates/%d/%d/%s", a, b, do)
}

const duplicatesPath = "/organizations/duplicates"

func TestDuplicatesPage(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		ann.get(duplicatesPath).wants(http.StatusOK).says("No duplicates.", "To merge two that you choose, tick both in the list", "To review 0", "Not the same 0")
		first, second, third, other := o.harbor()
		page := ann.get(duplicatesPath).wants(http.StatusOK).says("To review 2", "All 2", "Same name 1", "Same web domain 1", "Same phone 1",
			"Phone (the same) 212-555-0142 +1 212 555 0142", "Short name HD HARBOR", "Web (the same) https://harbor.example www.harbor.example").hides("Quiet Mill", "Same address", "Shared by too many")
		if a, b := strings.Index(page.body, `id="pair-`+idText(first)+"-"+idText(second)), strings.Index(page.body, `id="pair-`+idText(first)+"-"+idText(third)); a < 0 || b < a {
			o.Errorf("the likelier pair stands at %d, the other at %d", a, b)
		}
		ann.get(duplicatesPath+"?reason=domain").wants(http.StatusOK).says("Same web domain 1", "Bright Smiles").hides("Harbor Dental, Inc.")
		ann.get(duplicatesPath + "?reason=address").wants(http.StatusOK).says("No pair for this reason.")
		ann.get(duplicatesPath+"?organization="+idText(second)).wants(http.StatusOK).says("Only pairs with Harbor Dental, Inc.", "To review 1").hides("Bright Smiles")
		ann.get(duplicatesPath+"?organization="+idText(other)).wants(http.StatusOK).says("No duplicates of this organization.", "Merge with one that you choose…")
		ann.get(duplicatesPath + "?organization=999999").wants(http.StatusNotFound)
		ann.get(duplicatesPath + "?reason=nmae").wants(http.StatusUnprocessableEntity).says(`There is no reason called "nmae".`)
		ann.get(duplicatesPath + "?at=%25").wants(http.StatusUnprocessableEntity).says("This page link is damaged.")
		ann.get("/organizations").says("Duplicates")
		if links := strings.Join(links(t, ann.get(organizationPath(second, "")).says("Find duplicates").body), " "); !strings.Contains(links, duplicatesPath+"?organization="+idText(second)) {
			o.Errorf("the page of an organization leads to %s", links)
		}
		ann.get("/search/suggest?q=%3Edupl").wants(http.StatusOK).says("Duplicate organizations")
		for text, label := range map[string]string{"merge": "Merge two organizations: duplicates", "trash": "Go to Trash", "undo": "Undo a merge or another change: Jobs", "delete+orphans": "Delete orphans: orphaned organizations", "before+a+clean-up": "Before a clean-up: what to look at first", "preventing": "preventing accidental deletion", "prevent+accidental+deletion": "preventing accidental deletion"} {
			ann.get("/search/suggest?q=" + text).wants(http.StatusOK).says(label)
		}
		_, queries := ann.asking(duplicatesPath)
		for _, q := range queries.twice() {
			o.Errorf("the page asks %s", q)
		}
	})
}

// TestDuplicatesPage_search narrows the pairs by a name and by the sync state of
// one of the two, and keeps the other filters.
func TestDuplicatesPage_search(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		first, _, third, _ := o.harbor()
		o.organizationNamed("Quiet Mill LLC")
		ann.get(duplicatesPath).says("To review 3", "Search these pairs")
		page := ann.get(duplicatesPath+"?reason=name&q=quiet").wants(http.StatusOK).says("To review 1", "Quiet Mill LLC").hides("Harbor Dental").links(duplicatesPath + "?reason=name")
		if page.value("q") != "quiet" || page.value("reason") != "name" {
			o.Errorf("the form lost its filters:\n%s", page.body)
		}
		ann.get(duplicatesPath+"?q=bright").says("To review 1", "Bright Smiles", "Harbor Dental").hides("Harbor Dental, Inc.", "Quiet Mill")
		ann.get(duplicatesPath+"?q=zzz").wants(http.StatusOK).says("No pair matches.", "Clear the search")
		ann.get(duplicatesPath + "?sync=not_linked").says("To review 3")
		ann.get(duplicatesPath+"?sync=orphaned").says("To review 0", "No pair matches.")
		ann.get(duplicatesPath + "?sync=odd").wants(http.StatusUnprocessableEntity)
		max := o.hire("max@example.com", mainstay.Manager, first, third)
		max.get(duplicatesPath + "?q=inc").says("To review 0").hides("Harbor Dental, Inc.")
	})
}

func TestDuplicatesPage_notTheSame(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		first, second, third, _ := o.harbor()
		page := ann.get(duplicatesPath + "?reason=name")
		if got, want := page.value("back"), duplicatesPath+"?reason=name"; got != want {
			o.Errorf("the form goes back to %q, want %q", got, want)
		}
		next := fmt.Sprintf("pair-%d-%d", first, third)
		if got := ann.get(duplicatesPath).value("next"); got != next {
			o.Errorf("the first card goes on to %q, want %q", got, next)
		}
		ann.post(pairPath(first, second, "not-the-same"), with("back", duplicatesPath+"?reason=phone", "next", next)).leads(duplicatesPath + "?reason=phone#" + next)
		page = ann.get(duplicatesPath).wants(http.StatusOK).says("Marked as not the same Undo", "To review 1", "Not the same 1").hides("Harbor Dental, Inc.")
		if !strings.Contains(page.body, `action="`+pairPath(first, second, "look-again")+`"`) {
			o.Error("the message has no way back")
		}
		ann.get(duplicatesPath+"?view=not-the-same").wants(http.StatusOK).says("Marked by Mr ann@example.com now", "Same name Same phone", "Look at it again")
		ann.get("/activity").says("Ruled out a duplicate of Harbor Dental", "Not the same as: nothing → Harbor Dental, Inc.")
		ann.get("/activity?verb=ruled+out+a+duplicate+of").says("Harbor Dental, Inc.")
		ann.get(organizationPath(second, "")).says("Mr ann@example.com ruled out a duplicate of Harbor Dental, Inc.")
		ann.post(pairPath(second, first, "look-again"), with("back", duplicatesPath+"?view=not-the-same")).leads(duplicatesPath + "?view=not-the-same")
		ann.get(duplicatesPath+"?view=not-the-same").says("No longer marked as not the same Undo", "Nothing is marked as not the same.", "To review 2")
		for back, want := range map[string]string{"https://elsewhere.example/": duplicatesPath, "//elsewhere.example": duplicatesPath, "/organizations": duplicatesPath, "": duplicatesPath} {
			ann.post(pairPath(first, second, "not-the-same"), with("back", back, "next", "pair-1-2\"><script>")).leads(want)
		}
		for _, path := range []string{pairPath(first, first, "not-the-same"), pairPath(first, 999_999, "not-the-same"), "/organizations/duplicates/x/y/not-the-same"} {
			if a := ann.post(path, nil); a.Code < 400 || a.Code >= 500 {
				o.Errorf("%s: status %d", path, a.Code)
			}
		}
	})
}

// A person with limited access learns of no organization that they may not see,
// and a person without the right of none at all.
func TestDuplicatesPage_restricted(t *testing.T) {
	offices(t, func(o *office) {
		first, second, third, other := o.harbor()
		max := o.hire("max@example.com", mainstay.Manager, first, third)
		max.get(duplicatesPath).wants(http.StatusOK).says("To review 1", "Bright Smiles").hides("Harbor Dental, Inc.")
		missing := max.get(duplicatesPath + "?organization=999999").wants(http.StatusNotFound)
		if foreign := max.get(duplicatesPath + "?organization=" + idText(second)).wants(http.StatusNotFound); foreign.text() != missing.text() {
			o.Errorf("a foreign organization is told apart from a missing one:\n%s\n%s", foreign.text(), missing.text())
		}
		o.must(o.changes.MarkNotSame(o.Context(), boss(), first, second))
		max.get(duplicatesPath + "?view=not-the-same").wants(http.StatusOK).says("Not the same 0").hides("Harbor Dental, Inc.")
		max.get("/activity").wants(http.StatusOK).says("Ruled out a duplicate of Harbor Dental", "item "+idText(second)).hides("Harbor Dental, Inc.")
		for _, do := range []string{"not-the-same", "look-again"} {
			foreign, gone := max.post(pairPath(first, second, do), nil).wants(http.StatusNotFound), max.post(pairPath(first, 999_999, do), nil).wants(http.StatusNotFound)
			if foreign.text() != gone.text() {
				o.Errorf("%s: a foreign organization is told apart from a missing one:\n%s\n%s", do, foreign.text(), gone.text())
			}
		}
		for _, role := range []mainstay.Role{mainstay.Editor, mainstay.Creator, mainstay.ReadOnly, mainstay.Lite} {
			b := o.hire(string(role)+"@example.com", role, first, third, other)
			b.get(duplicatesPath).wants(http.StatusForbidden).hides("Bright Smiles")
			b.post(pairPath(first, third, "not-the-same"), nil).wants(http.StatusForbidden)
			b.get("/organizations").wants(http.StatusOK).hides(duplicatesPath)
			b.get(organizationPath(first, "")).wants(http.StatusOK).hides(duplicatesPath)
			b.get("/search/suggest?q=%3Edupl").hides(duplicatesPath)
			b.get("/search/suggest?q=merge").hides(duplicatesPath)
		}
		max.get(duplicatesPath).says("To review 1")
	})
}

func TestDuplicatesPage_pages(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		const pairs = 45
		for n := range pairs {
			name := fmt.Sprintf("Client %c%cx", 'a'+n/26, 'a'+n%26)
			o.organizationNamed(name, "phone", "212 555 0142")
			o.organizationNamed(name + " LLC")
		}
		seen := map[string]bool{}
		var last *answer
		for next := duplicatesPath; next != ""; {
			last = ann.get(next).wants(http.StatusOK).says("Shared by too many to say anything", "Phone: 212 555 0142 45 organizations")
			for _, n := range nodes(t, last.body) {
				if id := attribute(n, "id"); attribute(n, "data-card") == "" && strings.HasPrefix(id, "pair-") && n.Data == "section" {
					if seen[id] {
						o.Errorf("%s twice", id)
					}
					seen[id] = true
				}
			}
			next = rel(t, last.body, "next")
		}
		if len(seen) != pairs {
			o.Errorf("%d pairs on all pages, want %d", len(seen), pairs)
		}
		last.says("41–45 of 45")
		back := ann.get(rel(t, last.body, "prev")).says("21–40 of 45")
		ann.get(rel(t, back.body, "prev")).says("1–20 of 45")
	})
}
