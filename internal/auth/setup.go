package auth

import (
	"context"
	"crypto/rand"
	"strings"
	"sync/atomic"

	"mainstay"
	"mainstay/internal/store"
)

// Setup is the first run: no account exists by default, and the first
// Administrator is made with a code that the server printed.
type Setup struct {
	Store     *store.Store
	Passwords *Passwords
	done      atomic.Bool
}

// setupSetting holds the hashes of the codes that were printed, newest first.
const setupSetting = "set-up codes"

// maxSetupCodes is how many printed codes work at the same time, for several
// nodes and restarts each print one.
const maxSetupCodes = 5

// Needed reports whether there is nobody yet who could sign in.
func (u *Setup) Needed(ctx context.Context) (bool, error) {
	if u.done.Load() {
		return false, nil
	}
	n := 0
	err := u.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		n, err = t.CountUsers(ctx)
		return err
	})
	if err == nil && n > 0 {
		u.done.Store(true)
	}
	return err == nil && n == 0, err
}

// NewCode makes a code for /setup, to be shown to the operator once; empty where
// set-up is over. Only its hash is stored.
func (u *Setup) NewCode(ctx context.Context) (string, error) {
	code := rand.Text()
	err := u.Store.Write(ctx, func(t *store.Tx) error {
		n, err := t.CountUsers(ctx)
		if err != nil || n > 0 {
			code = ""
			return err
		}
		old, err := t.Setting(ctx, setupSetting, "")
		if err != nil {
			return err
		}
		hashes := append([]string{fingerprint(code)}, strings.Fields(old)...)
		return t.SetSetting(ctx, setupSetting, strings.Join(hashes[:min(len(hashes), maxSetupCodes)], " "))
	})
	return code, err
}

// First is the first Administrator.
type First struct {
	Code     string // as the server printed it
	Name     string
	Email    string
	Password string
	// Settings are settings of the account to store with it, by name.
	Settings map[string]string
}

// Create makes the first Administrator. It refuses with Forbidden when anybody
// exists already or the code is wrong, before it costs anything.
func (u *Setup) Create(ctx context.Context, f First) (mainstay.User, error) {
	var n mainstay.User
	err := u.Store.Read(ctx, func(t *store.Tx) error { return checkCode(ctx, t, f.Code) })
	if err != nil {
		return n, err
	}
	p := Person{Email: f.Email, Name: f.Name, Role: mainstay.Administrator, All: true}
	if err := p.check(); err != nil {
		return n, err
	}
	if err := CheckPassword(f.Password, append([]string{p.Email, p.Name}, texts(f.Settings)...)...); err != nil {
		return n, err
	}
	stored, err := u.Passwords.Hash(ctx, f.Password)
	if err != nil {
		return n, err
	}
	err = u.Store.Write(ctx, func(t *store.Tx) error {
		if err := t.Lock(ctx, peopleLock); err != nil {
			return err
		}
		if err := checkCode(ctx, t, f.Code); err != nil {
			return err
		}
		if _, _, err := t.TakeSetting(ctx, setupSetting); err != nil {
			return err
		}
		for name, value := range f.Settings {
			if err := t.SetSetting(ctx, name, value); err != nil {
				return err
			}
		}
		n = mainstay.User{Email: p.Email, Name: p.Name, Role: p.Role, AllOrganizations: true, Created: t.Now()}
		if err := t.InsertUser(ctx, &n, stored); err != nil {
			return err
		}
		a := mainstay.Actor{UserID: n.ID, Name: n.Name, Address: VisitorOf(ctx).Address}
		return note(ctx, t, a, "set up the account", n, nil)
	})
	if err == nil {
		u.done.Store(true)
	}
	return n, err
}

func texts(m map[string]string) []string {
	var out []string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func checkCode(ctx context.Context, t *store.Tx, code string) error {
	n, err := t.CountUsers(ctx)
	if err != nil {
		return err
	}
	if n > 0 {
		return mainstay.Errorf(mainstay.Forbidden, "This installation is set up already. Sign in, or ask an Administrator for an account.")
	}
	hashes, err := t.Setting(ctx, setupSetting, "")
	if err != nil {
		return err
	}
	ok, given := false, fingerprint(strings.ToUpper(strings.TrimSpace(code)))
	for _, h := range strings.Fields(hashes) {
		ok = equal(h, given) || ok
	}
	if !ok {
		return mainstay.FieldError("token", "This isn't the set-up code. The server printed it when it started; restart it to get a new one.")
	}
	return nil
}
