package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// FuzzFlash feeds the cookie of messages with anything: what is shown is made
// of known words, and what a page leaves is read back.
func FuzzFlash(f *testing.F) {
	for _, s := range []string{"", "deleted.contact.3.87", "saved.contact.1.1", "x.y.1.1", "deleted..0.0", "%3Cb%3E.a.1.1", "deleted.contact.99999999999999999999.1",
		"sync-off.contact.3.4", "matched.location.3.87", "one-synced-gone.contact.3.0", "one-synced-x.contact.3.0", "apart..3.4"} {
		f.Add(s)
	}
	known := regexp.MustCompile(`^/(changes|organizations|configurations|contacts|locations|documents)/`)
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", cookieFlash+"="+url.QueryEscape(value))
		got, ok := flashOf(r)
		if !ok {
			return
		}
		toast := got.toast()
		if toast.Text == "" || strings.ContainsAny(toast.Text+toast.URL, "<>\"") || (toast.URL != "" && !known.MatchString(toast.URL)) {
			t.Errorf("%q is shown as %+v", value, toast)
		}
		w := httptest.NewRecorder()
		withFlash(w, got)
		again := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, c := range w.Result().Cookies() {
			again.AddCookie(c)
		}
		if back, ok := flashOf(again); !ok || back != got {
			t.Errorf("%+v came back as %+v", got, back)
		}
	})
}

func FuzzCSVCell(f *testing.F) {
	for _, s := range []string{"", "=1", "+1", "-1", "@x", "\tx", "\rx", "plain", "'=1", "ü"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := csvCell(s)
		if got != "" && strings.ContainsAny(got[:1], "=+-@\t\r") {
			t.Errorf("%q became the formula %q", s, got)
		}
		if strings.TrimPrefix(got, "'") != strings.TrimPrefix(s, "'") {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func TestSafeURL(t *testing.T) {
	for in, want := range map[string]string{"https://x/y": "https://x/y", "http://x": "http://x", "javascript:alert(1)": "", "//x": "", "": "", "HTTPS://x": "", "data:text/html,x": ""} {
		if got := safeURL(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}
