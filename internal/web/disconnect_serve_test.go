package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

// synced is an installation in which everything of the PSA syncs.
func synced(t *testing.T, fn func(o *office, ann *browser, i mainstay.Integration)) {
	t.Helper()
	offices(t, func(o *office) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		i := ann.connected()
		ann.work()
		ann.everythingSyncs(i)
		fn(o, ann, i)
	})
}

// classPage is the address that asks what to do with a company type.
func (o *office) classPage(i mainstay.Integration, typeName string) string {
	o.Helper()
	var labels []mainstay.Label
	o.read(func(t *store.Tx) (err error) { labels, err = t.Labels(o.Context()); return err })
	for _, l := range labels {
		if l.Kind == mainstay.Organization.Name && l.Axis == mainstay.TypeAxis && l.Name == typeName {
			return path(i, fmt.Sprintf("/manage-data/disconnect?kind=organizations&axis=type&id=%d", l.ID))
		}
	}
	o.Fatalf("no type %s", typeName)
	return ""
}

// confirm says yes to a plan in the browser, and works on it to its end.
func (b *browser) confirm(p mainstay.Plan) mainstay.Plan {
	b.Helper()
	b.post(planPath(p, "/confirm"), with("fingerprint", p.Fingerprint, "phrase", p.Phrase)).leads(planPath(p, ""))
	if p = b.plan(p.ID); p.State == mainstay.PlanDone {
		return p
	}
	return b.apply(p)
}

// undo takes a plan back in the browser.
func (b *browser) undo(p mainstay.Plan) mainstay.Plan {
	b.Helper()
	u := b.post(planPath(p, "/restore"), nil).planned()
	if u.State == mainstay.PlanDone {
		return u
	}
	return b.apply(u)
}

// number counts the organizations that match.
func (o *office) number(q string) int {
	o.Helper()
	n := 0
	o.read(func(t *store.Tx) error {
		f, err := t.Filter(o.Context(), &mainstay.Organization, q, 0)
		if err == nil {
			n, err = t.Count(o.Context(), boss(), f)
		}
		return err
	})
	return n
}

// TestDisconnect_pauseClass: the first of the choices for a row of Manage data.
func TestDisconnect_pauseClass(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		at := o.classPage(i, "Prospect")
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("Pause syncing…", "Disconnect…")
		page := ann.get(at+"&choice=pause").wants(http.StatusOK).says("Pause syncing Prospect from ConnectWise PSA", "Pause syncing and keep all data", "Permanently disconnect records from ConnectWise PSA but keep all data",
			"Permanently delete all data, including all related and child records", "“Permanently” is the word of other tools. Here it can be undone.", "is switched off for this account; you can switch it on in Account > Data protection.",
			"become orphaned", "pause the whole integration instead", "Reversible")
		for choice, title := range map[string]string{"pause": "Pause syncing Prospect from ConnectWise PSA", "disconnect": "Disconnect Prospect from ConnectWise PSA", "delete": "Delete all data of Prospect", "": "Disconnect Prospect from ConnectWise PSA"} {
			if got := ann.get(at + "&choice=" + choice).heading(); got != title {
				o.Errorf("the page of the choice %q is called %q", choice, got)
			}
		}
		if strings.Count(page.body, `type="radio"`) != 3 || strings.Count(page.body, "checked") != 1 {
			o.Errorf("the page has not three choices with one ticked:\n%s", page.body)
		}
		ann.post(at, nil).wants(http.StatusUnprocessableEntity).says("Choose what happens to the items.")
		ann.post(at, with("choice", "delete")).wants(http.StatusConflict).says("is switched off for this account; Mr ann@example.com can switch it on")
		ann.post(at, with("choice", "pause", "note", strings.Repeat("x", mainstay.MaxNote+1))).wants(http.StatusUnprocessableEntity).says("Keep the reason under 1,000 characters.")
		for _, missing := range []string{"kind=organizations", "kind=organizations&axis=type&id=9999", "kind=organizations&axis=colour&id=1", "kind=documents", "kind=contacts&axis=unlinked", ""} {
			ann.get(path(i, "/manage-data/disconnect?"+missing)).wants(http.StatusNotFound)
		}

		draft := ann.post(at, with("choice", "pause")).planned()
		ann.post(planPath(draft, "/discard"), nil).leads(path(i, "/manage-data?kind=organizations"))
		before := o.number("sync status: syncing")
		p := ann.post(at, with("choice", "pause", "note", "Not ours")).planned()
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Pause syncing of", "Prospect of ConnectWise PSA", "Reason: Not ours", "Will become orphaned").hides("Export list")
		if o.number("sync status: syncing") != before || o.integrations()[0].Settings.Version != i.Settings.Version+2 {
			o.Fatal("proposing changed something")
		}
		p = ann.confirm(p)
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Done", "Undo")
		ann.get(at).wants(http.StatusOK).says("Prospect doesn't sync already")
		ann.post(at, with("choice", "pause")).wants(http.StatusConflict).says("doesn't sync already")
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("Sync again in Sync settings")
		if run := ann.sync(i); run.Counts.Orphaned != p.Counts.Total().Apply {
			o.Fatalf("%+v, the plan announced %d", run.Counts, p.Counts.Total().Apply)
		}
		ann.undo(p)
		if run := ann.sync(i); run.Counts.Healed != p.Counts.Total().Apply || o.number("sync status: syncing") != before {
			o.Fatalf("%+v after the undo", run.Counts)
		}
		contacts := ann.post(path(i, "/manage-data/disconnect?kind=contacts"), with("choice", "pause")).planned()
		if contacts.Params.Class.Name != "Contacts" || contacts.Counts.Of(mainstay.Contact.Name).Apply == 0 {
			o.Errorf("pausing contacts: %+v", contacts.Counts)
		}
	})
}

