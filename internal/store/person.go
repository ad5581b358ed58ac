package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

const personColumns = "id, email, name, role, all_organizations, disabled, created_at, last_seen_at"

func scanPerson(r db.Row) (mainstay.User, error) {
	var u mainstay.User
	err := r.Scan(&u.ID, &u.Email, &u.Name, &u.Role, &u.AllOrganizations, &u.Disabled, &u.Created, &u.LastSeen)
	return u, err
}

// Users lists the people who can sign in, by name.
func (t *Tx) Users(ctx context.Context) ([]mainstay.User, error) {
	return scanAll(ctx, t, scanPerson, "SELECT "+personColumns+" FROM person ORDER BY name, id")
}

// User returns one person.
func (t *Tx) User(ctx context.Context, id mainstay.UserID) (mainstay.User, error) {
	return one(ctx, t, "user", scanPerson, "SELECT "+personColumns+" FROM person WHERE id = $1", int64(id))
}

// UserByEmail returns the person with an address, without regard to case.
func (t *Tx) UserByEmail(ctx context.Context, email string) (mainstay.User, error) {
	return one(ctx, t, "user", scanPerson, "SELECT "+personColumns+" FROM person WHERE email_key = $1", mainstay.SearchKey(email))
}

// InsertUser stores a new person with the hash of the password and sets the id.
func (t *Tx) InsertUser(ctx context.Context, u *mainstay.User, hash string) error {
	id, err := t.NextIDs(ctx, "person", 1)
	if err != nil {
		return err
	}
	u.ID = mainstay.UserID(id)
	_, err = t.Exec(ctx, `INSERT INTO person (id, email, email_key, name, role, all_organizations, disabled, password, created_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)`,
		id, u.Email, mainstay.SearchKey(u.Email), u.Name, string(u.Role), u.AllOrganizations, u.Disabled, hash, int64(u.Created))
	if db.IsUnique(err) {
		return mainstay.FieldError("email", "Somebody with this email address is here already.")
	}
	return err
}

// UpdateUser stores name, role, access and the disabled flag of a person.
func (t *Tx) UpdateUser(ctx context.Context, u mainstay.User) error {
	_, err := t.Exec(ctx, "UPDATE person SET name = $1, role = $2, all_organizations = $3, disabled = $4 WHERE id = $5",
		u.Name, string(u.Role), u.AllOrganizations, u.Disabled, int64(u.ID))
	return err
}

// SetEmail changes the address that a person signs in with.
func (t *Tx) SetEmail(ctx context.Context, id mainstay.UserID, email string) error {
	_, err := t.Exec(ctx, "UPDATE person SET email = $1, email_key = $2 WHERE id = $3", email, mainstay.SearchKey(email), int64(id))
	if db.IsUnique(err) {
		return mainstay.FieldError("email", "Somebody with this email address is here already.")
	}
	return err
}

// PasswordHash returns the hash of a person's password.
func (t *Tx) PasswordHash(ctx context.Context, id mainstay.UserID) (string, error) {
	var h string
	err := t.QueryRow(ctx, "SELECT password FROM person WHERE id = $1", int64(id)).Scan(&h)
	return h, err
}

// SetPasswordHash replaces the hash of a person's password.
func (t *Tx) SetPasswordHash(ctx context.Context, id mainstay.UserID, hash string) error {
	_, err := t.Exec(ctx, "UPDATE person SET password = $1 WHERE id = $2", hash, int64(id))
	return err
}

// SetLastSeen notes when a person was last here.
func (t *Tx) SetLastSeen(ctx context.Context, id mainstay.UserID, at mainstay.Time) error {
	_, err := t.Exec(ctx, "UPDATE person SET last_seen_at = $1 WHERE id = $2", int64(at), int64(id))
	return err
}

// CountAdministrators counts the Administrators who can sign in.
func (t *Tx) CountAdministrators(ctx context.Context) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM person WHERE role = 'administrator' AND NOT disabled").Scan(&n)
	return n, err
}

// CountUsers counts everybody, disabled people included.
func (t *Tx) CountUsers(ctx context.Context) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM person").Scan(&n)
	return n, err
}

// OrganizationsOf returns the organizations that a person was granted.
func (t *Tx) OrganizationsOf(ctx context.Context, id mainstay.UserID) ([]mainstay.ItemID, error) {
	return scanAll(ctx, t, func(r db.Row) (mainstay.ItemID, error) {
		var i mainstay.ItemID
		err := r.Scan(&i)
		return i, err
	}, "SELECT organization_id FROM person_organization WHERE person_id = $1 ORDER BY organization_id", int64(id))
}

// SetOrganizationsOf replaces the organizations that a person was granted.
func (t *Tx) SetOrganizationsOf(ctx context.Context, id mainstay.UserID, orgs []mainstay.ItemID) error {
	if _, err := t.Exec(ctx, "DELETE FROM person_organization WHERE person_id = $1", int64(id)); err != nil {
		return err
	}
	var rows [][]any
	for _, o := range unique(orgs) {
		rows = append(rows, []any{int64(id), int64(o)})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO person_organization (person_id, organization_id)", "", rows)
	return err
}

// Actor returns a person as the one who acts; a disabled person is Unauthorized.
func (t *Tx) Actor(ctx context.Context, id mainstay.UserID, address string) (mainstay.Actor, error) {
	u, err := t.User(ctx, id)
	if mainstay.KindOf(err) == mainstay.NotFound || (err == nil && u.Disabled) {
		return mainstay.Actor{}, mainstay.Errorf(mainstay.Unauthorized, "Sign in first.")
	}
	if err != nil {
		return mainstay.Actor{}, err
	}
	a := mainstay.Actor{UserID: u.ID, Name: u.Name, Role: u.Role, All: u.AllOrganizations || u.Role == mainstay.Administrator, Address: address}
	if a.All {
		return a, nil
	}
	orgs, err := t.OrganizationsOf(ctx, id)
	a.Organizations = make(map[mainstay.ItemID]bool, len(orgs))
	for _, o := range orgs {
		a.Organizations[o] = true
	}
	return a, err
}
