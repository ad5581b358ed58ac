package web

import "mainstay"

func sampleDashboard(w wordPair) DashboardPage {
	in := sampleIntegration(w)
	runs := sampleRuns(w)
	k := mainstay.Kinds()
	card := IntegrationCard{Integration: in, LastRun: &runs[1], History: sampleBars(), HistoryText: "48 syncs, 47 succeeded"}
	other := card
	other.Integration.Name, other.Integration.State = w.name, mainstay.IntegrationFailed
	return DashboardPage{Page: samplePage("Dashboard", "dashboard"), Checked: minutesAgo(6), Integrations: []IntegrationCard{card, other}, SyncURL: "/account/integrations/1/sync", NewItems: []Link{{"Organization", "/organizations/new"}},
		Totals: []Tile{{Kind: k[0], URL: "/organizations", Total: 13306, States: states(812, 12431, 9, 6, 48)}, {Kind: k[1], URL: "/configurations", Total: 9640, States: states(7412, 1987, 31, 12, 198)}, {Kind: k[2], URL: "/contacts", Total: 24190, States: states(7105, 16848, 14, 3, 220)},
			{Kind: k[3], URL: "/locations", Total: 14020, States: states(1388, 12527, 2, 0, 103)}, {Kind: k[4], URL: "/documents", Total: 3418, Text: "21 changed this week"}},
		Attention: []Attention{{Icon: "plug", Tone: "orange", Title: "12,431 organizations are orphaned", Text: "11,982 have a type that no longer syncs. 41 hold documentation that exists only here.", Link: Link{"Review", "/organizations?q=x"}}, {Icon: "key", Tone: "red", Title: w.name + " can't sign in", Text: w.text, Link: Link{"Update key", "/x"}}, {Icon: "shield-check", Tone: "green", Title: "Backup verified", Text: "2.1 GB, 70,857 items.", Link: Link{"View backups", "/account/backups"}}},
		Recents:   []SearchResult{{"building", w.name, "Organization", "/organizations/1", "", nil}, {"file-text", w.other, "Document", "/documents/1", "", nil}}, Activity: sampleEvents(w)}
}

