package web

import (
	"strconv"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// SelectionPage says what can be done with a selection of a list, and what each
// of it would leave out: POST /{kinds}/selection.
type SelectionPage struct {
	Page
	Kind   *mainstay.Kind
	Chosen store.Chosen
	What   string // "all that match sync status: orphaned"
	Fields []Hidden
	Ways   []SelectionWay
	Back   string
}

// SelectionWay is one thing to do with a selection.
type SelectionWay struct {
	Icon, Title string
	Text        []string
	Button      string
	Syncing     bool   // offers to take what still syncs as well
	Ticked      bool   // that offer was taken already
	Action      string // where the form goes; empty makes a plan to delete
	URL         string // a page in place of the form
}

// The things that the bar of a list does with a selection, as the address of the
// selection names them.
const (
	doEdit       = "edit"
	doProtect    = "protect"
	doDisconnect = "disconnect"
	doLeft       = "left" // the line that says what is left out
)

func selectionURL(k *mainstay.Kind, do string) string {
	if do == "" {
		return "/" + k.Plural + "/selection"
	}
	return "/" + k.Plural + "/selection?do=" + do
}

// bulkButton is one button of the bar.
type bulkButton struct{ Do, Label, Icon string }

// bulkButtons are what the bar offers for a kind, deletion and export apart.
func bulkButtons(k *mainstay.Kind) []bulkButton {
	var out []bulkButton
	if k.Types {
		out = append(out, bulkButton{doEdit, "Edit " + labelWords(k) + "…", "pencil"})
	}
	out = append(out, bulkButton{doProtect, "Protect…", "shield-lock"})
	if k.Syncs {
		out = append(out, bulkButton{doDisconnect, "Disconnect…", "unlink"})
	}
	return out
}

// labelWords names what an edit of a kind can set: "type or status".
func labelWords(k *mainstay.Kind) string {
	if k.Statuses {
		return "type or status"
	}
	return "type"
}

// labelsOwned names what a PSA owns of a kind: "type and status".
func labelsOwned(k *mainstay.Kind) string { return strings.Replace(labelWords(k), "or", "and", 1) }

// of begins a sentence about a part of a selection: "12 of 40" or "All 40".
func of(part, total int) string {
	switch {
	case total == 1:
		return "It"
	case part == total:
		return "All " + num(total)
	}
	return num(part) + " of " + num(total)
}

// verbFor is the form of a verb after of.
func verbFor(part, total int, one, many string) string {
	if part == 1 || total == 1 {
		return one
	}
	return many
}

// leftOut is the short line of the bar.
func leftOut(k *mainstay.Kind, c store.Chosen) string {
	var parts []string
	add := func(n int, one, many string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, num(n)+" "+many)
		}
	}
	add(c.Linked, "comes from the PSA", "come from the PSA")
	add(c.Syncing, "still syncs", "still sync")
	add(c.Protected, "is protected", "are protected")
	if k.Name == mainstay.Organization.Name {
		add(c.OnlyHere, "holds items only here", "hold items only here")
		add(c.Primary, "is your own", "are your own")
	} else {
		add(c.OnlyHere, "exists only here", "exist only here")
	}
	add(c.Hidden, "can't be opened by you", "can't be opened by you")
	return join(parts...)
}

// hiddenText tells of what the person can't open; empty where there is nothing.
func hiddenText(c store.Chosen) []string {
	if c.Hidden == 0 {
		return nil
	}
	return []string{num(c.Hidden) + " more " + verbFor(c.Hidden, 0, "is", "are") + " in organizations you can't open. The plan leaves " + themOrIt(c.Hidden) + " alone."}
}

