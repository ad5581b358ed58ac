package web

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// users lists the people who can sign in.
func (s *Web) users(w http.ResponseWriter, r *http.Request) error {
	people, err := s.People.List(r.Context(), auth.Actor(r.Context()))
	if err != nil {
		return err
	}
	p := UsersPage{NewURL: "/account/users/new"}
	for _, l := range people {
		row := UserRow{User: l.User, Organizations: len(l.Organizations)}
		if l.Manageable {
			row.EditURL = userURL(l.ID)
		}
		p.Users = append(p.Users, row)
	}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: "Users", Active: "users", Crumbs: []Crumb{{Label: "Users"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, usersView(p), nil)
}

func userURL(id mainstay.UserID) string { return "/account/users/" + strconv.FormatInt(int64(id), 10) }

// userForm is what the form of a person holds. ID is 0 for a new one.
type userForm struct {
	auth.Person
	id       mainstay.UserID
	disabled bool
	password string
	add      string // the name of one more organization, or a part of it
	find     bool   // list the organizations with add in their name, in place of saving
	errs     map[string]string
}

// readUser takes over what the form sends; the email of a person stays.
func (f *userForm) readUser(r *http.Request) error {
	ids, err := formIDs(r, "organization")
	if err != nil {
		return err
	}
	in := r.PostForm
	if f.id == 0 {
		f.Email = strings.TrimSpace(in.Get("email"))
	}
	f.Name, f.Role, f.All, f.Organizations = strings.TrimSpace(in.Get("name")), mainstay.Role(in.Get("role")), in.Get("all") == "true", ids
	f.password, f.add, f.find = in.Get("password"), strings.TrimSpace(in.Get("organization_name")), in.Get("find") != ""
	return nil
}

// userPage fills the form.
func (s *Web) userPage(r *http.Request, f userForm) (UserFormPage, error) {
	p := UserFormPage{Heading: "Add user", Action: "/account/users/new", Button: "Add user", Back: "/account/users"}
	if f.id != 0 {
		p.Heading, p.Action, p.Button = f.Name, userURL(f.id), "Save user"
		switch self := auth.Actor(r.Context()).UserID == f.id; {
		case f.disabled:
			p.EnableURL = userURL(f.id) + "/enable"
		case !self:
			p.DisableURL = userURL(f.id) + "/disable"
		}
	}
	for _, role := range mainstay.Roles() {
		p.Roles = append(p.Roles, RoleHelp{role.Label(), roleText(role)})
	}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Active: "users", Crumbs: []Crumb{{Label: "Users", URL: "/account/users"}, {Label: p.Heading}}})
		if err != nil {
			return err
		}
		choices, all, err := organizationChoices(r, t, p.Page, f)
		p.Fields, p.Reach = f.fields(p.Actor), f.reach(p.Actor, choices, all)
		p.Error = explained([][]FormField{p.Fields, p.Reach}, f.errs)
		return err
	})
	return p, err
}

func (f userForm) fields(a mainstay.Actor) []FormField {
	var roles []Option
	for _, role := range mainstay.Roles() {
		if a.CanManage(role) == nil {
			roles = append(roles, Option{Value: string(role), Label: role.Label(), Selected: role == f.Role})
		}
	}
	email := FormField{Name: "email", Label: "Email", Type: "email", Value: f.Email, Required: true, Auto: "off"}
	password := FormField{Name: "password", Label: "Password", Type: "password", Required: true, Auto: "new-password", Help: "At least 12 characters. Hand it over in a safe way; it can be changed later."}
	if f.id != 0 {
		email.Locked = "An email address can't change. Add a new user instead."
		password.Label, password.Required, password.Help = "New password", false, "Leave it empty to keep the present one. A new one signs them out everywhere."
	}
	return []FormField{email, {Name: "name", Label: "Name", Type: "text", Value: f.Name, Required: true, Max: mainstay.MaxName, Auto: "off"},
		{Name: "role", Label: "Role", Type: "select", Options: roles, Required: true}, password}
}

// explained puts sentences at the fields that they speak of, and returns the
// one that belongs to none of them.
func explained(groups [][]FormField, errs map[string]string) string {
	rest := ""
	for name, message := range errs {
		found := false
		for _, fields := range groups {
			if at := slices.IndexFunc(fields, func(f FormField) bool { return f.Name == name }); at >= 0 {
				fields[at].Error, found = message, true
			}
		}
		if !found {
			rest = message
		}
	}
	return rest
}

// flagText is the value of a checkbox.
func flagText(on bool) string {
	if on {
		return "true"
	}
	return ""
}

// roleText says in a sentence what a role can do.
func roleText(r mainstay.Role) string {
	switch r {
	case mainstay.Administrator:
		return "Everything, including backups, account settings and deleting for good. Sees every organization."
	case mainstay.Manager:
		return "Syncing, plans, Trash and users, in the organizations they see."
	case mainstay.Editor:
		return "Creates, edits and deletes single items."
	case mainstay.Creator:
		return "Creates and edits items."
	case mainstay.ReadOnly:
		return "Reads items."
	case mainstay.Lite:
	}
	return "Reads items of at most " + num(mainstay.LiteOrganizations) + " organizations."
}

