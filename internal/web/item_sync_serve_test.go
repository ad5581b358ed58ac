package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

// record is the PSA's id of a linked item.
func (o *office) record(i mainstay.Item) int64 {
	o.Helper()
	var out int64
	o.read(func(t *store.Tx) error {
		r, ok, err := t.RecordOf(o.Context(), i.ID)
		if !ok {
			o.Fatalf("%s is not linked", i.Name)
		}
		if err == nil {
			out, err = strconv.ParseInt(r.ExternalID, 10, 64)
		}
		return err
	})
	return out
}

// undoes presses the button of the message on a page.
func (b *browser) undoes(page *answer) *answer {
	b.Helper()
	_, toasts, _ := strings.Cut(page.body, `<div class="toasts"`)
	_, form, ok := strings.Cut(toasts, `method="post" action="`)
	to, _, _ := strings.Cut(form, `"`)
	if !ok {
		b.Fatalf("%s offers no undo:\n%s", page.what, page.text())
	}
	return b.post(strings.ReplaceAll(to, "&amp;", "&"), nil)
}

// TestOne_switch: an Editor turns the syncing of one item of each kind off and on
// and syncs it now, from the panel of its page.
func TestOne_switch(t *testing.T) {
	synced(t, func(o *office, ann *browser, in mainstay.Integration) {
		eve := o.hire("eve@example.com", mainstay.Editor)
		for _, k := range []*mainstay.Kind{&mainstay.Organization, &mainstay.Configuration, &mainstay.Contact, &mainstay.Location} {
			i := o.find(k, "sync status: syncing")[0].Item
			keeper := eve
			if k == &mainstay.Organization {
				keeper = ann // an organization is deleted by people who make plans
			}
			eve.get(itemPath(i, "")).wants(http.StatusOK).says("Syncing", "Sync now", "Disable sync")
			page := keeper.get(itemPath(i, "")).says("It can't be deleted while it syncs.", "Disconnect it. It stays here")
			if !strings.Contains(page.body, `aria-disabled="true" aria-describedby="no-delete`) {
				o.Errorf("%s: no greyed button", k.Label)
			}
			eve.post(itemPath(i, "/sync"), nil).leads(itemPath(i, ""))
			eve.get(itemPath(i, "")).says("Synced: nothing differs from the PSA")
			ask := eve.get(itemPath(i, "/sync/disable")).wants(http.StatusOK).says("Disable sync of "+i.Name, "It stays linked")
			if k == &mainstay.Organization && len(o.in(i.ID)) > 1 {
				ask.says("What it holds goes on syncing: ", "disconnect the organization with what it holds")
			}
			eve.post(itemPath(i, "/sync/disable"), with("version", "999")).wants(http.StatusConflict).says("changed since you opened it")
			eve.post(itemPath(i, "/sync/disable"), with("version", ask.value("version"))).leads(itemPath(i, ""))
			eve.get(itemPath(i, "")).says("Sync disabled for this "+k.Label, "Undo", "Enable sync", "Mr eve@example.com turned syncing off").hides(`action="` + itemPath(i, "/sync") + `"`)
			off := keeper.get(itemPath(i, "")).says("Delete").hides("no-delete-reason")
			if k == &mainstay.Organization {
				off.says("What it holds goes on syncing.")
			}
			eve.post(itemPath(i, "/sync"), nil).wants(http.StatusConflict).says("is turned off. Turn it on first.")
			eve.get(itemPath(i, "/sync/disable")).wants(http.StatusConflict).says("doesn't sync now")
			eve.post(itemPath(i, "/sync/enable?version="+strconv.FormatInt(o.stored(i.Ref()).Version, 10)), nil).leads(itemPath(i, ""))
			on := eve.get(itemPath(i, "")).says("Sync enabled. The next sync brings it up to date")
			eve.undoes(on).leads(itemPath(i, ""))
			if now := o.stored(i.Ref()); now.Sync != mainstay.SyncDisabled {
				o.Errorf("%s: after the undo it is %s", k.Label, now.Sync)
			}
			eve.undoes(eve.get(itemPath(i, ""))).leads(itemPath(i, ""))
			if now := o.stored(i.Ref()); now.Sync != mainstay.Syncing {
				o.Errorf("%s: after both undos it is %s", k.Label, now.Sync)
			}
		}
	})
}

