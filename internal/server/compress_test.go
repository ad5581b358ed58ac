package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"mainstay/internal/auth"
)

func TestCompress_pagesButNoStreams(t *testing.T) {
	long := func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, err := io.WriteString(w, strings.Repeat("<p>the same</p>", 1000))
		return err
	}
	s := one(t, []auth.Route{
		{Pattern: "GET /page", Public: true, Handle: long},
		{Pattern: "GET /stream", Public: true, Stream: true, Handle: long},
		{Pattern: "GET /static/", Public: true, Bare: true, Handle: long},
	}, nil)
	for path, want := range map[string]string{"/page": "gzip", "/stream": "", "/static/x": ""} {
		r := request(http.MethodGet, path)
		r.Header.Set("Accept-Encoding", "gzip")
		res := s.do(r)
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("%s came with encoding %q, want %q", path, got, want)
		}
		if n := len(body(t, res)); want != "" && n > 2000 {
			t.Errorf("%s has %d bytes", path, n)
		}
	}
}
