package web_test

import (
	"net/http"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestPlanNext: a deletion that is done leads to what it held back and to the ways
// to deal with it, and speaks of no other deletion; one whose organization was
// restored by itself names that and the plan that did it.
func TestPlanNext(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		p := ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		go1 := o.names(p, store.PlanLineFilter{Kind: "organization"})
		one := o.find(&mainstay.Organization, `"`+go1[0]+`"`)[0].Item
		single := ann.confirm(ann.post("/changes", with("action", "delete", "kind", "organization", "scope", "ids", "id", idText(one.ID))).planned())
		ann.post(planPath(p, "/discard"), nil).wants(http.StatusSeeOther)
		p = ann.confirm(ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "23")).planned())
		ann.get(planPath(p, "")).wants(http.StatusOK).says("held back and stay orphaned. Look at what stayed", "To delete some of it after all, plan the deletion again and include it one by one.", "disconnect or protect it.").
			hides("Can still be restored", go1[0]).links(planPath(p, "/items?show=held"), "/organizations?q=sync+status%3A+orphaned", "/help/disconnect", "/help/change-and-protect")
		back := o.apply(ann.post("/trash/"+plain(int(single.ID))+"/restore", with("id", idText(one.ID))).planned())
		ann.get(planPath(single, "")).wants(http.StatusOK).says(go1[0], "Plan "+plain(int(back.ID))+" restored all of it on ").hides("Nothing of it is left").links(planPath(back, ""), organizationPath(one.ID, ""))
		ann.get("/jobs").wants(http.StatusOK).says("moved to Trash, restored by plan " + plain(int(back.ID)))
		ann.get(planPath(back, "")).wants(http.StatusOK).hides("ticked again")
	})
}

// TestPlanNext_disconnect: a disconnection that is done leads to its items and to
// matching again, and says that a type is ticked again only where one was unticked.
func TestPlanNext_disconnect(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		const ticks = "ticks again what this plan unticked"
		row := o.find(&mainstay.Organization, "sync status: syncing")[0]
		p := ann.confirm(ann.post("/changes", with("action", "disconnect", "kind", "organization", "scope", "ids", "id", idText(row.ID))).planned())
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Undoing links them again as they were.", "They are Not linked now", "they wait under Match again").hides(ticks).links(planPath(p, "/items"), path(i, "/match?kind=organizations"))
		ann.get(planPath(p, "/items")).wants(http.StatusOK).says(row.Name, "Not linked")
		class := ann.confirm(ann.post(o.classPage(i, "Prospect"), with("choice", "disconnect")).planned())
		ann.get(planPath(class, "")).wants(http.StatusOK).says(ticks, "Match again")
	})
}

// TestRestore_ticks: restoring a deletion that unticked a type says so before it
// ticks it again, and after.
func TestRestore_ticks(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		ann.post(protectionPath+"/on", with("reason", "Clean-up", "for", "60")).leads(protectionPath)
		p := ann.confirm(ann.post(o.classPage(i, "Prospect"), with("choice", "delete")).planned())
		const said = "Prospect is ticked again in Sync settings of ConnectWise PSA"
		key := "/trash/" + plain(int(p.ID))
		ann.fragment(http.MethodGet, key+"/restore", nil).wants(http.StatusOK).says(said)
		back := o.apply(ann.post(key+"/restore", with("all", "1")).planned())
		ann.get(planPath(back, "")).wants(http.StatusOK).says(said)
	})
}
