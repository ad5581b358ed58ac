package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

// deleted moves all orphaned organizations to the trash, and returns one of them
// that has something inside, how many items lie in it, and one that the plan kept.
func deleted(o *office, ann *browser) (plan mainstay.Plan, gone mainstay.Item, inside int) {
	o.Helper()
	rows := o.find(&mainstay.Organization, "sync status: orphaned only here: none")
	for _, r := range rows {
		if r.Items > 1 && r.Items != inside {
			gone, inside = r.Item, r.Items
		}
	}
	plan = ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
	ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
	return o.apply(plan), gone, inside
}

// TestTrash_search: what a search of the trash finds are items, and restoring
// one brings back that one with its contents, and nothing else of the plan.
func TestTrash_search(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, max := o.hire("ann@example.com", mainstay.Administrator), o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		plan, gone, inside := deleted(o, ann)
		find, key := "/trash?q="+url.QueryEscape(gone.Name), "/trash/"+plain(int(plan.ID))
		page := ann.get(find).wants(http.StatusOK).says(gone.Name, "Organization, with", "Restore "+plain(inside+1)+" items", "Plan "+plain(int(plan.ID))).hides("Restore all", "Delete now", "Restore some")
		if !strings.Contains(page.body, key+"?q=") {
			o.Error("the plan of what was found does not keep the search")
		}
		for _, path := range []string{"/search?q=", "/search/suggest?q=", "/organizations?q="} {
			path += url.QueryEscape(gone.Name)
			ann.get(path).wants(http.StatusOK).says("1 in Trash: look there")
			max.get(path).wants(http.StatusOK).hides("in Trash: look there")
		}
		max.get(find).wants(http.StatusOK).says("Nothing in Trash matches.").hides(gone.Name + ":")
		max.post(key+"/restore", with("id", idText(gone.ID))).wants(http.StatusNotFound)
		ann.get("/trash?q=a&after=x").wants(http.StatusUnprocessableEntity)
		ann.get(key+"?q="+url.QueryEscape(gone.Name)).wants(http.StatusOK).says("Organization, with", "Restore these items").hides("Restore all")

		back := o.apply(ann.post(key+"/restore", with("id", idText(gone.ID))).planned())
		if back.Done != inside+1 {
			o.Errorf("%d items came back, want the organization and %d inside", back.Done, inside)
		}
		if n := len(o.find(&mainstay.Organization, "sync status: orphaned only here: none")); n != 1 {
			o.Errorf("%d orphaned organizations are back, want 1", n)
		}
		ann.get(planPath(back, "")).wants(http.StatusOK).says("What came back", "Open the organization", gone.Name, "Sync settings", "The next deletion of all orphans takes")
		ann.get(find).says("Nothing in Trash matches.")
		ann.get(planPath(plan, "")).says("sits in Trash for 30 days.", "Plan "+plain(int(back.ID))+" restored "+plain(inside+1)+" items on ").hides("restored all of it")
		ann.get("/jobs").says(plain(inside+1) + " of them restored by plan " + plain(int(back.ID)))
		rest := o.apply(ann.post(key+"/restore", with("all", "1")).planned())
		ann.get(planPath(plan, "")).says("Plan "+plain(int(back.ID))+" restored "+plain(inside+1)+" items on ", "Plan "+plain(int(rest.ID))+" restored "+plain(rest.Done)+" items on ").hides("sits in Trash")
	})
}

// TestTrash_order: the items of a plan are listed organizations first and by
// name, page after page, each once.
func TestTrash_order(t *testing.T) {
	stocked(t, func(o *office, _ storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		plan, _, _ := deleted(o, ann)
		next, names, orgs := "/trash/"+plain(int(plan.ID)), []string{}, plan.Counts.Of(mainstay.Organization.Name).Apply
		seen := map[string]bool{}
		for next != "" {
			page := ann.get(next).wants(http.StatusOK)
			for _, i := range inputs(t, page.body) {
				if i.name == "id" {
					if seen[i.value] {
						o.Errorf("item %s is listed twice", i.value)
					}
					seen[i.value] = true
					id, err := mainstay.ParseItemID(i.value)
					o.must(err)
					names = append(names, o.trashed(id))
				}
			}
			next = nextOf(t, page.body)
		}
		if len(names) != plan.Done {
			o.Fatalf("%d items are listed, want %d", len(names), plan.Done)
		}
		for n := 1; n < len(names); n++ {
			if n != orgs && names[n] < names[n-1] {
				o.Errorf("%q stands after %q", names[n], names[n-1])
			}
		}
	})
}

// nextOf is the address of the page after, or nothing.
func nextOf(t *testing.T, body string) string {
	t.Helper()
	for _, l := range hrefs(t, body) {
		if strings.Contains(l, "after=") {
			return l
		}
	}
	return ""
}

// trashed is what an item in the trash is sorted by.
func (o *office) trashed(id mainstay.ItemID) string {
	o.Helper()
	var key string
	o.must(o.store.DB.Read(o.Context(), func(tx *db.Tx) error {
		return tx.QueryRow(o.Context(), "SELECT name_key FROM trash WHERE id = $1", int64(id)).Scan(&key)
	}))
	return key
}

// TestTrash_merge: what a merge moved to the trash comes back by undoing the merge.
func TestTrash_merge(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		a, b := o.organizationNamed("Harbor Dental"), o.organizationNamed("Oak Legal")
		max := o.hire("max@example.com", mainstay.Manager, a)
		plan := ann.post(organizationPath(a, "")+"/merge?with="+idText(b), nil).planned()
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
		plan = o.apply(plan)
		ann.get("/trash?q=harbor").wants(http.StatusOK).says("Harbor Dental", "Undo the merge…").hides("Restore")
		ann.get("/trash").says(plan.Title(), "Undo the merge…").hides("Restore 1 item", "Restore all")
		ann.get("/trash/"+plain(int(plan.ID))+"/restore").wants(http.StatusOK).says(plan.Title(), "Undoing moves everything back")
		group := "/trash/" + plain(int(plan.ID))
		ann.get("/trash").hides("Delete now… " + plan.Title())
		ann.get(group).wants(http.StatusOK).says("Its contents stay in Oak Legal.", "undo the merge", "Restore without its contents").hides("Restore these items").links(group + "/restore")
		ann.get(group+"/purge").wants(http.StatusOK).says("Delete Harbor Dental for good", "can't be undone any more").hides("Delete Merge")
		max.get(group).wants(http.StatusOK).says("Harbor Dental").hides("Oak Legal", "undo the merge")
		back := o.apply(ann.post("/trash/"+plain(int(plan.ID))+"/restore", with("all", "1")).planned())
		if back.Action != mainstay.ActionUnmerge || back.State != mainstay.PlanDone {
			o.Errorf("the plan is %+v", back)
		}
	})
}
