// Package connecttest is the suite that every connector passes. It talks to a
// simulated PSA over real HTTP and checks the contract of connect.Connector:
// nothing is missed, nothing is invented, no doubt is taken for an absence, no
// secret leaves, and nothing is ever written.
package connecttest

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/connect"
)

// PSA is a simulated PSA with data that fills several pages of each stream.
type PSA struct {
	Options, Secrets map[string]string
	// IDs lists the records that a stream must yield, in order.
	IDs func(mainstay.KindName) []string
	// Labels lists what Labels must return, in any order.
	Labels func() []connect.Label
	// Remove deletes a record for good.
	Remove func(kind mainstay.KindName, id string)
	// Hide takes every record of a stream out of sight, without an error, and
	// makes asking for one by id answer "not found".
	Hide func(mainstay.KindName)
	// Deny takes the right to a stream away and returns the PSA's own words
	// for it, which the error must hold.
	Deny func(mainstay.KindName) string
	// Restore gives back what Hide and Deny took, and ends every fault.
	Restore func()
	// Writes counts requests that were not reads.
	Writes func() int
	// Struck counts the requests that the armed fault has spoilt.
	Struck func() int
	// Faults are the ways in which this PSA can misbehave.
	Faults []Fault
}

// Fault is one way to misbehave.
type Fault struct {
	Name string
	// Arm starts the fault for the lists of a stream, for the given number of
	// requests, 0 for all, from the given page on, the first being 1.
	Arm func(kind mainstay.KindName, page, times int)
	// Passing says that the fault is over after one request and that trying
	// again heals it: the walk must then succeed.
	Passing bool
	// Harmless says that the walk succeeds while the fault lasts.
	Harmless bool
	// Slow says that the fault makes the connector wait: it is tried on one
	// stream and one page only.
	Slow bool
}

// Harness is a connector with its simulated PSA.
type Harness struct {
	Spec connect.Spec
	// Start makes a fresh PSA that ends with the test.
	Start func(*testing.T) *PSA
}

// suite is one run of the suite on one PSA.
type suite struct {
	h   Harness
	psa *PSA
}

// Run runs the whole suite.
func Run(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		run  func(suite, *testing.T)
	}{
		{"Options", suite.options},
		{"Test", suite.test},
		{"BadCredentials", suite.badCredentials},
		{"MissingRights", suite.missingRights},
		{"Labels", suite.labels},
		{"Pull", suite.pull},
		{"Resume", suite.resume},
		{"BadCursor", suite.badCursor},
		{"Confirm", suite.confirm},
		{"ConfirmWithoutSight", suite.confirmWithoutSight},
		{"Fetch", suite.fetch},
		{"FetchWithoutSight", suite.fetchWithoutSight},
		{"FetchFaults", suite.fetchFaults},
		{"Faults", suite.faults},
		{"Cancel", suite.cancel},
	} {
		t.Run(c.name, func(t *testing.T) {
			psa := h.Start(t)
			s := suite{h, psa}
			c.run(s, t)
			if n := psa.Writes(); n != 0 {
				t.Errorf("the connector sent %d writes to the PSA", n)
			}
		})
	}
}

// Client returns a client for tests on this machine: unpaced, with pauses that
// take no time.
func Client() *connect.Client {
	return connect.NewClient(connect.ClientConfig{AllowLoopback: true, RatePerSecond: -1, MaxRetries: 2, RetryBudget: 1000,
		Timeout: 400 * time.Millisecond, BreakerAfter: 1_000_000, MaxBody: 8 << 20,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
}

func (s suite) connector(t *testing.T) connect.Connector {
	t.Helper()
	return s.with(t, s.psa.Options, s.psa.Secrets)
}

func (s suite) with(t *testing.T, options, secrets map[string]string) connect.Connector {
	t.Helper()
	client := Client()
	t.Cleanup(client.Close)
	c, err := s.h.Spec.New(connect.Config{Options: options, Secrets: secrets, Client: client})
	if err != nil {
		t.Fatalf("the connector could not be made: %v", err)
	}
	return c
}

// safe checks that an error is one that a person may read.
func (s suite) safe(t *testing.T, err error) {
	t.Helper()
	var e *mainstay.Error
	if !errors.As(err, &e) || e.Message == "" || e.Kind == mainstay.Internal {
		t.Errorf("not an error for people: %#v", err)
		return
	}
	for err := err; err != nil; err = errors.Unwrap(err) {
		for name, secret := range s.psa.Secrets {
			token := base64.StdEncoding.EncodeToString([]byte(secret))
			if strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), token) || strings.Contains(err.Error(), "Basic ") {
				t.Errorf("the error shows the %s: %v", name, err)
			}
		}
	}
}

