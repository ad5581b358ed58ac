package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func TestItemPages(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		for _, k := range mainstay.Kinds()[1:] {
			i := o.find(k, "")[0]
			page := ann.get(itemPath(i.Item, "")).wants(http.StatusOK).says(i.Name, i.Organization, "Edit")
			if !k.Syncs {
				page.says("This exists only in Mainstay.")
			}
			ann.get("/locations/999999").wants(http.StatusNotFound)
			other := mainstay.Kinds()[0]
			if k.Name == mainstay.Contact.Name {
				other = &mainstay.Location
			}
			ann.get("/" + other.Plural + "/" + idText(i.ID)).wants(http.StatusNotFound)
		}
		orphan := o.find(&mainstay.Organization, "sync status: orphaned reason: type only here: 0")[0]
		ann.get(itemPath(orphan.Item, "")).wants(http.StatusOK).says("Organization is orphaned.", "isn't synced", "Sync settings", "Contacts")
		syncing := o.find(&mainstay.Organization, "sync status: syncing only here: >0")[0]
		page := ann.get(itemPath(syncing.Item, "")).wants(http.StatusOK)
		page.says("Quick notes", "Call the office first.", "exist only in Mainstay", "It can't be deleted while it syncs.", "Client + ", "ConnectWise PSA", "Next full sync")
		if !strings.Contains(page.body, "<strong>Ann</strong>") {
			o.Error("quick notes are not rendered as Markdown")
		}
		for _, bad := range []string{"/contacts/0", "/contacts/x", "/contacts/-1", "/contacts/99999999999999999999"} {
			ann.get(bad).wants(http.StatusNotFound)
		}
	})
}

func TestRichText(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		org, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: "<script>alert(1)</script>", Values: mainstay.Values{
			"quick_notes": {Text: "<script>alert(2)</script>\n\n[x](javascript:alert(3)) ![y](https://evil.example/z.png)\n\n<img src=x onerror=alert(4)>\n\n[ok](https://example.com)"},
			"website":     {Text: "javascript:alert(5)"}, "alert": {Text: "<b>bold</b>"}}})
		o.must(err)
		page := ann.get(itemPath(org, "")).wants(http.StatusOK)
		page.hides("<script>alert", `href="javascript`, "onerror=alert(4)>", "<img", "<b>bold")
		page.says("ok", "<b>bold</b>")
	})
}

