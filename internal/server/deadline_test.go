package server_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"mainstay/internal/auth"
)

// timed is an answer that notes the deadlines it is given.
type timed struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (w *timed) SetReadDeadline(t time.Time) error  { w.read = t; return nil }
func (w *timed) SetWriteDeadline(t time.Time) error { w.write = t; return nil }

// A body and each piece of an answer have their time; a request that goes on
// after its body has none that would end it.
func TestDeadlines(t *testing.T) {
	w := &timed{ResponseRecorder: httptest.NewRecorder()}
	var during, after time.Time
	s := one(t, []auth.Route{{Pattern: "POST /slow", Public: true, Handle: func(_ http.ResponseWriter, r *http.Request) error {
		during = w.read
		_, err := io.ReadAll(r.Body)
		after = w.read
		return err
	}}, {Pattern: "GET /page", Public: true, Handle: ok}}, nil)
	r := request("POST", "/slow")
	r.Body = io.NopCloser(strings.NewReader("text=x"))
	s.server.Handler().ServeHTTP(w, r)
	if during.IsZero() || !after.IsZero() {
		t.Errorf("while the body comes the deadline is %v, afterwards %v", during, after)
	}
	w = &timed{ResponseRecorder: httptest.NewRecorder(), read: time.Now()}
	s.server.Handler().ServeHTTP(w, request("GET", "/page"))
	if !w.read.IsZero() {
		t.Error("a request without a body has a deadline to read it")
	}
	if w.write.IsZero() {
		t.Error("an answer has no deadline")
	}
}
