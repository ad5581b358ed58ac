package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// The comment of the ZIP: a mark and the SHA-256 of all bytes before the
// comment. It stands at the very end of the file, and its length is fixed.
const (
	digestMark   = "sha256:"
	digestLength = len(digestMark) + 2*sha256.Size
)

// blankDigest is the comment before its digest is known.
func blankDigest() string {
	b := make([]byte, digestLength)
	for i := range b {
		b[i] = '0'
	}
	copy(b, digestMark)
	return string(b)
}

// digestWriter passes bytes on, holding back the last digestLength of them,
// which finish replaces by the digest of all before.
type digestWriter struct {
	w    io.Writer
	hash hash.Hash
	tail []byte
}

func newDigestWriter(w io.Writer) *digestWriter { return &digestWriter{w: w, hash: sha256.New()} }

// Write passes on what is certainly not the end.
func (d *digestWriter) Write(p []byte) (int, error) {
	d.tail = append(d.tail, p...)
	n := len(d.tail) - digestLength
	if n <= 0 {
		return len(p), nil
	}
	d.hash.Write(d.tail[:n])
	if _, err := d.w.Write(d.tail[:n]); err != nil {
		return 0, err
	}
	d.tail = append(d.tail[:0], d.tail[n:]...)
	return len(p), nil
}

func (d *digestWriter) finish() error {
	if string(d.tail) != blankDigest() {
		return errors.New("bundle: the ZIP doesn't end with its comment")
	}
	_, err := io.WriteString(d.w, digestMark+hex.EncodeToString(d.hash.Sum(nil)))
	return err
}

// checkDigest reads a whole file and compares the digest at its end.
func checkDigest(r io.ReaderAt, size int64) (ok bool, err error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(r, 0, size-int64(digestLength))); err != nil {
		return false, err
	}
	tail := make([]byte, digestLength)
	if _, err := r.ReadAt(tail, size-int64(digestLength)); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return string(tail) == digestMark+hex.EncodeToString(h.Sum(nil)), nil
}
