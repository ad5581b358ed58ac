package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"mainstay"
)

var (
	errDraining = errors.New("the server is stopping")
	errNoRunner = errors.New("nobody works on jobs")
)

// The limits of a connection. How long a body and an answer may take, each
// request says itself (exchange.go).
const (
	headerTime = 10 * time.Second
	idleTime   = 2 * time.Minute
	maxHeader  = 64 << 10
)

// Run serves until ctx ends and then drains: it takes no new connections, ends
// the streams, lets requests finish for Config.Drain, stops the clock, and lets
// the job runner hand back its work. It returns an error where it could not
// start, or where a part failed for good.
func Run(ctx context.Context, c Config) error {
	s, err := New(c)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// Run is the function of the same name, of a server that is made already.
func (s *Server) Run(ctx context.Context) error {
	pages, err := s.listen(ctx, s.Listener, s.Listen)
	if err != nil {
		return err
	}
	var figures net.Listener
	if s.MetricsListen != "" {
		if figures, err = s.listen(ctx, nil, s.MetricsListen); err != nil {
			return errors.Join(err, pages.Close())
		}
	}
	p := newParts(ctx)
	web := s.httpServer(s.handler)
	p.start("web server", func(context.Context) error { return serveOn(web, pages) })
	var metrics *http.Server
	if figures != nil {
		metrics = s.httpServer(s.meter.handler(s.Log))
		p.start("metrics server", func(context.Context) error { return serveOn(metrics, figures) })
	}
	stopClock := p.start("clock", func(ctx context.Context) error { s.clock(ctx); return nil })
	stopRunner := p.start("job runner", s.runJobs)
	s.Log.InfoContext(ctx, "serving", slog.String("address", pages.Addr().String()), slog.String("url", s.PublicURL))
	if s.Ready != nil {
		err = s.Ready(ctx)
	}
	if err == nil {
		p.wait(ctx)
	}
	s.Log.InfoContext(ctx, "stopping")
	s.drain.Do(func() { close(s.draining) })
	s.shutdown(ctx, web)
	stopClock()
	stopRunner()
	if metrics != nil {
		metrics.Close() //nolint:errcheck // a scrape that is cut off comes again
	}
	return errors.Join(err, p.end())
}

func (s *Server) listen(ctx context.Context, given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "The address %s can't be opened. Is something else using it?", address)
	}
	return l, nil
}

func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headerTime, IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}

func serveOn(h *http.Server, l net.Listener) error {
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// shutdown lets requests finish, and cuts those that take too long.
func (s *Server) shutdown(ctx context.Context, h *http.Server) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Drain)
	defer cancel()
	if err := h.Shutdown(limited); err != nil {
		s.Log.WarnContext(ctx, "requests were cut off at the stop", slog.Any("error", err))
		h.Close() //nolint:errcheck // the listener is closed already
	}
}

// runJobs works on jobs until ctx ends.
func (s *Server) runJobs(ctx context.Context) error {
	if s.Runner == nil {
		<-ctx.Done()
		return nil
	}
	s.working.Store(true)
	defer s.working.Store(false)
	return s.Runner.Run(ctx)
}

// parts are the things that run side by side in a process. One that ends before
// it was asked to ends the process.
type parts struct {
	calm  context.Context // outlives the stop, so that each part is stopped in its turn
	wg    sync.WaitGroup
	ended chan struct{}
	mu    sync.Mutex
	errs  []error
}

func newParts(ctx context.Context) *parts {
	return &parts{calm: context.WithoutCancel(ctx), ended: make(chan struct{}, 1)}
}

// start runs a part and returns what stops it and waits for its end.
func (p *parts) start(name string, fn func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(p.calm)
	done := make(chan struct{})
	p.wg.Go(func() {
		defer close(done)
		err := fn(ctx)
		if err == nil && ctx.Err() != nil {
			return
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
			p.mu.Lock()
			p.errs = append(p.errs, err)
			p.mu.Unlock()
		}
		select {
		case p.ended <- struct{}{}:
		default:
		}
	})
	return func() {
		cancel()
		<-done
	}
}

// wait returns when ctx ends or a part does.
func (p *parts) wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-p.ended:
	}
}

// end waits for all parts and returns what went wrong with them.
func (p *parts) end() error {
	p.wg.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return errors.Join(p.errs...)
}
