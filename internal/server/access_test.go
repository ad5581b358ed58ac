package server_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

var update = flag.Bool("update", false, "write testdata/access-matrix.txt anew; review the difference")

// outcome is what a route does for a sort of person.
type outcome string

// The outcomes. Allowed says that the person gets past the check of the route:
// a handler may still find nothing, or refuse what was sent.
const (
	open    outcome = "open"
	signIn  outcome = "sign in"
	allowed outcome = "yes"
	refused outcome = "-"
)

// The sorts of people beside the roles.
const (
	nobody     = "anonymous"
	restricted = "restricted" // a Manager who sees a single organization
	disabled   = "disabled"   // an Administrator who was disabled after signing in
)

// columns are the sorts of people.
func columns() []string {
	out := []string{nobody}
	for _, r := range mainstay.Roles() {
		out = append(out, string(r))
	}
	return append(out, restricted, disabled)
}

// actorOf is a sort of person; the zero Actor may do nothing.
func actorOf(column string) mainstay.Actor {
	switch column {
	case nobody, disabled:
		return mainstay.Actor{}
	case restricted:
		return mainstay.Actor{UserID: 1, Role: mainstay.Manager}
	}
	return mainstay.Actor{UserID: 1, Role: mainstay.Role(column), All: column != string(mainstay.Lite)}
}

// expected is what Actor.Can says about a route, which is all that decides it.
func expected(r auth.Route, column string) outcome {
	a := actorOf(column)
	switch {
	case r.Public:
		return open
	case a.Role == "":
		return signIn
	case a.Can(r.Right, 0) == nil:
		return allowed
	}
	return refused
}

// AccessMatrix writes what each route does for each sort of person.
func AccessMatrix(routes []auth.Route) string {
	var b strings.Builder
	b.WriteString("# What each route does for whom. Made from the routes and Actor.Can by\n# go test ./internal/server -run AccessMatrix -update; review every difference.\n\n")
	line := func(pattern, right string, cells []string) {
		fmt.Fprintf(&b, "%-62s %-30s", pattern, right)
		for _, c := range cells {
			fmt.Fprintf(&b, " %-13s", c)
		}
		s := strings.TrimRight(b.String(), " ")
		b.Reset()
		b.WriteString(s + "\n")
	}
	line("route", "right", columns())
	for _, r := range routes {
		var cells []string
		for _, c := range columns() {
			cells = append(cells, string(expected(r, c)))
		}
		line(r.Pattern, string(r.Right), cells)
	}
	return b.String()
}

func TestAccessMatrix(t *testing.T) {
	s := withPages(t, storetest.Setup{Template: template}.SQLite(t).Open(t))
	got := AccessMatrix(s.server.AllRoutes())
	file := filepath.Join("testdata", "access-matrix.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("the routes and the reviewed matrix differ (-file +routes); run the test with -update and review:\n%s", d)
	}
}

// TestAccess asks every route as every sort of person.
func TestAccess(t *testing.T) {
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		s := withPages(t, d)
		ids := s.everybody(t.Context())
		for _, route := range s.server.AllRoutes() {
			for _, column := range columns() {
				s.checkAccess(route, column, ids[column])
			}
		}
	})
}

// everybody makes a person of each sort.
func (s *site) everybody(ctx context.Context) map[string]mainstay.UserID {
	ids := map[string]mainstay.UserID{}
	ids["spare"] = s.add("spare@example.com", mainstay.Administrator, true).ID
	own := s.organization(ctx, "Own")[mainstay.Organization.Name]
	for _, r := range mainstay.Roles() {
		ids[string(r)] = s.add(string(r)+"@example.com", r, r != mainstay.Lite).ID
	}
	ids[restricted] = s.add("restricted@example.com", mainstay.Manager, false, own).ID
	return ids
}

