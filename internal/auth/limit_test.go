package auth_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"mainstay"
)

// untilRefused counts the wrong tries until the limit speaks.
func untilRefused(t *testing.T, b *browser, email func(n int) string) int {
	t.Helper()
	for n := 0; ; n++ {
		err := b.signIn(email(n), "wrong")
		if mainstay.KindOf(err) == mainstay.RateLimited {
			return n
		}
		wantKind(t, err, mainstay.Unauthorized)
		if n > 100 {
			t.Fatal("no limit")
		}
	}
}

func TestLimit_account(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for _, email := range []string{annEmail, "nobody@example.com"} {
			b := h.browser()
			if n := untilRefused(t, b, func(int) string { return email }); n != 5 {
				t.Errorf("%s: %d tries before the first wait, want 5", email, n)
			}
			// Another address and another process change nothing.
			b.address, b.s = "198.51.100.9", h.newSessions("https://docs.example.com")
			wantKind(t, b.signIn(email, annPassword), mainstay.RateLimited)
		}
		h.clock.Move(time.Second)
		h.browser().mustSignIn(annEmail, annPassword)
		if n := untilRefused(t, h.browser(), func(int) string { return annEmail }); n != 5 {
			t.Errorf("%d tries after a good one, want 5", n)
		}
	})
}

func TestLimit_growsButNeverLocksOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		untilRefused(t, b, func(int) string { return annEmail })
		for i, wait := range []time.Duration{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900} {
			h.clock.Move(wait*time.Second - time.Millisecond)
			wantKind(t, b.signIn(annEmail, annPassword), mainstay.RateLimited)
			h.clock.Move(time.Millisecond)
			if err := b.signIn(annEmail, "wrong"); mainstay.KindOf(err) != mainstay.Unauthorized {
				t.Fatalf("wait %d: %v", i, err)
			}
		}
		h.clock.Move(15 * time.Minute)
		b.mustSignIn(annEmail, annPassword)
	})
}

func TestLimit_forgetsAfterADay(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := h.browser()
		untilRefused(t, b, func(int) string { return annEmail })
		h.clock.Move(24*time.Hour + time.Second)
		if n := untilRefused(t, b, func(int) string { return annEmail }); n != 5 {
			t.Errorf("%d tries a day later, want 5", n)
		}
	})
}

func TestLimit_address(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		sprayed := func(n int) string { return fmt.Sprintf("user%d@example.com", n) }
		b := h.browser()
		if n := untilRefused(t, b, sprayed); n != 20 {
			t.Errorf("%d tries from one address, want 20", n)
		}
		other := h.browser()
		other.address = "198.51.100.9"
		other.mustSignIn(annEmail, annPassword)
		h.clock.Move(time.Minute)
		b.mustSignIn(annEmail, annPassword)
		// A good account does not pay for guesses at others.
		wantKind(t, b.signIn("x@example.com", "wrong"), mainstay.Unauthorized)
		wantKind(t, b.signIn("y@example.com", "wrong"), mainstay.RateLimited)
		// One line of IPv6 is one address, however many it has.
		six := h.browser()
		n := 0
		got := untilRefused(t, six, func(i int) string {
			n++
			six.address = fmt.Sprintf("2001:db8:1:2::%x", n)
			return fmt.Sprintf("six%d@example.com", i)
		})
		if got != 20 {
			t.Errorf("%d tries from one IPv6 network, want 20", got)
		}
	})
}

// Many tries at the same moment are no more than one after the other.
func TestLimit_parallel(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var wg sync.WaitGroup
		results := make(chan error, 30)
		for i := range cap(results) {
			wg.Go(func() {
				b := h.browser()
				b.address = fmt.Sprintf("192.0.2.%d", i)
				results <- b.signIn(annEmail, "wrong")
			})
		}
		wg.Wait()
		close(results)
		tried := 0
		for err := range results {
			switch mainstay.KindOf(err) {
			case mainstay.Unauthorized:
				tried++
			case mainstay.RateLimited:
			default:
				t.Error(err)
			}
		}
		if tried > 5 || tried == 0 {
			t.Errorf("%d of 30 tries got to the password, want 5", tried)
		}
	})
}

// An address that nobody has costs as much time as a wrong password.
func TestSignIn_costsTheSameForNobody(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		median := func(email string) time.Duration {
			var took []time.Duration
			for range 5 {
				b := h.browser()
				h.clock.Move(time.Hour)
				begin := time.Now()
				wantKind(t, b.signIn(email, "wrong"), mainstay.Unauthorized)
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			return took[len(took)/2]
		}
		known, unknown := median(annEmail), median("nobody@example.com")
		if unknown < known/4 || known < unknown/4 {
			t.Errorf("a known address takes %v, an unknown one %v", known, unknown)
		}
	})
}
