package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Engine is what pages need of the syncing side: the connectors, proofs of
// credentials, and addresses in the PSA. reconcile has it; pages import no
// package that does background work.
type Engine interface {
	Specs() []connect.Spec
	Test(ctx context.Context, connector string, options, secrets map[string]string) (connect.Instance, error)
	TestStored(ctx context.Context, id mainstay.IntegrationID, options, secrets map[string]string) (connect.Instance, map[string]string, error)
	ReadLabels(ctx context.Context, id mainstay.IntegrationID) error
	RecordURL(i mainstay.Integration, kind mainstay.KindName, external string) string
	SyncItem(ctx context.Context, a mainstay.Actor, ref mainstay.Ref) (change.OneSynced, error)
	PreviewMatch(ctx context.Context, a mainstay.Actor, m change.Match) (p change.MatchPreview, trouble error, err error)
}

// Web answers the browser: it reads from the store, writes through the services
// that own what is written, and draws pages. Every method is safe for use by
// many requests at once.
type Web struct {
	Store   *store.Store
	Changes *change.Changes
	Jobs    *jobs.Queue
	Engine  Engine
	Backups Backups
	// BackupFolder is where the files of backups are, for the operator to read.
	BackupFolder string
	// Who signs in, and who may.
	Sessions *auth.Sessions
	Setup    *auth.Setup
	People   *auth.People
	Zone     *time.Location // of the account; nil means UTC
	Log      *slog.Logger   // nil drops
}

// The cookies that hold how a person likes the pages to look.
const (
	cookieTheme   = "theme"
	cookieDensity = "density"
	cookieKeys    = "keys"
)

// handler answers one request, or returns an error and has written nothing.
type handler = func(w http.ResponseWriter, r *http.Request) error

// page fills in what surrounds every page: who is here, the account, the
// numbers of the sidebar and the running job. p brings Title, Active and Crumbs.
func (s *Web) page(r *http.Request, t *store.Tx, p Page) (Page, error) {
	tallies, err := t.Tallies(r.Context(), auth.Actor(r.Context()))
	if err != nil {
		return p, err
	}
	return s.pageWith(r, t, p, tallies)
}

// pageWith is page for a handler that has read the tallies itself.
func (s *Web) pageWith(r *http.Request, t *store.Tx, p Page, tallies []store.Tally) (Page, error) {
	p, _, err := s.pageAndWork(r, t, p, tallies)
	return p, err
}

// pageAndWork is pageWith for a handler that asks as well what is under way.
func (s *Web) pageAndWork(r *http.Request, t *store.Tx, p Page, tallies []store.Tally) (Page, work, error) {
	ctx := r.Context()
	p = s.bare(r, p)
	p.Counts = map[string]int{}
	for _, y := range tallies {
		if k, err := mainstay.KindNamed(string(y.Kind)); err == nil {
			p.Counts[k.Plural] += y.N
		}
	}
	var err error
	if p.Account, err = t.Setting(ctx, change.SettingAccount, ""); err != nil {
		return p, work{}, err
	}
	under, err := workOf(ctx, t, p.Actor)
	if err != nil {
		return p, under, err
	}
	p.Job, p.Counts["jobs"] = under.pill, len(under.runs)+len(under.plans)
	if p.May(mainstay.PlanChanges) {
		b, err := t.BulkDeletion(ctx)
		if err != nil {
			return p, under, err
		}
		if b.On(p.Now) {
			p.BulkDeletion = &b
		}
	}
	return p, under, nil
}

// bare fills in what needs no database.
func (s *Web) bare(r *http.Request, p Page) Page {
	p.Actor, p.Now, p.Zone, p.Path = auth.Actor(r.Context()), s.Store.DB.Now(), s.Zone, r.URL.RequestURI()
	p.Theme = cookieAmong(r, cookieTheme, "light", "dark")
	p.Density = cookieAmong(r, cookieDensity, "comfortable")
	p.KeysOff = cookieAmong(r, cookieKeys, "off") != ""
	if f, ok := flashOf(r); ok {
		t := f.toast()
		if t.Post && !p.May(f.right()) {
			t.Action, t.URL, t.Post = "", "", false
		}
		p.Toasts = []Toast{t}
	}
	return p
}

// cookieAmong returns the value of a cookie where it is one of the known ones.
func cookieAmong(r *http.Request, name string, known ...string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	for _, k := range known {
		if c.Value == k {
			return k
		}
	}
	return ""
}

// work is what is under way and what the person may see of it.
type work struct {
	runs  []mainstay.Run
	plans []mainstay.Plan
	pill  *JobPill // the latest; nil for none
}

// workOf finds what is under way.
func workOf(ctx context.Context, t *store.Tx, a mainstay.Actor) (work, error) {
	var u work
	var err error
	if a.Can(mainstay.ManageSync, 0) == nil {
		if u.runs, err = t.ActiveRuns(ctx); err != nil {
			return u, err
		}
		if n := len(u.runs); n > 0 {
			r := u.runs[n-1]
			i, err := t.Integration(ctx, r.IntegrationID)
			if err != nil {
				return u, err
			}
			u.pill = &JobPill{Label: "Syncing " + i.Name, URL: runURL(r), Percent: share(r.Counts.Seen, r.Expected)}
		}
	}
	if a.Can(mainstay.PlanChanges, 0) != nil {
		return u, nil //nolint:nilerr // who may not is not told
	}
	all, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning, mainstay.PlanPaused}, 20)
	if err != nil {
		return u, err
	}
	for _, p := range all {
		if change.MaySeePlan(a, p) != nil {
			continue
		}
		u.plans = append(u.plans, p)
		if u.pill == nil || p.State == mainstay.PlanRunning {
			u.pill = &JobPill{Label: p.Title(), URL: planURL(p.ID), Percent: share(p.Done+p.Skipped, p.Counts.Total().Apply)}
		}
	}
	return u, nil
}

