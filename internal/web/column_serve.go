package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// listColumn is one column that the lists of a kind can show.
type listColumn struct {
	key, label string
	usual      bool // shown until a person chooses
	right      bool // numbers
	line       bool // may stand in the second line of a row on a phone
	// first and second are the orders of its head; empty where it sorts nothing.
	first, second store.Sort
	cell          func(i store.ListRow) Cell
	// ref is in the place of cell where the column names another item; 0 for none.
	ref func(i store.ListRow) mainstay.ItemID
}

// listColumns are the columns that the lists of a kind can show after the name,
// in their order. They are made from the kind alone.
func listColumns(k *mainstay.Kind) []listColumn {
	org := k.Name == mainstay.Organization.Name
	var cs []listColumn
	if !org {
		cs = append(cs, listColumn{key: "organization", label: "Organization", usual: true, line: true,
			cell: func(i store.ListRow) Cell { return Cell{Text: i.Organization, URL: organizationURL(i.OrganizationID)} }})
	}
	if k.Types {
		cs = append(cs, textColumn("type", "Type", true, func(i store.ListRow) string { return i.Type }))
	}
	if k.Statuses {
		cs = append(cs, textColumn("status", "Status", true, func(i store.ListRow) string { return i.Status }))
	}
	for _, f := range k.Fields {
		if c, ok := fieldColumn(f); ok {
			c.usual = slices.Contains(k.Columns, f.Name)
			cs = append(cs, c)
		}
	}
	if k.Syncs {
		cs = append(cs, listColumn{key: "sync", label: "Sync", usual: true, cell: func(i store.ListRow) Cell { return Cell{Sync: i.Sync, Note: syncNote(i.Item)} }},
			textColumn("reason", "Why", org, func(i store.ListRow) string { return i.Reason.Label() }),
			listColumn{key: "since", label: "Since", usual: org, cell: func(i store.ListRow) Cell { return Cell{At: i.Since, Muted: true} }})
	}
	if org {
		cs = append(cs, listColumn{key: "items", label: "Items", usual: true, right: true, cell: func(i store.ListRow) Cell { return Cell{Text: num(i.Items), Right: true} }},
			listColumn{key: "only_here", label: "Only here", usual: true, right: true, cell: func(i store.ListRow) Cell { return Cell{ShowOnly: true, Only: i.OnlyHereItems, Right: true} }},
			listColumn{key: "parent", label: "Parent", line: true, ref: func(i store.ListRow) mainstay.ItemID { return i.ParentID }},
			yesColumn("primary", "Your own", func(i store.ListRow) bool { return i.Primary }))
	} else if k.Syncs {
		cs = append(cs, yesColumn("only_here", "Only here", func(i store.ListRow) bool { return i.OnlyHere }))
	}
	if k.Name == mainstay.Location.Name {
		cs = append(cs, yesColumn("primary", "Primary", func(i store.ListRow) bool { return i.Primary }))
	}
	return append(cs, yesColumn("archived", "Archived", func(i store.ListRow) bool { return i.Archived }),
		listColumn{key: "created", label: "Created", cell: func(i store.ListRow) Cell { return Cell{At: i.Created, Muted: true} }},
		listColumn{key: "updated", label: "Changed", usual: !org, first: store.ByUpdatedDown, second: store.ByUpdated,
			cell: func(i store.ListRow) Cell { return Cell{At: i.Updated, Muted: true} }})
}

func textColumn(key, label string, usual bool, text func(store.ListRow) string) listColumn {
	return listColumn{key: key, label: label, usual: usual, line: true, cell: func(i store.ListRow) Cell { return Cell{Text: text(i)} }}
}

func yesColumn(key, label string, is func(store.ListRow) bool) listColumn {
	return listColumn{key: key, label: label, cell: func(i store.ListRow) Cell {
		if is(i) {
			return Cell{Text: "Yes"}
		}
		return Cell{}
	}}
}

// fieldColumn is the column of a field; ok is false for a text of several lines,
// which no row has room for.
func fieldColumn(f mainstay.Field) (c listColumn, ok bool) {
	switch f.Type {
	case mainstay.LongText, mainstay.RichText:
		return c, false
	case mainstay.Bool:
		return yesColumn(f.Name, f.Label, func(i store.ListRow) bool { return i.Values.Text(f.Name) == "true" }), true
	case mainstay.RefTo:
		return listColumn{key: f.Name, label: f.Label, line: true, ref: func(i store.ListRow) mainstay.ItemID {
			id, err := mainstay.ParseItemID(i.Values.Text(f.Name))
			if err != nil {
				return 0
			}
			return id
		}}, true
	case mainstay.List:
		return textColumn(f.Name, f.Label, false, func(i store.ListRow) string { return mainRow(f, i.Values[f.Name].Rows) }), true
	case mainstay.Text, mainstay.Date, mainstay.URL, mainstay.IP, mainstay.MAC:
	}
	return textColumn(f.Name, f.Label, false, func(i store.ListRow) string { return i.Values.Text(f.Name) }), true
}