// TestDisconnect_endClass: the second of the choices, and the way back by
// matching again: one, a selection, a new item, and all that wait.
func TestDisconnect_endClass(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		boxes := ann.boxes(i, "organizations")
		p := ann.post(o.classPage(i, "Prospect"), with("choice", "disconnect", "note", "Bought by mistake")).planned()
		orgs := p.Counts.Of(mainstay.Organization.Name).Apply
		ann.get(planPath(p, "")).wants(http.StatusOK).says("Will be disconnected", "Reason: Bought by mistake", "Confirm disconnection")
		done := ann.confirm(p)
		ann.get(planPath(done, "")).wants(http.StatusOK).says("disconnected", "Undo: reconnect")
		if n := o.number("sync status: disconnected"); n != orgs || o.number(`sync status: "not linked"`) != orgs {
			o.Fatalf("%d organizations are disconnected, the plan said %d", n, orgs)
		}
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("Disconnected data", "disconnected by Mr ann@example.com", "Bought by mistake", "inside an organization that", "Prospect isn't ticked in Sync settings", "They follow their organization", "Plan "+fmt.Sprint(p.ID))
		ann.get("/organizations?q=sync+status%3A+disconnected").wants(http.StatusOK).says("Disconnected")
		ann.get("/organizations?q=sync+status%3A+%22not+linked%22").wants(http.StatusOK).says("Why they're not linked")
		one := o.find(&mainstay.Organization, "sync status: disconnected")[0]
		ann.get(organizationPath(one.ID, "")).wants(http.StatusOK).says("Disconnected from ConnectWise PSA by Mr ann@example.com", "Bought by mistake", "Prospect isn't ticked in Sync settings. Once the record syncs again it waits to be matched", "the plan that ended it").hides("/disconnect\"")
		contact := o.find(&mainstay.Contact, "sync status: disconnected")[0]
		ann.get(itemPath(contact.Item, "")).wants(http.StatusOK).says("Its organization was disconnected from ConnectWise PSA", "It follows its organization", "Open its organization")
		ann.get(path(i, "/match")).wants(http.StatusOK).says("No organization waits.", "Prospect isn't ticked in Sync settings")
		ann.get("/organizations/why?q=" + url.QueryEscape(one.Name)).wants(http.StatusOK).says(one.Name + " was disconnected.")

		ann.fragment(http.MethodPost, path(i, "/sync-settings/organizations/preview"), boxes).wants(http.StatusOK).says(some(orgs, "organization")+" wait to be matched again.", "they make no new items", "Match again…")
		boxes.Set("version", fmt.Sprint(o.integrations()[0].Settings.Version))
		ann.post(path(i, "/sync-settings/organizations"), boxes).wants(http.StatusSeeOther)
		id := o.psa.CompaniesOfType("Prospect")[0]
		o.psa.EditCompany(id, func(c *simulator.Company) { c.PhoneNumber = "555 0199" })
		run := ann.sync(i)
		if run.Counts.Waiting != orgs || run.Counts.Created != 0 {
			o.Fatalf("%+v, %d were disconnected", run.Counts, orgs)
		}
		ann.get(fmt.Sprint(path(i, "/log/"), run.ID)).wants(http.StatusOK).says(some(orgs, "record") + " wait to be matched again.")
		ann.get("/").wants(http.StatusOK).says(some(orgs, "record")+" wait to be matched again", "disconnected from ConnectWise PSA")
		ann.get("/account/integrations").wants(http.StatusOK).says(some(orgs, "record") + " wait to be matched again")
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says(fmt.Sprint(orgs, " wait"), "Match again…", "They follow their organization").hides("isn't ticked")
		ann.matchAll(i, orgs, id)
	})
}

