package connectwise

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/connect"
)

// fullPage is the largest page that ConnectWise gives.
const fullPage = 1000

// smallestPage is where asking for less stops to help.
const smallestPage = 25

// cursor is where a walk through a list goes on. A walk is forward-only while
// ConnectWise plays along, and by id behind the last one seen where it does not.
type cursor struct {
	byID   bool
	pageID string // of the next forward-only page; empty for the first
	after  int64  // every id up to here has been seen
}

// String writes the cursor in the form that parseCursor reads.
func (c cursor) String() string {
	if c.byID {
		return "id:" + strconv.FormatInt(c.after, 10)
	}
	return "page:" + strconv.FormatInt(c.after, 10) + ":" + c.pageID
}

func parseCursor(s string) (cursor, error) {
	if s == "" {
		return cursor{}, nil
	}
	kind, rest, _ := strings.Cut(s, ":")
	number, pageID, _ := strings.Cut(rest, ":")
	after, err := strconv.ParseInt(number, 10, 64)
	if err != nil || after < 0 || kind != "id" && (kind != "page" || pageID == "") {
		return cursor{}, mainstay.Errorf(mainstay.Invalid, "%q is no place in a ConnectWise list. Start the sync again from the beginning.", s)
	}
	return cursor{byID: kind == "id", after: after, pageID: pageID}, nil
}

// part is one page of a list.
type part[T record] struct {
	rows []row[T]
	next cursor
	last bool
}

var (
	errUnordered = errors.New("the records don't come in the order of their ids")
	errNotEnd    = errors.New("the list goes on behind its end")
	errNoForward = errors.New("forward-only paging is not offered")
	errUnasked   = errors.New("it holds records that were not asked for")
)

// fetch reads the page at cur of a list. The end is believed only when
// ConnectWise, asked for what comes behind the last id, has nothing more.
func fetch[T record](ctx context.Context, c *connector, path string, cur cursor) (part[T], error) {
	if !cur.byID {
		p, err := forwardPage[T](ctx, c, path, cur)
		if err == nil || !noForward(err) {
			return p, err
		}
		cur = cursor{byID: true, after: cur.after}
	}
	return pageByID[T](ctx, c, path, cur)
}

// noForward reports whether err is a reason to walk by id instead.
func noForward(err error) bool {
	if errors.Is(err, errNoForward) || errors.Is(err, errUnordered) {
		return true
	}
	r := refusalOf(err)
	return r != nil && r.Status == http.StatusBadRequest
}

func forwardPage[T record](ctx context.Context, c *connector, path string, cur cursor) (part[T], error) {
	query := url.Values{}
	if cur.pageID != "" {
		query.Set("pageId", cur.pageID)
	}
	rows, resp, err := list[T](ctx, c, path, query, http.Header{"Pagination-Type": {"forward-only"}})
	if err != nil {
		return part[T]{}, err
	}
	last, ok := ascending(rows, cur.after)
	if !ok {
		return part[T]{}, odd(path, errUnordered)
	}
	pageID, more := nextPageID(resp.Header.Values("Link"))
	switch {
	case more && (pageID == "" || pageID == cur.pageID || len(rows) == 0):
		return part[T]{}, odd(path, errNoForward)
	case more:
		return part[T]{rows: rows, next: cursor{pageID: pageID, after: last}}, nil
	}
	ended, err := c.endsAt(ctx, path, last)
	if err != nil || ended {
		return part[T]{rows: rows, last: ended}, err
	}
	return part[T]{rows: rows, next: cursor{byID: true, after: last}}, nil
}

// pageByID reads the records behind an id. Only an empty answer is the end.
func pageByID[T record](ctx context.Context, c *connector, path string, cur cursor) (part[T], error) {
	rows, resp, err := list[T](ctx, c, path, behind(cur.after), nil)
	if err != nil {
		return part[T]{}, err
	}
	last, ok := ascending(rows, cur.after)
	if !ok {
		return part[T]{}, odd(path, errUnordered)
	}
	if len(rows) > 0 {
		return part[T]{rows: rows, next: cursor{byID: true, after: last}}, nil
	}
	if _, more := nextPageID(resp.Header.Values("Link")); more {
		return part[T]{}, odd(path, errNotEnd)
	}
	return part[T]{last: true}, nil
}

// endsAt asks whether a list has nothing behind an id.
func (c *connector) endsAt(ctx context.Context, path string, last int64) (bool, error) {
	query := behind(last)
	query.Set("pageSize", "1")
	resp, err := c.get(ctx, path, query, nil)
	if err != nil {
		return false, err
	}
	rows, err := decodeRows[trace](resp.Body)
	if err != nil {
		return false, odd(path, err)
	}
	if _, ok := ascending(rows, last); !ok {
		return false, odd(path, errUnordered)
	}
	return len(rows) == 0, nil
}

func behind(id int64) url.Values {
	return url.Values{"conditions": {"id>" + strconv.FormatInt(id, 10)}, "orderBy": {"id asc"}}
}

// ascending reports whether ids grow from after on, and returns the last one:
// a page that comes twice or a list that runs in a circle does not.
func ascending[T record](rows []row[T], after int64) (int64, bool) {
	for _, r := range rows {
		if r.id <= after {
			return after, false
		}
		after = r.id
	}
	return after, true
}

// list reads one page. A page that takes too long or is too large is asked for
// again in a smaller size, which later pages keep; a body that breaks off
// without notice is asked for once more.
func list[T record](ctx context.Context, c *connector, path string, query url.Values, header http.Header) ([]row[T], *connect.Response, error) {
	broken := 0
	for {
		size := c.pageSize(path)
		query.Set("pageSize", strconv.Itoa(size))
		resp, err := c.get(ctx, path, query, header)
		if err != nil {
			if (connect.TimedOut(err) || connect.TooLarge(err)) && ctx.Err() == nil && size > smallestPage {
				c.setPageSize(path, max(size/4, smallestPage))
				continue
			}
			return nil, nil, err
		}
		rows, err := decodeRows[T](resp.Body)
		if errors.Is(err, errBroken) && broken == 0 {
			broken++
			continue
		}
		if err != nil {
			return nil, nil, odd(path, err)
		}
		return rows, resp, nil
	}
}

// all reads a short list whole, such as the statuses.
func all[T record](ctx context.Context, c *connector, path string) ([]T, error) {
	var out []T
	for cur := (cursor{}); ; {
		p, err := fetch[T](ctx, c, path, cur)
		if err != nil {
			return nil, err
		}
		for _, r := range p.rows {
			if r.bad != nil {
				return nil, odd(path, r.bad)
			}
			out = append(out, r.rec)
		}
		if p.last {
			return out, nil
		}
		cur = p.next
	}
}

func (c *connector) pageSize(path string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := c.sizes[path]; n > 0 {
		return n
	}
	return fullPage
}

func (c *connector) setPageSize(path string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sizes[path] = n
}
