package connectwise

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"mainstay"
	"mainstay/internal/connect"
)

// batch is how many ids one question may hold.
const batch = 100

// witnesses is how many known records vouch for a key's sight.
const witnesses = 3

// remember keeps some ids of a page: records that a later question can use to
// prove that the key still sees this list. One that is marked deleted can't.
func remember[T record](c *connector, path string, rows []row[T]) {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r row[T]) bool {
		company, ok := any(r.rec).(company)
		return ok && company.DeletedFlag
	})
	if len(rows) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := append(c.canaries[path], rows[0].id, rows[len(rows)/2].id, rows[len(rows)-1].id)
	c.canaries[path] = seen[max(0, len(seen)-8*witnesses):]
}

// Confirm asks for records by id. A record is Gone only when ConnectWise says
// itself that this id is not found, while other records of the same list are in
// sight before and after: a key that lost a right gets the same answer for
// everything. Records that are marked deleted are Gone as well.
func (c *connector) Confirm(ctx context.Context, s connect.Stream, ids []string) (map[string]connect.Presence, error) {
	path, err := pathOf(s)
	if err != nil {
		return nil, err
	}
	out := make(map[string]connect.Presence, len(ids))
	for _, id := range ids {
		out[id] = connect.Unreadable
	}
	ask := numbers(ids)
	if path == pathSites && c.sitesByCompany() {
		return out, nil // nothing can be asked by id there
	}
	for len(ask) > 0 {
		n := min(len(ask), batch-witnesses)
		if err := c.confirmBatch(ctx, path, ask[:n], out); err != nil {
			if path == pathSites && isMissingEndpoint(err) {
				c.setSitesByCompany()
				return out, nil
			}
			return nil, err
		}
		ask = ask[n:]
	}
	return out, nil
}

// numbers are the ids that ConnectWise could have given out.
func numbers(ids []string) []int64 {
	var out []int64
	for _, id := range ids {
		n, err := strconv.ParseInt(id, 10, 64)
		if err == nil && n > 0 && strconv.FormatInt(n, 10) == id {
			out = append(out, n)
		}
	}
	return out
}

func (c *connector) confirmBatch(ctx context.Context, path string, ids []int64, out map[string]connect.Presence) error {
	known, err := c.witnessesFor(ctx, path, ids)
	if err != nil {
		return err
	}
	seen, err := c.askBatch(ctx, path, append(append([]int64{}, ids...), known...))
	if err != nil {
		return err
	}
	var witness int64 // any record in sight, asked for or not
	for id, p := range seen {
		if p == connect.Present {
			witness = id
		}
	}
	var gone []string
	for _, id := range ids {
		key := strconv.FormatInt(id, 10)
		p, ok := seen[id]
		switch {
		case ok:
			out[key] = p
		case witness != 0:
			if p, err = c.askOne(ctx, path, id); err != nil {
				return err
			}
			if out[key] = p; p == connect.Gone {
				gone = append(gone, key)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	p, err := c.askOne(ctx, path, witness)
	if err != nil {
		return err
	}
	if p != connect.Present {
		for _, key := range gone {
			out[key] = connect.Unreadable
		}
	}
	return nil
}

// witnessesFor returns ids of records that were there lately and are not among
// those that are asked for.
func (c *connector) witnessesFor(ctx context.Context, path string, ids []int64) ([]int64, error) {
	asked := make(map[int64]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	c.mu.Lock()
	recent := append([]int64{}, c.canaries[path]...)
	c.mu.Unlock()
	var out []int64
	for i := len(recent) - 1; i >= 0 && len(out) < witnesses; i-- {
		if !asked[recent[i]] {
			asked[recent[i]] = true
			out = append(out, recent[i])
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	// A connector that has pulled nothing yet looks at the start of the list.
	query := behind(0)
	query.Set("pageSize", strconv.Itoa(len(ids)+witnesses))
	resp, err := c.get(ctx, path, query, nil)
	if err != nil {
		return nil, err
	}
	rows, err := decodeRows[trace](resp.Body)
	if err != nil {
		return nil, odd(path, err)
	}
	for _, r := range rows {
		if !asked[r.id] && r.bad == nil && !r.rec.DeletedFlag && len(out) < witnesses {
			out = append(out, r.id)
		}
	}
	return out, nil
}

// askBatch asks which of several records are there.
func (c *connector) askBatch(ctx context.Context, path string, ids []int64) (map[int64]connect.Presence, error) {
	rows, err := named[trace](ctx, c, path, ids)
	out := make(map[int64]connect.Presence, len(rows))
	for _, r := range rows {
		out[r.id] = presence(r)
	}
	return out, err
}

// presence judges a record that came.
func presence(r row[trace]) connect.Presence {
	switch {
	case r.bad != nil:
		return connect.Present
	case r.rec.DeletedFlag:
		return connect.Gone
	}
	return connect.Present
}

// askOne asks for one record. Only ConnectWise's own "not found" is Gone; lost
// rights and odd answers are Unreadable. A failure of the connection or of the
// credentials is an error.
func (c *connector) askOne(ctx context.Context, path string, id int64) (connect.Presence, error) {
	resp, err := c.get(ctx, path+"/"+strconv.FormatInt(id, 10), nil, nil)
	if r := refusalOf(err); r != nil && r.Status != http.StatusUnauthorized {
		if r.Status == http.StatusNotFound && r.Code == "NotFound" {
			return connect.Gone, nil
		}
		return connect.Unreadable, nil
	}
	if err != nil {
		if mainstay.KindOf(err) == mainstay.Unauthorized || ctx.Err() != nil {
			return connect.Unreadable, err
		}
		return connect.Unreadable, nil
	}
	r, err := decodeRow[trace](json.RawMessage(resp.Body))
	if err != nil || r.id != id {
		return connect.Unreadable, nil //nolint:nilerr // what cannot be read is unreadable
	}
	return presence(r), nil
}
