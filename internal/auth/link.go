package auth

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/store"
)

// LinkLife is the longest life of a sign-in link.
const LinkLife = time.Hour

// linkPath is where a sign-in link leads.
const linkPath = "/login/link"

// link is how a sign-in link is stored, one per person at most.
type link struct {
	Hash    string        `json:"hash"`
	Expires mainstay.Time `json:"expires"`
}

func linkSetting(id mainstay.UserID) string {
	return "sign-in link " + strconv.FormatInt(int64(id), 10)
}

// NewLink makes a link that signs a person in once, within life (at most
// LinkLife), and returns its path and query. It is for the operator, who holds
// the database anyway: the demo and the command line. A new link of a person
// replaces the one before.
func (s *Sessions) NewLink(ctx context.Context, id mainstay.UserID, life time.Duration) (string, error) {
	secret := rand.Text()
	err := s.Store.Write(ctx, func(t *store.Tx) error {
		if _, err := t.Actor(ctx, id, ""); err != nil {
			return err
		}
		b, err := json.Marshal(link{Hash: fingerprint(secret), Expires: t.Now().Add(min(life, LinkLife))})
		if err != nil {
			return err
		}
		return t.SetSetting(ctx, linkSetting(id), string(b))
	})
	return linkPath + "?token=" + strconv.FormatInt(int64(id), 10) + "." + secret, err
}

func badLink() error {
	return mainstay.Errorf(mainstay.NotFound, "This link was used already or is too old. Sign in with your password, or make a new link.")
}

// SignInByLink signs a person in by the token of a link, which then is used up.
func (s *Sessions) SignInByLink(ctx context.Context, token string) (mainstay.Actor, error) {
	number, secret, _ := strings.Cut(token, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || secret == "" {
		return mainstay.Actor{}, badLink()
	}
	id := mainstay.UserID(n)
	var stored string
	err = s.Store.Write(ctx, func(t *store.Tx) error {
		text, ok, err := t.TakeSetting(ctx, linkSetting(id))
		if err != nil {
			return err
		}
		var l link
		if !ok || json.Unmarshal([]byte(text), &l) != nil || !equal(l.Hash, fingerprint(secret)) || t.Now() >= l.Expires {
			return badLink() // and the transaction rolls back, so a wrong guess uses nothing up
		}
		stored, err = t.PasswordHash(ctx, id)
		return err
	})
	if err != nil {
		return mainstay.Actor{}, err
	}
	return s.admit(ctx, id, stored, stored, "signed in by a link", nil)
}

// LinkRoute is the address of sign-in links. It changes state on GET, which is
// safe here alone: the link works once, and only the operator can make one.
func (s *Sessions) LinkRoute() Route {
	return Route{Pattern: "GET " + linkPath, Public: true, Handle: func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodHead {
			return nil // a preview must not use the link up
		}
		if _, err := s.SignInByLink(r.Context(), r.URL.Query().Get("token")); err != nil {
			return err
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}}
}
