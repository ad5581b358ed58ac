package journey

import (
	"strings"
	"testing"
)

// A demo that was kept goes on where it was: its PSA is found again. An
// installation with people of its own is never taken for one.
func TestDemo_kept(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 100, 0)
		p.must(t, nil, "integration", "settings", psaName, "--untick", "Prospect", "--yes")
		d.stop()
		if people := p.must(t, nil, "user", "list"); !strings.Contains(people, "Marcus Hale") || strings.Count(people, `"disabled": true`) != 1 {
			t.Errorf("who wrote what exists only here is no user who left:\n%s", people)
		}
		again := startDemo(t, p, 100, 0)
		if again.psa != d.psa {
			t.Errorf("the PSA moved from %s to %s", d.psa, again.psa)
		}
		p.must(t, nil, "sync", psaName, "--wait")
		p.first(t, "organizations", "sync status: orphaned")
		p.first(t, "documents", "")
		again.untouched(t)
	})
	places(t, func(t *testing.T, p place) {
		if _, problem, code := p.command(t, "a password that is long", nil, "user", "add", "pat@office.example", "--role", "administrator", "--password-file", "-"); code != 0 {
			t.Fatal(problem)
		}
		_, problem, code := p.command(t, "", nil, "demo", "--keep", p.dir, "--port", "0", "--companies", "10")
		if code != 5 || !strings.Contains(problem, "no demo") {
			t.Errorf("the demo on somebody's installation ends with %d: %s", code, problem)
		}
	})
}
