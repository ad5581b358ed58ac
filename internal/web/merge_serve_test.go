package web_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func TestMergePage(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		a := o.organizationNamed("Harbor Dental", "phone", "1", "quick_notes", "Ring twice")
		b := o.organizationNamed("Harbor Dental, Inc.", "phone", "2", "quick_notes", "Dog")
		path := organizationPath(a, "") + "/merge"
		ann.get(path).wants(http.StatusOK).says("Merge Harbor Dental", "Choose the organization that stays")
		ann.get(path + "?find=Harbor").wants(http.StatusOK).says("Harbor Dental, Inc.")
		ann.get(path+"?find=Harbor").says("Possible duplicates", "0 items", "Compare…").links("/organizations/duplicates?organization=" + idText(a))
		ann.get(path + "?find=Nobody").wants(http.StatusOK).says("No other organization that you can open matches.")
		with := path + "?with=" + idText(b)
		ann.get(with).wants(http.StatusOK).says("Merge Harbor Dental into Harbor Dental, Inc.", "Swap the two", "Phone", "Keep both", "Neither of the two is linked with the PSA", "Nobody: the same people")
		ann.get(path + "?with=999999").wants(http.StatusNotFound)
		ann.get(path + "?with=x").wants(http.StatusNotFound)
		ann.get(path + "?with=" + idText(a)).wants(http.StatusOK).says("this is the same one twice")
		ann.post(with, url.Values{"f.phone": {"both"}}).wants(http.StatusUnprocessableEntity).says("Only texts of several lines can keep both")
		ann.post(with, url.Values{"f.phone": {"source"}, "f.quick_notes": {"both"}}).wants(http.StatusSeeOther)
		ann.get("/changes/1").wants(http.StatusOK).says("Merge Harbor Dental into Harbor Dental, Inc.")
	})
}

// TestMergePage_result: the page and the plan say what the chosen link does to
// the name and the sync state of the one that stays.
func TestMergePage_result(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		_, err := storetest.Seed(o.Context(), o.store, storetest.Size{Organizations: 60, PerOrganization: 5, Orphaned: 0.4, OnlyHere: 0.25, Activity: true, Random: 3})
		o.must(err)
		orphan, client := o.find(&mainstay.Organization, "sync status: orphaned")[0].Item, o.find(&mainstay.Organization, "sync status: syncing")[0].Item
		path := organizationPath(orphan.ID, "") + "/merge?with=" + idText(client.ID)
		renamed, warning := client.Name+" will be called "+orphan.Name+".", orphan.Name+" is orphaned ("
		page := ann.get(path).wants(http.StatusOK).says("After the merge", "company does it follow?", client.Name+", company ")
		page.hides(renamed, warning)
		part := ann.fragment(http.MethodGet, path+"&link=source", nil).wants(http.StatusOK)
		part.says(renamed, warning, "After the merge, "+client.Name+" is orphaned too, and a deletion of all orphans takes it.").hides("<html")
		ann.get(path+"&link=source").wants(http.StatusOK).says(renamed, warning)
		p := ann.post(path, url.Values{"link": {"source"}}).planned()
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Name after the merge", orphan.Name+" ("+client.Name+" until then)", "the one of "+orphan.Name, "Sync state after", "Orphaned: ", warning, "Merge the two organizations")
		other := ann.post(path, url.Values{"link": {"target"}}).planned()
		ann.get(planPath(other, "")).wants(http.StatusOK).says("the one of "+client.Name, "Syncing").hides(warning)
		ann.confirm(p)
		ann.get("/organizations/why?q="+url.QueryEscape(`"`+client.Name+`"`)).wants(http.StatusOK).says(orphan.Name+" was merged into "+client.Name, client.Name+" is called "+orphan.Name+" since.").hides("ticked", "In Trash")
	})
}

