package auth

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/alexedwards/scs/v2"

	"mainstay"
	"mainstay/internal/store"
)

// Config is what Sessions needs.
type Config struct {
	Store     *store.Store
	Passwords *Passwords
	// PublicURL is how people reach the server. With https the cookie travels
	// over TLS only and belongs to this host alone.
	PublicURL string
	// Idle ends a session that is not used; 12 h where 0.
	Idle time.Duration
	// Absolute ends any session; 7 days where 0.
	Absolute time.Duration
	// OnError answers a request whose session could not be read or stored. The
	// server sets it.
	OnError func(w http.ResponseWriter, r *http.Request, err error)
	Log     *slog.Logger
}

// The default lives of a session.
const (
	defaultIdle     = 12 * time.Hour
	defaultAbsolute = 7 * 24 * time.Hour
)

// Sessions are the signed-in browsers of an installation.
type Sessions struct {
	Config
	manager *scs.SessionManager
}

// personValue names the one value that a session holds: who it belongs to.
const personValue = "person"

// NewSessions returns the sessions of a store.
func NewSessions(c Config) *Sessions {
	if c.Idle == 0 {
		c.Idle = defaultIdle
	}
	if c.Absolute == 0 {
		c.Absolute = defaultAbsolute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	s := &Sessions{Config: c, manager: scs.New()}
	s.manager.Lifetime = c.Absolute
	s.manager.Store = rows{store: c.Store, idle: c.Idle}
	s.manager.Codec = jsonCodec{}
	s.manager.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) { s.OnError(w, r, err) }
	s.manager.Cookie.Name, s.manager.Cookie.Secure = cookie(c.PublicURL)
	s.manager.Cookie.HttpOnly = true
	s.manager.Cookie.SameSite = http.SameSiteLaxMode
	return s
}

// cookie returns the name of the cookie. Browsers do not tell ports apart, so
// without https the name holds the port: two installations on one machine then
// leave each other's cookies alone.
func cookie(publicURL string) (name string, secure bool) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Scheme == "https" {
		return "__Host-mainstay", true
	}
	if u.Port() == "" {
		return "mainstay", false
	}
	return "mainstay_" + u.Port(), false
}

// jsonCodec keeps the texts of a session readable for an operator.
type jsonCodec struct{}

type encoded struct {
	Deadline mainstay.Time     `json:"deadline"`
	Values   map[string]string `json:"values"`
}

// Encode implements scs.Codec.
func (jsonCodec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	e := encoded{Deadline: mainstay.TimeOf(deadline), Values: map[string]string{}}
	for k, v := range values {
		if text, ok := v.(string); ok {
			e.Values[k] = text
		}
	}
	return json.Marshal(e)
}

// Decode implements scs.Codec.
func (jsonCodec) Decode(b []byte) (time.Time, map[string]any, error) {
	var e encoded
	if err := json.Unmarshal(b, &e); err != nil {
		return time.Time{}, nil, err
	}
	values := make(map[string]any, len(e.Values))
	for k, v := range e.Values {
		values[k] = v
	}
	return e.Deadline.Std(), values, nil
}

// Load is the middleware that reads the session of a request and stores the one
// that a handler starts. It does not say who is signed in: Authenticate does.
func (s *Sessions) Load(next http.Handler) http.Handler {
	inner := s.manager.LoadAndSave(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey, &visit{})))
	})
}

// Authenticate is the middleware that loads the Actor of the session fresh from
// the store. It lets everybody through; without a session the Actor is zero. It
// leaves the end of the session where it is; see Renew.
func (s *Sessions) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		a, err := s.Fresh(ctx)
		if err != nil && mainstay.KindOf(err) != mainstay.Unauthorized {
			s.OnError(w, r, err)
			return
		}
		if err == nil {
			ctx = WithActor(ctx, a)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// Renew is the middleware for what a person asked for, inside Authenticate: it
// moves the idle end of their session. What a page asks for by itself must not
// pass it, or a browser that was left open would stay signed in.
func (s *Sessions) Renew(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a := Actor(r.Context()); a.Role != "" {
			s.touch(r.Context(), a)
		}
		next.ServeHTTP(w, r)
	})
}

// Fresh returns who the request's session belongs to, as the store knows it now:
// Unauthorized where nobody is signed in, the session ended or the person was
// disabled. Something that runs longer than a request asks again now and then.
func (s *Sessions) Fresh(ctx context.Context) (mainstay.Actor, error) {
	var a mainstay.Actor
	person, err := strconv.ParseInt(s.manager.GetString(ctx, personValue), 10, 64)
	v := visitOf(ctx)
	if err != nil || v.hash == "" {
		return a, mainstay.Errorf(mainstay.Unauthorized, "Sign in first.")
	}
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		row, ok, err := t.Session(ctx, v.hash)
		if err != nil {
			return err
		}
		if !ok || row.Person != mainstay.UserID(person) {
			return mainstay.Errorf(mainstay.Unauthorized, "Sign in first.")
		}
		v.expires = row.Expires
		a, err = t.Actor(ctx, row.Person, VisitorOf(ctx).Address)
		return err
	})
	return a, err
}

// touchEvery is how often the use of a session is written down.
const touchEvery = 5 * time.Minute

// touch moves the idle end of a session that is used. A database that cannot
// write must not keep people from reading, so a failure is logged only.
func (s *Sessions) touch(ctx context.Context, a mainstay.Actor) {
	v := visitOf(ctx)
	now := s.Store.DB.Now()
	until := min(now.Add(s.Idle), mainstay.TimeOf(s.manager.Deadline(ctx)))
	if until.Sub(v.expires) < min(touchEvery, s.Idle/10) {
		return
	}
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.ProlongSession(ctx, v.hash, until); err != nil {
			return err
		}
		return t.SetLastSeen(ctx, a.UserID, now)
	})
	if err != nil {
		s.Log.WarnContext(ctx, "could not note the use of a session", slog.Any("error", err))
	}
}

// Forget removes the sessions that are over and the failures that count no
// more. It belongs among the background tasks.
func (s *Sessions) Forget(ctx context.Context) error {
	return s.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.DeleteExpiredSessions(ctx); err != nil {
			return err
		}
		return t.ForgetOldSignInFailures(ctx, t.Now().Add(-forgetAfter))
	})
}