// in are the items that an organization holds.
func (o *office) in(id mainstay.ItemID) (out []string) {
	o.Helper()
	o.read(func(t *store.Tx) error {
		in, err := t.CountIn(o.Context(), id)
		for k, states := range in {
			if states[mainstay.Syncing] > 0 {
				out = append(out, string(k))
			}
		}
		return err
	})
	return out
}

// TestOne_now: each outcome of syncing one item has its words.
func TestOne_now(t *testing.T) {
	synced(t, func(o *office, ann *browser, in mainstay.Integration) {
		now := func(i mainstay.Item) *answer {
			t.Helper()
			ann.post(itemPath(i, "/sync"), nil).leads(itemPath(i, ""))
			return ann.get(itemPath(i, "")).wants(http.StatusOK)
		}
		i := o.find(&mainstay.Contact, "sync status: syncing")[0].Item
		id := o.record(i)
		o.psa.EditContact(id, func(c *simulator.Contact) { c.Title = "Head of Ops" })
		now(i).says("Synced: 1 field changed", "Head of Ops")
		o.psa.Delete(simulator.Contacts, id)
		now(i).says("The PSA no longer has its record. The contact was left as it is; the next full sync decides", "Syncing")
		org := o.find(&mainstay.Organization, "sync status: syncing type: Client")[0].Item
		company := o.record(org)
		o.psa.EditCompany(company, func(c *simulator.Company) { c.DeletedFlag = true })
		now(org).says("The organization was left as it is; the next full sync decides")
		ann.sync(in)
		ann.get(itemPath(org, "")).says("Organization is orphaned.", "Sync now").hides("/sync/disable")
		o.psa.EditCompany(company, func(c *simulator.Company) { c.DeletedFlag = false })
		now(org).says("Synced: it syncs again", "Syncing")
		ann.post(path(in, "/pause"), nil).wants(http.StatusSeeOther)
		ann.get(itemPath(org, "")).says("paused").hides(`action="` + itemPath(org, "/sync") + `"`)
		ann.post(itemPath(org, "/sync"), nil).wants(http.StatusConflict).says("is paused by")
	})
}