func TestItemForms(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva := o.hire("eva@example.com", mainstay.Editor)
		org := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: in.Organizations[0]})
		for _, k := range mainstay.Kinds() {
			if k.Name != mainstay.Organization.Name {
				eva.get("/"+k.Plural+"/new").wants(http.StatusOK).says("New "+k.Label, "Organization")
				eva.get(organizationPath(org.ID, "/"+k.Plural+"/new")).wants(http.StatusOK).says("It is made in this organization.")
			}
			eva.get(itemPath(o.find(k, "")[0].Item, "/edit")).wants(http.StatusOK).says("Save " + k.Label)
		}
		in2 := with("organization", org.Name, "f.first_name", "Zoë", "f.first_name.sent", "1", "f.last_name", "Quist", "f.last_name.sent", "1",
			"f.emails.sent", "2", "f.emails.0.value", "zoe@example.com", "f.emails.0.primary", "true", "basics", "1", "do", "save")
		eva.post("/contacts/new", with("organization", "Nowhere Ltd", "basics", "1")).wants(http.StatusUnprocessableEntity).says("No organization has this name.")
		eva.post("/contacts/new", with("organization", org.Name, "f.last_name", "Only", "f.last_name.sent", "1")).wants(http.StatusUnprocessableEntity).says("Enter the first name.")
		eva.post("/contacts/new", with("f.first_name", "A", "f.first_name.sent", "1")).wants(http.StatusUnprocessableEntity).says("Choose an organization.")
		made := eva.post("/contacts/new", in2).wants(http.StatusSeeOther)
		eva.get(made.Header().Get("Location")).wants(http.StatusOK).says("Zoë Quist", "zoe@example.com", "Contact created")
		eva.get(made.Header().Get("Location")).wants(http.StatusOK).hides("Contact created")
		inside := with("name", "Branch", "do", "save", "basics", "1", "primary", "true", "f.city", "Kiel", "f.city.sent", "1")
		made = eva.post(organizationPath(org.ID, "/locations/new"), inside).wants(http.StatusSeeOther)
		branch := o.find(&mainstay.Location, "Branch")[0]
		if branch.OrganizationID != org.ID || !branch.Primary || branch.Values.Text("city") != "Kiel" || branch.Sync != mainstay.NotLinked {
			o.Errorf("the location became %+v", branch.Item)
		}
		if made.Header().Get("Location") != itemPath(branch.Item, "") {
			o.Errorf("leads to %s", made.Header().Get("Location"))
		}
		eva.post("/locations/new", with("organization", org.Name, "f.city", "Kiel", "f.city.sent", "1")).wants(http.StatusUnprocessableEntity).says("Enter a name.")
		eva.post("/organizations/new", with("name", "Acme", "basics", "1", "parent", org.Name)).wants(http.StatusSeeOther)
		acme := o.find(&mainstay.Organization, "Acme")[0]
		if acme.ParentID != org.ID {
			o.Errorf("the parent is %d, want %d", acme.ParentID, org.ID)
		}
		eva.get(itemPath(acme.Item, "")).says("Parent", org.Name)
		creator := o.hire("cleo@example.com", mainstay.Creator, org.ID)
		creator.get("/organizations/new").wants(http.StatusForbidden)
		creator.post("/contacts/new", with("organization", acme.Name, "f.first_name", "A", "f.first_name.sent", "1")).wants(http.StatusUnprocessableEntity).says("No organization has this name.")
		creator.post(organizationPath(acme.ID, "/contacts/new"), with("f.first_name", "A", "f.first_name.sent", "1")).wants(http.StatusNotFound)
		creator.get(itemPath(branch.Item, "/delete")).wants(http.StatusForbidden)
	})
}

func TestItemForms_rows(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva := o.hire("eva@example.com", mainstay.Editor)
		rows := with("organization", "Nobody yet", "f.emails.sent", "3", "f.emails.0.value", "one@example.org", "f.emails.1.value", "two@example.org", "f.first_name", "Typed", "f.first_name.sent", "1")
		rows.Set("add", "f.emails")
		page := eva.post("/contacts/new", rows).wants(http.StatusOK)
		if page.value("f.emails.1.value") != "two@example.org" || page.value("f.emails.3.value") != "" || page.value("f.first_name") != "Typed" {
			o.Error("one more row lost what was typed")
		}
		rows.Del("add")
		rows.Set("remove", "f.emails.0")
		page = eva.post("/contacts/new", rows).wants(http.StatusOK)
		if page.value("f.emails.0.value") != "two@example.org" {
			o.Errorf("the first row is %q", page.value("f.emails.0.value"))
		}
		page.hides("one@example.org")
	})
}

func TestItemForms_linked(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva := o.hire("eva@example.com", mainstay.Editor)
		c := o.find(&mainstay.Contact, "sync status: syncing")[0]
		form := eva.get(itemPath(c.Item, "/edit")).wants(http.StatusOK).says("From the PSA").hides(`name="f.first_name"`)
		in2 := with("version", form.value("version"), "basics", "1", "f.notes", "Ask for her at the desk", "f.notes.sent", "1", "archived", "true")
		eva.post(itemPath(c.Item, "/edit"), in2).leads(itemPath(c.Item, ""))
		now := o.stored(c.Ref())
		if now.Values.Text("notes") != "Ask for her at the desk" || !now.Archived || now.Name != c.Name || now.Values.Text("first_name") != c.Values.Text("first_name") || !now.OnlyHere {
			o.Errorf("saved %+v", now)
		}
		in2.Set("version", plain(int(now.Version)))
		in2.Set("f.first_name", "Hacked")
		in2.Set("f.first_name.sent", "1")
		eva.post(itemPath(c.Item, "/edit"), in2).wants(http.StatusUnprocessableEntity).says("First name comes from the PSA.")
	})
}

