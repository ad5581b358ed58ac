package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
)

func TestConnect(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		b.get("/account/integrations").wants(http.StatusOK).says("Connect your PSA first.", "ConnectWise PSA")
		const address = "/account/integrations/new?connector=connectwise"
		b.get(address).wants(http.StatusOK).says("Private key", "Connecting reads from your PSA and never writes to it.")

		in := b.credentials("test")
		in.Set("opt.company", "")
		b.post(address, in).wants(http.StatusUnprocessableEntity).says("Enter the Company.")
		in = b.credentials("save")
		in.Set("opt.private-key", "a wrong key 8832")
		b.post(address, in).wants(http.StatusUnprocessableEntity).says("Connection test", "Failed").hides("a wrong key 8832")
		b.post(address, b.credentials("test")).wants(http.StatusOK).says("Passed")
		if n := len(b.integrations()); n != 0 {
			o.Fatalf("a test stored %d integrations", n)
		}

		i := b.connected()
		b.get(path(i, "/sync-settings")).wants(http.StatusOK).says("Client", "Prospect", "No changes yet.")
		b.post(address, b.credentials("save")).wants(http.StatusUnprocessableEntity).says("is connected already")
		if run := b.work(); run.State != mainstay.RunComplete || run.Counts.Created != 0 {
			o.Fatalf("the first look: %s %+v %s", run.State, run.Counts, run.Message)
		}
		b.get(path(i, "")).wants(http.StatusOK).says("ConnectWise PSA", "Company", "Sync now").hides(o.psa.Config().PrivateKey)

		edit := b.credentials("save")
		edit.Set("name", "Our PSA")
		edit.Del("opt.private-key")
		b.post(path(i, "/edit"), edit).leads(path(i, ""))
		edit.Set("opt.url", "https://elsewhere.example")
		b.post(path(i, "/edit"), edit).wants(http.StatusUnprocessableEntity).says("Enter the private key again, because address changed.")
		if got := b.integrations()[0]; got.Name != "Our PSA" || got.Options["url"] != o.psaURL {
			o.Errorf("stored: %+v", got)
		}

		b.fragment(http.MethodGet, path(i, "/pause"), nil).wants(http.StatusOK).says("Pause all syncing from Our PSA", "Nothing becomes orphaned.")
		b.post(path(i, "/pause"), nil).leads(path(i, ""))
		b.get(path(i, "")).says("Paused", "Syncing is paused")
		b.post(path(i, "/sync"), nil).wants(http.StatusConflict).says("is paused by")
		b.post(path(i, "/resume"), nil).leads(path(i, ""))
	})
}

func (o *office) integrations() []mainstay.Integration {
	o.Helper()
	var all []mainstay.Integration
	o.read(func(t *store.Tx) (err error) { all, err = t.Integrations(o.Context()); return err })
	return all
}

