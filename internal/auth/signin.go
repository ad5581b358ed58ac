package auth

import (
	"context"
	"errors"
	"log/slog"
	"strconv"

	"mainstay"
	"mainstay/internal/store"
)

func wrongPassword() error {
	return mainstay.Errorf(mainstay.Unauthorized, "The email address or the password is wrong.")
}

// SignIn signs a person in: it checks the password and gives the request's
// browser a new session. It answers a wrong password, an unknown address and a
// disabled person the same, and RateLimited where there were too many tries.
func (s *Sessions) SignIn(ctx context.Context, email, password string) (mainstay.Actor, error) {
	v := VisitorOf(ctx)
	y := newTry(email, v.Address)
	if err := y.begin(ctx, s.Store); err != nil {
		return mainstay.Actor{}, err
	}
	u, stored, err := s.account(ctx, email)
	if err != nil {
		return mainstay.Actor{}, err
	}
	if len(password) > maxPasswordBytes {
		password = password[:maxPasswordBytes] + "…" // longer ones can't be right, and the cost stays
	}
	ok, weaker, err := s.Passwords.Verify(ctx, stored, password)
	if err != nil {
		return mainstay.Actor{}, err
	}
	if !ok || u.Disabled {
		s.Log.WarnContext(ctx, "failed sign-in", slog.String("address", v.Address), slog.Int64("user", int64(u.ID)))
		return mainstay.Actor{}, wrongPassword()
	}
	fresh := stored
	if weaker {
		if fresh, err = s.Passwords.Hash(ctx, password); err != nil {
			return mainstay.Actor{}, err
		}
	}
	return s.admit(ctx, u.ID, stored, fresh, "signed in", y)
}

// account finds a person and their password hash; both are empty where the
// address is unknown.
func (s *Sessions) account(ctx context.Context, email string) (u mainstay.User, stored string, err error) {
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		if u, err = t.UserByEmail(ctx, email); err != nil {
			return err
		}
		stored, err = t.PasswordHash(ctx, u.ID)
		return err
	})
	if mainstay.KindOf(err) == mainstay.NotFound {
		return mainstay.User{}, "", nil
	}
	return u, stored, err
}

// admit writes a sign-in down and starts the session. stored is the hash that
// was proved, fresh the one to keep. y may be nil.
func (s *Sessions) admit(ctx context.Context, person mainstay.UserID, stored, fresh, verb string, y *try) (mainstay.Actor, error) {
	var a mainstay.Actor
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if a, err = t.Actor(ctx, person, VisitorOf(ctx).Address); err != nil {
			return err
		}
		now, err := t.PasswordHash(ctx, person)
		if err != nil {
			return err
		}
		if !equal(now, stored) {
			return wrongPassword()
		}
		if fresh != stored {
			if err := t.SetPasswordHash(ctx, person, fresh); err != nil {
				return err
			}
		}
		if y != nil {
			if err := y.succeed(ctx, t); err != nil {
				return err
			}
		}
		if err := t.SetLastSeen(ctx, person, t.Now()); err != nil {
			return err
		}
		return t.InsertActivity(ctx, []mainstay.Activity{{At: t.Now(), UserID: person, Who: a.Name, Verb: verb, Name: a.Name, Address: a.Address}})
	})
	if err != nil {
		return mainstay.Actor{}, err
	}
	return a, s.begin(ctx, person, fresh)
}

// begin gives the browser a new token, whatever it came with, so that a token
// that somebody planted before is worth nothing (session fixation).
func (s *Sessions) begin(ctx context.Context, person mainstay.UserID, stored string) error {
	if err := s.manager.Clear(ctx); err != nil {
		return err
	}
	if err := s.manager.RenewToken(ctx); err != nil {
		return err
	}
	s.manager.SetDeadline(ctx, s.Store.DB.Now().Add(s.Absolute).Std())
	s.manager.Put(ctx, personValue, strconv.FormatInt(int64(person), 10))
	visitOf(ctx).proof = fingerprint(stored)
	return nil
}

// SignOut ends the session of the request.
func (s *Sessions) SignOut(ctx context.Context) error {
	a := Actor(ctx)
	if err := s.manager.Destroy(ctx); err != nil || a.UserID == 0 {
		return err
	}
	return s.Store.Write(ctx, func(t *store.Tx) error {
		return t.InsertActivity(ctx, []mainstay.Activity{{At: t.Now(), UserID: a.UserID, Who: a.Name, Verb: "signed out", Name: a.Name, Address: a.Address}})
	})
}

// ChangePassword lets the signed-in person choose a new password, proved by the
// old one. Their other sessions end; this one goes on under a new token.
func (s *Sessions) ChangePassword(ctx context.Context, old, password string) error {
	a := Actor(ctx)
	if err := a.Can(mainstay.UseOwnAccount, 0); err != nil {
		return err
	}
	u, stored, err := s.own(ctx, a.UserID)
	if err != nil {
		return err
	}
	y := newTry(u.Email, VisitorOf(ctx).Address)
	if err := y.begin(ctx, s.Store); err != nil {
		return err
	}
	ok, _, err := s.Passwords.Verify(ctx, stored, old)
	if err != nil {
		return err
	}
	if !ok {
		return mainstay.FieldError("old", "This isn't your password.")
	}
	if err := CheckPassword(password, u.Email, u.Name); err != nil {
		return errors.Join(err, s.Store.Write(ctx, func(t *store.Tx) error { return y.succeed(ctx, t) }))
	}
	fresh, err := s.Passwords.Hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(t *store.Tx) error {
		now, err := t.PasswordHash(ctx, u.ID)
		if err != nil {
			return err
		}
		if !equal(now, stored) {
			return mainstay.Errorf(mainstay.Conflict, "Your password changed meanwhile. Sign in again.")
		}
		if err := y.succeed(ctx, t); err != nil {
			return err
		}
		return setPassword(ctx, t, a, u, fresh, "changed their password")
	})
	if err != nil {
		return err
	}
	return s.begin(ctx, u.ID, fresh)
}

func (s *Sessions) own(ctx context.Context, id mainstay.UserID) (u mainstay.User, stored string, err error) {
	err = s.Store.Read(ctx, func(t *store.Tx) error {
		if u, err = t.User(ctx, id); err != nil {
			return err
		}
		stored, err = t.PasswordHash(ctx, id)
		return err
	})
	return u, stored, err
}
