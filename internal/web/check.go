package web

import "mainstay"

// ChecksPage walks through what to look at before a clean-up.
type ChecksPage struct {
	Page
	Checks []mainstay.Check
}

// lead says in one line what the checks found.
func (p ChecksPage) lead() Note {
	n := map[mainstay.CheckState]int{}
	for _, c := range p.Checks {
		n[c.State]++
	}
	switch mainstay.Worst(p.Checks) {
	case mainstay.CheckStop:
		return Note{Tone: "red", Lead: "Not yet.", Text: some(n[mainstay.CheckStop], "thing") + " to mend before you begin, and " + num(n[mainstay.CheckLook]) + " to look at."}
	case mainstay.CheckLook:
		return Note{Tone: "amber", Lead: "Look first.", Text: some(n[mainstay.CheckLook], "thing") + " to look at. Nothing stands in the way."}
	case mainstay.CheckGood:
	}
	return Note{Tone: "green", Icon: "shield-check", Lead: "All good.", Text: "Nothing stands in the way of a clean-up."}
}

// checkLook is the word, the tone and the icon of a check's state.
func checkLook(s mainstay.CheckState) (word, tone, icon string) {
	switch s {
	case mainstay.CheckStop:
		return "Mend first", "red", "alert-triangle"
	case mainstay.CheckLook:
		return "Look", "amber", "eye"
	case mainstay.CheckGood:
	}
	return "Good", "green", "check"
}

// checkExampleText names an organization with what it holds.
func checkExampleText(e mainstay.CheckExample) string {
	return e.Name + " (" + some(e.Number, "item") + " only here)"
}
