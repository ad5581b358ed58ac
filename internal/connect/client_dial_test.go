package connect_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/connect"
)

func TestClient_RefusesInnerAddresses(t *testing.T) {
	strict := connect.NewClient(connect.ClientConfig{MaxRetries: -1, Timeout: time.Second})
	loop := newClient(newClock(), nil)
	cases := []struct {
		name, url string
		client    *connect.Client
	}{
		{"loopback", "https://127.0.0.1:9/", strict},
		{"loopback by name", "https://localhost:9/", strict},
		{"loopback v6", "https://[::1]:9/", strict},
		{"mapped loopback", "https://[::ffff:127.0.0.1]:9/", strict},
		{"private", "https://10.0.0.5/", loop},
		{"private 192", "https://192.168.1.1/", loop},
		{"link-local metadata", "https://169.254.169.254/latest/meta-data", loop},
		{"carrier nat", "https://100.64.0.1/", loop},
		{"unspecified", "https://0.0.0.0/", strict},
		{"unique local", "https://[fd00::1]/", loop},
		{"plain http", "http://example.com/", loop},
		{"plain http on loopback, not allowed", "http://127.0.0.1:9/", strict},
		{"other scheme", "file:///etc/passwd", loop},
		{"user in address", "https://user:secret@example.com/", loop},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := get(t, c.client, c.url)
			if mainstay.KindOf(err) != mainstay.Invalid {
				t.Fatalf("got %v, want a refusal", err)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

func TestClient_NeverWrites(t *testing.T) {
	asked := false
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		req, _ := http.NewRequest(method, s.URL, nil)
		if _, err := newClient(newClock(), nil).Do(t.Context(), req); err == nil || asked {
			t.Errorf("%s was sent", method)
		}
	}
}

func TestClient_Redirects(t *testing.T) {
	var elsewhere atomic.Bool
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		elsewhere.Store(true)
		sendJSON(w, "[]")
	})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/near":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/nowhere":
			w.WriteHeader(http.StatusFound)
		default:
			sendJSON(w, "[1]")
		}
	})
	client := newClient(newClock(), nil)
	for _, path := range []string{"/away", "/loop"} {
		if _, err := get(t, client, s.URL+path); mainstay.KindOf(err) != mainstay.Unavailable {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if elsewhere.Load() {
		t.Error("the redirect to another host was followed")
	}
	if resp, err := get(t, client, s.URL+"/near"); err != nil || string(resp.Body) != "[1]" {
		t.Errorf("the redirect on the same host gave %v, %v", resp, err)
	}
	if _, err := get(t, client, s.URL+"/nowhere"); mainstay.KindOf(err) != mainstay.Unavailable {
		t.Errorf("a redirect without a target gave %v", err)
	}
}

func TestClient_RefusesAnUnknownCertificate(t *testing.T) {
	var asked atomic.Bool
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Store(true)
		sendJSON(w, "[]")
	}))
	s.Config.ErrorLog = nil
	t.Cleanup(s.Close)
	_, err := get(t, newClient(newClock(), nil), s.URL)
	if mainstay.KindOf(err) != mainstay.Unavailable || !strings.Contains(err.Error(), "certificate") || asked.Load() {
		t.Fatalf("got %v, asked %v", err, asked.Load())
	}
	pool := s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	trusting := newClient(newClock(), func(cfg *connect.ClientConfig) { cfg.RootCAs = pool })
	if _, err := get(t, trusting, s.URL); err != nil {
		t.Errorf("a certificate of a named authority was refused: %v", err)
	}
	u, _ := url.Parse(s.URL)
	if _, err := get(t, trusting, fmt.Sprintf("https://localhost:%s/", u.Port())); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate for another name gave %v", err)
	}
}
