package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// Session is a signed-in browser as the database keeps it.
type Session struct {
	Data    []byte
	Person  mainstay.UserID
	Expires mainstay.Time
}

// Session returns a session that has not ended; ok is false for one that is
// unknown or over.
func (t *Tx) Session(ctx context.Context, tokenHash string) (s Session, ok bool, err error) {
	err = t.QueryRow(ctx, "SELECT data, person_id, expires_at FROM session WHERE token_hash = $1 AND expires_at > $2", tokenHash, int64(t.Now())).
		Scan(&s.Data, &s.Person, &s.Expires)
	if db.IsNoRows(err) {
		return s, false, nil
	}
	return s, err == nil, err
}

// SaveSession stores a session of a person until a moment.
func (t *Tx) SaveSession(ctx context.Context, tokenHash string, data []byte, person mainstay.UserID, expires mainstay.Time) error {
	_, err := t.Exec(ctx, `INSERT INTO session (token_hash, data, person_id, expires_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, person_id = excluded.person_id, expires_at = excluded.expires_at`, tokenHash, data, int64(person), int64(expires))
	return err
}

// ProlongSession moves the end of a session that is not over.
func (t *Tx) ProlongSession(ctx context.Context, tokenHash string, expires mainstay.Time) error {
	_, err := t.Exec(ctx, "UPDATE session SET expires_at = $1 WHERE token_hash = $2 AND expires_at > $3", int64(expires), tokenHash, int64(t.Now()))
	return err
}

// DeleteSession ends a session.
func (t *Tx) DeleteSession(ctx context.Context, tokenHash string) error {
	_, err := t.Exec(ctx, "DELETE FROM session WHERE token_hash = $1", tokenHash)
	return err
}

// DeleteSessionsOf ends every session of a person.
func (t *Tx) DeleteSessionsOf(ctx context.Context, person mainstay.UserID) error {
	_, err := t.Exec(ctx, "DELETE FROM session WHERE person_id = $1", int64(person))
	return err
}

// DeleteExpiredSessions removes the sessions that are over.
func (t *Tx) DeleteExpiredSessions(ctx context.Context) error {
	_, err := t.Exec(ctx, "DELETE FROM session WHERE expires_at <= $1", int64(t.Now()))
	return err
}

// SignInFailures returns how often signing in failed for a name (an account or
// an address) and when it last did.
func (t *Tx) SignInFailures(ctx context.Context, name string) (n int, last mainstay.Time, err error) {
	err = t.QueryRow(ctx, "SELECT failures, last_at FROM sign_in_failure WHERE name = $1", name).Scan(&n, &last)
	if db.IsNoRows(err) {
		return 0, 0, nil
	}
	return n, last, err
}

// AddSignInFailure counts one more failure.
func (t *Tx) AddSignInFailure(ctx context.Context, name string) error {
	_, err := t.Exec(ctx, `INSERT INTO sign_in_failure (name, failures, last_at) VALUES ($1, 1, $2)
		ON CONFLICT (name) DO UPDATE SET failures = sign_in_failure.failures + 1, last_at = excluded.last_at`, name, int64(t.Now()))
	return err
}

// ForgetSignInFailures clears the count of a name.
func (t *Tx) ForgetSignInFailures(ctx context.Context, name string) error {
	_, err := t.Exec(ctx, "DELETE FROM sign_in_failure WHERE name = $1", name)
	return err
}

// TakeBackSignInFailure uncounts the latest failure of a name, which turned out
// to be none; last is when it failed before that one.
func (t *Tx) TakeBackSignInFailure(ctx context.Context, name string, last mainstay.Time) error {
	_, err := t.Exec(ctx, "UPDATE sign_in_failure SET failures = failures - 1, last_at = $1 WHERE name = $2 AND failures > 0", int64(last), name)
	return err
}

// ForgetOldSignInFailures clears what has not failed since a moment.
func (t *Tx) ForgetOldSignInFailures(ctx context.Context, before mainstay.Time) error {
	_, err := t.Exec(ctx, "DELETE FROM sign_in_failure WHERE last_at < $1", int64(before))
	return err
}
