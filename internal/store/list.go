package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"

	"mainstay"
	"mainstay/internal/query"
)

// Sort is an order of a list; the id breaks ties.
type Sort string

// The orders.
const (
	ByName        Sort = "name"
	ByNameDown    Sort = "-name"
	ByUpdated     Sort = "updated"
	ByUpdatedDown Sort = "-updated"
)

// ParseSort reads an order; empty is by name.
func ParseSort(s string) (Sort, error) {
	switch Sort(s) {
	case "":
		return ByName, nil
	case ByName, ByNameDown, ByUpdated, ByUpdatedDown:
		return Sort(s), nil
	}
	return "", mainstay.Errorf(mainstay.Invalid, "A list can't be sorted by %q. Use name, -name, updated or -updated.", s)
}

func (s Sort) column() (column string, down bool) {
	switch s {
	case ByNameDown:
		return "name_key", true
	case ByUpdated:
		return "updated_at", false
	case ByUpdatedDown:
		return "updated_at", true
	}
	return "name_key", false
}

// ListRequest asks for one page of a list.
type ListRequest struct {
	Filter Filter
	Sort   Sort
	Cursor string // from ListPage.Next or Prev; empty for the first page
	Limit  int
}

// ListRow is one line of a list.
type ListRow struct {
	mainstay.Item
	Organization  string // name of the containing organization
	Type          string
	Status        string
	Items         int // organizations: items inside
	OnlyHereItems int // organizations: of these and itself, how many exist only here
}

// ListPage is one page of a list.
type ListPage struct {
	Rows  []ListRow
	Total int    // all that match
	Next  string // cursor of the page after; empty on the last
	Prev  string // cursor of the page before; empty on the first
}

