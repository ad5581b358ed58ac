package journey

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/storetest"
)

// shell is a person with a terminal: an installation and a PSA, with or without
// a server on it.
type shell struct {
	*testing.T
	place
	psa *simulator.Simulator
	url string
}

// The whole job on the command line, on both databases, with a server that does
// the work and without one.
func TestJourney_commands(t *testing.T) {
	for _, served := range []bool{false, true} {
		name := "alone"
		if served {
			name = "beside a server"
		}
		t.Run(name, func(t *testing.T) {
			places(t, func(t *testing.T, p place) {
				psa := simulator.New(simulator.Config{Seed: 7, Size: simulator.Scaled(800)})
				server, err := simulator.Start(psa)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(server.Close)
				if served {
					start(t, p, []string{"MAINSTAY_LISTEN=" + freeAddress(t)}, "serve").await("Nobody can sign in yet.")
				}
				s := shell{T: t, place: p, psa: psa, url: server.URL()}
				s.connect()
				s.first()
				s.twins()
				orphans := s.orphan()
				s.schedule()
				s.edit()
				s.pauses(served)
				s.deletion(orphans)
				s.carry()
				if len(psa.Writes()) != 0 || psa.Requests() == 0 {
					t.Errorf("the PSA counts %d requests and the writes %v; want some and none", psa.Requests(), psa.Writes())
				}
			})
		})
	}
}

// answer is the JSON of a command.
type answer map[string]any

// run runs a command that prints JSON and ends with a code. What it prints goes
// to standard output, and a problem as JSON to standard error.
func (s shell) run(code int, args ...string) answer {
	s.Helper()
	out, problem, got := s.command(s, "", nil, append(args, "--json")...)
	if got != code {
		s.Fatalf("mainstay %s ends with %d, want %d: %s%s", strings.Join(args, " "), got, code, out, problem)
	}
	text := out
	if code != 0 && out == "" {
		text = problem
	}
	var a answer
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		s.Fatalf("mainstay %s prints no JSON: %v\n%s", strings.Join(args, " "), err, text)
	}
	return a
}

// keys compares the names in a JSON answer with the ones that scripts rely on.
func (s shell) keys(a any, want string) {
	s.Helper()
	object, _ := a.(map[string]any)
	if typed, ok := a.(answer); ok {
		object = typed
	}
	var got []string
	for k := range object {
		got = append(got, k)
	}
	slices.Sort(got)
	if diff := cmp.Diff(strings.Fields(want), got); diff != "" {
		s.Errorf("-promised +printed:\n%s", diff)
	}
}

// is compares one value of an answer.
func (s shell) is(a answer, key string, want any) {
	s.Helper()
	if diff := cmp.Diff(want, a[key]); diff != "" {
		s.Errorf("%s: -want +got:\n%s", key, diff)
	}
}

// whole is a whole number of an answer as text, for the next command.
func (s shell) whole(a map[string]any, key string) string {
	s.Helper()
	n, ok := a[key].(float64)
	if !ok {
		s.Fatalf("%s is %v, not a number", key, a[key])
	}
	return strconv.Itoa(int(n))
}

// connect connects the PSA; a wrong key is refused with a sentence.
func (s shell) connect() {
	s.Helper()
	c := s.psa.Config()
	add := []string{"integration", "add", "connectwise", "--name", "Our PSA", "--url", s.url, "--company", c.Company, "--public-key", c.PublicKey, "--private-key-file", "-", "--json"}
	if out, problem, code := s.command(s, "wrong", nil, add...); code == 0 || !strings.Contains(problem, `"error"`) {
		s.Fatalf("a wrong key is taken: %d %s%s", code, out, problem)
	}
	out, problem, code := s.command(s, c.PrivateKey+"\n", nil, add...)
	var a answer
	if code != 0 || json.Unmarshal([]byte(out), &a) != nil {
		s.Fatalf("connecting ends with %d: %s%s", code, out, problem)
	}
	s.keys(a, "id name psa")
}

