package mainstay

// Location is a site of an organization.
// Fields: original-behaviour.md section 8.
var Location = Kind{
	Name: "location", Plural: "locations", Label: "location", Icon: "map-pin",
	Syncs: true, Columns: []string{"city", "phone"},
	Fields: []Field{
		{Name: "address_1", Label: "Address 1", Type: Text, Synced: true},
		{Name: "address_2", Label: "Address 2", Type: Text, Synced: true},
		{Name: "city", Label: "City", Type: Text, Synced: true},
		{Name: "region", Label: "Region", Type: Text, Synced: true},
		{Name: "postal_code", Label: "Postal code", Type: Text, Synced: true, Max: 32},
		{Name: "country", Label: "Country", Type: Text, Synced: true},
		{Name: "phone", Label: "Phone", Type: Text, Synced: true, Max: 64},
		{Name: "fax", Label: "Fax", Type: Text, Synced: true, Max: 64},
		{Name: "notes", Label: "Notes", Type: LongText, OnlyHere: true},
	},
}
