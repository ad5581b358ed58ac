package journey

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay/internal/connect/connectwise/simulator"
)

// Item 1 of the clean-up on the command line: a class, a selection and a whole
// integration are paused, disconnected, matched again and deleted, and each is
// taken back.
func TestJourney_disconnectCommands(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		psa := simulator.New(simulator.Config{Seed: 11, Size: simulator.Scaled(120)})
		server, err := simulator.Start(psa)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		s := shell{T: t, place: p, psa: psa, url: server.URL()}
		s.connect()
		s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--contacts", "--locations", "--yes")
		s.run(0, "integration", "settings", "Our PSA", "--kind", "configurations", "--tick", "*", "--yes")
		s.synced()
		s.pausesClass()
		s.endsClass()
		s.endsSome()
		s.deletesClass()
		s.removes()
		if len(psa.Writes()) != 0 || psa.Requests() == 0 {
			t.Errorf("the PSA counts %d requests and the writes %v; want some and none", psa.Requests(), psa.Writes())
		}
	})
}

// synced runs a full sync to its end and returns how many records wait.
func (s shell) synced() float64 {
	s.Helper()
	run := s.run(0, "sync", "Our PSA", "--wait")
	s.is(run, "state", "complete")
	waiting, _ := run["counts"].(map[string]any)["waiting"].(float64)
	return waiting
}

// total is how many items of a kind match.
func (s shell) total(kind, query string) float64 {
	s.Helper()
	return s.run(0, "list", kind, query, "--limit", "1")["total"].(float64)
}

// everything is all that lists say of each kind.
func (s shell) everything() map[string]answer {
	s.Helper()
	out := map[string]answer{}
	for _, kind := range []string{"organizations", "configurations", "contacts", "locations"} {
		out[kind] = s.run(0, "list", kind, "--limit", "0")
	}
	return out
}

func (s shell) same(before map[string]answer, after string) {
	s.Helper()
	if diff := cmp.Diff(before, s.everything()); diff != "" {
		s.Errorf("%s (-before +after):\n%.2000s", after, diff)
	}
}

// carries confirms a plan, waits for its end and returns its id.
func (s shell) carries(plan answer) string {
	s.Helper()
	id := s.whole(plan, "id")
	args := []string{"apply", id, "--wait"}
	if phrase, _ := plan["phrase"].(string); phrase != "" {
		args = append(args, "--phrase", phrase)
	}
	s.is(s.run(0, args...), "state", "done")
	return id
}

func (s shell) undone(id string) string {
	s.Helper()
	plan := s.run(0, "undo", id, "--wait")
	s.is(plan, "state", "done")
	return s.whole(plan, "id")
}

// pausesClass: pause and keep. Items become orphaned, and undoing heals them.
func (s shell) pausesClass() {
	s.Helper()
	before := s.everything()
	s.run(2, "integration", "disconnect", "Our PSA", "--pause")
	s.run(3, "integration", "disconnect", "Our PSA", "--type", "Vender", "--pause")
	plan := s.run(0, "integration", "disconnect", "Our PSA", "--type", "vendor", "--pause", "--note", "Too many")
	s.is(plan, "action", "pause")
	s.is(plan, "about", "Vendor of Our PSA")
	s.is(plan, "note", "Too many")
	counted := plan["counts"].(map[string]any)["matched"]
	id := s.carries(plan)
	s.run(5, "integration", "disconnect", "Our PSA", "--type", "Vendor", "--pause")
	s.synced()
	if n := s.total("organizations", "sync status: orphaned"); n != counted || n == 0 {
		s.Errorf("%v are orphaned, the plan counted %v", n, counted)
	}
	s.undone(id)
	s.synced()
	s.same(before, "pausing a class was undone")
	contacts := s.total("contacts", "")
	id = s.carries(s.run(0, "integration", "disconnect", "Our PSA", "--kind", "contacts", "--pause"))
	s.synced()
	if n := s.total("contacts", "sync status: orphaned"); n != contacts || n == 0 {
		s.Errorf("%v are orphaned, of %v contacts", n, contacts)
	}
	s.undone(id)
	s.synced()
	s.same(before, "pausing contacts was undone")
}