func accountSamples(w wordPair) []sample {
	k := mainstay.Kinds()
	fields := []FormField{{Name: "trash_days", Label: "Days in Trash", Type: "number", Value: "30", Min: 1, Max: 365, Unit: "days", Help: w.text, Error: "Use 1 to 365."}, {Name: "zone", Label: "Time zone", Type: "select", Options: []Option{{Value: "Europe/London", Label: w.name, Selected: true}}}}
	person := []FormField{{Name: "email", Label: "Email", Type: "email", Value: w.name, Required: true}, {Name: "all", Label: "Sees every organization", Type: "checkbox", Value: "true"}, {Name: "organization", Label: "Organizations", Type: "checks", Options: []Option{{Value: "1", Label: w.name, Selected: true, Help: w.text}, {Value: "2", Label: w.other}}, Error: "Choose up to 5."}, {Name: "password", Label: "Password", Type: "password", Auto: "new-password"}}
	reach := append(person[1:3:3], FormField{Name: "organization_name", Label: "Add an organization", Type: "suggest", Value: w.other, Suggest: "/search/names?kind=organizations", Help: w.text})
	person = append(person[:1:1], person[3])
	user := mainstay.User{ID: 2, Email: w.other, Name: w.name, Role: mainstay.Manager, LastSeen: minutesAgo(3), Disabled: true}
	boss := mainstay.User{ID: 1, Email: "dana@example.com", Name: "Dana Whitfield", Role: mainstay.Administrator, AllOrganizations: true}
	section := FormSection{Title: "Change password", Fields: []FormField{{Name: "old", Label: "Present password", Type: "password", Required: true, Auto: "current-password"}}}
	backup := mainstay.Backup{ID: 9, State: mainstay.BackupVerified, By: w.name, File: "mainstay-2026-11-23.zip", Size: 2_100_000_000, Items: 70857, Created: minutesAgo(30), Verified: minutesAgo(26), Encrypted: true}
	failed := mainstay.Backup{ID: 8, State: mainstay.BackupFailed, By: w.other, File: w.name, Message: "The disk is full. " + w.text, Created: minutesAgo(3000)}
	return []sample{
		{name: "dashboard", body: dashboardView(sampleDashboard(w))},
		{name: "jobs", body: jobsView(JobsPage{Page: samplePage("Jobs", "jobs"), Tabs: []Tab{{Label: "All", URL: "/jobs", Current: true}, {Label: "Running", URL: "/jobs?state=running", Count: 1, HasCount: true}}, Pager: Pager{Total: 2},
			Jobs: []JobRow{{"refresh", "Sync of " + w.name, "/x", "schedule", "Running", "accent", 62, "37,200 of 60,000 records", minutesAgo(3), 0, "/c", "", false}, {"trash", w.other, "/y", w.name, "Failed", "red", -1, w.text, minutesAgo(90), minutesAgo(80), "", "/r", false}}})},
		{name: "backups", body: backupsView(BackupsPage{Page: samplePage("Backups", "backups"), Last: &backup, Backups: []mainstay.Backup{backup, failed}, Folder: w.name, CanEncrypt: true, Error: w.text})},
		{name: "activity", body: activityView(ActivityPage{Page: samplePage("Activity", "activity"), Base: "/activity", Active: true, Pager: Pager{First: 1, Last: 2, Total: -1, Next: "/activity?before=1"},
			Filters: []FormField{{Name: "who", Label: "Who", Type: "text", Value: w.name}, {Name: "from", Label: "From", Type: "date"}, {Name: "kind", Label: "Kind", Type: "select", Options: selected(nil, "")}},
			Entries: []ActivityRow{{mainstay.Activity{At: minutesAgo(5), Who: w.name, Verb: "updated", Kind: k[0].Name, Name: w.other, Detail: w.text, Address: "10.0.0.5"}, "/organizations/1", Link{"Plan 8", "/changes/8"}, []ChangeRow{{"Phone", w.name, w.other}}}, {mainstay.Activity{At: minutesAgo(50), Who: "schedule", Verb: "orphaned", Name: w.name}, "", Link{}, nil}}})},
		{name: "users", body: usersView(UsersPage{Page: samplePage("Users", "users"), Users: []UserRow{{boss, 0, "/account/users/1"}, {user, 3, ""}}, NewURL: "/account/users/new"})},
		{name: "user-form", body: userFormView(UserFormPage{Page: samplePage("Edit user", "users", Crumb{"Users", "/account/users"}), Heading: "Edit " + w.name, Action: "/account/users/2", Fields: person, Reach: reach, Error: w.text, Button: "Save user", Back: "/account/users", DisableURL: "/account/users/2/disable", Roles: []RoleHelp{{"Manager", w.text}}})},
		{name: "settings", body: settingsView(AccountSettingsPage{Page: samplePage("Settings", "settings"), Heading: "Settings", Text: w.text, Action: "/account/settings", Sections: []FormSection{{"Safety", w.text, fields}}, Button: "Save settings"})},
		{name: "me", body: settingsView(AccountSettingsPage{Page: samplePage("Your account", ""), Heading: "Your account", Action: "/me", Sections: []FormSection{{Title: "Appearance", Fields: fields}}, Button: "Save", Password: &section, PasswordURL: "/me/password"})},
	}
}