func TestItemForms_conflict(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva, ann := o.hire("eva@example.com", mainstay.Editor), o.hire("ann@example.com", mainstay.Administrator)
		doc := o.find(&mainstay.Document, "")[0]
		version := eva.get(itemPath(doc.Item, "/edit")).wants(http.StatusOK).value("version")
		theirs := with("version", version, "basics", "1", "name", "Their name", "f.body", "Their body", "f.body.sent", "1")
		ann.post(itemPath(doc.Item, "/edit"), theirs).wants(http.StatusSeeOther)
		mine := with("version", version, "basics", "1", "name", "My name", "f.body", "My long and careful body", "f.body.sent", "1")
		page := eva.post(itemPath(doc.Item, "/edit"), mine).wants(http.StatusConflict)
		page.says("This item changed while you were editing", "My long and careful body", "Their body", "Their name", "Mr ann@example.com")
		mine.Set("version", page.value("version"))
		eva.post(itemPath(doc.Item, "/edit"), mine).leads(itemPath(doc.Item, ""))
		if got := o.stored(doc.Ref()); got.Name != "My name" || got.Values.Text("body") != "My long and careful body" {
			o.Errorf("saved %q", got.Name)
		}
		mine.Set("version", "x")
		eva.post(itemPath(doc.Item, "/edit"), mine).wants(http.StatusUnprocessableEntity)
		page = ann.get("/organizations/" + idText(doc.OrganizationID) + "/activity").wants(http.StatusOK)
		page.says("Their name", "My name", "Mr eva@example.com")
	})
}

func TestDeleteOne(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		eva, ann := o.hire("eva@example.com", mainstay.Editor), o.hire("ann@example.com", mainstay.Administrator)
		c := o.find(&mainstay.Contact, "sync status: orphaned")[0].Item
		eva.fragment(http.MethodGet, itemPath(c, "/delete"), nil).wants(http.StatusOK).says("Delete 1 contact", "It goes to Trash", "Your PSA isn't changed.").hides("<html")
		version := eva.get(itemPath(c, "/delete")).wants(http.StatusOK).value("version")
		eva.post(itemPath(c, "/delete"), with("version", "99")).wants(http.StatusConflict).says("changed since you opened it")
		eva.post(itemPath(c, "/delete"), with("version", version)).leads("/contacts")
		eva.get("/contacts").says("1 contact moved to Trash").hides("data-undo")
		eva.get(itemPath(c, "")).wants(http.StatusNotFound)
		syncing := o.find(&mainstay.Contact, "sync status: syncing")[0].Item
		eva.get(itemPath(syncing, "/delete")).wants(http.StatusConflict).says("It can't be deleted while it syncs.")
		eva.post(itemPath(syncing, "/delete"), with("version", "1")).wants(http.StatusConflict)

		d := o.find(&mainstay.Contact, "sync status: orphaned")[0].Item
		ann.post(itemPath(d, "/delete"), with("version", plain(int(d.Version)))).leads("/contacts")
		undo := ""
		for _, l := range links(t, ann.get("/contacts").body) {
			if strings.HasSuffix(l, "/restore") {
				undo = l
			}
		}
		back := ann.post(undo, nil).planned()
		o.apply(back)
		ann.get(itemPath(d, "")).wants(http.StatusOK)

		org := o.find(&mainstay.Organization, "sync status: orphaned")[0].Item
		eva.get(itemPath(org, "/delete")).wants(http.StatusForbidden)
		ann.get(itemPath(org, "/delete")).wants(http.StatusOK).says("Plan the deletion", "It holds")
		plan := ann.post(itemPath(org, "/delete"), with("version", "1")).planned()
		if plan.State != mainstay.PlanReview || plan.Kind != mainstay.Organization.Name {
			o.Errorf("the plan is %+v", plan)
		}
	})
}

