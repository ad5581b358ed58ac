package web_test

import (
	"bufio"
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/storetest"
)

// all is the form that "select all that match" sends.
func all(k *mainstay.Kind, q, seen string) map[string][]string {
	return with("action", "delete", "kind", string(k.Name), "scope", "all", "query", q, "seen", seen)
}

func TestPlanReview(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		const q = "sync status: orphaned"
		plan := ann.post("/changes", all(&mainstay.Organization, q, "23")).planned()
		page := ann.get(planPath(plan, "")).wants(http.StatusOK)
		page.says("24 match now, 1 more than when you selected.", "Will be deleted", "Held back", "The plan is current", "No sync is under way", "In ConnectWise PSA", "nothing changes there", q)
		ann.get(planPath(plan, "?by=reason")).wants(http.StatusOK)
		inside := plan.Counts.Total().Held - plan.Counts.Of(mainstay.Organization.Name).Held
		page.says("with " + plain(inside) + " items inside")
		const waits = "Waits for your confirmation"
		ann.get("/jobs").wants(http.StatusOK).says(plan.Title(), waits)
		ann.get("/jobs?state=waiting").wants(http.StatusOK).says(plan.Title(), waits)
		ann.get("/jobs?state=done").wants(http.StatusOK).hides(waits)
		ann.get("/").wants(http.StatusOK).says(plan.Title()+" waits for your confirmation", "Open plan")
		bob := o.hire("bob@example.com", mainstay.Administrator)
		bob.get("/jobs").wants(http.StatusOK).hides(waits)
		bob.get("/").wants(http.StatusOK).hides("waits for your confirmation")
		held := plan.Counts.Of(mainstay.Organization.Name).Held
		if held == 0 {
			o.Fatal("nothing is held back")
		}
		include := ""
		for _, l := range links(t, page.body) {
			if strings.Contains(l, "/include?item=") && include == "" {
				include = l
			}
		}
		ask := ann.fragment(http.MethodGet, include, nil).wants(http.StatusOK).says("Include", "exist", "only here", "Keep it").hides("<html")
		item := ask.value("item")
		ann.get(include).wants(http.StatusOK)
		ann.post(planPath(plan, "/include"), with("item", item)).leads(planPath(plan, ""))
		after := o.plan(plan.ID)
		if after.Counts.Of(mainstay.Organization.Name).Held != held-1 || after.Fingerprint == plan.Fingerprint || after.Friction != mainstay.FrictionPhrase {
			o.Errorf("after including one: %+v, friction %d", after.Counts.Kinds, after.Friction)
		}
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Included by you", "To confirm, type", after.Phrase)
		ann.post(planPath(plan, "/include"), with("item", item)).wants(http.StatusConflict).says("can't be included")
		ann.post(planPath(plan, "/keep"), with("item", item)).leads(planPath(plan, ""))
		ann.get(planPath(plan, "")).wants(http.StatusOK).hides("Included by you")
		ann.get(planPath(plan, "/include?item=999999")).wants(http.StatusNotFound)
		ann.get(planPath(plan, "/include?item=x")).wants(http.StatusNotFound)

		rows, err := csv.NewReader(strings.NewReader(ann.get(planPath(plan, "/list.csv")).wants(http.StatusOK).body)).ReadAll()
		o.must(err)
		total := plan.Counts.Total()
		if len(rows) != total.Apply+total.Held+1 {
			o.Errorf("the exported list has %d lines, want %d", len(rows), total.Apply+total.Held+1)
		}
		ann.post(planPath(plan, "/discard"), nil).leads("/organizations?q=sync+status%3A+orphaned")
		ann.get("/organizations").says("Plan discarded.")
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Discarded")
		ann.post(planPath(plan, "/discard"), nil).wants(http.StatusConflict)
	})
}

