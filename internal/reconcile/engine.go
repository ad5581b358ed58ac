// Package reconcile runs syncs: it pulls the pages of a PSA, proves that they
// are complete, asks for missing records by id, lets the guards judge, and only
// then has orphans marked. It knows no vendor: the connectors are handed in. All
// that it changes goes through package change.
package reconcile

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/store"
)

// Config is what an Engine needs.
type Config struct {
	Store      *store.Store
	Changes    *change.Changes
	Connectors []connect.Spec
	// Open decrypts the secrets of an integration, bound to the fingerprint of its PSA.
	Open func(sealed []byte, fingerprint string) ([]byte, error)
	// Client are the limits for every connection to a PSA.
	Client connect.ClientConfig
	Log    *slog.Logger
}

// Engine runs syncs and tests connections.
type Engine struct {
	Config
}

// New returns an engine.
func New(c Config) *Engine {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{c}
}

// Specs lists the connectors.
func (e *Engine) Specs() []connect.Spec { return e.Connectors }

// Spec returns the connector with a name.
func (e *Engine) Spec(name string) (connect.Spec, error) {
	for _, s := range e.Connectors {
		if s.Name == name {
			return s, nil
		}
	}
	return connect.Spec{}, mainstay.Errorf(mainstay.Invalid, "There is no connector called %q.", name)
}

// Test proves credentials that are not stored yet and names what is missing.
func (e *Engine) Test(ctx context.Context, connector string, options, secrets map[string]string) (connect.Instance, error) {
	spec, err := e.Spec(connector)
	if err != nil {
		return connect.Instance{}, err
	}
	for _, o := range spec.Options {
		given := options[o.Name]
		if o.Secret {
			given = secrets[o.Name]
		}
		if o.Required && given == "" {
			return connect.Instance{}, mainstay.FieldError(o.Name, "Enter the %s.", o.Label)
		}
	}
	client := connect.NewClient(e.Client)
	defer client.Close()
	c, err := spec.New(connect.Config{Options: options, Secrets: secrets, Client: client})
	if err != nil {
		return connect.Instance{}, err
	}
	return c.Test(ctx)
}

// TestStored proves a stored connection with new options; secrets that are
// empty stay those that are stored. It returns the secrets as they would be kept.
//
// Stored secrets are only ever sent to where they were entered for: with any
// other option, which say where that is and as whom, all of them are asked for
// again. So whoever may edit a connection can't have its secrets sent elsewhere.
func (e *Engine) TestStored(ctx context.Context, id mainstay.IntegrationID, options, secrets map[string]string) (connect.Instance, map[string]string, error) {
	i, sealed, err := e.read(ctx, id)
	if err != nil {
		return connect.Instance{}, nil, err
	}
	spec, err := e.Spec(i.Connector)
	if err != nil {
		return connect.Instance{}, nil, err
	}
	if err := secretsAgain(spec, i.Options, options, secrets); err != nil {
		return connect.Instance{}, nil, err
	}
	merged := map[string]string{}
	if missing(spec, secrets) != nil {
		// Only now, for entering all of them must work without the key file, too.
		if merged, err = e.unseal(i, sealed); err != nil {
			return connect.Instance{}, nil, err
		}
	}
	for k, v := range secrets {
		if v != "" {
			merged[k] = v
		}
	}
	instance, err := e.Test(ctx, i.Connector, options, merged)
	return instance, merged, err
}

// secretsAgain asks for the secrets once more where an option differs from the
// stored one.
func secretsAgain(spec connect.Spec, stored, options, secrets map[string]string) error {
	changed := ""
	for _, o := range spec.Options {
		if !o.Secret && options[o.Name] != stored[o.Name] {
			changed = o.Label
		}
	}
	if o := missing(spec, secrets); o != nil && changed != "" {
		return mainstay.FieldError(o.Name, "Enter the %s again, because %s changed.", strings.ToLower(o.Label), strings.ToLower(changed))
	}
	return nil
}

// missing returns a secret of the connector that was not given; nil for none.
func missing(spec connect.Spec, secrets map[string]string) *connect.Option {
	for n, o := range spec.Options {
		if o.Secret && secrets[o.Name] == "" {
			return &spec.Options[n]
		}
	}
	return nil
}

// read reads a stored connection with its sealed secrets.
func (e *Engine) read(ctx context.Context, id mainstay.IntegrationID) (i mainstay.Integration, sealed []byte, err error) {
	err = e.Store.Read(ctx, func(t *store.Tx) error {
		if i, err = t.Integration(ctx, id); err != nil {
			return err
		}
		sealed, err = t.IntegrationSecret(ctx, id)
		return err
	})
	return i, sealed, err
}

// unseal opens the secrets of a connection.
func (e *Engine) unseal(i mainstay.Integration, sealed []byte) (secrets map[string]string, err error) {
	if len(sealed) == 0 {
		return nil, mainstay.Errorf(mainstay.Unavailable, "%s has no credentials. Enter them under Edit connection.", i.Name)
	}
	plain, err := e.Open(sealed, i.Fingerprint)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "The stored credentials of %s can't be opened with the key file of this server. Put the right key file in place, or enter the credentials again.", i.Name)
	}
	err = json.Unmarshal(plain, &secrets)
	return secrets, err
}

// open builds the connector of a stored integration.
func (e *Engine) open(ctx context.Context, id mainstay.IntegrationID) (mainstay.Integration, connect.Connector, *connect.Client, error) {
	i, sealed, err := e.read(ctx, id)
	if err != nil {
		return i, nil, nil, err
	}
	secrets, err := e.unseal(i, sealed)
	if err != nil {
		return i, nil, nil, err
	}
	spec, err := e.Spec(i.Connector)
	if err != nil {
		return i, nil, nil, err
	}
	client := connect.NewClient(e.Client)
	c, err := spec.New(connect.Config{Options: i.Options, Secrets: secrets, Client: client})
	return i, c, client, err
}

// RecordURL is where a person sees a record in the PSA; empty where unknown. It
// needs no credentials.
func (e *Engine) RecordURL(i mainstay.Integration, kind mainstay.KindName, external string) string {
	spec, err := e.Spec(i.Connector)
	if err != nil {
		return ""
	}
	client := connect.NewClient(e.Client)
	defer client.Close()
	secrets := map[string]string{}
	for _, o := range spec.Options {
		if o.Secret {
			secrets[o.Name] = "none" // an address is built from the options alone
		}
	}
	c, err := spec.New(connect.Config{Options: i.Options, Secrets: secrets, Client: client})
	if err != nil {
		return ""
	}
	return c.RecordURL(kind, external)
}

// ReadLabels brings the types and statuses of an integration up to date without
// a sync, so that boxes can be ticked before the first one.
func (e *Engine) ReadLabels(ctx context.Context, id mainstay.IntegrationID) error {
	_, c, client, err := e.open(ctx, id)
	if err != nil {
		return err
	}
	defer client.Close()
	labels, err := c.Labels(ctx)
	if err != nil {
		return err
	}
	_, err = e.Changes.SyncLabels(ctx, id, labelsOf(labels))
	return err
}

func labelsOf(there []connect.Label) []mainstay.Label {
	out := make([]mainstay.Label, len(there))
	for n, l := range there {
		out[n] = mainstay.Label{Kind: l.Kind, Axis: l.Axis, Name: mainstay.CleanText(l.Name, false), ExternalID: l.ExternalID, Inactive: l.Inactive}
	}
	return out
}