// TestMergeChoose_facts: what can be merged into is told apart by its company,
// type, status and sync state, not by its name alone.
func TestMergeChoose_facts(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		rows := o.find(&mainstay.Organization, "sync status: syncing")
		from, into := rows[0], rows[1]
		var record store.Record
		o.must(o.store.Read(o.Context(), func(tx *store.Tx) (err error) { record, _, err = tx.RecordOf(o.Context(), into.ID); return err }))
		page := ann.get(organizationPath(from.ID, "/merge?find=") + url.QueryEscape(into.Name)).wants(http.StatusOK)
		page.says("Company "+record.ExternalID+" · "+into.Type+" · "+into.Status, "Syncing").links(organizationPath(from.ID, "/merge?with=") + idText(into.ID))
	})
}

// TestMerge_orphanedCompany: what an orphaned organization held stays orphaned
// after a merge into one that syncs. The page says so before, and its items after.
func TestMerge_orphanedCompany(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		less := ann.boxes(i, "organizations", "Prospect")
		tab, again := path(i, "/sync-settings/organizations"), url.Values{}
		for _, f := range inputs(o.T, ann.post(tab, less).wants(http.StatusOK).body) {
			again.Add(f.name, f.value)
		}
		ann.post(tab, again).leads(tab)
		ann.sync(i)
		from := o.find(&mainstay.Organization, "sync status: orphaned has: contacts")[0].Item
		into := o.find(&mainstay.Organization, "sync status: syncing has: contacts")[0].Item
		contact := o.find(&mainstay.Contact, "sync status: orphaned organization: \""+from.Name+"\"")[0].Item
		ann.get(itemPath(contact, "")).wants(http.StatusOK).says("Last seen in the PSA").hides("Last synced", "was merged into")
		merge := organizationPath(from.ID, "/merge?with=") + idText(into.ID)
		ann.get(merge).wants(http.StatusOK).says("what is orphaned stays so").hides("go on syncing too")
		ann.confirm(ann.post(merge, url.Values{}).planned())
		ann.sync(i)
		if got := o.stored(contact.Ref()); got.Sync != mainstay.Orphaned || got.OrganizationID != into.ID {
			o.Fatalf("the contact is %+v", got)
		}
		ann.get(itemPath(contact, "")).wants(http.StatusOK).says("Its company isn't synced.", "whose organization was merged into "+into.Name+". It syncs again once that company does.")
	})
}

// TestWhy_alias: a record that leads to another organization since a merge, and
// has a name in the PSA that the organization never had here, leads to the merge.
func TestWhy_alias(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		rows := o.find(&mainstay.Organization, "sync status: syncing")
		from, into := rows[0].Item, rows[1].Item
		o.must(o.store.Write(o.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(o.Context(), "UPDATE psa_record SET name = 'Zephyr Works' WHERE item_id = $1", int64(from.ID))
			return err
		}))
		p := ann.confirm(ann.post(organizationPath(from.ID, "/merge?with=")+idText(into.ID), url.Values{}).planned())
		max := o.hire("max@example.com", mainstay.Manager, rows[2].ID)
		why := "/organizations/why?q=zephyr"
		ann.get(why).wants(http.StatusOK).says("Zephyr Works was merged into "+into.Name, fmt.Sprintf("(plan %d)", p.ID)).links(organizationPath(into.ID, ""), planPath(p, "")).hides("No sync has seen it")
		max.get(why).wants(http.StatusOK).hides("Zephyr", into.Name)
	})
}

