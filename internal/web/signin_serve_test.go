package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"mainstay"
)

func TestSetup(t *testing.T) {
	offices(t, func(o *office) {
		b := &browser{o, map[string]string{}}
		b.get("/organizations").leads("/setup")
		code, err := o.setup.NewCode(o.Context())
		o.must(err)
		in := url.Values{"account": {"Bluepeak IT"}, "name": {"Ann Boss"}, "email": {"ann@example.com"}, "password": {officePassword}, "token": {"WRONG"}}
		b.get("/setup").wants(http.StatusOK).says("Set up Mainstay", "Set-up code")
		b.post("/setup", in).wants(http.StatusUnprocessableEntity).says("This isn't the set-up code.")
		in.Set("token", code)
		in.Set("password", "password1234")
		b.post("/setup", in).wants(http.StatusUnprocessableEntity).hides("password1234")
		in.Set("password", officePassword)
		in.Set("account", " ")
		b.post("/setup", in).wants(http.StatusUnprocessableEntity).says("Enter the name of your company")
		in.Set("account", "Bluepeak IT")
		b.post("/setup", in).leads("/")
		b.get("/").wants(http.StatusOK).says("Dashboard", "Bluepeak IT", "Connect your PSA first", "Choose what syncs")
		b.get("/setup").leads("/login")
		in.Set("email", "eve@example.com")
		b.post("/setup", in).wants(http.StatusForbidden).says("set up already")
	})
}

func TestSignIn(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		b.get("/login").leads("/")
		b.post("/logout", nil).leads("/login")
		b.get("/jobs?state=failed").leads("/login?next=" + url.QueryEscape("/jobs?state=failed"))
		b.get("/login?next=//evil.example").wants(http.StatusOK).hides("evil.example")
		in := url.Values{"email": {"ann@example.com"}, "password": {"wrong"}, "next": {"/jobs"}}
		known := b.post("/login", in).wants(http.StatusUnauthorized).says("The email address or the password is wrong.")
		in.Set("email", "nobody@example.com")
		unknown := b.post("/login", in).wants(http.StatusUnauthorized)
		if known.text() != unknown.text() {
			o.Errorf("a known and an unknown address are told apart:\n%s\n%s", known.text(), unknown.text())
		}
		in.Set("email", "ANN@example.com")
		in.Set("password", officePassword)
		b.post("/login", in).leads("/jobs")
		b.get("/jobs").wants(http.StatusOK).says("Nothing is running.")
	})
}

// TestRights asks every page of this part as people who may not open it.
func TestRights(t *testing.T) {
	offices(t, func(o *office) {
		manager, editor := o.hire("max@example.com", mainstay.Manager), o.hire("eva@example.com", mainstay.Editor)
		for _, path := range []string{"/account/integrations", "/account/integrations/1", "/account/integrations/1/log", "/account/integrations/1/sync-settings",
			"/account/integrations/1/manage-data", "/jobs", "/account/users", "/account/users/new"} {
			editor.get(path).wants(http.StatusForbidden).says("Your role, Editor, can't")
		}
		for _, path := range []string{"/account/backups", "/account/settings"} {
			editor.get(path).wants(http.StatusForbidden)
			manager.get(path).wants(http.StatusForbidden)
		}
		for _, path := range []string{"/account/integrations/9", "/account/integrations/x", "/account/integrations/9/log/1", "/account/integrations/9/sync-settings/contacts",
			"/account/integrations/9/manage-data", "/account/integrations/new?connector=nothing", "/account/users/77"} {
			manager.get(path).wants(http.StatusNotFound).says("There's nothing")
		}
		editor.get("/").wants(http.StatusOK).hides("/account/integrations")
		editor.get("/me").wants(http.StatusOK).says("eva@example.com", "Editor")
	})
}