// cookieOf gives the cookie of a sort of person; nil for nobody.
func (s *site) cookieOf(column string, id mainstay.UserID) *http.Cookie {
	s.t.Helper()
	if column == nobody {
		return nil
	}
	if column != disabled {
		return s.cookie(id)
	}
	gone := s.add(fmt.Sprintf("gone%d@example.com", s.store.DB.Now()), mainstay.Administrator, true)
	c := s.cookie(gone.ID)
	if err := s.people.Disable(s.t.Context(), mainstay.System("test"), gone.ID); err != nil {
		s.t.Fatal(err)
	}
	return c
}

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// fill puts ids that do not exist into the wildcards of a pattern.
func fill(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	return method, wildcard.ReplaceAllStringFunc(path, func(w string) string {
		switch w {
		case "{$}":
			return ""
		case "{connector}":
			return "connectwise"
		}
		return "987654321"
	})
}

func (s *site) checkAccess(route auth.Route, column string, id mainstay.UserID) {
	s.t.Helper()
	method, path := fill(route.Pattern)
	c := s.cookies[column]
	if c == nil || method != http.MethodGet {
		// A write may end the session, or the person.
		c = s.cookieOf(column, id)
		s.cookies[column] = c
	}
	r := request(method, path)
	if c != nil {
		r.AddCookie(c)
	}
	before := s.changesOfDatabase()
	res := s.do(r)
	if method == http.MethodGet && route.Pattern != "GET /login/link" && s.changesOfDatabase() != before {
		s.t.Errorf("%s as %s writes to the database", route.Pattern, column)
	}
	away := res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/login")
	var got outcome
	switch {
	case res.StatusCode >= 500 && !route.Bare: // a probe may say that it isn't ready
		got = "an error of the server"
	case route.Public:
		got = open
	case res.StatusCode == http.StatusUnauthorized || away:
		got = signIn
	case res.StatusCode == http.StatusForbidden:
		got = refused
	default:
		got = allowed
	}
	if want := expected(route, column); got != want {
		s.t.Errorf("%s as %s: %d to %q is %q, want %q", route.Pattern, column, res.StatusCode, res.Header.Get("Location"), got, want)
	}
}

// changesOfDatabase grows with each row written; SQLite alone tells it.
func (s *site) changesOfDatabase() int {
	s.t.Helper()
	w := s.store.DB.Writer()
	if w == nil {
		return 0
	}
	n := 0
	if err := w.QueryRowContext(s.t.Context(), "SELECT total_changes()").Scan(&n); err != nil {
		s.t.Fatal(err)
	}
	return n
}

// TestAccess_foreignLooksMissing asks for every item page of an organization
// that exists but is not theirs, and for one that does not exist: nothing in the
// answer may tell which is which.
func TestAccess_foreignLooksMissing(t *testing.T) {
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		s := withPages(t, d)
		everybody := s.everybody(t.Context())
		foreign := s.organization(t.Context(), "Foreign")
		c := s.cookie(everybody[restricted])
		asked := 0
		for _, route := range s.server.AllRoutes() {
			kind, rest, ok := strings.Cut(strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(route.Pattern, "GET "), "POST "), "/"), "/{id}")
			k, err := mainstay.KindNamed(kind)
			if !ok || err != nil || strings.Contains(rest, "{") {
				continue
			}
			method, _, _ := strings.Cut(route.Pattern, " ")
			ask := func(id string) string {
				r := request(method, "/"+kind+"/"+id+rest)
				r.AddCookie(c)
				res := s.do(r)
				return strings.ReplaceAll(fmt.Sprint(res.StatusCode, "\n", body(t, res)), "/"+kind+"/"+id, "/"+kind+"/ID")
			}
			there, missing := ask(fmt.Sprint(foreign[k.Name])), ask("987654321")
			if d := cmp.Diff(there, missing); d != "" {
				t.Errorf("%s tells a foreign item from a missing one (-foreign +missing):\n%s", route.Pattern, d)
			}
			if strings.Contains(there, "Foreign") {
				t.Errorf("%s tells the name of a foreign item", route.Pattern)
			}
			asked++
		}
		if asked < 20 {
			t.Errorf("only %d routes were asked", asked)
		}
	})
}