// mainRow is a list field in one cell: what comes first in its primary row, or
// else in its first one, and how many more rows there are.
func mainRow(f mainstay.Field, rows []mainstay.Row) string {
	if len(rows) == 0 {
		return ""
	}
	main := max(0, slices.IndexFunc(rows, func(r mainstay.Row) bool { return r["primary"] == "true" }))
	text := rows[main][f.Cells[0].Name]
	if more := len(rows) - 1; more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return text
}

// chosenColumns are the columns that a person sees in the lists of a kind; own
// says that they chose them. What was chosen and exists no more is left out.
func chosenColumns(ctx context.Context, t *store.Tx, a mainstay.Actor, k *mainstay.Kind) (chosen map[string]bool, own bool, err error) {
	text, own, err := t.Preference(ctx, a.UserID, change.ColumnsPreference(k.Name))
	chosen = map[string]bool{}
	for _, key := range strings.Split(text, ",") {
		chosen[key] = true
	}
	if !own {
		for _, c := range listColumns(k) {
			chosen[c.key] = c.usual
		}
	}
	return chosen, own, err
}

// table fills in the heads and the rows of a list, with the columns that this
// person chose, and what they can choose from.
func (l listSpec) table(ctx context.Context, t *store.Tx, p *ListPage, rows []store.ListRow) error {
	chosen, own, err := chosenColumns(ctx, t, p.Actor, l.Kind)
	if err != nil {
		return err
	}
	pick := &ColumnChooser{Action: "/" + l.Kind.Plural + "/columns", Back: p.Path, Own: own}
	var shown []listColumn
	for _, c := range listColumns(l.Kind) {
		switch on := chosen[c.key]; {
		case l.Organization != 0 && c.key == "organization":
			if on {
				pick.Kept = append(pick.Kept, c.key)
			}
			continue
		case on:
			shown = append(shown, c)
		}
		pick.Choices = append(pick.Choices, ColumnChoice{Key: c.key, Label: c.label, On: chosen[c.key]})
	}
	names, err := refNames(ctx, t, p.Actor, shown, rows)
	if err != nil {
		return err
	}
	p.Name = l.sorted(capital(l.Kind.Label), store.ByName, store.ByNameDown)
	for _, c := range shown {
		head := Column{Label: c.label, Right: c.right}
		if c.first != "" {
			head = l.sorted(c.label, c.first, c.second)
		}
		p.Columns = append(p.Columns, head)
	}
	p.Rows = make([]Row, len(rows))
	for n, i := range rows {
		p.Rows[n] = l.row(i, shown, names)
	}
	if len(rows) > 0 {
		p.Chooser = pick
	}
	return nil
}

// refNames are the items that columns of the rows name, those that the person
// may see, in one query.
func refNames(ctx context.Context, t *store.Tx, a mainstay.Actor, shown []listColumn, rows []store.ListRow) (map[mainstay.ItemID]store.Named, error) {
	var ids []mainstay.ItemID
	for _, c := range shown {
		if c.ref == nil {
			continue
		}
		for _, i := range rows {
			if id := c.ref(i); id != 0 {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	known, err := t.KnownIDs(ctx, a, slices.Compact(ids))
	out := make(map[mainstay.ItemID]store.Named, len(known))
	for _, n := range known {
		out[n.ID] = n
	}
	return out, err
}

// view is the cell of a row.
func (c listColumn) view(i store.ListRow, names map[mainstay.ItemID]store.Named) Cell {
	if c.ref == nil {
		return c.cell(i)
	}
	n, ok := names[c.ref(i)]
	if !ok {
		return Cell{}
	}
	return Cell{Text: n.Name, URL: itemURL(mainstay.Ref{Kind: n.Kind, ID: n.ID})}
}

// saveColumns keeps the columns that a person chose for the lists of a kind.
func (s *Web) saveColumns(w http.ResponseWriter, r *http.Request, k *mainstay.Kind) error {
	if err := form(r); err != nil {
		return err
	}
	a, ctx := auth.Actor(r.Context()), r.Context()
	var err error
	if r.PostForm.Get("do") == "reset" {
		err = s.Changes.ResetColumns(ctx, a, k)
	} else {
		var chosen []string
		for _, c := range listColumns(k) {
			if slices.Contains(r.PostForm["column"], c.key) {
				chosen = append(chosen, c.key)
			}
		}
		err = s.Changes.ChooseColumns(ctx, a, k, chosen)
	}
	if err != nil {
		return err
	}
	back := auth.SafeNext(r.PostForm.Get("back"))
	if back == "/" {
		back = "/" + k.Plural
	}
	return redirect(w, r, back)
}
