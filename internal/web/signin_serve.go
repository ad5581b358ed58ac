package web

import (
	"errors"
	"net/http"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// gatePage is the surrounding of a page for somebody who is not signed in.
func (s *Web) gatePage(r *http.Request, title string) (Page, error) {
	p := s.bare(r, Page{Title: title})
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Account, err = t.Setting(r.Context(), change.SettingAccount, "")
		return err
	})
	return p, err
}

// login shows the form to sign in.
func (s *Web) login(w http.ResponseWriter, r *http.Request) error {
	next := auth.SafeNext(r.URL.Query().Get("next"))
	if auth.Actor(r.Context()).Role != "" {
		return redirect(w, r, next)
	}
	needed, err := s.Setup.Needed(r.Context())
	if err != nil {
		return err
	}
	if needed {
		return redirect(w, r, "/setup")
	}
	p, err := s.gatePage(r, "Sign in")
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, loginView(LoginPage{Page: p, Next: next}))
}

// signIn checks the password. Every failure that a person can mend is shown in
// the form, in the same words whether the account exists or not.
func (s *Web) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	email, next := strings.TrimSpace(r.PostForm.Get("email")), auth.SafeNext(r.PostForm.Get("next"))
	_, err := s.Sessions.SignIn(r.Context(), email, r.PostForm.Get("password"))
	switch mainstay.KindOf(err) {
	case "":
		return redirect(w, r, next)
	case mainstay.Internal:
		return err
	}
	p, pageErr := s.gatePage(r, "Sign in")
	if pageErr != nil {
		return pageErr
	}
	return s.write(w, r, auth.Status(err), loginView(LoginPage{Page: p, Email: email, Next: next, Error: mainstay.SafeMessage(err)}))
}

// signOut ends the session.
func (s *Web) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.Sessions.SignOut(r.Context()); err != nil {
		return err
	}
	return redirect(w, r, "/login")
}

// setup shows the form that makes the first Administrator.
func (s *Web) setup(w http.ResponseWriter, r *http.Request) error {
	needed, err := s.Setup.Needed(r.Context())
	if err != nil {
		return err
	}
	if !needed {
		return redirect(w, r, "/login")
	}
	p, err := s.gatePage(r, "Set up Mainstay")
	if err != nil {
		return err
	}
	return s.write(w, r, http.StatusOK, setupView(SetupPage{Page: p, Token: r.URL.Query().Get("token")}))
}

// createFirst makes the first Administrator and signs them in.
func (s *Web) createFirst(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	in := r.PostForm
	f := auth.First{Code: in.Get("token"), Name: in.Get("name"), Email: strings.TrimSpace(in.Get("email")), Password: in.Get("password"),
		Settings: map[string]string{change.SettingAccount: strings.TrimSpace(mainstay.CleanText(in.Get("account"), false))}}
	err := s.createAdministrator(r, f)
	if err == nil {
		_, err = s.Sessions.SignIn(r.Context(), f.Email, f.Password)
	}
	var e *mainstay.Error
	switch {
	case err == nil:
		return redirect(w, r, "/")
	case !errors.As(err, &e) || e.Kind != mainstay.Invalid:
		return err
	}
	p, pageErr := s.gatePage(r, "Set up Mainstay")
	if pageErr != nil {
		return pageErr
	}
	p.Account = in.Get("account")
	return s.write(w, r, auth.Status(err), setupView(SetupPage{Page: p, Name: f.Name, Email: f.Email, Errors: map[string]string{e.Field: e.Message}}))
}

func (s *Web) createAdministrator(r *http.Request, f auth.First) error {
	if name := f.Settings[change.SettingAccount]; name == "" || len([]rune(name)) > mainstay.MaxName {
		return mainstay.FieldError("account", "Enter the name of your company, up to %d characters.", mainstay.MaxName)
	}
	_, err := s.Setup.Create(r.Context(), f)
	return err
}