// emptySamples are the pages of an installation in which nothing happened yet.
func emptySamples() []sample {
	p := func(title, active string) Page {
		q := samplePage(title, active)
		q.Job, q.Counts, q.Theme = nil, nil, "dark"
		q.Toasts = []Toast{{Text: "Settings saved.", Action: "Undo", URL: "/undo", Post: true}, {Text: "Sync didn't start.", Error: true, Action: "View", URL: "/x"}}
		return q
	}
	lite := p("Organizations", "organizations")
	lite.Actor = mainstay.Actor{UserID: 4, Name: "x", Role: mainstay.Lite}
	in := sampleIntegration(wordsOf("rich"))
	none := []ManageKind{{Kind: &mainstay.Organization, ViewURL: "/x"}}
	steps := []Step{{"Connect your PSA", "You choose what syncs before anything is added.", "done", Link{"Add integration", "/x"}}, {"Choose what syncs", "Tick types and statuses.", "now", Link{"Sync settings", "/x"}}, {"First sync", "", "", Link{}}}
	return []sample{
		{name: "empty-dashboard", body: dashboardView(DashboardPage{Page: p("Dashboard", "dashboard"), Checked: minutesAgo(1), Steps: steps})},
		{name: "empty-list", body: listView(ListPage{Page: lite, Kind: &mainstay.Organization, Base: "/organizations", Empty: &Empty{Icon: "plug", Title: "No organization matches.", Text: "Remove a filter, or find out why.", Links: []Link{{"Why isn't it here?", "/organizations/why?q=x"}}}})},
		{name: "empty-organization", body: organizationView(OrganizationPage{Page: p("New", "organizations"), Head: OrganizationHead{ID: 1, Name: "New", Sync: mainstay.NotLinked}})},
		{name: "empty-item", body: itemView(ItemPage{Page: p("Doc", "documents"), Kind: &mainstay.Document, Item: mainstay.Item{Name: "Doc", Kind: "document"}})},
		{name: "empty-form", body: itemFormView(ItemFormPage{Page: p("New document", "documents"), Kind: &mainstay.Document, Heading: "New document", Button: "Create document", Back: "/documents", Fields: kindFields(&mainstay.Document, nil, nil, nil, "")})},
		{name: "empty-integrations", body: integrationsView(IntegrationsPage{Page: p("Integrations", "integrations")})},
		{name: "empty-integration", body: integrationView(IntegrationPage{Page: p("PSA", "integrations"), Card: IntegrationCard{Integration: in}})},
		{name: "empty-sync-settings", body: syncSettingsView(SyncSettingsPage{Page: p("Sync settings", "integrations"), Integration: in, Tab: "organizations", Matrix: &Matrix{Kind: &mainstay.Organization}})},
		{name: "empty-manage-data", body: manageDataView(ManageDataPage{Page: p("Manage data", "integrations"), Integration: in, Group: "type", Kind: &mainstay.Organization, Orphaned: none, Disconnected: none})},
		{name: "empty-runs", body: runsView(RunsPage{Page: p("Sync log", "integrations"), Integration: in, Empty: &Empty{Title: "Nothing synced yet."}})},
		{name: "empty-run", body: runView(RunPage{Page: p("Run", "integrations"), Integration: in, Run: mainstay.Run{ID: 1, State: mainstay.RunQueued}, Percent: -1})},
		{name: "empty-plan", body: planView(PlanPage{Page: p("Plan", "organizations"), Heading: "Delete nothing", By: "type", Plan: mainstay.Plan{ID: 1, Action: mainstay.ActionDelete, Kind: "contact", State: mainstay.PlanReview, Expires: now.Add(1)}})},
		{name: "empty-plan-run", body: planRunView(PlanRunPage{Page: p("Plan", "jobs"), Heading: "Delete", Plan: mainstay.Plan{ID: 1, State: mainstay.PlanDiscarded}})},
		{name: "empty-trash", body: trashView(TrashPage{Page: p("Trash", "trash"), Days: 30})},
		{name: "empty-trash-group", body: trashGroupView(TrashGroupPage{Page: p("Trash", "trash"), Group: TrashGroup{Key: "single", Heading: "Single deletes"}})},
		{name: "empty-jobs", body: jobsView(JobsPage{Page: p("Jobs", "jobs"), Empty: &Empty{Icon: "progress", Title: "Nothing is running."}})},
		{name: "empty-backups", body: backupsView(BackupsPage{Page: p("Backups", "backups")})},
		{name: "empty-activity", body: activityView(ActivityPage{Page: p("Activity", "activity"), Base: "/activity"})},
		{name: "empty-search", body: searchView(SearchPage{Page: p("Search", ""), Query: "x"})},
		{name: "empty-search-results", fragment: true, body: searchResults(nil)},
		{name: "empty-pill", fragment: true, body: jobPill(p("x", ""))},
		{name: "pill", fragment: true, body: jobPill(samplePage("x", ""))},
	}
}