func TestPlanRequests(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, eva := o.hire("ann@example.com", mainstay.Administrator), o.hire("eva@example.com", mainstay.Editor)
		for _, bad := range []struct {
			name string
			form map[string][]string
		}{
			{"no action", with("kind", "contact", "scope", "all", "query", "", "seen", "3")},
			{"an unknown action", with("action", "burn", "kind", "contact", "scope", "all", "query", "", "seen", "3")},
			{"no kind", with("action", "delete", "scope", "all", "query", "", "seen", "3")},
			{"no scope", with("action", "delete", "kind", "contact", "query", "", "seen", "3")},
			{"no ids", with("action", "delete", "kind", "contact", "scope", "ids")},
			{"bad ids", with("action", "delete", "kind", "contact", "scope", "ids", "id", "1;2")},
			{"no query at all", with("action", "delete", "kind", "contact", "scope", "all", "seen", "3")},
			{"a query that does not parse", all(&mainstay.Contact, "sync stauts: orphaned", "3")},
			{"nothing seen", all(&mainstay.Contact, "", "")},
			{"a bad count", all(&mainstay.Contact, "", "-3")},
			{"restore of nothing", with("action", "restore")},
			{"purge of nothing", with("action", "purge")},
		} {
			if a := ann.post("/changes", bad.form); a.Code != http.StatusUnprocessableEntity {
				o.Errorf("%s: status %d\n%s", bad.name, a.Code, a.text())
			}
		}
		ann.post("/changes", all(&mainstay.Contact, "nobody here", "3")).wants(http.StatusNotFound)
		eva.post("/changes", all(&mainstay.Contact, "", "3")).wants(http.StatusForbidden)
		max := o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		max.post("/changes", with("action", "delete", "kind", "contact", "scope", "all", "query", "", "seen", "3", "organization", idText(in.Organizations[1]))).wants(http.StatusNotFound)
		plan := ann.post("/changes", all(&mainstay.Contact, "", "1")).planned()
		for _, path := range []string{"", "/list.csv", "/events", "/progress", "/stop", "/outcomes.csv"} {
			foreign, missing := max.get(planPath(plan, path)).wants(http.StatusNotFound), max.get("/changes/9999"+path).wants(http.StatusNotFound)
			if foreign.text() != missing.text() {
				o.Errorf("%s of a foreign plan is told apart from a missing one", path)
			}
		}
		for _, path := range []string{"/confirm", "/discard", "/cancel", "/pause", "/resume", "/stop", "/restore", "/include", "/keep"} {
			max.post(planPath(plan, path), with("item", "1")).wants(http.StatusNotFound)
			eva.post(planPath(plan, path), with("item", "1")).wants(http.StatusForbidden)
		}
		own := max.post("/changes", all(&mainstay.Contact, "", "1")).planned()
		max.get(planPath(own, "")).wants(http.StatusOK).says("more are in organizations you can't open.")
	})
}

