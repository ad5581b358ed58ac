package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/auth"
)

// maxBody is the largest body of a route that names none.
const maxBody = 1 << 20

// serve is what a request passes through once its route is known.
func (s *Server) serve(route auth.Route) http.Handler {
	limit := route.MaxBody
	if limit == 0 {
		limit = maxBody
	}
	inner := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.enter(w, r, route); err != nil {
			s.fail(w, r, err)
		}
	}))
	if route.ByPerson() && !route.Bare {
		inner = s.Sessions.Renew(inner)
	}
	if !route.Bare {
		inner = s.Sessions.Load(s.Sessions.Authenticate(inner))
	}
	if !route.Bare && !route.Stream {
		inner = compress(inner)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).route = route
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		inner.ServeHTTP(w, r)
	})
}

// enter checks the right and calls the handler.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, route auth.Route) error {
	ctx := r.Context()
	a := auth.Actor(ctx)
	exchangeOf(ctx).user = a.UserID
	if a.Role == "" && !route.Bare {
		away, err := s.signInFirst(w, r, route)
		if err != nil || away {
			return err
		}
	}
	if !route.Public {
		if err := a.Can(route.Right, 0); err != nil {
			if route.Refused != nil && a.Role != "" {
				return route.Refused(r, err)
			}
			return err
		}
	}
	if route.Stream {
		var stop func()
		ctx, stop = s.streaming(ctx, route)
		defer stop()
	}
	return route.Handle(w, r.WithContext(ctx))
}

const (
	loginPath = "/login"
	setupPath = "/setup"
)

// signInFirst sends somebody who is not signed in to the place where they can:
// to set-up while there is nobody at all, else to the sign-in, and from there
// back. It reports whether it answered. A program, a stream or a part of a page
// gets Unauthorized instead, for it could do nothing with a page.
func (s *Server) signInFirst(w http.ResponseWriter, r *http.Request, route auth.Route) (bool, error) {
	needed, err := s.Setup.Needed(r.Context())
	if err != nil {
		return false, err
	}
	onSetup := r.URL.Path == setupPath
	if route.Public && (!needed || onSetup) {
		return false, nil
	}
	to := loginPath
	if next := pageOf(r, route); next != "/" {
		to += "?next=" + url.QueryEscape(next)
	}
	if needed {
		to = setupPath
	}
	switch {
	case r.Header.Get("HX-Request") == "true":
		w.Header().Set("HX-Redirect", to)
		fallthrough
	case route.Stream || !wantsPage(r):
		return false, mainstay.Errorf(mainstay.Unauthorized, "Sign in first.")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return true, nil
}

// pageOf is the page that a request belongs to, to come back to: the one on the
// screen where a part of it was asked for, else the one that was asked for.
func pageOf(r *http.Request, route auth.Route) string {
	if r.Header.Get("HX-Request") == "true" {
		if here, err := url.Parse(r.Header.Get("HX-Current-URL")); err == nil && here.Path != "" {
			return auth.SafeNext(here.RequestURI())
		}
	}
	if route.ByPerson() && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return auth.SafeNext(r.URL.RequestURI())
	}
	return "/"
}

// wantsPage reports whether the client can show a page.
func wantsPage(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}

// recheck is how often a stream asks whether its reader still may see it.
const recheck = 10 * time.Second

// streaming returns a context that ends with the server, with the session and
// with the right.
func (s *Server) streaming(ctx context.Context, route auth.Route) (context.Context, func()) {
	ctx, stop := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(s.recheck)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.draining:
				stop()
				return
			case <-tick.C:
			}
			if route.Public {
				continue
			}
			a, err := s.Sessions.Fresh(ctx)
			if err == nil {
				err = a.Can(route.Right, 0)
			}
			if kind := mainstay.KindOf(err); kind == mainstay.Unauthorized || kind == mainstay.Forbidden {
				stop()
				return
			}
		}
	}()
	return ctx, stop
}
