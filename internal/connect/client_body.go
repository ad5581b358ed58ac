package connect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
)

var errTooLarge = errors.New("answer over the size limit")

// errNotJSON says that an answer of 2xx is no JSON: a log-in or maintenance
// page must never be read as an empty list.
var errNotJSON = errors.New("answer is no JSON")

// readBody reads the whole body, at most limit bytes after decompression.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if enc := resp.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, fmt.Errorf("unknown content encoding %q", enc)
	}
	if resp.ContentLength > limit {
		return nil, errTooLarge
	}
	var buf bytes.Buffer
	if resp.ContentLength > 0 {
		buf.Grow(int(resp.ContentLength) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return nil, err
	}
	if int64(buf.Len()) > limit {
		return nil, errTooLarge
	}
	return buf.Bytes(), nil
}

// checkJSON looks at the type and the outline of an answer of 2xx: a JSON type,
// and a body that ends with the bracket that it began with. A body that stops
// earlier is io.ErrUnexpectedEOF, worth another try. What lies between is the
// connector's to decode.
func checkJSON(r *Response) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return errNotJSON
	}
	body := bytes.TrimSpace(r.Body)
	if len(body) == 0 {
		return io.ErrUnexpectedEOF
	}
	first, last := body[0], body[len(body)-1]
	switch first {
	case '[':
		if last != ']' {
			return io.ErrUnexpectedEOF
		}
	case '{':
		if last != '}' {
			return io.ErrUnexpectedEOF
		}
	case '<':
		return errNotJSON
	}
	return nil
}