// TestOne_match: an Editor disconnects a contact, undoes it, disconnects it again,
// finds its record, compares the two and links them, and takes that back.
func TestOne_match(t *testing.T) {
	synced(t, func(o *office, ann *browser, in mainstay.Integration) {
		eve := o.hire("eve@example.com", mainstay.Editor)
		i := o.find(&mainstay.Contact, "sync status: syncing")[0].Item
		id := o.record(i)
		end := func() {
			t.Helper()
			ask := eve.get(itemPath(i, "/disconnect")).wants(http.StatusOK).says("Disconnect "+i.Name+" from ConnectWise PSA", "Match again", "You can undo this")
			eve.post(itemPath(i, "/disconnect"), with("version", ask.value("version"), "note", "Left the company")).leads(itemPath(i, ""))
		}
		stale := eve.post(itemPath(i, "/disconnect"), with("version", "999", "note", "Mine")).wants(http.StatusConflict).says("changed since you opened it")
		if stale.value("note") != "Mine" {
			o.Errorf("the reason is lost: %q", stale.value("note"))
		}
		eve.post(itemPath(i, "/disconnect"), with("version", strconv.FormatInt(i.Version, 10), "note", strings.Repeat("x", mainstay.MaxNote+1))).wants(http.StatusUnprocessableEntity).says("Keep the reason under")
		end()
		page := eve.get(itemPath(i, "")).says("Contact disconnected", "Undo", "Not linked", "Left the company", "Match to a record…")
		eve.undoes(page).leads(itemPath(i, ""))
		eve.get(itemPath(i, "")).says("Contact linked again", "Syncing")
		end()
		eve.get(itemPath(i, "/disconnect")).wants(http.StatusConflict).says("there is nothing to disconnect")
		o.psa.EditContact(id, func(c *simulator.Contact) { c.Title = "Head of Ops" })

		list := eve.get(itemPath(i, "/match")).wants(http.StatusOK).says("Match "+i.Name+" to a record", "This contact was linked with it before.", fmt.Sprintf("Contact %d", id))
		if at, other := strings.Index(list.body, "was linked with it before"), strings.Index(list.body, "It is linked with"); other >= 0 && at > other {
			o.Error("what fits does not come first")
		}
		eve.get(itemPath(i, "/match?q=nobody+is+called+this")).says("No record has this name or id.")
		eve.get(itemPath(i, fmt.Sprintf("/match?q=%d", id))).says("Compare…")
		preview := itemPath(i, "/match/preview?"+url.Values{"integration": {fmt.Sprint(in.ID)}, "record": {fmt.Sprint(id)}}.Encode())
		compare := eve.get(preview).wants(http.StatusOK).says("Compared with what ConnectWise PSA says right now.", "Head of Ops", "1 field changes at the next sync", "Match 1 contact")
		in2 := with("integration", compare.value("integration"), "record", compare.value("record"), "version", compare.value("version"))
		old := with("integration", compare.value("integration"), "record", compare.value("record"), "version", "1")
		eve.post(itemPath(i, "/match"), old).wants(http.StatusConflict).says("changed since you opened it", "Head of Ops")
		eve.post(itemPath(i, "/match"), in2).leads(itemPath(i, ""))
		page = eve.get(itemPath(i, "")).says("Contact matched. The next sync brings it up to date", "Syncing")
		eve.post(itemPath(i, "/sync"), nil).leads(itemPath(i, ""))
		if now := o.stored(i.Ref()); now.Values.Text("title") != "Head of Ops" {
			o.Errorf("the sync after the match: %+v", now)
		}
		eve.undoes(page).leads(itemPath(i, ""))
		if now := o.stored(i.Ref()); now.Sync != mainstay.NotLinked || now.Values.Text("title") != i.Values.Text("title") {
			o.Errorf("the match was not taken back: %+v", now)
		}
		eve.get(itemPath(i, "")).says("The match was taken back", "Not linked")
		o.psa.SetFaults(simulator.Fault{ID: "F15", Resource: simulator.Contacts})
		eve.get(preview).wants(http.StatusOK).says("isn't known which fields would change")
		o.psa.SetFaults()
		for _, bad := range []string{"integration=x&record=1", "integration=999&record=1", fmt.Sprintf("integration=%d&record=0", in.ID)} {
			eve.get(itemPath(i, "/match/preview?"+bad)).wants(http.StatusNotFound)
		}
	})
}

