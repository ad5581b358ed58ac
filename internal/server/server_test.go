package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/server"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func TestNew_refusesOpenRoutes(t *testing.T) {
	s := one(t, nil, nil)
	for _, r := range []auth.Route{
		{Pattern: "GET /open", Handle: ok},
		{Pattern: "GET /both", Handle: ok, Public: true, Right: mainstay.ViewItems},
		{Pattern: "GET /unknown", Handle: ok, Right: "fly"},
		{Pattern: "/any", Handle: ok, Right: mainstay.ViewItems},
	} {
		c := s.config
		c.Routes = []auth.Route{r}
		if _, err := server.New(c); err == nil {
			t.Errorf("%s is served", r.Pattern)
		}
	}
}

// TestHeaders looks at answers of every sort.
func TestHeaders(t *testing.T) {
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; " +
			"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; manifest-src 'self'",
		"X-Content-Type-Options":       "nosniff",
		"X-Frame-Options":              "DENY",
		"Referrer-Policy":              "same-origin",
		"Permissions-Policy":           "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
	}
	for url, hsts := range map[string]string{"https://docs.example.com": "max-age=31536000", "http://docs.example.com": ""} {
		s := one(t, sampleRoutes(), func(c *server.Config) { c.PublicURL = url })
		for path, status := range map[string]int{"/login": 200, "/": 303, "/nothing": 404, "/panic": 500, "/broken": 500, "/healthz": 200, "/static/x": 200} {
			res := s.get(path, nil)
			if res.StatusCode != status {
				t.Errorf("%s gives %d, want %d", path, res.StatusCode, status)
			}
			for name, value := range want {
				if path == "/static/x" && name == "Cache-Control" {
					value = "public, max-age=31536000, immutable"
				}
				if got := res.Header.Get(name); got != value {
					t.Errorf("%s: %s is %q, want %q", path, name, got, value)
				}
			}
			if got := res.Header.Get("Strict-Transport-Security"); got != hsts {
				t.Errorf("%s%s: Strict-Transport-Security is %q, want %q", url, path, got, hsts)
			}
			if len(res.Header.Get("X-Request-Id")) != 12 {
				t.Errorf("%s: no reference", path)
			}
		}
		if vary := s.get("/static/x", nil).Header.Values("Vary"); len(vary) != 0 {
			t.Errorf("static files vary by %v", vary)
		}
	}
}

// TestCrossOrigin goes through methods, Sec-Fetch-Site and Origin.
func TestCrossOrigin(t *testing.T) {
	s := one(t, append(sampleRoutes(), auth.Route{Pattern: "PUT /echo", Public: true, Handle: echo}, auth.Route{Pattern: "DELETE /echo", Public: true, Handle: echo}), nil)
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE"} {
		for _, site := range []string{"", "same-origin", "none", "same-site", "cross-site", "nonsense"} {
			for _, origin := range []string{"", "https://docs.example.com", "https://evil.example", "null", "https://docs.example.com.evil.example", "http://docs.example.com:81"} {
				path := "/echo"
				if method == "GET" || method == "HEAD" {
					path = "/login"
				}
				r := request(method, path)
				r.Header.Del("Sec-Fetch-Site")
				if site != "" {
					r.Header.Set("Sec-Fetch-Site", site)
				}
				if origin != "" {
					r.Header.Set("Origin", origin)
				}
				safe := method == "GET" || method == "HEAD"
				own := origin == "https://docs.example.com"
				allowed := safe || site == "same-origin" || site == "none" || own || (site == "" && origin == "")
				want := map[bool]int{true: 200, false: 403}[allowed]
				if got := s.do(r).StatusCode; got != want {
					t.Errorf("%s, Sec-Fetch-Site %q, Origin %q: %d, want %d", method, site, origin, got, want)
				}
			}
		}
	}
}

