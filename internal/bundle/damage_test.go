package bundle_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/db"
)

// bundleOf writes a bundle of a small filled store and returns its bytes.
func bundleOf(t *testing.T, o bundle.Options) []byte {
	t.Helper()
	s := empty(t, db.SQLite)
	fill(t, s, tiny())
	path := place(t)
	_, err := bundle.Write(t.Context(), s, path, o)
	must(t, err)
	b, err := os.ReadFile(path)
	must(t, err)
	return b
}

// verifyBytes verifies a file with the given content.
func verifyBytes(t interface{ Fatal(...any) }, path string, b []byte, o bundle.Options) error {
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := bundle.Verify(path, o)
	return err
}

// Whatever byte changes, wherever the file ends too early or too late, verify
// says so, with a sentence (hazard 74).
func TestVerify_seesEveryDamage(t *testing.T) {
	key, err := age.GenerateX25519Identity()
	must(t, err)
	for _, o := range []bundle.Options{{}, {Recipients: []age.Recipient{key.Recipient()}, Identities: []age.Identity{key}}} {
		t.Run(fmt.Sprintf("encrypted %t", len(o.Recipients) > 0), func(t *testing.T) {
			whole := bundleOf(t, o)
			path := filepath.Join(t.TempDir(), "damaged.zip")
			must(t, verifyBytes(t, path, whole, o))
			check := func(t interface{ Fatal(...any) }, what string, b []byte) {
				err := verifyBytes(t, path, b, o)
				if err == nil {
					t.Fatal(what + " was not seen")
				}
				if mainstay.KindOf(err) != mainstay.Invalid {
					t.Fatal(what + " gives no sentence: " + err.Error())
				}
			}
			// Every byte of the places where a ZIP keeps no checksum, and many others.
			step := max(len(whole)/400, 1)
			for i := 0; i < len(whole); i++ {
				if i > 100 && i < len(whole)-120 && i%step != 0 {
					continue
				}
				b := bytes.Clone(whole)
				b[i] ^= 1 << (i % 8)
				check(t, fmt.Sprintf("a flip at %d of %d", i, len(whole)), b)
			}
			rapid.Check(t, func(t *rapid.T) {
				b := bytes.Clone(whole)
				switch rapid.IntRange(0, 3).Draw(t, "damage") {
				case 0:
					at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
					b[at] ^= rapid.ByteRange(1, 255).Draw(t, "flip")
				case 1:
					b = b[:rapid.IntRange(0, len(b)-1).Draw(t, "length")]
				case 2:
					b = append(b, rapid.SliceOfN(rapid.Byte(), 1, 200).Draw(t, "more")...)
				case 3:
					from := rapid.IntRange(0, len(b)-2).Draw(t, "from")
					n := rapid.IntRange(1, min(len(b)-from, 5000)).Draw(t, "n")
					b = append(b[:from:from], b[from+n:]...)
				}
				check(t, "damage", b)
			})
		})
	}
}