// TestOne_instead: a record that waits for another item is taken only by choice;
// an organization is matched by people who may make plans.
func TestOne_instead(t *testing.T) {
	synced(t, func(o *office, ann *browser, in mainstay.Integration) {
		old := o.find(&mainstay.Organization, "sync status: syncing type: Prospect")[0].Item
		id := o.record(old)
		ann.confirm(ann.post(itemPath(old, "/disconnect"), with("choice", "disconnect")).planned())
		ann.sync(in)
		made, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: old.Name, Values: mainstay.Values{}})
		o.must(err)
		ann.get(itemPath(made, "/match")).wants(http.StatusOK).says("It waits for " + old.Name + ", which was disconnected.").hides("It is linked with")
		taken := o.find(&mainstay.Organization, "sync status: syncing")[0].Item
		ann.get(itemPath(made, "/match?"+url.Values{"q": {taken.Name}}.Encode())).wants(http.StatusOK).says("It is linked with "+taken.Name+". Merge the two organizations, or disconnect that one first.", "Open "+taken.Name)
		preview := itemPath(made, fmt.Sprintf("/match/preview?integration=%d&record=%d", in.ID, id))
		page := ann.get(preview).wants(http.StatusOK).says("Link it with this organization instead of " + old.Name)
		in2 := with("integration", page.value("integration"), "record", page.value("record"), "version", page.value("version"))
		ann.post(itemPath(made, "/match"), in2).wants(http.StatusConflict).says("This record waits for " + old.Name)
		in2.Set("instead", "true")
		ann.post(itemPath(made, "/match"), in2).leads(itemPath(made, ""))
		if now := o.stored(made.Ref()); now.Sync != mainstay.Syncing {
			o.Errorf("it is %s", now.Sync)
		}
		ann.undoes(ann.get(itemPath(made, ""))).leads(itemPath(made, ""))
		now, back := o.stored(made.Ref()), o.stored(old.Ref())
		if now.Sync != mainstay.NotLinked || now.Disconnected() || !back.Disconnected() {
			o.Errorf("after the undo it is %+v, and the other %+v", now, back)
		}
		contact, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Contact.Name, OrganizationID: made.ID, Values: mainstay.Values{"first_name": {Text: "Zoë"}, "last_name": {Text: "Quist"}}})
		o.must(err)
		ann.get(itemPath(contact, "/match")).wants(http.StatusOK).says("Its organization is linked with no company.", "Open the organization")
		ann.get(itemPath(o.find(&mainstay.Contact, "sync status: syncing")[0].Item, "/match")).wants(http.StatusConflict).says("is linked with a PSA record already")
	})
}

// TestOne_rights: what a role may not do it is neither offered nor let do, and
// what lies out of sight is not there.
func TestOne_rights(t *testing.T) {
	synced(t, func(o *office, ann *browser, in mainstay.Integration) {
		i := o.find(&mainstay.Contact, "sync status: syncing")[0].Item
		org := o.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: i.OrganizationID})
		far := o.find(&mainstay.Organization, "sync status: syncing")
		other := far[0].ID
		if other == org.ID {
			other = far[1].ID
		}
		posts := []string{"/sync", "/sync/disable", "/sync/enable", "/disconnect", "/match", "/undo/1"}
		for n, role := range []mainstay.Role{mainstay.Creator, mainstay.ReadOnly, mainstay.Lite} {
			b := o.hire(fmt.Sprintf("p%d@example.com", n), role, org.ID)
			b.get(itemPath(i, "")).wants(http.StatusOK).says("Syncing").hides(`action="`+itemPath(i, "/sync")+`"`, "/sync/disable", "/disconnect", "no-delete-reason")
			for _, p := range posts {
				b.post(itemPath(i, p), with("version", "1")).wants(http.StatusForbidden)
			}
			b.get(itemPath(i, "/match")).wants(http.StatusForbidden)
		}
		far1 := o.hire("far@example.com", mainstay.Editor, other)
		for _, p := range posts {
			far1.post(itemPath(i, p), with("version", "1")).wants(http.StatusNotFound)
		}
		for _, p := range []string{"/sync/disable", "/disconnect", "/match", "/match/preview?integration=1&record=1"} {
			far1.get(itemPath(i, p)).wants(http.StatusNotFound)
		}
		eve := o.hire("eve@example.com", mainstay.Editor)
		eve.get(itemPath(org, "")).wants(http.StatusOK).hides(itemPath(org, "/disconnect"))
		eve.post(itemPath(org, "/match"), nil).wants(http.StatusForbidden)
		near := o.hire("near@example.com", mainstay.Manager, org.ID)
		ann.confirm(ann.post(itemPath(org, "/disconnect"), with("choice", "disconnect")).planned())
		near.get(itemPath(org, "")).wants(http.StatusOK).hides(itemPath(org, "/match\""))
		near.get(itemPath(org, "/match")).wants(http.StatusForbidden).says("Only people with access to all organizations can match one.")
		if now := o.stored(i.Ref()); now.Version != i.Version+1 {
			o.Errorf("the contact changed more than once: %+v", now)
		}
	})
}
