package server

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCompress_PagesButNoStreams(t *testing.T) {
	h := compress(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		kind := "text/html; charset=utf-8"
		if strings.HasSuffix(r.URL.Path, "/events") {
			kind = "text/event-stream"
		}
		w.Header().Set("Content-Type", kind)
		io.WriteString(w, strings.Repeat("<p>the same</p>", 1000)) //nolint:errcheck // into a recorder
	}))
	for path, want := range map[string]string{"/organizations": "gzip", "/changes/1/events": ""} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%s came with encoding %q, want %q", path, got, want)
		}
		if want != "" && w.Body.Len() > 2000 {
			t.Errorf("%s has %d bytes", path, w.Body.Len())
		}
	}
}