// matchAll matches everything that waits again, in each of the ways.
func (b *browser) matchAll(i mainstay.Integration, orgs int, changed int64) {
	b.Helper()
	at := path(i, "/match")
	one := b.get(at+"?kind=organizations&record="+fmt.Sprint(changed)).wants(http.StatusOK).says("1 field would change", "555 0199", "Bought by mistake", "Reconnect")
	if one.count(`name="record"`) != 1 {
		b.Errorf("the page of one record shows %d", one.count(`name="record"`))
	}
	b.get(at + "?kind=organizations&record=none").wants(http.StatusOK).says("This record doesn't wait.")
	b.get(at + "?kind=documents").wants(http.StatusUnprocessableEntity)
	b.get(at+"?kind=contacts").wants(http.StatusOK).says("No contact waits by itself.", "match the organization again, and its contacts come back with it")
	page := b.get(at).wants(http.StatusOK).says("Reconnect all "+some(orgs, "organization"), "Make new items…")
	var records []string
	for _, f := range inputs(b.T, page.body) {
		if f.name == "record" && f.value != fmt.Sprint(changed) {
			records = append(records, f.value)
		}
	}
	if len(records) < 4 {
		b.Fatalf("only %d records wait", len(records))
	}
	b.post(at, with("kind", "organizations")).wants(http.StatusUnprocessableEntity).says("Nothing was chosen.")
	b.post(at, with("kind", "organizations", "record", records[0], "do", "odd")).wants(http.StatusUnprocessableEntity)

	p := b.confirm(b.post(at, with("kind", "organizations", "reconnect", fmt.Sprint(changed))).planned())
	if p.Action != mainstay.ActionReconnect || p.Done < 1 || p.Counts.Of(mainstay.Organization.Name).Apply != 1 {
		b.Fatalf("%s: %+v", p.Title(), p.Counts)
	}
	if i := b.stored(mainstay.Ref{Kind: mainstay.Organization.Name, ID: b.planned1(p)}); i.Sync != mainstay.Syncing || i.Values.Text("phone") != "555 0199" {
		b.Errorf("reconnected: %s with phone %q", i.Sync, i.Values.Text("phone"))
	}
	b.get(planPath(p, "")).wants(http.StatusOK).says("reconnected", "Undo: disconnect")

	ask := b.post(at, with("kind", "organizations", "anew", records[0])).wants(http.StatusOK).says("Make new items of 1 record", "makes new items of them, beside the old ones", "Leave it out")
	again := url.Values{}
	for _, f := range inputs(b.T, ask.body) {
		again.Add(f.name, f.value)
	}
	b.post(at+"/anew", again).leads(at + "?kind=organizations")
	b.get(at).wants(http.StatusOK).says("The next full sync makes")
	b.post(at+"/anew", again).wants(http.StatusNotFound)
	if run := b.sync(i); run.Counts.Created == 0 || run.Counts.Waiting != orgs-2 {
		b.Fatalf("after letting one go: %+v", run.Counts)
	}
	draft := b.post(at, with("kind", "organizations", "do", "reconnect", "record", records[1], "record", records[2])).planned()
	if draft.Counts.Of(mainstay.Organization.Name).Apply != 2 {
		b.Errorf("two were chosen: %+v", draft.Counts)
	}
	b.post(planPath(draft, "/discard"), nil).leads(at + "?kind=organizations")
	p = b.confirm(b.post(at, with("kind", "organizations", "do", "all", "seen", plain(orgs-2))).planned())
	if p.Message != "" || p.Counts.Of(mainstay.Organization.Name).Apply != orgs-2 {
		b.Errorf("all that wait: %+v %s", p.Counts, p.Message)
	}
	if run := b.sync(i); run.Counts.Waiting+run.Counts.Created+run.Counts.Orphaned != 0 || run.State != mainstay.RunComplete {
		b.Errorf("nothing is left, but %+v", run.Counts)
	}
	if n := len(b.psa.Writes()); n != 0 {
		b.Errorf("%d writes to the PSA", n)
	}
}

