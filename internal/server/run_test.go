package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/server"
	"mainstay/internal/storetest"
)

// patience is how long a test waits for what must come.
const patience = 30 * time.Second

// running is a server on real addresses.
type running struct {
	*site
	url, metrics string
	stop         func()
	ended        chan error
}

// start runs a server until the test ends.
func start(t *testing.T, d *db.DB, routes []auth.Route, change func(*server.Config)) *running {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	open := make(chan struct{})
	s := newSite(t, d, routes, func(c *server.Config) {
		c.Listener, c.MetricsListen, c.PublicURL = l, free.Addr().String(), "http://"+l.Addr().String()
		c.Ready = func(context.Context) error { close(open); return nil }
		if change != nil {
			change(c)
		}
	})
	s.add("ann@example.com", mainstay.Administrator, true)
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{site: s, url: "http://" + l.Addr().String(), metrics: "http://" + free.Addr().String(), stop: cancel, ended: make(chan error, 1)}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		r.ended <- s.server.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-gone
	})
	select {
	case <-open:
	case err := <-r.ended:
		t.Fatal(err)
	case <-time.After(patience):
		t.Fatal("the server does not start")
	}
	return r
}

// wait waits for the end of the server.
func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(patience):
		r.t.Fatal("the server does not end")
		return nil
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
	}
}

func status(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	defer res.Body.Close()
	return res.StatusCode
}

// TestRun_drains stops a server in the middle of a request, a stream, a
// background task and a job, and looks at what becomes of each.
func TestRun_drains(t *testing.T) {
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		inRequest, goOn := make(chan struct{}), make(chan struct{})
		routes := []auth.Route{
			{Pattern: "GET /slow", Public: true, Handle: func(w http.ResponseWriter, _ *http.Request) error {
				close(inRequest)
				<-goOn
				fmt.Fprint(w, "the whole answer")
				return nil
			}},
			{Pattern: "GET /stream", Public: true, Stream: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
				fmt.Fprint(w, "first\n")
				if err := http.NewResponseController(w).Flush(); err != nil {
					return err
				}
				<-r.Context().Done()
				fmt.Fprint(w, "goodbye\n")
				return nil
			}},
		}
		var inJob, jobEnded, ticks atomic.Int32
		runner := jobs.NewRunner(d, map[jobs.Kind]jobs.Handler{jobs.Purge: func(ctx context.Context, _ jobs.Job) error {
			inJob.Add(1)
			<-ctx.Done()
			jobEnded.Add(1)
			return ctx.Err()
		}}, jobs.Options{Beat: 200 * time.Millisecond})
		r := start(t, d, routes, func(c *server.Config) {
			c.Runner = runner
			c.Background = []server.Task{{Name: "tick", Every: 5 * time.Millisecond, Do: func(context.Context) error { ticks.Add(1); return nil }}}
		})
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := r.config.Jobs.Enqueue(t.Context(), tx, jobs.Purge, 0, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "the job runs", func() bool { return inJob.Load() > 0 })
		eventually(t, "it is ready", func() bool { return status(r.url+"/readyz") == 200 })
		eventually(t, "the clock ticks", func() bool { return ticks.Load() > 2 })
		if got := status(r.metrics + "/metrics"); got != 200 {
			t.Errorf("metrics give %d", got)
		}

		slow := make(chan string, 1)
		go func() {
			res, err := http.Get(r.url + "/slow")
			if err != nil {
				slow <- err.Error()
				return
			}
			defer res.Body.Close()
			b, err := io.ReadAll(res.Body)
			slow <- fmt.Sprint(string(b), err)
		}()
		<-inRequest
		stream, err := http.Get(r.url + "/stream")
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Body.Close()
		lines := bufio.NewScanner(stream.Body)
		if !lines.Scan() || lines.Text() != "first" {
			t.Fatalf("the stream begins with %q", lines.Text())
		}

		r.stop()
		if !lines.Scan() || lines.Text() != "goodbye" || lines.Scan() {
			t.Errorf("the stream ends with %q", lines.Text())
		}
		eventually(t, "no new connections", func() bool { return status(r.url+"/healthz") == 0 })
		if jobEnded.Load() != 0 {
			t.Error("the job was ended before the requests")
		}
		close(goOn)
		if got := <-slow; got != "the whole answer<nil>" {
			t.Errorf("the request under way gets %q", got)
		}
		if err := r.wait(); err != nil {
			t.Error(err)
		}
		if jobEnded.Load() != 1 {
			t.Error("the job was not ended")
		}
		after := ticks.Load()
		time.Sleep(50 * time.Millisecond)
		if ticks.Load() != after {
			t.Error("the clock ticks after the end")
		}
		list, err := r.config.Jobs.List(t.Context(), jobs.Filter{Unfinished: true})
		if err != nil || len(list) != 1 || list[0].State != jobs.Waiting {
			t.Errorf("the job is not back in the queue: %+v, %v", list, err)
		}
	})
}

