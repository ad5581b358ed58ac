package reconcile_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect/connectwise/simulator"
)

// Stored secrets go nowhere but where they were entered for, by whatever door a
// changed connection comes.
func TestTestStored_secretsStayHome(t *testing.T) {
	each(t, func(w *world) {
		elsewhere := simulator.New(simulator.Config{Seed: 7, Size: simulator.Small()})
		server, err := simulator.Start(elsewhere)
		w.must(err)
		t.Cleanup(server.Close)
		stored, key := w.integration().Options, map[string]string{"private-key": w.psa.Config().PrivateKey}
		_, kept, err := w.engine.TestStored(w.ctx, w.id, stored, nil)
		w.must(err)
		if !maps.Equal(kept, key) {
			t.Errorf("the secrets that stay are %v", kept)
		}
		for name, value := range map[string]string{"url": server.URL(), "company": "another", "public-key": "another", "client-id": "another"} {
			options := maps.Clone(stored)
			options[name] = value
			for _, secrets := range []map[string]string{nil, {"private-key": ""}, {"another": "x"}} {
				var e *mainstay.Error
				if _, _, err := w.engine.TestStored(w.ctx, w.id, options, secrets); !errors.As(err, &e) || e.Kind != mainstay.Invalid || e.Field != "private-key" {
					t.Errorf("another %s with the secrets %v gives %v", name, secrets, err)
				}
			}
			err := w.changes.EditIntegration(w.ctx, w.admin, w.id, change.NewIntegration{Name: "Our PSA", Options: options, Fingerprint: w.integration().Fingerprint})
			if mainstay.KindOf(err) != mainstay.Invalid {
				t.Errorf("another %s is stored beside the old secrets: %v", name, err)
			}
		}
		if n := elsewhere.Requests(); n != 0 {
			t.Errorf("another address was asked %d times", n)
		}
		if got := w.integration(); !maps.Equal(got.Options, stored) || got.Name != "ConnectWise PSA" {
			t.Errorf("stored: %s with %v", got.Name, got.Options)
		}
		options := maps.Clone(stored)
		options["url"] = server.URL()
		instance, kept, err := w.engine.TestStored(w.ctx, w.id, options, key)
		w.must(err)
		w.must(w.changes.EditIntegration(w.ctx, w.admin, w.id, change.NewIntegration{Name: "Our PSA", Options: options, Secrets: kept, Fingerprint: instance.Fingerprint}))
		if got := w.integration(); !maps.Equal(got.Options, options) || got.Name != "Our PSA" || elsewhere.Requests() == 0 {
			t.Errorf("stored: %s with %v", got.Name, got.Options)
		}
	})
}

// Without the key file the stored secrets don't open, and entering them again is
// the way out that the sentence names.
func TestTestStored_withoutTheKeyFile(t *testing.T) {
	each(t, func(w *world) {
		lost := *w.engine
		lost.Open = func([]byte, string) ([]byte, error) { return nil, errors.New("no key has this id") }
		options := w.integration().Options
		if _, _, err := lost.TestStored(w.ctx, w.id, options, nil); mainstay.KindOf(err) != mainstay.Unavailable {
			t.Errorf("got %v", err)
		}
		instance, kept, err := lost.TestStored(w.ctx, w.id, options, map[string]string{"private-key": w.psa.Config().PrivateKey})
		w.must(err)
		w.must(w.changes.EditIntegration(context.Background(), w.admin, w.id, change.NewIntegration{Name: "Our PSA", Options: options, Secrets: kept, Fingerprint: instance.Fingerprint}))
	})
}

// A connection keeps a name, whoever changes it.
func TestEditIntegration_name(t *testing.T) {
	each(t, func(w *world) {
		i := w.integration()
		for _, name := range []string{"", "  \x00 ", strings.Repeat("x", mainstay.MaxName+1)} {
			err := w.changes.EditIntegration(w.ctx, w.admin, w.id, change.NewIntegration{Name: name, Options: i.Options, Fingerprint: i.Fingerprint})
			if mainstay.KindOf(err) != mainstay.Invalid {
				t.Errorf("the name %q gives %v", name, err)
			}
		}
		w.must(w.changes.EditIntegration(w.ctx, w.admin, w.id, change.NewIntegration{Name: " Our PSA ", Options: i.Options, Fingerprint: i.Fingerprint}))
		if got := w.integration(); got.Name != "Our PSA" || !maps.Equal(got.Options, i.Options) {
			t.Errorf("stored: %s with %v", got.Name, got.Options)
		}
	})
}
