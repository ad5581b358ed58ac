package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

func (o *office) user(email string) (u mainstay.User) {
	o.Helper()
	o.read(func(t *store.Tx) (err error) { u, err = t.UserByEmail(o.Context(), email); return err })
	return u
}

// organization makes an organization by hand.
func (o *office) organization(name string) mainstay.ItemID {
	o.Helper()
	i, err := o.changes.Create(o.Context(), boss(), mainstay.Item{Kind: mainstay.Organization.Name, Name: name, Values: mainstay.Values{}})
	o.must(err)
	return i.ID
}

func TestUsers(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		acme, bolt := o.organization("Acme"), o.organization("Bolt & <b>Sons</b>")
		b.get("/account/users/new").wants(http.StatusOK).says("Add user", "Acme", "What a role can do").hides("<b>Sons</b>")
		in := url.Values{"email": {"eva@example"}, "name": {"Eva"}, "role": {"editor"}, "password": {"short"}, "organization": {idOf(acme)}}
		b.post("/account/users/new", in).wants(http.StatusUnprocessableEntity).hides(`value="short"`)
		in.Set("email", "eva@example.com")
		b.post("/account/users/new", in).wants(http.StatusUnprocessableEntity)
		in.Set("password", officePassword)
		in.Set("role", "king")
		b.post("/account/users/new", in).wants(http.StatusUnprocessableEntity)
		in.Set("role", "editor")
		in.Set("organization_name", "Nobody Inc")
		b.post("/account/users/new", in).wants(http.StatusUnprocessableEntity).says(`There is no organization called "Nobody Inc".`)
		in.Set("organization_name", "")
		b.post("/account/users/new", in).leads("/account/users")
		b.get("/account/users").wants(http.StatusOK).says("Eva", "eva@example.com", "Editor", "User saved")
		b.post("/account/users/new", in).wants(http.StatusUnprocessableEntity).says("Somebody with this email address is here already.")

		eva := o.user("eva@example.com")
		at := fmt.Sprintf("/account/users/%d", eva.ID)
		edit := url.Values{"name": {"Eva Stone"}, "role": {"manager"}, "organization": {idOf(acme)}, "organization_name": {"bolt & <b>sons</b>"}}
		b.post(at, edit).leads("/account/users")
		var granted []mainstay.ItemID
		o.read(func(t *store.Tx) (err error) {
			granted, err = t.OrganizationsOf(o.Context(), eva.ID)
			return err
		})
		if now := o.user("eva@example.com"); len(granted) != 2 || granted[1] != bolt || now.Role != mainstay.Manager || now.Name != "Eva Stone" || now.AllOrganizations {
			o.Errorf("stored %+v with %v", now, granted)
		}

		manager := &browser{o, map[string]string{}}
		manager.post("/login", url.Values{"email": {"eva@example.com"}, "password": {officePassword}}).leads("/")
		ann := o.user("ann@example.com")
		manager.get(fmt.Sprintf("/account/users/%d", ann.ID)).wants(http.StatusForbidden).says("You can't change this person.")
		manager.post(fmt.Sprintf("/account/users/%d/disable", ann.ID), nil).wants(http.StatusForbidden)
		manager.get("/account/users/new").wants(http.StatusOK).hides(`value="administrator"`, `name="all"`)
		manager.post("/account/users/new", url.Values{"email": {"z@example.com"}, "name": {"Z"}, "role": {"administrator"}, "password": {officePassword}}).wants(http.StatusForbidden).says("Only an Administrator can manage Administrators.")

		b.fragment(http.MethodGet, at+"/disable", nil).wants(http.StatusOK).says("Disable Eva Stone", "signed out everywhere")
		b.post(at+"/disable", nil).leads(at)
		manager.get("/").leads("/login")
		b.get(at).wants(http.StatusOK).says("Enable user")
		b.post(at+"/enable", nil).leads(at)
		b.post(at, url.Values{"name": {"Eva Stone"}, "role": {"read-only"}, "organization": {idOf(acme)}, "password": {"another plum tree here"}}).leads("/account/users")
		manager.post("/login", url.Values{"email": {"eva@example.com"}, "password": {"another plum tree here"}}).leads("/")
		b.post(fmt.Sprintf("/account/users/%d/disable", ann.ID), nil).wants(http.StatusConflict)
		b.post(fmt.Sprintf("/account/users/%d", ann.ID), url.Values{"name": {"Ann"}, "role": {"editor"}, "all": {"true"}}).wants(http.StatusConflict)
	})
}

