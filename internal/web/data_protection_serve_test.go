package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

const (
	protectionPath = "/account/data-protection"
	youSwitchOn    = "Bulk deletion of items that still sync is switched off for this account; you can switch it on in Account > Data protection."
	switchedOff    = "Bulk deletion of items that still sync is switched off for this account; Mr ann@example.com or Mr bea@example.com can switch it on in Account > Data protection."
)

// TestDataProtection switches on and off: with a reason, for a limited time,
// told to every Administrator, seen by everybody who may use it, on every page.
func TestDataProtection(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, bea := o.hire("ann@example.com", mainstay.Administrator), o.hire("bea@example.com", mainstay.Administrator)
		max, eva := o.hire("max@example.com", mainstay.Manager), o.hire("eva@example.com", mainstay.Editor)
		ann.get(protectionPath).wants(http.StatusOK).says("You can switch it on here.", "Off", "Switch it on", "It has never been switched on.")
		max.get(protectionPath).wants(http.StatusOK).says(switchedOff).hides("Switch it on")
		eva.get(protectionPath).wants(http.StatusForbidden)
		for _, b := range []*browser{max, eva} {
			b.post(protectionPath+"/on", with("reason", "x", "for", "60")).wants(http.StatusForbidden)
			b.post(protectionPath+"/off", nil).wants(http.StatusForbidden)
		}
		for _, bad := range [][]string{{"for", "60"}, {"reason", "  ", "for", "60"}, {"reason", "x", "for", "14"}, {"reason", "x", "for", "10081"}, {"reason", "x", "for", "y"}} {
			ann.post(protectionPath+"/on", with(bad...)).wants(http.StatusUnprocessableEntity)
		}
		ann.post(protectionPath+"/on", with("reason", "x", "for", "5")).says("15 minutes to 7 days")
		ann.get("/").hides("Bulk deletion of items that still sync is on")

		ann.post(protectionPath+"/on", with("reason", "The year's clean-up")).leads(protectionPath)
		for _, path := range []string{"/", "/organizations", "/me", protectionPath, "/help/shortcuts"} {
			ann.get(path).wants(http.StatusOK).says("Bulk deletion of items that still sync is on until", "Mr ann@example.com: The year's clean-up", "Switch off now")
			max.get(path).wants(http.StatusOK).says("Bulk deletion of items that still sync is on until", "The year's clean-up", "Details").hides("Switch off now")
			eva.get("/").wants(http.StatusOK).hides("Bulk deletion of items that still sync is on")
		}
		ann.get(protectionPath).says("in 23 h", "switched it on", "Give it another reason or end")
		for b, who := range map[*browser]string{ann: "You", bea: "Mr ann@example.com"} {
			page := b.get("/").says("For you", who+" switched on bulk deletion of items that still sync until", "The year's clean-up", "Got it")
			got := ""
			for _, a := range actions(t, page.body) {
				if strings.HasSuffix(a, "/seen") {
					got = a
				}
			}
			max.post(got, nil).leads("/")
			b.get("/").says("Got it")
			b.post(got, nil).leads("/")
			b.get("/").hides("Got it")
		}
		max.get("/").hides("Got it")

		form := ann.get(protectionPath)
		if form.count("year&#39;s clean-up</textarea>") != 1 || form.count(`value="keep" selected`) != 1 {
			o.Errorf("the form doesn't begin with the reason and the end that the switch has:\n%s", form.body)
		}
		ends := o.bulkDeletion().Until
		ann.post(protectionPath+"/on", with("reason", "Still the clean-up", "for", "keep")).leads(protectionPath)
		if b := o.bulkDeletion(); b.Until != ends || b.Reason != "Still the clean-up" {
			o.Errorf("kept its end: %+v, was %v", b, ends)
		}
		bea.post(protectionPath+"/off", nil).leads(protectionPath)
		ann.post(protectionPath+"/on", with("reason", "x", "for", "keep")).wants(http.StatusUnprocessableEntity).says("isn't on any more")
		ann.get("/").hides("Bulk deletion of items that still sync is on").says("Mr bea@example.com switched off bulk deletion of items that still sync.")
		ann.post(protectionPath+"/on", with("reason", "Once more", "for", "15")).leads(protectionPath)
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error {
			b, err := t.BulkDeletion(o.Context())
			b.Until = t.Now() - 1
			if err != nil {
				return err
			}
			return t.SetBulkDeletion(o.Context(), b)
		}))
		max.get("/").hides("Bulk deletion of items that still sync is on")
		max.get(protectionPath).says(switchedOff)
		o.must(o.changes.EndBulkDeletion(o.Context()))
		ann.get(protectionPath).says("It ended by itself", "switched it off").hides("Mr ann@example.com or")
		ann.get("/").says("Bulk deletion of items that still sync, which you switched on, ended by itself.")
		bea.get("/").says("Bulk deletion of items that still sync, which Mr ann@example.com switched on, ended by itself.")
		ann.get("/activity?q=bulk+deletion").says("Ended Bulk deletion", "Switched on Bulk deletion", "Switched off Bulk deletion")
	})
}

