package auth

import (
	"context"
	"errors"
	"strconv"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// visit is what one request knows of its session beyond its values. The rows
// fill it in, for they alone see the token.
type visit struct {
	hash    string // of the session that the request came with; empty for none
	expires mainstay.Time
	// proof is the fingerprint of the password hash at sign-in. A session starts
	// only while it still holds, so a password changed meanwhile wins.
	proof string
}

// visitOf returns the visit of a request; a new one outside of Sessions.Load.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey).(*visit); ok {
		return v
	}
	return &visit{}
}

// rows keeps sessions in the database, under the SHA-256 of their tokens.
type rows struct {
	store *store.Store
	idle  time.Duration
}

var (
	errNoContext = errors.New("sessions need a context")
	errNobody    = errors.New("a session without a person is not stored")
)

// Find implements scs.Store; only FindCtx is used.
func (rows) Find(string) ([]byte, bool, error) { return nil, false, errNoContext }

// Commit implements scs.Store; only CommitCtx is used.
func (rows) Commit(string, []byte, time.Time) error { return errNoContext }

// Delete implements scs.Store; only DeleteCtx is used.
func (rows) Delete(string) error { return errNoContext }

// FindCtx returns the data of a session that has not ended.
func (s rows) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	hash := fingerprint(token)
	var row store.Session
	var ok bool
	err := s.store.Read(ctx, func(t *store.Tx) error {
		var err error
		row, ok, err = t.Session(ctx, hash)
		return err
	})
	if ok && err == nil {
		v := visitOf(ctx)
		v.hash, v.expires = hash, row.Expires
	}
	return row.Data, ok, err
}

// DeleteCtx ends a session.
func (s rows) DeleteCtx(ctx context.Context, token string) error {
	return s.store.Write(ctx, func(t *store.Tx) error { return t.DeleteSession(ctx, fingerprint(token)) })
}

// CommitCtx stores a session that starts. The one that a request came with is
// never stored again: it holds the same from its start to its end, and what was
// ended meanwhile cannot come back.
func (s rows) CommitCtx(ctx context.Context, token string, data []byte, deadline time.Time) error {
	v, hash := visitOf(ctx), fingerprint(token)
	if hash == v.hash {
		return nil
	}
	_, values, err := jsonCodec{}.Decode(data)
	if err != nil {
		return err
	}
	text, ok := values[personValue].(string)
	if !ok {
		return errNobody
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return err
	}
	person := mainstay.UserID(number)
	return s.store.Write(ctx, func(t *store.Tx) error {
		if err := stillProved(ctx, t, person, v.proof); err != nil {
			return err
		}
		return t.SaveSession(ctx, hash, data, person, min(t.Now().Add(s.idle), mainstay.TimeOf(deadline)))
	})
}

// stillProved refuses to start the session of a person who was disabled or got
// another password after signing in and before this.
func stillProved(ctx context.Context, t *store.Tx, person mainstay.UserID, proof string) error {
	if _, err := t.Actor(ctx, person, ""); err != nil {
		return err
	}
	stored, err := t.PasswordHash(ctx, person)
	if err != nil {
		return err
	}
	if !equal(fingerprint(stored), proof) {
		return mainstay.Errorf(mainstay.Unauthorized, "Your password changed meanwhile. Sign in again.")
	}
	return nil
}
