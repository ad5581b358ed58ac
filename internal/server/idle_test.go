package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// An open page whose session ended leads to the sign-in and from there back to
// itself, not to the part of it that was asked for.
func TestIdle_comesBack(t *testing.T) {
	s := withPages(t, storetest.Setup{Template: template}.SQLite(t).Open(t))
	s.add("ann@example.com", mainstay.Administrator, true)
	for here, want := range map[string]string{
		"https://docs.example.com/contacts?q=a+b": "/login?next=%2Fcontacts%3Fq%3Da%2Bb",
		"https://elsewhere.example//evil.example": "/login",
		"":  "/login",
		"%": "/login",
	} {
		r := request(http.MethodGet, "/jobs/pill")
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Current-URL", here)
		if got := s.do(r).Header.Get("HX-Redirect"); got != want {
			t.Errorf("on %q the sign-in is at %q, want %q", here, got, want)
		}
	}
}

// What a page asks for by itself leaves the idle end of the session alone; every
// page that a person opens moves it.
func TestIdle(t *testing.T) {
	s := withPages(t, storetest.Setup{Template: template}.SQLite(t).Open(t))
	c := s.cookie(s.add("ann@example.com", mainstay.Administrator, true).ID)
	ctx := t.Context()
	end := s.store.DB.Now().Add(time.Hour)
	ends := func() (at mainstay.Time) {
		err := s.store.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, "SELECT expires_at FROM session").Scan(&at)
		})
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	quiet := 0
	for _, route := range s.server.AllRoutes() {
		method, path := fill(route.Pattern)
		if method != http.MethodGet || route.Public {
			continue
		}
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE session SET expires_at = $1", int64(end))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s.get(path, c)
		if moved := ends() != end; moved != route.ByPerson() {
			t.Errorf("%s moves the end of the session: %v, want %v", route.Pattern, moved, route.ByPerson())
		}
		if !route.ByPerson() {
			quiet++
		}
		if by := strings.HasSuffix(route.Pattern, "/events") || strings.HasSuffix(route.Pattern, "/progress") || strings.HasSuffix(route.Pattern, "/pill"); by == route.ByPerson() {
			t.Errorf("%s is asked by a person: %v", route.Pattern, route.ByPerson())
		}
	}
	if quiet < 5 {
		t.Errorf("only %d routes are asked for by pages", quiet)
	}
}
