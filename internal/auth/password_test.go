package auth_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"mainstay"
	"mainstay/internal/auth"
)

func TestPasswords(t *testing.T) {
	h, err := auth.NewPasswords(auth.FloorParams(), 2)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for _, password := range []string{"plum tree over the wall", strings.Repeat("é", 256), "日本語のパスワードです、ね", strings.Repeat("x", 71) + "ab"} {
		stored, err := h.Hash(ctx, password)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Errorf("stored as %q", stored)
		}
		if again, err := h.Hash(ctx, password); err != nil || again == stored {
			t.Errorf("the same password gives the same hash: the salt is missing (%v)", err)
		}
		for guess, want := range map[string]bool{password: true, password + " ": false, password[:len(password)-1]: false, "": false} {
			if ok, weaker, err := h.Verify(ctx, stored, guess); ok != want || weaker || err != nil {
				t.Errorf("Verify(%q) = %v, weaker %v, %v; want %v", guess, ok, weaker, err, want)
			}
		}
	}
}

func TestPasswords_knowsWeakerHashes(t *testing.T) {
	ctx := t.Context()
	low, err := auth.NewPasswords(auth.FloorParams(), 1)
	if err != nil {
		t.Fatal(err)
	}
	p := auth.FloorParams()
	p.Time = 3
	high, err := auth.NewPasswords(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := low.Hash(ctx, annPassword)
	if err != nil {
		t.Fatal(err)
	}
	if ok, weaker, err := high.Verify(ctx, stored, annPassword); !ok || !weaker || err != nil {
		t.Errorf("got %v, weaker %v, %v", ok, weaker, err)
	}
	if ok, weaker, err := high.Verify(ctx, stored, "wrong"); ok || weaker || err != nil {
		t.Errorf("wrong password: got %v, weaker %v, %v", ok, weaker, err)
	}
}

func TestPasswords_refuse(t *testing.T) {
	for _, p := range []auth.Params{{}, {Memory: 19 * 1024, Time: 1, Threads: 1}, {Memory: 18 * 1024, Time: 9, Threads: 1}, {Memory: 64 * 1024, Time: 3}, {Memory: 1 << 30, Time: 2, Threads: 1}} {
		if _, err := auth.NewPasswords(p, 1); err == nil {
			t.Errorf("%+v is accepted", p)
		}
	}
	h, err := auth.NewPasswords(auth.FloorParams(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []string{"plain", "$2a$10$abc", "$argon2i$v=19$m=65536,t=3,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0$a2V5a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=4194304,t=3,p=1$c2FsdHNhbHRzYWx0$a2V5a2V5a2V5a2V5a2V5a2V5"} {
		if ok, _, err := h.Verify(t.Context(), stored, "whatever it is"); ok || err == nil {
			t.Errorf("%q is accepted", stored)
		}
	}
	if ok, _, err := h.Verify(t.Context(), "", ""); ok || err != nil {
		t.Errorf("nobody's password: %v, %v", ok, err)
	}
}

func TestPasswords_waitForASlot(t *testing.T) {
	h, err := auth.NewPasswords(auth.FloorParams(), 1)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := h.Hash(t.Context(), annPassword); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			// Whoever gave up either got the free slot or a clear answer.
			if _, err := h.Hash(gone, annPassword); err != nil && mainstay.KindOf(err) != mainstay.Unavailable {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestCheckPassword(t *testing.T) {
	good := []string{"plum tree over the wall", "correct horse battery", "Xk3#mPq9!vLz", "日本語のパスワードを使いますよ", strings.Repeat("aé9-", 3) + "unlike others", strings.Repeat("long words ", 23)}
	for _, p := range good {
		if err := auth.CheckPassword(p, annEmail, "Ann Adler"); err != nil {
			t.Errorf("%q: %v", p, err)
		}
	}
	bad := []string{"", "short one", "elevenchars", strings.Repeat("x9 y", 65), "bad\xffutf8 bytes in it",
		"aaaaaaaaaaaaaa", "123456789012", "abcdefghijklmnop", "zyxwvutsrqponm", "abcabcabcabc", "12341234123412341234",
		"password1234", "P@ssw0rd!2024", "Passw0rdPassw0rd", "qwertyuiop123", "1q2w3e4r5t6y", "Welcome2024!!", "iloveyou1234!", "Mainstay2026!", "administrator1",
		"ann@example.com", "AnnAdler2024", "adleradleradler1"}
	for _, p := range bad {
		if err := auth.CheckPassword(p, annEmail, "Ann Adler"); mainstay.KindOf(err) != mainstay.Invalid {
			t.Errorf("%q is accepted", p)
		}
	}
	if err := auth.CheckPassword(strings.Repeat("ab3 é", 51) + "x"); err != nil {
		t.Errorf("256 characters: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	h, err := auth.NewPasswords(auth.FloorParams(), 1)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$a2V5a2V5a2V5a2V5a2V5a2V5")
	f.Add("$argon2id$v=19$m=4194304,t=3,p=1$c2FsdA$a2V5")
	f.Add("$$$$$")
	f.Fuzz(func(t *testing.T, stored string) {
		if ok, _, _ := h.Verify(t.Context(), stored, "not that one"); ok { // any error will do
			t.Errorf("%q opens", stored)
		}
	})
}
