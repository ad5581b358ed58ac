package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/store"
)

// optionPrefix starts the form name of a connector's option.
const optionPrefix = "opt."

// connection is what a person typed into the form of a connection.
type connection struct {
	name    string
	options map[string]string
	secrets map[string]string // only those that were typed
}

// specNamed returns the connector with a name.
func (s *Web) specNamed(name string) (connect.Spec, error) {
	for _, spec := range s.Engine.Specs() {
		if spec.Name == name {
			return spec, nil
		}
	}
	return connect.Spec{}, errMissing()
}

// typedConnection reads the form of a connection.
func typedConnection(r *http.Request, spec connect.Spec) connection {
	c := connection{name: strings.TrimSpace(r.PostForm.Get("name")), options: map[string]string{}, secrets: map[string]string{}}
	for _, o := range spec.Options {
		v := strings.TrimSpace(r.PostForm.Get(optionPrefix + o.Name))
		switch {
		case o.Secret && v != "":
			c.secrets[o.Name] = v
		case !o.Secret:
			c.options[o.Name] = v
		}
	}
	return c
}

// connectionFields makes the form of a connection. Secrets are never sent back.
func connectionFields(spec connect.Spec, c connection, editing bool) []FormField {
	fields := []FormField{{Name: "name", Label: "Name", Type: "text", Value: c.name, Required: true, Max: mainstay.MaxName, Auto: "off",
		Help: "What you call this connection."}}
	for _, o := range spec.Options {
		f := FormField{Name: optionPrefix + o.Name, Label: o.Label, Type: "text", Value: c.options[o.Name], Required: o.Required, Help: o.Help, Auto: "off"}
		if o.Secret {
			f.Type, f.Value, f.Auto = "password", "", "new-password"
			if editing {
				f.Required = false
				f.Help = strings.TrimSpace(f.Help + " Leave it empty to keep the stored one.")
			}
		}
		fields = append(fields, f)
	}
	return fields
}

// explain puts an error into the form: at its field, as the result of the test,
// or above the form. It returns errors that no form can show.
func (p *IntegrationFormPage) explain(err error) error {
	if mainstay.KindOf(err) == mainstay.Internal {
		return err
	}
	var e *mainstay.Error
	if errors.As(err, &e) && e.Field != "" {
		for i := range p.Fields {
			if p.Fields[i].Name == e.Field || p.Fields[i].Name == optionPrefix+e.Field {
				p.Fields[i].Error = e.Message
				return nil
			}
		}
	}
	p.Error = mainstay.SafeMessage(err)
	return nil
}

// failed notes that the PSA could not be reached or refused.
func (p *IntegrationFormPage) failed(err error) error {
	if mainstay.KindOf(err) == mainstay.Internal {
		return err
	}
	if err := p.explain(err); err != nil {
		return err
	}
	if p.Error != "" {
		p.Error, p.Test = "", &TestResult{Message: mainstay.SafeMessage(err)}
	}
	return nil
}

func (s *Web) newIntegrationPage(r *http.Request, spec connect.Spec, c connection) (IntegrationFormPage, error) {
	p := IntegrationFormPage{Connector: spec.Label, Action: connectURL(spec), Back: "/account/integrations",
		Text: "Use credentials that may read. Mainstay never writes to " + spec.Label + ".", Fields: connectionFields(spec, c, false)}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: "Connect " + spec.Label, Active: "integrations",
			Crumbs: []Crumb{{Label: "Integrations", URL: "/account/integrations"}, {Label: "Connect " + spec.Label}}})
		return err
	})
	return p, err
}

// newIntegration shows the form that connects a PSA.
func (s *Web) newIntegration(w http.ResponseWriter, r *http.Request) error {
	spec, err := s.specNamed(r.URL.Query().Get("connector"))
	if err != nil {
		return err
	}
	c, err := s.startConnection(r, spec)
	if err != nil {
		return err
	}
	p, err := s.newIntegrationPage(r, spec, c)
	if err != nil {
		return err
	}
	return s.show(w, r, integrationFormView(p), nil)
}

// startConnection is what the form of a new connection begins with: what the
// connector proposes, or what is known of a connection that was removed.
func (s *Web) startConnection(r *http.Request, spec connect.Spec) (connection, error) {
	c := connection{name: spec.Label, options: map[string]string{}}
	for _, o := range spec.Options {
		c.options[o.Name] = o.Default
	}
	id, err := mainstay.ParseItemID(r.URL.Query().Get("again"))
	if err != nil {
		return c, nil //nolint:nilerr // the form begins empty
	}
	return c, s.Store.Read(r.Context(), func(t *store.Tx) error {
		old, err := t.Integration(r.Context(), mainstay.IntegrationID(id))
		if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && (old.Removed.IsZero() || old.Connector != spec.Name)) {
			return errMissing()
		}
		c.name = old.Name
		for _, o := range spec.Options {
			if v := old.Options[o.Name]; v != "" && !o.Secret {
				c.options[o.Name] = v
			}
		}
		return err
	})
}

