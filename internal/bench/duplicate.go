package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/store"
)

// twin is how many organizations there are for each that is there twice.
const twin = 20

// Of a thousand items, how many are of each kind: a provider with 13,300 clients
// has 24,000 contacts and 13,400 locations.
const (
	twinOrganizations = 262
	twinLocations     = 264
	twinContacts      = 474
	twinOf            = 1000
)

// duplicates measures the first page of the duplicates, and how its time grows
// from a quarter of the items to all of them.
func (r *runner) duplicates(ctx context.Context) error {
	quarter, err := r.twinsOf(ctx, r.Items/4, nil)
	if err != nil {
		return err
	}
	var res Result
	whole, err := r.twinsOf(ctx, r.Items, &res)
	if err != nil {
		return err
	}
	n, q := float64(r.Items), float64(r.Items)/4
	res.atMost("time per 13,300 organizations", res.Seconds*13_300/(n*twinOrganizations/twinOf), 5, "s")
	res.atMost("growth against n log n", whole/quarter/(n*math.Log(n)/(q*math.Log(q))), 1.5, "×")
	r.add(res)
	return nil
}

// twinSizes is how many items of each kind there are of a number in all.
func twinSizes(items int) map[mainstay.KindName]int {
	return map[mainstay.KindName]int{mainstay.Organization.Name: items * twinOrganizations / twinOf, mainstay.Location.Name: items * twinLocations / twinOf,
		mainstay.Contact.Name: items * twinContacts / twinOf}
}

// twinsOf measures an installation with a number of items and returns the
// processor time of the shortest of several runs in seconds, which other work on
// the machine disturbs least. Where res is not nil it is filled in.
func (r *runner) twinsOf(ctx context.Context, items int, res *Result) (shortest float64, err error) {
	in, err := r.open(ctx, fmt.Sprint("duplicates", items))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	organizations := items * twinOrganizations / twinOf
	r.say("Load %s organizations with %s contacts and locations", mainstay.Thousands(organizations), mainstay.Thousands(items-organizations))
	in.psa.twin = twin
	in.psa.sizes = twinSizes(items)
	if err := in.connect(ctx, organizations, items-organizations); err != nil {
		return 0, err
	}
	if _, err := in.sync(ctx); err != nil {
		return 0, err
	}
	if err := in.settle(ctx); err != nil {
		return 0, err
	}
	r.say("Look for duplicates")
	if res != nil {
		*res = r.result(Twins, fmt.Sprintf("duplicates among %s organizations", mainstay.Thousands(organizations)), items)
		if err := r.meter.measure(ctx, res, in.psa, nil, func() error { return in.twins(ctx, organizations) }); err != nil {
			return 0, err
		}
		seconds, err := floorDuplicates(ctx, in, (organizations-1)/twin)
		if err != nil {
			return 0, err
		}
		res.floor(seconds)
	}
	for n := range 5 {
		began := cpuTime()
		if err := in.twins(ctx, organizations); err != nil {
			return 0, err
		}
		if took := (cpuTime() - began).Seconds(); n == 0 || took < shortest {
			shortest = took
		}
	}
	return shortest, nil
}

// twins reads a page of duplicates and checks that every twin was found.
func (in *install) twins(ctx context.Context, organizations int) error {
	return in.store.Read(ctx, func(t *store.Tx) error {
		page, err := t.Duplicates(ctx, in.admin, store.DuplicateRequest{Reason: mainstay.DuplicateName, Limit: listLimit})
		if want := (organizations - 1) / twin; err == nil && page.Total != want {
			err = fmt.Errorf("%d organizations have the name of another, not %d", page.Total, want)
		}
		return err
	})
}

// The plain SQL: the rows that are compared, and the keys joined with themselves.
const (
	floorKnown = "SELECT organization_id, parent_id, name, fields FROM item WHERE kind IN ('organization', 'location', 'contact')"
	floorJoin  = `SELECT a.organization_id, b.organization_id, a.reason FROM bench_key a JOIN bench_key b ON b.reason = a.reason AND b.key = a.key AND b.organization_id > a.organization_id
		WHERE (a.reason, a.key) IN (SELECT reason, key FROM bench_key GROUP BY reason, key HAVING count(*) BETWEEN 2 AND 10)`
)

// floorDuplicates reads the same rows and joins the same keys with themselves by
// plain SQL, and returns the seconds of both. The keys lie in a table with an
// index, whose making does not count.
func floorDuplicates(ctx context.Context, in *install, want int) (float64, error) {
	err := in.store.DB.Write(ctx, func(t *db.Tx) error {
		if _, err := t.Exec(ctx, "CREATE TABLE bench_key (reason TEXT NOT NULL, key TEXT NOT NULL, organization_id BIGINT NOT NULL, PRIMARY KEY (reason, key, organization_id))"); err != nil {
			return err
		}
		keys, err := floorKeys(ctx, t)
		if err != nil {
			return err
		}
		_, err = t.InsertRows(ctx, "INSERT INTO bench_key (reason, key, organization_id)", "ON CONFLICT DO NOTHING", keys)
		return err
	})
	if err != nil {
		return 0, err
	}
	if err := in.store.DB.Analyze(ctx, "bench_key"); err != nil {
		return 0, err
	}
	began := time.Now()
	err = in.store.DB.Read(ctx, func(t *db.Tx) error {
		if _, err := readRows(ctx, t, floorKnown, 4); err != nil {
			return err
		}
		pairs, err := readRows(ctx, t, floorJoin, 3)
		if err == nil && len(pairs) < want {
			err = fmt.Errorf("plain SQL found %d pairs, fewer than %d", len(pairs), want)
		}
		return err
	})
	return time.Since(began).Seconds(), err
}

// floorKeys are the keys of every organization, location and contact.
func floorKeys(ctx context.Context, t *db.Tx) ([][]any, error) {
	rows, err := t.Query(ctx, floorKnown)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]any
	for rows.Next() {
		var id, parent int64
		var name, fields string
		if err := rows.Scan(&id, &parent, &name, &fields); err != nil {
			return nil, err
		}
		var v mainstay.Values
		if err := json.Unmarshal([]byte(fields), &v); err != nil {
			return nil, err
		}
		keys := map[mainstay.DuplicateReason]string{mainstay.DuplicateDomain: mainstay.DomainKey(v.Text("website")), mainstay.DuplicatePhone: mainstay.PhoneKey(v.Text("phone")),
			mainstay.DuplicatePSA: mainstay.CodeKey(v.Text("short_name")), mainstay.DuplicateAddress: mainstay.AddressKey(v.Text("address_1"), v.Text("postal_code"))}
		if keys[mainstay.DuplicatePSA] != "" {
			keys[mainstay.DuplicateName] = mainstay.NameKey(name)
		}
		for _, row := range v["emails"].Rows {
			_, host, _ := strings.Cut(row["value"], "@")
			keys[mainstay.DuplicateDomain] = mainstay.DomainKey(host)
		}
		for reason, key := range keys {
			if key != "" {
				out = append(out, []any{string(reason), key, id})
			}
		}
	}
	return out, rows.Err()
}
