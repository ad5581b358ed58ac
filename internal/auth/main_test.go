package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

var template = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error { return store.New(d).Migrate(ctx) })

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is an installation with one Administrator, Ann.
type house struct {
	t        *testing.T
	clock    *clock
	store    *store.Store
	hasher   *auth.Passwords
	people   *auth.People
	sessions *auth.Sessions
	setup    *auth.Setup
	ann      mainstay.User
}

const (
	annEmail    = "Ann@Example.com"
	annPassword = "plum tree over the wall"
)

// each runs a test on both databases.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	c := newClock()
	storetest.Setup{Template: template, Now: c.Now}.Each(t, func(t *testing.T, d *db.DB) { fn(t, newHouse(t, c, d)) })
}

func newHouse(t *testing.T, c *clock, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, clock: c, store: store.New(d)}
	var err error
	if h.hasher, err = auth.NewPasswords(auth.FloorParams(), 2); err != nil {
		t.Fatal(err)
	}
	h.people = &auth.People{Store: h.store, Passwords: h.hasher}
	h.setup = &auth.Setup{Store: h.store, Passwords: h.hasher}
	h.sessions = h.newSessions("https://docs.example.com")
	h.ann = h.add(auth.Person{Email: annEmail, Name: "Ann Adler", Role: mainstay.Administrator}, annPassword)
	return h
}

func (h *house) newSessions(publicURL string) *auth.Sessions {
	return auth.NewSessions(auth.Config{Store: h.store, Passwords: h.hasher, PublicURL: publicURL,
		OnError: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), auth.Status(err))
		}})
}

func (h *house) add(p auth.Person, password string) mainstay.User {
	h.t.Helper()
	u, err := h.people.Create(h.t.Context(), mainstay.System("test"), p, password)
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// organizations makes n organizations.
func (h *house) organizations(n int) []mainstay.ItemID {
	h.t.Helper()
	var items []*mainstay.Item
	for range n {
		items = append(items, &mainstay.Item{Kind: mainstay.Organization.Name, Name: "Client", Version: 1, Sync: mainstay.NotLinked})
	}
	h.write(func(t *store.Tx) error { return t.InsertItems(h.t.Context(), items) })
	var ids []mainstay.ItemID
	for _, i := range items {
		ids = append(ids, i.ID)
	}
	return ids
}

func (h *house) write(fn func(*store.Tx) error) {
	h.t.Helper()
	if err := h.store.Write(h.t.Context(), fn); err != nil {
		h.t.Fatal(err)
	}
}

// actor is a person as the store knows them now.
func (h *house) actor(id mainstay.UserID) mainstay.Actor {
	h.t.Helper()
	var a mainstay.Actor
	h.write(func(t *store.Tx) error {
		var err error
		a, err = t.Actor(h.t.Context(), id, "")
		return err
	})
	return a
}

// browser keeps a cookie like a browser does, and calls the sessions directly.
type browser struct {
	h       *house
	s       *auth.Sessions
	address string
	cookie  *http.Cookie
}

func (h *house) browser() *browser { return &browser{h: h, s: h.sessions, address: "192.0.2.7"} }

// do runs fn inside a request that a person makes and returns the answer.
func (b *browser) do(fn func(ctx context.Context)) *http.Response {
	return b.pass(b.s.Renew(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { fn(r.Context()) })))
}

// poll returns who the server takes the browser for when its page asks by itself.
func (b *browser) poll() (name string) {
	b.pass(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { name = auth.Actor(r.Context()).Name }))
	return name
}

// pass sends a request of the browser through the sessions to a handler.
func (b *browser) pass(inner http.Handler) *http.Response {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r = r.WithContext(auth.WithVisitor(r.Context(), auth.Visitor{Address: b.address}))
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	b.s.Load(b.s.Authenticate(inner)).ServeHTTP(w, r)
	res := w.Result()
	for _, c := range res.Cookies() {
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return res
}

// signIn signs in and returns what SignIn does.
func (b *browser) signIn(email, password string) (err error) {
	b.do(func(ctx context.Context) { _, err = b.s.SignIn(ctx, email, password) })
	return err
}

// mustSignIn signs in or ends the test.
func (b *browser) mustSignIn(email, password string) {
	b.h.t.Helper()
	if err := b.signIn(email, password); err != nil {
		b.h.t.Fatal(err)
	}
}

// who returns who the server takes the browser for.
func (b *browser) who() string {
	var name string
	b.do(func(ctx context.Context) { name = auth.Actor(ctx).Name })
	return name
}

func wantKind(t *testing.T, err error, want mainstay.ErrorKind) {
	t.Helper()
	if got := mainstay.KindOf(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