// planned1 is the organization of a plan about one.
func (o *office) planned1(p mainstay.Plan) (id mainstay.ItemID) {
	o.Helper()
	o.read(func(t *store.Tx) error {
		lines, err := t.PlanItems(o.Context(), p.ID, 0, false, 100)
		for _, l := range lines {
			if l.Kind == mainstay.Organization.Name {
				id = l.ItemID
			}
		}
		return err
	})
	return id
}

func some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return mainstay.Thousands(n) + " " + noun + "s"
}

// TestDisconnect_partly: a Manager who sees a part is refused where everything is
// concerned, with the numbers, and works on what they see.
func TestDisconnect_partly(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		all := o.find(&mainstay.Organization, "type: Prospect")
		var half []mainstay.ItemID
		for _, r := range all[:len(all)/2] {
			half = append(half, r.ID)
		}
		max := o.hire("max@example.com", mainstay.Manager, half...)
		at := o.classPage(i, "Prospect")
		max.get(path(i, "/manage-data")).wants(http.StatusOK).says("Disconnect…")
		max.get(at).wants(http.StatusOK).says("This concerns every organization, and you can open only some.", "You can open", fmt.Sprint("Organizations ", len(half), " ", len(all))).hides("Plan to")
		for _, choice := range []string{"pause", "disconnect"} {
			max.post(at, with("choice", choice)).wants(http.StatusForbidden).says("you can open only some")
		}
		max.get(path(i, "/remove")).wants(http.StatusOK).says("you can open only some", "In all")
		max.post(path(i, "/remove"), with("choice", "remove")).wants(http.StatusForbidden)
		if o.integrations()[0].Settings.Version != i.Settings.Version+2 {
			o.Fatal("a refused person changed the settings")
		}

		form := all2("disconnect", &mainstay.Organization, "type: Prospect", plain(len(half)))
		form.Set("note", "Mine")
		p := max.post("/changes", form).planned()
		if got := p.Counts.Of(mainstay.Organization.Name); got.Apply != len(half) || got.Hidden != len(all)-len(half) || p.Params.Note != "Mine" {
			o.Fatalf("%+v", p.Counts)
		}
		max.get(planPath(p, "")).wants(http.StatusOK).says("more are in organizations you can't open")
		max.confirm(p)
		if n := o.number("sync status: disconnected"); n != len(half) {
			o.Fatalf("%d are disconnected, %d were chosen", n, len(half))
		}
		max.get(organizationPath(half[0], "")).wants(http.StatusOK).says("Disconnected from ConnectWise PSA by Mr max@example.com")
		rest := with("action", "disconnect", "kind", "organization", "scope", "ids", "id", idText(all[len(all)-1].ID))
		max.post("/changes", rest).wants(http.StatusNotFound).says("Nothing linked matches")

		if run := ann.sync(i); run.Counts.Waiting != len(half) {
			o.Fatalf("%+v", run.Counts)
		}
		other := ann.confirm(ann.post("/changes", rest).planned())
		if other.Done == 0 {
			o.Fatalf("%+v", other)
		}
		ann.sync(i)
		max.get(path(i, "/match")).wants(http.StatusOK).says("Reconnect all "+some(len(half), "organization"), "1 more wait in organizations you can't open.").hides(all[len(all)-1].Name)
		again := max.post(path(i, "/match"), with("kind", "organizations", "do", "all", "seen", plain(len(half)))).planned()
		if again.Counts.Of(mainstay.Organization.Name).Apply != len(half) {
			o.Errorf("%+v", again.Counts)
		}
		for _, role := range []mainstay.Role{mainstay.Editor, mainstay.ReadOnly} {
			b := o.hire(string(role)+"@example.com", role)
			b.get(organizationPath(half[0], "")).wants(http.StatusOK).says("Disconnected from ConnectWise PSA").hides("Match again…")
			b.post("/changes", rest).wants(http.StatusForbidden)
			b.post(path(i, "/match"), with("kind", "organizations", "do", "all")).wants(http.StatusForbidden)
		}
	})
}