// TestDataProtection_plan: a plan keeps what still syncs and says so; while the
// switch is on a person may take it, and once it is off the plan can't be confirmed.
func TestDataProtection_plan(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		o.hire("bea@example.com", mainstay.Administrator)
		const q = "sync status: syncing"
		n := len(o.find(&mainstay.Organization, q))
		plan := ann.post("/changes", all(&mainstay.Organization, q, fmt.Sprint(n))).planned()
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("still sync or lie in an organization where something does", youSwitchOn, "Everything in this plan is held back").hides("Also take what still syncs")
		ann.post(planPath(plan, "/syncing"), nil).wants(http.StatusConflict).says(switchedOff)
		ann.get("/organizations").hides("Also take what still syncs")

		ann.post(protectionPath+"/on", with("reason", "x")).wants(http.StatusSeeOther)
		ann.get("/organizations").says("Also take what still syncs", fmt.Sprint(n)+" of all that match")
		ann.get("/organizations?q=sync%3A+orphaned").hides("Also take what still syncs")
		ann.get(planPath(plan, "")).says("Also take what still syncs")
		ann.post(planPath(plan, "/syncing"), nil).leads(planPath(plan, ""))
		taken := o.plan(plan.ID)
		held := taken.Counts.Of(mainstay.Organization.Name)
		if held.Apply == 0 || held.Apply+held.Held != n || taken.Phrase == "" || !taken.Params.Syncing {
			o.Fatalf("taken: %+v, phrase %q", held, taken.Phrase)
		}
		ann.get(planPath(plan, "")).says("will come back as new items", "This takes items that still sync.", taken.Phrase).hides("Also take what still syncs")
		ann.post(planPath(plan, "/syncing"), nil).wants(http.StatusConflict)
		direct := all(&mainstay.Organization, q, fmt.Sprint(n))
		direct["syncing"] = []string{"1"}
		if p := ann.post("/changes", direct).planned(); p.Counts.Total() != taken.Counts.Total() {
			o.Errorf("planned with the box ticked: %+v, want %+v", p.Counts.Total(), taken.Counts.Total())
		}
		ann.post(protectionPath+"/off", nil).wants(http.StatusSeeOther)
		ann.get(planPath(plan, "")).wants(http.StatusOK).says(youSwitchOn).hides("id=\"plan-go\"")
		ann.post(planPath(plan, "/confirm"), with("fingerprint", taken.Fingerprint, "phrase", taken.Phrase)).wants(http.StatusConflict).says(switchedOff)
		ann.post(protectionPath+"/on", with("reason", "x")).wants(http.StatusSeeOther)
		ann.post(planPath(plan, "/confirm"), with("fingerprint", taken.Fingerprint, "phrase", taken.Phrase)).leads(planPath(plan, ""))
		if done := o.apply(taken); done.State != mainstay.PlanDone || done.Done != taken.Counts.Total().Apply {
			o.Errorf("%s, %d done: %s", done.State, done.Done, done.Message)
		}
		ann.get(planPath(plan, "")).says("Restored items keep their history and sync as before.")
	})
}

