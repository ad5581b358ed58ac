package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// Preference returns how a person likes something; ok is false where they never
// said.
func (t *Tx) Preference(ctx context.Context, id mainstay.UserID, name string) (value string, ok bool, err error) {
	err = t.QueryRow(ctx, "SELECT value FROM preference WHERE person_id = $1 AND name = $2", int64(id), name).Scan(&value)
	if db.IsNoRows(err) {
		return "", false, nil
	}
	return value, err == nil, err
}

// SetPreference keeps how a person likes something.
func (t *Tx) SetPreference(ctx context.Context, id mainstay.UserID, name, value string) error {
	_, err := t.Exec(ctx, `INSERT INTO preference (person_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (person_id, name) DO UPDATE SET value = excluded.value`, int64(id), name, value)
	return err
}

// ForgetPreference goes back to how things are for everybody.
func (t *Tx) ForgetPreference(ctx context.Context, id mainstay.UserID, name string) error {
	_, err := t.Exec(ctx, "DELETE FROM preference WHERE person_id = $1 AND name = $2", int64(id), name)
	return err
}