// addIntegration tests a connection, and stores it where that was asked for. It
// then starts a first sync, which adds nothing yet: it lists the types and
// statuses to choose from, and counts.
func (s *Web) addIntegration(w http.ResponseWriter, r *http.Request) error {
	spec, err := s.specNamed(r.URL.Query().Get("connector"))
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	c := typedConnection(r, spec)
	p, err := s.newIntegrationPage(r, spec, c)
	if err != nil {
		return err
	}
	instance, err := s.Engine.Test(r.Context(), spec.Name, c.options, c.secrets)
	if err != nil {
		if err := p.failed(err); err != nil {
			return err
		}
		return s.write(w, r, http.StatusUnprocessableEntity, integrationFormView(p))
	}
	p.Test = passed(instance)
	if r.PostForm.Get("do") != "save" {
		return s.write(w, r, http.StatusOK, integrationFormView(p))
	}
	a := auth.Actor(r.Context())
	i, err := s.Changes.AddIntegration(r.Context(), a, change.NewIntegration{Connector: spec.Name, Name: c.name, Options: c.options, Secrets: c.secrets, Fingerprint: instance.Fingerprint})
	if err != nil {
		return s.refuseConnection(w, r, p, err)
	}
	if err := s.Engine.ReadLabels(r.Context(), i.ID); err != nil {
		// The first sync reads them too, and says on its own page what is wrong.
		s.logger().WarnContext(r.Context(), "could not read types and statuses", slog.Any("error", err))
	}
	if _, err := s.startRun(r, i.ID); err != nil {
		return err
	}
	withFlash(w, flash{Code: flashSyncing})
	return redirect(w, r, integrationURL(i.ID)+"/sync-settings")
}

func passed(i connect.Instance) *TestResult {
	return &TestResult{OK: true, Instance: i.Name, Message: "The credentials work and may read everything that is needed."}
}

func (s *Web) refuseConnection(w http.ResponseWriter, r *http.Request, p IntegrationFormPage, err error) error {
	if err := p.explain(err); err != nil {
		return err
	}
	return s.write(w, r, http.StatusUnprocessableEntity, integrationFormView(p))
}

func (s *Web) editIntegrationPage(r *http.Request) (IntegrationFormPage, mainstay.Integration, connect.Spec, error) {
	var p IntegrationFormPage
	var i mainstay.Integration
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if i, err = integrationOf(r, t); err != nil {
			return err
		}
		p.Page, err = s.page(r, t, integrationSurrounding(i, "Edit connection"))
		return err
	})
	if err != nil {
		return p, i, connect.Spec{}, err
	}
	spec, err := s.specNamed(i.Connector)
	p.Connector, p.Editing = spec.Label, true
	p.Action, p.Back = integrationURL(i.ID)+"/edit", integrationURL(i.ID)
	p.Fields = connectionFields(spec, connection{name: i.Name, options: i.Options}, true)
	return p, i, spec, err
}

// editIntegration shows the form of a stored connection.
func (s *Web) editIntegration(w http.ResponseWriter, r *http.Request) error {
	p, _, _, err := s.editIntegrationPage(r)
	if err != nil {
		return err
	}
	return s.show(w, r, integrationFormView(p), nil)
}

// saveIntegration tests a changed connection, and stores it where that was
// asked for.
func (s *Web) saveIntegration(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	p, i, spec, err := s.editIntegrationPage(r)
	if err != nil {
		return err
	}
	c := typedConnection(r, spec)
	p.Fields = connectionFields(spec, c, true)
	instance, secrets, err := s.Engine.TestStored(r.Context(), i.ID, c.options, c.secrets)
	if err != nil {
		if err := p.failed(err); err != nil {
			return err
		}
		return s.write(w, r, http.StatusUnprocessableEntity, integrationFormView(p))
	}
	p.Test = passed(instance)
	if r.PostForm.Get("do") != "save" {
		return s.write(w, r, http.StatusOK, integrationFormView(p))
	}
	n := change.NewIntegration{Connector: i.Connector, Name: c.name, Options: c.options, Secrets: secrets, Fingerprint: instance.Fingerprint}
	if err := s.Changes.EditIntegration(r.Context(), auth.Actor(r.Context()), i.ID, n); err != nil {
		return s.refuseConnection(w, r, p, err)
	}
	withFlash(w, flash{Code: flashSettings})
	return redirect(w, r, integrationURL(i.ID))
}

// connectURL is the form that connects a PSA of one sort.
func connectURL(spec connect.Spec) string {
	return "/account/integrations/new?connector=" + url.QueryEscape(spec.Name)
}
