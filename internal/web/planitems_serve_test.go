package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// names are the names of the lines of a plan, in their order.
func (o *office) names(p mainstay.Plan, f store.PlanLineFilter) []string {
	o.Helper()
	var out []string
	o.read(func(t *store.Tx) error {
		f.Limit = 1000
		lines, err := t.PlanLines(o.Context(), boss(), p, f)
		for _, l := range lines {
			out = append(out, l.Name)
		}
		return err
	})
	return out
}

// TestPlanItems: a plan names what it touches, before and after, and leads to
// lists of that and of what it held back, as both are today.
func TestPlanItems(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		max := o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		p := ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		go1, held := o.names(p, store.PlanLineFilter{Kind: "organization"}), o.names(p, store.PlanLineFilter{Kind: "organization", Held: true})
		if len(go1) < 9 || len(held) == 0 {
			o.Fatalf("%d go, %d stay", len(go1), len(held))
		}
		items := planPath(p, "/items")
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Organizations in this plan", go1[0], go1[7], fmt.Sprintf("and %d more", len(go1)-8)).hides(">" + go1[8] + "<").links(items + "?kind=organization")
		ann.get(items).wants(http.StatusOK).says("In the plan", "Orphaned", go1[0]).hides(held[0] + "<")
		ann.get(items + "?q=" + url.QueryEscape(strings.ToUpper(go1[1]))).wants(http.StatusOK).says(go1[1])
		ann.get(items+"?show=held").wants(http.StatusOK).says(held[0], "Holds items that exist only here").hides(">" + go1[0] + "<")
		ann.get(items + "?kind=contact").wants(http.StatusOK).says("Contacts")
		ann.get(items + "?q=nobody+is+called+this").wants(http.StatusOK).says("Nothing here matches.")
		ann.get(items + "?after=!").wants(http.StatusUnprocessableEntity)
		max.get(items).wants(http.StatusNotFound)
		ann.confirm(p)
		ann.get(planPath(p, "")).wants(http.StatusOK).says(go1[0], "Look at what stayed").links(items + "?show=held")
		ann.get(items).wants(http.StatusOK).says("Done", "In Trash")
		row := o.find(&mainstay.Organization, `"`+held[0]+`"`)[0]
		ann.confirm(ann.post("/changes", with("action", "disconnect", "kind", "organization", "scope", "ids", "id", idText(row.ID))).planned())
		ann.get(items+"?show=held").wants(http.StatusOK).says(held[0], "Not linked")
	})
}

// TestPlanItems_pages: a long list has pages, and a person sees of a plan only
// what is in organizations that they can open.
func TestPlanItems_pages(t *testing.T) {
	offices(t, func(o *office) {
		in, err := storetest.Seed(o.Context(), o.store, storetest.Size{Organizations: 130, PerOrganization: 1, Orphaned: 1, Random: 4})
		o.must(err)
		ann, max := o.hire("ann@example.com", mainstay.Administrator), o.hire("max@example.com", mainstay.Manager, in.Organizations[0], in.Organizations[1])
		p := ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "130")).planned()
		all := o.names(p, store.PlanLineFilter{Kind: "organization"})
		page := ann.get(planPath(p, "/items")).wants(http.StatusOK).says(all[0])
		next := ""
		for _, l := range links(t, page.body) {
			if strings.Contains(l, "after=") {
				next = l
			}
		}
		ann.get(next).wants(http.StatusOK).says(all[50]).hides(">" + all[0] + "<")
		o.read(func(t *store.Tx) error {
			lines, err := t.PlanLines(o.Context(), mainstay.Actor{UserID: 2, Role: mainstay.Manager}, p, store.PlanLineFilter{Kind: "organization", Limit: 9})
			if len(lines) != 2 {
				o.Errorf("somebody with 2 organizations sees %d of the plan", len(lines))
			}
			return err
		})
		max.get(planPath(p, "/items")).wants(http.StatusNotFound)
	})
}

// TestPlanItems_edit: the plan of an edit says what each has and gets, and counts
// those that have it already.
func TestPlanItems_edit(t *testing.T) {
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		l := []mainstay.Label{{Kind: "organization", Axis: mainstay.TypeAxis, Name: "Prospect"}, {Kind: "organization", Axis: mainstay.TypeAxis, Name: "Former client"}}
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error { return t.InsertLabels(o.Context(), l) }))
		form := with("action", "edit", "kind", "organization", "scope", "ids", "status_id", "keep", "type_id", idText(mainstay.ItemID(l[1].ID)))
		for n, typ := range []mainstay.LabelID{l[0].ID, 0, l[1].ID} {
			i, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: "organization", Name: "Client " + plain(n), TypeID: typ, Values: mainstay.Values{}})
			o.must(err)
			form.Add("id", idText(i.ID))
		}
		p := ann.post("/changes", form).planned()
		said := []string{"Client 0", "Type: Prospect → Former client", "Client 1", "Type: none → Former client"}
		ann.get(planPath(p, "")).wants(http.StatusOK).says(append(said, "organizations, and 1 unchanged: so already")...).hides("Client 2", "items inside", "0 items inside")
		ann.confirm(p)
		ann.get(planPath(p, "")).wants(http.StatusOK).says(said...)
		ann.get(planPath(p, "/items")).wants(http.StatusOK).says(said...)
	})
}