// first ticks everything, as a wrong tick box does, and syncs.
func (s shell) first() {
	s.Helper()
	s.run(3, "sync", "Nobody")
	a := s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--contacts", "--locations")
	s.keys(a, "contacts interval_minutes locations next_full_sync paused saved ticked would_orphan would_start would_wait")
	s.is(a, "saved", false)
	s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--contacts", "--locations", "--yes")
	s.run(0, "integration", "settings", "Our PSA", "--kind", "configurations", "--tick", "*", "--yes")
	run := s.run(0, "sync", "Our PSA", "--wait")
	s.keys(run, "by counts id message state")
	s.is(run, "state", "complete")
	all := s.run(0, "list", "organizations", "--limit", "1")
	s.keys(all, "items next total")
	s.keys(all["items"].([]any)[0], "evidence id items name only_here organization reason ref status sync_status type")
	s.is(all, "total", 800.0)
}

// twins lists organizations that may be the same, tells two apart and takes it back.
func (s shell) twins() {
	s.Helper()
	all := s.run(0, "duplicates")
	s.keys(all, "common counts pairs total")
	pairs := all["pairs"].([]any)
	first := pairs[0].(map[string]any)
	s.keys(first, "a b not_same_by score shared")
	s.keys(first["a"], "id items name only_here status sync_status type")
	s.keys(first["shared"].([]any)[0], "a b reason")
	if total := all["total"].(float64); total < 10 || total != float64(len(pairs)) {
		s.Errorf("%v pairs, %d of them printed", total, len(pairs))
	}
	named := s.run(0, "duplicates", "--reason", "name", "--limit", "2")
	s.is(named, "total", all["counts"].(map[string]any)["name"])
	if n := len(named["pairs"].([]any)); n != 2 {
		s.Errorf("%d pairs printed, want 2", n)
	}
	a, b := s.whole(first["a"].(map[string]any), "id"), s.whole(first["b"].(map[string]any), "id")
	about := s.run(0, "duplicates", "list", "--organization", a)["total"].(float64)
	for range 2 {
		s.is(s.run(0, "duplicates", "not-same", b, a), "not_same", true)
	}
	s.is(s.run(0, "duplicates", "--limit", "1"), "total", all["total"].(float64)-1)
	s.is(s.run(0, "duplicates", "--organization", a), "total", about-1)
	apart := s.run(0, "duplicates", "--not-same")
	s.is(apart, "total", 1.0)
	s.is(apart["pairs"].([]any)[0].(map[string]any), "not_same_by", "command line")
	s.is(s.run(0, "duplicates", "look-again", a, b), "not_same", false)
	if diff := cmp.Diff(all, s.run(0, "duplicates", "--limit", "0")); diff != "" {
		s.Errorf("after looking again (-before +after):\n%s", diff)
	}
	s.keys(s.run(2, "duplicates", "--reason", "nmae")["error"], "kind message")
	s.run(2, "duplicates", "not-same", a, a)
	s.run(3, "duplicates", "not-same", a, "999999")
	s.run(3, "duplicates", "--organization", "999999")
	s.run(0, "duplicates", "not-same", a, b)
}

// orphan unticks the wrong types and syncs; it returns how many organizations
// are orphaned, which is what the settings said before.
func (s shell) orphan() int {
	s.Helper()
	s.run(2, "integration", "settings", "Our PSA", "--untick", "Prospekt")
	untick := []string{"integration", "settings", "Our PSA", "--untick", "Prospect", "--untick", "Lead", "--untick", "Vendor", "--untick", "Former client"}
	promised := s.run(0, untick...)["would_orphan"].(map[string]any)["organization"].(float64)
	s.run(0, append(untick, "--yes")...)
	s.is(s.run(0, "sync", "Our PSA", "--wait"), "state", "complete")
	s.is(s.run(0, "list", "organizations", "sync status: orphaned", "--limit", "1"), "total", promised)
	s.keys(s.run(2, "list", "organizations", "sync stauts: orphaned")["error"], "kind message")
	return int(promised)
}

// say runs a command for people, which has to go well, and checks that it says some texts.
func (s shell) say(env []string, texts []string, args ...string) {
	s.Helper()
	out, problem, code := s.command(s, "", env, args...)
	if code != 0 {
		s.Fatalf("mainstay %s ends with %d: %s%s", strings.Join(args, " "), code, out, problem)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			s.Errorf("mainstay %s does not say %q:\n%s", strings.Join(args, " "), text, out)
		}
	}
}

