package store

import (
	"context"
	"strings"

	"mainstay"
)

// minContains is the shortest text that is looked for inside of names.
const minContains = 2

// Search returns up to limit items of each kind whose name begins with a text,
// and, where there is room, those that contain it. The first is a walk in an
// index; the second stops early for what is frequent and walks the names of a
// kind for what is rare.
func (t *Tx) Search(ctx context.Context, a mainstay.Actor, text string, limit int) ([]mainstay.Item, error) {
	if mainstay.SearchKey(text) == "" {
		return nil, nil
	}
	return t.search(ctx, a, mainstay.Kinds(), text, limit)
}

// SearchKind is Search in one kind. The empty text gives the first items by name.
func (t *Tx) SearchKind(ctx context.Context, a mainstay.Actor, kind *mainstay.Kind, text string, limit int) ([]mainstay.Item, error) {
	return t.search(ctx, a, []*mainstay.Kind{kind}, text, limit)
}

func (t *Tx) search(ctx context.Context, a mainstay.Actor, kinds []*mainstay.Kind, text string, limit int) ([]mainstay.Item, error) {
	key := mainstay.SearchKey(text)
	found, err := t.searchBy(ctx, a, kinds, limit, func(w *where) {
		w.add("i.name_key >= ?", key)
		w.add("i.name_key < ?", key+"\U0010FFFF")
		w.add(`i.name_key LIKE ? ESCAPE '\'`, escapeLike(key)+"%")
	})
	if err != nil || len(key) < minContains || len(found) == limit*len(kinds) {
		return found, err
	}
	more, err := t.searchBy(ctx, a, kinds, limit, func(w *where) {
		w.add(`i.name_key LIKE ? ESCAPE '\'`, "%"+escapeLike(key)+"%")
	})
	return merged(found, more, limit), err
}

// searchBy runs one condition for every kind in one statement.
func (t *Tx) searchBy(ctx context.Context, a mainstay.Actor, kinds []*mainstay.Kind, limit int, cond func(*where)) ([]mainstay.Item, error) {
	w := &where{}
	var parts []string
	for _, k := range kinds {
		w.conds = nil
		w.add("i.kind = ?", string(k.Name))
		cond(w)
		w.visible(a, "i.organization_id")
		parts = append(parts, "SELECT * FROM (SELECT "+itemColumnsI+" FROM item i WHERE "+w.sql()+" ORDER BY i.name_key, i.id LIMIT "+w.arg(limit)+") AS "+string(k.Name))
	}
	return scanAll(ctx, t, scanItem, strings.Join(parts, " UNION ALL "), w.args...)
}

// merged puts the items of both lists together, kind by kind, the first list's
// before the second's and each item once.
func merged(first, second []mainstay.Item, limit int) []mainstay.Item {
	var out []mainstay.Item
	for _, k := range mainstay.Kinds() {
		n, seen := 0, map[mainstay.ItemID]bool{}
		for _, i := range append(first[:len(first):len(first)], second...) {
			if i.Kind == k.Name && !seen[i.ID] && n < limit {
				out, seen[i.ID] = append(out, i), true
				n++
			}
		}
	}
	return out
}