// all2 is the form that "select all that match" sends for an action.
func all2(action string, k *mainstay.Kind, q, seen string) url.Values {
	v := url.Values(all(k, q, seen))
	v.Set("action", action)
	return v
}

// TestDisconnect_organization: the button of an organization, and deleting what
// was disconnected.
func TestDisconnect_organization(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		org := o.find(&mainstay.Organization, "type: Client has: contacts")[0]
		at := organizationPath(org.ID, "/disconnect")
		ann.get(organizationPath(org.ID, "")).wants(http.StatusOK).says("Disconnect…")
		ann.get(at).wants(http.StatusOK).says("Disconnect "+org.Name+" from ConnectWise PSA", "Disconnect it with what it holds, and keep all data", "Match again")
		ann.post(at, with("note", strings.Repeat("x", mainstay.MaxNote+1))).wants(http.StatusUnprocessableEntity).says("Keep the reason under")
		p := ann.confirm(ann.post(at, with("note", "Left us")).planned())
		if p.Counts.Of(mainstay.Organization.Name).Apply != 1 || p.Done < 2 {
			o.Fatalf("%+v", p.Counts)
		}
		ann.get(at).wants(http.StatusConflict).says("nothing to disconnect")
		ann.post(at, nil).wants(http.StatusConflict)
		ann.get("/organizations/99999/disconnect").wants(http.StatusNotFound)

		del := ann.post("/changes", all2("delete", &mainstay.Organization, "sync status: disconnected", "1")).planned()
		ann.get(planPath(del, "")).wants(http.StatusOK).says("disconnected, so no sync brings them back")
		if del.Counts.Total().Unlinked != p.Done || del.Friction < mainstay.FrictionPhrase {
			o.Errorf("%d of %d count as disconnected, friction %d", del.Counts.Total().Unlinked, p.Done, del.Friction)
		}
		ann.sync(i)
		ann.confirm(del)
		ann.get(path(i, "/match")).wants(http.StatusOK).says("Its item, "+org.Name+", lies in Trash.", "Look in Trash", "Make a new item…")
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("1 wait")
	})
}

