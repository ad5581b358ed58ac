// Package server is the way in by HTTP: the list of routes, what every request
// passes through, the checks of health, the metrics, and the start and the
// graceful end of a process.
//
// A request passes through, in this order: its reference and log line, recovery
// from a panic, security headers, the check of the host, the check of the
// origin, then for its route the size limit, compression, the session, the
// person, the right, and the handler. Nothing reaches a handler without its right: a route that
// names none cannot be registered.
package server

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Config is what a Server needs. What is optional says so.
type Config struct {
	// Listen is the address of the pages. Listener, where set, is used instead.
	Listen   string
	Listener net.Listener
	// MetricsListen is the address of the metrics; empty for none.
	MetricsListen string
	// PublicURL is how people reach the server, without a slash at the end.
	PublicURL string
	// TrustedProxies are the machines whose X-Forwarded-For is believed; none
	// by default. It decides whom the limit of sign-ins slows down.
	TrustedProxies []netip.Prefix

	Routes   []auth.Route
	Sessions *auth.Sessions
	Setup    *auth.Setup
	// RenderError answers with an error that a person may read. The server has
	// logged it; auth.Status gives its status and auth.VisitorOf its reference.
	RenderError func(w http.ResponseWriter, r *http.Request, err error)

	Store  *store.Store
	Jobs   *jobs.Queue  // optional: without it there are no figures about jobs
	Runner *jobs.Runner // optional: without it this process works on no jobs
	// Background is what is done again and again.
	Background []Task
	// Ready, where set, is called once when the addresses are open. An error
	// stops the server.
	Ready func(context.Context) error

	// Drain is how long requests may go on after the stop; 20 s where 0.
	Drain time.Duration
	// Now is the clock of deadlines and durations; the store's where nil.
	Now func() time.Time
	Log *slog.Logger
}

// defaultDrain is Config.Drain where that is 0.
const defaultDrain = 20 * time.Second

// Server answers requests.
type Server struct {
	Config
	public  *url.URL
	origin  *http.CrossOriginProtection
	mux     *http.ServeMux
	handler http.Handler
	meter   *meter

	draining chan struct{} // closed when the stop begins
	drain    sync.Once
	working  atomic.Bool // the job runner is there
	proxied  sync.Once   // the warning about an unknown proxy was logged
	recheck  time.Duration
}

// New returns a server. It refuses routes that would be open by mistake.
func New(c Config) (*Server, error) {
	c.Drain = cmp.Or(c.Drain, defaultDrain)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = func() time.Time { return c.Store.DB.Now().Std() }
	}
	public, err := url.Parse(c.PublicURL)
	if err != nil || public.Host == "" {
		return nil, mainstay.Errorf(mainstay.Internal, "the public URL %q has no host", c.PublicURL)
	}
	s := &Server{Config: c, public: public, mux: http.NewServeMux(), draining: make(chan struct{}), recheck: recheck}
	s.meter = newMeter(s)
	s.origin = http.NewCrossOriginProtection()
	if err := s.origin.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, err
	}
	c.Sessions.OnError = s.fail
	for _, r := range s.AllRoutes() {
		if err := r.Check(); err != nil {
			return nil, err
		}
		s.mux.Handle(r.Pattern, s.serve(r))
	}
	s.handler = s.chain(http.HandlerFunc(s.dispatch))
	return s, nil
}

// AllRoutes lists every route that is served: the given ones and the server's own.
func (s *Server) AllRoutes() []auth.Route {
	return append(s.ownRoutes(), s.Routes...)
}

func (s *Server) ownRoutes() []auth.Route {
	return []auth.Route{
		{Pattern: "GET " + healthPath, Public: true, Bare: true, Handle: s.health},
		{Pattern: "GET " + readyPath, Public: true, Bare: true, Handle: s.ready},
	}
}

// chain is what every request passes through, outermost first.
func (s *Server) chain(next http.Handler) http.Handler {
	steps := []func(http.Handler) http.Handler{s.observe, s.recover, s.headers, s.checkHost, s.checkOrigin}
	for i := len(steps) - 1; i >= 0; i-- {
		next = steps[i](next)
	}
	return next
}

// Handler answers every request; for tests without a listener.
func (s *Server) Handler() http.Handler { return s.handler }

// dispatch hands a request to its route, and says in our own words where there is none.
func (s *Server) dispatch(w http.ResponseWriter, r *http.Request) {
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	probe := &headerOnly{header: http.Header{}}
	h.ServeHTTP(probe, r)
	if allow := probe.header.Get("Allow"); allow != "" {
		w.Header().Set("Allow", allow)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	s.fail(w, r, mainstay.Errorf(mainstay.NotFound, "There's nothing at this address. It may be in Trash."))
}

// headerOnly keeps the headers of an answer and drops the rest.
type headerOnly struct{ header http.Header }

// Header implements http.ResponseWriter.
func (h *headerOnly) Header() http.Header { return h.header }

// Write implements http.ResponseWriter.
func (h *headerOnly) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (h *headerOnly) WriteHeader(int) {}
