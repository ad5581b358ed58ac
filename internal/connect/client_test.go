package connect_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/connect"
)

// clock counts the pauses of a client instead of making them.
type clock struct {
	mu     sync.Mutex
	now    time.Time
	pauses []time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pauses = append(c.pauses, d)
	c.now = c.now.Add(d)
	return ctx.Err()
}

func newClock() *clock { return &clock{now: time.Date(2030, 3, 1, 12, 0, 0, 0, time.UTC)} }

func newClient(c *clock, change func(*connect.ClientConfig)) *connect.Client {
	cfg := connect.ClientConfig{AllowLoopback: true, RatePerSecond: -1, Timeout: 5 * time.Second,
		Now: c.Now, Sleep: c.Sleep, Rand: func() float64 { return 0.5 }}
	if change != nil {
		change(&cfg)
	}
	return connect.NewClient(cfg)
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func get(t *testing.T, c *connect.Client, address string) (*connect.Response, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Basic c2VjcmV0LWtleQ==")
	return c.Do(t.Context(), req)
}

func sendJSON(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, body)
}

// doCase is one way for a server to answer and what becomes of it.
type doCase struct {
	name   string
	answer func(w http.ResponseWriter, try int)
	tries  int
	body   string
	status int
	kind   mainstay.ErrorKind
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}

// plainCases are answers without compression; their limit is 1 MiB.
func plainCases() []doCase {
	return []doCase{
		{"plain", func(w http.ResponseWriter, _ int) { sendJSON(w, "[1]") }, 1, "[1]", 200, ""},
		{"vendor json", func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Type", "application/vnd.psa.com+json; version=2024.1")
			_, _ = io.WriteString(w, " {} \n")
		}, 1, " {} \n", 200, ""},
		{"not found is an answer", func(w http.ResponseWriter, _ int) {
			w.WriteHeader(404)
			_, _ = io.WriteString(w, "no")
		}, 1, "no", 404, ""},
		{"500 then fine", func(w http.ResponseWriter, n int) {
			if n < 3 {
				w.WriteHeader(500)
				return
			}
			sendJSON(w, "[]")
		}, 3, "[]", 200, ""},
		{"503 for ever", func(w http.ResponseWriter, _ int) { w.WriteHeader(503) }, 5, "", 0, mainstay.Unavailable},
		{"429 for ever", func(w http.ResponseWriter, _ int) { w.WriteHeader(429) }, 5, "", 0, mainstay.Unavailable},
		{"html log-in page", func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>Log in</html>")
		}, 1, "", 0, mainstay.Unavailable},
		{"html named json", func(w http.ResponseWriter, _ int) { sendJSON(w, "<html>") }, 1, "", 0, mainstay.Unavailable},
		{"no content type", func(w http.ResponseWriter, _ int) {
			w.Header()["Content-Type"] = nil
			_, _ = io.WriteString(w, "[]")
		}, 1, "", 0, mainstay.Unavailable},
		{"empty body", func(w http.ResponseWriter, _ int) { sendJSON(w, "") }, 5, "", 0, mainstay.Unavailable},
		{"cut list", func(w http.ResponseWriter, n int) {
			if n == 1 {
				sendJSON(w, `[{"id":1},`)
				return
			}
			sendJSON(w, `[{"id":1}]`)
		}, 2, `[{"id":1}]`, 200, ""},
		{"too large", func(w http.ResponseWriter, _ int) { sendJSON(w, long()) }, 1, "", 0, mainstay.Unavailable},
	}
}

// zippedCases are answers with a content encoding.
func zippedCases() []doCase {
	return []doCase{
		{"too large once unpacked", func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(zipped(long()))
		}, 1, "", 0, mainstay.Unavailable},
		{"gzip that is cut", func(w http.ResponseWriter, n int) {
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "application/json")
			b := zipped(`[{"id":1}]`)
			if n == 1 {
				b = b[:len(b)-9]
			}
			_, _ = w.Write(b)
		}, 2, `[{"id":1}]`, 200, ""},
		{"unknown encoding", func(w http.ResponseWriter, _ int) {
			w.Header().Set("Content-Encoding", "br")
			sendJSON(w, "[]")
		}, 5, "", 0, mainstay.Unavailable},
	}
}

// long is a list just above the limit of the cases.
func long() string { return "[" + strings.Repeat(" ", 1<<20) + "]" }

func TestClient_Do(t *testing.T) {
	for _, c := range append(plainCases(), zippedCases()...) {
		t.Run(c.name, func(t *testing.T) {
			var tries atomic.Int64
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) { c.answer(w, int(tries.Add(1))) })
			client := newClient(newClock(), func(cfg *connect.ClientConfig) { cfg.MaxBody = 1 << 20 })
			resp, err := get(t, client, s.URL)
			if got := mainstay.KindOf(err); got != c.kind {
				t.Fatalf("error kind %q (%v), want %q", got, err, c.kind)
			}
			if int(tries.Load()) != c.tries {
				t.Errorf("sent %d tries, want %d", tries.Load(), c.tries)
			}
			if got := client.Stats(); got.Requests != tries.Load() || got.Retries != tries.Load()-1 {
				t.Errorf("stats %+v after %d tries", got, tries.Load())
			}
			if err == nil && (string(resp.Body) != c.body || resp.Status != c.status) {
				t.Errorf("got %d %q, want %d %q", resp.Status, resp.Body, c.status, c.body)
			}
			if err != nil && strings.Contains(err.Error(), "c2VjcmV0") {
				t.Errorf("the error shows a credential: %v", err)
			}
		})
	}
}

