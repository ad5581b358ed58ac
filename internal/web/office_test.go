package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/bundle"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connectwise"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/reconcile"
	"mainstay/internal/server"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
	"mainstay/internal/web"
)

var officeTemplate = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

const (
	officeHost     = "127.0.0.1:8765"
	officePassword = "plum tree over the wall"
)

// office is a whole installation behind its real server, beside a simulated PSA.
type office struct {
	*testing.T
	store   *store.Store
	changes *change.Changes
	engine  *reconcile.Engine
	backups *bundle.Backups
	people  *auth.People
	setup   *auth.Setup
	psa     *simulator.Simulator
	psaURL  string
	handler http.Handler
	runs    int
}

// offices runs a test in an empty installation on each database.
func offices(t *testing.T, fn func(o *office)) {
	t.Helper()
	storetest.Setup{Template: officeTemplate}.Each(t, func(t *testing.T, d *db.DB) { fn(newOffice(t, d)) })
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	o := &office{T: t, store: store.New(d), psa: simulator.New(simulator.Config{Seed: 7, Size: simulator.Small()})}
	psa, err := simulator.Start(o.psa)
	o.must(err)
	t.Cleanup(psa.Close)
	o.psaURL = psa.URL()
	queue, err := jobs.NewQueue(d)
	o.must(err)
	same := func(b []byte, _ string) ([]byte, error) { return b, nil }
	o.backups = &bundle.Backups{Store: o.store, Jobs: queue, Dir: t.TempDir(), Version: "test"}
	o.changes = change.New(change.Config{Store: o.store, Jobs: queue, Backup: o.backups.Take, Seal: same})
	o.engine = reconcile.New(reconcile.Config{Store: o.store, Changes: o.changes, Connectors: []connect.Spec{connectwise.Spec()}, Open: same,
		Client: connect.ClientConfig{AllowLoopback: true, RatePerSecond: 100_000, MaxRetries: 1, Now: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }, Rand: func() float64 { return 0.5 }}})
	passwords, err := auth.NewPasswords(auth.FloorParams(), 2)
	o.must(err)
	o.people = &auth.People{Store: o.store, Passwords: passwords}
	o.setup = &auth.Setup{Store: o.store, Passwords: passwords}
	sessions := auth.NewSessions(auth.Config{Store: o.store, Passwords: passwords, PublicURL: "http://" + officeHost})
	w := &web.Web{Store: o.store, Changes: o.changes, Engine: o.engine, Backups: o.backups, BackupFolder: o.backups.Dir, Sessions: sessions, Setup: o.setup, People: o.people}
	s, err := server.New(server.Config{PublicURL: "http://" + officeHost, Routes: w.Routes(), Sessions: sessions, Setup: o.setup, RenderError: w.RenderError, Store: o.store})
	o.must(err)
	o.handler = s.Handler()
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) read(fn func(*store.Tx) error) {
	o.Helper()
	o.must(o.store.Read(o.Context(), fn))
}

// boss is the system as an Administrator, for what a test prepares.
func boss() mainstay.Actor {
	return mainstay.Actor{Name: "Ann Boss", Role: mainstay.Administrator, All: true}
}

// hire adds a person and signs them in. No organization means all of them.
func (o *office) hire(email string, role mainstay.Role, orgs ...mainstay.ItemID) *browser {
	o.Helper()
	_, err := o.people.Create(o.Context(), boss(), auth.Person{Email: email, Name: "Mr " + email, Role: role, All: len(orgs) == 0 && role != mainstay.Lite, Organizations: orgs}, officePassword)
	o.must(err)
	b := &browser{office: o, cookies: map[string]string{}}
	b.post("/login", url.Values{"email": {email}, "password": {officePassword}}).wants(http.StatusSeeOther)
	return b
}

// browser keeps cookies and follows nothing.
type browser struct {
	*office
	cookies map[string]string
}

// answer is what the server said.
type answer struct {
	*office
	what string
	*httptest.ResponseRecorder
	body string
}

func (b *browser) send(r *http.Request) *answer {
	b.Helper()
	r.Host, r.RemoteAddr = officeHost, "192.0.2.7:5000"
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return &answer{b.office, r.Method + " " + r.URL.String(), w, w.Body.String()}
}

func (b *browser) get(path string) *answer {
	b.Helper()
	return b.send(httptest.NewRequestWithContext(b.Context(), http.MethodGet, path, nil))
}

