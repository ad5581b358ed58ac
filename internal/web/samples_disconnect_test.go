package web

import "mainstay"

// disconnectSamples are the pages about ending links and taking them up again.
func disconnectSamples(w wordPair) []sample {
	at := []Crumb{{"Integrations", "/account/integrations"}, {w.name, "/account/integrations/1"}}
	m := managed{Page: samplePage("Disconnect", "integrations", at...), i: sampleIntegration(w)}
	m.i.Name = w.name
	m.i.Settings.Organizations = map[mainstay.Pair]bool{{Type: "7", Status: "1"}: true}
	c := manageClass{&mainstay.Organization, mainstay.TypeAxis, mainstay.Label{ID: 3, Kind: "organization", Axis: mainstay.TypeAxis, Name: w.other, IntegrationID: 1, ExternalID: "7"}}
	all := map[mainstay.KindName]int{"organization": 19, "contact": 82, "configuration": 64}
	n := classNumbers{all: all, seen: all, contents: all}
	n.effect.Orphan, n.effect.OnlyHereItems = all, 15
	on := m.disconnectPage(c, n, choiceDelete, w.text, "")
	n.off, n.seen, m.Actor.All = w.text, map[mainstay.KindName]int{"organization": 1}, false
	off := m.disconnectPage(c, n, "", "", w.text)
	remove := integrationEnd(m.i, all)
	remove.Page = m.Page
	remove.tick(choiceRemove)
	match := MatchPage{Page: samplePage("Match again", "integrations", at...), Integration: m.i, Kind: &mainstay.Organization, Total: 1234, Hidden: 13, First: "/x", Next: "/y", MayPlan: true,
		Tabs: []Tab{{Label: "Organizations", URL: "/x", Count: 1234, HasCount: true, Current: true}, {Label: "Contacts", URL: "/y", HasCount: true}},
		Rows: []MatchRow{{ID: "4471", Record: "Company 4471", RecordURL: "https://psa.example/4471", Name: w.name, Item: Link{w.other, "/organizations/3"}, Place: w.other, Ended: "Disconnected, by " + w.name, At: minutesAgo(90), Note: w.text, Plan: Link{"Plan 7", "/changes/7"},
			Changes: []ChangeRow{{"Phone", w.text, w.other}, {"Name", w.name, w.other}}},
			{ID: w.name, Record: "Company " + w.name, Name: w.other, Ended: "A new record", At: minutesAgo(9000), Missing: "Its item, " + w.name + ", lies in Trash.", TrashURL: "/trash"}}}
	held := match
	held.Rows, held.Holding, held.Kind, held.SyncURL = nil, 58, &mainstay.Contact, "/x"
	held.Empty, match.Holding = held.nothing(), 58
	look := match
	look.MayPlan = false
	one := match
	one.Rows, one.Only, one.Empty = nil, w.name, one.nothing()
	gone := m.i
	gone.ID, gone.Removed, gone.RemovedBy = 9, minutesAgo(3000), w.name
	row := RemovedRow{Integration: gone, Items: 60587, AgainURL: "/x"}
	keyless := IntegrationCard{Integration: m.i, Message: "It has no credentials.", Waiting: 3}
	keyless.Integration.Keyless, keyless.Integration.Paused = true, true
	ended := &EndedLink{Integration: w.name, Record: "Contact 99", Who: w.other, At: minutesAgo(90), Why: mainstay.EndedInside, Note: w.text, Waits: true, Rest: w.text, Next: Link{"Match again…", "/x"}, PlanURL: "/y"}
	item := mainstay.Item{ID: 3, Kind: "contact", OrganizationID: 1, Name: w.name, Sync: mainstay.NotLinked, Reason: mainstay.ReasonDisconnected}
	panel := &SyncPanel{State: mainstay.NotLinked, Since: minutesAgo(90), Ended: ended}
	plan := samplePlan(w)
	plan.Action, plan.Params = mainstay.ActionPause, mainstay.PlanParams{PSA: w.name, Class: &mainstay.Class{Kind: "organization", Axis: mainstay.TypeAxis, Name: w.other}, Note: w.text}
	plan.Counts.Groups = nil
	return append(oneSamples(w, m.Page, panel), []sample{
		{name: "disconnect", body: disconnectView(on)},
		{name: "disconnect-refused", body: disconnectView(off)},
		{name: "disconnect-integration", body: disconnectView(remove)},
		{name: "match", body: matchView(match)},
		{name: "match-look", body: matchView(look)},
		{name: "match-follows", body: matchView(held)},
		{name: "match-one", body: matchView(one)},
		{name: "integrations-removed", body: integrationsView(IntegrationsPage{Page: samplePage("Integrations", "integrations"), Integrations: []IntegrationCard{keyless}, Removed: []RemovedRow{row}})},
		{name: "integration-removed", body: integrationView(IntegrationPage{Page: samplePage(w.name, "integrations", at...), Card: IntegrationCard{Integration: gone}, Gone: &RemovedIntegration{RemovedRow: row, Kinds: []Link{{"19 organizations", "/x"}}, Plan: Link{"Plan 7", "/changes/7"}}, Runs: sampleRuns(w)})},
		{name: "item-ended", body: itemView(ItemPage{Page: samplePage(w.name, "contacts"), Kind: &mainstay.Contact, Item: item, Sync: panel, Notes: itemNotes(m.Page, item, panel)})},
		{name: "plan-pause", body: planView(PlanPage{Page: m.Page, Plan: plan, Heading: plan.Title(), By: "type", PSA: w.name})},
	}...)
}