func TestClient_TriesAgainAfterABrokenConnection(t *testing.T) {
	var tries atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if tries.Add(1) < 3 {
			conn, buf, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			if tries.Load() == 2 {
				_, _ = buf.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n[{\"id\":1}]")
				_ = buf.Flush()
			}
			_ = conn.Close()
			return
		}
		sendJSON(w, "[7]")
	})
	resp, err := get(t, newClient(newClock(), nil), s.URL)
	if err != nil || string(resp.Body) != "[7]" {
		t.Fatalf("got %v, %v", resp, err)
	}
}

func TestClient_RetryAfter(t *testing.T) {
	c := newClock()
	cases := []struct {
		header   string
		min, max time.Duration
	}{
		{"3", 3 * time.Second, 4 * time.Second},
		{c.now.Add(7 * time.Second).Format(http.TimeFormat), 7 * time.Second, 8 * time.Second},
		{c.now.Add(-time.Hour).Format(http.TimeFormat), 0, time.Second},
		{"-5", 0, time.Second},
		{"99999999999999999999999", time.Minute, time.Minute},
		{c.now.AddDate(50, 0, 0).Format(http.TimeFormat), time.Minute, time.Minute},
		{"NaN", 0, time.Second},
		{"soon", 0, time.Second},
		{"", 0, time.Second},
	}
	for _, k := range cases {
		t.Run(k.header, func(t *testing.T) {
			c := newClock()
			var tries atomic.Int64
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				if tries.Add(1) == 1 {
					w.Header().Set("Retry-After", k.header)
					w.WriteHeader(429)
					return
				}
				sendJSON(w, "[]")
			})
			if _, err := get(t, newClient(c, nil), s.URL); err != nil {
				t.Fatal(err)
			}
			if len(c.pauses) != 1 || c.pauses[0] < k.min || c.pauses[0] > k.max {
				t.Errorf("paused %v, want once between %v and %v", c.pauses, k.min, k.max)
			}
		})
	}
}

func TestClient_StormEnds(t *testing.T) {
	var tries atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		w.WriteHeader(503)
	})
	client := newClient(newClock(), func(cfg *connect.ClientConfig) {
		cfg.BreakerAfter, cfg.RetryBudget = 1000, 10
	})
	for range 20 {
		if _, err := get(t, client, s.URL); err == nil {
			t.Fatal("an error was expected")
		}
	}
	if got := tries.Load(); got != 30 {
		t.Errorf("20 requests in a storm sent %d tries, want 20 and a budget of 10", got)
	}
}

func TestClient_BreakerOpensAndCloses(t *testing.T) {
	var down atomic.Bool
	var tries atomic.Int64
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		tries.Add(1)
		if down.Load() {
			w.WriteHeader(500)
			return
		}
		sendJSON(w, "[]")
	})
	client := newClient(newClock(), func(cfg *connect.ClientConfig) {
		cfg.BreakerAfter, cfg.BreakerPause, cfg.MaxRetries = 3, 30*time.Millisecond, -1
	})
	down.Store(true)
	for range 10 {
		_, _ = get(t, client, s.URL)
	}
	if tries.Load() != 3 {
		t.Fatalf("sent %d tries to a server that is down, want 3", tries.Load())
	}
	down.Store(false)
	for deadline := time.Now().Add(5 * time.Second); ; {
		if _, err := get(t, client, s.URL); err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the breaker stayed open")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func TestClient_TimeoutIsTriedAgainOnce(t *testing.T) {
	var tries atomic.Int64
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tries.Add(1)
		sendJSON(w, "[")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	client := newClient(newClock(), func(cfg *connect.ClientConfig) { cfg.Timeout = 40 * time.Millisecond })
	_, err := get(t, client, s.URL)
	if !connect.TimedOut(err) || mainstay.KindOf(err) != mainstay.Unavailable {
		t.Fatalf("got %v, want a time-out", err)
	}
	if tries.Load() != 2 {
		t.Errorf("sent %d tries, want 2", tries.Load())
	}
}

func TestClient_Cancel(t *testing.T) {
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequest(http.MethodGet, s.URL, nil)
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := newClient(newClock(), nil).Do(ctx, req)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the context's own error", err)
	}
}

func TestClient_Paces(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { sendJSON(w, "[]") })
	c := newClock()
	client := newClient(c, func(cfg *connect.ClientConfig) { cfg.RatePerSecond = 2 })
	for range 6 {
		if _, err := get(t, client, s.URL); err != nil {
			t.Fatal(err)
		}
	}
	var total time.Duration
	for _, p := range c.pauses {
		total += p
	}
	if total < 1900*time.Millisecond || total > 2100*time.Millisecond {
		t.Errorf("6 requests at 2 a second, 2 at once, paused %v, want 2s", total)
	}
}

func TestClient_ConnectionRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	c := newClock()
	_, err = get(t, newClient(c, nil), "http://"+address)
	if mainstay.KindOf(err) != mainstay.Unavailable {
		t.Fatalf("got %v", err)
	}
	if len(c.pauses) != 4 {
		t.Errorf("paused %d times, want 4", len(c.pauses))
	}
	for i := 1; i < len(c.pauses); i++ {
		if c.pauses[i] <= c.pauses[i-1] {
			t.Errorf("pauses %v do not grow", c.pauses)
		}
	}
}
