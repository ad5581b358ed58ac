package web

import "mainstay"

// DeleteClassPage is the third way to disconnect a row of Manage data: all that
// came from it goes to Trash, through a plan.
type DeleteClassPage struct {
	Page
	Name   string // of the row: "Vendor"
	PSA    string
	Kind   *mainstay.Kind
	Counts map[mainstay.KindName]int // what would be looked at, with all that is inside
	Off    string                    // the sentence while bulk deletion is off; empty while it is on
	Action string
	Back   string
}

// facts are the numbers by kind.
func (p DeleteClassPage) facts() []Fact {
	var out []Fact
	for _, k := range mainstay.Kinds() {
		if n := p.Counts[k.Name]; n > 0 {
			out = append(out, Fact{Label: capital(k.Plural), Value: num(n)})
		}
	}
	return out
}

// texts say what happens, what follows and how it is taken back.
func (p DeleteClassPage) texts() []string {
	return []string{
		"Opens a deletion plan first. Nothing is deleted until you confirm it. " + p.Name + " stops syncing when you do, so that nothing returns.",
		"The plan holds back what exists only here, what is protected and what syncs by another type as well. Nothing changes in " + p.PSA + ".",
		"Everything goes to Trash. Restoring the plan brings all of it back and ticks " + p.Name + " again.",
	}
}
