package journey

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// Issue 4, item 3: one item in the browser. A contact is synced now, switched off
// and on with the undo of the message, disconnected, found among the records of
// the PSA, compared and matched, and that is taken back; the greyed deletion says
// why and leads on.
func TestJourney_oneItem(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 60, time.Hour)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		w.nav("Contacts")
		w.leave(func() { w.clickOn(`document.querySelector('tbody .nm')`, "the first contact") })
		name := w.text(`document.querySelector('h1').innerText`)
		w.has("It can't be deleted while it syncs.")
		if off := w.text(`[...document.querySelectorAll('[aria-disabled=true]')].map(e => e.innerText.trim()).join()`); off != "Delete,Delete" {
			t.Errorf("greyed are %q", off)
		}
		w.follow("Sync now")
		w.has("Synced: nothing differs from the PSA")
		w.follow("Disable sync")
		w.has("Sync disabled for this contact")
		w.until(`document.querySelector('.sync--off')`)
		w.has("Delete…")
		w.follow("Undo")
		w.has("Sync enabled.")
		w.has("It can't be deleted while it syncs.")

		w.click("Disconnect…")
		w.until(`document.querySelector('dialog[open]')`)
		w.click("Reason, shown with the item")
		w.press("Left the company")
		w.follow("Disconnect 1 contact")
		w.has("Contact disconnected")
		w.has("Not linked")
		w.has("Left the company")
		w.follow("Match to a record…")
		w.has("This contact was linked with it before.")
		if first := w.text(`document.querySelector('tbody tr b').innerText`); first != name {
			t.Errorf("the first of the records is %q, not %q", first, name)
		}
		w.click("Name or id of the record")
		w.press("nobody is called this")
		w.leave(func() { b.press(kb.Enter) })
		w.has("No record has this name or id.")
		w.follow("Show all records")
		w.follow("Compare…")
		w.has("Compared with what ConnectWise PSA says right now.")
		w.has("Nothing differs")
		w.follow("Match 1 contact")
		w.has("Contact matched.")
		w.follow("Undo")
		w.has("The match was taken back")
		w.has("Not linked")
		w.nav("Activity")
		w.has(name)
		b.quiet()
		d.untouched(t)
	})
}
