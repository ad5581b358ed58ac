package store

import (
	"context"

	"mainstay/internal/db"
)

// Setting returns a setting of the account, or otherwise where it was never set.
func (t *Tx) Setting(ctx context.Context, name, otherwise string) (string, error) {
	var v string
	err := t.QueryRow(ctx, "SELECT value FROM setting WHERE name = $1", name).Scan(&v)
	if db.IsNoRows(err) {
		return otherwise, nil
	}
	return v, err
}

// SetSetting stores a setting of the account.
func (t *Tx) SetSetting(ctx context.Context, name, value string) error {
	_, err := t.Exec(ctx, "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

// TakeSetting removes a setting and returns what it was. Of several
// transactions that take the same one, a single one gets it; ok is false for
// the others and where it was never set.
func (t *Tx) TakeSetting(ctx context.Context, name string) (value string, ok bool, err error) {
	err = t.QueryRow(ctx, "DELETE FROM setting WHERE name = $1 RETURNING value", name).Scan(&value)
	if db.IsNoRows(err) {
		return "", false, nil
	}
	return value, err == nil, err
}

// Lock makes every other transaction that locks the same name wait until this
// one ends. It must be called before the reads that it protects.
func (t *Tx) Lock(ctx context.Context, name string) error {
	return t.SetSetting(ctx, "lock "+name, "")
}
