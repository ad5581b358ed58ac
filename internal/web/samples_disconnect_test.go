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
	look := match
	look.MayPlan = false
	one := match
	one.Rows, one.Only, one.Empty = nil, w.name, one.nothing()
	gone := m.i
	gone.ID, gone.Removed, gone.RemovedBy = 9, minutesAgo(3000), w.name
	row := RemovedRow{Integration: gone, Items: 60587, AgainURL: "/x"}
	keyless := IntegrationCard{Integration: m.i, Message: "It has no credentials.", Waiting: 3}
	keyless.Integration.Keyless, keyless.Integration.Paused = true, true
	ended := &EndedLink{Integration: w.name, Record: "Contact 99", Who: w.other, At: minutesAgo(90), Why: mainstay.EndedInside, Note: w.text, Waits: true, MatchURL: "/x", PlanURL: "/y"}
	item := mainstay.Item{ID: 3, Kind: "contact", OrganizationID: 1, Name: w.name, Sync: mainstay.NotLinked, Reason: mainstay.ReasonDisconnected}
	panel := &SyncPanel{State: mainstay.NotLinked, Since: minutesAgo(90), Ended: ended}
	plan := samplePlan(w)
	plan.Action, plan.Params = mainstay.ActionPause, mainstay.PlanParams{PSA: w.name, Class: &mainstay.Class{Kind: "organization", Axis: mainstay.TypeAxis, Name: w.other}, Note: w.text}
	plan.Counts.Groups = nil
	return []sample{
		{name: "disconnect", body: disconnectView(on)},
		{name: "disconnect-refused", body: disconnectView(off)},
		{name: "disconnect-integration", body: disconnectView(remove)},
		{name: "match", body: matchView(match)},
		{name: "match-look", body: matchView(look)},
		{name: "match-one", body: matchView(one)},
		{name: "integrations-removed", body: integrationsView(IntegrationsPage{Page: samplePage("Integrations", "integrations"), Integrations: []IntegrationCard{keyless}, Removed: []RemovedRow{row}})},
		{name: "integration-removed", body: integrationView(IntegrationPage{Page: samplePage(w.name, "integrations", at...), Card: IntegrationCard{Integration: gone}, Gone: &RemovedIntegration{RemovedRow: row, Kinds: []Link{{"19 organizations", "/x"}}, Plan: Link{"Plan 7", "/changes/7"}}, Runs: sampleRuns(w)})},
		{name: "item-ended", body: itemView(ItemPage{Page: samplePage(w.name, "contacts"), Kind: &mainstay.Contact, Item: item, Sync: panel, Notes: itemNotes(m.Page, item, panel)})},
		{name: "plan-pause", body: planView(PlanPage{Page: m.Page, Plan: plan, Heading: plan.Title(), By: "type", PSA: w.name})},
	}
}
