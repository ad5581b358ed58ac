package web

import "mainstay"

// duplicateSamples are the page of the duplicates with pairs, with pairs told
// apart, and without any.
func duplicateSamples(w wordPair) []sample {
	p := DuplicatesPage{Page: samplePage("Duplicates", "organizations", Crumb{"Organizations", "/organizations"}),
		Views:   []Tab{{Label: "To review", URL: duplicatesBase, Count: 312, HasCount: true, Current: true}, {Label: "Not the same", URL: duplicatesURL("", 0, true, ""), Count: 4, HasCount: true}},
		Reasons: []Tab{{Label: "All", URL: duplicatesBase, Count: 312, HasCount: true, Current: true}},
		Query:   w.name, States: duplicateStates(mainstay.Orphaned), Keep: []Hidden{{"reason", "name"}}, All: duplicatesBase,
		Of: &Link{w.other, duplicatesBase}, More: 3, Pager: Pager{First: 1, Last: 2, Total: 312, Next: duplicatesURL("", 0, false, "x")},
		Common: []DuplicateCommon{{"Name: " + w.name, 34, "/organizations?q=x"}, {"Phone: " + w.text, 1204, ""}}}
	for n, r := range mainstay.DuplicateReasons() {
		p.Reasons = append(p.Reasons, Tab{Label: r.Label(), URL: duplicatesURL(r, 0, false, ""), Count: 40 * n, HasCount: true})
	}
	card := DuplicateCard{A: 3, B: 9, Reasons: []string{"Same name", "Same web domain", "Same phone"}, Next: "pair-4-8",
		Sides: [2]DuplicateSide{{Name: w.name, URL: "/organizations/3", Type: "Client · Active", Sync: mainstay.Syncing, Items: 42, OnlyHere: 3, Changed: minutesAgo(9000), Own: true},
			{Name: w.other, URL: "/organizations/9", Type: w.text, Sync: mainstay.Orphaned, Note: w.text, Items: 1, Changed: minutesAgo(3), Archived: true}},
		Facts: []DuplicateFact{{"Web", [2]string{"https://www.harbor.example", "3 contacts at harbor.example"}, true}, {"Phone", [2]string{w.text, "+1 212 555 0142"}, true}, {"Short name", [2]string{"HSD", ""}, false}}}
	plain := card
	plain.A, plain.B, plain.Reasons, plain.Facts, plain.Next = 4, 8, []string{"Same name"}, nil, ""
	p.Pairs = []DuplicateCard{card, plain}
	apart := p
	told := card
	told.Told, told.Reasons = &mainstay.NotDuplicate{Who: w.name, At: minutesAgo(200)}, nil
	apart.Pairs, apart.Reasons, apart.Of, apart.Common = []DuplicateCard{told}, nil, nil, nil
	none := apart
	none.Pairs, none.Empty = nil, &Empty{Icon: "check", Title: "No duplicates.", Text: w.text, Links: []Link{{"Organizations", "/organizations"}}}
	return []sample{{name: "duplicates", body: duplicatesView(p)}, {name: "duplicates-apart", body: duplicatesView(apart)}, {name: "duplicates-none", body: duplicatesView(none)}}
}