// endsClass: end the links and keep. Ticking the type again makes no duplicates,
// and matching again restores what was; both are taken back.
func (s shell) endsClass() {
	s.Helper()
	before := s.everything()
	vendors, all := s.total("organizations", "type: Vendor"), s.total("organizations", "")
	s.say(nil, []string{"Vendor stops syncing when the plan is confirmed", "Nothing was changed. To do it: mainstay apply "},
		"integration", "disconnect", "Our PSA", "--type", "Vendor", "--keep")
	s.same(before, "a plan to disconnect was made")
	ended := s.carries(s.run(0, "integration", "disconnect", "Our PSA", "--type", "Vendor", "--keep"))
	if n := s.total("organizations", "sync status: not_linked"); n != vendors {
		s.Errorf("%v aren't linked, of %v vendors", n, vendors)
	}
	s.undone(ended)
	s.same(before, "disconnecting a class was undone")

	s.carries(s.run(0, "integration", "disconnect", "Our PSA", "--type", "Vendor", "--keep", "--note", "For now"))
	s.is(s.run(0, "integration", "settings", "Our PSA", "--tick", "Vendor", "--yes")["would_wait"].(map[string]any), "organization", vendors)
	if n := s.synced(); n != vendors || s.total("organizations", "") != all {
		s.Errorf("%v wait, of %v vendors", n, vendors)
	}
	waiting := s.run(0, "match", "Our PSA", "--limit", "1")
	s.keys(waiting, "kind records waiting")
	s.is(waiting["waiting"].(map[string]any), "organization", vendors)
	record := waiting["records"].([]any)[0].(map[string]any)
	s.keys(record, "at changes in_trash item item_name name note plan record who why")
	s.is(record, "note", "For now")
	s.say(nil, []string{"RECORD", "to be matched again; 1 shown.", "To reconnect all: mainstay match 'Our PSA' --kind organizations --all"}, "match", "Our PSA", "--limit", "1")
	s.run(2, "match", "Our PSA", record["record"].(string), "--all")
	s.run(3, "match", "Our PSA", "no such record")
	s.run(2, "match", "Our PSA", "--new")
	one := s.carries(s.run(0, "match", "Our PSA", record["record"].(string), "--seen", "1"))
	s.is(s.run(0, "match", "Our PSA")["waiting"].(map[string]any), "organization", vendors-1)
	s.undone(one)
	s.is(s.run(0, "match", "Our PSA")["waiting"].(map[string]any), "organization", vendors)
	s.carries(s.run(0, "match", "Our PSA", "--all"))
	s.synced()
	s.same(before, "all were matched again")
}

// endsSome: a query and chosen items are disconnected and come back; what was
// given up becomes new.
func (s shell) endsSome() {
	s.Helper()
	before := s.everything()
	leads := s.total("organizations", "type: Lead")
	s.run(2, "plan", "disconnect", "organizations")
	s.run(3, "plan", "disconnect", "organizations", "sync status: orphaned")
	plan := s.run(0, "plan", "disconnect", "organizations", "type: Lead", "--note", "Not ours")
	s.is(plan, "note", "Not ours")
	id := s.carries(plan)
	if n := s.total("organizations", "sync status: not_linked"); n != leads || n == 0 {
		s.Errorf("%v aren't linked, of %v leads", n, leads)
	}
	s.undone(id)
	s.same(before, "disconnecting a query was undone")
	contact := s.run(0, "list", "contacts", "--limit", "1")["items"].([]any)[0].(map[string]any)
	id = s.carries(s.run(0, "plan", "disconnect", "contacts", "--id", s.whole(contact, "id")))
	if n := s.synced(); n != 1 {
		s.Errorf("%v records wait, want the one contact", n)
	}
	s.say(nil, []string{"1 contact waits too: --kind contacts"}, "match", "Our PSA")
	s.undone(id)
	s.synced()
	s.same(before, "disconnecting one contact was undone")
	id = s.carries(s.run(0, "plan", "disconnect", "contacts", "--id", s.whole(contact, "id")))
	s.synced()
	waits := s.run(0, "match", "Our PSA", "--kind", "contacts")["records"].([]any)[0].(map[string]any)
	s.is(s.run(0, "match", "Our PSA", waits["record"].(string), "--kind", "contacts", "--new"), "records", 1.0)
	s.synced()
	if n, want := s.total("contacts", ""), before["contacts"]["total"].(float64)+1; n != want {
		s.Errorf("%v contacts, want %v: a new one beside the old", n, want)
	}
	s.run(3, "undo", id)
}