func (s suite) options(t *testing.T) {
	for _, o := range s.h.Spec.Options {
		if o.Name == "" || o.Label == "" || o.Help == "" {
			t.Errorf("the option %+v can't be shown in a form", o)
		}
		if !o.Required {
			continue
		}
		options, secrets := copied(s.psa.Options), copied(s.psa.Secrets)
		delete(options, o.Name)
		delete(secrets, o.Name)
		_, err := s.h.Spec.New(connect.Config{Options: options, Secrets: secrets, Client: Client()})
		var e *mainstay.Error
		if !errors.As(err, &e) || e.Kind != mainstay.Invalid || e.Field != o.Name {
			t.Errorf("without %s: got %v, want an error at that field", o.Name, err)
		}
	}
}

func copied(m map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func (s suite) test(t *testing.T) {
	first, err := s.connector(t).Test(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if first.Fingerprint == "" || first.Name == "" {
		t.Errorf("the PSA is not identified: %+v", first)
	}
	second, err := s.connector(t).Test(t.Context())
	if diff := cmp.Diff(first, second); diff != "" || err != nil {
		t.Errorf("asked again, the PSA is another one: %v %s", err, diff)
	}
}

func (s suite) badCredentials(t *testing.T) {
	for name := range s.psa.Secrets {
		secrets := copied(s.psa.Secrets)
		secrets[name] = "wrong-and-secret"
		c := s.with(t, s.psa.Options, secrets)
		_, err := c.Test(t.Context())
		if mainstay.KindOf(err) != mainstay.Unauthorized {
			t.Errorf("with a wrong %s Test gave %v, want unauthorized", name, err)
		}
		for _, stream := range c.Streams() {
			if _, err := c.Pull(t.Context(), stream, ""); mainstay.KindOf(err) != mainstay.Unauthorized {
				t.Errorf("with a wrong %s Pull of %s gave %v, want unauthorized", name, stream.Label, err)
			} else if strings.Contains(err.Error(), "wrong-and-secret") {
				t.Errorf("the error shows the %s: %v", name, err)
			}
			if _, err := c.Confirm(t.Context(), stream, []string{"1"}); mainstay.KindOf(err) != mainstay.Unauthorized {
				t.Errorf("with a wrong %s Confirm of %s gave %v, want unauthorized", name, stream.Label, err)
			}
			if _, err := c.Fetch(t.Context(), stream, []string{"1"}); mainstay.KindOf(err) != mainstay.Unauthorized {
				t.Errorf("with a wrong %s Fetch of %s gave %v, want unauthorized", name, stream.Label, err)
			}
		}
	}
}

func (s suite) missingRights(t *testing.T) {
	for _, stream := range s.connector(t).Streams() {
		words := s.psa.Deny(stream.Kind)
		c := s.connector(t)
		_, err := c.Test(t.Context())
		if mainstay.KindOf(err) != mainstay.Forbidden || !strings.Contains(err.Error(), words) {
			t.Errorf("without the right to %s Test gave %v, want forbidden with %q", stream.Label, err, words)
		}
		_, err = c.Pull(t.Context(), stream, "")
		if mainstay.KindOf(err) != mainstay.Forbidden || !strings.Contains(err.Error(), words) {
			t.Errorf("without the right to %s Pull gave %v, want forbidden with %q", stream.Label, err, words)
		}
		if _, err = c.Count(t.Context(), stream); mainstay.KindOf(err) != mainstay.Forbidden {
			t.Errorf("without the right to %s Count gave %v, want forbidden", stream.Label, err)
		}
		s.psa.Restore()
	}
}

func (s suite) labels(t *testing.T) {
	got, err := s.connector(t).Labels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	order := func(ls []connect.Label) []connect.Label {
		slices.SortFunc(ls, func(a, b connect.Label) int {
			return strings.Compare(string(a.Kind)+string(a.Axis)+a.ExternalID, string(b.Kind)+string(b.Axis)+b.ExternalID)
		})
		return ls
	}
	if diff := cmp.Diff(order(s.psa.Labels()), order(got)); diff != "" {
		t.Error(diff)
	}
}

func (s suite) cancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := s.connector(t)
	for _, stream := range c.Streams() {
		if _, err := c.Pull(ctx, stream, ""); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled Pull of %s gave %v", stream.Label, err)
		}
	}
}
