package auth

import (
	"context"
	"net/mail"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// People changes who can sign in and what they may do. Every method checks the
// actor, and writes the activity in the transaction of the change.
type People struct {
	Store     *store.Store
	Passwords *Passwords
}

// Person is what is chosen for a person.
type Person struct {
	Email string
	Name  string
	Role  mainstay.Role
	// All gives access to every organization; else only to Organizations.
	All           bool
	Organizations []mainstay.ItemID
}

// Listed is one person with what the one who looks may do.
type Listed struct {
	mainstay.User
	Organizations []mainstay.ItemID // granted, where not all
	Manageable    bool              // the actor may change this person
}

// maxEmail is the longest address that mail can be sent to.
const maxEmail = 254

// check trims and checks what a person typed, before any rights.
func (p *Person) check() error {
	p.Email = strings.TrimSpace(p.Email)
	p.Name = strings.Join(strings.Fields(mainstay.CleanText(p.Name, false)), " ")
	a, err := mail.ParseAddress(p.Email)
	switch {
	case err != nil || a.Address != p.Email || a.Name != "" || len(p.Email) > maxEmail || mainstay.CleanText(p.Email, false) != p.Email:
		return mainstay.FieldError("email", "Enter an email address like ann@example.com.")
	case p.Name == "" || len([]rune(p.Name)) > mainstay.MaxName:
		return mainstay.FieldError("name", "Enter a name, up to %d characters.", mainstay.MaxName)
	}
	if p.Role, err = mainstay.ParseRole(string(p.Role)); err != nil {
		return mainstay.FieldError("role", "%s", mainstay.SafeMessage(err))
	}
	return p.checkAccess()
}

// checkAccess settles what a role says about access: Administrators see all,
// Lite users at most a few.
func (p *Person) checkAccess() error {
	p.Organizations = slices.Compact(slices.Sorted(slices.Values(p.Organizations)))
	switch {
	case p.Role == mainstay.Administrator, p.Role != mainstay.Lite && p.All:
		p.All, p.Organizations = true, nil
	case p.Role == mainstay.Lite && (p.All || len(p.Organizations) > mainstay.LiteOrganizations):
		return mainstay.FieldError("organization", "A Lite user can see at most %d organizations. Choose them one by one.", mainstay.LiteOrganizations)
	}
	return nil
}

// List returns everybody, for people who may manage users.
func (s *People) List(ctx context.Context, a mainstay.Actor) ([]Listed, error) {
	if err := a.Can(mainstay.ManageUsers, 0); err != nil {
		return nil, err
	}
	var out []Listed
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		users, err := t.Users(ctx)
		if err != nil {
			return err
		}
		out = nil
		for _, u := range users {
			l, err := listed(ctx, t, a, u)
			if err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// Show returns one person, for people who may manage users.
func (s *People) Show(ctx context.Context, a mainstay.Actor, id mainstay.UserID) (Listed, error) {
	var l Listed
	if err := a.Can(mainstay.ManageUsers, 0); err != nil {
		return l, err
	}
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		u, err := t.User(ctx, id)
		if err != nil {
			return err
		}
		l, err = listed(ctx, t, a, u)
		return err
	})
	return l, err
}

func listed(ctx context.Context, t *store.Tx, a mainstay.Actor, u mainstay.User) (Listed, error) {
	l := Listed{User: u}
	var err error
	if !u.AllOrganizations {
		if l.Organizations, err = t.OrganizationsOf(ctx, u.ID); err != nil {
			return l, err
		}
	}
	l.Manageable = mayManage(a, u, l.Organizations) == nil
	return l, nil
}

// Create adds a person who can sign in with a password.
func (s *People) Create(ctx context.Context, a mainstay.Actor, p Person, password string) (mainstay.User, error) {
	var u mainstay.User
	if err := a.CanManage(p.Role); err != nil {
		return u, err
	}
	if err := p.check(); err != nil {
		return u, err
	}
	if err := CheckPassword(password, p.Email, p.Name); err != nil {
		return u, err
	}
	stored, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return u, err
	}
	err = s.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.Lock(ctx, peopleLock); err != nil {
			return err
		}
		if err := mayGrant(ctx, t, a, Person{}, p); err != nil {
			return err
		}
		u = mainstay.User{Email: p.Email, Name: p.Name, Role: p.Role, AllOrganizations: p.All, Created: t.Now()}
		if err := t.InsertUser(ctx, &u, stored); err != nil {
			return err
		}
		if err := t.SetOrganizationsOf(ctx, u.ID, p.Organizations); err != nil {
			return err
		}
		return note(ctx, t, a, "added user", u, differences(Person{}, p))
	})
	return u, err
}

// Update changes everything about a person but the password and whether they
// may sign in. Another role signs them out everywhere.
func (s *People) Update(ctx context.Context, a mainstay.Actor, id mainstay.UserID, p Person) error {
	return s.edit(ctx, a, id, func(now *Person) { *now = p })
}

// SetAccess changes which organizations a person sees.
func (s *People) SetAccess(ctx context.Context, a mainstay.Actor, id mainstay.UserID, all bool, organizations []mainstay.ItemID) error {
	return s.edit(ctx, a, id, func(now *Person) { now.All, now.Organizations = all, organizations })
}

// SetRole changes the role of a person and signs them out everywhere.
func (s *People) SetRole(ctx context.Context, a mainstay.Actor, id mainstay.UserID, role mainstay.Role) error {
	return s.edit(ctx, a, id, func(now *Person) { now.Role = role })
}

// SetOwnName changes the name of the actor, which needs no right over others.
func (s *People) SetOwnName(ctx context.Context, a mainstay.Actor, name string) error {
	if err := a.Can(mainstay.UseOwnAccount, 0); err != nil {
		return err
	}
	return s.Store.Write(ctx, func(t *store.Tx) error {
		u, err := t.User(ctx, a.UserID)
		if err != nil {
			return err
		}
		p := Person{Email: u.Email, Name: name, Role: mainstay.ReadOnly} // the role plays no part here
		if err := p.check(); err != nil || p.Name == u.Name {
			return err
		}
		before := u.Name
		u.Name = p.Name
		if err := t.UpdateUser(ctx, u); err != nil {
			return err
		}
		return note(ctx, t, a, "changed user", u, map[string]mainstay.Change{"name": {Before: before, After: u.Name}})
	})
}

func (s *People) edit(ctx context.Context, a mainstay.Actor, id mainstay.UserID, change func(*Person)) error {
	return s.Store.Write(ctx, func(t *store.Tx) error {
		u, before, err := s.manage(ctx, t, a, id)
		if err != nil {
			return err
		}
		p := before
		change(&p)
		if err := a.CanManage(p.Role); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		if err := mayGrant(ctx, t, a, before, p); err != nil {
			return err
		}
		diff := differences(before, p)
		if len(diff) == 0 {
			return nil
		}
		if p.Email != u.Email {
			if err := t.SetEmail(ctx, id, p.Email); err != nil {
				return err
			}
		}
		u.Email, u.Name, u.Role, u.AllOrganizations = p.Email, p.Name, p.Role, p.All
		if err := t.UpdateUser(ctx, u); err != nil {
			return err
		}
		if err := t.SetOrganizationsOf(ctx, id, p.Organizations); err != nil {
			return err
		}
		if p.Role != before.Role {
			if err := t.DeleteSessionsOf(ctx, id); err != nil {
				return err
			}
		}
		if err := administratorRemains(ctx, t); err != nil {
			return err
		}
		return note(ctx, t, a, "changed user", u, diff)
	})
}
