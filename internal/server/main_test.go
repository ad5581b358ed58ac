package server_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/server"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

var template = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

// journal is a log that tests read while others write.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// site is an installation with a server that answers in memory.
type site struct {
	t      *testing.T
	store  *store.Store
	people *auth.People
	config server.Config
	server *server.Server
	log    *journal
	// changes makes items, on a site with pages.
	changes *change.Changes
	cookies map[string]*http.Cookie // of people by their sort
}

// newSite makes a site on an empty, migrated database. change may alter the
// configuration; nil leaves it.
func newSite(t *testing.T, d *db.DB, routes []auth.Route, change func(*server.Config)) *site {
	t.Helper()
	passwords, err := auth.NewPasswords(auth.FloorParams(), 2)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, store: store.New(d), log: &journal{}, cookies: map[string]*http.Cookie{}}
	s.people = &auth.People{Store: s.store, Passwords: passwords}
	queue, err := jobs.NewQueue(d)
	if err != nil {
		t.Fatal(err)
	}
	s.config = server.Config{
		PublicURL: "https://docs.example.com", Store: s.store, Jobs: queue, Routes: routes, Now: time.Now,
		Setup:       &auth.Setup{Store: s.store, Passwords: passwords},
		RenderError: renderPlain,
		Log:         slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&s.config)
	}
	s.config.Sessions = auth.NewSessions(auth.Config{Store: s.store, Passwords: passwords, PublicURL: s.config.PublicURL, Log: s.config.Log})
	s.config.Routes = append(s.config.Routes, s.config.Sessions.LinkRoute())
	if s.server, err = server.New(s.config); err != nil {
		t.Fatal(err)
	}
	return s
}

// renderPlain is the error page of these tests.
func renderPlain(w http.ResponseWriter, r *http.Request, err error) {
	http.Error(w, mainstay.SafeMessage(err)+" ("+auth.VisitorOf(r.Context()).Reference+")", auth.Status(err))
}

// each runs a test on both databases with an Administrator in them.
func each(t *testing.T, routes []auth.Route, fn func(t *testing.T, s *site)) {
	t.Helper()
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		s := newSite(t, d, routes, nil)
		s.add("ann@example.com", mainstay.Administrator, true)
		fn(t, s)
	})
}

// one runs a test of what no database has to do with, on SQLite.
func one(t *testing.T, routes []auth.Route, change func(*server.Config)) *site {
	t.Helper()
	s := newSite(t, storetest.Setup{Template: template}.SQLite(t).Open(t), routes, change)
	s.add("ann@example.com", mainstay.Administrator, true)
	return s
}

const password = "plum tree over the wall"

func (s *site) add(email string, role mainstay.Role, all bool, orgs ...mainstay.ItemID) mainstay.User {
	s.t.Helper()
	name, _, _ := strings.Cut(email, "@")
	u, err := s.people.Create(s.t.Context(), mainstay.System("test"), auth.Person{Email: email, Name: name, Role: role, All: all, Organizations: orgs}, password)
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// cookie signs a person in and returns the cookie of the session.
func (s *site) cookie(id mainstay.UserID) *http.Cookie {
	s.t.Helper()
	path, err := s.config.Sessions.NewLink(s.t.Context(), id, time.Minute)
	if err != nil {
		s.t.Fatal(err)
	}
	res := s.do(request(http.MethodGet, path))
	for _, c := range res.Cookies() {
		if strings.Contains(c.Name, "mainstay") {
			return c
		}
	}
	s.t.Fatalf("the link gives %d and no cookie", res.StatusCode)
	return nil
}

// request is what a browser sends to the site itself.
func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, "https://docs.example.com"+path, nil)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
	return r
}

func (s *site) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, r)
	return w.Result()
}

func (s *site) get(path string, c *http.Cookie) *http.Response {
	r := request(http.MethodGet, path)
	if c != nil {
		r.AddCookie(c)
	}
	return s.do(r)
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// ok answers with a word.
func ok(w http.ResponseWriter, r *http.Request) error {
	fmt.Fprintf(w, "hello %s", auth.Actor(r.Context()).Name)
	return nil
}

// sampleRoutes are routes of every sort.
func sampleRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET /{$}", Right: mainstay.ViewItems, Handle: ok},
		{Pattern: "GET /organizations/{id}", Right: mainstay.ViewItems, Handle: ok},
		{Pattern: "POST /organizations/{id}", Right: mainstay.EditItems, Handle: ok},
		{Pattern: "GET /account/backups", Right: mainstay.UseBackups, Handle: ok},
		{Pattern: "GET /runs/{id}/events", Right: mainstay.ManageSync, Stream: true, Handle: ok},
		{Pattern: "GET /login", Public: true, Handle: ok},
		{Pattern: "POST /login", Public: true, Handle: ok},
		{Pattern: "GET /setup", Public: true, Handle: ok},
		{Pattern: "GET /static/", Public: true, Bare: true, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			return nil
		}},
		{Pattern: "GET /panic", Public: true, Handle: func(http.ResponseWriter, *http.Request) error { panic("secret detail") }},
		{Pattern: "GET /late-panic", Public: true, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			fmt.Fprint(w, "half of the answer")
			panic("secret detail")
		}},
		{Pattern: "GET /broken", Public: true, Handle: func(http.ResponseWriter, *http.Request) error {
			return fmt.Errorf("secret detail of the database")
		}},
		{Pattern: "POST /echo", Public: true, Handle: echo},
		{Pattern: "POST /large", Public: true, MaxBody: 3 << 20, Handle: echo},
	}
}

// echo answers with the length of the form that was sent.
func echo(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	fmt.Fprint(w, len(r.PostForm.Get("text")))
	return nil
}
