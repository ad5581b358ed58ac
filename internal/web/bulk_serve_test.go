package web_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// ticked is the form of a list in which rows are ticked.
func ticked(k *mainstay.Kind, rows []store.ListRow, more ...string) map[string][]string {
	f := with(append([]string{"kind", string(k.Name), "scope", "ids", "query", "", "seen", "99", "from", "/" + k.Plural + "?q=x"}, more...)...)
	for _, r := range rows {
		f["id"] = append(f["id"], idText(r.ID))
	}
	return f
}

// matching is the form of a list in which all that match are chosen.
func matching(k *mainstay.Kind, q string, seen int, more ...string) map[string][]string {
	return with(append([]string{"kind", string(k.Name), "scope", "all", "query", q, "seen", strconv.Itoa(seen), "from", "/" + k.Plural + "?q=x"}, more...)...)
}

// merged puts more fields into a form.
func merged(f map[string][]string, more ...string) map[string][]string {
	out := map[string][]string{}
	for k, v := range f {
		out[k] = v
	}
	for k, v := range with(more...) {
		out[k] = v
	}
	return out
}

// typeNamed makes a type of a kind by hand.
func (o *office) typeNamed(k *mainstay.Kind, name string) string {
	o.Helper()
	l := []mainstay.Label{{Kind: k.Name, Axis: mainstay.TypeAxis, Name: name}}
	o.must(o.store.Write(o.Context(), func(t *store.Tx) error { return t.InsertLabels(o.Context(), l) }))
	return strconv.FormatInt(int64(l[0].ID), 10)
}

// TestBulk: every action of the bar for a few ticked rows, for a page and for all
// that match, with what is left out and why beforehand.
func TestBulk(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		k := &mainstay.Configuration
		typ := o.typeNamed(k, "Set aside")
		all := o.find(k, "")
		page := all[:min(len(all), 30)]
		for _, c := range []struct {
			name string
			form map[string][]string
			n    int
		}{
			{"a few", ticked(k, all[:3]), 3},
			{"a page", ticked(k, page), len(page)},
			{"all that match", matching(k, "", len(all)), len(all)},
		} {
			sel := "/configurations/selection"
			bar := ann.post(sel+"?do=left", c.form).wants(http.StatusOK).says("come from the PSA").hides("<html")
			if strings.Contains(bar.body, "can't be opened") {
				o.Errorf("%s: an Administrator is told of hidden items: %s", c.name, bar.body)
			}
			overview := ann.post(sel, c.form).wants(http.StatusOK).says(k.Count(c.n)+" selected", "Edit type or status", "Protect", "Disconnect", "Export", "Delete")
			overview.says("from the PSA, so their type and status can't change here.")
			ann.post(sel+"?do=edit", c.form).wants(http.StatusOK).says("Edit type or status of "+k.Count(c.n), "can't change here")
			ann.post(sel+"?do=protect", c.form).wants(http.StatusOK).says("Protect "+k.Count(c.n), "leave protected configurations alone")
			ann.post(sel+"?do=disconnect", c.form).wants(http.StatusOK).says("Disconnect "+k.Count(c.n), "stays here as Not linked")
			ann.post(sel+"?do=burn", c.form).wants(http.StatusNotFound)
			ann.post("/configurations/export.csv", c.form).wants(http.StatusOK).says("name")

			p := ann.post("/changes", merged(c.form, "action", "disconnect", "note", "Moved")).planned()
			ann.post(planPath(p, "/discard?from=%2Fconfigurations%3Fq%3Dx"), nil).leads("/configurations?q=x")
			p = ann.post("/changes", merged(c.form, "action", "delete")).planned()
			ann.get(planPath(p, "?from=%2Fconfigurations%3Fq%3Dx")).wants(http.StatusOK).says("Held back", "Back")
			if c.n <= 25 {
				ann.post("/changes", merged(c.form, "action", "protect", "guard", "keep", "note", "Ours")).leads("/configurations?q=x")
				ann.get("/configurations").says("Protected: "+k.Count(c.n), "Undo")
				ann.post(sel+"?do=protect", c.form).wants(http.StatusOK).says("Lift the protection of " + strconv.Itoa(c.n))
				ann.post("/changes", merged(c.form, "action", "protect", "guard", "lift")).leads("/configurations?q=x")
			} else {
				p = ann.post("/changes", merged(c.form, "action", "protect", "guard", "keep", "note", "Ours")).planned()
				if n := p.Counts.Total().Apply; n != c.n {
					o.Errorf("%s: a plan protects %d of %d", c.name, n, c.n)
				}
			}
		}

		// What no PSA owns is changed, and taken back.
		p := ann.post("/changes", matching(k, "sync status: orphaned", 9, "action", "disconnect")).planned()
		p = ann.confirm(p)
		free := o.find(k, "sync status: not linked")
		if len(free) == 0 || p.Done != len(free) {
			o.Fatalf("%d of %d are disconnected", len(free), p.Done)
		}
		mixed := append(append([]store.ListRow{}, free[:2]...), o.find(k, "sync status: syncing")[:3]...)
		ann.post("/configurations/selection?do=edit", ticked(k, mixed)).wants(http.StatusOK).says("3 of 5 come from the PSA", "Review the change of 2 configurations", "Leave as it is", "Set aside")
		ann.post("/changes", ticked(k, mixed, "action", "edit", "type_id", "keep", "status_id", "keep")).wants(http.StatusUnprocessableEntity).says("Choose a type or a status to set.", "Review the change")
		edit := ann.post("/changes", ticked(k, mixed, "action", "edit", "type_id", typ, "status_id", "keep")).planned()
		ann.get(planPath(edit, "")).wants(http.StatusOK).says("Sets type Set aside.", "Nothing else about them changes.")
		if n := edit.Counts.Of(k.Name); n.Apply != 2 || n.Held != 3 {
			o.Errorf("the edit plan: %+v", n)
		}
		ann.confirm(edit)
		if n := len(o.find(k, "type: Set aside")); n != 2 {
			o.Errorf("%d have the type, want 2", n)
		}
		ann.undo(edit)
		for _, r := range free[:2] {
			if o.stored(mainstay.Ref{Kind: k.Name, ID: r.ID}).TypeID != r.TypeID {
				o.Errorf("%s kept the type after undo", r.Name)
			}
		}
	})
}

