package web

import (
	"github.com/a-h/templ"

	"mainstay"
)

// shell is how a page uses the layout.
type shell struct {
	canvas bool // grey behind cards
	live   bool // has a live part
}

// htmxConfig keeps htmx inside the content security policy. An error never takes
// the place of an element: app.js opens the address as a page, or says it failed.
const htmxConfig = `{"includeIndicatorCSS":false,"history":"reload","extensions":"sse","noSwap":[204,304,"4xx","5xx"]}`

// swap makes a link or form also replace one element by the fragment that the
// same address answers with. target is the element's id.
func swap(url, target string) templ.Attributes {
	if target == "" {
		return nil
	}
	return templ.Attributes{"hx-get": url, "hx-target": "#" + target, "hx-swap": "outerHTML", "hx-push-url": "true"}
}

// inDialog makes a link to a confirm page open it as a dialog.
func inDialog(url string) templ.Attributes {
	return templ.Attributes{"hx-get": url, "hx-target": "#dialog", "hx-swap": "innerHTML"}
}

// current is the aria-current attribute of a link to the present page.
func current(is bool) templ.Attributes {
	if is {
		return templ.Attributes{"aria-current": "page"}
	}
	return nil
}

// syncLook is the icon and the class of a sync state.
func syncLook(s mainstay.SyncState) (icon, class string) {
	switch s {
	case mainstay.Syncing:
		return "plug-connected", "sync--ok"
	case mainstay.Orphaned:
		return "plug", "sync--orphan"
	case mainstay.SyncDisabled:
		return "plug-off", "sync--off"
	case mainstay.SyncError:
		return "alert-triangle-filled", "sync--err"
	}
	return "unlink", "sync--none"
}

func syncIcon(s mainstay.SyncState) string  { i, _ := syncLook(s); return i }
func syncClass(s mainstay.SyncState) string { _, c := syncLook(s); return c }

// fillOf is the chart class of a sync state.
func fillOf(s mainstay.SyncState) string {
	switch s {
	case mainstay.Syncing:
		return "ok"
	case mainstay.Orphaned:
		return "orphan"
	case mainstay.SyncDisabled:
		return "off"
	case mainstay.SyncError:
		return "err"
	}
	return "none"
}

// tagClass is the class of a tag in a tone.
func tagClass(tone string) string {
	if tone == "" {
		return "tag"
	}
	return "tag tag--" + tone
}

// noteClass is the class of a note in a tone.
func noteClass(tone string) string {
	if tone == "" {
		return "note"
	}
	return "note note--" + tone
}

func (n Note) icon() string {
	switch {
	case n.Icon != "":
		return n.Icon
	case n.Tone == "red" || n.Tone == "amber":
		return "alert-triangle"
	case n.Tone == "orange":
		return "plug"
	case n.Tone == "green":
		return "check"
	}
	return "info-circle"
}

// toneIcon is the class of a round or square icon in a tone.
func toneIcon(tone string) string {
	if tone == "" {
		return "ic"
	}
	return "ic ic--" + tone
}

// shortcut is one line of the list of keys.
type shortcut struct {
	Label string
	Keys  []string
}

func shortcutKeys() []shortcut {
	return []shortcut{
		{"Search or run a command", []string{"Ctrl K"}},
		{"Go to the query bar", []string{"/"}},
		{"Next row, previous row", []string{"j", "k"}},
		{"Open the row", []string{"o"}},
		{"Select the row", []string{"x"}},
		{"Select from the last one to here", []string{"Shift X"}},
		{"Select the page; again: all that match", []string{"*", "a"}},
		{"Clear the selection, close", []string{"Esc"}},
		{"Plan the deletion of the selection", []string{"#"}},
		{"New here", []string{"n"}},
		{"Edit", []string{"e"}},
		{"Save the form", []string{"Ctrl Enter"}},
		{"Undo while its message shows", []string{"Ctrl Z"}},
		{"Dashboard", []string{"g", "d"}},
		{"Organizations", []string{"g", "o"}},
		{"Orphaned organizations", []string{"g", "u"}},
		{"Integrations", []string{"g", "i"}},
		{"Manage data", []string{"g", "m"}},
		{"Jobs", []string{"g", "j"}},
		{"Trash", []string{"g", "t"}},
		{"Recent records", []string{"g", "r"}},
		{"This list", []string{"?"}},
	}
}

// text says which rows a page shows.
func (g Pager) text(noun string) string {
	switch {
	case g.Total == 1:
		return "1 " + noun
	case g.First > 0 && g.Total >= 0:
		return num(g.First) + "–" + num(g.Last) + " of " + num(g.Total)
	case g.First > 0:
		return num(g.First) + "–" + num(g.Last)
	case g.Total >= 0:
		return some(g.Total, noun)
	}
	return ""
}

func (c Check) icon() string {
	switch c.State {
	case "ok":
		return "circle-check-filled"
	case "wait":
		return "clock"
	}
	return "alert-triangle-filled"
}
