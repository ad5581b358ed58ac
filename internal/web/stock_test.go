package web_test

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// stocked runs a test in an installation with 60 organizations, 24 of them
// orphaned and 15 with things that exist only here.
func stocked(t *testing.T, fn func(o *office, in storetest.Seeded)) {
	t.Helper()
	offices(t, func(o *office) {
		in, err := storetest.Seed(o.Context(), o.store, storetest.Size{Organizations: 60, PerOrganization: 5, Orphaned: 0.4, OnlyHere: 0.25, Activity: true, Random: 3})
		o.must(err)
		fn(o, in)
	})
}

// find lists items that match a query, as somebody who sees everything.
func (o *office) find(k *mainstay.Kind, q string) []store.ListRow {
	o.Helper()
	var page store.ListPage
	o.read(func(t *store.Tx) error {
		f, err := t.Filter(o.Context(), k, q, 0)
		if err != nil {
			return err
		}
		page, err = t.List(o.Context(), boss(), store.ListRequest{Filter: f, Limit: 1000})
		return err
	})
	if len(page.Rows) == 0 {
		o.Fatalf("nothing matches %q", q)
	}
	return page.Rows
}

// stored reads one item.
func (o *office) stored(ref mainstay.Ref) mainstay.Item {
	o.Helper()
	var i mainstay.Item
	o.read(func(t *store.Tx) (err error) { i, err = t.Item(o.Context(), ref); return err })
	return i
}

// planned reads the plan that an answer leads to.
func (a *answer) planned() mainstay.Plan {
	a.Helper()
	a.wants(303)
	var id int64
	if _, err := fmt.Sscanf(a.Header().Get("Location"), "/changes/%d", &id); err != nil {
		a.Fatalf("%s leads to %q, not to a plan", a.what, a.Header().Get("Location"))
	}
	return a.plan(mainstay.PlanID(id))
}

func (o *office) plan(id mainstay.PlanID) mainstay.Plan {
	o.Helper()
	var p mainstay.Plan
	o.read(func(t *store.Tx) (err error) { p, err = t.Plan(o.Context(), id); return err })
	return p
}

// apply executes the job of a plan.
func (o *office) apply(p mainstay.Plan) mainstay.Plan {
	o.Helper()
	o.runs++
	o.must(o.changes.Apply(o.Context(), jobs.Job{Kind: jobs.Apply, Key: int64(p.ID), Attempt: 1, Lease: fmt.Sprint("plan lease ", o.runs)}))
	return o.plan(p.ID)
}

func planPath(p mainstay.Plan, rest string) string { return fmt.Sprintf("/changes/%d%s", p.ID, rest) }

func itemPath(i mainstay.Item, rest string) string {
	return fmt.Sprintf("/%s/%d%s", i.Spec().Plural, i.ID, rest)
}

// with returns the values of a form by pairs of name and value.
func with(pairs ...string) url.Values {
	v := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		v.Add(pairs[n], pairs[n+1])
	}
	return v
}

// value is what a hidden or visible box of the page holds.
func (a *answer) value(name string) string {
	a.Helper()
	for _, i := range inputs(a.T, a.body) {
		if i.name == name {
			return i.value
		}
	}
	a.Fatalf("%s has no box %q", a.what, name)
	return ""
}

// count is how often a page contains a text of its markup.
func (a *answer) count(text string) int { return strings.Count(a.body, text) }

func idText(id mainstay.ItemID) string { return strconv.FormatInt(int64(id), 10) }

func plain(n int) string { return strconv.Itoa(n) }

func organizationPath(id mainstay.ItemID, rest string) string {
	return "/organizations/" + idText(id) + rest
}
