package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
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

// TestRun_unmatched: a sync tells apart what doesn't match the settings: what has
// an item here, what has none, and what lies inside an organization that waits.
func TestRun_unmatched(t *testing.T) {
	disconnected(t, func(o *office, ann *browser, i mainstay.Integration, orgs int, boxes url.Values) {
		untold := ann.sync(i).Counts
		if untold.OutNew == 0 || untold.OutLinked+untold.OutWaiting != 0 || !untold.Told() {
			o.Fatalf("while unticked: %+v", untold)
		}
		ann.post(path(i, "/sync-settings/organizations"), boxes).wants(http.StatusSeeOther)
		var inside int
		o.read(func(t *store.Tx) error {
			counts, err := t.ClassCounts(o.Context(), i.ID)
			e, effectErr := change.SettingsEffect(o.Context(), t, i.ID, o.integrations()[0].Settings, counts)
			for _, n := range e.Waiting {
				inside += n
			}
			inside -= orgs
			return errors.Join(err, effectErr)
		})
		gone := o.psa.CompaniesOfType("Vendor")[0]
		o.psa.MarkDeleted(gone, true)
		run := ann.sync(i)
		c := run.Counts
		if c.Waiting != orgs || c.OutWaiting != inside || inside == 0 || c.OutLinked == 0 || !c.Told() || c.OutLinked+c.OutNew != c.Unmatched() {
			o.Errorf("%d organizations wait with %d records inside: %+v", orgs, inside, c)
		}
		ann.get(fmt.Sprint(path(i, "/log/"), run.ID)).wants(http.StatusOK).
			says(some(orgs, "record")+" wait to be matched again.", "nor of "+some(inside, "record")+" inside their organizations", "have an item here").hides("every other one")
	})
}

// TestMatch_unticked: while its type is unticked, or no sync followed the settings,
// the pages say what a disconnected organization lacks to be matched again.
func TestMatch_unticked(t *testing.T) {
	disconnected(t, func(o *office, ann *browser, i mainstay.Integration, orgs int, boxes url.Values) {
		settings, match := path(i, "/sync-settings/organizations"), path(i, "/match")
		one := o.find(&mainstay.Organization, "sync status: disconnected")[0]
		manage := ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("Prospect isn't ticked in Sync settings, so they don't wait to be matched again.").hides("Match again…")
		ann.get(organizationPath(one.ID, "")).wants(http.StatusOK).says("Prospect isn't ticked in Sync settings.").links(settings).hides("Match again…")
		ann.get(match).wants(http.StatusOK).says("No organization waits.", "Prospect isn't ticked").links(settings).hides("Sync now")
		manage.links(settings)

		ann.post(settings, boxes).leads(settings)
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("They wait after the next full sync.", "Match again…").hides("isn't ticked")
		ann.get(organizationPath(one.ID, "")).wants(http.StatusOK).says("After the next full sync organization ", "Match again…")
		ann.get(match).wants(http.StatusOK).says("No organization waits yet.", "take "+some(orgs, "organization")+".", "Sync now")
		ann.get(match + "?kind=contacts").wants(http.StatusOK).says("No contact waits by itself.").links(match + "?kind=organizations")

		ann.sync(i)
		ann.get(match).wants(http.StatusOK).says("configurations, contacts and locations follow it").hides("Sync now")
		ann.get(path(i, "/manage-data")).wants(http.StatusOK).says("They follow their organization.").links(match + "?kind=organizations")
	})
}
