package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/db"
)

// DuplicateRequest asks for one page of pairs of organizations.
type DuplicateRequest struct {
	Reason       mainstay.DuplicateReason // empty for any
	Organization mainstay.ItemID          // only pairs with this one; 0 for all
	Words        string                   // only pairs of which one has them in its name; empty for all
	Sync         mainstay.SyncState       // only pairs of which one is in this state; empty for all
	Dismissed    bool                     // those that a person told apart, the latest first
	named        map[mainstay.ItemID]bool // what Words and Sync stand for; nil for all
	Cursor       string                   // from DuplicatePage.Next or Prev; empty for the first page
	Limit        int
}

// DuplicateRow is one pair with what a person needs to decide about it.
type DuplicateRow struct {
	mainstay.DuplicatePair // without Shared where they have nothing in common any more
	First, Second          ListRow
	// Told says who told them apart; nil for a pair that is open.
	Told *mainstay.NotDuplicate
}

// DuplicatePage is one page of pairs.
type DuplicatePage struct {
	Rows   []DuplicateRow
	First  int                              // number of the first row, from 1; 0 without rows
	Total  int                              // pairs that match
	Open   int                              // open pairs for any reason
	Counts map[mainstay.DuplicateReason]int // open pairs by reason; a pair with several counts for each
	Told   int                              // pairs told apart
	Common []mainstay.DuplicateCommon       // what too many share to say anything, where all open pairs for a reason are asked for
	Next   string
	Prev   string
}

// Duplicates returns one page of the pairs of organizations that may be the same
// client, of those that the actor sees. It reads every organization, contact and
// location that the actor sees once and compares them in memory: the numbers of
// all reasons take that, and so does the order.
func (t *Tx) Duplicates(ctx context.Context, a mainstay.Actor, r DuplicateRequest) (DuplicatePage, error) {
	p := DuplicatePage{Counts: map[mainstay.DuplicateReason]int{}}
	pairs, common, err := t.FindDuplicates(ctx, a)
	if err != nil {
		return p, err
	}
	told, err := t.notDuplicates(ctx, a)
	if err != nil {
		return p, err
	}
	if r.named, err = t.organizationsOf(ctx, a, r); err != nil {
		return p, err
	}
	if r.Organization == 0 && !r.Dismissed && r.named == nil {
		p.Common = slices.DeleteFunc(common, func(c mainstay.DuplicateCommon) bool { return r.Reason != "" && c.Reason != r.Reason })
	}
	var rows []DuplicateRow
	for _, pair := range pairs {
		mark, apart := told[[2]mainstay.ItemID{pair.A, pair.B}]
		if apart {
			mark.Shared = pair.Shared
			continue
		}
		if !r.about(pair) {
			continue
		}
		p.Open++
		for _, s := range pair.Shared {
			p.Counts[s.Reason]++
		}
		if !r.Dismissed && pair.Has(r.Reason) {
			rows = append(rows, DuplicateRow{DuplicatePair: pair})
		}
	}
	for _, row := range told {
		if !r.about(row.DuplicatePair) {
			continue
		}
		p.Told++
		if r.Dismissed {
			rows = append(rows, *row)
		}
	}
	slices.SortFunc(rows, DuplicateRow.compare)
	if err := p.cut(rows, r); err != nil {
		return p, err
	}
	return p, t.fillDuplicates(ctx, p.Rows)
}

