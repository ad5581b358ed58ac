package auth_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

func TestSessions_signIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		if b.who() != "" {
			t.Fatal("somebody is signed in without signing in")
		}
		if b.cookie != nil {
			t.Error("a cookie is set for nothing")
		}
		for _, email := range []string{annEmail, "nobody@example.com", "", strings.Repeat("x", 5000)} {
			err := b.signIn(email, "not the password")
			wantKind(t, err, mainstay.Unauthorized)
			if got, want := mainstay.SafeMessage(err), "The email address or the password is wrong."; got != want {
				t.Errorf("%q: got %q, want %q", email, got, want)
			}
		}
		if b.who() != "" || b.cookie != nil {
			t.Error("a wrong password signs in")
		}
		b.mustSignIn("  ann@EXAMPLE.com ", annPassword)
		if got := b.who(); got != "Ann Adler" {
			t.Errorf("signed in as %q", got)
		}
		b.do(func(ctx context.Context) {
			if a := auth.Actor(ctx); a.Role != mainstay.Administrator || !a.All || a.Address != "192.0.2.7" {
				t.Errorf("the actor is %+v", a)
			}
		})
		b.do(func(ctx context.Context) {
			if err := b.s.SignOut(ctx); err != nil {
				t.Error(err)
			}
		})
		if b.who() != "" || b.cookie != nil {
			t.Error("still signed in after signing out")
		}
	})
}

func TestSessions_cookie(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for url, want := range map[string]struct {
			name   string
			secure bool
		}{
			"https://docs.example.com": {"__Host-mainstay", true},
			"http://127.0.0.1:8080":    {"mainstay_8080", false},
			"http://docs":              {"mainstay", false},
		} {
			b := h.browser()
			b.s = h.newSessions(url)
			b.mustSignIn(annEmail, annPassword)
			c := b.cookie
			if c.Name != want.name || c.Secure != want.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || len(c.Value) < 43 {
				t.Errorf("%s: cookie %s", url, c)
			}
		}
	})
}

// A dump of the database opens no session.
func TestSessions_tokenIsStoredHashed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		b.mustSignIn(annEmail, annPassword)
		ctx := t.Context()
		h.write(func(tx *store.Tx) error {
			var hash string
			var data []byte
			if err := tx.QueryRow(ctx, "SELECT token_hash, data FROM session").Scan(&hash, &data); err != nil {
				return err
			}
			if hash == b.cookie.Value || len(hash) != 64 || strings.Contains(string(data), b.cookie.Value) {
				t.Errorf("the token is in the database: %s %s", hash, data)
			}
			forged := *b
			forged.cookie = &http.Cookie{Name: b.cookie.Name, Value: hash}
			if forged.who() != "" {
				t.Error("the hash opens the session")
			}
			return nil
		})
	})
}

func TestSessions_fixation(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add(auth.Person{Email: "eve@example.com", Name: "Eve", Role: mainstay.ReadOnly}, "seven green bottles")
		eve, b := h.browser(), h.browser()
		eve.mustSignIn("eve@example.com", "seven green bottles")
		planted := *eve.cookie
		b.cookie = &planted
		b.mustSignIn(annEmail, annPassword)
		if b.cookie.Value == planted.Value {
			t.Fatal("the token is the same before and after signing in")
		}
		if eve.who() != "" {
			t.Errorf("the planted token belongs to %q now", eve.who())
		}
		chosen := h.browser()
		chosen.cookie = &http.Cookie{Name: b.cookie.Name, Value: "chosen-by-the-attacker"}
		chosen.mustSignIn(annEmail, annPassword)
		if chosen.cookie.Value == "chosen-by-the-attacker" {
			t.Error("a token of the attacker's choice is taken over")
		}
		first := *b.cookie
		b.mustSignIn(annEmail, annPassword)
		if old := (&browser{h: h, s: h.sessions, cookie: &first}); old.who() != "" {
			t.Error("signing in again leaves the session before open")
		}
	})
}