// schedule changes how often a full sync runs, and back.
func (s shell) schedule() {
	s.Helper()
	settings := []string{"integration", "settings", "Our PSA"}
	s.is(s.run(0, settings...), "next_full_sync", "")
	s.say(nil, []string{"Contacts: on. Locations: on.", "Full sync: every 4 hours once saved; only when somebody asks now."}, append(settings, "--interval", "240")...)
	saved := s.run(0, append(settings, "--interval", "240", "--yes")...)
	s.is(saved, "interval_minutes", 240.0)
	next, _ := saved["next_full_sync"].(string)
	day, clock, ok := strings.Cut(strings.TrimSuffix(next, "Z"), "T")
	if !ok {
		s.Errorf("the next full sync is at %q", next)
	}
	s.say(nil, []string{"Full sync: every 4 hours, the next one at " + day + " " + clock + " UTC (in "}, settings...)
	s.say(nil, nil, "integration", "pause", "Our PSA")
	s.is(s.run(0, settings...), "next_full_sync", "")
	s.say(nil, []string{"Syncing is paused by command line"}, settings...)
	s.say(nil, nil, "integration", "resume", "Our PSA")
	s.is(s.run(0, append(settings, "--interval", "0", "--yes")...), "next_full_sync", "")
}

// edit changes the connection: the stored key goes to no other address, and no
// other PSA takes its place.
func (s shell) edit() {
	s.Helper()
	c := s.psa.Config()
	moved, err := simulator.Start(s.psa)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(moved.Close)
	before := s.psa.Requests()
	if _, problem, code := s.command(s, "", nil, "integration", "edit", "Our PSA", "--url", moved.URL()); code != 2 || !strings.Contains(problem, "Enter the private key again, because address changed.") || s.psa.Requests() != before {
		s.Errorf("another address without the key ends with %d: %s", code, problem)
	}
	other := simulator.New(simulator.Config{Seed: 7, Size: simulator.Scaled(10), Company: "redpeak"})
	wrong, err := simulator.Start(other)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(wrong.Close)
	key := func(in string, args ...string) (string, string, int) {
		return s.command(s, in, nil, append([]string{"integration", "edit", "Our PSA", "--private-key-file", "-"}, args...)...)
	}
	if _, problem, code := key(other.Config().PrivateKey, "--url", wrong.URL(), "--company", "redpeak", "--public-key", other.Config().PublicKey); code != 7 || !strings.Contains(problem, "another PSA") {
		s.Errorf("another PSA ends with %d: %s", code, problem)
	}
	if out, problem, code := key(c.PrivateKey, "--url", moved.URL()); code != 0 || !strings.Contains(out, "Saved. Our PSA is connected to") {
		s.Errorf("another address with the key ends with %d: %s%s", code, out, problem)
	}
	s.keys(s.run(0, "integration", "edit", "Our PSA", "--rename", "Their PSA"), "id name psa")
	s.run(2, "integration", "edit", "Their PSA", "--rename", " ")
	s.run(0, "integration", "edit", "Their PSA", "--rename", "Our PSA")
	s.run(3, "integration", "edit", "Their PSA")
}

// pauses confirms plans with the pause of the command, whatever the pause of a
// server beside it.
func (s shell) pauses(served bool) {
	s.Helper()
	plan := func() string {
		s.Helper()
		return s.whole(s.run(0, "plan", "delete", "locations", "sync status: orphaned"), "id")
	}
	hour := []string{"MAINSTAY_PLAN_PAUSE=1h"}
	said := []string{"(starting)", "It starts at ", "in 60 minutes", "To prevent it: mainstay plan stop "}
	if !served {
		said = append(said, "No server works on this installation.")
	}
	id := plan()
	s.run(5, "plan", "wait", id)
	before := s.run(0, "list", "locations", "--limit", "1")["total"]
	s.say(hour, said, "apply", id)
	shown := s.run(0, "plan", "show", id)
	s.is(shown, "state", "starting")
	if shown["start_at"] == "" {
		s.Error("a plan that starts doesn't say when")
	}
	s.is(s.run(0, "plan", "stop", id), "state", "stopped")
	s.run(7, "plan", "wait", id)
	s.is(s.run(0, "list", "locations", "--limit", "1"), "total", before)

	id = plan()
	s.say([]string{"MAINSTAY_PLAN_PAUSE=3s"}, []string{"Plan " + id + " is confirmed. It starts at ", "(done)"}, "apply", id, "--wait")
	s.say(nil, []string{"(done)"}, "undo", id, "--wait")
	id = plan()
	s.run(0, "apply", id)
	s.is(s.run(0, "plan", "wait", id), "state", "done")
	undone := s.run(0, "undo", id)
	s.is(s.run(0, "plan", "wait", s.whole(undone, "id")), "state", "done")
	s.is(s.run(0, "list", "locations", "--limit", "1"), "total", before)
}

