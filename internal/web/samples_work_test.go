package web

import (
	"html/template"

	"mainstay"
)

func sampleValues(w wordPair) mainstay.Values {
	return mainstay.Values{"first_name": {Text: w.name}, "title": {Text: w.other}, "notes": {Text: w.text + "\nmore"}, "important": {Text: "true"},
		"emails": {Rows: []mainstay.Row{{"value": "dana@example.com", "label": w.name, "primary": "true"}, {"value": w.other}}}, "location_id": {Text: "7"}}
}

func itemSamples(w wordPair) []sample {
	sync := sampleSync()
	sync.State, sync.Reason, sync.Note, sync.DisableURL, sync.EnableURL = mainstay.SyncDisabled, "Priya Nair turned syncing off", w.text, "", "/contacts/3/sync/enable"
	item := mainstay.Item{ID: 3, Kind: "contact", OrganizationID: 1, Name: w.name, Values: sampleValues(w), Version: 4, Created: minutesAgo(90000), Updated: minutesAgo(50), Sync: mainstay.SyncDisabled, SyncNote: w.text, OnlyHere: true, Archived: true}
	crumbs := []Crumb{{"Organizations", "/organizations"}, {w.other, "/organizations/1"}}
	page := samplePage(w.name, "contacts", crumbs...)
	view := ItemPage{Page: page, Kind: &mainstay.Contact, Item: item, Type: "Technical", Organization: Link{w.other, "/organizations/1"}, Sync: &sync,
		Notes: []Note{{Tone: "red", Lead: "Sync error.", Text: w.text}}, EditURL: "/contacts/3/edit", DeleteURL: "/contacts/3/delete", Activity: sampleEvents(w),
		Related: []SearchGroup{{"Configurations", []SearchResult{{"server-2", w.name, "Server", "/configurations/2", mainstay.Syncing, nil}}}}}
	view.Protection = ProtectionCard{Kind: view.Kind, Name: w.name, ProtectURL: "/contacts/3/protect", HoldURL: "/contacts/3/hold",
		Own: mainstay.Protection{Keep: true, KeepNote: w.text, KeepBy: w.name, KeepAt: minutesAgo(400), HoldUntil: minutesAgo(-90000), HoldNote: w.text, HoldBy: w.other, HoldAt: minutesAgo(30)}}
	free := view
	free.Protection.Own, free.Protection.Outer, free.Protection.Organization = mainstay.Protection{}, mainstay.Protection{Keep: true, KeepBy: w.name}, Link{w.other, "/organizations/1"}
	owner := TypePage{Page: page, Heading: "Type of " + w.name, Lead: w.text, Back: "/contacts#row-3", Labels: []Fact{{Label: "Type", Value: w.other}},
		Ways: []TypeWay{{Icon: "pencil", Title: "Change it in ConnectWise PSA", Text: w.text, Link: Link{"Open in ConnectWise PSA", "https://psa.example/3"}, Away: true},
			{Icon: "adjustments-horizontal", Title: "Stop syncing the type", Text: w.text, Link: Link{"Sync settings", "/account/integrations/1/sync-settings/contacts"}},
			{Icon: "unlink", Title: "Disconnect it", Text: w.text, Plan: []Hidden{{"id", "3"}}, Button: "Plan the disconnection"}}}
	rich := func(s string) template.HTML { return template.HTML(template.HTMLEscapeString(s)) }
	view.Fields = fieldViews(&mainstay.Contact, item.Values, map[string]Link{"location_id": {w.other, "/locations/7"}}, rich)
	form := ItemFormPage{Page: page, Kind: &mainstay.Contact, Heading: "Edit " + w.name, Action: "/contacts/3/edit", Version: 4, Back: "/contacts/3", Button: "Save contact", Error: "2 fields need a look.",
		Note:     &Note{Icon: "plug-connected", Text: "Fields that ConnectWise PSA owns can't be edited while it syncs."},
		Conflict: &Conflict{Who: w.name, At: minutesAgo(2), Version: 5, Fields: []ConflictField{{"Notes", w.text, w.other}}},
		Basics: []FormField{{Name: "organization", Label: "Organization", Type: "suggest", Suggest: "/search/names?kind=organizations", Value: w.other, Required: true},
			{Name: "type_id", Label: "Type", Type: "select", Options: selected([]Option{{Value: "1", Label: w.name}}, "1")}, {Name: "archived", Label: "Archived", Type: "checkbox"}}}
	form.Fields = kindFields(&mainstay.Contact, item.Values, map[string][]Option{"location_id": {{Value: "7", Label: w.other}}}, map[string]string{"notes": w.text, "emails": "An email is missing."}, "")
	locked := form
	locked.Conflict, locked.Error = nil, ""
	locked.Fields = kindFields(&mainstay.Contact, item.Values, map[string][]Option{"location_id": {{Value: "7", Label: w.other}}}, nil, "ConnectWise PSA owns this field while the contact syncs.")
	device := form
	device.Kind, device.Conflict, device.Error = &mainstay.Configuration, nil, ""
	device.Fields = kindFields(&mainstay.Configuration, mainstay.Values{}, nil, nil, "")
	confirm := ConfirmPage{Page: page, Heading: "Delete " + w.name, Text: []string{"It goes to Trash and can be restored until 23 December.", w.text}, Facts: []Fact{{"Kind", "Contact", ""}, {"Organization", w.other, "/organizations/1"}},
		List: []string{w.name, w.other}, Action: "/contacts/3/delete", Fields: []Hidden{{"version", "4"}}, Inputs: []FormField{{Name: "reason", Label: "Reason", Type: "text"}},
		Phrase: "delete 12,387 organizations", Error: w.text, Button: "Delete 1 contact", Danger: true, Stay: "Keep it", Back: "/contacts/3"}
	return []sample{
		{name: "organization", body: organizationView(sampleOrganization(w))},
		{name: "item", body: itemView(view)},
		{name: "item-kept-inside", body: itemView(free)},
		{name: "type", body: typeView(owner)},
		{name: "item-form", body: itemFormView(form)},
		{name: "item-form-locked", body: itemFormView(locked)},
		{name: "item-form-device", body: itemFormView(device)},
		{name: "confirm", body: confirmView(confirm)},
		{name: "confirm-dialog", fragment: true, body: confirmDialog(confirm)},
	}
}