// TestBulk_rights: who may, what hidden items look like, and requests that make
// no sense.
func TestBulk_rights(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, eva := o.hire("ann@example.com", mainstay.Administrator), o.hire("eva@example.com", mainstay.Editor)
		max := o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		k := &mainstay.Contact
		rows := o.find(k, "")
		var own, foreign []store.ListRow
		for _, r := range rows {
			if r.OrganizationID == in.Organizations[0] {
				own = append(own, r)
			} else {
				foreign = append(foreign, r)
			}
		}
		eva.post("/contacts/selection", ticked(k, rows[:1])).wants(http.StatusForbidden)
		eva.get("/contacts").wants(http.StatusOK).hides(`class="bulk"`)
		for _, action := range []string{"edit", "protect", "disconnect", "delete"} {
			eva.post("/changes", ticked(k, rows[:1], "action", action, "guard", "keep", "type_id", "0")).wants(http.StatusForbidden)
		}
		max.post("/contacts/selection?do=left", matching(k, "", len(own))).wants(http.StatusOK).says(strconv.Itoa(len(foreign)) + " can't be opened by you")
		max.post("/contacts/selection?do=disconnect", matching(k, "", len(own))).wants(http.StatusOK).says("in organizations you can't open. The plan leaves them alone.")
		// Ids that a person can't see tell nothing, and nothing is done to them.
		max.post("/contacts/selection", ticked(k, foreign[:2])).wants(http.StatusNotFound)
		max.post("/contacts/selection?do=left", ticked(k, foreign[:2])).wants(http.StatusOK).hides("opened")
		max.post("/changes", ticked(k, foreign[:2], "action", "protect", "guard", "keep")).wants(http.StatusNotFound)
		max.post("/changes", ticked(k, own[:1], "action", "protect", "guard", "hold", "until", "2999-01-01", "note", "Court")).wants(http.StatusForbidden)
		max.post("/contacts/selection?do=protect", ticked(k, own[:1])).wants(http.StatusOK).hides("Last day of the legal hold")
		ann.post("/contacts/selection?do=protect", ticked(k, own[:1])).wants(http.StatusOK).says("Last day of the legal hold")
		for _, bad := range [][]string{{"guard", "hold"}, {"guard", "hold", "until", "soon", "note", "x"}, {"guard", "hold", "until", "2020-01-01", "note", "x"}, {"guard", "hold", "until", "2999-01-01"}, {"guard", "burn"}, {}} {
			ann.post("/changes", ticked(k, own[:1], append([]string{"action", "protect"}, bad...)...)).wants(http.StatusUnprocessableEntity)
		}
		ann.post("/changes", ticked(k, own[:1], "action", "protect", "guard", "hold", "until", "2999-01-01", "note", "Court")).leads("/contacts?q=x")
		ann.get("/contacts").says("Legal hold set: 1 contact")
		// Without the switch nothing that syncs is taken.
		ann.post("/changes", ticked(k, rows[:3], "action", "delete", "syncing", "1")).wants(http.StatusConflict).says("switched off")
		ann.post("/contacts/selection", with("scope", "ids")).wants(http.StatusUnprocessableEntity)
		ann.post("/contacts/selection", with("scope", "all", "seen", "3")).wants(http.StatusUnprocessableEntity)
		ann.post("/contacts/selection", matching(k, "", 0)).wants(http.StatusUnprocessableEntity)
		// Without script the form carries its own scope before the one of the button.
		both := ticked(k, rows[:1])
		both["scope"] = []string{"ids", "all"}
		ann.post("/contacts/selection", both).wants(http.StatusOK).says(k.Count(len(rows)) + " selected")
	})
}

// TestBulk_merge: two organizations, and only two, lead to merging them, for
// whoever may.
func TestBulk_merge(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		k := &mainstay.Organization
		rows := o.find(k, "")
		to := fmt.Sprintf("/organizations/%d/merge?with=%d", rows[0].ID, rows[1].ID)
		ann.post("/organizations/selection?do=left", ticked(k, rows[:2])).wants(http.StatusOK).says("Merge these two organizations")
		ann.post("/organizations/selection", ticked(k, rows[:2])).wants(http.StatusOK).says("Side by side, field by field")
		ann.post("/organizations/selection?do=left", ticked(k, rows[:3])).wants(http.StatusOK).hides("Merge these two")
		ann.post("/organizations/selection?do=left", ticked(k, rows[:1])).wants(http.StatusOK).hides("Merge these two")
		ann.get(to).wants(http.StatusOK)
	})
}