// fragment asks for one element, as htmx does.
func (b *browser) fragment(method, path string, in url.Values) *answer {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(in.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	r.Header.Set("HX-Request-Type", "partial")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

func (b *browser) post(path string, in url.Values) *answer {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, path, strings.NewReader(in.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// wants fails unless the answer has a status.
func (a *answer) wants(status int) *answer {
	a.Helper()
	if a.Code != status {
		a.Fatalf("%s: status %d, want %d\n%s", a.what, a.Code, status, a.text())
	}
	return a
}

// says fails unless the page contains every text, as a person reads it.
func (a *answer) says(texts ...string) *answer {
	a.Helper()
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			a.Errorf("%s does not say %q:\n%s", a.what, text, a.text())
		}
	}
	return a
}

// hides fails if the page contains a text.
func (a *answer) hides(texts ...string) *answer {
	a.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.Errorf("%s says %q", a.what, text)
		}
	}
	return a
}

// leads fails unless the answer sends the browser to a path.
func (a *answer) leads(path string) *answer {
	a.Helper()
	a.wants(http.StatusSeeOther)
	if to := a.Header().Get("Location"); to != path {
		a.Errorf("%s leads to %q, want %q", a.what, to, path)
	}
	return a
}

// text is the page without its markup, with single spaces.
func (a *answer) text() string {
	return strings.Join(strings.Fields(plainText(a.body)), " ")
}

// connected adds the PSA through the pages and returns the integration.
func (b *browser) connected() mainstay.Integration {
	b.Helper()
	b.post("/account/integrations/new?connector=connectwise", b.credentials("save")).wants(http.StatusSeeOther)
	var all []mainstay.Integration
	b.read(func(t *store.Tx) (err error) { all, err = t.Integrations(b.Context()); return err })
	if len(all) != 1 {
		b.Fatalf("%d integrations", len(all))
	}
	return all[0]
}

// credentials fill the form of a connection.
func (o *office) credentials(do string) url.Values {
	c := o.psa.Config()
	return url.Values{"name": {"ConnectWise PSA"}, "opt.url": {o.psaURL}, "opt.company": {c.Company}, "opt.client-id": {c.ClientID},
		"opt.public-key": {c.PublicKey}, "opt.private-key": {c.PrivateKey}, "do": {do}}
}

// work executes the job of the run that waits, and returns the run.
func (o *office) work() mainstay.Run {
	o.Helper()
	var run mainstay.Run
	o.read(func(t *store.Tx) error {
		active, err := t.ActiveRuns(o.Context())
		if len(active) == 1 {
			run = active[0]
		}
		return err
	})
	if run.ID == 0 {
		o.Fatal("no sync waits")
	}
	o.runs++
	if err := o.engine.Handle(o.Context(), jobs.Job{Kind: jobs.Sync, Key: int64(run.ID), Attempt: 1, Lease: fmt.Sprint("lease ", o.runs)}); err != nil {
		o.Logf("the job gave %v", err)
	}
	o.read(func(t *store.Tx) (err error) { run, err = t.Run(o.Context(), run.ID); return err })
	return run
}

// sync runs a full sync to its end through the button of the integration.
func (b *browser) sync(i mainstay.Integration) mainstay.Run {
	b.Helper()
	b.post(path(i, "/sync"), nil).wants(http.StatusSeeOther)
	return b.work()
}

func path(i mainstay.Integration, rest string) string {
	return fmt.Sprintf("/account/integrations/%d%s", i.ID, rest)
}

// boxes are all boxes of the tab of a kind except those of some types.
func (b *browser) boxes(i mainstay.Integration, tab string, without ...string) url.Values {
	b.Helper()
	page := b.get(path(i, "/sync-settings/"+tab)).wants(http.StatusOK)
	out := url.Values{}
	for _, f := range inputs(b.T, page.body) {
		switch {
		case f.name == "version":
			out.Set("version", f.value)
		case f.name == "pair":
			keep := true
			for _, w := range without {
				keep = keep && !strings.HasPrefix(f.label, w+",")
			}
			if keep {
				out.Add("pair", f.value)
			}
		}
	}
	return out
}

// everythingSyncs ticks every box of an integration and runs a first sync.
func (b *browser) everythingSyncs(i mainstay.Integration) {
	b.Helper()
	for _, tab := range []string{"organizations", "configurations"} {
		in := b.boxes(i, tab)
		in.Set("confirmed", "1000000")
		b.post(path(i, "/sync-settings/"+tab), in).leads(path(i, "/sync-settings/"+tab))
	}
	if run := b.sync(i); run.State != mainstay.RunComplete || run.Counts.Created == 0 {
		b.Fatalf("first sync: %s %+v %s", run.State, run.Counts, run.Message)
	}
}
