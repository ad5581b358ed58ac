package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// query is what a list request asks for.
type query struct {
	match   func(record) bool
	all     bool // match fits every row
	span    span
	orderBy []sortKey
	fields  []string
	page    int // from 1
	size    int
	forward bool
	pageID  int64
	address *url.URL // of the request, for links
	base    string   // scheme and host
}

type sortKey struct {
	path path
	desc bool
}

// badQuery is a mistake in a request's parameters.
type badQuery struct{ field, message string }

func (b *badQuery) Error() string { return b.message }

// readQuery reads the parameters of a list or count request on t.
func (s *Simulator) readQuery(r *http.Request, t *table) (query, error) {
	v := r.URL.Query()
	q := query{address: r.URL, base: "http://" + r.Host, page: 1, size: 25, all: true}
	if r.TLS != nil {
		q.base = "https://" + r.Host
	}
	var err error
	if q.match, err = q.conditions(t, v); err != nil {
		return q, &badQuery{"conditions", err.Error()}
	}
	for _, n := range []struct {
		name string
		into *int
	}{{"page", &q.page}, {"pageSize", &q.size}} {
		if given := v.Get(n.name); given != "" {
			if *n.into, err = strconv.Atoi(given); err != nil || *n.into < 1 {
				return q, &badQuery{n.name, fmt.Sprintf("%q is no valid %s", given, n.name)}
			}
		}
	}
	q.size = min(q.size, s.cfg.PageCap)
	q.forward = !s.cfg.NoForwardOnly && strings.EqualFold(r.Header.Get("pagination-type"), "forward-only")
	if given := v.Get("pageId"); given != "" && q.forward {
		if q.pageID, err = strconv.ParseInt(given, 10, 64); err != nil {
			return q, &badQuery{"pageId", fmt.Sprintf("%q is no valid pageId", given)}
		}
	}
	if given := v.Get("fields"); given != "" {
		q.fields = strings.Split(given, ",")
	}
	return q, q.readOrder(t, v.Get("orderBy"))
}

func (q *query) conditions(t *table, v url.Values) (func(record) bool, error) {
	tests := []func(record) bool{}
	for _, name := range []string{"conditions", "childConditions"} {
		c, err := parseConditions(v.Get(name))
		if err != nil {
			return nil, err
		}
		if c == nil {
			continue
		}
		q.all = false
		if name == "conditions" {
			q.span.learn(c)
		}
		test, err := matcher(t.kind, c, name == "childConditions")
		if err != nil {
			return nil, err
		}
		tests = append(tests, test)
	}
	return func(r record) bool {
		for _, test := range tests {
			if !test(r) {
				return false
			}
		}
		return true
	}, nil
}

func (q *query) readOrder(t *table, s string) error {
	for _, part := range strings.Split(s, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		p, err := compilePath(t.kind, words[0])
		if err != nil {
			return &badQuery{"orderBy", err.Error()}
		}
		desc := len(words) == 2 && strings.EqualFold(words[1], "desc")
		if len(words) > 2 || len(words) == 2 && !desc && !strings.EqualFold(words[1], "asc") {
			return &badQuery{"orderBy", fmt.Sprintf("%q is no order", part)}
		}
		q.orderBy = append(q.orderBy, sortKey{p, desc})
	}
	return nil
}

// listing is one page of a list.
type listing struct {
	rows  []record
	next  string // address of the next page, empty on the last
	last  string // address of the last page, for numbered paging
	first bool
}

// list computes one page of the rows of t that q asks for and seen allows.
func (t *table) list(q query, seen func(record) bool) listing {
	l := listing{}
	if q.forward {
		q.span.after = max(q.span.after, q.pageID)
		fitting := t.fitting(q, seen, q.size+1)
		end := min(q.size, len(fitting))
		l.rows, l.first = fitting[:end], q.pageID == 0
		if end < len(fitting) {
			l.next = q.link(map[string]string{"pageId": strconv.FormatInt(l.rows[len(l.rows)-1].key(), 10)})
		}
		return l
	}
	fitting := t.fitting(q, seen, 0)
	q.sort(fitting)
	at := min((q.page-1)*q.size, len(fitting))
	end := min(at+q.size, len(fitting))
	l.rows, l.first = fitting[at:end], q.page == 1 && q.span.after == 0
	if end < len(fitting) {
		pages := (len(fitting) + q.size - 1) / q.size
		l.next = q.link(map[string]string{"page": strconv.Itoa(q.page + 1)})
		l.last = q.link(map[string]string{"page": strconv.Itoa(pages)})
	}
	return l
}

// fitting returns the rows that q asks for and seen allows, by id; at most
// limit where it is not 0.
func (t *table) fitting(q query, seen func(record) bool, limit int) []record {
	ids := t.after(q.span.after)
	if q.span.only != nil {
		ids = slices.Clone(q.span.only)
		slices.Sort(ids)
		ids = slices.Compact(ids)
	}
	out := make([]record, 0, min(len(ids), 4000))
	for _, id := range ids {
		r, ok := t.rows[id]
		if ok && seen(r) && (q.all || q.match(r)) {
			out = append(out, r)
			if len(out) == limit {
				return out
			}
		}
	}
	return out
}

// before returns the page that comes before rows, or rows where they come first.
func (t *table) before(q query, seen func(record) bool, rows []record) []record {
	if len(rows) == 0 {
		return rows
	}
	q.span.after = 0
	fitting := t.fitting(q, seen, 0)
	at, _ := slices.BinarySearchFunc(fitting, rows[0].key(), func(r record, id int64) int { return cmp.Compare(r.key(), id) })
	if at == 0 {
		return rows
	}
	return fitting[max(0, at-q.size):at]
}

// sort orders rows that are in the order of their ids by the wish of q.
func (q *query) sort(rows []record) {
	if len(q.orderBy) == 0 {
		return
	}
	slices.SortStableFunc(rows, func(a, b record) int {
		for _, k := range q.orderBy {
			n := compareValues(k.path.values(a), k.path.values(b))
			if k.desc {
				n = -n
			}
			if n != 0 {
				return n
			}
		}
		return 0
	})
}

func compareValues(a, b []any) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	n, _ := order(a[0], b[0])
	return n
}

// link writes the request's own address with some parameters changed.
func (q *query) link(change map[string]string) string {
	v := q.address.Query()
	for k, s := range change {
		v.Set(k, s)
	}
	return q.base + q.address.Path + "?" + v.Encode()
}
