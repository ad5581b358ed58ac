package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func onePath(k *mainstay.Kind, id mainstay.ItemID, rest string) string {
	return "/" + k.Plural + "/" + idText(id) + rest
}

// shows fails where the source of an answer lacks a text.
func (a *answer) shows(text string) {
	a.Helper()
	if !strings.Contains(a.body, text) {
		a.Errorf("%s has no %s", a.what, text)
	}
}

// TestProtection: the keep flag and the legal hold of one item and of an
// organization, on their pages and in their lists, by role.
func TestProtection(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, eva, max := o.hire("ann@example.com", mainstay.Administrator), o.hire("eva@example.com", mainstay.Editor), o.hire("max@example.com", mainstay.Manager)
		k := &mainstay.Contact
		one := o.find(k, "sync status: orphaned")[0]
		at := onePath(k, one.ID, "")
		max.get(at).wants(http.StatusOK).says("Not protected.", "Protect…").hides("Legal hold…")
		ann.get(at).wants(http.StatusOK).says("Protect…", "Legal hold…")
		eva.get(at).wants(http.StatusOK).hides("Protect…", "Not protected.")
		for _, b := range []*browser{eva, max} {
			b.get(at + "/hold").wants(http.StatusForbidden)
			b.post(at+"/hold", with("guard", "hold", "until", "2999-01-01", "note", "x")).wants(http.StatusForbidden)
		}
		eva.get(at + "/protect").wants(http.StatusForbidden)
		eva.post(at+"/protect", with("guard", "keep")).wants(http.StatusForbidden)
		max.post(at+"/protect", with("guard", "hold", "until", "2999-01-01", "note", "x")).wants(http.StatusForbidden)

		max.get(at+"/protect").wants(http.StatusOK).says("Protect ", "Why.", "Cancel")
		max.fragment(http.MethodGet, at+"/protect", nil).wants(http.StatusOK).says("Protect ").hides("<html")
		max.post(at+"/protect", with("guard", "keep", "note", strings.Repeat("x", mainstay.MaxNote+1))).wants(http.StatusUnprocessableEntity).says("Keep the note under 1,000 characters.")
		max.post(at+"/protect", with("guard", "lift")).wants(http.StatusConflict).says("nothing to lift")
		max.post(at+"/protect", with("guard", "keep", "note", "Wanted by the auditor")).leads(at)
		max.get(at).wants(http.StatusOK).says("Protection", "Set by Mr max@example.com", "Wanted by the auditor", "Lift protection…", "Protected: 1 contact")
		eva.get(at).wants(http.StatusOK).says("Wanted by the auditor").hides("Lift protection…")
		max.get(at+"/delete").wants(http.StatusConflict).says("is protected", "Wanted by the auditor", "Lift the protection on its page first.")
		max.get("/contacts?q=" + url.QueryEscape("protected: yes")).wants(http.StatusOK).shows(`title="Protected by Mr max@example.com"`)
		max.post("/changes", ticked(k, []store.ListRow{one}, "action", "disconnect")).wants(http.StatusSeeOther)
		max.post(at+"/protect", with("guard", "lift", "note", "No longer wanted")).leads(at)
		max.get(at).wants(http.StatusOK).says("Not protected.", "Protection lifted: 1 contact")
		ann.get("/activity").wants(http.StatusOK).says("Lifted the protection of", "No longer wanted")

		ann.get(at+"/hold").wants(http.StatusOK).says("Only an Administrator can lift the hold before.", "Last day")
		for _, bad := range []map[string][]string{with("guard", "hold"), with("guard", "hold", "until", "2999-01-01"), with("guard", "hold", "until", "2001-01-01", "note", "x"), with("guard", "hold", "until", "31 June", "note", "x"), nil} {
			ann.post(at+"/hold", bad).wants(http.StatusUnprocessableEntity)
		}
		ann.post(at+"/hold", with("guard", "hold", "until", "31 June", "note", "Court order 12")).says("Court order 12", "Write the last day of the hold like 2026-06-12.")
		until := time.Now().AddDate(1, 0, 0).UTC()
		ann.post(at+"/hold", with("guard", "hold", "until", until.Format(time.DateOnly), "note", "Court order 12")).leads(at)
		ann.get(at).wants(http.StatusOK).says("Legal hold until ", until.Format("2006"), "Court order 12", "Lift legal hold…")
		ann.get("/activity").wants(http.StatusOK).says("Until " + until.Format("2 January 2006") + ". Court order 12")
		max.get(at).wants(http.StatusOK).says("Court order 12").hides("Lift legal hold…")
		ann.get("/contacts?q=" + url.QueryEscape("legal hold: yes")).wants(http.StatusOK).shows(`title="Under legal hold until `)
		ann.get(at+"/hold").wants(http.StatusOK).says("Lift the legal hold on", "Keep it")
		ann.post(at+"/hold", with("guard", "lift hold")).wants(http.StatusUnprocessableEntity).says("Write down why")
		ann.post(at+"/hold", with("guard", "lift hold", "note", "Case closed")).leads(at)
		ann.get("/activity").wants(http.StatusOK).says("Lifted the legal hold on", "Case closed")
	})
}