// TestPlan_takenBack: a plan that was undone offers no undo any more, and says
// which plan took it back; a late click is still told.
func TestPlan_takenBack(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		a, b := o.organizationNamed("Harbor Dental", "phone", "1"), o.organizationNamed("Harbor Dental, Inc.", "phone", "2")
		p := ann.confirm(ann.post(organizationPath(a, "")+"/merge?with="+idText(b), url.Values{}).planned())
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Open the organization : Harbor Dental, Inc. Undo the merge", "What Harbor Dental held is in Harbor Dental, Inc. now.", "The organization itself went to Trash").hides("Taken back", `btn--p">`+"Undo").links(organizationPath(b, ""))
		ann.get("/jobs").wants(http.StatusOK).hides("taken back")
		back := ann.undo(p)
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Taken back", "took this back on").hides("Undo the merge", "Undoing takes").links(planPath(back, ""))
		ann.get("/jobs").wants(http.StatusOK).says("taken back by plan " + fmt.Sprint(back.ID))
		ann.post(planPath(p, "/restore"), nil).wants(http.StatusConflict).says("took this back already")
	})
}

// links fails unless the page has a link to each path.
func (a *answer) links(paths ...string) *answer {
	a.Helper()
	for _, path := range paths {
		if to := `="` + html.EscapeString(path) + `"`; !strings.Contains(a.body, " href"+to) && !strings.Contains(a.body, " data-url"+to) {
			a.Errorf("%s has no link to %s", a.what, path)
		}
	}
	return a
}

// TestMerged: who looks for an organization that a merge took is told so, by its
// address and by "Why isn't it here?", with the way back; nobody is told of
// organizations that are hidden.
func TestMerged(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Manager)
		a, b := o.organizationNamed("Abara Glass", "phone", "1"), o.organizationNamed("Tran Signs", "phone", "2")
		max, kim := o.hire("max@example.com", mainstay.Editor, b), o.hire("kim@example.com", mainstay.Editor, a)
		gone := o.organizationNamed("Old Harbor")
		p := ann.confirm(ann.post(organizationPath(a, "")+"/merge?with="+idText(b), url.Values{"f.name": {"source"}}).planned())
		said := "Abara Glass was merged into Tran Signs by Mr ann@example.com on "
		ann.get(organizationPath(a, "")).wants(http.StatusNotFound).says(said, "(plan 1)", "Open it, or undo the merge.").links(organizationPath(b, ""), planPath(p, ""))
		max.get(organizationPath(a, "")).wants(http.StatusNotFound).says("There's nothing here").hides("Abara", "Tran")
		kim.get(organizationPath(a, "")).wants(http.StatusNotFound).says("It is in Trash since").hides("Tran")
		ann.get(organizationPath(b, "")).wants(http.StatusOK).says("Abara Glass was merged into it on ").links(planPath(p, ""))
		max.get(organizationPath(b, "")).wants(http.StatusOK).hides("was merged into it")
		why := ann.get("/organizations/why?q=tran+signs").wants(http.StatusOK).says(said, "Tran Signs has another name since a merge.", "Tran Signs is called Abara Glass since.")
		why.links(organizationPath(b, ""), planPath(p, "")).hides("It is in Trash", "ticked")
		max.get("/organizations/why?q=tran+signs").wants(http.StatusOK).hides("merge")
		ann.get("/activity?items=each").wants(http.StatusOK).says("Merged Abara Glass organization Into Tran Signs", "Merged Tran Signs organization With Abara Glass, which is in Trash now. Its name is Abara Glass since", "Finished Merge Abara Glass into Tran Signs").links(planPath(p, ""))
		back := ann.undo(p)
		ann.get("/activity?items=each").wants(http.StatusOK).says("Separated Abara Glass organization From Tran Signs, and is back", "Separated Tran Signs organization From Abara Glass, which was merged into it", "Started Undo the merge of Abara Glass into Tran Signs").links(planPath(back, ""))
		ann.get("/organizations/why?q=tran+signs+x").wants(http.StatusOK).hides("merge")
		ann.get(organizationPath(b, "")).wants(http.StatusOK).hides("was merged into it on ")
		p = ann.post("/changes", with("kind", "organizations", "scope", "ids", "id", idText(gone), "action", "delete")).planned()
		ann.post(planPath(p, "/include"), with("item", idText(gone))).wants(http.StatusSeeOther)
		ann.confirm(o.plan(p.ID))
		ann.get(organizationPath(gone, "")).wants(http.StatusNotFound).says("Old Harbor is in Trash", "It is in Trash since ", "(plan "+fmt.Sprint(p.ID)+")")
	})
}
