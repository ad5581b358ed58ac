package change_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuards builds the tests with one guard switched off at a time and expects
// them to fail: a guard that no test misses could go away unseen.
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
			binary := filepath.Join(t.TempDir(), "guarded.test")
			build := exec.Command("go", "test", "-c", "-o", binary, "-ldflags", "-X mainstay/internal/change.guardOff="+guard, "mainstay/internal/"+at.pkg)
			build.Env = os.Environ()
			if out, err := build.CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			run := exec.Command(binary, "-test.run", at.test, "-test.timeout", "2m")
			run.Dir = filepath.Join("..", at.pkg)
			out, err := run.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "--- FAIL") {
				t.Errorf("without the guard %q the tests still say %v\n%s", guard, err, out)
			}
		})
	}
}