// TestUsers_find: where the organizations are many, a search adds those that match
// to the form, so that several can be granted at once.
func TestUsers_find(t *testing.T) {
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		a, b, c := o.organization("Zephyr North"), o.organization("Zephyr South"), o.organization("Quiet Mill")
		const add = "/account/users/new"
		ann.get(add).wants(http.StatusOK).says("Find organizations").hides("Zephyr", "One is added")
		form := url.Values{"email": {"eva@example.com"}, "name": {"Eva"}, "role": {"editor"}, "password": {officePassword}, "organization": {idOf(c)}, "organization_name": {"zephyr"}, "find": {"1"}}
		page := ann.post(add, form).wants(http.StatusOK).says("Add user", "2 organizations are listed above", "Zephyr North", "Zephyr South", "Quiet Mill")
		if page.count(`name="organization"`) != 3 || page.value("email") != "eva@example.com" || page.count("checked") != 1 {
			o.Errorf("the form lost what was chosen or found something else:\n%s", page.body)
		}
		ann.fragment(http.MethodPost, add, form).wants(http.StatusOK).says("Zephyr North").hides("What a role can do")
		form.Set("organization_name", "nothing like it")
		ann.post(add, form).wants(http.StatusOK).says("No other organization that you can open has that in its name.", "Quiet Mill")
		form.Del("find")
		form.Del("organization_name")
		form["organization"] = []string{idOf(a), idOf(b), idOf(c)}
		ann.post(add, form).leads("/account/users")
		var granted []mainstay.ItemID
		o.read(func(t *store.Tx) (err error) {
			granted, err = t.OrganizationsOf(o.Context(), o.user("eva@example.com").ID)
			return err
		})
		if len(granted) != 3 {
			o.Errorf("granted %v", granted)
		}
		max := o.hire("max@example.com", mainstay.Manager, append(slices.Clone(in.Organizations[:45]), a)...)
		max.post(add, url.Values{"organization_name": {"zephyr"}, "find": {"1"}, "role": {"editor"}}).wants(http.StatusOK).says("Zephyr North").hides("Zephyr South")
	})
}

func idOf(id mainstay.ItemID) string { return fmt.Sprint(int64(id)) }

func TestSettings(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		b.get("/account/settings").wants(http.StatusOK).says("Name of your company", "Keep deleted items for")
		b.post("/account/settings", url.Values{"name": {"Bluepeak IT"}, "trash_days": {"0"}}).wants(http.StatusUnprocessableEntity).says("Trash keeps items for 1 to 365 days.")
		b.post("/account/settings", url.Values{"name": {"Bluepeak IT"}, "trash_days": {"soon"}}).wants(http.StatusUnprocessableEntity).says("is no whole number")
		b.post("/account/settings", url.Values{"name": {""}, "trash_days": {"30"}}).wants(http.StatusUnprocessableEntity).says("Enter a name for the account")
		b.post("/account/settings", url.Values{"name": {"Bluepeak IT"}, "trash_days": {"14"}}).leads("/account/settings")
		if page := b.get("/account/settings").wants(http.StatusOK).says("Bluepeak IT", "Settings saved"); !strings.Contains(page.body, `value="14"`) {
			o.Error("the days are not shown again")
		}

		b.post("/me", url.Values{"name": {"Ann Other"}, "theme": {"dark"}, "density": {"odd"}, "keys": {"true"}}).leads("/me")
		if b.cookies["theme"] != "dark" || b.cookies["density"] != "" || b.cookies["keys"] != "" {
			o.Errorf("cookies %v", b.cookies)
		}
		b.get("/me").wants(http.StatusOK).says("Ann Other", "Administrator")
		b.post("/me", url.Values{"name": {" "}}).wants(http.StatusUnprocessableEntity)
		b.post("/me/appearance", url.Values{"theme": {"light"}, "back": {"https://evil.example/"}}).leads("/")
		b.post("/me/appearance", url.Values{"density": {"comfortable"}, "back": {"/jobs?state=done"}}).leads("/jobs?state=done")
		if b.cookies["theme"] != "light" || b.cookies["density"] != "comfortable" {
			o.Errorf("cookies %v", b.cookies)
		}
		if a := b.fragment(http.MethodPost, "/me/appearance", url.Values{"theme": {"dark"}}); a.Code != http.StatusNoContent {
			o.Errorf("with script: %d", a.Code)
		}

		const fresh = "a pear tree by the gate"
		b.post("/me/password", url.Values{"old": {"wrong"}, "password": {fresh}}).wants(http.StatusUnprocessableEntity).says("This isn't your password.")
		b.post("/me/password", url.Values{"old": {officePassword}, "password": {"short"}}).wants(http.StatusUnprocessableEntity)
		b.post("/me/password", url.Values{"old": {officePassword}, "password": {fresh}}).leads("/me")
		b.get("/me").wants(http.StatusOK).says("Password changed")
	})
}

func TestBackups(t *testing.T) {
	offices(t, func(o *office) {
		b := o.hire("ann@example.com", mainstay.Administrator)
		o.organization("Acme")
		b.get("/account/backups").wants(http.StatusOK).says("There is no verified backup.", "No backup yet.")
		b.post("/account/backups", nil).leads("/account/backups")
		b.get("/account/backups").wants(http.StatusOK).says("A backup is running.", "Waiting", "The backup was started")
		b.get("/jobs").wants(http.StatusOK).says("Backup", "Waiting")
		taken, err := o.backups.Take(o.Context(), "schedule")
		o.must(err)
		b.get("/account/backups").wants(http.StatusOK).says("Verified", "schedule", taken.File)
		at := fmt.Sprintf("/account/backups/%d", taken.ID)
		file := b.get(at + "/download").wants(http.StatusOK)
		if int64(len(file.body)) != taken.Size || !strings.HasPrefix(file.body, "PK") || file.Header().Get("Content-Disposition") != "attachment; filename="+taken.File {
			o.Errorf("%d bytes of %d, %v", len(file.body), taken.Size, file.Header())
		}
		b.post(at+"/verify", nil).leads("/account/backups")
		b.get("/account/backups").wants(http.StatusOK).says("Every count and hash of the backup is right")
		b.get("/account/backups/99/download").wants(http.StatusNotFound)
		b.post("/account/backups/99/verify", nil).wants(http.StatusNotFound)
		b.get("/").wants(http.StatusOK).hides("No verified backup of the last day")
	})
}
