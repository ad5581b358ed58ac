package bundle

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"github.com/klauspost/compress/zip"

	"mainstay"
	"mainstay/internal/store"
)

// Limits of what is read. They hold whatever a file claims of itself.
const (
	maxFiles    = 64       // files in a bundle
	maxManifest = 1 << 20  // bytes
	maxLine     = 64 << 20 // bytes of one row
	maxOpen     = 1 << 20  // bytes that opening the archive may read
)

// reader is an open bundle whose outside was checked.
type reader struct {
	file     io.Closer
	zip      *zip.Reader
	whole    bool // the digest over the whole file is right
	manifest Manifest
	files    []store.BundleFile // as in the manifest
	options  Options
}

// Close closes the file.
func (r *reader) Close() error { return r.file.Close() }

// open opens a bundle, checks the digest of the whole and reads the manifest. A
// wrong digest is no error yet, so that the caller can look for what is damaged.
func open(path string, o Options) (*reader, error) {
	f, err := os.Open(path) //nolint:gosec // the person who runs the server names the folder
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, mainstay.Errorf(mainstay.NotFound, "There is no backup file %s.", path)
		}
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "The backup file %s can't be opened.", path)
	}
	r := &reader{file: f, options: o}
	if err := r.read(f); err != nil {
		f.Close() //nolint:errcheck // nothing was written
		return nil, err
	}
	return r, nil
}

func (r *reader) read(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	plain, size, err := decrypt(f, info.Size(), r.options.Identities)
	if err != nil {
		return err
	}
	if size < int64(digestLength+endLength) {
		return damaged(nil, "it is too short to be one")
	}
	if r.whole, err = checkDigest(plain, size); err != nil {
		return damaged(err, "it can't be read to its end")
	}
	if err := checkEnd(plain, size); err != nil {
		return err
	}
	limited := &limitedReaderAt{r: plain, left: maxOpen}
	if r.zip, err = zip.NewReader(limited, size); err != nil {
		return damaged(err, "its table of contents can't be read")
	}
	limited.left = -1
	return r.readManifest()
}

// decrypt returns the plain content of a file, which is the file itself where it
// is not encrypted.
func decrypt(f io.ReaderAt, size int64, ids []age.Identity) (io.ReaderAt, int64, error) {
	head := make([]byte, len(ageMagic))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	if string(head) != ageMagic {
		return f, size, nil
	}
	if len(ids) == 0 {
		return nil, 0, mainstay.Errorf(mainstay.Invalid, "This backup is encrypted. Give the private key or the passphrase that it was made for.")
	}
	plain, n, err := age.DecryptReaderAt(f, size, ids...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, 0, mainstay.Wrap(mainstay.Invalid, err, "This key doesn't open this backup. Use the one that it was made for.")
	case err != nil:
		return nil, 0, damaged(err, "its encryption doesn't hold together")
	}
	return plain, n, nil
}

// The end of a ZIP as we write it: the end record, and for large files before it
// a locator and a larger record.
const (
	endLength    = 22
	locator64    = 20
	end64        = 56
	endMark      = 0x06054b50
	locatorMark  = 0x07064b50
	end64Mark    = 0x06064b50
	manyEntries  = 0xffff
	entriesAt    = 10
	entries64At  = 32
	commentAt    = 20
	locatorTable = 8
)

// checkEnd checks the end record before the ZIP reader believes it: it must lie
// where we put it and announce few files.
func checkEnd(r io.ReaderAt, size int64) error {
	at := size - int64(digestLength+endLength)
	b := make([]byte, endLength)
	if _, err := r.ReadAt(b, at); err != nil {
		return damaged(err, "its end can't be read")
	}
	le := binary.LittleEndian
	if le.Uint32(b) != endMark || int(le.Uint16(b[commentAt:])) != digestLength {
		return damaged(nil, "its end is missing, or it is no Mainstay backup")
	}
	entries := uint64(le.Uint16(b[entriesAt:]))
	if entries == manyEntries {
		big := make([]byte, end64+locator64)
		at -= int64(len(big))
		if _, err := r.ReadAt(big, max(at, 0)); err != nil {
			return damaged(err, "its end can't be read")
		}
		if at < 0 || le.Uint32(big) != end64Mark || le.Uint32(big[end64:]) != locatorMark || le.Uint64(big[end64+locatorTable:]) != uint64(at) {
			return damaged(nil, "its end is not as it was written")
		}
		entries = le.Uint64(big[entries64At:])
	}
	if entries > maxFiles {
		return damaged(nil, "it holds more files than a backup does")
	}
	return nil
}

// limitedReaderAt stops reading after left bytes; -1 for no limit.
type limitedReaderAt struct {
	r    io.ReaderAt
	left int
}