// TestFlash shows that no message comes from outside.
func TestFlash(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		for _, bad := range []string{"deleted", "deleted.contact.1", "boo.contact.1.1", "deleted.contact.-1.1", "deleted.contact.1.x", "<b>.c.1.1", strings.Repeat("a", 3000)} {
			ann.cookies["flash"] = url.QueryEscape(bad)
			ann.get("/contacts").wants(http.StatusOK).hides(`class="toast"`)
			if _, still := ann.cookies["flash"]; still {
				o.Errorf("the message %q stays", bad)
			}
		}
		ann.cookies["flash"] = "saved.contact.1.1"
		ann.get("/contacts").wants(http.StatusOK).says("Contact saved")
		ann.cookies["flash"] = "saved.contact.1.1"
		ann.fragment(http.MethodGet, "/contacts", nil).wants(http.StatusOK)
		if _, still := ann.cookies["flash"]; !still {
			o.Error("a fragment took the message away without showing it")
		}
	})
}

func TestActivity(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		page := ann.get("/activity").wants(http.StatusOK).says("Created", "sync")
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error {
			return t.InsertActivity(o.Context(), []mainstay.Activity{
				{At: t.Now(), Who: "Max", Verb: "deleted", Kind: "contact", ItemID: 1, OrganizationID: in.Organizations[0], PlanID: 7, Name: "One of many"},
				{At: t.Now(), Who: "Max", Verb: "finished", PlanID: 7, Name: "Delete 34,419 items"}})
		}))
		ann.get("/activity").wants(http.StatusOK).says("Each plan and sync has one line.", "Delete 34,419 items").hides("One of many")
		ann.get("/").wants(http.StatusOK).says("Delete 34,419 items").hides("One of many")
		ann.get("/activity?items=each").wants(http.StatusOK).says("One of many", "One line for each plan and sync")
		ann.get("/activity?verb=deleted").wants(http.StatusOK).says("One of many").hides("Each plan and sync")
		seen := 0
		for next := "/activity?verb=created&kind=contact"; next != ""; seen++ {
			next = rel(t, ann.get(next).wants(http.StatusOK).body, "next")
		}
		if seen < 2 {
			o.Errorf("the log of contacts has %d pages", seen)
		}
		if rel(t, page.body, "next") == "" {
			o.Error("the log has one page only")
		}
		ann.get("/activity?who=nobody").wants(http.StatusOK).says("No entry matches these filters.")
		ann.get("/activity?from=yesterday").wants(http.StatusOK).says("Write a date like 2026-06-12.")
		ann.get("/activity?kind=car").wants(http.StatusOK).says("There is no kind of item called")
		ann.get("/activity?from=2020-01-01&to=2020-01-02").wants(http.StatusOK).says("Nothing happened.")
		ann.get("/activity?before=x").wants(http.StatusOK).says("This page link is damaged.")
		max := o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		foreign := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: in.Organizations[1]})
		max.get("/activity").wants(http.StatusOK).hides(foreign.Name, "Each plan and sync")
		max.get(organizationPath(foreign.ID, "/activity")).wants(http.StatusNotFound)
		ann.get(organizationPath(foreign.ID, "/activity?verb=created")).wants(http.StatusOK).says(foreign.Name)
		ann.get("/help/shortcuts").wants(http.StatusOK).says("No key ever deletes.")
		ann.fragment(http.MethodGet, "/help/shortcuts", nil).wants(http.StatusOK).hides("<html")
	})
}

// TestNames that two organizations share are told apart by the number.
func TestNames_same(t *testing.T) {
	offices(t, func(o *office) {
		eva := o.hire("eva@example.com", mainstay.Editor)
		var twins []mainstay.Item
		for range 2 {
			i, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: "Twin", Values: mainstay.Values{}})
			o.must(err)
			twins = append(twins, i)
		}
		eva.post("/documents/new", with("name", "D", "organization", "twin", "basics", "1")).wants(http.StatusUnprocessableEntity).says("2 organizations have this name.")
		eva.get("/search/names?kind=organizations&organization=twi").says("").wants(http.StatusOK)
		eva.post("/documents/new", with("name", "D", "organization", "Twin #"+idText(twins[1].ID), "basics", "1")).wants(http.StatusSeeOther)
		if d := o.find(&mainstay.Document, "")[0]; d.OrganizationID != twins[1].ID {
			o.Errorf("the document is in %d", d.OrganizationID)
		}
	})
}
