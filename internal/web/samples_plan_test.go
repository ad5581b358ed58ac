package web

import (
	"mainstay"
	"mainstay/internal/store"
)

func samplePlan(w wordPair) mainstay.Plan {
	p := mainstay.Plan{ID: 1042, Action: mainstay.ActionDelete, Kind: "organization", Query: "sync status: orphaned", Seen: 12416, UserName: "Dana Whitfield", State: mainstay.PlanReview, Fingerprint: "f1",
		Friction: mainstay.FrictionBackup, Phrase: "delete 12,387 organizations", BackupID: 9, Created: minutesAgo(2), Expires: minutesAgo(-1400)}
	p.Counts = mainstay.PlanCounts{Matched: 12431, LinksRemoved: 14, Kinds: []mainstay.KindCount{{Kind: "organization", Apply: 12387, Held: 44, Hidden: 13}, {Kind: "contact", Apply: 16588, Held: 214}, {Kind: "location", Apply: 12466, Held: 61},
		{Kind: "configuration", Apply: 1702, Held: 172}, {Kind: "document", Apply: 0, Held: 58}}}
	for _, g := range []struct {
		name             string
		org, con, loc, c int
	}{{"Prospect", 8916, 11905, 8940, 979}, {"Lead", 3104, 4170, 3118, 260}, {"Vendor", 268, 402, 300, 231}, {w.name, 99, 111, 108, 232}} {
		for _, by := range []string{"type", "reason"} {
			p.Counts.Groups = append(p.Counts.Groups, mainstay.GroupCount{By: by, Group: g.name, Kind: "organization", Apply: g.org}, mainstay.GroupCount{By: by, Group: g.name, Kind: "contact", Apply: g.con},
				mainstay.GroupCount{By: by, Group: g.name, Kind: "location", Apply: g.loc}, mainstay.GroupCount{By: by, Group: g.name, Kind: "configuration", Apply: g.c})
		}
	}
	return p
}

// planLineSamples are items of a plan, wherever they are now.
func planLineSamples(w wordPair) []PlanRow {
	line := func(name, why string, held bool) store.PlanLine {
		return store.PlanLine{PlanItem: mainstay.PlanItem{ItemID: 1, Kind: "organization", Name: name, Held: held, Why: why}}
	}
	live, trashed, contact := line(w.name, "holds items that exist only here", true), line(w.other, "", false), line(w.name, "", false)
	live.Sync, trashed.Trashed, trashed.Outcome, contact.Kind, contact.Organization = mainstay.Orphaned, true, mainstay.OutcomeDone, "contact", w.other
	return []PlanRow{{PlanLine: live, URL: "/organizations/1", Change: "Type: " + w.name + " → " + w.other}, {PlanLine: trashed, URL: "/trash?q=x"}, {PlanLine: contact}, {PlanLine: line("", "", false)}}
}

