package web

import (
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// columns are the heads after the name; the first result is theirs, the second
// the name's own.
func (l listSpec) columns() ([]Column, Column) {
	name := l.sorted(capital(l.Kind.Label), store.ByName, store.ByNameDown)
	updated := l.sorted("Changed", store.ByUpdatedDown, store.ByUpdated)
	var cs []Column
	if l.Kind.Name != mainstay.Organization.Name && l.Organization == 0 {
		cs = append(cs, Column{Label: "Organization"})
	}
	if l.Kind.Types {
		cs = append(cs, Column{Label: "Type"})
	}
	if l.Kind.Statuses {
		cs = append(cs, Column{Label: "Status"})
	}
	if l.Kind.Syncs {
		cs = append(cs, Column{Label: "Sync"})
	}
	if l.Kind.Name == mainstay.Organization.Name {
		return append(cs, Column{Label: "Why"}, Column{Label: "Since"}, Column{Label: "Items", Right: true}, Column{Label: "Only here", Right: true}), name
	}
	return append(cs, updated), name
}

// sorted is a head that sorts one way, and the other way when used again.
func (l listSpec) sorted(label string, first, second store.Sort) Column {
	c := Column{Label: label, URL: l.url(l.Query, first, "")}
	up, down := "ascending", "descending"
	if strings.HasPrefix(string(first), "-") {
		up, down = down, up
	}
	switch l.Sort {
	case first:
		c.Sort, c.URL = up, l.url(l.Query, second, "")
	case second:
		c.Sort = down
	case store.ByName, store.ByNameDown, store.ByUpdated, store.ByUpdatedDown:
	}
	return c
}

func (l listSpec) rows(in []store.ListRow) []Row {
	out := make([]Row, len(in))
	for n, i := range in {
		out[n] = l.row(i)
	}
	return out
}

func (l listSpec) row(i store.ListRow) Row {
	org := i.Kind == mainstay.Organization.Name
	r := Row{ID: i.ID, Name: itemName(i.Item), URL: itemURL(i.Ref()), Sub: join(i.Type, i.Status)}
	if l.Kind.Syncs {
		r.Sync, r.Note = i.Sync, syncNote(i.Item)
	}
	if org {
		r.Only = i.OnlyHereItems
	} else {
		r.Icon = l.Kind.Icon
	}
	if !org && l.Organization == 0 {
		r.Sub = join(i.Organization, i.Type)
		r.Cells = append(r.Cells, Cell{Text: i.Organization, URL: organizationURL(i.OrganizationID)})
	}
	if l.Kind.Types {
		r.Cells = append(r.Cells, Cell{Text: i.Type})
	}
	if l.Kind.Statuses {
		r.Cells = append(r.Cells, Cell{Text: i.Status})
	}
	if l.Kind.Syncs {
		r.Cells = append(r.Cells, Cell{Sync: i.Sync, Note: r.Note})
	}
	if !org {
		r.Cells = append(r.Cells, Cell{At: i.Updated, Muted: true})
		return r
	}
	return r.with(Cell{Text: i.Reason.Label()}, Cell{At: i.Since, Muted: true}, Cell{Text: num(i.Items), Right: true},
		Cell{ShowOnly: true, Only: i.OnlyHereItems, Right: true})
}

func (r Row) with(cells ...Cell) Row {
	r.Cells = append(r.Cells, cells...)
	return r
}

// syncNote is the tooltip of a sync state.
func syncNote(i mainstay.Item) string {
	if i.Sync == mainstay.Orphaned {
		return strings.TrimSpace(sentence(i.Reason.Label()) + " " + i.SyncNote)
	}
	return i.SyncNote
}

// itemName is what to call an item in a list: a name made of fields can be empty.
func itemName(i mainstay.Item) string {
	if i.Name == "" {
		return "(no name)"
	}
	return i.Name
}

// itemURL is where an item lives.
func itemURL(ref mainstay.Ref) string {
	k, err := mainstay.KindNamed(string(ref.Kind))
	if err != nil {
		return "/"
	}
	return "/" + k.Plural + "/" + idText(ref.ID)
}

func organizationURL(id mainstay.ItemID) string { return "/organizations/" + idText(id) }