// oneSamples are the pages that change how a single item follows its record.
func oneSamples(w wordPair, page Page, ended *SyncPanel) []sample {
	item := mainstay.Item{ID: 3, Kind: "contact", OrganizationID: 1, Name: w.name, Version: 4, Sync: mainstay.Syncing}
	syncs := sampleSync()
	syncs.AskDisableURL, syncs.DisableURL, syncs.Holds = "", "/contacts/3/sync/disable?version=4", false
	free := *ended
	free.MatchURL = "/contacts/3/match"
	apart := item
	apart.Sync, apart.Reason = mainstay.NotLinked, mainstay.ReasonDisconnected
	list := ItemMatchPage{Page: page, Item: item, Kind: &mainstay.Contact, Words: w.name, Many: true, Rows: []RecordRow{
		{Name: w.name, Record: "Contact 4471", RecordURL: "https://psa.example/4471", PSA: w.other, Labels: w.other, Hint: "This contact was linked with it before.", MatchURL: "/x"},
		{Name: w.other, Record: "Contact 99", PSA: w.other, Why: "It is linked with " + w.name + ". Keep that one, or disconnect it first.", Holder: Link{"Open " + w.name, "/contacts/9"}}}}
	none := list
	none.Rows, none.Many, none.Empty = nil, false, &Empty{Icon: "building", Title: "Its organization is linked with no company.", Text: w.text, Links: []Link{{"Open the organization", "/organizations/1"}}}
	preview := ItemMatchPreview{Page: page, Item: item, Kind: &mainstay.Contact, PSA: w.other, RecordURL: "https://psa.example/4471", Name: w.name, ID: "4471", From: 1, Back: "/x",
		Changes: []ChangeRow{{"Name", w.text, w.other}, {"Title", "nothing", w.text}}, Note: Note{Tone: "info", Text: w.text}, Out: w.text, Waits: Link{w.other, "/contacts/9"}, Error: w.text}
	blind := preview
	blind.Changes, blind.Out, blind.Waits, blind.Error, blind.Note = nil, "", Link{}, "", Note{Tone: "amber", Text: w.text}
	end := ConfirmPage{Page: page, Heading: "Disconnect " + w.name, Action: "/contacts/3/disconnect", Back: "/contacts/3", Button: "Disconnect 1 contact", Text: []string{w.text},
		Fields: []Hidden{{"version", "4"}}, Inputs: []FormField{{Name: "note", Label: "Reason, shown with the item", Type: "text"}}}
	return []sample{
		{name: "item-syncs", body: itemView(ItemPage{Page: page, Kind: &mainstay.Contact, Item: item, Sync: &syncs, DeleteReason: w.text})},
		{name: "item-free", body: itemView(ItemPage{Page: page, Kind: &mainstay.Contact, Item: apart, Sync: &free})},
		{name: "item-match", body: itemMatchView(list)},
		{name: "item-match-none", body: itemMatchView(none)},
		{name: "item-match-preview", body: itemMatchPreview(preview)},
		{name: "item-match-blind", body: itemMatchPreview(blind)},
		{name: "item-disconnect", body: confirmView(end)},
	}
}
