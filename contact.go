package mainstay

import "strings"

// Contact is a person at an organization.
// Fields: original-behaviour.md section 8.
var Contact = Kind{
	Name: "contact", Plural: "contacts", Label: "contact", Icon: "users",
	Types: true, Syncs: true, Columns: []string{"emails"},
	NameOf: func(v Values) string {
		return strings.TrimSpace(v.Text("first_name") + " " + v.Text("last_name"))
	},
	Fields: []Field{
		{Name: "first_name", Label: "First name", Type: Text, Required: true, Synced: true},
		{Name: "last_name", Label: "Last name", Type: Text, Synced: true},
		{Name: "title", Label: "Title", Type: Text, Synced: true},
		{Name: "location_id", Label: "Location", Type: RefTo, RefKind: "location", Synced: true},
		{Name: "important", Label: "Important contact", Type: Bool},
		{Name: "emails", Label: "Emails", Type: List, Synced: true, Cells: []Field{
			{Name: "value", Label: "Email", Type: Text, Required: true},
			{Name: "label", Label: "Label", Type: Text},
			{Name: "primary", Label: "Primary", Type: Bool},
		}},
		{Name: "phones", Label: "Phones", Type: List, Synced: true, Cells: []Field{
			{Name: "value", Label: "Phone", Type: Text, Required: true},
			{Name: "extension", Label: "Extension", Type: Text},
			{Name: "label", Label: "Label", Type: Text},
			{Name: "primary", Label: "Primary", Type: Bool},
		}},
		{Name: "notes", Label: "Notes", Type: LongText, OnlyHere: true},
	},
}