// TestProtection_inside: what an organization holds says who keeps it.
func TestProtection_inside(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		inside := o.find(&mainstay.Contact, "sync status: orphaned")[0]
		org := onePath(&mainstay.Organization, inside.OrganizationID, "")
		ann.post(org+"/protect", with("guard", "keep", "note", "Our oldest client")).leads(org)
		ann.get(org).wants(http.StatusOK).says("Protected", "Our oldest client", "with all that it holds").hides("Not protected.")
		at := onePath(&mainstay.Contact, inside.ID, "")
		ann.get(at).wants(http.StatusOK).says("Protected with", "Kept together with its organization,")
		ann.get(at+"/delete").wants(http.StatusConflict).says("which holds", "is protected")
		ann.get("/contacts?q=" + url.QueryEscape("protected: yes")).wants(http.StatusOK).shows(`title="Protected with its organization"`)
		max := o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		if inside.OrganizationID != in.Organizations[0] {
			max.get(at + "/protect").wants(http.StatusNotFound)
			max.post(at+"/protect", with("guard", "keep")).wants(http.StatusNotFound)
		}
	})
}

// TestPencil: one item's type from Manage data's preview, and back to its row.
func TestPencil(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		at := path(i, "/manage-data")
		row := ""
		for _, l := range links(t, ann.get(at).wants(http.StatusOK).body) {
			if strings.Contains(l, "/rows/organization-type-") && row == "" {
				row = l
			}
		}
		page := ann.get(row).wants(http.StatusOK).says("Plan deletion", "Protect…")
		pencil := ""
		for _, l := range links(t, page.body) {
			if strings.Contains(l, "/type?from=") {
				pencil = l
			}
		}
		id := strings.Split(pencil, "/")[2]
		owned := ann.get(pencil).wants(http.StatusOK).says("comes from ConnectWise PSA, so its type and status can't change here.", "Change it in ConnectWise PSA", "The next sync brings it here.",
			"Open in ConnectWise PSA", "Stop syncing the type", "Sync settings", "Disconnect it", "Plan the disconnection")
		if back := row + "#row-" + id; !strings.Contains(owned.body, `href="`+back+`"`) || !strings.Contains(page.body, `id="row-`+id+`"`) {
			t.Errorf("no way back to %s", back)
		}
		// Disconnecting it is one of the ways, and then the type changes here.
		p := ann.post("/changes", with("kind", "organization", "scope", "ids", "id", id, "action", "disconnect", "from", row+"#row-"+id)).planned()
		ann.get(planPath(p, "?from="+url.QueryEscape(row+"#row-"+id))).wants(http.StatusOK).says("Back")
		ann.confirm(p)
		ask := ann.get("/organizations/"+id+"/type?from="+url.QueryEscape(row)).wants(http.StatusOK).says("Type", "Status", "Review the change").hides("can't change here")
		ann.fragment(http.MethodGet, "/organizations/"+id+"/type", nil).wants(http.StatusOK).says("Review the change").hides("<html")
		if ask.value("from") != row+"#row-"+id {
			t.Errorf("the form comes back to %q", ask.value("from"))
		}
		typ := o.typeNamed(&mainstay.Organization, "Set aside")
		e := ann.post("/changes", with("kind", "organization", "scope", "ids", "id", id, "action", "edit", "type_id", typ, "from", row+"#row-"+id))
		if want := "?from=" + url.QueryEscape(row+"#row-"+id); !strings.HasSuffix(e.Header().Get("Location"), want) {
			t.Errorf("the plan is at %s, want %s", e.Header().Get("Location"), want)
		}
		ann.get(e.Header().Get("Location")).wants(http.StatusOK).says("Sets type Set aside.")
		ann.post("/changes", with("kind", "organization", "scope", "ids", "id", id, "action", "edit", "type_id", "999999")).wants(http.StatusUnprocessableEntity).says("There is no such type.")
		ann.confirm(e.planned())
		if n := o.number("type: Set aside"); n != 1 {
			t.Errorf("%d organizations have the type", n)
		}
		ann.get("/organizations/"+id+"/type?from=https://evil.example/").wants(http.StatusOK).hides(`href="https://evil`, `value="https://evil`)
		ann.get("/contacts/1/type").wants(http.StatusNotFound)
		eva := o.hire("eva@example.com", mainstay.Editor)
		eva.get("/organizations/" + id + "/type").wants(http.StatusForbidden)
	})
}