func planSamples(w wordPair) []sample {
	at := []Crumb{{"Organizations", "/organizations"}, {"Orphaned", "/organizations?q=x"}}
	review := PlanPage{Page: samplePage("Deletion plan 1042", "organizations", at...), Plan: samplePlan(w), Heading: "Delete 12,387 orphaned organizations", By: "type", HeldMore: 40, Pause: 60, Days: 30, PSA: "ConnectWise",
		Held:     []mainstay.HeldBack{{ItemID: 5, Kind: "organization", Name: "Corvane Logistics", Items: 212, OnlyHere: 23, Why: "23 items exist only here"}, {ItemID: 6, Kind: "organization", Name: w.name, Items: 2, OnlyHere: 1, Why: w.text}, {ItemID: 7, Kind: "organization", Name: w.other, Items: 2, OnlyHere: 1, Why: "6 items exist only here"}, {ItemID: 8, Kind: "organization", Name: "Larkspur Veterinary", Items: 31, OnlyHere: 2, Why: "2 items exist only here"}},
		Included: []mainstay.HeldBack{{ItemID: 9, Kind: "organization", Name: w.name, Items: 9, OnlyHere: 9, Why: "9 items exist only here"}},
		Checks:   []Check{{State: "ok", Label: "Backup b-2291 taken and verified", Detail: "4 min ago · 2.1 GB"}, {State: "ok", Label: "Plan matches your data", Detail: "Checked again when you confirm"}, {State: "wait", Label: "A sync is running", Detail: w.text, Link: Link{"Show", "/x"}}}, Drifted: 2}
	blocked := review
	blocked.Blocked, blocked.Held, blocked.HeldMore, blocked.Included, blocked.Error, blocked.Typed = "More than 1,000 organizations needs an Administrator.", nil, 0, nil, "That phrase doesn't match.", w.name
	blocked.Plan.Created, blocked.Plan.Expires = minutesAgo(3000), minutesAgo(1500)
	held := blocked
	held.Plan.Counts, held.Held, held.Blocked, held.Error = mainstay.PlanCounts{Matched: 4, Kinds: []mainstay.KindCount{{Kind: "organization", Held: 4}}}, review.Held, review.allHeld(), ""
	held.Heading, held.Details = held.Plan.Title(), map[mainstay.ItemID]string{5: w.text, 6: w.name + " set by " + w.other + " on 3 Nov"}
	restore := review
	restore.Plan.Action, restore.Plan.Phrase, restore.Plan.Friction, restore.Heading, restore.By = mainstay.ActionRestore, "", mainstay.FrictionButton, "Restore 12,387 organizations", "reason"
	group := TrashGroup{Key: "1042", Heading: "Delete 1,204 duplicate contacts", Who: w.name, When: minutesAgo(7000), Count: 1204, PurgeAfter: minutesAgo(-7000), PlanURL: "/changes/1042", RestoreURL: "/trash/1042/restore", PurgeURL: "/trash/1042/purge"}
	later := group
	later.Key, later.Heading, later.PurgeAfter = "single", w.other, minutesAgo(-36000)
	rows := []TrashRow{{TrashEntry: mainstay.TrashEntry{ItemID: 1, Kind: "organization", Organization: w.other, Name: w.name, PlanID: 1042, DeletedBy: w.name, Deleted: minutesAgo(7000), PurgeAfter: minutesAgo(-7000), Inside: map[mainstay.KindName]int{"contact": 2, "location": 1}}, Plan: "Plan 1042", PlanURL: "/trash/1042", May: true},
		{TrashEntry: mainstay.TrashEntry{ItemID: 2, Kind: "contact", Organization: "x", Name: w.other, DeletedBy: w.other, Deleted: minutesAgo(7000), PurgeAfter: minutesAgo(-36000), OwnerTrashed: true}, Plan: "Single deletes", PlanURL: "/trash/single", May: true},
		{TrashEntry: mainstay.TrashEntry{ItemID: 3, Kind: "organization", Name: w.other, PlanID: 7, DeletedBy: w.other, Deleted: minutesAgo(7000), PurgeAfter: minutesAgo(-36000)}, Plan: "Plan 7", PlanURL: "/trash/7", Merge: true, May: true}}
	k := mainstay.Kinds()
	run := PlanRunPage{Page: samplePage("Delete 12,387 orphaned organizations", "jobs", Crumb{"Jobs", "/jobs"}), Plan: samplePlan(w), Heading: "Delete 12,387 orphaned organizations", Rate: 1911, LeftSeconds: 540, Trash: 26754, Days: 30, CanControl: true, Speed: sampleBars(),
		Backup: &mainstay.Backup{ID: 9, File: "b-2291.zip"}, Kinds: []KindProgress{{k[0], 7680, 12387}, {k[2], 10285, 16588}, {k[3], 7729, 12466}, {k[1], 1055, 1702}},
		Stages: []Stage{{"Queued", "done", "09:14"}, {"Backup checked", "done", "09:15"}, {"Plan rechecked", "done", "09:15"}, {"Deleting", "now", "batch 134"}, {"Finish", "", ""}},
		Log:    []LogLine{{minutesAgo(0), "batch 133: 200 items moved to Trash", false}, {minutesAgo(1), "skipped " + w.name + ": changed since the plan was made", true}}}
	run.Plan.State, run.Plan.Done, run.Plan.Skipped, run.Plan.Started, run.Plan.PurgeAfter, run.Plan.Message = mainstay.PlanRunning, 26754, 2, minutesAgo(14), minutesAgo(-43200), w.text
	starting, paused, done := run, run, run
	starting.Plan.State, starting.Plan.StartAt, starting.Plan.Done, starting.Plan.Skipped = mainstay.PlanStarting, minutesAgo(-1), 0, 0
	paused.Plan.State, done.Plan.State, done.Plan.Ended, done.Plan.Done = mainstay.PlanPaused, mainstay.PlanDone, now, 43141
	returned, restored := done, done
	returned.Trash, returned.Parts = 0, []store.PlanBack{{Plan: mainstay.Plan{ID: 1043, Action: mainstay.ActionRestore, Ended: now}, Items: 7}, {Plan: mainstay.Plan{ID: 1044, Action: mainstay.ActionPurge, Ended: now}, Items: 9}}
	restored.Plan.Action, restored.Plan.Origin, restored.Trash, restored.Orphans, restored.SettingsURL = mainstay.ActionRestore, 1042, 0, 2, "/account/integrations"
	restored.Restored = []mainstay.Item{{ID: 1, Kind: "organization", Name: w.name}, {ID: 2, Kind: "contact", Name: w.other}}
	merged, unlinked := done, done
	merged.Plan.Action, merged.Plan.Params.Merge, merged.Stays = mainstay.ActionMerge, &mainstay.MergeParams{SourceName: w.name, TargetName: w.other, Doubles: 2}, &restored.Restored[0]
	unlinked.Plan.Action, unlinked.Match, restored.Ticked = mainstay.ActionDisconnect, "/x", w.text
	lines := planLineSamples(w)
	review.Names, done.Names = PlanNames{Plan: 1042, Kind: "organization", Rows: lines, Total: 12387}, PlanNames{Plan: 1042, Kind: "organization", Rows: lines, Total: 4}
	listed := PlanItemsPage{Page: samplePage("Items of plan 1042", "jobs", Crumb{"Plan 1042", "/changes/1042"}), Plan: samplePlan(w), Kind: "organization", Query: w.name, Matches: 12387, Rows: lines, Pager: Pager{Total: 12387, Next: "/x"}}
	return []sample{
		{name: "plan-items", body: planItemsView(listed)},
		{name: "plan", body: planView(review)},
		{name: "plan-blocked", body: planView(blocked)},
		{name: "plan-held", body: planView(held)},
		{name: "plan-restore", body: planView(restore)},
		{name: "plan-starting", body: planRunView(starting)},
		{name: "plan-running", body: planRunView(run)},
		{name: "plan-paused", body: planRunView(paused)},
		{name: "plan-done", body: planRunView(done)},
		{name: "plan-merged", body: planRunView(merged)},
		{name: "plan-disconnected", body: planRunView(unlinked)},
		{name: "plan-returned", body: planRunView(returned)},
		{name: "plan-restored", body: planRunView(restored)},
		{name: "trash", body: trashView(TrashPage{Page: samplePage("Trash", "trash"), Groups: []TrashGroup{group, later}, Days: 30, Pager: Pager{Total: 2}})},
		{name: "trash-found", body: trashView(TrashPage{Page: samplePage("Trash", "trash"), Query: w.name, Found: rows, Matches: 3, Days: 30, Pager: Pager{Total: 3}})},
		{name: "trash-group", body: trashGroupView(TrashGroupPage{Page: samplePage("Delete 1,204 duplicate contacts", "trash", Crumb{"Trash", "/trash"}), Group: group, Query: w.name, Matches: 2, Error: w.text, Pager: Pager{First: 1, Last: 2, Total: 2},
			Items: rows})},
		{name: "trash-emptied", body: trashGroupView(TrashGroupPage{Page: samplePage("Merge "+w.name, "trash", Crumb{"Trash", "/trash"}), Group: group, Matches: 1, Pager: Pager{Total: 1}, Items: rows[:1],
			Emptied: &Note{Tone: "amber", Lead: "Its contents stay in " + w.other + ".", Text: w.text, Link: Link{"undo the merge", "/x"}}})},
	}
}