func TestSessions_end(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		idle := h.browser()
		idle.mustSignIn(annEmail, annPassword)
		h.clock.Move(12*time.Hour - time.Second)
		if idle.who() == "" {
			t.Fatal("ended before 12 idle hours")
		}
		h.clock.Move(12*time.Hour - time.Second)
		if idle.who() == "" {
			t.Fatal("using a session does not keep it alive")
		}
		h.clock.Move(12*time.Hour + time.Second)
		if idle.who() != "" {
			t.Error("alive after 12 idle hours")
		}
		used := h.browser()
		used.mustSignIn(annEmail, annPassword)
		for range 27 {
			h.clock.Move(6 * time.Hour)
			if used.who() == "" {
				t.Fatal("ended although it was used")
			}
		}
		h.clock.Move(6*time.Hour + time.Second)
		if used.who() != "" {
			t.Error("alive after 7 days")
		}
		if err := h.sessions.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *store.Tx) error {
			var n int
			err := tx.QueryRow(t.Context(), "SELECT count(*) FROM session").Scan(&n)
			if n != 0 {
				t.Errorf("%d sessions are left in the table", n)
			}
			return err
		})
	})
}

// A page that was left open asks by itself, and its session still ends.
func TestSessions_pollingKeepsNoneAlive(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		b.mustSignIn(annEmail, annPassword)
		seen := func() (at mainstay.Time) {
			h.write(func(tx *store.Tx) error {
				u, err := tx.User(t.Context(), h.ann.ID)
				at = u.LastSeen
				return err
			})
			return at
		}
		h.clock.Move(time.Hour)
		if b.who() == "" {
			t.Fatal("ended within the first hour")
		}
		before := seen()
		for range 11 {
			h.clock.Move(time.Hour)
			if b.poll() == "" {
				t.Fatal("ended before 12 idle hours")
			}
		}
		if now := seen(); now != before {
			t.Errorf("polling moved when the person was last here from %d to %d", before, now)
		}
		h.clock.Move(time.Hour + time.Second)
		if b.poll() != "" || b.who() != "" {
			t.Error("polling kept the session alive")
		}
	})
}

func TestSessions_restartKeepsThem(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		b.mustSignIn(annEmail, annPassword)
		b.s = h.newSessions("https://docs.example.com")
		if b.who() == "" {
			t.Error("another process does not know the session")
		}
	})
}

// A session that ends while a request is under way stays ended.
func TestSessions_endedStaysEnded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		bob := h.add(auth.Person{Email: "bob@example.com", Name: "Bob", Role: mainstay.Editor, All: true}, "seven green bottles")
		b := h.browser()
		b.mustSignIn("bob@example.com", "seven green bottles")
		b.do(func(ctx context.Context) {
			if err := h.people.Disable(ctx, h.actor(h.ann.ID), bob.ID); err != nil {
				t.Error(err)
			}
			if _, err := b.s.Fresh(ctx); mainstay.KindOf(err) != mainstay.Unauthorized {
				t.Errorf("Fresh says %v after the person was disabled", err)
			}
		})
		if err := h.people.Enable(t.Context(), h.actor(h.ann.ID), bob.ID); err != nil {
			t.Fatal(err)
		}
		if b.who() != "" {
			t.Error("the session came back")
		}
	})
}

func TestSessions_endFor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		boss := h.actor(h.ann.ID)
		for name, end := range map[string]func(id mainstay.UserID) error{
			"disabled":     func(id mainstay.UserID) error { return h.people.Disable(ctx, boss, id) },
			"another role": func(id mainstay.UserID) error { return h.people.SetRole(ctx, boss, id, mainstay.ReadOnly) },
			"new password": func(id mainstay.UserID) error {
				return h.people.SetPassword(ctx, boss, id, "another long sentence")
			},
		} {
			email := strings.ReplaceAll(name, " ", ".") + "@example.com"
			u := h.add(auth.Person{Email: email, Name: "Person", Role: mainstay.Manager, All: true}, "seven green bottles")
			b, c := h.browser(), h.browser()
			b.mustSignIn(email, "seven green bottles")
			c.mustSignIn(email, "seven green bottles")
			if err := end(u.ID); err != nil {
				t.Fatal(err)
			}
			if b.who() != "" || c.who() != "" {
				t.Errorf("%s: still signed in", name)
			}
		}
	})
}

func TestSessions_rightsActAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		orgs := h.organizations(2)
		u := h.add(auth.Person{Email: "bob@example.com", Name: "Bob", Role: mainstay.Editor, All: true}, "seven green bottles")
		b := h.browser()
		b.mustSignIn("bob@example.com", "seven green bottles")
		if err := h.people.SetAccess(t.Context(), h.actor(h.ann.ID), u.ID, false, orgs[:1]); err != nil {
			t.Fatal(err)
		}
		b.do(func(ctx context.Context) {
			if a := auth.Actor(ctx); a.All || !a.Sees(orgs[0]) || a.Sees(orgs[1]) {
				t.Errorf("the next request still has the old access: %+v", a)
			}
		})
	})
}