// reseal gives a ZIP that was tampered with the digest that it then needs, so
// that only the checks inside can see it.
func reseal(t *testing.T, files []zipFile, format func(*bundle.Manifest)) []byte {
	t.Helper()
	var m bundle.Manifest
	for i, f := range files {
		if f.name == "manifest.json" && format != nil {
			must(t, json.Unmarshal(f.content, &m))
			format(&m)
			b, err := json.Marshal(m)
			must(t, err)
			files[i].content = b
		}
	}
	b, err := bundle.Reseal(func(create func(string) (io.Writer, error)) error {
		for _, f := range files {
			w, err := create(f.name)
			if err != nil {
				return err
			}
			if _, err := w.Write(f.content); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
	return b
}

type zipFile struct {
	name    string
	content []byte
}

func filesOf(t *testing.T, b []byte) []zipFile {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	must(t, err)
	var out []zipFile
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		content, err := io.ReadAll(r)
		must(t, err)
		out = append(out, zipFile{f.Name, content})
	}
	return out
}

// A file that is whole as a ZIP and as a digest, yet is not what a manifest
// says, is refused, by name.
func TestVerify_namesWhatIsWrong(t *testing.T) {
	whole := bundleOf(t, bundle.Options{})
	tests := []struct {
		name, want string
		change     func([]zipFile) []zipFile
		manifest   func(*bundle.Manifest)
	}{
		{"as it was", "", nil, nil},
		{"a word in a row", "labels.ndjson", edit("labels.ndjson", "Prospect", "Prospekt"), nil},
		{"a row that is none", "row 2 of labels.ndjson", edit("labels.ndjson", `{"id":2,`, `{"id": 2,`), nil},
		{"a row twice", "labels.ndjson", func(f []zipFile) []zipFile {
			i := index(f, "labels.ndjson")
			f[i].content = append(f[i].content, f[i].content[:bytes.IndexByte(f[i].content, '\n')+1]...)
			return f
		}, nil},
		{"a last row without its end", "labels.ndjson", func(f []zipFile) []zipFile {
			i := index(f, "labels.ndjson")
			f[i].content = f[i].content[:len(f[i].content)-1]
			return f
		}, nil},
		{"an item of another kind", "row 1 of items/contact.ndjson", edit("items/contact.ndjson", `"kind":"contact"`, `"kind":"location"`), nil},
		{"a file outside", "another file", rename("labels.ndjson", "../../etc/passwd"), nil},
		{"a file twice", "another file", rename("labels.ndjson", "people.ndjson"), nil},
		{"a file too many", "too many", func(f []zipFile) []zipFile { return append([]zipFile{{"more.ndjson", nil}}, f...) }, nil},
		{"a file too few", "missing", func(f []zipFile) []zipFile { return f[1:] }, nil},
		{"no manifest", "manifest.json is not its last file", func(f []zipFile) []zipFile { return f[:len(f)-1] }, nil},
		{"a wrong count", "labels.ndjson has 19 rows and should have 18", nil, func(m *bundle.Manifest) { m.Files[5].Rows-- }},
		{"a wrong hash of rows", "labels.ndjson", nil, func(m *bundle.Manifest) { m.Files[5].Content = strings.Repeat("0", 64) }},
		{"another product", "manifest.json", nil, func(m *bundle.Manifest) { m.Product = "mainmast" }},
		{"a newer format", "has format 1000 and this version of Mainstay reads formats up to", nil, func(m *bundle.Manifest) { m.Format = 1000 }},
		{"no format", "has format 0", nil, func(m *bundle.Manifest) { m.Format = 0 }},
		{"an older format than it has", "files are missing or there are too many", nil, func(m *bundle.Manifest) { m.Format = 1 }},
		{"a negative size", "manifest.json", nil, func(m *bundle.Manifest) { m.Files[5].Bytes = -1 }},
		{"a huge size", "unpacks to more than", nil, func(m *bundle.Manifest) { m.Files[5].Bytes = 1 << 62 }},
	}
	path := filepath.Join(t.TempDir(), "bundle.zip")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := filesOf(t, whole)
			if test.change != nil {
				files = test.change(files)
			}
			err := verifyBytes(t, path, reseal(t, files, test.manifest), bundle.Options{})
			switch {
			case test.want == "":
				must(t, err)
			case err == nil || !strings.Contains(mainstay.SafeMessage(err), test.want):
				t.Errorf("got %v, want a sentence with %q", err, test.want)
			}
		})
	}
}

func index(files []zipFile, name string) int {
	for i, f := range files {
		if f.name == name {
			return i
		}
	}
	return -1
}

func edit(name, old, now string) func([]zipFile) []zipFile {
	return func(f []zipFile) []zipFile {
		i := index(f, name)
		f[i].content = bytes.Replace(f[i].content, []byte(old), []byte(now), 1)
		return f
	}
}

func rename(name, now string) func([]zipFile) []zipFile {
	return func(f []zipFile) []zipFile {
		f[index(f, name)].name = now
		return f
	}
}