func sampleIntegration(w wordPair) mainstay.Integration {
	return mainstay.Integration{ID: 1, Connector: "connectwise", Name: "ConnectWise PSA", State: mainstay.IntegrationOK, Settings: mainstay.Settings{Interval: 30}, NextFull: minutesAgo(-24)}
}

func sampleBars() []Bar {
	var out []Bar
	for i := range 48 {
		b := Bar{Value: (i*37)%90 + 1, Tone: "ok", Label: "09:04, 142 changes"}
		if i == 31 {
			b.Tone = "warn"
		}
		if i > 44 {
			b.Tone = "bad"
		}
		out = append(out, b)
	}
	return out
}

func sampleRuns(w wordPair) []RunRow {
	var out []RunRow
	for i, s := range []mainstay.RunState{mainstay.RunRunning, mainstay.RunComplete, mainstay.RunHeld, mainstay.RunFailed, mainstay.RunIncomplete, mainstay.RunCancelled, mainstay.RunRejected, mainstay.RunQueued} {
		r := mainstay.Run{ID: mainstay.RunID(90 - i), IntegrationID: 1, By: w.name, State: s, Created: minutesAgo(6 + 30*i), Started: minutesAgo(6 + 30*i), Ended: minutesAgo(5 + 30*i), Counts: mainstay.RunCounts{Created: 3, Updated: 136, Orphaned: i, Errors: i % 2}}
		if !s.Ended() {
			r.Ended = 0
		}
		out = append(out, RunRow{Run: r, Integration: "ConnectWise PSA", URL: runURL(r)})
	}
	return out
}