func TestPlanLife(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		o.changes.Pause = time.Minute
		ann := o.hire("ann@example.com", mainstay.Administrator)
		plan := ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		// Include one, so that a phrase is asked for.
		page := ann.get(planPath(plan, ""))
		for _, l := range links(t, page.body) {
			if _, item, ok := strings.Cut(l, "/include?item="); ok {
				ann.post(planPath(plan, "/include"), with("item", item)).wants(http.StatusSeeOther)
				break
			}
		}
		plan = o.plan(plan.ID)
		confirm := with("fingerprint", plan.Fingerprint, "phrase", "delete everything")
		ann.post(planPath(plan, "/confirm"), confirm).wants(http.StatusUnprocessableEntity).says(`to confirm. Nothing was done.`, "The plan is current")
		confirm.Set("phrase", strings.ToUpper(plan.Phrase))
		stale := with("fingerprint", "0000", "phrase", plan.Phrase)
		ann.post(planPath(plan, "/confirm"), stale).wants(http.StatusPreconditionFailed).says("The plan changed since you looked at it.")
		ann.post(planPath(plan, "/confirm"), confirm).leads(planPath(plan, ""))
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Starting in", "Cancel", "Pause of 60 seconds")
		ann.get("/organizations").says(plan.Title())
		ann.post(planPath(plan, "/confirm"), confirm).wants(http.StatusConflict)
		ann.post(planPath(plan, "/pause"), nil).wants(http.StatusConflict)
		ann.post(planPath(plan, "/cancel"), nil).leads(planPath(plan, ""))
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Before you delete", "Preventing accidental deletion").links("/account/before-a-cleanup")

		o.changes.Pause = 0
		confirm.Set("fingerprint", o.plan(plan.ID).Fingerprint)
		ann.post(planPath(plan, "/confirm"), confirm).leads(planPath(plan, ""))
		ann.fragment(http.MethodGet, planPath(plan, "/stop"), nil).wants(http.StatusOK).says("Stop and restore", "Keep deleting")
		done := o.apply(plan)
		if done.State != mainstay.PlanDone || done.Done == 0 {
			o.Fatalf("the plan is %s, %d done: %s", done.State, done.Done, done.Message)
		}
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Done", plain(done.Done)+" moved to Trash", "Restore all "+plain(done.Done)+" items", "Download outcomes", "Restore until", "Nothing was changed in ConnectWise PSA.", " held back and stay orphaned. Look at what stayed", "All organizations")
		rows, err := csv.NewReader(strings.NewReader(ann.get(planPath(plan, "/outcomes.csv")).wants(http.StatusOK).body)).ReadAll()
		o.must(err)
		outcomes := map[string]int{}
		for _, r := range rows[1:] {
			outcomes[strings.SplitN(r[4], ":", 2)[0]]++
		}
		if outcomes["done"] != done.Done || outcomes["held back"] != done.Counts.Total().Held {
			o.Errorf("outcomes %v, want %d done", outcomes, done.Done)
		}
		ann.get(planPath(plan, "/stop")).wants(http.StatusConflict)
		live := ann.get(planPath(plan, "/progress")).wants(http.StatusOK)
		if live.Header().Get("HX-Refresh") != "true" {
			o.Error("a browser that polls is not told that the plan ended")
		}
		back := ann.post(planPath(plan, "/restore"), nil).planned()
		if got := o.apply(back); got.State != mainstay.PlanDone || got.Done != done.Done {
			o.Errorf("the restore is %s with %d, want %d", got.State, got.Done, done.Done)
		}
		ann.get(planPath(back, "")).wants(http.StatusOK).says("This brings back what", plain(done.Done)+" restored")
		ann.get(planPath(plan, "")).says("Plan "+plain(int(back.ID))+" restored all of it on ").hides("sits in Trash", "Restore until")
		ann.get("/organizations?q=sync%3A+orphaned").says("24 match")
		ann.post(planPath(plan, "/restore"), nil).wants(http.StatusNotFound)
	})
}

// TestPlan_stale changes something between the plan and its confirmation.
func TestPlan_stale(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		c := o.find(&mainstay.Contact, "sync status: orphaned")[0].Item
		plan := ann.post("/changes", with("action", "delete", "kind", "contact", "scope", "ids", "id", idText(c.ID))).planned()
		c.Values.SetText("notes", "new")
		_, err := o.changes.Update(o.Context(), boss(), c)
		o.must(err)
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("The plan is out of date", "1 item changed after it was made.")
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint)).wants(http.StatusPreconditionFailed).says("Nothing was done.")
	})
}

// TestPlan_stop ends a plan under way and brings everything back.
func TestPlan_stop(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		plan := ann.post("/changes", all(&mainstay.Configuration, "sync status: orphaned", "1")).planned()
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
		ann.post(planPath(plan, "/stop"), nil).leads(planPath(plan, ""))
		ann.get(planPath(plan, "")).wants(http.StatusOK).says("Stopped", "0 moved to Trash")
		ann.post(planPath(plan, "/resume"), nil).wants(http.StatusConflict)
	})
}

// TestPlanEvents reads the live part of a plan until it has ended.
func TestPlanEvents(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		plan := ann.post("/changes", all(&mainstay.Configuration, "sync status: orphaned", "1")).planned()
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Host = officeHost
			o.handler.ServeHTTP(w, r)
		}))
		defer srv.Close()
		r, err := http.NewRequestWithContext(o.Context(), http.MethodGet, srv.URL+planPath(plan, "/events"), nil)
		o.must(err)
		for name, value := range ann.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		res, err := srv.Client().Do(r)
		o.must(err)
		defer res.Body.Close() // it was only read
		if got := res.Header.Get("Content-Type"); res.StatusCode != http.StatusOK || got != "text/event-stream" {
			o.Fatalf("status %d, %s", res.StatusCode, got)
		}
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		first, events, last := "", 0, ""
		for lines.Scan() {
			switch line := lines.Text(); {
			case strings.HasPrefix(line, "data: ") && events == 0:
				first += line
			case strings.HasPrefix(line, "event: "):
				last = line
			case line == "":
				if events++; events == 1 {
					o.apply(plan)
				}
			}
		}
		if !strings.Contains(first, `id="live"`) || last != "event: finished" || events < 3 {
			o.Errorf("%d events, the last %q, the first %.80q", events, last, first)
		}
	})
}

