package server

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
)

// fail answers with an error. It is the only way to one.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	err = auth.Plain(err)
	exchangeOf(r.Context()).err = err
	if mainstay.KindOf(err) == mainstay.RateLimited {
		w.Header().Set("Retry-After", "1")
	}
	s.RenderError(w, r, err)
}

// recover turns a panic into an error page with a reference. Where the answer
// has begun already, it cuts the connection, so that nobody takes half for whole.
func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			x := exchangeOf(r.Context())
			x.err = mainstay.Errorf(mainstay.Internal, "panic: %v", p)
			s.Log.ErrorContext(r.Context(), "panic", slog.String("reference", x.reference), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			if a, ok := w.(*answer); ok && a.status != 0 {
				panic(http.ErrAbortHandler)
			}
			s.fail(w, r, x.err)
		}()
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load only what comes from here, and no inline code.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'"

// headers sets what every answer carries. A handler may set another Cache-Control.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.public.Scheme == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// checkHost refuses a name that is not ours. A page elsewhere could else point
// its own name at this machine and read what we answer (DNS rebinding). A plain
// IP address cannot be used for that, so it is let through, and so are probes.
func (s *Server) checkHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != healthPath && r.URL.Path != readyPath && !s.ownHost(r.Host) {
			http.Error(w, fmt.Sprintf("This server is %s. Set MAINSTAY_PUBLIC_URL if it has another name by now.", s.PublicURL), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) ownHost(host string) bool {
	if strings.EqualFold(host, s.public.Host) {
		return true
	}
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	_, err := netip.ParseAddr(name)
	return err == nil || strings.EqualFold(name, "localhost") || strings.EqualFold(name, s.public.Hostname())
}

// checkOrigin refuses writes that another site makes a browser send.
func (s *Server) checkOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.origin.Check(r); err != nil {
			s.fail(w, r, mainstay.Wrap(mainstay.Forbidden, err, "This came from another site, so nothing was done. Open Mainstay itself and try again."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// address is where a request comes from: the peer, or behind proxies that the
// operator trusts what the nearest of them says.
func (s *Server) address(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	peer := ap.Addr().Unmap()
	hops := forwarded(r)
	if len(hops) > 0 && !s.trusted(peer) {
		s.proxied.Do(func() {
			s.Log.Warn("a proxy that is not trusted passes requests on, so all of them count as from its address", slog.String("address", peer.String()))
		})
		return peer.String()
	}
	for _, hop := range slices.Backward(hops) {
		if !s.trusted(peer) {
			break
		}
		a, err := netip.ParseAddr(hop)
		if err != nil {
			break
		}
		peer = a.Unmap()
	}
	return peer.String()
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// forwarded lists the addresses of X-Forwarded-For, the nearest last.
func forwarded(r *http.Request) []string {
	var out []string
	for _, line := range r.Header.Values("X-Forwarded-For") {
		for hop := range strings.SplitSeq(line, ",") {
			out = append(out, strings.TrimSpace(hop))
		}
	}
	return out
}
