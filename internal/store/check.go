package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// OnlyHereCount is how many organizations hold something that exists only here,
// how many such items those are, and a few of the organizations.
type OnlyHereCount struct {
	Organizations, Items int
	Examples             []mainstay.CheckExample
}

// examples is how many organizations a check names.
const examples = 5

// MatchedOnlyHere counts the organizations that were here before the PSA's record
// was matched with them, are linked, and hold something that exists only here. It
// walks the items that exist only here, and looks up the log of each of their
// organizations by index.
func (t *Tx) MatchedOnlyHere(ctx context.Context, a mainstay.Actor) (OnlyHereCount, error) {
	return t.onlyHereWhere(ctx, a, "o.sync <> 'not_linked' AND EXISTS (SELECT 1 FROM activity l WHERE l.item_id = o.id AND l.verb = 'linked')")
}

// OrphanedOnlyHere counts the orphaned organizations that hold something that
// exists only here. It walks the items that exist only here.
func (t *Tx) OrphanedOnlyHere(ctx context.Context, a mainstay.Actor) (OnlyHereCount, error) {
	return t.onlyHereWhere(ctx, a, "o.sync = 'orphaned'")
}

func (t *Tx) onlyHereWhere(ctx context.Context, a mainstay.Actor, cond string) (OnlyHereCount, error) {
	var c OnlyHereCount
	from := ` FROM (SELECT organization_id, count(*) AS n FROM item WHERE only_here GROUP BY organization_id) q
		JOIN item o ON o.id = q.organization_id WHERE ` + cond
	if err := t.QueryRow(ctx, "SELECT count(*), CAST(COALESCE(sum(q.n), 0) AS BIGINT)"+from).Scan(&c.Organizations, &c.Items); err != nil || c.Organizations == 0 {
		return c, err
	}
	w := &where{}
	w.visible(a, "o.id")
	var err error
	c.Examples, err = scanAll(ctx, t, func(r db.Row) (mainstay.CheckExample, error) {
		var e mainstay.CheckExample
		err := r.Scan(&e.ID, &e.Name, &e.Number)
		return e, err
	}, "SELECT o.id, o.name, q.n"+from+" AND "+w.sql()+" ORDER BY q.n DESC, o.id LIMIT "+w.arg(examples), w.args...)
	return c, err
}

// CountProtected counts the items with a keep flag and those under a legal hold
// now. It walks what is protected.
func (t *Tx) CountProtected(ctx context.Context) (kept, held int, err error) {
	err = t.QueryRow(ctx, "SELECT count(*) FILTER (WHERE keep), count(*) FILTER (WHERE hold_until > $1) FROM protection", int64(t.Now())).Scan(&kept, &held)
	return kept, held, err
}
