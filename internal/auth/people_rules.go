package auth

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// peopleLock puts changes of people one after the other, so that two of them
// cannot each remove what the other takes for the last Administrator.
const peopleLock = "people"

// manage reads a person whom the actor may manage.
func (s *People) manage(ctx context.Context, t *store.Tx, a mainstay.Actor, id mainstay.UserID) (mainstay.User, Person, error) {
	var p Person
	if err := t.Lock(ctx, peopleLock); err != nil {
		return mainstay.User{}, p, err
	}
	u, err := t.User(ctx, id)
	if err != nil {
		return u, p, err
	}
	orgs, err := t.OrganizationsOf(ctx, id)
	if err != nil {
		return u, p, err
	}
	return u, Person{Email: u.Email, Name: u.Name, Role: u.Role, All: u.AllOrganizations, Organizations: orgs}, mayManage(a, u, orgs)
}

// mayManage refuses a person with a higher role or with more access than the
// actor: whoever could set their password could else become them.
func mayManage(a mainstay.Actor, u mainstay.User, orgs []mainstay.ItemID) error {
	if err := a.CanManage(u.Role); err != nil {
		return err
	}
	more := u.AllOrganizations && !a.All
	for _, o := range orgs {
		more = more || (!u.AllOrganizations && !a.Sees(o))
	}
	if more {
		return mainstay.Errorf(mainstay.Forbidden, "%s can open organizations that you can't, so only an Administrator can change them.", u.Name)
	}
	return nil
}

// mayGrant refuses new access that the actor does not have, and organizations
// that do not exist; the two give the same answer. Access that the person has
// already stays, for example to an organization that is in the trash now.
func mayGrant(ctx context.Context, t *store.Tx, a mainstay.Actor, before, p Person) error {
	if p.All && !a.All {
		return mainstay.Errorf(mainstay.Forbidden, "You can't grant access to all organizations, for you don't have it. Choose some of yours.")
	}
	added := slices.DeleteFunc(slices.Clone(p.Organizations), func(o mainstay.ItemID) bool { return slices.Contains(before.Organizations, o) })
	if len(added) == 0 {
		return nil
	}
	items, err := t.ItemsByID(ctx, added)
	if err != nil {
		return err
	}
	there := map[mainstay.ItemID]bool{}
	for _, i := range items {
		there[i.ID] = i.Kind == mainstay.Organization.Name && a.Sees(i.ID)
	}
	for _, o := range added {
		if !there[o] {
			return mainstay.FieldError("organization", "One of the organizations doesn't exist. Choose again.")
		}
	}
	return nil
}

// administratorRemains refuses a change after which nobody could undo it.
func administratorRemains(ctx context.Context, t *store.Tx) error {
	n, err := t.CountAdministrators(ctx)
	if err == nil && n == 0 {
		return mainstay.Errorf(mainstay.Conflict, "This is the last Administrator. Make somebody else one first.")
	}
	return err
}

// SetPassword gives a person a new password and signs them out everywhere. For
// one's own there is Sessions.ChangePassword, which asks for the old one.
func (s *People) SetPassword(ctx context.Context, a mainstay.Actor, id mainstay.UserID, password string) error {
	if err := a.Can(mainstay.ManageUsers, 0); err != nil {
		return err
	}
	if id == a.UserID && id != 0 {
		return mainstay.Errorf(mainstay.Conflict, "Change your own password on the page of your account.")
	}
	var u mainstay.User
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		u, _, err = s.manage(ctx, t, a, id)
		return err
	})
	if err != nil {
		return err
	}
	if err := CheckPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	stored, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	return s.Store.Write(ctx, func(t *store.Tx) error {
		u, _, err := s.manage(ctx, t, a, id)
		if err != nil {
			return err
		}
		return setPassword(ctx, t, a, u, stored, "set the password of user")
	})
}

func setPassword(ctx context.Context, t *store.Tx, a mainstay.Actor, u mainstay.User, stored, verb string) error {
	if err := t.SetPasswordHash(ctx, u.ID, stored); err != nil {
		return err
	}
	if err := t.DeleteSessionsOf(ctx, u.ID); err != nil {
		return err
	}
	if _, _, err := t.TakeSetting(ctx, linkSetting(u.ID)); err != nil {
		return err
	}
	return note(ctx, t, a, verb, u, nil)
}

// Disable keeps a person from signing in and ends their sessions at once.
func (s *People) Disable(ctx context.Context, a mainstay.Actor, id mainstay.UserID) error {
	if id == a.UserID && id != 0 {
		return mainstay.Errorf(mainstay.Conflict, "You can't disable yourself. Ask another Administrator.")
	}
	return s.setDisabled(ctx, a, id, true)
}

// Enable lets a person sign in again.
func (s *People) Enable(ctx context.Context, a mainstay.Actor, id mainstay.UserID) error {
	return s.setDisabled(ctx, a, id, false)
}

func (s *People) setDisabled(ctx context.Context, a mainstay.Actor, id mainstay.UserID, disabled bool) error {
	verb := "enabled user"
	if disabled {
		verb = "disabled user"
	}
	return s.Store.Write(ctx, func(t *store.Tx) error {
		u, _, err := s.manage(ctx, t, a, id)
		if err != nil || u.Disabled == disabled {
			return err
		}
		u.Disabled = disabled
		if err := t.UpdateUser(ctx, u); err != nil {
			return err
		}
		if disabled {
			if err := t.DeleteSessionsOf(ctx, id); err != nil {
				return err
			}
			if _, _, err := t.TakeSetting(ctx, linkSetting(id)); err != nil {
				return err
			}
		}
		if err := administratorRemains(ctx, t); err != nil {
			return err
		}
		return note(ctx, t, a, verb, u, nil)
	})
}

// differences lists what changes about a person, by field.
func differences(before, after Person) map[string]mainstay.Change {
	out := map[string]mainstay.Change{}
	add := func(name, b, a string) {
		if a != b {
			out[name] = mainstay.Change{Before: b, After: a}
		}
	}
	add("email", before.Email, after.Email)
	add("name", before.Name, after.Name)
	add("role", string(before.Role), string(after.Role))
	add("organizations", before.access(), after.access())
	return out
}

func (p Person) access() string {
	if p.All {
		return "all"
	}
	ids := slices.Compact(slices.Sorted(slices.Values(p.Organizations)))
	var out []string
	for _, id := range ids {
		out = append(out, strconv.FormatInt(int64(id), 10))
	}
	return strings.Join(out, ", ")
}

// note writes a change of a person into the activity log.
func note(ctx context.Context, t *store.Tx, a mainstay.Actor, verb string, u mainstay.User, changes map[string]mainstay.Change) error {
	return t.InsertActivity(ctx, []mainstay.Activity{{At: t.Now(), UserID: a.UserID, Who: a.Name, Verb: verb, Name: u.Name,
		Detail: u.Email, Changes: changes, Address: a.Address}})
}
