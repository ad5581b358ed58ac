package web

import "mainstay"

// mergeSamples are the page that asks for the organization that stays, and a
// merge with everything on it and with nothing.
func mergeSamples(w wordPair) []sample {
	page := samplePage("Merge "+w.name, "organizations", Crumb{"Organizations", "/organizations"}, Crumb{w.name, "/organizations/3"}, Crumb{"Merge", ""})
	choose := MergePage{Page: page, Source: MergeOrganization{ID: 3, Name: w.name}, Find: w.text, Many: true,
		Found: []MergeFound{{MergeOrganization: MergeOrganization{ID: 9, Name: w.other, Sync: mainstay.Orphaned, Note: w.text, Items: 12, Company: "4471"}, URL: mergeURL(3, 9), Labels: w.name}}}
	none := choose
	none.Found, none.None = nil, "No other organization that you can open matches."
	full := MergePage{Page: page, Source: MergeOrganization{ID: 3, Name: w.name, Sync: mainstay.Syncing, Items: 46, Company: "30951"}, Target: MergeOrganization{ID: 9, Name: w.other, Sync: mainstay.Orphaned, Note: w.text},
		Fields: []MergeField{{Name: "name", Label: "Name", Texts: [2]string{w.name, w.other}, After: w.name, Owned: true}, {Name: "description", Label: "Description", Texts: [2]string{w.text, ""}, Side: mainstay.MergeSource},
			{Name: "quick_notes", Label: "Quick notes", Texts: [2]string{w.text, w.other}, Side: mainstay.MergeBoth, Joins: true, Error: "Both texts of Quick notes together are too long. Choose one of them."}},
		Renamed: w.other + " will be called " + w.name + ".", After: mainstay.MergeOutcome{Name: w.name, Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, Link: mainstay.MergeSource, Warning: w.text}, PSA: "ConnectWise PSA",
		Both: true, SourceLink: true, LinkText: "Nothing changes in the PSA.", Moves: "42 configurations and 4 documents move.", Children: 2, DoublesMore: 12,
		Doubles: []MergeDouble{{Source: Link{w.name, "/contacts/5"}, Target: Link{w.other, "/contacts/6"}, ID: 5, Kind: "Contact", Same: "e-mail address", Drop: true},
			{Source: Link{w.other, "/configurations/7"}, Target: Link{w.name, "/configurations/8"}, ID: 7, Kind: "Configuration", Same: "serial number", Stays: "it still syncs"}},
		Gain: w.name + " can open " + w.other + " only, and will see what moves into it.", Lose: w.other + " can open " + w.name + " only, and will no longer see what was in it.", Error: w.text}
	bare := full
	bare.Fields, bare.Both, bare.Doubles, bare.DoublesMore, bare.Gain, bare.Lose, bare.Error, bare.Held, bare.Children = nil, false, nil, 0, "", "", "", w.text, 0
	return []sample{{name: "merge-choose", body: mergeChooseView(choose)}, {name: "merge-none", body: mergeChooseView(none)}, {name: "merge", body: mergeView(full)}, {name: "merge-held", body: mergeView(bare)}}
}
