package web

import "mainstay"

// protectionSamples are the pages about deleting safely, and what the switch for
// bulk deletion adds to others.
func protectionSamples(w wordPair) []sample {
	b := mainstay.BulkDeletion{By: w.name, Reason: w.text, Since: minutesAgo(30), Until: minutesAgo(-600)}
	on := samplePage("Data protection", "protection")
	on.BulkDeletion = &b
	form := []FormField{{Name: "reason", Label: "Reason", Type: "textarea", Value: w.text, Required: true, Max: mainstay.MaxNote, Error: "Say why."}, {Name: "for", Label: "For", Type: "select", Options: DataProtectionPage{Page: on, Switch: b, On: true}.lasting(keepEnd)}}
	log := []Event{switchEvent(mainstay.Activity{At: minutesAgo(30), Who: w.name, Verb: "switched on", Name: mainstay.BulkDeletionName, Detail: w.text}), switchEvent(mainstay.Activity{At: minutesAgo(90), Who: "schedule", Verb: "ended", Name: mainstay.BulkDeletionName}),
		switchEvent(mainstay.Activity{At: minutesAgo(95), Who: w.other, Verb: "was refused", Name: mainstay.BulkDeletionName, PlanID: 7, Detail: w.text})}
	manager := on
	manager.Actor.Role = mainstay.Manager
	checks := []mainstay.Check{
		{Key: "backup", State: mainstay.CheckStop, Title: "There is no verified backup", Text: w.text, Number: -1, Unit: "hours", Link: "/account/backups", Act: "Backups"},
		{Key: "matched", State: mainstay.CheckLook, Title: w.name, Text: w.text, Number: 3, Unit: "organizations", Link: "/organizations", Act: "Show", Examples: []mainstay.CheckExample{{ID: 1, Name: w.other, Number: 1}, {ID: 2, Name: w.name, Number: 64}}},
		{Key: "held", State: mainstay.CheckGood, Title: "No sync is held", Text: w.text}}
	dashboard := sampleDashboard(w)
	dashboard.BulkDeletion, dashboard.Notices = &b, []mainstay.Notice{{ID: 4, At: minutesAgo(30), Text: w.text, Link: protectionURL}, {ID: 3, At: minutesAgo(90), Text: w.name}}
	plan := PlanPage{Page: on, Plan: samplePlan(w), Heading: "Delete 12,387 organizations", By: "type", Days: 30, Syncing: 120}
	plan.Plan.Params = mainstay.PlanParams{Syncing: true, Class: &mainstay.Class{Name: w.name}}
	plan.Plan.Counts.Kinds[0].Returning = 12
	refused := plan
	refused.SwitchedOff, refused.Blocked = w.text, w.text
	return []sample{
		{name: "data-protection-on", body: dataProtectionView(DataProtectionPage{Page: on, Switch: b, On: true, Form: form, Log: log, Error: w.text})},
		{name: "data-protection-off", body: dataProtectionView(DataProtectionPage{Page: manager, Off: w.text})},
		{name: "checks", body: checksView(ChecksPage{Page: samplePage("Before a clean-up", "protection"), Checks: checks})},
		{name: "dashboard-notices", body: dashboardView(dashboard)},
		{name: "plan-syncing", body: planView(plan)},
		{name: "plan-syncing-off", body: planView(refused)},
	}
}
