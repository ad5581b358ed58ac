package mainstay

// Configuration is a device or another managed piece of hardware.
// Fields: original-behaviour.md sections 3.4 and 8.
var Configuration = Kind{
	Name: "configuration", Plural: "configurations", Label: "configuration", Icon: "server-2",
	Types: true, Statuses: true, Syncs: true, Columns: []string{"primary_ip"},
	Fields: []Field{
		{Name: "hostname", Label: "Hostname", Type: Text},
		{Name: "primary_ip", Label: "Primary IP", Type: IP, Synced: true},
		{Name: "mac_address", Label: "MAC address", Type: MAC, Synced: true},
		{Name: "default_gateway", Label: "Default gateway", Type: IP, Synced: true},
		{Name: "serial_number", Label: "Serial number", Type: Text, Synced: true},
		{Name: "asset_tag", Label: "Asset tag", Type: Text, Synced: true},
		{Name: "position", Label: "Position", Type: Text},
		{Name: "manufacturer", Label: "Manufacturer", Type: Text, Synced: true},
		{Name: "model", Label: "Model", Type: Text, Synced: true},
		{Name: "operating_system", Label: "Operating system", Type: Text, Synced: true},
		{Name: "operating_system_notes", Label: "Operating system notes", Type: LongText, OnlyHere: true},
		{Name: "location_id", Label: "Location", Type: RefTo, RefKind: "location", Synced: true},
		{Name: "contact_id", Label: "Contact", Type: RefTo, RefKind: "contact", Synced: true},
		{Name: "installed_at", Label: "Installed on", Type: Date, Synced: true},
		{Name: "installed_by", Label: "Installed by", Type: Text, Synced: true},
		{Name: "purchased_at", Label: "Purchased on", Type: Date, Synced: true},
		{Name: "purchased_by", Label: "Purchased by", Type: Text},
		{Name: "warranty_expires_at", Label: "Warranty expires on", Type: Date, Synced: true},
		{Name: "notes", Label: "Notes", Type: LongText, Synced: true},
		{Name: "interfaces", Label: "Interfaces", Type: List, OnlyHere: true, Cells: []Field{
			{Name: "name", Label: "Name", Type: Text, Required: true},
			{Name: "ip_address", Label: "IP address", Type: IP},
			{Name: "mac_address", Label: "MAC address", Type: MAC},
			{Name: "port", Label: "Port", Type: Text},
			{Name: "primary", Label: "Primary", Type: Bool},
			{Name: "notes", Label: "Notes", Type: Text},
		}},
	},
}
