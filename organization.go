package mainstay

// Organization is the container of one client, vendor or the MSP itself.
// Fields: original-behaviour.md section 8.
var Organization = Kind{
	Name: "organization", Plural: "organizations", Label: "organization", Icon: "building",
	Types: true, Statuses: true, Syncs: true,
	Fields: []Field{
		{Name: "short_name", Label: "Short name", Type: Text, Synced: true, Max: 64},
		{Name: "description", Label: "Description", Type: LongText, OnlyHere: true},
		{Name: "phone", Label: "Phone", Type: Text, Synced: true, Max: 64},
		{Name: "fax", Label: "Fax", Type: Text, Synced: true, Max: 64},
		{Name: "website", Label: "Website", Type: Text, Synced: true},
		{Name: "quick_notes", Label: "Quick notes", Type: RichText, OnlyHere: true},
		{Name: "alert", Label: "Alert", Type: LongText, Max: 2000, OnlyHere: true},
	},
}
