package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/store"
)

// listLimit is how many rows a page of a list has.
const listLimit = 50

// listQueries are the filters that are measured, each over several pages.
var listQueries = []struct {
	kind  *mainstay.Kind
	query string
	sort  store.Sort
}{
	{&mainstay.Contact, "sync status: syncing", store.ByName},
	{&mainstay.Contact, `type: "Type 3"`, store.ByName},
	{&mainstay.Configuration, `type: "Type 3" status: "Status 3"`, store.ByName},
	{&mainstay.Configuration, "sync status: orphaned", store.ByUpdatedDown},
	{&mainstay.Organization, "sync status: orphaned", store.ByName},
	{&mainstay.Organization, `sync status: syncing type: "Type 2"`, store.ByName},
	{&mainstay.Location, "", store.ByUpdatedDown},
	{&mainstay.Contact, "thorn77", store.ByName},
	{&mainstay.Contact, "mira oak", store.ByName},
	{&mainstay.Configuration, "robotics", store.ByName},
	{&mainstay.Organization, "quill", store.ByName},
	{&mainstay.Contact, "updated < 90d", store.ByName},
}

// scale measures an installation with many items: the pass whose memory must
// not grow, and pages of lists.
func (r *runner) scale(ctx context.Context) error {
	in, err := r.open(ctx, "scale")
	if err != nil {
		return err
	}
	return errors.Join(r.scaleOf(ctx, in), in.close())
}

func (r *runner) scaleOf(ctx context.Context, in *install) error {
	r.say("Load %s items", mainstay.Thousands(r.Scale))
	organizations, dependents := split(r.Scale)
	if err := in.connect(ctx, organizations, dependents); err != nil {
		return err
	}
	if _, err := in.sync(ctx); err != nil {
		return err
	}
	if r.wants(Flat) {
		if err := r.pass(ctx, in, Flat); err != nil {
			return err
		}
	}
	if !r.wants(List) {
		return nil
	}
	if err := in.orphan(ctx, organizations/20); err != nil {
		return err
	}
	if err := in.settle(ctx); err != nil {
		return err
	}
	return r.list(ctx, in)
}

// listRounds is how many times each page of each filter is read.
const listRounds = 20

// list measures pages of lists, and the rows of each page read by their ids.
func (r *runner) list(ctx context.Context, in *install) error {
	r.say("Read pages of lists")
	for _, q := range listQueries {
		res := r.result(List, fmt.Sprintf("list %s, %q, by %s", q.kind.Plural, q.query, q.sort), r.Scale)
		var took, floor []time.Duration
		err := r.meter.measure(ctx, &res, in.psa, nil, func() error {
			for range listRounds {
				cursor := ""
				for range 3 {
					began := time.Now()
					page, err := in.page(ctx, q.kind, q.query, q.sort, cursor)
					if err != nil {
						return err
					}
					took = append(took, time.Since(began))
					spent, err := floorPage(ctx, in, page)
					if err != nil {
						return err
					}
					floor = append(floor, spent)
					cursor = page.Next
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		res.reads(floor)
		res.Floor = res.ReadP50MS / 1000
		res.reads(took)
		if res.Seconds = res.ReadP50MS / 1000; res.Floor > 0 {
			res.Ratio = res.Seconds / res.Floor
		}
		res.atMost("p99", res.ReadP99MS, 50, "ms")
		r.add(res)
	}
	return nil
}

func (in *install) page(ctx context.Context, kind *mainstay.Kind, query string, sort store.Sort, cursor string) (store.ListPage, error) {
	var page store.ListPage
	err := in.store.Read(ctx, func(t *store.Tx) error {
		f, err := t.Filter(ctx, kind, query, 0)
		if err != nil {
			return err
		}
		page, err = t.List(ctx, in.admin, store.ListRequest{Filter: f, Sort: sort, Cursor: cursor, Limit: listLimit})
		return err
	})
	return page, err
}

// floorPage reads the rows of a page by their ids and returns how long it took.
func floorPage(ctx context.Context, in *install, page store.ListPage) (time.Duration, error) {
	ids := make([]any, len(page.Rows))
	for n, row := range page.Rows {
		ids[n] = int64(row.ID)
	}
	began := time.Now()
	err := in.store.DB.Read(ctx, func(t *db.Tx) error {
		_, err := readRows(ctx, t, "SELECT "+floorTables[0].columns+" FROM item WHERE id IN ("+db.In(1, len(ids))+")", 19, ids...)
		return err
	})
	return time.Since(began), err
}
