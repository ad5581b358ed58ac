package journey

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// psaName is what the demo calls its integration.
const psaName = "ConnectWise PSA"

// exhibition is an installation in which every page has something to show.
type exhibition struct {
	demo
	place
	ids map[string]string // of what the pages show, by the words of pages
}

// exhibit fills a demo until each page has something to show: orphans, plans in
// several states, a sync that is held, people and a backup.
func exhibit(t testing.TB) exhibition {
	e := exhibition{place: place{dir: t.TempDir()}, ids: map[string]string{}}
	e.demo = startDemo(t, e.place, 300, 0)
	e.must(t, nil, "integration", "settings", psaName, "--untick", "Prospect", "--untick", "Lead", "--untick", "Vendor", "--untick", "Former client", "--yes")
	e.must(t, nil, "sync", psaName, "--wait")
	e.must(t, nil, "backup")
	e.apart(t)
	e.ids["organizations"] = e.first(t, "organizations", "sync status: syncing")
	for _, kind := range []string{"configurations", "contacts", "locations", "documents"} {
		e.ids[kind] = e.first(t, kind, "")
	}
	e.delete(t)
	for _, kind := range []string{"organizations", "configurations", "contacts", "locations"} {
		e.ids["orphan "+kind] = e.first(t, kind, "sync status: orphaned only here: none")
	}
	e.ids["rich"] = e.first(t, "organizations", "sync status: orphaned only here: any")
	e.hold(t)
	e.disconnect(t)
	var user struct{ ID json.Number }
	out, problem, code := e.command(t, "a long password of a person", nil, "user", "add", "sam@bluepeak.example", "--name", "Sam Ortiz", "--role", "read-only", "--password-file", "-", "--json")
	if code != 0 || json.Unmarshal([]byte(out), &user) != nil {
		t.Fatalf("user add ends with %d: %s%s", code, out, problem)
	}
	e.ids["user"] = user.ID.String()
	// A plan that waits for an hour is one that starts.
	e.ids["starting"] = e.plan(t, "contacts", "sync status: orphaned").ID.String()
	e.must(t, []string{"MAINSTAY_PLAN_PAUSE=1h"}, "apply", e.ids["starting"])
	return e
}

// apart marks the likeliest duplicates as not the same.
func (e exhibition) apart(t testing.TB) {
	t.Helper()
	var list struct {
		Pairs []struct{ A, B struct{ ID json.Number } }
	}
	if err := json.Unmarshal([]byte(e.must(t, nil, "duplicates")), &list); err != nil || len(list.Pairs) < 3 {
		t.Fatalf("%d duplicates, too few to show: %v", len(list.Pairs), err)
	}
	e.must(t, nil, "duplicates", "not-same", list.Pairs[0].A.ID.String(), list.Pairs[0].B.ID.String())
}

// disconnect ends the link of one contact, whose record can be matched then.
func (e exhibition) disconnect(t testing.TB) {
	t.Helper()
	e.ids["apart"] = e.first(t, "contacts", "sync status: syncing")
	var was struct{ Record string }
	if err := json.Unmarshal([]byte(e.must(t, nil, "item", "show", "contacts", e.ids["apart"])), &was); err != nil || was.Record == "" {
		t.Fatalf("the contact has no record: %v", err)
	}
	e.ids["free"] = was.Record
	e.must(t, nil, "item", "disconnect", "contacts", e.ids["apart"])
	for _, kind := range []string{"organizations", "configurations", "contacts", "locations"} {
		e.ids["synced "+kind] = e.first(t, kind, "sync status: syncing")
	}
}

// plan is what the command line says of a plan.
type plan struct {
	ID       json.Number
	Phrase   string
	HeldBack []struct{ ID json.Number } `json:"held_back"`
}

func (e exhibition) plan(t testing.TB, kind, query string) (p plan) {
	t.Helper()
	if err := json.Unmarshal([]byte(e.must(t, nil, "plan", "delete", kind, query)), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// delete makes plans: one that is done, one that restored a part of it, a small
// one and a large one under review.
func (e exhibition) delete(t testing.TB) {
	t.Helper()
	done := e.plan(t, "organizations", "sync status: orphaned type: Lead")
	gone := e.first(t, "organizations", "sync status: orphaned type: Lead only here: none")
	e.must(t, nil, "apply", done.ID.String(), "--phrase", done.Phrase, "--wait")
	var restored plan
	if err := json.Unmarshal([]byte(e.must(t, nil, "undo", "--id", gone, "--wait")), &restored); err != nil {
		t.Fatal(err)
	}
	large, small := e.plan(t, "organizations", "sync status: orphaned"), e.plan(t, "locations", "sync status: orphaned")
	if len(large.HeldBack) < 2 {
		t.Fatalf("plan %s holds back %d organizations, too few to show", large.ID, len(large.HeldBack))
	}
	e.must(t, nil, "plan", "include", large.ID.String(), large.HeldBack[0].ID.String())
	e.ids["done"], e.ids["restored"], e.ids["review"], e.ids["small"] = done.ID.String(), restored.ID.String(), large.ID.String(), small.ID.String()
	e.ids["held"] = large.HeldBack[1].ID.String()
}

// hold deletes so many companies in the PSA that a guard holds the next sync.
func (e exhibition) hold(t testing.TB) {
	t.Helper()
	list := e.psaPage(t, http.MethodGet, "/?type="+regexp.MustCompile(`<option value="(\d+)"[^>]*>Managed client<`).FindStringSubmatch(e.psaPage(t, http.MethodGet, "/"))[1])
	companies := regexp.MustCompile(`action="(/companies/\d+/delete)"`).FindAllStringSubmatch(list, -1)
	if len(companies) < 5 {
		t.Fatalf("the PSA has only %d companies of the type, too few to hold a sync", len(companies))
	}
	for _, c := range companies {
		e.psaPage(t, http.MethodPost, c[1])
	}
	out, problem, code := e.command(t, "", nil, "sync", psaName, "--wait", "--json")
	var run struct{ ID json.Number }
	if code != 7 || json.Unmarshal([]byte(out), &run) != nil {
		t.Fatalf("a sync after %d companies went ends with %d, want 7: %s%s", len(companies), code, out, problem)
	}
	e.ids["heldrun"] = run.ID.String()
}

// psaPage asks the PSA's own page, as a person who works in the PSA.
func (d demo) psaPage(t testing.TB, method, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.psa+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s of the PSA's page: %s, %v", method, path, answer.Status, err)
	}
	return string(body)
}

// first returns the id of the first item that matches.
func (p place) first(t testing.TB, kind, query string) string {
	t.Helper()
	var list struct{ Items []struct{ ID json.Number } }
	out := p.must(t, nil, "list", kind, query, "--limit", "1")
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Items) == 0 {
		t.Fatalf("no item of %s matches %q: %v %s", kind, query, err, out)
	}
	return list.Items[0].ID.String()
}

// must runs a command that has to go well and returns its JSON.
func (p place) must(t testing.TB, env []string, args ...string) string {
	t.Helper()
	out, problem, code := p.command(t, "", env, append(args, "--json")...)
	if code != 0 {
		t.Fatalf("mainstay %s ends with %d: %s%s", strings.Join(args, " "), code, out, problem)
	}
	return out
}

// fill puts ids in the place of the words in braces.
func (e exhibition) fill(address string) string {
	return regexp.MustCompile(`\{([\w ]+)\}`).ReplaceAllStringFunc(address, func(word string) string {
		if v, ok := e.ids[strings.Trim(word, "{}")]; ok {
			return v
		}
		panic(fmt.Sprintf("nothing is called %s", word))
	})
}
