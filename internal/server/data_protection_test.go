package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// sentence is how the refusal by the switch for bulk deletion begins and ends.
const (
	sentence      = "Bulk deletion of items that still sync is switched off for this account; "
	sentenceWhere = "can switch it on in Account &gt; Data protection."
)

// deleting are the routes that could delete items which still sync, and are to
// answer with the sentence while the switch is off. onPlan says that they work on
// a plan, and state is where that stands; an empty one stands for a plan under
// review that holds back what still syncs.
var deleting = map[string]struct {
	onPlan bool
	state  mainstay.PlanState
}{
	"POST /changes":                                          {},
	"POST /changes/{id}/confirm":                             {true, mainstay.PlanReview},
	"POST /changes/{id}/syncing":                             {true, ""},
	"POST /changes/{id}/resume":                              {true, mainstay.PlanPaused},
	"POST /account/integrations/{id}/manage-data/disconnect": {},
}

// guarded is a site whose items still sync, with what requests need to know of it.
type guarded struct {
	*site
	people map[string]mainstay.UserID
	in     storetest.Seeded
	client mainstay.Label
	boss   mainstay.Actor
}

func newGuarded(t *testing.T, d *db.DB) *guarded {
	t.Helper()
	g := &guarded{site: withPages(t, d), boss: mainstay.System("test")}
	g.people = g.everybody(t.Context())
	var err error
	if g.in, err = storetest.Seed(t.Context(), g.store, storetest.Size{Organizations: 16, PerOrganization: 4, Random: 5}); err != nil {
		t.Fatal(err)
	}
	g.read(func(tx *store.Tx) error {
		labels, err := tx.Labels(t.Context())
		for _, l := range labels {
			if l.Kind == mainstay.Organization.Name && l.Axis == mainstay.TypeAxis && l.Name == "Client" {
				g.client = l
			}
		}
		return err
	})
	return g
}

func (g *guarded) read(fn func(*store.Tx) error) {
	g.t.Helper()
	if err := g.store.Read(g.t.Context(), fn); err != nil {
		g.t.Fatal(err)
	}
}

func (g *guarded) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// switchOn switches bulk deletion on until a moment, which may be over.
func (g *guarded) switchOn(until time.Duration) {
	g.t.Helper()
	g.must(g.store.Write(g.t.Context(), func(tx *store.Tx) error {
		return tx.SetBulkDeletion(g.t.Context(), mainstay.BulkDeletion{By: "test", Reason: "test", Since: tx.Now(), Until: tx.Now().Add(until)})
	}))
}

func (g *guarded) switchOff() {
	g.t.Helper()
	g.must(g.store.Write(g.t.Context(), func(tx *store.Tx) error { _, _, err := tx.TakeBulkDeletion(g.t.Context()); return err }))
}

