package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// RecentIn returns the items inside an organization that changed last, itself
// left out. It reads the organization's items.
func (t *Tx) RecentIn(ctx context.Context, organization mainstay.ItemID, limit int) ([]mainstay.Item, error) {
	return scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE organization_id = $1 AND id <> $1 ORDER BY updated_at DESC, id DESC LIMIT $2",
		int64(organization), limit)
}

// OnlyHereKinds counts what exists only here in an organization, itself
// included, by kind.
func (t *Tx) OnlyHereKinds(ctx context.Context, organization mainstay.ItemID) (map[mainstay.KindName]int, error) {
	return t.countKinds(ctx, "SELECT kind, count(*) FROM item WHERE organization_id = $1 AND only_here GROUP BY kind", int64(organization))
}

// countKinds runs a query whose rows are a kind and a number.
func (t *Tx) countKinds(ctx context.Context, query string, args ...any) (map[mainstay.KindName]int, error) {
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[mainstay.KindName]int{}
	for rows.Next() {
		var k mainstay.KindName
		var n int
		if err := rows.Scan(&k, &n); err != nil {
			return nil, err
		}
		out[k] += n
	}
	return out, rows.Err()
}

// Choice is an item that a form offers.
type Choice struct {
	ID   mainstay.ItemID
	Kind mainstay.KindName
	Name string
}

// Choices returns the items of some kinds in an organization by name, up to
// limit of all kinds together, in one statement.
func (t *Tx) Choices(ctx context.Context, kinds []mainstay.KindName, organization mainstay.ItemID, limit int) ([]Choice, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	w := &where{}
	w.add("organization_id = ?", int64(organization))
	w.conds = append(w.conds, "kind IN "+list(w, kinds, func(k mainstay.KindName) any { return string(k) }))
	return scanAll(ctx, t, func(r db.Row) (Choice, error) {
		var c Choice
		err := r.Scan(&c.ID, &c.Kind, &c.Name)
		return c, err
	}, "SELECT id, kind, name FROM item WHERE "+w.sql()+" ORDER BY kind, name_key, id LIMIT "+w.arg(limit), w.args...)
}

// Referring returns the items of an organization that name an item in one of
// the fields, by name. It reads the items of that organization only.
func (t *Tx) Referring(ctx context.Context, i mainstay.Item, fields []string, limit int) ([]mainstay.Item, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	w := &where{}
	w.add("organization_id = ?", int64(i.OrganizationID))
	in := ""
	for n, f := range fields {
		if n > 0 {
			in += " OR "
		}
		in += `fields LIKE ` + w.arg(`%"`+escapeLike(f)+`":"`+idText(i.ID)+`"%`) + ` ESCAPE '\'`
	}
	w.conds = append(w.conds, "("+in+")")
	return scanAll(ctx, t, scanItem, "SELECT "+itemColumns+" FROM item WHERE "+w.sql()+" ORDER BY kind, name_key, id LIMIT "+w.arg(limit), w.args...)
}

// Named is a typed id with the name that it has now.
type Named struct {
	mainstay.Ref
	Name string
	Sync mainstay.SyncState
}

// Known returns those of the refs that are live and that the actor sees, in the
// order given.
func (t *Tx) Known(ctx context.Context, a mainstay.Actor, refs []mainstay.Ref) ([]Named, error) {
	ids := make([]mainstay.ItemID, len(refs))
	for n, r := range refs {
		ids[n] = r.ID
	}
	rows, err := t.KnownIDs(ctx, a, ids)
	byRef := map[mainstay.Ref]Named{}
	for _, n := range rows {
		byRef[n.Ref] = n
	}
	var out []Named
	for _, r := range refs {
		if n, ok := byRef[r]; ok {
			out = append(out, n)
		}
	}
	return out, err
}

// KnownIDs returns those of the ids that are live and that the actor sees.
func (t *Tx) KnownIDs(ctx context.Context, a mainstay.Actor, ids []mainstay.ItemID) ([]Named, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	w := &where{}
	w.conds = append(w.conds, "id IN "+list(w, ids, itemArg))
	w.visible(a, "organization_id")
	return scanAll(ctx, t, func(r db.Row) (Named, error) {
		var n Named
		err := r.Scan(&n.ID, &n.Kind, &n.Name, &n.Sync)
		return n, err
	}, "SELECT id, kind, name, sync FROM item WHERE "+w.sql()+" ORDER BY id", w.args...)
}