// TestRemoveIntegration removes a connection, sees what stays, brings it back by
// undoing, and connects it again after a second removal.
func TestRemoveIntegration(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		linked := o.number("sync status: syncing")
		at := path(i, "/remove")
		ann.get(path(i, "")).wants(http.StatusOK).says("Disconnect integration…")
		ann.get(at).wants(http.StatusOK).says("Disconnect ConnectWise PSA", "Pause all syncing and keep everything", "Remove the integration but keep all data", "credentials are deleted", "Or connect the same PSA again at any time")
		ann.post(at, nil).wants(http.StatusUnprocessableEntity).says("Choose what happens to the integration.")
		ann.post(at, with("choice", "pause")).leads(path(i, ""))
		ann.get(at).wants(http.StatusOK).says("It is paused already")
		ann.post(path(i, "/resume"), nil).leads(path(i, ""))

		p := ann.post(at, with("choice", "remove", "note", "New PSA")).planned()
		page := ann.get(planPath(p, "")).wants(http.StatusOK).says("all of ConnectWise PSA", "To confirm, type", p.Phrase, "The integration and its credentials are removed")
		if p.Phrase == "" || page.count("data-phrase") != 1 {
			o.Error("removing asks for no phrase")
		}
		ann.post(planPath(p, "/confirm"), with("fingerprint", p.Fingerprint, "phrase", "yes")).wants(http.StatusUnprocessableEntity)
		p = ann.confirm(p)
		if n := len(o.integrations()); n != 0 || o.number("sync status: disconnected") != linked {
			o.Fatalf("%d integrations stand, %d organizations are disconnected", n, o.number("sync status: disconnected"))
		}
		ann.get("/account/integrations").wants(http.StatusOK).says("Removed", "removed by Mr ann@example.com", "Connect again", "disconnected item")
		ann.get(path(i, "")).wants(http.StatusOK).says("This integration was removed.", some(linked, "organization"), "To take the removal back, undo")
		for _, gone := range []string{"/edit", "/pause", "/sync-settings", "/manage-data", "/match", "/remove"} {
			ann.get(path(i, gone)).wants(http.StatusNotFound)
		}
		ann.get(path(i, "/log")).wants(http.StatusOK).hides("Sync now")
		ann.post(path(i, "/sync"), nil).wants(http.StatusNotFound).says("was removed by")
		ann.post(path(i, "/resume"), nil).wants(http.StatusNotFound)
		ann.get("/jobs").wants(http.StatusOK).says("Sync of ConnectWise PSA")
		ann.get("/").wants(http.StatusOK).hides("is paused")
		if n := o.number(`integration: "ConnectWise PSA" sync status: disconnected`); n != linked {
			o.Errorf("the filter by integration finds %d of %d", n, linked)
		}
		one := o.find(&mainstay.Organization, "sync status: disconnected")[0]
		ann.get(organizationPath(one.ID, "")).wants(http.StatusOK).says("removed ConnectWise PSA", "New PSA", "Connecting the same PSA again finds the record.").hides("Match again…")

		ann.undo(p)
		ann.get("/account/integrations").wants(http.StatusOK).says("No credentials", "Enter credentials", "since its removal was undone")
		ann.post(path(i, "/resume"), nil).wants(http.StatusConflict).says("has no credentials")
		if o.number("sync status: syncing") != linked {
			o.Errorf("%d organizations sync, %d did", o.number("sync status: syncing"), linked)
		}
		ann.post(path(i, "/edit"), ann.credentials("save")).leads(path(i, ""))
		ann.post(path(i, "/resume"), nil).leads(path(i, ""))
		if run := ann.sync(i); run.State != mainstay.RunComplete || run.Counts.Created+run.Counts.Orphaned != 0 {
			o.Fatalf("%s %+v %s", run.State, run.Counts, run.Message)
		}
		ann.again(i, linked)
	})
}

// again removes the connection and connects the same PSA anew.
func (b *browser) again(i mainstay.Integration, linked int) {
	b.Helper()
	b.confirm(b.post(path(i, "/remove"), with("choice", "remove")).planned())
	form := b.get("/account/integrations/new?connector=connectwise&again=" + fmt.Sprint(i.ID)).wants(http.StatusOK)
	if form.value("opt.url") != b.psaURL || form.value("opt.private-key") != "" {
		b.Errorf("the form begins with %q and %q", form.value("opt.url"), form.value("opt.private-key"))
	}
	b.get("/account/integrations/new?connector=connectwise&again=999").wants(http.StatusNotFound)
	b.post("/account/integrations/new?connector=connectwise", b.credentials("save")).wants(http.StatusSeeOther)
	b.work()
	in := b.boxes(i, "organizations")
	in.Set("confirmed", "0")
	b.post(path(i, "/sync-settings/organizations"), in).wants(http.StatusSeeOther)
	if run := b.sync(i); run.Counts.Waiting != linked || run.Counts.Created != 0 {
		b.Fatalf("connected again: %+v, %d were linked", run.Counts, linked)
	}
	p := b.confirm(b.post(path(i, "/match"), with("kind", "organizations", "do", "all", "seen", plain(linked))).planned())
	if b.number("sync status: syncing") != linked {
		b.Errorf("matched again: %+v", p.Counts)
	}
}
