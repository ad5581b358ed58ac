package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// heldRows are the first rows that a plan holds back for a reason.
func (o *office) heldRows(p mainstay.Plan, why string) []mainstay.HeldBack {
	o.Helper()
	var out []mainstay.HeldBack
	o.read(func(t *store.Tx) error {
		rows, err := t.HeldBack(o.Context(), p, 100)
		for _, r := range rows {
			if r.Why == why {
				out = append(out, r)
			}
		}
		return err
	})
	if len(out) == 0 {
		o.Fatalf("nothing is held back because it %s", why)
	}
	return out
}

// TestPlanHeld_include: what is held back names what of it exists only here, says
// the same number everywhere, and tells who included it.
func TestPlanHeld_include(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, bob := o.hire("ann@example.com", mainstay.Administrator), o.hire("bob@example.com", mainstay.Administrator)
		p := ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		h := o.heldRows(p, store.WhyContents)[0]
		var inside store.OnlyInside
		o.read(func(t *store.Tx) error {
			all, err := t.PlanOnlyHere(o.Context(), p, []mainstay.ItemID{h.ItemID})
			inside = all[h.ItemID]
			return err
		})
		if len(inside.Names) == 0 || inside.Kinds[mainstay.Document.Name] == 0 {
			o.Fatalf("%s: %+v", h.Name, inside)
		}
		of := mainstay.Document.Count(inside.Kinds[mainstay.Document.Name])
		ann.get(planPath(p, "")).wants(http.StatusOK).says("holds items that exist only here: "+of+" ("+inside.Names[0]+") and its quick notes", "Select 2 Review 3 Confirm", "kept unless you include them one by one", plain(h.Inside)+" items inside")
		both := "the organization and " + plain(h.Inside) + " items"
		ann.get(planPath(p, "/include?item="+idText(h.ItemID))).wants(http.StatusOK).says("Include "+both, plain(h.OnlyHere)+" of these exist", inside.Names[0])
		ann.post(planPath(p, "/include"), with("item", idText(h.ItemID))).leads(planPath(p, ""))
		text := ann.get(planPath(p, "")).wants(http.StatusOK).says(h.Name+" is included, "+both, plain(h.OnlyHere)+" of these exist").text()
		if strings.Index(text, "Included by you") > strings.LastIndex(text, "kept unless you include") {
			o.Error("what was included stands below what is held back")
		}
		ann.post(planPath(p, "/keep"), with("item", idText(h.ItemID))).wants(http.StatusSeeOther)
		ann.get(planPath(p, "")).says(h.Name + " is held back again, " + both)
		ann.post(planPath(p, "/include"), with("item", idText(h.ItemID))).wants(http.StatusSeeOther)
		p = bob.confirm(o.plan(p.ID))
		ann.get(planPath(p, "")).wants(http.StatusOK).says("confirmed by Mr bob@example.com", "Mr ann@example.com included "+h.Name+", "+plain(h.Items)+" items in all.", "Confirmed by Mr bob@example.com.")
		back := ann.undo(p)
		ann.get(planPath(back, "")).wants(http.StatusOK).hides("included " + h.Name)
	})
}

// TestPlanHeld_kept: what protection holds back says who set it, until when and
// why; that rows can be included is not said where none can.
func TestPlanHeld_kept(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		rows := o.find(&mainstay.Organization, "sync status: orphaned")
		until := time.Now().AddDate(1, 0, 0).UTC()
		ann.post(organizationPath(rows[0].ID, "/protect"), with("guard", "keep", "note", "Ours again")).wants(http.StatusSeeOther)
		ann.post(organizationPath(rows[1].ID, "/hold"), with("guard", "hold", "until", until.Format(time.DateOnly), "note", "Court order 12")).wants(http.StatusSeeOther)
		contact := o.find(&mainstay.Contact, "sync status: orphaned")
		var inside mainstay.Item
		for _, c := range contact {
			if c.OrganizationID != rows[0].ID && c.OrganizationID != rows[1].ID {
				inside = c.Item
			}
		}
		ann.post(onePath(&mainstay.Contact, inside.ID, "/protect"), with("guard", "keep", "note", "A witness")).wants(http.StatusSeeOther)
		p := ann.post("/changes", with("action", "delete", "kind", "organization", "scope", "ids", "id", idText(rows[0].ID), "id", idText(rows[1].ID), "id", idText(inside.OrganizationID))).planned()
		const by = "set by Mr ann@example.com on "
		ann.get(planPath(p, "")).wants(http.StatusOK).says("protected: "+by, "“Ours again”", "under legal hold: until "+until.Format("2 Jan 2006")+", "+by, "“Court order 12”", "holds protected items: "+inside.Name+" "+by, "“A witness”",
			"Delete 3 organizations, all held back", "Each row says why. Nothing can be confirmed.").hides("kept unless you include them", "Every one of these came from the PSA", "plan-go", "Delete 0")
		ann.get("/").wants(http.StatusOK).hides("waits for your confirmation")
		ann.get("/jobs").wants(http.StatusOK).says("All held back").hides("Waits for your confirmation")
		c := ann.post("/changes", with("action", "delete", "kind", "contact", "scope", "ids", "id", idText(inside.ID))).planned()
		ann.get(planPath(c, "")).wants(http.StatusOK).says("protected: "+by, "“A witness”")
		only := o.heldRows(ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned(), store.WhyContents)[0]
		p = ann.post("/changes", with("action", "delete", "kind", "organization", "scope", "ids", "id", idText(only.ItemID))).planned()
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Include what should go, one by one")
	})
}

// TestPlanHeld_hidden: a plan no longer names what its maker can't open any more.
func TestPlanHeld_hidden(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		rows := o.find(&mainstay.Organization, "sync status: orphaned")
		var mine []mainstay.ItemID
		for _, r := range rows {
			mine = append(mine, r.ID)
		}
		max := o.hire("max@example.com", mainstay.Manager, mine...)
		p := max.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		h := o.heldRows(p, store.WhyContents)
		include := planPath(p, "/include")
		max.get(planPath(p, "")).wants(http.StatusOK).says(h[0].Name, h[1].Name)
		max.post(include, with("item", idText(h[1].ItemID))).wants(http.StatusSeeOther)
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error {
			_, err := t.Exec(o.Context(), "DELETE FROM person_organization WHERE organization_id IN ($1, $2)", int64(h[0].ItemID), int64(h[1].ItemID))
			return err
		}))
		for _, path := range []string{"", "/items", "/items?show=held"} {
			max.get(planPath(p, path)).wants(http.StatusOK).hides(h[0].Name, h[1].Name)
		}
		max.get(include + "?item=" + idText(h[0].ItemID)).wants(http.StatusNotFound)
	})
}
