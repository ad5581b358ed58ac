package bundle

import (
	"bytes"
	"io"
)

// Reseal writes a ZIP with any files and the digest that makes it whole.
func Reseal(fn func(create func(string) (io.Writer, error)) error) ([]byte, error) {
	var b bytes.Buffer
	d := newDigestWriter(&b)
	z := newZipWriter(d)
	if err := fn(z.Create); err != nil {
		return nil, err
	}
	if err := z.SetComment(blankDigest()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	err := d.finish()
	return b.Bytes(), err
}
