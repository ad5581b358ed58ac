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

// defaultTrashDays is how long Trash keeps where nothing else was chosen.
const defaultTrashDays = "30"

// settings shows the settings of the account.
func (s *Web) settings(w http.ResponseWriter, r *http.Request) error {
	var name, days string
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if name, err = t.Setting(r.Context(), change.SettingAccount, ""); err != nil {
			return err
		}
		days, err = t.Setting(r.Context(), change.SettingTrashDays, defaultTrashDays)
		return err
	})
	if err != nil {
		return err
	}
	return s.accountPage(w, r, http.StatusOK, name, days, nil)
}

func (s *Web) accountPage(w http.ResponseWriter, r *http.Request, status int, name, days string, errs map[string]string) error {
	p := AccountSettingsPage{Heading: "Account settings", Action: "/account/settings", Button: "Save settings"}
	general := []FormField{{Name: "name", Label: "Name of your company", Type: "text", Value: name, Required: true, Max: mainstay.MaxName, Auto: "organization"}}
	trash := []FormField{{Name: "trash_days", Label: "Keep deleted items for", Type: "number", Value: days, Min: 1, Max: 365, Unit: "days", Required: true,
		Help: "Until then they can be restored. Items that are in Trash already keep the date they were given."}}
	for _, fields := range [][]FormField{general, trash} {
		for n := range fields {
			fields[n].Error = errs[fields[n].Name]
		}
	}
	p.Error = errs[""]
	p.Sections = []FormSection{{Title: "General", Fields: general}, {Title: "Trash", Fields: trash}}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Active: "settings", Crumbs: []Crumb{{Label: "Settings"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.write(w, r, status, settingsView(p))
}

// saveAccount stores the settings of the account.
func (s *Web) saveAccount(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	name, text := strings.TrimSpace(r.PostForm.Get("name")), r.PostForm.Get("trash_days")
	days, err := formNumber(r, "trash_days")
	if err == nil {
		err = s.Changes.SaveAccount(r.Context(), auth.Actor(r.Context()), name, int(min(days, 1000)))
	}
	var e *mainstay.Error
	switch {
	case err == nil:
		withFlash(w, flash{Code: flashSettings})
		return redirect(w, r, "/account/settings")
	case errors.As(err, &e) && e.Kind == mainstay.Invalid:
		return s.accountPage(w, r, auth.Status(err), name, text, map[string]string{e.Field: e.Message})
	}
	return err
}

// me shows the own account.
func (s *Web) me(w http.ResponseWriter, r *http.Request) error {
	return s.mePage(w, r, http.StatusOK, auth.Actor(r.Context()).Name, nil)
}

func (s *Web) mePage(w http.ResponseWriter, r *http.Request, status int, name string, errs map[string]string) error {
	p := AccountSettingsPage{Heading: "Your account", Action: "/me", Button: "Save", PasswordURL: "/me/password"}
	var u mainstay.User
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if u, err = t.User(r.Context(), auth.Actor(r.Context()).UserID); err != nil {
			return err
		}
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Crumbs: []Crumb{{Label: p.Heading}}})
		return err
	})
	if err != nil {
		return err
	}
	keys := ""
	if !p.KeysOff {
		keys = "true"
	}
	p.Text = join(u.Email, u.Role.Label())
	p.Sections = []FormSection{
		{Title: "You", Fields: []FormField{{Name: "name", Label: "Name", Type: "text", Value: name, Required: true, Max: mainstay.MaxName, Auto: "name", Error: errs["name"]}}},
		{Title: "Appearance", Text: "Kept in this browser.", Fields: []FormField{
			{Name: "theme", Label: "Theme", Type: "select", Options: choose(p.Theme, Option{Value: "", Label: "As the system"}, Option{Value: "light", Label: "Light"}, Option{Value: "dark", Label: "Dark"})},
			{Name: "density", Label: "Rows", Type: "select", Options: choose(p.Density, Option{Value: "", Label: "Compact"}, Option{Value: "comfortable", Label: "Comfortable"})},
			{Name: "keys", Label: "Single-key shortcuts", Type: "checkbox", Value: keys},
		}},
	}
	p.Password = &FormSection{Title: "Change password", Text: "You stay signed in here and are signed out everywhere else.", Fields: []FormField{
		{Name: "old", Label: "Present password", Type: "password", Required: true, Auto: "current-password", Error: errs["old"]},
		{Name: "password", Label: "New password", Type: "password", Required: true, Auto: "new-password", Error: errs["password"], Help: "At least 12 characters. Longer is better than stranger."},
	}}
	p.Error = errs[""]
	return s.write(w, r, status, settingsView(p))
}

// choose marks the option with a value.
func choose(value string, options ...Option) []Option {
	for n := range options {
		options[n].Selected = options[n].Value == value
	}
	return options
}

// meProblem shows the own account again with what is wrong.
func (s *Web) meProblem(w http.ResponseWriter, r *http.Request, name string, err error) error {
	var e *mainstay.Error
	if !errors.As(err, &e) || e.Kind == mainstay.Internal || e.Kind == mainstay.Unauthorized {
		return err
	}
	return s.mePage(w, r, auth.Status(err), name, map[string]string{e.Field: e.Message})
}

// saveMe stores the own name, and how this browser shows the pages.
func (s *Web) saveMe(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	if err := s.People.SetOwnName(r.Context(), auth.Actor(r.Context()), name); err != nil {
		return s.meProblem(w, r, name, err)
	}
	s.keepLook(w, cookieTheme, r.PostForm.Get("theme"), "light", "dark")
	s.keepLook(w, cookieDensity, r.PostForm.Get("density"), "comfortable")
	keys := "off"
	if r.PostForm.Get("keys") == "true" {
		keys = ""
	}
	s.keepLook(w, cookieKeys, keys, "off")
	return redirect(w, r, "/me")
}

// changePassword replaces the own password, proved by the present one.
func (s *Web) changePassword(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	if err := s.Sessions.ChangePassword(r.Context(), r.PostForm.Get("old"), r.PostForm.Get("password")); err != nil {
		return s.meProblem(w, r, auth.Actor(r.Context()).Name, err)
	}
	withFlash(w, flash{Code: flashPassword})
	return redirect(w, r, "/me")
}

// lookSeconds is how long a browser keeps its theme and density.
const lookSeconds = 365 * 24 * 60 * 60

// keepLook stores one of the known values in the browser; any other takes it away.
func (s *Web) keepLook(w http.ResponseWriter, name, value string, known ...string) {
	c := &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode} //nolint:gosec // holds no secret, and works without TLS too
	for _, k := range known {
		if value == k {
			c.Value, c.MaxAge = value, lookSeconds
		}
	}
	http.SetCookie(w, c)
}

// appearance stores the theme or the density that was chosen on any page.
func (s *Web) appearance(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	if r.PostForm.Has("theme") {
		s.keepLook(w, cookieTheme, r.PostForm.Get("theme"), "light", "dark")
	}
	if r.PostForm.Has("density") {
		s.keepLook(w, cookieDensity, r.PostForm.Get("density"), "comfortable")
	}
	if r.Header.Get("X-Requested-With") == "fetch" || r.Header.Get("HX-Request") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return redirect(w, r, auth.SafeNext(r.PostForm.Get("back")))
}