// TestSyncSettings unticks a type: what would change is shown before, asked
// again over the limit, and is what the next full sync does.
func TestSyncSettings(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		i := b.connected()
		b.work()
		b.everythingSyncs(i)
		all, less := b.boxes(i, "organizations"), b.boxes(i, "organizations", "Prospect")
		tab := path(i, "/sync-settings/organizations")

		const several = "The boxes count a record of several types in each, and one ticked type keeps it syncing."
		same := b.fragment(http.MethodPost, tab+"/preview", all).wants(http.StatusOK).says("No changes yet.").hides("<html")
		if !strings.HasPrefix(strings.TrimSpace(same.body), "<aside") {
			o.Errorf("the preview begins with %.40q", same.body)
		}
		b.fragment(http.MethodPost, tab+"/preview", less).wants(http.StatusOK).says("organizations become orphaned", "This is a lot.", "Save and orphan").hides(several)
		b.fragment(http.MethodPost, tab+"/preview", b.boxes(i, "organizations", "Vendor")).wants(http.StatusOK).says(several)
		b.post(tab+"/preview", less).wants(http.StatusOK).says("Save settings", "organizations become orphaned")
		b.post(tab+"/preview", url.Values{"pair": {"77777/1"}}).wants(http.StatusUnprocessableEntity).says("The PSA has no such type and status any more.")
		b.post(tab+"/preview", url.Values{"pair": {"nonsense"}}).wants(http.StatusUnprocessableEntity)

		ask := b.post(tab, less).wants(http.StatusOK).says("Save and orphan", "Nothing is deleted.")
		again := url.Values{}
		for _, f := range inputs(o.T, ask.body) {
			again.Add(f.name, f.value)
		}
		if n := b.integrations()[0].Settings.Version; fmt.Sprint(n) != less.Get("version") {
			o.Fatalf("asking saved version %d", n)
		}
		b.post(tab, again).leads(tab)
		waits := " become orphaned at the next full sync; none is scheduled."
		b.get(tab).wants(http.StatusOK).says("Settings saved", "Saved.", "organizations and ", waits, "Sync now").hides("No changes yet.", "Save and orphan")
		b.fragment(http.MethodPost, tab+"/preview", less).wants(http.StatusOK).says("Saved.", waits)
		b.get(path(i, "/sync-settings/schedule")).wants(http.StatusOK).says(waits)
		b.get("/").wants(http.StatusOK).says("Saved sync settings wait for a full sync", waits).hides("Nothing needs attention.")
		b.post(tab, less).wants(http.StatusConflict).says("Somebody else saved the sync settings meanwhile.")

		effect := b.integrations()[0].Confirmed
		run := b.sync(i)
		if run.State != mainstay.RunComplete || run.Counts.Orphaned != effect || effect == 0 {
			o.Fatalf("agreed to %d orphans: %s %+v %s", effect, run.State, run.Counts, run.Message)
		}
		b.get(fmt.Sprint(path(i, "/log/"), run.ID)).wants(http.StatusOK).says("What became orphaned", "Sync settings changed", "Inside an orphaned organization", "Done", "Review ", " orphaned organizations", "Don't match the settings")
		b.get(path(i, "/log")).wants(http.StatusOK).says("Mr ann@example.com")
		b.get("/jobs").wants(http.StatusOK).says("Sync of ConnectWise PSA", "Done", mainstay.Thousands(effect)+" orphaned")
		b.get("/jobs?state=failed").wants(http.StatusOK).says("Nothing here.")
		b.get("/jobs?state=odd").wants(http.StatusUnprocessableEntity)
		b.get(tab).wants(http.StatusOK).says("No changes yet.", "A company may have several types").hides(waits)
		b.get("/").wants(http.StatusOK).hides("Saved sync settings wait")
		b.get("/").wants(http.StatusOK).says("Needs attention", "more items are orphaned", "No verified backup of the last day").hides("Connect your PSA first")

		quiet := b.sync(i)
		b.get(fmt.Sprint(path(i, "/log/"), quiet.ID)).wants(http.StatusOK).hides("Review ")
		orphan := o.find(&mainstay.Organization, "sync status: orphaned reason: setting")[0].Item
		b.get(itemPath(orphan, "")).wants(http.StatusOK).says("Organization is orphaned. Type Prospect", "was unticked in Sync settings. Unticked by Mr ann@example.com, "+orphan.Since.Std().UTC().Format("2 Jan "), "Or delete it here: ConnectWise PSA isn't changed.").
			hides(itemPath(orphan, "/sync") + `"`)
		plan := b.planAll(&mainstay.Organization)
		b.get(planPath(plan, "")).wants(http.StatusOK).says("Their type and status are unticked, so no sync brings them back.")
		inside := b.planAll(&mainstay.Contact)
		b.get(planPath(inside, "")).wants(http.StatusOK).hides("so no sync brings them back", "still match the settings")

		b.get(path(i, "/sync-settings/contacts")).wants(http.StatusOK).says("in the PSA, of all its companies;", "sync here")
		b.fragment(http.MethodPost, path(i, "/sync-settings/contacts/preview"), url.Values{"locations": {"true"}}).wants(http.StatusOK).says("contacts and locations become orphaned")
		version := url.Values{"version": {fmt.Sprint(b.integrations()[0].Settings.Version)}, "interval": {"7"}}
		b.post(path(i, "/sync-settings/schedule"), version).wants(http.StatusUnprocessableEntity).says("A full sync runs every 15 minutes to 7 days")
		version.Set("interval", "60")
		b.post(path(i, "/sync-settings/schedule"), version).leads(path(i, "/sync-settings/schedule"))
		b.get(path(i, "/sync-settings/else")).wants(http.StatusNotFound)
		counted := b.post(tab+"/count", all).wants(http.StatusOK).says("Syncing ConnectWise PSA")
		ticked := func(page string) (n int) {
			for _, x := range nodes(o.T, page) {
				if attribute(x, "name") == "pair" && slices.ContainsFunc(x.Attr, func(a html.Attribute) bool { return a.Key == "checked" }) {
					n++
				}
			}
			return n
		}
		if got := ticked(counted.body); got != len(all["pair"]) {
			o.Errorf("counting again kept %d ticks of %d", got, len(all["pair"]))
		}
		all.Set("version", fmt.Sprint(b.integrations()[0].Settings.Version))
		b.post(tab, all).leads(tab)
		b.get(planPath(plan, "")).wants(http.StatusOK).says("of these records still match the settings and come back as new items").hides("so no sync brings them back")
	})
}