func TestTrash(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann, max := o.hire("ann@example.com", mainstay.Administrator), o.hire("max@example.com", mainstay.Manager, in.Organizations[0])
		ann.get("/trash").wants(http.StatusOK).says("Trash is empty.")
		plan := ann.post("/changes", all(&mainstay.Configuration, "sync status: orphaned", "1")).planned()
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
		done := o.apply(plan)
		group := "/trash/" + plain(int(plan.ID))
		ann.get("/trash").wants(http.StatusOK).says(mainstay.Configuration.Count(done.Done), "30 days left", "Restore all "+plain(done.Done)+" items…", "Delete now…")
		ann.fragment(http.MethodGet, group+"/restore", nil).wants(http.StatusOK).says("Restore all "+plain(done.Done)+" items", "Nothing changes in your PSA.", "sync state that it had", "All of them are Orphaned.").hides("<html")
		ann.get("/trash?q=zzzz").wants(http.StatusOK).says("Nothing in Trash matches.")
		ann.get("/trash?before=x").wants(http.StatusUnprocessableEntity)
		page := ann.get(group).wants(http.StatusOK).says(plain(done.Done) + " items")
		ann.get(group+"?q=zzzz").wants(http.StatusOK).says("0 items", "Nothing here matches.")
		var ids []string
		for _, i := range inputs(t, page.body) {
			if i.name == "id" {
				ids = append(ids, i.value)
			}
		}
		if len(ids) != done.Done {
			o.Errorf("%d items to tick, want %d", len(ids), done.Done)
		}
		ann.post(group+"/restore", nil).wants(http.StatusUnprocessableEntity).says("Nothing was chosen.")
		part := o.apply(ann.post(group+"/restore", with("id", ids[0], "id", ids[1])).planned())
		if part.Done != 2 {
			o.Errorf("%d restored, want 2", part.Done)
		}
		max.get("/trash").wants(http.StatusOK).says("Trash is empty.")
		missing := max.get("/trash/99999").wants(http.StatusNotFound)
		if foreign := max.get(group).wants(http.StatusNotFound); foreign.text() != missing.text() {
			o.Error("a foreign part of the trash is told apart from a missing one")
		}
		max.post(group+"/restore", with("all", "1")).wants(http.StatusNotFound)
		max.post(group+"/restore", with("id", ids[3])).wants(http.StatusNotFound)
		max.get(group + "/restore").wants(http.StatusNotFound)
		max.get(group + "/purge").wants(http.StatusForbidden)
		max.post(group+"/purge", nil).wants(http.StatusForbidden)

		ann.fragment(http.MethodGet, group+"/purge", nil).wants(http.StatusOK).says("This can't be undone.", "for good").hides("<html")
		purge := ann.post(group+"/purge", nil).planned()
		if purge.Action != mainstay.ActionPurge || purge.Friction != mainstay.FrictionBackup || purge.State != mainstay.PlanReview {
			o.Errorf("the plan is %+v", purge)
		}
		ann.get(planPath(purge, "")).wants(http.StatusOK).says("A backup comes first", "2 Review 3 Confirm 4 Back up 5 Delete for good", purge.Phrase, "This can't be undone.")
		rest := ann.post(group+"/restore", with("all", "1")).planned()
		if got := o.apply(rest); got.Done != done.Done-2 {
			o.Errorf("%d restored, want %d", got.Done, done.Done-2)
		}
		ann.get("/trash").wants(http.StatusOK).says("Trash is empty.")
		ann.get(group).wants(http.StatusNotFound)
		for _, bad := range []string{"/trash/x", "/trash/single", "/trash/-1"} {
			ann.get(bad).wants(http.StatusNotFound)
		}
	})
}
