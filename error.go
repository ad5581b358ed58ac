package mainstay

import (
	"errors"
	"fmt"
)

// ErrorKind says what sort of failure an Error is. Each edge (HTTP status, exit
// code) translates the kind once, in one table.
type ErrorKind string

// The kinds of failure. Add at the end; never rename one, for machines read them.
const (
	Internal     ErrorKind = "internal"     // a defect or a broken machine; the person sees a reference only
	Invalid      ErrorKind = "invalid"      // the input does not parse or validate
	Unauthorized ErrorKind = "unauthorized" // nobody is signed in
	Forbidden    ErrorKind = "forbidden"    // signed in, but without the right
	NotFound     ErrorKind = "not_found"    // no such thing, or one this person may not see
	Conflict     ErrorKind = "conflict"     // the thing changed since it was read
	Stale        ErrorKind = "stale"        // a plan that no longer fits the data, or expired
	Held         ErrorKind = "held"         // a guard stopped it; a person must decide
	Unavailable  ErrorKind = "unavailable"  // the PSA, the disk or the database is out of reach
	TooLarge     ErrorKind = "too_large"    // over a size limit
	RateLimited  ErrorKind = "rate_limited" // too many tries
)

// Error is a failure with a sentence that is safe to show to any person:
// what happened, what is safe, what to do. Cause is for the log only.
type Error struct {
	Kind    ErrorKind
	Message string
	// Field names the form field that the message speaks of; empty for none.
	Field string
	Cause error
}

// Error returns the safe sentence, followed by the cause where there is one.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an Error of a kind. A trailing %w operand becomes the cause's
// text in the message: pass only errors that are safe to show, and use Wrap for the rest.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error of a kind with a safe sentence and a cause for the log.
func Wrap(kind ErrorKind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// FieldError makes an Invalid error that belongs to one form field.
func FieldError(field, format string, args ...any) *Error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// KindOf returns the kind of err: Internal for any error that is no *Error, and
// empty for nil.
func KindOf(err error) ErrorKind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// SafeMessage returns what any person may read of err.
func SafeMessage(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Kind != Internal {
		return e.Message
	}
	return "Something went wrong on our side. Nothing was half-applied. Try again, and look at the server log if it stays."
}