// planAll plans the deletion of all orphans of a kind by the button of their list.
func (b *browser) planAll(k *mainstay.Kind) mainstay.Plan {
	b.Helper()
	page := b.get("/" + k.Plural + "?q=sync+status%3A+orphaned").wants(http.StatusOK).says("Plan deletion of all")
	b.get("/" + k.Plural + "?q=sync+status%3A+orphaned,+syncing").wants(http.StatusOK).hides("Plan deletion of all")
	in := url.Values{}
	for _, form := range nodes(b.T, page.body) {
		if form.Data == "form" && attribute(form, "id") == "plan-all" {
			for n := range form.Descendants() {
				if n.Data == "input" {
					in.Add(attribute(n, "name"), attribute(n, "value"))
				}
			}
		}
	}
	return b.post("/changes", in).planned()
}

func TestManageData(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		i := b.connected()
		b.work()
		b.everythingSyncs(i)
		gone := o.psa.CompaniesOfType("Vendor")[0]
		o.psa.MarkDeleted(gone, true)
		b.sync(i)
		_, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: "Handmade", Values: mainstay.Values{}})
		o.must(err)

		for text, to := range map[string]string{"sync+settings": "/sync-settings", "manage+data": "/manage-data", "disconnect": "/manage-data"} {
			b.get("/search/suggest?q=" + text).wants(http.StatusOK).says("ConnectWise PSA").links(path(i, to))
		}
		page := b.get(path(i, "/manage-data")).wants(http.StatusOK).says("Synced items", "Client", "Prospect", "Orphaned data", "deleted in the PSA", "Disconnected data", "Plan deletion", "Back up now")
		b.get(path(i, "/manage-data?group=status&kind=configurations")).wants(http.StatusOK).says("By status")
		const several = "of several types count once here, by the type that their page shows. Sync settings counts their companies in each type"
		page.says("Organizations " + several)
		b.get(path(i, "/manage-data?group=status")).wants(http.StatusOK).hides(several)
		b.get(path(i, "/manage-data?kind=contacts")).wants(http.StatusOK).says("All contacts").hides(several)
		b.get(path(i, "/manage-data?kind=documents")).wants(http.StatusUnprocessableEntity)
		b.get(path(i, "/manage-data/rows/organization-type-99999")).wants(http.StatusNotFound)

		var row string
		for _, l := range links(o.T, page.body) {
			if strings.Contains(l, "/rows/organization-type-") && b.get(l).wants(http.StatusOK).heading() == "Prospect" {
				row = l
			}
		}
		list := b.get(row).wants(http.StatusOK).says("Prospect", "organizations", "Back")
		b.get(row + "?q=sync+stauts%3A+x").wants(http.StatusOK).says("isn't a filter")
		b.get(row + "?q=zzzzzz").wants(http.StatusOK).says("Nothing to show here.")
		first := ""
		for _, l := range hrefs(o.T, list.body) {
			if id, ok := strings.CutPrefix(l, "/organizations/"); ok && first == "" && !strings.Contains(id, "/") {
				first = id
			}
		}
		id, err := mainstay.ParseItemID(first)
		o.must(err)

		max := b.hire("max@example.com", mainstay.Manager, id)
		max.get(row).wants(http.StatusOK).says("You can see 1 of")
		max.get(path(i, "/sync-settings")).wants(http.StatusOK).says("you can open only some")
		b.get(path(i, "/manage-data/rows/organization-unlinked")).wants(http.StatusOK).says("Handmade", "1 organization")
	})
}

func (a *answer) heading() string {
	for _, n := range nodes(a.T, a.body) {
		if n.Data == "h1" && n.FirstChild != nil {
			return strings.TrimSpace(n.FirstChild.Data)
		}
	}
	return ""
}