// ReadAt reads while the limit allows.
func (l *limitedReaderAt) ReadAt(p []byte, off int64) (int, error) {
	if l.left >= 0 {
		if l.left -= len(p); l.left < 0 {
			l.left = 0
			return 0, errors.New("bundle: the table of contents is too large")
		}
	}
	return l.r.ReadAt(p, off)
}

// readManifest reads the manifest and checks that the archive holds exactly the
// files it names, which must be files that a bundle has, each once and in order.
// Their names are compared and never used as paths.
func (r *reader) readManifest() error {
	if n := len(r.zip.File); n == 0 || r.zip.File[n-1].Name != manifestName {
		return damaged(nil, "%s is not its last file", manifestName)
	}
	entries := r.zip.File[:len(r.zip.File)-1]
	b, err := readSmall(r.zip.File[len(entries)], maxManifest)
	if err != nil {
		return damaged(err, "%s can't be read", manifestName)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&r.manifest); err != nil || r.manifest.Product != product {
		return damaged(err, "%s is not as it was written", manifestName)
	}
	if r.manifest.Format < 1 || r.manifest.Format > store.BundleFormat {
		return mainstay.Errorf(mainstay.Invalid, "This backup has format %d and this version of Mainstay reads formats up to %d. It was made by version %s; use that one, or a newer one.",
			r.manifest.Format, store.BundleFormat, r.manifest.Version)
	}
	r.files = store.BundleFilesOf(r.manifest.Format)
	if len(r.manifest.Files) != len(r.files) || len(entries) != len(r.files) {
		return damaged(nil, "files are missing or there are too many")
	}
	var total int64
	for i, f := range r.files {
		info := r.manifest.Files[i]
		if info.Name != f.Name+ending || entries[i].Name != info.Name {
			return damaged(nil, "where %s%s should be there is another file", f.Name, ending)
		}
		if info.Bytes < 0 || info.Rows < 0 {
			return damaged(nil, "%s is not as it was written", manifestName)
		}
		total += info.Bytes
		if limit := r.limit(); info.Bytes > limit || total > limit {
			return mainstay.Errorf(mainstay.TooLarge, "This backup says that it unpacks to more than %s bytes. Raise the limit if that is right.", mainstay.Thousands(int(limit)))
		}
	}
	return nil
}

func (r *reader) limit() int64 {
	if r.options.MaxBytes > 0 {
		return r.options.MaxBytes
	}
	return DefaultMaxBytes
}

func readSmall(f *zip.File, most int64) ([]byte, error) {
	rc, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer rc.Close() //nolint:errcheck // reading to the end reports what matters
	b, err := io.ReadAll(io.LimitReader(rc, most+1))
	if err == nil && int64(len(b)) > most {
		err = errors.New("bundle: the file is too large")
	}
	return b, err
}

// rows calls fn with each row of the i-th file and compares the file with the
// manifest. row counts from 1.
func (r *reader) rows(i int, fn func(row int, line []byte) error) error {
	info := r.manifest.Files[i]
	rc, err := r.zip.File[i].Open()
	if err != nil {
		return damaged(err, "%s can't be opened", info.Name)
	}
	defer rc.Close() //nolint:errcheck // reading to the end reports what matters
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(io.LimitReader(rc, info.Bytes+1), sum), 1<<16)
	var content store.ContentHash
	var long []byte
	for row := 1; ; row++ {
		line, err := readLine(in, &long)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return damaged(err, "%s can't be read from row %d on", info.Name, row)
		}
		content.Add(line)
		if err := fn(row, line); err != nil {
			return err
		}
	}
	c := content.Content()
	switch {
	case c.Rows != info.Rows:
		return damaged(nil, "%s has %d rows and should have %d", info.Name, c.Rows, info.Rows)
	case hex.EncodeToString(sum.Sum(nil)) != info.SHA256, c.Hash != info.Content:
		return damaged(nil, "the content of %s is not what was written", info.Name)
	}
	return nil
}

// readLine returns the next line without its break. It is valid until the next
// call; long is reused for lines that don't fit the buffer.
func readLine(in *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		*long = (*long)[:0]
		for errors.Is(err, bufio.ErrBufferFull) {
			*long = append(*long, line...)
			if len(*long) > maxLine {
				return nil, errors.New("bundle: a row is too long")
			}
			line, err = in.ReadSlice('\n')
		}
		*long = append(*long, line...)
		line = *long
	}
	switch {
	case errors.Is(err, io.EOF) && len(line) > 0:
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	return line[:len(line)-1], nil
}

// parse reads a row and names it where it is damaged.
func (r *reader) parse(i, row int, line []byte) (store.BundleRow, error) {
	parsed, err := r.files[i].Parse(line)
	if err != nil {
		return parsed, damaged(fmt.Errorf("row %d: %w", row, err), "row %d of %s is not as it was written", row, r.manifest.Files[i].Name)
	}
	return parsed, nil
}
