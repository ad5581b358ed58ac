package seal

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mainstay"
)

func TestCreate_thenOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "key.json")
	made, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v; want 0600", info.Mode(), err)
	}
	read, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	aad := Bind("a")
	if got, err := read.Open(sealed(t, made, "hunter2", aad), aad); err != nil || string(got) != "hunter2" {
		t.Errorf("the ring read back opens %q, %v", got, err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) > 0 {
		t.Errorf("temporary files stay: %v", left)
	}
}

func TestCreate_neverReplaces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	if _, err := Create(path); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if _, err := Create(path); mainstay.KindOf(err) != mainstay.Conflict {
		t.Errorf("a second Create gives %v", err)
	}
	after, _ := os.ReadFile(path)
	if string(before) != string(after) {
		t.Error("a second Create changed the file")
	}
}

func TestOpen_errorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct {
		name, path string
		kind       mainstay.ErrorKind
		says       string
	}{
		{"missing", filepath.Join(dir, "none.json"), mainstay.NotFound, "There is no key file"},
		{"readable by others", write("open.json", "{}", 0o644), mainstay.Invalid, "chmod 600"},
		{"damaged", write("bad.json", `{"secret`, 0o600), mainstay.Invalid, "no key file, or a damaged one"},
		{"empty", write("empty.json", "", 0o600), mainstay.Invalid, "no key file, or a damaged one"},
	} {
		_, err := Open(c.path)
		if mainstay.KindOf(err) != c.kind || !strings.Contains(mainstay.SafeMessage(err), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRotate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	old, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if read.Primary() != rotated.Primary() || !slices.Equal(read.IDs(), rotated.IDs()) || !slices.Contains(read.IDs(), old.Primary()) {
		t.Errorf("the file holds %s, Rotate gave %s, it was %s", read, rotated, old)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode after rotation: %v, %v", info.Mode(), err)
	}
	if _, err := Rotate(filepath.Join(t.TempDir(), "none.json")); mainstay.KindOf(err) != mainstay.NotFound {
		t.Errorf("rotating a missing file: %v", err)
	}
}