func themOrIt(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// editText says what an edit can't change.
func editText(k *mainstay.Kind, c store.Chosen) []string {
	if c.Linked == 0 {
		return hiddenText(c)
	}
	owned := labelsOwned(k)
	return append([]string{
		of(c.Linked, c.Total) + " " + verbFor(c.Linked, c.Total, "comes", "come") + " from the PSA, so " + theirOrIts(c.Linked, c.Total) + " " + owned + " can't change here.",
		"Change " + themOrIt(c.Linked) + " in the PSA and the next sync brings it here. Or disconnect " + themOrIt(c.Linked) + " first, with Disconnect beside this button: then no sync changes " + themOrIt(c.Linked) + " any more.",
	}, hiddenText(c)...)
}

func theirOrIts(n, total int) string {
	if n == 1 || total == 1 {
		return "its"
	}
	return "their"
}

// protectText says what protection does, and what is protected already.
func protectText(k *mainstay.Kind, c store.Chosen) []string {
	text := "Plans that delete, disconnect or merge leave protected " + k.Plural + " alone."
	if k.Name == mainstay.Organization.Name {
		text = "Plans that delete, disconnect or merge leave protected organizations alone, with all that they hold."
	}
	out := []string{text}
	if c.Kept > 0 {
		out = append(out, of(c.Kept, c.Total)+" "+verbFor(c.Kept, c.Total, "is", "are")+" protected already.")
	}
	if c.Held > 0 {
		out = append(out, of(c.Held, c.Total)+" "+verbFor(c.Held, c.Total, "is", "are")+" under legal hold.")
	}
	return append(out, hiddenText(c)...)
}

// disconnectText says what disconnecting does, and what it leaves out.
func disconnectText(k *mainstay.Kind, c store.Chosen) []string {
	text := "The links with the PSA end, and every item stays here as Not linked. Undoing links them again as they were."
	if k.Name == mainstay.Organization.Name {
		text = "The links with the PSA end, those of the items inside as well, and everything stays here as Not linked. Undoing links them again as they were."
	}
	out := []string{text}
	if n := c.Total - c.Linked; n > 0 {
		out = append(out, of(n, c.Total)+" "+verbFor(n, c.Total, "has", "have")+" no link.")
	}
	if n := c.Linked - c.Free; n > 0 {
		out = append(out, of(n, c.Total)+" "+verbFor(n, c.Total, "is", "are")+" protected and "+verbFor(n, c.Total, "keeps its link.", "keep their links."))
	}
	return append(out, hiddenText(c)...)
}

// deleteText says what a deletion holds back. one says that the rows were ticked
// one by one.
func deleteText(k *mainstay.Kind, c store.Chosen, one bool) []string {
	out := []string{"Everything goes to Trash, after you reviewed the plan, and can be restored from there."}
	add := func(n int, verb, verbs, why string) {
		if n > 0 {
			out = append(out, of(n, c.Total)+" "+verbFor(n, c.Total, verb, verbs)+" "+why)
		}
	}
	org := k.Name == mainstay.Organization.Name
	add(c.Protected, "is", "are", "protected and "+verbFor(c.Protected, c.Total, "stays.", "stay."))
	add(c.Primary, "is", "are", "your own organization and "+verbFor(c.Primary, c.Total, "stays.", "stay."))
	switch {
	case org:
		add(c.Syncing, "still syncs", "still sync", "or "+verbFor(c.Syncing, c.Total, "holds", "hold")+" items that do, so "+verbFor(c.Syncing, c.Total, "it stays.", "they stay."))
		add(c.OnlyHere, "holds", "hold", "items that exist only here: held back unless you include "+themOrIt(c.OnlyHere)+" one by one.")
	case one:
		add(c.Syncing, "still syncs", "still sync", "and "+verbFor(c.Syncing, c.Total, "stays.", "stay."))
		add(c.OnlyHere, "exists", "exist", "only here: no PSA has a copy.")
	default:
		add(c.Syncing, "still syncs", "still sync", "and "+verbFor(c.Syncing, c.Total, "stays.", "stay."))
		add(c.OnlyHere, "exists", "exist", "only here: held back unless you include "+themOrIt(c.OnlyHere)+" one by one.")
	}
	return append(out, hiddenText(c)...)
}

// rowID is the place of a row in its list, to come back to.
func rowID(id mainstay.ItemID) string { return rowKey(strconv.FormatInt(int64(id), 10)) }

func rowKey(key string) string { return "row-" + key }