// texts reads one column of text.
func (g *guarded) texts(query string, args ...any) []string {
	g.t.Helper()
	var out []string
	g.read(func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(g.t.Context(), query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	return out
}

// matter is what no refusal may change.
func (g *guarded) matter() []string {
	g.t.Helper()
	out := g.texts("SELECT CAST(id AS TEXT) || ' ' || version || ' ' || sync FROM item ORDER BY id")
	out = append(out, g.texts("SELECT 'trash ' || id FROM trash ORDER BY id")...)
	out = append(out, g.texts("SELECT settings FROM integration ORDER BY id")...)
	return append(out, g.texts("SELECT 'plan ' || id || ' ' || state || ' ' || params FROM plan ORDER BY id")...)
}

// refusals counts the recorded refusals.
func (g *guarded) refusals() int {
	g.t.Helper()
	return len(g.texts("SELECT detail FROM activity WHERE verb = 'was refused' AND name = 'Bulk deletion'"))
}

// actor is a sort of person with the rights of now.
func (g *guarded) actor(column string) mainstay.Actor {
	g.t.Helper()
	a := g.boss
	if id := g.people[column]; id != 0 {
		g.read(func(tx *store.Tx) (err error) { a, err = tx.Actor(g.t.Context(), id, ""); return err })
	}
	return a
}

// plan makes a plan that takes items which still sync while the switch is on: by
// the person who will use it where that may make plans, and else by another.
func (g *guarded) plan(column string, state mainstay.PlanState) mainstay.Plan {
	g.t.Helper()
	g.switchOn(time.Hour)
	defer g.switchOff()
	a := g.actor(column)
	if a.Can(mainstay.PlanChanges, 0) != nil || !a.All {
		a = g.boss
	}
	ctx := g.t.Context()
	p, err := g.changes.ProposeDelete(ctx, a, change.Request{Kind: &mainstay.Organization, All: true, Syncing: state != ""})
	g.must(err)
	if state != "" && state != mainstay.PlanReview {
		g.must(g.store.Write(ctx, func(tx *store.Tx) error {
			p.State = state
			return tx.UpdatePlan(ctx, p)
		}))
	}
	return p
}

// form is everything at once that a route could take for a deletion of items
// which still sync.
func (g *guarded) form(p mainstay.Plan) url.Values {
	org := fmt.Sprint(g.in.Organizations[0])
	return url.Values{"action": {"delete"}, "kind": {"organization"}, "scope": {"all"}, "query": {""}, "seen": {"16"}, "syncing": {"1"}, "all": {"1"}, "id": {org}, "item": {org},
		"fingerprint": {p.Fingerprint}, "phrase": {p.Phrase}, "version": {"1"}, "agreed": {"1000000"}, "confirmed": {"1000000"}, "reason": {"x"}, "note": {"x"}, "for": {"60"},
		"choice": {"delete"}, "do": {"delete"}, "delete": {"1"}, "step": {"apply"}, "name": {"x"}, "option": {"delete"}, "way": {"delete"}}
}

// address fills the wildcards of a pattern with what exists and still syncs.
func (g *guarded) address(pattern string, p mainstay.Plan) string {
	_, path, _ := strings.Cut(pattern, " ")
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	id := "987654321"
	switch k, err := mainstay.KindNamed(kind); {
	case err == nil && strings.HasPrefix(path, "/"+kind+"/{"):
		if rows := g.texts("SELECT CAST(id AS TEXT) FROM item WHERE kind = $1 ORDER BY CASE WHEN sync = 'syncing' THEN 0 ELSE 1 END, id", string(k.Name)); len(rows) > 0 {
			id = rows[0]
		}
	case strings.HasPrefix(path, "/changes/"):
		id = fmt.Sprint(p.ID)
	case strings.HasPrefix(path, "/account/integrations/"):
		id = fmt.Sprint(g.in.Integration.ID)
	}
	if strings.HasSuffix(path, "/manage-data/disconnect") {
		path += fmt.Sprintf("?kind=organizations&axis=type&id=%d", g.client.ID)
	}
	return strings.NewReplacer("{id}", id, "{key}", fmt.Sprint(p.ID), "{row}", fmt.Sprintf("organization-type-%d", g.client.ID), "{tab}", "organizations", "{run}", "1", "{$}", "").Replace(path)
}

// send asks a route as a sort of person.
func (g *guarded) send(route auth.Route, column string, p mainstay.Plan) *http.Response {
	g.t.Helper()
	method, _, _ := strings.Cut(route.Pattern, " ")
	r := httptest.NewRequest(method, "https://docs.example.com"+g.address(route.Pattern, p), strings.NewReader(g.form(p).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	if c := g.cookieOf(column, g.people[column]); c != nil {
		r.AddCookie(c)
	}
	return g.do(r)
}

// gone lists what still synced before a request and was deleted by it, or is
// about to be by a plan that was confirmed.
func (g *guarded) gone(before []string) []string {
	g.t.Helper()
	now := map[string]bool{}
	for _, id := range g.texts("SELECT CAST(id AS TEXT) FROM item") {
		now[id] = true
	}
	var out []string
	for _, id := range before {
		if !now[id] {
			out = append(out, "item "+id)
		}
	}
	return append(out, g.texts(`SELECT 'plan ' || p.id || ' takes ' || q.item_id FROM plan p JOIN plan_item q ON q.plan_id = p.id JOIN item i ON i.id = q.item_id
		WHERE p.action = 'delete' AND p.state IN ('starting', 'backing_up', 'running') AND NOT q.held AND i.sync IN ('syncing', 'error')`)...)
}

func (g *guarded) syncing() []string {
	g.t.Helper()
	return g.texts("SELECT CAST(id AS TEXT) FROM item WHERE sync IN ('syncing', 'error')")
}

// states are the ways in which the switch can be off.
func (g *guarded) states() map[string]func() {
	return map[string]func(){"off": g.switchOff, "expired": func() { g.switchOn(-time.Second) }}
}

// TestBulkDeletion_everyRoute sends everything that could delete an item which
// still syncs to every route that writes, as every sort of person, while the
// switch is off and after its time is over. The list of the routes is the
// server's own, so a new one can't be forgotten. Nothing is deleted, and no plan
// that would do so is confirmed.
func TestBulkDeletion_everyRoute(t *testing.T) {
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		g := newGuarded(t, d)
		sent := 0
		for name, off := range g.states() {
			for _, route := range g.server.AllRoutes() {
				if strings.HasPrefix(route.Pattern, "GET ") {
					continue
				}
				for _, column := range columns() {
					var p mainstay.Plan
					if strings.HasPrefix(route.Pattern, "POST /changes/") {
						p = g.plan(column, deleting[route.Pattern].state)
					}
					off()
					before := g.syncing()
					res := g.send(route, column, p)
					if res.StatusCode >= 500 {
						t.Errorf("%s: %s as %s answers %d", name, route.Pattern, column, res.StatusCode)
					}
					if gone := g.gone(before); len(gone) > 0 {
						t.Fatalf("%s: %s as %s deletes %v", name, route.Pattern, column, gone)
					}
					sent++
				}
			}
		}
		if sent < 500 || len(g.syncing()) == 0 {
			t.Errorf("%d requests were sent, %d items still sync", sent, len(g.syncing()))
		}
	})
}

// TestBulkDeletion_sentence: each route that could delete items which still sync
// answers with the sentence while the switch is off, expired, or switched off
// after the plan was made, whoever asks; nothing changes and it is recorded.
// While it is on the same requests work for those who may, and are recorded for
// those who may not.
func TestBulkDeletion_sentence(t *testing.T) {
	storetest.Setup{Template: template}.Each(t, func(t *testing.T, d *db.DB) {
		g := newGuarded(t, d)
		found := 0
		for _, route := range g.server.AllRoutes() {
			is, ok := deleting[route.Pattern]
			if !ok {
				continue
			}
			found++
			for _, column := range columns() {
				for name, off := range g.states() {
					var p mainstay.Plan
					if is.onPlan {
						p = g.plan(column, is.state)
					}
					off()
					before, refused := g.matter(), g.refusals()
					res := g.send(route, column, p)
					g.refusedWith(route, column, name, res, refused)
					if diff := cmp.Diff(before, g.matter()); diff != "" {
						t.Errorf("%s: %s as %s changes (-before +after):\n%s", name, route.Pattern, column, diff)
					}
				}
			}
			g.worksWhenOn(route, is.onPlan, is.state)
		}
		if found != len(deleting) {
			t.Errorf("%d of %d routes are there", found, len(deleting))
		}
	})
}

// refusedWith checks what somebody was answered while the switch is off.
func (g *guarded) refusedWith(route auth.Route, column, name string, res *http.Response, refused int) {
	g.t.Helper()
	text := body(g.t, res)
	switch {
	case column == nobody || column == disabled:
		if away := res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusSeeOther; !away || g.refusals() != refused {
			g.t.Errorf("%s: %s as %s answers %d, and %d were recorded", name, route.Pattern, column, res.StatusCode, g.refusals()-refused)
		}
		return
	case column == restricted && deleting[route.Pattern].onPlan:
		// Somebody else's plan isn't there for them.
		if res.StatusCode != http.StatusNotFound {
			g.t.Errorf("%s: %s as %s answers %d", name, route.Pattern, column, res.StatusCode)
		}
		return
	}
	if res.StatusCode != http.StatusConflict && res.StatusCode != http.StatusForbidden {
		g.t.Errorf("%s: %s as %s answers %d", name, route.Pattern, column, res.StatusCode)
	}
	if !strings.Contains(text, sentence) || !strings.Contains(text, sentenceWhere) || !strings.Contains(text, "administrator") {
		g.t.Errorf("%s: %s as %s answers without the sentence:\n%s", name, route.Pattern, column, text)
	}
	if n := g.refusals(); n != refused+1 {
		g.t.Errorf("%s: %s as %s: %d refusals were recorded, want 1", name, route.Pattern, column, n-refused)
	}
}

// worksWhenOn sends the same while the switch is on.
func (g *guarded) worksWhenOn(route auth.Route, onPlan bool, state mainstay.PlanState) {
	g.t.Helper()
	for _, column := range columns() {
		if column == nobody || column == disabled || column == restricted {
			continue
		}
		var p mainstay.Plan
		if onPlan {
			p = g.plan(column, state)
		}
		g.switchOn(time.Hour)
		refused := g.refusals()
		res := g.send(route, column, p)
		may := g.actor(column).Can(mainstay.PlanChanges, 0) == nil
		if may && (res.StatusCode != http.StatusSeeOther || g.refusals() != refused) {
			g.t.Errorf("on: %s as %s answers %d:\n%s", route.Pattern, column, res.StatusCode, body(g.t, res))
		}
		if !may && (res.StatusCode != http.StatusForbidden || g.refusals() != refused+1) {
			g.t.Errorf("on: %s as %s answers %d, and %d were recorded", route.Pattern, column, res.StatusCode, g.refusals()-refused)
		}
		if onPlan && may {
			g.takeBack(p)
		}
		g.switchOff()
	}
}

// takeBack leaves no plan that is about to start.
func (g *guarded) takeBack(p mainstay.Plan) {
	g.t.Helper()
	ctx := context.Background()
	if _, err := g.changes.CancelStart(ctx, g.boss, p.ID); err != nil && mainstay.KindOf(err) != mainstay.Conflict {
		g.t.Fatal(err)
	}
}
