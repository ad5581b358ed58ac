package auth_test

import (
	"strings"
	"sync"
	"testing"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// empty runs a test on installations without anybody.
func empty(t *testing.T, fn func(t *testing.T, s *store.Store, u *auth.Setup)) {
	t.Helper()
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		p, err := auth.NewPasswords(auth.FloorParams(), 2)
		if err != nil {
			t.Fatal(err)
		}
		s := store.New(d)
		fn(t, s, &auth.Setup{Store: s, Passwords: p})
	})
}

func first(code string) auth.First {
	return auth.First{Code: code, Name: "Ann Adler", Email: annEmail, Password: annPassword, Settings: map[string]string{"account name": "Acme IT"}}
}

func TestSetup(t *testing.T) {
	empty(t, func(t *testing.T, s *store.Store, u *auth.Setup) {
		ctx := t.Context()
		if needed, err := u.Needed(ctx); !needed || err != nil {
			t.Fatalf("needed: %v, %v", needed, err)
		}
		_, err := u.Create(ctx, first(""))
		wantKind(t, err, mainstay.Invalid)
		code, err := u.NewCode(ctx)
		if err != nil || len(code) < 26 {
			t.Fatalf("code %q, %v", code, err)
		}
		for _, wrong := range []string{"", code[1:], code + "A", "code"} {
			_, err := u.Create(ctx, first(wrong))
			wantKind(t, err, mainstay.Invalid)
		}
		weak := first(code)
		weak.Password = "Acme IT acme it"
		_, err = u.Create(ctx, weak)
		wantKind(t, err, mainstay.Invalid)
		// Another node prints another code; both work.
		if _, err := u.NewCode(ctx); err != nil {
			t.Fatal(err)
		}
		who, err := u.Create(ctx, first(" "+strings.ToLower(code)+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		err = s.Read(ctx, func(tx *store.Tx) error {
			a, err := tx.Actor(ctx, who.ID, "")
			if err != nil || a.Role != mainstay.Administrator || !a.All {
				t.Errorf("the first person is %+v, %v", a, err)
			}
			name, err := tx.Setting(ctx, "account name", "")
			if name != "Acme IT" {
				t.Errorf("the account is called %q", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if needed, err := u.Needed(ctx); needed || err != nil {
			t.Errorf("still needed: %v, %v", needed, err)
		}
		_, err = u.Create(ctx, first(code))
		wantKind(t, err, mainstay.Forbidden)
		if code, err := u.NewCode(ctx); code != "" || err != nil {
			t.Errorf("a code after set-up: %q, %v", code, err)
		}
	})
}

func TestSetup_codeIsStoredHashed(t *testing.T) {
	empty(t, func(t *testing.T, s *store.Store, u *auth.Setup) {
		code, err := u.NewCode(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = s.Read(t.Context(), func(tx *store.Tx) error {
			stored, err := tx.Setting(t.Context(), "set-up codes", "")
			if stored == "" || strings.Contains(strings.ToUpper(stored), code) {
				t.Errorf("stored as %q", stored)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSetup_makesOneAdministrator(t *testing.T) {
	empty(t, func(t *testing.T, s *store.Store, u *auth.Setup) {
		ctx := t.Context()
		code, err := u.NewCode(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		made := make(chan bool, 8)
		for i := range cap(made) {
			wg.Go(func() {
				f := first(code)
				f.Email = strings.Repeat("a", i+1) + "@example.com"
				_, err := u.Create(ctx, f)
				made <- err == nil
			})
		}
		wg.Wait()
		close(made)
		n := 0
		for ok := range made {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d people were made", n)
		}
		err = s.Read(ctx, func(tx *store.Tx) error {
			all, err := tx.CountUsers(ctx)
			if all != 1 {
				t.Errorf("%d people are there", all)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
