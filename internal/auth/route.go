package auth

import (
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"mainstay"
)

// Route is one address of the server, with the right that it needs. It is
// denied by default: a route that is neither Public nor has a Right cannot be
// registered.
type Route struct {
	// Pattern is the standard library's: "GET /organizations/{id}".
	Pattern string
	// Right is checked for the account as a whole before Handle runs. What
	// belongs to an organization, the handler checks again with its id.
	Right mainstay.Right
	// Public opens the route to everybody.
	Public bool
	// Bare leaves out the session, for what is the same for everybody, such as
	// static files. Only a Public route can be bare.
	Bare bool
	// Stream marks an answer that goes on and on, such as progress: its context
	// ends when the server stops, when the session ends and when the person
	// loses the right.
	Stream bool
	// Polled marks what an open page asks for again and again by itself. Like a
	// stream it shows nobody to be there, so neither keeps a session alive.
	Polled bool
	// MaxBody is the largest body in bytes; 0 for 1 MiB.
	MaxBody int64
	// Refused answers a person without the right in place of the refusal that it
	// gets, for what must be recorded; nil answers with that refusal.
	Refused func(r *http.Request, why error) error
	// Handle answers. An error is rendered by the one function for all routes,
	// so a handler that returns one must not have written before.
	Handle func(w http.ResponseWriter, r *http.Request) error
}

// Check reports what is wrong with the route itself.
func (r Route) Check() error {
	method, _, ok := strings.Cut(r.Pattern, " ")
	known := false
	for _, right := range mainstay.Rights() {
		known = known || right == r.Right
	}
	switch {
	case !ok || method == "":
		return mainstay.Errorf(mainstay.Internal, "route %q names no method", r.Pattern)
	case r.Handle == nil:
		return mainstay.Errorf(mainstay.Internal, "route %q has no handler", r.Pattern)
	case r.Public == (r.Right != ""):
		return mainstay.Errorf(mainstay.Internal, "route %q must be either public or name a right", r.Pattern)
	case r.Right != "" && !known:
		return mainstay.Errorf(mainstay.Internal, "route %q names the unknown right %q", r.Pattern, r.Right)
	case r.Bare && !r.Public:
		return mainstay.Errorf(mainstay.Internal, "route %q is bare but not public", r.Pattern)
	case r.Polled && method != http.MethodGet:
		return mainstay.Errorf(mainstay.Internal, "route %q is polled, but only a GET can be", r.Pattern)
	}
	return nil
}

// ByPerson reports whether a request for the route says that a person is there.
func (r Route) ByPerson() bool { return !r.Stream && !r.Polled }

// maxNext is how many bytes an address to go to after signing in has at most.
const maxNext = 2000

// SafeNext returns where to go after signing in: next where it is a path of
// this server, else the dashboard. It never leads elsewhere.
func SafeNext(next string) string {
	const home = "/"
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > maxNext {
		return home
	}
	for _, r := range next {
		if r == '\\' || r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.IsSpace(r) {
			return home
		}
	}
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.HasPrefix(u.Path, "//") || strings.Contains(u.Path, `\`) {
		return home
	}
	for _, p := range []string{"/login", "/logout", "/setup"} {
		if u.Path == p || strings.HasPrefix(u.Path, p+"/") {
			return home
		}
	}
	out := u.RequestURI()
	if len(out) > maxNext { // escaped it can be three times as long
		return home
	}
	return out
}