func sampleMatrix(w wordPair) *Matrix {
	m := &Matrix{Kind: &mainstay.Organization, Noun: "companies", Statuses: []MatrixHead{{"1", "Active"}, {"2", "Inactive"}, {"3", "On hold"}, {"4", w.name}}}
	for i, name := range []string{"", "Client", "Managed client", "Partner", "Vendor", "Prospect", w.other} {
		r := MatrixRow{ID: plain(i), Name: name, Total: 573 * i}
		if i == 0 {
			r.ID = ""
		}
		for j := range m.Statuses {
			on := i > 0 && i < 4 && j%2 == 0
			r.Cells = append(r.Cells, MatrixCell{On: on != (i == 2 && j == 1) != (i == 1 && j == 2), Was: on, Count: 514 * i / (j + 1)})
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

func syncSamples(w wordPair) []sample {
	in := sampleIntegration(w)
	runs := sampleRuns(w)
	card := IntegrationCard{Integration: in, LastRun: &runs[1], States: states(16717, 43793, 56, 21, 0), History: sampleBars(), HistoryText: "48 syncs, 47 succeeded"}
	failing, paused := card, card
	failing.Integration.ID, failing.Integration.Name, failing.Integration.State, failing.Message = 2, w.name, mainstay.IntegrationFailed, "The API key was rejected. Syncing stops until you update it; your data stays as it is."
	paused.Integration.ID, paused.Integration.Name, paused.Integration.Paused, paused.Integration.PausedBy, paused.Integration.PausedAt, paused.Message = 3, w.other, true, "Priya Nair", minutesAgo(900), "Nothing is orphaned while the whole integration is paused."
	at := []Crumb{{"Account", "/account/integrations"}, {"Integrations", "/account/integrations"}, {in.Name, "/account/integrations/1"}}
	settings := SyncSettingsPage{Page: samplePage("Sync settings", "integrations", at...), Integration: in, Tab: "organizations", Matrix: sampleMatrix(w), Version: 7, Counted: minutesAgo(6), CountURL: "/account/integrations/1/sync-settings/count",
		Preview: SettingsPreview{Changed: 2, Several: true, Orphan: 19, Start: 38, Noun: "organizations", Keep: 846, NextFull: minutesAgo(-24), OverLimit: true, SaveLabel: "Save and orphan 19 organizations",
			Kinds: []PreviewKind{{&mainstay.Organization, 38, 19}, {&mainstay.Configuration, 319, 64}, {&mainstay.Contact, 274, 0}},
			Notes: []Note{{Tone: "orange", Icon: "shield-lock", Lead: "2 of the 19", Text: "hold 4 documents that exist only here.", Link: Link{"See them", "/x"}}}}}
	contacts, schedule := settings, settings
	contacts.Tab, contacts.Matrix, contacts.Contacts, contacts.ContactsInPSA, contacts.Preview = "contacts", nil, true, 24190, SettingsPreview{}
	schedule.Tab, schedule.Matrix, schedule.Interval, schedule.Preview = "schedule", nil, 30, SettingsPreview{}
	k := mainstay.Kinds()
	manage := ManageDataPage{Several: true, Page: samplePage("Manage data", "integrations", at...), Integration: in, Group: "type", Kind: k[0], BackupURL: "/account/backups",
		Groups: []Tab{{Label: "By type", URL: "?group=type", Current: true}, {Label: "By status", URL: "?group=status"}}, Kinds: []Tab{{Label: "Organizations", URL: "?kind=organizations", Count: 827, HasCount: true, Current: true}, {Label: "Configurations", URL: "?kind=configurations", Count: 7455, HasCount: true}},
		Synced:       []ManageRow{{Label: "Client", ViewURL: "/x/rows/1", Count: 531, States: states(521, 0, 6, 4, 0), Active: true, PauseURL: "/x/rows/1/pause"}, {Label: w.name, ViewURL: "/x/rows/2", Count: 227, States: states(223, 0, 3, 1, 0), Active: true, PauseURL: "/x/rows/2/pause"}, {Label: w.other, ViewURL: "/x/rows/3", Count: 19, States: states(19, 0, 0, 0, 0), ResumeURL: "/x"}},
		Orphaned:     []ManageKind{{Kind: k[0], Count: 12431, Why: "11,982 type not synced · 381 deleted in ConnectWise", OnlyHere: 41, ViewURL: "/organizations?q=x", Plan: "sync status: orphaned"}, {Kind: k[1], Count: 1987, Why: w.text, ViewURL: "/x", Plan: "x"}},
		Disconnected: []ManageKind{{Kind: k[0], Count: 17, Why: w.text, ViewURL: "/x", Rest: w.text, Again: Link{"Sync settings", "/x"}}, {Kind: k[1], Count: 17, Why: w.text, ViewURL: "/x", Waiting: 3, Again: Link{"Match again…", "/x"}}}}
	run := RunPage{Page: samplePage("Run 90", "integrations", at...), Integration: in, Run: runs[0].Run, Percent: 62, Rate: 1830, LeftSeconds: 41, CanCancel: true, Stages: []Stage{{"Companies", "done", "13,306"}, {"Contacts", "now", "page 34"}, {"Locations", "", ""}, {"Configurations", "", ""}, {"Finish", "", ""}}}
	run.Run.Expected, run.Run.Counts.Seen, run.Run.Message = 60000, 37200, w.text
	held := run
	held.Run, held.Stages, held.CanCancel = runs[2].Run, nil, false
	held.Held = &HeldRun{Why: "12,387 of 13,306 organizations would be orphaned, more than 10 %.", Groups: []ReasonCount{{k[0], mainstay.ReasonType, 12000, 13306, "/x"}, {k[2], mainstay.ReasonParent, 24000, 0, ""}}, Sample: []mainstay.Candidate{{Name: w.name, Reason: mainstay.ReasonDeleted, Evidence: w.text}}, ListURL: "/x.csv", AcceptURL: "/a", RejectURL: "/r"}
	held.Problems = []RunProblemRow{{mainstay.RunProblem{Kind: "contact", ExternalID: "99", Name: w.name, Message: w.text}, ""}, {mainstay.RunProblem{Kind: "configuration", ExternalID: "1", Name: w.other, Message: "The serial number is used twice."}, "/configurations/1"}}
	held.MoreText, held.Orphaned = "and 120 more", held.Held.Groups
	held.Run.Counts = mainstay.RunCounts{Seen: 60106, Orphaned: 34582, OutOfScope: 38279, OutLinked: 34582, OutNew: 2202, OutWaiting: 1495, Waiting: 58, InTrash: 3, Errors: 1}
	form := IntegrationFormPage{Page: samplePage("Connect ConnectWise PSA", "integrations"), Connector: "ConnectWise PSA", Text: w.text, Action: "/account/integrations/new/connectwise", Back: "/account/integrations", Error: w.text,
		Fields: []FormField{{Name: "name", Label: "Name", Type: "text", Value: w.name, Required: true}, {Name: "opt.url", Label: "Address", Type: "url", Help: "For example https://api-na.myconnectwise.net", Error: "That address is inside your own network."}, {Name: "opt.private-key", Label: "Private key", Type: "password", Auto: "off"}},
		Test:   &TestResult{Message: "The key may not read configurations.", Instance: w.name, Checks: []Check{{State: "ok", Label: "Signed in"}, {State: "bad", Label: "Configurations", Detail: w.text}}}}
	return []sample{
		{name: "integrations", body: integrationsView(IntegrationsPage{Page: samplePage("Integrations", "integrations"), Integrations: []IntegrationCard{card, failing, paused}, Runs: runs, Available: []ConnectorCard{{"connectwise", "ConnectWise PSA", "Companies, configurations, contacts and sites.", "/account/integrations/new/connectwise"}}})},
		{name: "integration", body: integrationView(IntegrationPage{Page: samplePage(in.Name, "integrations"), Card: card, Facts: []Fact{{"Address", w.name, ""}}, Runs: runs, Held: &runs[2]})},
		{name: "integration-form", body: integrationFormView(form)},
		{name: "sync-settings", body: syncSettingsView(settings)},
		{name: "sync-settings-contacts", body: syncSettingsView(contacts)},
		{name: "sync-settings-schedule", body: syncSettingsView(schedule)},
		{name: "manage-data", body: manageDataView(manage)},
		{name: "runs", body: runsView(RunsPage{Page: samplePage("Sync log", "integrations", at...), Integration: in, Runs: runs, Pager: Pager{Total: 412, First: 1, Last: 8, Next: "/x"}})},
		{name: "run", body: runView(run)},
		{name: "run-held", body: runView(held)},
	}
}