// cursor marks a place between two rows; it is read back only as parameters.
type cursor struct {
	Name    string `json:"n,omitempty"`
	Updated int64  `json:"u,omitempty"`
	ID      int64  `json:"i"`
	Back    bool   `json:"b,omitempty"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil {
		return c, mainstay.Errorf(mainstay.Invalid, "This page link is damaged. Open the list again.")
	}
	return c, nil
}

// List returns one page of the items that match and that the actor sees, with
// the exact number of all of them. A page costs an index range; the number costs
// nothing for filters of type, status, sync status and reason, and a walk over
// the matching index entries otherwise. Words cost a walk over the names of the
// kind: one, for where a page holds all that match its rows are the number.
func (t *Tx) List(ctx context.Context, a mainstay.Actor, r ListRequest) (ListPage, error) {
	var p ListPage
	var err error
	pageFirst := r.Cursor == "" && r.Filter.byWords()
	if !pageFirst {
		if p.Total, err = t.Count(ctx, a, r.Filter); err != nil {
			return p, err
		}
	}
	items, more, back, err := t.page(ctx, a, r, p.Total > sortable)
	if err != nil {
		return p, err
	}
	if pageFirst {
		p.Total = len(items)
	}
	if pageFirst && more {
		if p.Total, err = t.Count(ctx, a, r.Filter); err != nil {
			return p, err
		}
	}
	column, _ := r.Sort.column()
	at := func(i mainstay.Item, back bool) string {
		c := cursor{ID: int64(i.ID), Back: back}
		if column == "updated_at" {
			c.Updated = int64(i.Updated)
		} else {
			c.Name = mainstay.SearchKey(i.Name)
		}
		return c.String()
	}
	if len(items) > 0 {
		if back && r.Cursor != "" || more {
			p.Next = at(items[len(items)-1], false)
		}
		if r.Cursor != "" && (!back || more) {
			p.Prev = at(items[0], true)
		}
	}
	p.Rows, err = t.ListRows(ctx, items, r.Filter.labels)
	return p, err
}

// sortable is how many items a page may fetch to sort them. Where more match, it
// walks the index of its order and drops what does not match: a page of 50 is
// full soon then.
const sortable = 2000

// page reads one page; many says that more than sortable items match.
func (t *Tx) page(ctx context.Context, a mainstay.Actor, r ListRequest, many bool) (items []mainstay.Item, more, back bool, err error) {
	column, down := r.Sort.column()
	w := &where{walk: many && column != "updated_at"}
	r.Filter.conditions(w, t.Now())
	w.visible(a, "i.organization_id")
	if r.Cursor != "" {
		c, err := parseCursor(r.Cursor)
		if err != nil {
			return nil, false, false, err
		}
		back = c.Back
		var key any = c.Name
		if column == "updated_at" {
			key = c.Updated
		}
		op := ">"
		if down != back {
			op = "<"
		}
		w.add("(i."+column+", i.id) "+op+" (?, ?)", key, c.ID)
	}
	dir := ""
	if down != back {
		dir = " DESC"
	}
	items, err = scanAll(ctx, t, scanItem, "SELECT "+itemColumnsI+" FROM item i WHERE "+w.sql()+
		" ORDER BY i."+column+dir+", i.id"+dir+" LIMIT "+w.arg(r.Limit+1), w.args...)
	if len(items) > r.Limit {
		items, more = items[:r.Limit], true
	}
	if back {
		slices.Reverse(items)
	}
	return items, more, back, err
}

// ListRows adds the names and the counts that a list shows, in sets.
func (t *Tx) ListRows(ctx context.Context, items []mainstay.Item, labels []mainstay.Label) ([]ListRow, error) {
	names := map[mainstay.LabelID]string{}
	for _, l := range labels {
		names[l.ID] = l.Name
	}
	var orgs []mainstay.ItemID
	for _, i := range items {
		orgs = append(orgs, i.OrganizationID)
	}
	orgNames, err := t.NamesByID(ctx, unique(orgs))
	if err != nil {
		return nil, err
	}
	var counts map[mainstay.ItemID][2]int
	if len(items) > 0 && items[0].Kind == mainstay.Organization.Name {
		if counts, err = t.contents(ctx, orgs); err != nil {
			return nil, err
		}
	}
	rows := make([]ListRow, len(items))
	for n, i := range items {
		c := counts[i.ID]
		rows[n] = ListRow{Item: i, Organization: orgNames[i.OrganizationID], Type: names[i.TypeID], Status: names[i.StatusID], Items: c[0], OnlyHereItems: c[1]}
	}
	return rows, nil
}

func unique(ids []mainstay.ItemID) []mainstay.ItemID {
	out := slices.Clone(ids)
	slices.Sort(out)
	return slices.Compact(out)
}

// contents counts what each organization holds: items inside, and items that
// exist only here, itself included. Two indexes answer it without the items.
func (t *Tx) contents(ctx context.Context, orgs []mainstay.ItemID) (map[mainstay.ItemID][2]int, error) {
	all, err := t.countIn(ctx, "TRUE", orgs)
	if err != nil {
		return nil, err
	}
	only, err := t.countIn(ctx, "only_here", orgs)
	out := make(map[mainstay.ItemID][2]int, len(all))
	for id, n := range all {
		out[id] = [2]int{n - 1, only[id]}
	}
	return out, err
}

// countIn counts the items under a condition in each of the organizations.
func (t *Tx) countIn(ctx context.Context, cond string, orgs []mainstay.ItemID) (map[mainstay.ItemID]int, error) {
	w := &where{}
	rows, err := t.Query(ctx, "SELECT organization_id, count(*) FROM item WHERE "+cond+" AND organization_id IN "+list(w, orgs, itemArg)+" GROUP BY organization_id", w.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[mainstay.ItemID]int{}
	for rows.Next() {
		var id mainstay.ItemID
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		out[id] = n
	}
	return out, rows.Err()
}

// Count counts the items that match and that the actor sees.
func (t *Tx) Count(ctx context.Context, a mainstay.Actor, f Filter) (int, error) {
	var n int
	w := &where{}
	if a.All && f.Organization == 0 && f.byClass() {
		f.conditions(w, t.Now())
		err := t.QueryRow(ctx, "SELECT CAST(COALESCE(sum(i.n), 0) AS BIGINT) FROM tally i WHERE "+w.sql(), w.args...).Scan(&n)
		return n, err
	}
	f.conditions(w, t.Now())
	w.visible(a, "i.organization_id")
	err := t.QueryRow(ctx, "SELECT count(*) FROM item i WHERE "+w.sql(), w.args...).Scan(&n)
	return n, err
}

// CountAll counts the items that match, hidden ones included.
func (t *Tx) CountAll(ctx context.Context, f Filter) (int, error) {
	return t.Count(ctx, mainstay.Actor{All: true}, f)
}

// byClass reports whether the kept numbers of classes answer the filter.
func (f *Filter) byClass() bool {
	for _, term := range f.Query.Terms() {
		if term.Op != query.In || !slices.Contains([]string{keySync, keyReason, keyType, keyStatus}, term.Key) {
			return false
		}
	}
	return true
}

// byWords reports whether a part of the filter is looked for in names.
func (f *Filter) byWords() bool {
	return slices.ContainsFunc(f.Query.Terms(), func(term query.Term) bool { return term.Op == query.Words })
}

// Each calls fn with every matching item that the actor sees, in the order of
// ids, a thousand at a time and each thousand on a snapshot of its own: for
// exports of any size with flat memory. It walks all matching items.
func (s *Store) Each(ctx context.Context, a mainstay.Actor, f Filter, fn func([]ListRow) error) error {
	after := mainstay.ItemID(0)
	for {
		var rows []ListRow
		err := s.Read(ctx, func(t *Tx) error {
			w := &where{}
			f.conditions(w, t.Now())
			w.visible(a, "i.organization_id")
			w.add("i.id > ?", int64(after))
			items, err := scanAll(ctx, t, scanItem, "SELECT "+itemColumnsI+" FROM item i WHERE "+w.sql()+" ORDER BY i.id LIMIT 1000", w.args...)
			if err != nil {
				return err
			}
			rows, err = t.ListRows(ctx, items, f.labels)
			return err
		})
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := fn(rows); err != nil {
			return err
		}
		after = rows[len(rows)-1].ID
	}
}