// TestChecks walks through what to look at before a clean-up.
func TestChecks(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		const path = "/account/before-a-cleanup"
		ann, max, eva := o.hire("ann@example.com", mainstay.Administrator), o.hire("max@example.com", mainstay.Manager), o.hire("eva@example.com", mainstay.Editor)
		eva.get(path).wants(http.StatusForbidden)
		ann.get(path).wants(http.StatusOK).says("Not yet.", "There is no verified backup", "has never finished a full sync", "No sync is held", "Nothing else is under way",
			"No matched organization holds hand-made data", "that are orphaned exist only here", "Nothing is protected", "2 people can delete in bulk", "Bulk deletion of items that still sync is off", "Trash keeps everything for 30 days")
		max.get(path).wants(http.StatusOK).hides(`href="/account/backups"`)

		// What each of them turns into.
		matched, orphan := o.onlyHere(in)
		o.must(o.store.Write(o.Context(), func(t *store.Tx) error {
			for _, q := range []string{
				fmt.Sprintf("UPDATE integration SET last_full = %d", int64(t.Now())),
				fmt.Sprintf("INSERT INTO protection VALUES (%d, TRUE, '', '', 0, 0, '', '', 0), (%d, FALSE, '', '', 0, %d, '', '', 0)", orphan, matched, int64(t.Now().Add(time.Hour))),
			} {
				if _, err := t.Exec(o.Context(), q); err != nil {
					return err
				}
			}
			b := mainstay.Backup{State: mainstay.BackupVerified, Items: 360, Created: t.Now().Add(-72 * time.Hour), Verified: t.Now()}
			if err := t.InsertBackup(o.Context(), &b); err != nil {
				return err
			}
			return t.InsertActivity(o.Context(), []mainstay.Activity{{At: t.Now(), Who: "ConnectWise PSA", Verb: "linked", Kind: "organization", ItemID: matched, OrganizationID: matched, Name: "x"}})
		}))
		o.must(o.changes.PauseIntegration(o.Context(), boss(), in.Integration.ID, true))
		ann.post(protectionPath+"/on", with("reason", "Last year's leads")).wants(http.StatusSeeOther)
		ann.get(path).wants(http.StatusOK).says("Look first.", "The last verified backup is 3 days old", "was paused by Ann Boss", "1 organization held hand-made data before the PSA came",
			"1 protected, 1 under legal hold", "Bulk deletion of items that still sync is on", "Last year's leads", "make Managers Editors while you clean up")
		o.must(o.changes.SwitchOffBulkDeletion(o.Context(), boss()))
	})
}

// TestChecks_settings: a type that was unticked after the last full sync is to be
// synced first.
func TestChecks_settings(t *testing.T) {
	synced(t, func(o *office, ann *browser, i mainstay.Integration) {
		const path, in = "/account/before-a-cleanup", "Every integration is in sync"
		ann.get(path).wants(http.StatusOK).says(in)
		p := ann.post(o.classPage(i, "Prospect"), with("choice", "pause")).planned()
		ann.get(path).says(in)
		ann.post(planPath(p, "/confirm"), with("fingerprint", p.Fingerprint, "phrase", p.Phrase)).wants(http.StatusSeeOther)
		o.apply(p)
		ann.get(path).says("1 integration is not in sync", "The sync settings of ConnectWise PSA changed since its last sync", "to become orphaned. Sync first").hides(in).
			links(fmt.Sprintf("/account/integrations/%d", i.ID))
		ann.sync(i)
		ann.get(path).says(in)
	})
}

// onlyHere finds an organization that syncs and one that is orphaned, each with
// something in it that exists only here.
func (o *office) onlyHere(in storetest.Seeded) (syncing, orphaned mainstay.ItemID) {
	o.Helper()
	return o.find(&mainstay.Organization, "sync status: syncing only here: any")[0].ID, o.find(&mainstay.Organization, "sync status: orphaned only here: any")[0].ID
}

// actions lists where the forms of a page post to.
func actions(t testing.TB, page string) []string {
	t.Helper()
	var out []string
	for _, n := range nodes(t, page) {
		if v := attribute(n, "action"); n.Data == "form" && v != "" {
			out = append(out, v)
		}
	}
	return out
}

// bulkDeletion reads the switch.
func (o *office) bulkDeletion() (b mainstay.BulkDeletion) {
	o.Helper()
	o.read(func(t *store.Tx) (err error) { b, err = t.BulkDeletion(o.Context()); return err })
	return b
}
