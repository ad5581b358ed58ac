package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"

	"mainstay"
)

// Passwords hashes and checks passwords. Only so many at once, for each takes
// the memory of its parameters.
type Passwords struct {
	params Params
	slots  chan struct{}
	nobody hash // checked for accounts that do not exist, so that they cost the same
}

// NewPasswords returns a hasher with the parameters of new hashes. atOnce is how
// many run at the same time. Parameters below the floor are an error.
func NewPasswords(p Params, atOnce int) (*Passwords, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	h := &Passwords{params: p, slots: make(chan struct{}, max(atOnce, 1))}
	h.nobody = hash{Params: p, salt: random(saltBytes), key: random(keyBytes)}
	return h, nil
}

// random returns n bytes that nobody can guess.
func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // it never fails: the process ends where the system has no randomness
	return b
}

// Hash returns a new password's hash in PHC form. It checks nothing else;
// CheckPassword does.
func (h *Passwords) Hash(ctx context.Context, password string) (string, error) {
	n := hash{Params: h.params, salt: random(saltBytes)}
	var err error
	n.key, err = h.derive(ctx, n, keyBytes, password)
	return n.String(), err
}

// Verify reports whether password made the stored hash, and whether that is
// weaker than new ones are. An empty stored hash stands for nobody's: it costs
// as much as any and never matches.
func (h *Passwords) Verify(ctx context.Context, stored, password string) (ok, weaker bool, err error) {
	known := h.nobody
	if stored != "" {
		if known, err = parseHash(stored); err != nil {
			return false, false, err
		}
	}
	key, err := h.derive(ctx, known, len(known.key), password)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(key, known.key) == 1 && stored != ""
	return ok, ok && known.weaker(h.params), nil
}

// derive waits for a free slot and computes a key.
func (h *Passwords) derive(ctx context.Context, with hash, length int, password string) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, mainstay.Wrap(mainstay.Unavailable, ctx.Err(), "Too many people sign in at the same time. Try again in a moment.")
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(password), with.salt, with.Time, with.Memory, with.Threads, uint32(length)), nil //nolint:gosec // parseHash bounds the length
}
