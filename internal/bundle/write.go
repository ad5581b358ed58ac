package bundle

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zip"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/seal"
	"mainstay/internal/store"
)

// partial is the ending of a file that is not whole yet.
const partial = ".part"

// Write writes a bundle of the present moment to path: into a file beside it,
// synced, and then renamed, so that path never holds half a bundle and what it
// held before stays until the new one is whole. It does not verify; see Verify.
func Write(ctx context.Context, s *store.Store, path string, o Options) (m Manifest, err error) {
	f, err := os.OpenFile(path+partial, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // the person who runs the server names the folder
	if noRoom(err) {
		return m, (&diskWriter{err: err}).explain(err, path)
	}
	if err != nil {
		return m, mainstay.Wrap(mainstay.Unavailable, err, "The backup can't be written to %s. Check the folder, its owner and its rights.", filepath.Dir(path))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(path+partial))
		}
	}()
	// The file is counted apart, so that a fault of the disk is not taken for one
	// of the database.
	disk := &diskWriter{w: f}
	if m, err = WriteTo(ctx, s, disk, o); err != nil {
		return m, disk.explain(err, path)
	}
	o.tell("sync", "", 0)
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		disk.err = err
		return m, disk.explain(err, path)
	}
	o.tell("rename", "", 0)
	if err = os.Rename(path+partial, path); err != nil {
		return m, err
	}
	return m, syncDir(filepath.Dir(path))
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// diskWriter remembers the error of the file below it.
type diskWriter struct {
	w   io.Writer
	err error
}

// Write writes through.
func (d *diskWriter) Write(p []byte) (int, error) {
	n, err := d.w.Write(p)
	if err != nil {
		d.err = err
	}
	return n, err
}

func (d *diskWriter) explain(err error, path string) error {
	switch {
	case d.err == nil:
		return err
	case noRoom(d.err):
		return mainstay.Wrap(mainstay.Unavailable, err, "There's no room left in %s. The backup was given up; older backups are untouched. Free some space and take it again.", filepath.Dir(path))
	}
	return mainstay.Wrap(mainstay.Unavailable, err, "The disk of %s doesn't take the backup. Older backups are untouched.", filepath.Dir(path))
}

// WriteTo writes a bundle of the present moment to w, encrypted where Options
// have recipients. All of it comes from one snapshot, however long it takes and
// whatever others write meanwhile, and memory stays flat.
func WriteTo(ctx context.Context, s *store.Store, w io.Writer, o Options) (Manifest, error) {
	buffer := bufio.NewWriterSize(w, 1<<16)
	var plain io.Writer = buffer
	var sealed io.WriteCloser
	if len(o.Recipients) > 0 {
		var err error
		if sealed, err = age.Encrypt(buffer, o.Recipients...); err != nil {
			return Manifest{}, mainstay.Wrap(mainstay.Invalid, err, "The backup can't be encrypted for these keys.")
		}
		plain = sealed
	}
	digest := newDigestWriter(plain)
	z := newZipWriter(digest)
	var m Manifest
	err := s.Read(ctx, func(t *store.Tx) error {
		var err error
		m, err = writeFiles(ctx, t, z, o)
		return err
	})
	if err != nil {
		return m, err
	}
	if err := z.SetComment(blankDigest()); err != nil {
		return m, err
	}
	if err := z.Close(); err != nil {
		return m, err
	}
	if err := digest.finish(); err != nil {
		return m, err
	}
	if sealed != nil {
		if err := sealed.Close(); err != nil {
			return m, err
		}
	}
	return m, buffer.Flush()
}

func newZipWriter(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return z
}

// writeFiles writes all files from one transaction, the manifest last.
func writeFiles(ctx context.Context, t *store.Tx, z *zip.Writer, o Options) (Manifest, error) {
	m := Manifest{Format: store.BundleFormat, Product: product, Version: o.Version, Created: t.Now(), Database: string(t.Dialect()), Note: keyNote, Keys: []uint32{}}
	var err error
	if m.Instance, err = t.Setting(ctx, SettingInstance, ""); err != nil {
		return m, err
	}
	if err := t.CheckBundleKinds(ctx); err != nil {
		return m, err
	}
	if m.Keys, err = sealingKeys(ctx, t); err != nil {
		return m, err
	}
	rows := 0
	for _, f := range store.BundleFiles() {
		info, err := writeFile(ctx, t, z, f, o, &rows)
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, info)
		if f.Kind != "" {
			m.Items += info.Rows
		}
	}
	w, err := z.Create(manifestName)
	if err != nil {
		return m, err
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return m, err
	}
	_, err = w.Write(b)
	return m, err
}

// sealingKeys lists the ids of the keys that the secrets need.
func sealingKeys(ctx context.Context, t *store.Tx) ([]uint32, error) {
	keys := []uint32{}
	list, err := t.AllIntegrations(ctx)
	if err != nil {
		return nil, err
	}
	for _, i := range list {
		secret, err := t.IntegrationSecret(ctx, i.ID)
		if err != nil {
			return nil, err
		}
		if id, ok := seal.KeyID(secret); ok && !slices.Contains(keys, id) {
			keys = append(keys, id)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// writeFile writes the rows of one file.
func writeFile(ctx context.Context, t *store.Tx, z *zip.Writer, f store.BundleFile, o Options, rows *int) (FileInfo, error) {
	info := FileInfo{Name: f.Name + ending}
	w, err := z.Create(info.Name)
	if err != nil {
		return info, err
	}
	sum := sha256.New()
	var content store.ContentHash
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 1<<16)
	o.tell("write", info.Name, *rows)
	err = t.BundleRows(ctx, f, func(line []byte) error {
		content.Add(line)
		info.Bytes += int64(len(line)) + 1
		if *rows++; *rows%told == 0 {
			o.tell("write", info.Name, *rows)
		}
		if _, err := out.Write(line); err != nil {
			return err
		}
		return out.WriteByte('\n')
	})
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return info, fmt.Errorf("write %s: %w", info.Name, err)
	}
	c := content.Content()
	info.Rows, info.Content, info.SHA256 = c.Rows, c.Hash, hex.EncodeToString(sum.Sum(nil))
	return info, nil
}

// databaseName names a database for people.
func databaseName(d db.Dialect) string {
	if d == db.Postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}