// runningJob returns the latest work under way that the person may see, and how
// much there is of it.
func runningJob(ctx context.Context, t *store.Tx, a mainstay.Actor) (*JobPill, int, error) {
	u, err := workOf(ctx, t, a)
	return u.pill, len(u.runs) + len(u.plans), err
}

// share is how much of work under way is done in percent, or -1 while the whole is
// unknown. It stays under 100: what follows the last record takes its time, too.
func share(part, whole int) int {
	if whole <= 0 {
		return -1
	}
	return min(percent(part, whole), 99)
}

// partial reports whether the browser replaces one element only.
func partial(r *http.Request) bool { return r.Header.Get("HX-Request-Type") == "partial" }

// show writes the fragment where one element is replaced, and else the page.
func (s *Web) show(w http.ResponseWriter, r *http.Request, page, fragment templ.Component) error {
	if partial(r) && fragment != nil {
		return s.write(w, r, http.StatusOK, fragment)
	}
	return s.write(w, r, http.StatusOK, page)
}

// write draws a component into memory first, so that an error still can become
// a page of its own, and sends it.
func (s *Web) write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "HX-Request-Type")
	if !partial(r) {
		clearFlash(w, r)
	}
	w.WriteHeader(status)
	b.WriteTo(w) //nolint:errcheck // the browser went away; nobody is left to be told
	return nil
}

// redirect sends the browser to an address of this server after a form.
func redirect(w http.ResponseWriter, r *http.Request, url string) error {
	http.Redirect(w, r, url, http.StatusSeeOther) //nolint:gosec // callers give addresses of this server
	return nil
}

// RenderError draws any error: the fragment where one element is replaced, else
// a page. It is the only function that does.
func (s *Web) RenderError(w http.ResponseWriter, r *http.Request, err error) {
	err = auth.Plain(err)
	p := ErrorPage{Status: auth.Status(err), Message: mainstay.SafeMessage(err)}
	p.Title = p.heading()
	if p.Status >= 500 {
		p.Reference = auth.VisitorOf(r.Context()).Reference
	}
	if partial(r) {
		s.writeError(w, r, p, errorFragment(p))
		return
	}
	p.Page = s.bare(r, p.Page)
	if p.SignedIn() && p.Status < 500 {
		readErr := s.Store.Read(r.Context(), func(t *store.Tx) error {
			var err error
			p.Page, err = s.page(r, t, p.Page)
			return err
		})
		if readErr != nil {
			// The page still says what went wrong, only without the numbers around it.
			p.Page = s.bare(r, Page{Title: p.Title})
		}
	}
	p.Crumbs = []Crumb{{Label: p.heading()}}
	if p.Status == http.StatusNotFound && p.SignedIn() && p.May(mainstay.UseTrash) {
		p.Links = []Link{{"Search Trash", "/trash"}}
	}
	s.writeError(w, r, p, errorView(p))
}

func (s *Web) writeError(w http.ResponseWriter, r *http.Request, p ErrorPage, c templ.Component) {
	if err := s.write(w, r, p.Status, c); err != nil {
		http.Error(w, p.Message, p.Status)
	}
}

// errMissing is the one answer for what is not there and for what this person
// may not see, so that nothing can be learnt by asking.
func errMissing() error {
	return mainstay.Errorf(mainstay.NotFound, "There's nothing at this address. It may be in Trash.")
}

// pathID reads a number of the address; anything else is not there.
func pathID(r *http.Request, name string) (int64, error) {
	id, err := mainstay.ParseItemID(r.PathValue(name))
	if err != nil {
		return 0, errMissing()
	}
	return int64(id), nil
}

// form reads the body of a form.
func form(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		if plain := auth.Plain(err); mainstay.KindOf(plain) != mainstay.Internal {
			return plain
		}
		return mainstay.Wrap(mainstay.Invalid, err, "The form could not be read. Nothing was changed. Send it again.")
	}
	return nil
}

// maxIDs is how many ids one form may carry.
const maxIDs = 1000

// formIDs reads the ids of ticked rows.
func formIDs(r *http.Request, name string) ([]mainstay.ItemID, error) {
	if len(r.PostForm[name]) > maxIDs {
		return nil, mainstay.Errorf(mainstay.TooLarge, "More than %s rows were chosen one by one. Select all that match instead.", num(maxIDs))
	}
	var ids []mainstay.ItemID
	for _, v := range r.PostForm[name] {
		id, err := mainstay.ParseItemID(v)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// formNumber reads a whole number that a form carries; empty is 0.
func formNumber(r *http.Request, name string) (int64, error) {
	v := strings.TrimSpace(r.PostForm.Get(name))
	if v == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, mainstay.FieldError(name, "%q is no whole number.", v)
	}
	return n, nil
}