// newUser shows the form that adds a person.
func (s *Web) newUser(w http.ResponseWriter, r *http.Request) error {
	p, err := s.userPage(r, userForm{Person: auth.Person{Role: mainstay.Editor, All: auth.Actor(r.Context()).All}})
	if err != nil {
		return err
	}
	return s.show(w, r, userFormView(p), nil)
}

// createUser adds a person.
func (s *Web) createUser(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	var f userForm
	if err := f.readUser(r); err != nil {
		return err
	}
	if f.find {
		return s.showFound(w, r, f)
	}
	err := s.addOrganization(r, &f)
	if err == nil {
		_, err = s.People.Create(r.Context(), auth.Actor(r.Context()), f.Person, f.password)
	}
	return s.userSaved(w, r, f, err)
}

// editedUser reads the person that the address names, if the actor may change them.
func (s *Web) editedUser(r *http.Request) (userForm, error) {
	id, err := pathID(r, "id")
	if err != nil {
		return userForm{}, err
	}
	l, err := s.People.Show(r.Context(), auth.Actor(r.Context()), mainstay.UserID(id))
	switch {
	case mainstay.KindOf(err) == mainstay.NotFound:
		return userForm{}, errMissing()
	case err != nil:
		return userForm{}, err
	case !l.Manageable:
		return userForm{}, mainstay.Errorf(mainstay.Forbidden, "You can't change this person. Ask an Administrator.")
	}
	return userForm{Person: auth.Person{Email: l.Email, Name: l.Name, Role: l.Role, All: l.AllOrganizations, Organizations: l.Organizations}, id: l.ID, disabled: l.Disabled}, nil
}

// user shows the form of a person.
func (s *Web) user(w http.ResponseWriter, r *http.Request) error {
	f, err := s.editedUser(r)
	if err != nil {
		return err
	}
	p, err := s.userPage(r, f)
	if err != nil {
		return err
	}
	return s.show(w, r, userFormView(p), nil)
}

// saveUser stores a person, and a new password where one was typed.
func (s *Web) saveUser(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	f, err := s.editedUser(r)
	if err != nil {
		return err
	}
	if err := f.readUser(r); err != nil {
		return err
	}
	if f.find {
		return s.showFound(w, r, f)
	}
	a := auth.Actor(r.Context())
	if err = s.addOrganization(r, &f); err == nil && f.password != "" {
		err = auth.CheckPassword(f.password, f.Email, f.Name)
	}
	if err == nil {
		err = s.People.Update(r.Context(), a, f.id, f.Person)
	}
	if err == nil && f.password != "" {
		err = s.People.SetPassword(r.Context(), a, f.id, f.password)
	}
	return s.userSaved(w, r, f, err)
}

// userSaved goes back to the list, or shows the form again with what is wrong.
func (s *Web) userSaved(w http.ResponseWriter, r *http.Request, f userForm, err error) error {
	var e *mainstay.Error
	switch {
	case err == nil:
		withFlash(w, flash{Code: flashUser})
		return redirect(w, r, "/account/users")
	case !errors.As(err, &e) || (e.Kind != mainstay.Invalid && e.Kind != mainstay.Conflict && e.Kind != mainstay.Forbidden):
		return err
	}
	f.errs = map[string]string{e.Field: e.Message}
	p, pageErr := s.userPage(r, f)
	if pageErr != nil {
		return pageErr
	}
	return s.write(w, r, auth.Status(err), userFormView(p))
}

// confirmDisable asks before a person can no longer sign in.
func (s *Web) confirmDisable(w http.ResponseWriter, r *http.Request) error {
	f, err := s.editedUser(r)
	if err != nil {
		return err
	}
	p := ConfirmPage{Heading: "Disable " + f.Name, Action: userURL(f.id) + "/disable", Back: userURL(f.id), Button: "Disable user", Danger: true,
		Text: []string{"They are signed out everywhere at once and can't sign in until someone enables them. What they made stays, with their name."}}
	err = s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		p.Page, err = s.page(r, t, Page{Title: p.Heading, Active: "users", Crumbs: []Crumb{{Label: "Users", URL: "/account/users"}, {Label: f.Name, URL: userURL(f.id)}, {Label: "Disable"}}})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, confirmView(p), confirmDialog(p))
}

// disableUser keeps a person from signing in, or lets them again.
func (s *Web) disableUser(disable bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f, err := s.editedUser(r)
		if err != nil {
			return err
		}
		do := s.People.Enable
		if disable {
			do = s.People.Disable
		}
		if err := do(r.Context(), auth.Actor(r.Context()), f.id); err != nil {
			return err
		}
		withFlash(w, flash{Code: flashUser})
		return redirect(w, r, userURL(f.id))
	}
}
