package web

import (
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

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

// row is one line of the list. On a phone its second line has the texts that
// come first among the chosen columns.
func (l listSpec) row(i store.ListRow, shown []listColumn, names map[mainstay.ItemID]store.Named) Row {
	r := Row{ID: i.ID, Name: itemName(i.Item), URL: itemURL(i.Ref())}
	if l.Kind.Syncs {
		r.Sync, r.Note = i.Sync, syncNote(i.Item)
	}
	if i.Kind == mainstay.Organization.Name {
		r.Only = i.OnlyHereItems
	} else {
		r.Icon = l.Kind.Icon
	}
	lines := make([]string, 0, phoneTexts)
	for _, c := range shown {
		cell := c.view(i, names)
		r.Cells = append(r.Cells, cell)
		if c.line && len(lines) < phoneTexts {
			lines = append(lines, cell.Text)
		}
	}
	r.Sub = join(lines...)
	return r
}

// phoneTexts is how many texts fit the second line of a row on a phone.
const phoneTexts = 2

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