// A command that waits for a server goes on with the work itself when that
// server is gone.
func TestJourney_serverGoes(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		psa := simulator.New(simulator.Config{Seed: 7, Size: simulator.Scaled(100)})
		url, err := simulator.Start(psa)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(url.Close)
		s := shell{T: t, place: p, psa: psa, url: url.URL()}
		s.connect()
		s.run(0, "integration", "settings", "Our PSA", "--tick", "*", "--yes")
		s.run(0, "sync", "Our PSA", "--wait")
		s.run(0, "integration", "settings", "Our PSA", "--untick", "Prospect", "--yes")
		s.run(0, "sync", "Our PSA", "--wait")
		server := start(t, p, []string{"MAINSTAY_LISTEN=" + freeAddress(t)}, "serve")
		server.await("Nobody can sign in yet.")
		id := s.whole(s.run(0, "plan", "delete", "locations", "sync status: orphaned"), "id")
		apply := start(t, p, []string{"MAINSTAY_PLAN_PAUSE=5s"}, "apply", id, "--wait")
		apply.await("Plan " + id + " is confirmed.")
		server.stop()
		select {
		case <-apply.ended:
		case <-time.After(*patience):
			t.Fatal("the command waits for a server that is gone")
		}
		if code := apply.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("it ends with %d: %s", code, apply.printed())
		}
		s.is(s.run(0, "plan", "show", id), "state", "done")
	})
}

// deletion plans, refuses a wrong phrase, deletes, and brings some and then all
// back.
func (s shell) deletion(orphans int) {
	s.Helper()
	some := s.run(0, "list", "organizations", "sync status: orphaned", "--limit", "2")["items"].([]any)
	plan := s.run(0, "plan", "delete", "organizations", "sync status: orphaned", "--seen", strconv.Itoa(orphans))
	s.keys(plan, "about action counts done fingerprint held_back id kind message note phrase query skipped start_at state")
	s.is(plan, "start_at", "")
	s.is(plan, "state", "review")
	id, phrase := s.whole(plan, "id"), plan["phrase"].(string)
	s.run(2, "apply", id)
	s.run(2, "apply", id, "--phrase", strings.Replace(phrase, "delete", "keep", 1))
	s.run(6, "apply", id, "--phrase", phrase, "--fingerprint", "of another plan")
	// A command that plans, or is refused, does nothing (R3).
	s.is(s.run(0, "list", "organizations", "sync status: orphaned", "--limit", "1"), "total", float64(orphans))
	done := s.run(0, "apply", id, "--phrase", phrase, "--wait")
	s.is(done, "state", "done")
	s.is(done, "skipped", 0.0)
	s.run(5, "apply", id, "--phrase", phrase)
	s.is(s.run(0, "list", "organizations", "sync status: orphaned"), "total", 0.0)
	first := some[0].(map[string]any)
	trash := s.run(0, "trash", first["name"].(string), "--plan", id)
	s.keys(trash, "items next total")
	s.keys(trash["items"].([]any)[0], "at by id kind merge name organization plan purge_after with")
	s.is(trash["items"].([]any)[0].(map[string]any), "id", first["id"])
	page := s.run(0, "trash", "--plan", id, "--limit", "1")
	if next := s.run(0, "trash", "--plan", id, "--limit", "1", "--after", page["next"].(string)); cmp.Equal(page["items"], next["items"]) {
		s.Error("the second page of Trash is the first")
	}
	s.run(2, "trash", "--after", "x")
	for _, i := range some {
		s.is(s.run(0, "undo", "--id", s.whole(i.(map[string]any), "id"), "--wait"), "state", "done")
	}
	s.is(s.run(0, "list", "organizations", "sync status: orphaned"), "total", 2.0)
	s.is(s.run(0, "undo", id, "--wait"), "state", "done")
	s.is(s.run(0, "list", "organizations", "sync status: orphaned", "--limit", "1"), "total", float64(orphans))
	s.run(3, "plan", "show", "999")
}

