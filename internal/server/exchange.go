package server

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/auth"
)

// exchange is what is known of one request and its answer, for the log line and
// the metrics. The layers below fill it in.
type exchange struct {
	reference string
	route     auth.Route
	user      mainstay.UserID
	err       error
}

type exchangeKey struct{}

func exchangeOf(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// observe names the request, measures it and writes its line to the log: the
// path without its query, which may hold what a person typed or a token.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{reference: strings.ToLower(rand.Text()[:12])}
		v := auth.Visitor{Address: s.address(r), Reference: x.reference}
		a := &answer{ResponseWriter: w, control: http.NewResponseController(w), now: s.Now}
		ctx := context.WithValue(auth.WithVisitor(r.Context(), v), exchangeKey{}, x)
		r = r.WithContext(ctx)
		a.Header().Set("X-Request-Id", x.reference)
		a.readBodyInTime(r)
		begin := s.Now()
		defer func() {
			took := s.Now().Sub(begin)
			s.meter.count(x, r.Method, a.statusSent(), took)
			s.logLine(ctx, x, v, r, a, took)
		}()
		next.ServeHTTP(a, r)
	})
}

func (s *Server) logLine(ctx context.Context, x *exchange, v auth.Visitor, r *http.Request, a *answer, took time.Duration) {
	level := slog.LevelInfo
	if x.route.Bare {
		level = slog.LevelDebug // static files and probes
	}
	attrs := []slog.Attr{
		slog.String("reference", x.reference), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", a.statusSent()), slog.Int64("bytes", a.sent), slog.Duration("took", took), slog.String("address", v.Address),
	}
	if x.user != 0 {
		attrs = append(attrs, slog.Int64("user", int64(x.user)))
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("kind", string(mainstay.KindOf(x.err))))
		if a.statusSent() >= http.StatusInternalServerError {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", x.err.Error()))
		}
	}
	s.Log.LogAttrs(ctx, level, "request", attrs...)
}

// The times after which a connection that does not move is given up.
const (
	readTime  = 60 * time.Second // for a whole body
	writeTime = 60 * time.Second // for each piece of an answer
	writeStep = 5 * time.Second  // how often the latter is renewed
)

// answer notes what is sent. It gives each piece its own time, so that a slow
// reader is cut off while a long download or a stream goes on.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	now     func() time.Time
	status  int
	sent    int64
	renewed time.Time
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader notes the status. A second one is dropped.
func (a *answer) WriteHeader(status int) {
	if a.status != 0 {
		return
	}
	if status >= http.StatusOK {
		a.status = status
	}
	a.renew()
	a.ResponseWriter.WriteHeader(status)
}

// Write sends a piece.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	a.renew()
	n, err := a.ResponseWriter.Write(b)
	a.sent += int64(n)
	return n, err
}

// FlushError sends what was written so far.
func (a *answer) FlushError() error {
	a.renew()
	return a.control.Flush()
}

func (a *answer) statusSent() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// renew moves the end of the time for writing. A writer without deadlines, such
// as a recorder in a test, needs none.
func (a *answer) renew() {
	now := a.now()
	if now.Sub(a.renewed) < writeStep {
		return
	}
	a.renewed = now
	a.control.SetWriteDeadline(now.Add(writeTime)) //nolint:errcheck // see above
}

// readBodyInTime gives a body a time to arrive in and takes the limit away
// again once it has: otherwise the end of that time would end the context of a
// request that takes longer, such as a stream.
func (a *answer) readBodyInTime(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		a.control.SetReadDeadline(time.Time{}) //nolint:errcheck // as in renew
		return
	}
	a.control.SetReadDeadline(a.now().Add(readTime)) //nolint:errcheck // as in renew
	r.Body = &timedBody{ReadCloser: r.Body, done: func() {
		a.control.SetReadDeadline(time.Time{}) //nolint:errcheck // as in renew
	}}
}

type timedBody struct {
	io.ReadCloser
	done func()
}

// Read calls done at the end of the body.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		b.done()
	}
	return n, err
}
