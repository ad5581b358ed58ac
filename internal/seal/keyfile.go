package seal

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"mainstay"
)

// Parse reads a key ring from the content of a key file.
func Parse(raw []byte) (*Ring, error) {
	h, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		// The cause is left out: it may quote the content.
		return nil, mainstay.Errorf(mainstay.Invalid, "This is no key file, or a damaged one. Put it back from where you keep a copy.")
	}
	return ringOf(h)
}

// Marshal returns the content of a key file. Whoever has it can open every secret.
func (r *Ring) Marshal() ([]byte, error) {
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(r.handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, mainstay.Wrap(mainstay.Internal, err, "The key ring couldn't be written.")
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n'), nil
}

// Open reads the key file at path. A missing file is a NotFound error; a file
// that others than its owner may read is refused.
func Open(path string) (*Ring, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, mainstay.Wrap(mainstay.NotFound, err, "There is no key file at %s. Put it back from where you keep a copy.", path)
	case err != nil:
		return nil, unreadable(path, err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, mainstay.Errorf(mainstay.Invalid, "Others can read the key file %s. Run: chmod 600 %s", path, path)
	}
	raw, err := os.ReadFile(path) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, unreadable(path, err)
	}
	r, err := Parse(raw)
	if err != nil {
		return nil, mainstay.Errorf(mainstay.Invalid, "%s: %s", path, mainstay.SafeMessage(err))
	}
	return r, nil
}

func unreadable(path string, err error) error {
	return mainstay.Wrap(mainstay.Unavailable, err, "The key file %s can't be read. Check its owner and rights.", path)
}

// Create makes a key file with one fresh key, with mode 0600. An existing file
// is never replaced: that is a Conflict.
func Create(path string) (*Ring, error) {
	r, err := New()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, unwritable(path, err)
	}
	// A link fails where the name is taken, so two starts never overwrite each other.
	err = r.write(path, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return nil, mainstay.Wrap(mainstay.Conflict, err, "There is already a key file at %s. It was left as it is.", path)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Save replaces the key file at path in one step, with mode 0600: a crash
// leaves the old content or the new, never a part.
func (r *Ring) Save(path string) error {
	return r.write(path, os.Rename)
}

// write puts the key ring into a temporary file beside path, makes it durable
// and moves it into place.
func (r *Ring) write(path string, place func(from, to string) error) (err error) {
	raw, err := r.Marshal()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already after a rename
	_, err = f.Write(raw)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return unwritable(path, err)
	}
	if err := place(f.Name(), path); err != nil {
		return unwritable(path, err)
	}
	return syncFolder(path)
}

// syncFolder makes the new name itself durable.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return unwritable(path, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	return mainstay.Wrap(mainstay.Unavailable, err, "The key file %s can't be written. Check the folder's owner, rights and free space.", path)
}

// Rotate adds a fresh primary key to the key file at path and returns the new
// ring. Seal the stale secrets anew afterwards.
func Rotate(path string) (*Ring, error) {
	r, err := Open(path)
	if err != nil {
		return nil, err
	}
	if r, err = r.Rotated(); err != nil {
		return nil, err
	}
	return r, r.Save(path)
}
