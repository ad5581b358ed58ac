package auth

import (
	"errors"
	"net/http"

	"mainstay"
)

// Status is the HTTP status of an error: the one table from the kinds of
// failure to statuses.
func Status(err error) int {
	switch mainstay.KindOf(err) {
	case "":
		return http.StatusOK
	case mainstay.Invalid:
		return http.StatusUnprocessableEntity
	case mainstay.Unauthorized:
		return http.StatusUnauthorized
	case mainstay.Forbidden:
		return http.StatusForbidden
	case mainstay.NotFound:
		return http.StatusNotFound
	case mainstay.Conflict, mainstay.Held:
		return http.StatusConflict
	case mainstay.Stale:
		return http.StatusPreconditionFailed
	case mainstay.Unavailable:
		return http.StatusServiceUnavailable
	case mainstay.TooLarge:
		return http.StatusRequestEntityTooLarge
	case mainstay.RateLimited:
		return http.StatusTooManyRequests
	case mainstay.Internal:
	}
	return http.StatusInternalServerError
}

// Plain turns the errors of the standard library that mean something to a
// person into ours, and leaves the others alone.
func Plain(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return mainstay.Wrap(mainstay.TooLarge, err, "That's more than the server takes at once. Nothing was saved.")
	}
	return err
}
