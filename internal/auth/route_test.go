package auth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/auth"
)

func TestRoute_isDeniedByDefault(t *testing.T) {
	handle := func(http.ResponseWriter, *http.Request) error { return nil }
	for _, r := range []auth.Route{
		{Pattern: "GET /x", Right: mainstay.ViewItems, Handle: handle},
		{Pattern: "GET /x", Public: true, Handle: handle},
		{Pattern: "GET /x", Public: true, Bare: true, Handle: handle},
	} {
		if err := r.Check(); err != nil {
			t.Error(err)
		}
	}
	for _, r := range []auth.Route{
		{Pattern: "GET /x", Handle: handle},
		{Pattern: "GET /x", Right: mainstay.ViewItems, Public: true, Handle: handle},
		{Pattern: "GET /x", Right: "fly", Handle: handle},
		{Pattern: "GET /x", Right: mainstay.ViewItems},
		{Pattern: "/x", Right: mainstay.ViewItems, Handle: handle},
		{Pattern: "GET /x", Right: mainstay.ViewItems, Bare: true, Handle: handle},
	} {
		if r.Check() == nil {
			t.Errorf("%+v is accepted", r)
		}
	}
}

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/organizations?q=sync+status%3A+orphaned": "/organizations?q=sync+status%3A+orphaned",
		"/changes/12":   "/changes/12",
		"/loginfo":      "/loginfo",
		"":              "/",
		"x":             "/",
		"//evil.test":   "/",
		"///evil.test":  "/",
		`/\evil.test`:   "/",
		`/%5cevil.test`: "/",
		"/%2fevil.test": "/",
		"https://evil":  "/",
		"/\t/evil.test": "/",
		"/ /evil.test":  "/",
		"/login":        "/",
		"/login/link":   "/",
		"/logout":       "/",
		"/setup?x":      "/",
		"/a#b":          "/a",
	} {
		if got := auth.SafeNext(next); got != want {
			t.Errorf("SafeNext(%q) = %q, want %q", next, got, want)
		}
	}
}

func FuzzSafeNext(f *testing.F) {
	for _, s := range []string{"/a", "//a", `/\a`, "/%2f%2fa", "/a?b=//c", "/\r\nSet-Cookie:x", "/" + strings.Repeat("`", 700)} {
		f.Add(s)
	}
	base, err := url.Parse("https://docs.example.com/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := auth.SafeNext(next)
		u, err := base.Parse(got)
		if err != nil || u.Scheme != "https" || u.Host != "docs.example.com" || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t ") {
			t.Errorf("SafeNext(%q) = %q leads to %v, %v", next, got, u, err)
		}
		if auth.SafeNext(got) != got {
			t.Errorf("SafeNext(%q) = %q is not stable", next, got)
		}
	})
}

func TestStatus_knowsEveryKind(t *testing.T) {
	want := map[mainstay.ErrorKind]int{mainstay.Internal: 500, mainstay.Invalid: 422, mainstay.Unauthorized: 401, mainstay.Forbidden: 403, mainstay.NotFound: 404,
		mainstay.Conflict: 409, mainstay.Stale: 412, mainstay.Held: 409, mainstay.Unavailable: 503, mainstay.TooLarge: 413, mainstay.RateLimited: 429}
	for kind, status := range want {
		if got := auth.Status(fmt.Errorf("while testing: %w", mainstay.Errorf(kind, "x"))); got != status {
			t.Errorf("%s gives %d, want %d", kind, got, status)
		}
	}
	if got := auth.Status(errors.New("x")); got != 500 {
		t.Errorf("any other error gives %d", got)
	}
	if got := auth.Status(auth.Plain(&http.MaxBytesError{})); got != 413 {
		t.Errorf("a body that is too large gives %d", got)
	}
}