func TestSessions_changePassword(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		here, elsewhere := h.browser(), h.browser()
		here.mustSignIn(annEmail, annPassword)
		elsewhere.mustSignIn(annEmail, annPassword)
		before := *here.cookie
		change := func(old, password string) (err error) {
			here.do(func(ctx context.Context) { err = here.s.ChangePassword(ctx, old, password) })
			return err
		}
		wantKind(t, change("wrong", "another long sentence"), mainstay.Invalid)
		wantKind(t, change(annPassword, "short"), mainstay.Invalid)
		wantKind(t, change(annPassword, "ann adler ann"), mainstay.Invalid)
		if elsewhere.who() == "" {
			t.Fatal("a refused change signs out")
		}
		if err := change(annPassword, "another long sentence"); err != nil {
			t.Fatal(err)
		}
		if here.who() != "Ann Adler" || here.cookie.Value == before.Value {
			t.Error("this browser must stay signed in, under a new token")
		}
		if elsewhere.who() != "" {
			t.Error("the other browser is still signed in")
		}
		wantKind(t, h.browser().signIn(annEmail, annPassword), mainstay.Unauthorized)
		h.browser().mustSignIn(annEmail, "another long sentence")
	})
}

// A password that changes between the check and the start of the session wins.
func TestSessions_passwordChangedMeanwhile(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.add(auth.Person{Email: "bea@example.com", Name: "Bea", Role: mainstay.Administrator}, "seven green bottles")
		b := h.browser()
		res := b.do(func(ctx context.Context) {
			if _, err := b.s.SignIn(ctx, annEmail, annPassword); err != nil {
				t.Error(err)
			}
			if err := h.people.SetPassword(ctx, mainstay.System("test"), h.ann.ID, "another long sentence"); err != nil {
				t.Error(err)
			}
		})
		if res.StatusCode != http.StatusUnauthorized || b.who() != "" {
			t.Errorf("status %d, signed in as %q", res.StatusCode, b.who())
		}
	})
}

func TestSessions_rehash(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := auth.FloorParams()
		p.Time = 3
		stronger, err := auth.NewPasswords(p, 2)
		if err != nil {
			t.Fatal(err)
		}
		h.sessions.Passwords = stronger
		b := h.browser()
		for range 2 {
			b.mustSignIn(annEmail, annPassword)
		}
		if b.who() == "" {
			t.Error("signed out by the rehash")
		}
		h.write(func(tx *store.Tx) error {
			stored, err := tx.PasswordHash(t.Context(), h.ann.ID)
			if !strings.Contains(stored, "t=3") {
				t.Errorf("stored %s", stored)
			}
			return err
		})
	})
}

func TestSessions_link(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		path, err := h.sessions.NewLink(ctx, h.ann.ID, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		_, token, ok := strings.Cut(path, "/login/link?token=")
		if !ok {
			t.Fatalf("the link is %q", path)
		}
		h.write(func(tx *store.Tx) error {
			stored, err := tx.Setting(ctx, "sign-in link 1", "")
			if _, secret, _ := strings.Cut(token, "."); stored == "" || strings.Contains(stored, secret) {
				t.Errorf("the link is stored as %q", stored)
			}
			return err
		})
		use := func(token string) (err error) {
			b := h.browser()
			b.do(func(ctx context.Context) { _, err = b.s.SignInByLink(ctx, token) })
			if signedIn := b.who() != ""; signedIn != (err == nil) {
				t.Errorf("signed in: %v, error: %v", signedIn, err)
			}
			return err
		}
		for _, wrong := range []string{"", ".", "1", "1.", "1.WRONG", "2" + token[1:], token + "x", "x" + token} {
			wantKind(t, use(wrong), mainstay.NotFound)
		}
		// Of several at the same moment, one gets in.
		var wg sync.WaitGroup
		results := make(chan error, 6)
		for range cap(results) {
			wg.Go(func() { results <- use(token) })
		}
		wg.Wait()
		close(results)
		in := 0
		for err := range results {
			if err == nil {
				in++
			} else {
				wantKind(t, err, mainstay.NotFound)
			}
		}
		if in != 1 {
			t.Errorf("the link works %d times", in)
		}
		path, err = h.sessions.NewLink(ctx, h.ann.ID, 24*time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		_, token, _ = strings.Cut(path, "token=")
		h.clock.Move(auth.LinkLife)
		wantKind(t, use(token), mainstay.NotFound)
	})
}