func TestRun_cutsWhatTakesTooLong(t *testing.T) {
	d := storetest.Setup{Template: template}.SQLite(t).Open(t)
	begun := make(chan struct{})
	r := start(t, d, []auth.Route{{Pattern: "GET /stuck", Public: true, Handle: func(_ http.ResponseWriter, r *http.Request) error {
		close(begun)
		<-r.Context().Done()
		return r.Context().Err()
	}}}, func(c *server.Config) { c.Drain = 100 * time.Millisecond })
	go status(r.url + "/stuck")
	select {
	case <-begun:
	case err := <-r.ended:
		t.Fatalf("the server ended by itself: %v", err)
	}
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.log.String(), "requests were cut off") {
		t.Error("the log does not say that a request was cut off")
	}
}

func TestRun_failsToStart(t *testing.T) {
	d := storetest.Setup{Template: template}.SQLite(t).Open(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, change := range map[string]func(*server.Config){
		"pages":   func(c *server.Config) { c.Listen = taken.Addr().String() },
		"metrics": func(c *server.Config) { c.Listen, c.MetricsListen = "127.0.0.1:0", taken.Addr().String() },
	} {
		s := newSite(t, d, nil, change)
		if err := s.server.Run(t.Context()); mainstay.KindOf(err) != mainstay.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
	sorry := errors.New("the code could not be printed")
	s := newSite(t, d, nil, func(c *server.Config) {
		c.Listen = "127.0.0.1:0"
		c.Ready = func(context.Context) error { return sorry }
	})
	if err := s.server.Run(t.Context()); !errors.Is(err, sorry) {
		t.Errorf("Ready failed, Run says %v", err)
	}
}

func TestBackground_goesOnAfterAFailure(t *testing.T) {
	d := storetest.Setup{Template: template}.SQLite(t).Open(t)
	var failed, panicked atomic.Int32
	r := start(t, d, nil, func(c *server.Config) {
		c.Background = []server.Task{
			{Name: "fails", Every: time.Millisecond, Do: func(context.Context) error { failed.Add(1); return errors.New("broken") }},
			{Name: "panics", Every: time.Millisecond, Do: func(context.Context) error { panicked.Add(1); panic("broken too") }},
		}
	})
	eventually(t, "both are done again", func() bool { return failed.Load() > 2 && panicked.Load() > 2 })
	r.stop()
	if err := r.wait(); err != nil {
		t.Error(err)
	}
	if log := r.log.String(); !strings.Contains(log, "task=fails") || !strings.Contains(log, "task=panics") {
		t.Errorf("the log does not say what failed:\n%s", log)
	}
}

// A connection that sends nothing, or a header without end, is not kept.
func TestRun_refusesHugeHeaders(t *testing.T) {
	d := storetest.Setup{Template: template}.SQLite(t).Open(t)
	r := start(t, d, nil, nil)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Long", strings.Repeat("x", 100<<10))
	res, err := http.DefaultClient.Do(req)
	if err == nil {
		res.Body.Close()
		if res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("100 KiB of headers give %d", res.StatusCode)
		}
	}
}