// organizationsOf are the organizations with the words in the name and in the
// state that were asked for, in one query; nil where neither was.
func (t *Tx) organizationsOf(ctx context.Context, a mainstay.Actor, r DuplicateRequest) (map[mainstay.ItemID]bool, error) {
	key := mainstay.SearchKey(r.Words)
	if key == "" && r.Sync == "" {
		return nil, nil
	}
	w := &where{}
	w.add("i.kind = ?", string(mainstay.Organization.Name))
	w.visible(a, "i.id")
	if key != "" {
		w.add(`i.name_key LIKE ? ESCAPE '\'`, "%"+escapeLike(key)+"%")
	}
	if r.Sync != "" {
		w.add("i.sync = ?", string(r.Sync))
	}
	ids, err := scanAll(ctx, t, func(row db.Row) (id mainstay.ItemID, err error) { return id, row.Scan(&id) }, "SELECT i.id FROM item i WHERE "+w.sql(), w.args...)
	out := map[mainstay.ItemID]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// about reports whether a pair concerns the organizations that were asked for.
func (r DuplicateRequest) about(p mainstay.DuplicatePair) bool {
	if r.named != nil && !r.named[p.A] && !r.named[p.B] {
		return false
	}
	return r.Organization == 0 || p.A == r.Organization || p.B == r.Organization
}

// compare orders the rows of one page: those told apart by when, the latest first.
func (r DuplicateRow) compare(o DuplicateRow) int {
	if r.Told != nil && o.Told != nil {
		return cmp.Or(cmp.Compare(o.Told.At, r.Told.At), r.DuplicatePair.Compare(o.DuplicatePair))
	}
	return r.DuplicatePair.Compare(o.DuplicatePair)
}

// duplicateCursor is the last row before a page.
type duplicateCursor struct {
	At    mainstay.Time   `json:"t,omitempty"`
	Score int             `json:"s,omitempty"`
	Name  string          `json:"n,omitempty"`
	A     mainstay.ItemID `json:"a"`
	B     mainstay.ItemID `json:"b"`
}

func (r DuplicateRow) cursor() string {
	c := duplicateCursor{Score: r.Score, Name: r.Name, A: r.A, B: r.B}
	if r.Told != nil {
		c.At = r.Told.At
	}
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// cut takes the rows of the page out of all that match.
func (p *DuplicatePage) cut(rows []DuplicateRow, r DuplicateRequest) error {
	start := 0
	if r.Cursor != "" {
		var c duplicateCursor
		b, err := base64.RawURLEncoding.DecodeString(r.Cursor)
		if err == nil {
			err = json.Unmarshal(b, &c)
		}
		if err != nil {
			return mainstay.Wrap(mainstay.Invalid, err, "This page link is damaged. Open the list again.")
		}
		after := DuplicateRow{DuplicatePair: mainstay.DuplicatePair{A: c.A, B: c.B, Name: c.Name, Score: c.Score}}
		if r.Dismissed {
			after.Told = &mainstay.NotDuplicate{At: c.At}
		}
		start, _ = slices.BinarySearchFunc(rows, after, func(row, after DuplicateRow) int {
			if row.compare(after) <= 0 {
				return -1
			}
			return 1
		})
	}
	// A page that became empty shows the last rows instead.
	if start == len(rows) {
		start = max(0, (len(rows)-1)/r.Limit*r.Limit)
	}
	end := min(start+r.Limit, len(rows))
	p.Total, p.Rows = len(rows), rows[start:end]
	if start < end {
		p.First = start + 1
	}
	if end < len(rows) {
		p.Next = rows[end-1].cursor()
	}
	if back := start - r.Limit; back > 0 {
		p.Prev = rows[back-1].cursor()
	}
	return nil
}

// fillDuplicates adds the organizations of some pairs, in sets.
func (t *Tx) fillDuplicates(ctx context.Context, rows []DuplicateRow) error {
	var ids []mainstay.ItemID
	for _, r := range rows {
		ids = append(ids, r.A, r.B)
	}
	items, err := t.ItemsByID(ctx, unique(ids))
	if err != nil || len(items) == 0 {
		return err
	}
	labels, err := t.Labels(ctx)
	if err != nil {
		return err
	}
	all, err := t.ListRows(ctx, items, labels)
	if err != nil {
		return err
	}
	byID := map[mainstay.ItemID]ListRow{}
	for _, r := range all {
		byID[r.ID] = r
	}
	for i := range rows {
		rows[i].First, rows[i].Second = byID[rows[i].A], byID[rows[i].B]
	}
	return nil
}

// FindDuplicates compares all organizations that the actor sees by what they and
// their contacts and locations have, in three queries that each read one kind.
func (t *Tx) FindDuplicates(ctx context.Context, a mainstay.Actor) ([]mainstay.DuplicatePair, []mainstay.DuplicateCommon, error) {
	f := mainstay.NewDuplicateFinder()
	steps := []struct {
		kind mainstay.KindName
		has  []string // fields, one of which must have a value
		take func(id, parent mainstay.ItemID, name string, v mainstay.DuplicateFields)
	}{
		{mainstay.Organization.Name, nil, f.Organization},
		{mainstay.Location.Name, []string{"address_1", "phone"}, func(id, _ mainstay.ItemID, _ string, v mainstay.DuplicateFields) { f.Location(id, v) }},
		{mainstay.Contact.Name, []string{"emails"}, func(id, _ mainstay.ItemID, _ string, v mainstay.DuplicateFields) { f.Contact(id, v) }},
	}
	for _, s := range steps {
		if err := t.eachKnown(ctx, a, s.kind, s.has, s.take); err != nil {
			return nil, nil, err
		}
	}
	pairs, common := f.Find()
	return pairs, common, nil
}

// comparedFields is where the compared fields stand in the fields of an item. To
// read them alone takes less than half the time of all.
type comparedFields struct {
	ShortName string `json:"short_name"`
	Website   string `json:"website"`
	Phone     string `json:"phone"`
	Street    string `json:"address_1"`
	Postal    string `json:"postal_code"`
	Emails    []struct {
		Value   string `json:"value"`
		Primary string `json:"primary"`
	} `json:"emails"`
}

// parse reads the fields of an item. One that is of another form than described
// says nothing and costs only itself.
func (c comparedFields) parse(text string) (mainstay.DuplicateFields, error) {
	err := json.Unmarshal([]byte(text), &c)
	var form *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &form) {
		return mainstay.DuplicateFields{}, err
	}
	out := mainstay.DuplicateFields{ShortName: c.ShortName, Website: c.Website, Phone: c.Phone, Street: c.Street, Postal: c.Postal}
	for n, e := range c.Emails {
		if n == 0 || e.Primary != "" {
			out.Email = e.Value
		}
	}
	return out, nil
}

// eachKnown calls fn with the organization, the parent, the name and the fields
// of every item of a kind that the actor sees.
func (t *Tx) eachKnown(ctx context.Context, a mainstay.Actor, kind mainstay.KindName, has []string, fn func(id, parent mainstay.ItemID, name string, v mainstay.DuplicateFields)) error {
	w := &where{}
	w.add("kind = ?", string(kind))
	var some []string
	for _, field := range has {
		some = append(some, `fields LIKE `+w.arg(`%"`+escapeLike(field)+`":%`)+` ESCAPE '\'`)
	}
	if len(some) > 0 {
		w.conds = append(w.conds, "("+strings.Join(some, " OR ")+")")
	}
	w.visible(a, "organization_id")
	rows, err := t.Query(ctx, "SELECT organization_id, parent_id, name, fields FROM item WHERE "+w.sql(), w.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent mainstay.ItemID
		var name, fields string
		if err := rows.Scan(&id, &parent, &name, &fields); err != nil {
			return err
		}
		v, err := comparedFields{}.parse(fields)
		if err != nil {
			return err
		}
		fn(id, parent, name, v)
	}
	return rows.Err()
}

// notDuplicates returns the live pairs told apart of which the actor sees both,
// with the names as they sort.
func (t *Tx) notDuplicates(ctx context.Context, a mainstay.Actor) (map[[2]mainstay.ItemID]*DuplicateRow, error) {
	w := &where{}
	w.visible(a, "n.organization_a")
	w.visible(a, "n.organization_b")
	rows, err := scanAll(ctx, t, func(r db.Row) (*DuplicateRow, error) {
		n, name := &mainstay.NotDuplicate{}, ""
		err := r.Scan(&n.A, &n.B, &n.UserID, &n.Who, &n.At, &name)
		return &DuplicateRow{DuplicatePair: mainstay.DuplicatePair{A: n.A, B: n.B, Name: name}, Told: n}, err
	}, `SELECT n.organization_a, n.organization_b, n.user_id, n.who, n.at, a.name_key FROM not_duplicate n
		JOIN item a ON a.id = n.organization_a JOIN item b ON b.id = n.organization_b WHERE `+w.sql(), w.args...)
	out := make(map[[2]mainstay.ItemID]*DuplicateRow, len(rows))
	for _, r := range rows {
		out[[2]mainstay.ItemID{r.A, r.B}] = r
	}
	return out, err
}

// InsertNotDuplicate keeps that two organizations were told apart; false says
// that they were already.
func (t *Tx) InsertNotDuplicate(ctx context.Context, n mainstay.NotDuplicate) (bool, error) {
	done, err := t.Exec(ctx, `INSERT INTO not_duplicate (organization_a, organization_b, user_id, who, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (organization_a, organization_b) DO NOTHING`, int64(n.A), int64(n.B), int64(n.UserID), n.Who, int64(n.At))
	return done == 1, err
}

// DeleteNotDuplicate forgets that two organizations were told apart; false says
// that they were not.
func (t *Tx) DeleteNotDuplicate(ctx context.Context, a, b mainstay.ItemID) (bool, error) {
	done, err := t.Exec(ctx, "DELETE FROM not_duplicate WHERE organization_a = $1 AND organization_b = $2", int64(a), int64(b))
	return done == 1, err
}
