package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"mainstay"
)

// disconnected is an installation whose Prospects were disconnected, orgs of them;
// boxes ticks everything again.
func disconnected(t *testing.T, fn func(o *office, ann *browser, i mainstay.Integration, orgs int, boxes url.Values)) {
	t.Helper()
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		boxes := ann.boxes(i, "organizations")
		p := ann.confirm(ann.post(o.classPage(i, "Prospect"), with("choice", "disconnect")).planned())
		boxes.Set("version", fmt.Sprint(o.integrations()[0].Settings.Version))
		fn(o, ann, i, p.Counts.Of(mainstay.Organization.Name).Apply, boxes)
	})
}

// TestSyncSettings_waiting: ticking a type again whose organizations were
// disconnected leads on as unticking does.
func TestSyncSettings_waiting(t *testing.T) {
	disconnected(t, func(o *office, ann *browser, i mainstay.Integration, orgs int, boxes url.Values) {
		tab := path(i, "/sync-settings/organizations")
		ann.post(tab, boxes).leads(tab)
		waits, comes := some(orgs, "organization")+" wait to be matched again.", some(orgs, "organization")+" come up in Match again at the next full sync; none is scheduled."
		ann.get(tab).wants(http.StatusOK).says("Saved.", comes, "Sync now", waits, "Match again…").hides("No changes yet.")
		ann.get("/").wants(http.StatusOK).says("Saved sync settings wait for a full sync", comes)
		ann.get("/activity").wants(http.StatusOK).says("Ticked organizations of type Prospect. "+some(orgs, "organization")+", ", "that were disconnected will wait to be matched again").hides("0 items")
		ann.sync(i)
		ann.get(tab).wants(http.StatusOK).says("No changes yet.", waits, "Match again…").hides("Saved.", comes)
	})
}
