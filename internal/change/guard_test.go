package change_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuards builds the tests with one guard switched off at a time and expects
// them to fail, the one that is about the guard and the model of everything: a
// guard that no test misses could go away unseen.
func TestGuards(t *testing.T) {
	if testing.Short() {
		t.Log("only the full check builds the tests anew for each guard")
		return
	}
	for guard, at := range map[string]struct{ pkg, test string }{
		"completeness": {"reconcile", "^TestCompleteness$/^sqlite$"},
		"confirm":      {"reconcile", "^TestConfirm$/^sqlite$"},
		"brake":        {"reconcile", "^TestHeld$/^sqlite$"},
		"settings":     {"reconcile", "^TestMidRun$/^sqlite$"},
		"held":         {"change", "^TestPlan_DeletesHoldsBackAndRestores$/^sqlite$"},
	} {
		t.Run(guard, func(t *testing.T) {
			folder := t.TempDir()
			build := func(pkg string) string {
				binary := filepath.Join(folder, pkg+".test")
				c := exec.Command("go", "test", "-c", "-o", binary, "-ldflags", "-X mainstay/internal/change.guardOff="+guard, "mainstay/internal/"+pkg)
				c.Env = os.Environ()
				if out, err := c.CombinedOutput(); err != nil {
					t.Fatalf("build: %v\n%s", err, out)
				}
				return binary
			}
			expectFailure := func(pkg, binary, test string, more ...string) {
				run := exec.Command(binary, append([]string{"-test.run", test, "-test.timeout", "5m"}, more...)...)
				run.Dir = filepath.Join("..", pkg)
				out, err := run.CombinedOutput()
				if err == nil || !strings.Contains(string(out), "--- FAIL") {
					t.Errorf("without the guard %q %s still says %v\n%s", guard, test, err, out)
				}
			}
			model := build("reconcile")
			binary := model
			if at.pkg != "reconcile" {
				binary = build(at.pkg)
			}
			expectFailure(at.pkg, binary, at.test)
			// It takes 1 to 10 sequences to miss a guard; the first one that does ends it.
			expectFailure("reconcile", model, "^TestModel$/^sqlite$", "-rapid.seed=1", "-rapid.checks=60", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
		})
	}
}