// A file that unpacks to far more than it says, or than it may, costs no memory.
func TestVerify_bomb(t *testing.T) {
	files := filesOf(t, bundleOf(t, bundle.Options{}))
	i := index(files, "labels.ndjson")
	files[i].content = bytes.Repeat([]byte("x"), 80<<20)
	path := filepath.Join(t.TempDir(), "bundle.zip")
	for _, announced := range []int64{100, 80 << 20} {
		b := reseal(t, files, func(m *bundle.Manifest) { m.Files[i].Bytes = announced })
		err := verifyBytes(t, path, b, bundle.Options{})
		if err == nil || !strings.Contains(mainstay.SafeMessage(err), "labels.ndjson can't be read from row 1") {
			t.Errorf("announced as %d bytes: %v", announced, err)
		}
	}
	b := reseal(t, files, func(m *bundle.Manifest) { m.Files[i].Bytes = 80 << 20 })
	err := verifyBytes(t, path, b, bundle.Options{MaxBytes: 1 << 20})
	if mainstay.KindOf(err) != mainstay.TooLarge {
		t.Errorf("more than the limit: %v", err)
	}
}

func TestVerify_otherFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for name, content := range map[string]string{"empty": "", "text": "hello", "long": strings.Repeat("hello", 1000), "age": "age-encryption.org/v1\n-> X25519 "} {
		err := verifyBytes(t, path, []byte(content), bundle.Options{Identities: []age.Identity{mustKey(t)}})
		if mainstay.KindOf(err) != mainstay.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := bundle.Verify(filepath.Join(t.TempDir(), "none.zip"), bundle.Options{})
	if mainstay.KindOf(err) != mainstay.NotFound {
		t.Errorf("a missing file: %v", err)
	}
}

func mustKey(t *testing.T) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	must(t, err)
	return key
}

func TestEncryption(t *testing.T) {
	s := empty(t, db.SQLite)
	fill(t, s, tiny())
	key, other := mustKey(t), mustKey(t)
	recipients, err := bundle.ParseRecipients(key.Recipient().String())
	must(t, err)
	identities, err := bundle.ParseIdentities("# a comment\n" + key.String() + "\n")
	must(t, err)
	half, unlock, err := bundle.Passphrase("correct horse battery")
	must(t, err)
	_, wrong, err := bundle.Passphrase("incorrect horse battery")
	must(t, err)
	for name, test := range map[string]struct {
		to           []age.Recipient
		right, wrong []age.Identity
	}{
		"key":        {recipients, identities, []age.Identity{other}},
		"passphrase": {[]age.Recipient{half}, []age.Identity{unlock}, []age.Identity{wrong}},
	} {
		t.Run(name, func(t *testing.T) {
			path := place(t)
			m, err := bundle.Write(t.Context(), s, path, bundle.Options{Recipients: test.to})
			must(t, err)
			b, err := os.ReadFile(path)
			must(t, err)
			if bytes.Contains(b, []byte("manifest.json")) {
				t.Error("the file is not encrypted")
			}
			got, err := bundle.Verify(path, bundle.Options{Identities: test.right})
			must(t, err)
			if diff := cmp.Diff(m, got); diff != "" {
				t.Errorf("manifest (-written +read):\n%s", diff)
			}
			for ids, want := range map[*[]age.Identity]string{&test.wrong: "doesn't open this backup", {}: "is encrypted"} {
				target := empty(t, db.SQLite)
				_, err := bundle.Restore(t.Context(), path, target, bundle.Options{Identities: *ids})
				if mainstay.KindOf(err) != mainstay.Invalid || !strings.Contains(mainstay.SafeMessage(err), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
		})
	}
	for _, text := range []string{"", "age1x", key.String(), "ssh-rsa AAAA"} {
		if _, err := bundle.ParseRecipients(text); mainstay.KindOf(err) != mainstay.Invalid || strings.Contains(fmt.Sprint(err), "SECRET") {
			t.Errorf("recipient %.8q: %v", text, err)
		}
	}
	if _, err := bundle.ParseIdentities("AGE-SECRET-KEY-1NO"); mainstay.KindOf(err) != mainstay.Invalid {
		t.Errorf("identity: %v", err)
	}
	if _, _, err := bundle.Passphrase("short"); mainstay.KindOf(err) != mainstay.Invalid {
		t.Errorf("passphrase: %v", err)
	}
}