// deletesClass: the third choice needs the switch, and what it deletes comes back.
func (s shell) deletesClass() {
	s.Helper()
	before := s.everything()
	if _, problem, code := s.command(s, "", nil, "integration", "delete-class", "Our PSA", "--type", "Lead"); code != 7 || !strings.Contains(problem, "switched off for this account") {
		s.Errorf("deleting a class ends with %d: %s", code, problem)
	}
	s.say(nil, nil, "data-protection", "on", "--reason", "Leads go")
	id := s.carries(s.run(0, "integration", "delete-class", "Our PSA", "--type", "Lead"))
	s.say(nil, nil, "data-protection", "off")
	if n := s.total("organizations", "type: Lead"); n != 0 {
		s.Errorf("%v leads are left", n)
	}
	s.synced()
	s.undone(id)
	s.synced()
	s.same(before, "deleting a class was undone")
}

// removes: a whole integration goes with its links only, comes back by an undo,
// and is found again by connecting the same PSA.
func (s shell) removes() {
	s.Helper()
	before := s.everything()
	plan := s.run(0, "integration", "remove", "Our PSA", "--note", "Moving")
	s.is(plan, "about", "all of Our PSA")
	id := s.carries(plan)
	s.is(s.list("list"), "names", "")
	s.is(s.list("list", "--removed"), "names", "Our PSA")
	s.run(3, "sync", "Our PSA")
	for _, kind := range []string{"organizations", "configurations", "contacts", "locations"} {
		if n, all := s.total(kind, "sync status: not_linked"), s.total(kind, ""); n != all || n != before[kind]["total"] {
			s.Errorf("%v of %v %s aren't linked; there were %v", n, all, kind, before[kind]["total"])
		}
	}
	s.say(nil, []string{"The integration is back, paused and without credentials."}, "undo", id, "--wait")
	s.same(before, "removing the integration was undone")
	s.say(nil, []string{"no credentials: mainstay integration edit 'Our PSA'"}, "integration", "list")
	if out, problem, code := s.command(s, s.psa.Config().PrivateKey, nil, "integration", "edit", "Our PSA", "--private-key-file", "-"); code != 0 {
		s.Fatalf("entering the key again ends with %d: %s%s", code, out, problem)
	}
	s.say(nil, nil, "integration", "resume", "Our PSA")
	s.synced()
	s.same(before, "the integration that came back has synced")

	s.carries(s.run(0, "integration", "remove", "Our PSA"))
	s.connect()
	s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--contacts", "--locations", "--yes")
	s.run(0, "integration", "settings", "Our PSA", "--kind", "configurations", "--tick", "*", "--yes")
	if n, all := s.synced(), s.total("organizations", ""); n != all {
		s.Errorf("%v wait, of %v organizations", n, all)
	}
	s.carries(s.run(0, "match", "Our PSA", "--all"))
	s.synced()
	s.same(before, "the same PSA was connected again")
}

// list is the names of the integrations that a command lists.
func (s shell) list(args ...string) answer {
	s.Helper()
	out, problem, code := s.command(s, "", nil, append([]string{"integration"}, append(args, "--json")...)...)
	if code != 0 {
		s.Fatalf("listing integrations ends with %d: %s", code, problem)
	}
	var all []struct {
		Name string `json:"name"`
	}
	s.read(out, &all)
	names := make([]string, len(all))
	for n, i := range all {
		names[n] = i.Name
	}
	return answer{"names": strings.Join(names, ", ")}
}

// read reads JSON that has to be right.
func (s shell) read(text string, into any) {
	s.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		s.Fatalf("no JSON: %v\n%s", err, text)
	}
}
