package web

import (
	"html/template"

	"mainstay"
)

// ItemPage is one item of a kind other than organization.
type ItemPage struct {
	Page
	Kind         *mainstay.Kind
	Item         mainstay.Item
	Type, Status string
	Organization Link
	Fields       []FieldView
	Notes        []Note
	Sync         *SyncPanel // nil for kinds that don't sync
	Related      []SearchGroup
	Activity     []Event
	EditURL      string
	DeleteURL    string // a confirm page; empty where it can't be deleted
	DeleteReason string // why not
	Protection   ProtectionCard
}

// ItemFormPage makes or changes one item. Without script every button is a
// submit: "save", "add" with a list's name, "remove" with "name.row".
type ItemFormPage struct {
	Page
	Kind    *mainstay.Kind
	Heading string
	Action  string
	Basics  []FormField // name, organization, type, status, parent, primary, archived
	Fields  []FormField // from kindFields
	Version int64       // 0 for a new item
	Error   string      // for the whole form
	// Conflict is set when the item changed while it was edited: what the other
	// version holds, by label, and the version to overwrite.
	Conflict *Conflict
	Note     *Note // why some fields can't be edited
	Back     string
	Button   string // "Save contact"
}

// Conflict shows the fields in which the stored item differs from the form.
type Conflict struct {
	Who     string
	At      mainstay.Time
	Version int64
	Fields  []ConflictField
}

// ConflictField is one field with both texts.
type ConflictField struct{ Label, Yours, Theirs string }

// fieldViews makes the texts of a kind's fields that have a value. refs are the
// links of fields that name another item; rich renders Markdown to sanitized HTML.
func fieldViews(k *mainstay.Kind, v mainstay.Values, refs map[string]Link, rich func(string) template.HTML) []FieldView {
	var out []FieldView
	for _, f := range k.Fields {
		val := v[f.Name]
		if val.Empty() {
			continue
		}
		fv := FieldView{Label: f.Label, Text: val.Text, Synced: f.Synced}
		switch f.Type {
		case mainstay.RefTo:
			fv.Text, fv.URL = refs[f.Name].Label, refs[f.Name].URL
		case mainstay.Bool:
			fv.Text = "Yes"
		case mainstay.LongText:
			fv.Long = true
		case mainstay.RichText:
			fv.Long, fv.HTML = true, rich(val.Text)
		case mainstay.URL:
			fv.URL = val.Text
		case mainstay.List:
			fv.Heads, fv.Rows = rowsView(f, val.Rows)
		}
		out = append(out, fv)
	}
	return out
}

// rowsView keeps the columns that have a value in some row.
func rowsView(f mainstay.Field, rows []mainstay.Row) (heads []string, cells [][]string) {
	cells = make([][]string, len(rows))
	for _, c := range f.Cells {
		used := false
		for _, r := range rows {
			used = used || r[c.Name] != ""
		}
		if !used {
			continue
		}
		heads = append(heads, c.Label)
		for i, r := range rows {
			text := r[c.Name]
			if c.Type == mainstay.Bool && text == "true" {
				text = "Yes"
			}
			cells[i] = append(cells[i], text)
		}
	}
	return heads, cells
}

// formVersion is the version that a save replaces: after a conflict, the one
// that the person has just been shown.
func (p ItemFormPage) formVersion() int64 {
	if p.Conflict != nil {
		return p.Conflict.Version
	}
	return p.Version
}
