// Package auth says who is asking: passwords, sessions, the limits of signing
// in, the first set-up and the people themselves. It gives each request an
// Actor, loaded fresh from the store, so that a change of rights acts at once.
//
// What it promises:
//
//   - The database opens nothing: passwords are kept as argon2id, session tokens,
//     set-up codes and sign-in links as SHA-256.
//   - Signing in costs and answers the same whether the account exists or not,
//     and many tries wait longer and longer, but never for good.
//   - A person who is disabled, or whose role or password changes, is signed out
//     everywhere, and a session that ended cannot come back.
//   - Nobody grants more than they have, and an Administrator always remains.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"

	"mainstay"
)

// Visitor is what the server knows of a request before anybody is signed in.
type Visitor struct {
	Address   string // where it came from, without a port
	Reference string // names the request in the log
}

type contextKey int

const (
	actorKey contextKey = iota
	visitorKey
	visitKey
)

// WithActor returns a context in which Actor finds who does something.
func WithActor(ctx context.Context, a mainstay.Actor) context.Context {
	return context.WithValue(ctx, actorKey, a)
}

// Actor returns who does something. Where nobody is signed in it is the zero
// Actor, which may do nothing.
func Actor(ctx context.Context) mainstay.Actor {
	a, _ := ctx.Value(actorKey).(mainstay.Actor) // the zero Actor is the answer
	return a
}

// WithVisitor returns a context in which VisitorOf finds the request's facts.
func WithVisitor(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey, v)
}

// VisitorOf returns the facts of a request; zero outside of one.
func VisitorOf(ctx context.Context) Visitor {
	v, _ := ctx.Value(visitorKey).(Visitor) // zero is the answer
	return v
}

// fingerprint is the form in which tokens are stored and looked up.
func fingerprint(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// equal compares two secrets in a time that does not depend on them.
func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