// carry takes a backup to an installation on the other database, where the same
// lists say the same.
func (s shell) carry() {
	s.Helper()
	b := s.run(0, "backup")
	s.keys(b, "encrypted file id items message size_bytes state")
	s.is(b, "state", "verified")
	file := filepath.Join(s.dir, "backups", b["file"].(string))
	s.run(0, "verify", file)
	s.run(5, "restore", file)
	other := shell{T: s.T, place: place{dir: s.TempDir()}, psa: s.psa}
	if s.place.url == "" {
		other.place.url = storetest.Postgres(s)
	}
	other.run(0, "restore", file)
	for _, kind := range []string{"organizations", "configurations", "contacts", "locations"} {
		if diff := cmp.Diff(s.run(0, "list", kind, "--limit", "0"), other.run(0, "list", kind, "--limit", "0")); diff != "" {
			s.Errorf("%s: -here +restored:\n%.2000s", kind, diff)
		}
	}
	for _, list := range [][]string{{"duplicates", "--limit", "0"}, {"duplicates", "--not-same"}} {
		if diff := cmp.Diff(s.run(0, list...), other.run(0, list...)); diff != "" {
			s.Errorf("%v: -here +restored:\n%.2000s", list, diff)
		}
	}
	damaged := filepath.Join(s.TempDir(), "damaged.zip")
	content, err := os.ReadFile(file)
	if err != nil {
		s.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(damaged, content, 0o600); err != nil {
		s.Fatal(err)
	}
	s.run(2, "verify", damaged)
}

// Every command explains itself, and the completion script is one that bash
// reads and that knows the commands.
func TestCommands_help(t *testing.T) {
	whole(t)
	p := place{dir: t.TempDir()}
	ask := func(args ...string) string {
		t.Helper()
		out, problem, code := p.command(t, "", nil, args...)
		if code != 0 || problem != "" || len(out) < 80 {
			t.Fatalf("mainstay %s ends with %d: %s%s", strings.Join(args, " "), code, out, problem)
		}
		return out
	}
	_, listed, _ := strings.Cut(ask("--help"), "\nCommands:\n")
	commands := regexp.MustCompile(`(?m)^  (\w[\w ]*?)(?:   .*)?$`).FindAllStringSubmatch(listed, -1)
	if len(commands) < 25 {
		t.Errorf("the help lists only %d commands", len(commands))
	}
	for _, c := range commands {
		if out := ask(append(strings.Fields(c[1]), "--help")...); !strings.HasPrefix(out, "Usage: mainstay "+c[1]) {
			t.Errorf("mainstay %s --help says:\n%s", c[1], out)
		}
	}
	if _, problem, code := p.command(t, "", nil, "remove", "everything"); code != 2 || !strings.Contains(problem, "mainstay --help") {
		t.Errorf("an unknown command ends with %d: %s", code, problem)
	}
	for _, shell := range []string{"zsh", "fish"} {
		ask("completion", shell)
	}
	script := filepath.Join(p.dir, "completion.bash")
	if err := os.WriteFile(script, []byte(ask("completion", "bash")), 0o600); err != nil {
		t.Fatal(err)
	}
	const offered = `set -eu; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _mainstay; echo "${COMPREPLY[*]}"`
	for typed, want := range map[string]string{"mainstay appl": "apply", "mainstay plan dele": "delete", "mainstay plan delete --se": "--seen", "mainstay completion fi": "fish"} {
		out, err := exec.Command("bash", append([]string{"-c", offered, "bash", script}, strings.Fields(typed)...)...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(out)) != want {
			t.Errorf("bash offers %q after %q, want %q: %v", out, typed, want, err)
		}
	}
}
