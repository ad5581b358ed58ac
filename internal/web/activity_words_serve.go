package web

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// changeWords turns the ids of logged changes into names.
type changeWords struct {
	labels map[string]string
	items  map[string]string
}

// basics are the fields that every kind has, in the order of the form, by the
// names that the log gives them.
func basics() []mainstay.Field {
	return []mainstay.Field{
		{Name: "name", Label: "Name"}, {Name: "organization_id", Label: "Organization", Type: mainstay.RefTo}, {Name: "parent_id", Label: "Parent", Type: mainstay.RefTo},
		{Name: "type_id", Label: "Type"}, {Name: "status_id", Label: "Status"}, {Name: "primary", Label: "Primary"}, {Name: "archived", Label: "Archived"},
		{Name: change.FieldApart, Label: "Not the same as", Type: mainstay.RefTo},
		{Name: "sync", Label: "Sync"}, {Name: "reason", Label: "Why"}, {Name: "sync_note", Label: "Sync note"},
	}
}

// changeWordsOf looks up all names that some entries need, in one query. Items
// that the person may not see stay numbers.
func changeWordsOf(ctx context.Context, t *store.Tx, a mainstay.Actor, entries []mainstay.Activity, labels []mainstay.Label) (changeWords, error) {
	w := changeWords{labels: map[string]string{}, items: map[string]string{}}
	for _, l := range labels {
		w.labels[strconv.FormatInt(int64(l.ID), 10)] = l.Name
	}
	seen := map[mainstay.ItemID]bool{}
	var ids []mainstay.ItemID
	for _, e := range entries {
		for _, f := range fieldsOf(e.Kind) {
			c, changed := e.Changes[f.Name]
			if f.Type != mainstay.RefTo || !changed {
				continue
			}
			for _, text := range []string{c.Before, c.After} {
				if id, err := mainstay.ParseItemID(text); err == nil && !seen[id] {
					seen[id] = true
					ids = append(ids, id)
				}
			}
		}
	}
	known, err := t.KnownIDs(ctx, a, ids)
	for _, n := range known {
		w.items[idText(n.ID)] = n.Name
	}
	return w, err
}

// fieldsOf are all fields of a kind, in the order of the form.
func fieldsOf(kind mainstay.KindName) []mainstay.Field {
	k, err := mainstay.KindNamed(string(kind))
	if err != nil {
		return nil
	}
	return append(basics(), k.Fields...)
}

// rows are the changes of one entry in the order of the form.
func (w changeWords) rows(e mainstay.Activity) []ChangeRow {
	var out []ChangeRow
	for _, f := range fieldsOf(e.Kind) {
		if c, ok := e.Changes[f.Name]; ok {
			out = append(out, ChangeRow{Label: f.Label, Before: w.text(f, c.Before), After: w.text(f, c.After)})
		}
	}
	return out
}

// maxShown is the longest text of one side of a change that a page shows, in runes.
const maxShown = 200

// text writes one side of a change.
func (w changeWords) text(f mainstay.Field, s string) string {
	switch {
	case s == "":
		return "nothing"
	case f.Type == mainstay.RefTo:
		if name := w.items[s]; name != "" {
			return name
		}
		return "item " + s
	case f.Name == "type_id" || f.Name == "status_id":
		if name := w.labels[s]; name != "" {
			return name
		}
		return "label " + s
	case f.Name == "sync":
		return mainstay.SyncState(s).Label()
	case f.Name == "reason":
		return mainstay.Reason(s).Label()
	case s == "true":
		return "yes"
	case s == "false":
		return "no"
	case f.Type == mainstay.List:
		s = listText(f, s)
	}
	if rs := []rune(s); len(rs) > maxShown {
		return string(rs[:maxShown]) + "…"
	}
	return s
}

// listText writes the rows of a logged list field in a line. What was cut off
// is shown as it was stored.
func listText(f mainstay.Field, s string) string {
	var rows []mainstay.Row
	if json.Unmarshal([]byte(s), &rows) != nil {
		return s
	}
	var lines []string
	for _, r := range rows {
		var cells []string
		for _, c := range f.Cells {
			if c.Type != mainstay.Bool && r[c.Name] != "" {
				cells = append(cells, r[c.Name])
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "; ")
}