// TestHeldRun decides about a sync that a guard stopped.
func TestHeldRun(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		i := b.connected()
		b.work()
		b.everythingSyncs(i)
		inactive := o.psa.CompaniesOfType("Vendor")
		for _, id := range o.psa.CompaniesOfType("Prospect") {
			o.psa.MarkDeleted(id, true)
		}
		run := b.sync(i)
		if run.State != mainstay.RunHeld {
			o.Fatalf("the run is %s: %s", run.State, run.Message)
		}
		at := fmt.Sprint(path(i, "/log/"), run.ID)
		b.get(at).wants(http.StatusOK).says("This sync is held for you", "Deleted in the PSA", "Keep everything as it is")
		b.get("/").wants(http.StatusOK).says("A sync is held for you")
		b.get(path(i, "")).wants(http.StatusOK).says("A sync is held for you.")
		csv := b.get(at + "/candidates.csv").wants(http.StatusOK)
		if lines := strings.Count(csv.body, "\n"); lines != run.Counts.Candidates+1 || !strings.HasPrefix(csv.body, "id,kind,psa id,name,reason,evidence\n") {
			o.Errorf("%d lines for %d candidates: %.80q", lines, run.Counts.Candidates, csv.body)
		}
		own, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: "Handmade", Values: mainstay.Values{}})
		o.must(err)
		max := b.hire("max@example.com", mainstay.Manager, own.ID)
		max.get(at).wants(http.StatusOK).hides("Show some of them")
		if rows := strings.Count(max.get(at+"/candidates.csv").wants(http.StatusOK).body, "\n"); rows != 1 {
			o.Errorf("a person without access downloads %d lines", rows)
		}
		max.post(at+"/accept", nil).wants(http.StatusForbidden)
		b.fragment(http.MethodGet, at+"/accept?reason=deleted", nil).wants(http.StatusOK).says("Mark items as orphaned", "Organizations: deleted in the PSA")
		b.get(at + "/accept?reason=odd").wants(http.StatusUnprocessableEntity)
		b.post(at+"/reject", nil).leads(at)
		b.get(at).wants(http.StatusOK).says("Kept everything", "Kept by Mr ann@example.com")
		b.post(at+"/accept", nil).wants(http.StatusConflict).says("no longer held")

		again := b.sync(i)
		at = fmt.Sprint(path(i, "/log/"), again.ID)
		b.post(at+"/accept", url.Values{"reason": {"deleted"}}).leads(at)
		if done := b.work(); done.State != mainstay.RunComplete || done.Counts.Orphaned == 0 {
			o.Fatalf("accepted: %s %+v %s", done.State, done.Counts, done.Message)
		}
		if _, there := o.psa.Company(inactive[0]); !there || len(o.psa.Writes()) != 0 {
			o.Errorf("the PSA was changed: %v", o.psa.Writes())
		}
	})
}

// TestRunLive follows a run by events and by polling until it has ended.
func TestRunLive(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		i := b.connected()
		var run mainstay.Run
		o.read(func(t *store.Tx) error {
			active, err := t.ActiveRuns(o.Context())
			run = active[0]
			return err
		})
		at := fmt.Sprint(path(i, "/log/"), run.ID)
		b.get(at).wants(http.StatusOK).says("Cancel sync")
		b.get("/jobs/pill").wants(http.StatusOK).says("Syncing ConnectWise PSA")
		if a := b.get(at + "/progress").wants(http.StatusOK).hides("<html"); a.Header().Get("HX-Refresh") != "" {
			o.Error("a run under way asks for a new page")
		}
		ctx, stop := context.WithTimeout(o.Context(), 30*time.Second)
		defer stop()
		done := make(chan *answer)
		go func() { done <- b.send(httptest.NewRequestWithContext(ctx, http.MethodGet, at+"/events", nil)) }()
		o.work()
		events := <-done
		if events.Header().Get("Content-Type") != "text/event-stream" || !strings.HasSuffix(events.body, "event: finished\ndata:\n\n") || !strings.Contains(events.body, `data: `) {
			o.Errorf("the events end with %q", events.body[max(0, len(events.body)-80):])
		}
		if a := b.get(at + "/progress").wants(http.StatusOK); a.Header().Get("HX-Refresh") != "true" {
			o.Error("a run that ended asks for no new page")
		}
		b.get(at).wants(http.StatusOK).hides("Cancel sync")
		b.get(path(i, "/log/999")).wants(http.StatusNotFound)
		b.post(at+"/cancel", nil).wants(http.StatusConflict)
		b.post(path(i, "/sync"), nil).wants(http.StatusSeeOther)
		next := fmt.Sprint(path(i, "/log/"), run.ID+1)
		b.post(path(i, "/sync"), nil).leads(next)
		b.post("/account/integrations/sync", nil).leads(next)
		b.post(next+"/cancel", nil).leads(next)
		if ended := b.work(); ended.State != mainstay.RunCancelled {
			o.Errorf("the cancelled run is %s", ended.State)
		}
		o.psa.Deny(simulator.Companies)
		b.sync(i)
		b.get("/").wants(http.StatusOK).says("Needs attention")
		b.get("/jobs?state=failed").wants(http.StatusOK).says("Sync of ConnectWise PSA")
	})
}
