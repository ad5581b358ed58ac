package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

// mostOften is how often a page may send one statement with other parameters.
const mostOften = 2

// asked is every statement that one request sent, by its text.
type asked map[string][]string

// asking sends a GET and returns the answer with what it asked the database.
func (b *browser) asking(path string) (*answer, asked) {
	b.Helper()
	got := asked{}
	ctx := db.WithWatch(b.Context(), func(query string, args []any) {
		if strings.Contains(query, "FROM setting WHERE name") || strings.Contains(query, "FROM person WHERE id") {
			return // by key, and the session asks for its person before the page does
		}
		got[query] = append(got[query], fmt.Sprint(args...))
	})
	return b.send(httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)), got
}

// twice lists what was asked more often than a page should.
func (a asked) twice() []string {
	var out []string
	for query, all := range a {
		same := map[string]int{}
		for _, args := range all {
			same[args]++
		}
		for args, n := range same {
			if n > 1 {
				out = append(out, fmt.Sprintf("%d times with %s: %s", n, args, query))
			}
		}
		if len(all) > mostOften {
			out = append(out, fmt.Sprintf("%d times: %s", len(all), query))
		}
	}
	return out
}

var digits = regexp.MustCompile(`[0-9]+`)

// TestEveryLink follows every link of every page, a few of each sort, and looks
// that each leads somewhere and asks the database nothing twice.
func TestEveryLink(t *testing.T) {
	const perSort = 2
	stocked(t, func(o *office, in storetest.Seeded) {
		ann := o.hire("ann@example.com", mainstay.Administrator)
		plan := ann.post("/changes", all(&mainstay.Configuration, "sync status: orphaned", "1")).planned()
		ann.post(planPath(plan, "/confirm"), with("fingerprint", plan.Fingerprint, "phrase", plan.Phrase)).wants(http.StatusSeeOther)
		o.apply(plan)
		ann.post("/changes", all(&mainstay.Organization, "sync status: orphaned", "24")).planned()
		todo, known, sorts := []string{"/", "/organizations?q=sync%3A+orphaned", "/search?q=a", "/me"}, map[string]bool{}, map[string]int{}
		for len(todo) > 0 {
			path, _, _ := strings.Cut(todo[0], "#")
			todo = todo[1:]
			bare, _, _ := strings.Cut(path, "?")
			sort := digits.ReplaceAllString(bare, "N")
			if known[path] || sorts[sort] >= perSort || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/logout") {
				continue
			}
			known[path] = true
			sorts[sort]++
			a, queries := ann.asking(path)
			if a.Code >= 400 && a.Code != http.StatusNotFound && a.Code != http.StatusMethodNotAllowed {
				o.Errorf("%s: status %d\n%s", path, a.Code, a.text())
				continue
			}
			for _, q := range queries.twice() {
				o.Errorf("%s asks %s", path, q)
			}
			if strings.HasPrefix(a.Header().Get("Content-Type"), "text/html") {
				for _, l := range hrefs(t, a.body) {
					if l != "" && !strings.HasPrefix(l, "#") && !strings.HasPrefix(l, "http") {
						todo = append(todo, l)
					}
				}
			}
			if a.Code == http.StatusNotFound {
				o.Errorf("%s leads nowhere", path)
			}
		}
		if len(sorts) < 60 {
			o.Errorf("only %d sorts of pages were found", len(sorts))
		}
	})
}

// hrefs lists the addresses of the links of a page.
func hrefs(t testing.TB, page string) []string {
	t.Helper()
	var out []string
	for _, n := range nodes(t, page) {
		if v := attribute(n, "href"); n.Data == "a" && strings.HasPrefix(v, "/") {
			out = append(out, v)
		}
	}
	return out
}