func TestHost(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	for host, want := range map[string]int{
		"docs.example.com": 200, "DOCS.example.com:443": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "localhost:8080": 200, "10.0.0.5": 200,
		"evil.example": 421, "evil.example:8080": 421, "docs.example.com.evil.example": 421, "127.0.0.1.nip.io": 421, "localhost.evil.example": 421, "": 421,
	} {
		r := request("GET", "/login")
		r.Host = host
		if got := s.do(r).StatusCode; got != want {
			t.Errorf("host %q: %d, want %d", host, got, want)
		}
		r = request("GET", "/healthz")
		r.Host = host
		if got := s.do(r).StatusCode; got != 200 {
			t.Errorf("a probe by host %q: %d", host, got)
		}
	}
}

func TestAddress(t *testing.T) {
	address := auth.Route{Pattern: "GET /address", Public: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
		fmt.Fprint(w, auth.VisitorOf(r.Context()).Address)
		return nil
	}}
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for _, c := range []struct {
		proxies   []netip.Prefix
		peer      string
		forwarded []string
		want      string
	}{
		{nil, "192.0.2.1:5000", nil, "192.0.2.1"},
		{nil, "192.0.2.1:5000", []string{"198.51.100.1"}, "192.0.2.1"},
		{nil, "[::ffff:192.0.2.1]:5000", nil, "192.0.2.1"},
		{proxies, "192.0.2.1:5000", []string{"198.51.100.1"}, "192.0.2.1"},
		{proxies, "10.1.1.1:5000", []string{"198.51.100.1"}, "198.51.100.1"},
		{proxies, "10.1.1.1:5000", []string{"6.6.6.6, 198.51.100.1, 10.2.2.2"}, "198.51.100.1"},
		{proxies, "10.1.1.1:5000", []string{"6.6.6.6", "198.51.100.1"}, "198.51.100.1"},
		{proxies, "10.1.1.1:5000", []string{"nonsense"}, "10.1.1.1"},
		{proxies, "[::1]:5000", []string{"2001:db8::1"}, "2001:db8::1"},
		{proxies, "@", nil, ""},
	} {
		s := one(t, []auth.Route{address}, func(n *server.Config) { n.TrustedProxies = c.proxies })
		r := request("GET", "/address")
		r.RemoteAddr = c.peer
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		r.Header.Set("X-Real-Ip", "6.6.6.6")
		r.Header.Set("Forwarded", "for=6.6.6.6")
		if got := body(t, s.do(r)); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestSignInFirst(t *testing.T) {
	each(t, sampleRoutes(), func(t *testing.T, s *site) {
		for _, c := range []struct {
			method, path string
			header       [2]string
			status       int
			location     string
			htmx         string
		}{
			{"GET", "/", [2]string{}, 303, "/login", ""},
			{"GET", "/organizations/12?q=a+b&c=%26", [2]string{}, 303, "/login?next=%2Forganizations%2F12%3Fq%3Da%2Bb%26c%3D%2526", ""},
			{"HEAD", "/organizations/12", [2]string{}, 303, "/login?next=%2Forganizations%2F12", ""},
			{"POST", "/organizations/12", [2]string{}, 303, "/login", ""},
			{"GET", "/organizations/12", [2]string{"HX-Request", "true"}, 401, "", "/login?next=%2Forganizations%2F12"},
			{"GET", "/organizations/12", [2]string{"Accept", "application/json"}, 401, "", ""},
			{"GET", "/runs/1/events", [2]string{}, 401, "", ""},
			{"GET", "/login", [2]string{}, 200, "", ""},
			{"GET", "/nothing", [2]string{}, 404, "", ""},
		} {
			r := request(c.method, c.path)
			if c.header[0] != "" {
				r.Header.Set(c.header[0], c.header[1])
			}
			res := s.do(r)
			got := []any{res.StatusCode, res.Header.Get("Location"), res.Header.Get("HX-Redirect")}
			if d := cmp.Diff(got, []any{c.status, c.location, c.htmx}); d != "" {
				t.Errorf("%s %s %v (-got +want):\n%s", c.method, c.path, c.header, d)
			}
		}
	})
}

func TestSetupFirst(t *testing.T) {
	s := newSite(t, storetest.Setup{Template: template}.SQLite(t).Open(t), sampleRoutes(), nil)
	for path, want := range map[string]string{"/": "/setup", "/organizations/1": "/setup", "/login": "/setup", "/setup": "", "/static/app.css": "", "/healthz": ""} {
		if got := s.get(path, nil).Header.Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
	s.add("ann@example.com", mainstay.Administrator, true)
	if got := s.get("/", nil).Header.Get("Location"); got != "/login" {
		t.Errorf("after set-up / leads to %q", got)
	}
}

func TestFailures(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	for _, path := range []string{"/panic", "/broken"} {
		res := s.get(path, nil)
		text := body(t, res)
		reference := res.Header.Get("X-Request-Id")
		if res.StatusCode != 500 || !strings.Contains(text, reference) || strings.Contains(text, "secret") {
			t.Errorf("%s: %d %q", path, res.StatusCode, text)
		}
		if log := s.log.String(); !strings.Contains(log, "reference="+reference) || !strings.Contains(log, "secret detail") {
			t.Errorf("%s: the log does not explain %s:\n%s", path, reference, log)
		}
	}
	// An answer that has begun is cut, so that nobody takes half for whole.
	live := httptest.NewServer(s.server.Handler())
	defer live.Close()
	res, err := http.Get(live.URL + "/late-panic")
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	if err == nil {
		t.Error("half an answer looks whole")
	}
}

func TestBodyLimit(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	for _, c := range []struct {
		path string
		size int
		want int
	}{{"/echo", 1000, 200}, {"/echo", 1<<20 + 10, 413}, {"/large", 2 << 20, 200}, {"/large", 4 << 20, 413}} {
		r := request("POST", c.path)
		r.Body = io.NopCloser(strings.NewReader("text=" + strings.Repeat("x", c.size)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := s.do(r).StatusCode; got != c.want {
			t.Errorf("%d bytes to %s: %d, want %d", c.size, c.path, got, c.want)
		}
	}
}

func TestMethodNotAllowed(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	res := s.do(request("DELETE", "/login"))
	if res.StatusCode != 405 || !strings.Contains(res.Header.Get("Allow"), "POST") {
		t.Errorf("DELETE /login: %d, Allow %q", res.StatusCode, res.Header.Get("Allow"))
	}
}

// The log names requests but never tells what was typed, nor a token.
func TestLog_keepsSecrets(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	ann := mainstay.UserID(1)
	path, err := s.config.Sessions.NewLink(t.Context(), ann, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(path, "token=")
	c := s.cookie(ann)
	s.get("/login/link?token="+token, nil)
	r := request("GET", "/organizations/12?q=hunter2")
	r.AddCookie(c)
	r.Header.Set("Authorization", "Bearer hunter2")
	s.do(r)
	log := s.log.String()
	for _, secret := range []string{token, c.Value, "hunter2"} {
		if strings.Contains(log, secret) {
			t.Errorf("%q is in the log:\n%s", secret, log)
		}
	}
	for _, want := range []string{"path=/organizations/12", "status=200", "user=1", "address=192.0.2.1"} {
		if !strings.Contains(log, want) {
			t.Errorf("%q is missing in the log:\n%s", want, log)
		}
	}
}

func TestLink_previewUsesNothingUp(t *testing.T) {
	s := one(t, sampleRoutes(), nil)
	path, err := s.config.Sessions.NewLink(t.Context(), 1, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if res := s.do(request("HEAD", path)); len(res.Cookies()) != 0 {
		t.Error("a preview signs in")
	}
	if res := s.get(path, nil); res.StatusCode != 303 || len(res.Cookies()) == 0 {
		t.Errorf("the link gives %d", res.StatusCode)
	}
	if res := s.get(path, nil); res.StatusCode != 404 || len(res.Cookies()) != 0 {
		t.Errorf("the second time the link gives %d", res.StatusCode)
	}
}

func TestReady(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		if res := s.get("/healthz", nil); res.StatusCode != 200 || body(t, res) != "ok\n" {
			t.Errorf("/healthz gives %d", res.StatusCode)
		}
		// Nobody works on jobs here.
		res := s.get("/readyz", nil)
		if d := cmp.Diff(body(t, res), "server ok\ndatabase ok\nmigrations ok\njobs not ready\n"); d != "" || res.StatusCode != 503 {
			t.Errorf("/readyz gives %d (-got +want):\n%s", res.StatusCode, d)
		}
	})
}

func TestMetrics(t *testing.T) {
	each(t, sampleRoutes(), func(t *testing.T, s *site) {
		ctx := t.Context()
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.InsertItems(ctx, []*mainstay.Item{
				{Kind: mainstay.Organization.Name, Name: "A", Version: 1, Sync: mainstay.NotLinked},
				{Kind: mainstay.Organization.Name, Name: "B", Version: 1, Sync: mainstay.Orphaned, Reason: mainstay.ReasonType},
			}); err != nil {
				return err
			}
			return tx.InsertBackup(ctx, &mainstay.Backup{State: mainstay.BackupVerified, File: "x", Created: tx.Now()})
		})
		if err != nil {
			t.Fatal(err)
		}
		s.get("/login?x=1", nil)
		s.get("/nothing/at/all", nil)
		s.get("/organizations/5", s.cookie(1))
		w := httptest.NewRecorder()
		s.server.MetricsHandler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		text := body(t, w.Result())
		for _, line := range []string{
			`mainstay_http_requests_total{code="200",method="GET",route="GET /login"} 1`,
			`mainstay_http_requests_total{code="404",method="GET",route="none"} 1`,
			`mainstay_http_requests_total{code="200",method="GET",route="GET /organizations/{id}"} 1`,
			`mainstay_http_request_duration_seconds_count{route="GET /login"} 1`,
			`mainstay_items{kind="organization",state="not_linked"} 1`,
			`mainstay_orphaned_items{kind="organization",reason="` + string(mainstay.ReasonType) + `"} 1`,
			"mainstay_verified_backup_age_seconds ",
			"mainstay_nodes 0", "mainstay_up 1", `mainstay_database_connections{state="max"}`, "go_goroutines ", "process_resident_memory_bytes ",
		} {
			if !strings.Contains(text, line) {
				t.Errorf("%s is missing", line)
			}
		}
		if t.Failed() {
			t.Log(text)
		}
		if res := s.get("/metrics", s.cookie(1)); res.StatusCode != 404 {
			t.Errorf("the pages' own address serves metrics: %d", res.StatusCode)
		}
	})
}

// A stream ends when its reader may not see it any more.
func TestStream_endsWithTheRight(t *testing.T) {
	each(t, nil, func(t *testing.T, s *site) {
		bob := s.add("bob@example.com", mainstay.Manager, true)
		begun := make(chan struct{})
		s.config.Routes = append(s.config.Routes, auth.Route{Pattern: "GET /events", Right: mainstay.ManageSync, Stream: true, Handle: func(_ http.ResponseWriter, r *http.Request) error {
			close(begun)
			<-r.Context().Done()
			return context.Cause(r.Context())
		}})
		var err error
		if s.server, err = server.New(s.config); err != nil {
			t.Fatal(err)
		}
		s.server.SetRecheck(20 * time.Millisecond)
		c := s.cookie(bob.ID)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.get("/events", c)
		}()
		<-begun
		select {
		case <-ended:
			t.Fatal("the stream ended by itself")
		case <-time.After(200 * time.Millisecond):
		}
		if err := s.people.SetRole(t.Context(), mainstay.System("test"), bob.ID, mainstay.ReadOnly); err != nil {
			t.Fatal(err)
		}
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("the stream goes on without the right")
		}
	})
}
