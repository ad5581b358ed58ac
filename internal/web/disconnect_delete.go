package web

import "mainstay"

// deleteAllChoice is the third choice for a row of Manage data: all that came
// from it, with what lies inside, goes to Trash through a plan. off is the
// sentence while bulk deletion is off.
func (m *managed) deleteAllChoice(c manageClass, contents map[mainstay.KindName]int, off string) DisconnectChoice {
	out := DisconnectChoice{Key: choiceDelete, Title: "Permanently delete all data, including all related and child records", Danger: true, Button: "Continue to the deletion plan",
		Known: "“Permanently” is the word of other tools. Here everything goes to Trash and can be restored."}
	if off != "" {
		out.Off, out.OffLink = off, Link{"Data protection", protectionURL}
		return out
	}
	n := sumKinds(contents)
	out.Tag = Tag{"red", "trash", "Deletes " + some(n, "item")}
	out.Text = "Opens a deletion plan first. Nothing is deleted until you confirm it. It looks at " + inWords(contents) + "."
	out.Facts = []Fact{{Label: "Now", Value: capital(c.noun()) + " stops syncing when you confirm, so that nothing returns. The plan holds back what exists only here, what is protected and what syncs by another type as well."},
		{Label: "At the next full sync", Value: "Nothing. The records stay in " + m.i.Name + " as they are."},
		{Label: "To get it back", Value: "Everything goes to Trash. Restoring the plan brings all of it back and ticks " + c.noun() + " again."}}
	return out
}
