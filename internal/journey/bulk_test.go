package journey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// Issue 4, item 4: the pencil in Manage data's preview says who owns a type, offers
// what can be done instead, changes it as a plan once it is free, and Back comes to
// the same row at the same height.
func TestJourney_previewEdit(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 300, time.Second)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		w.nav("Integrations")
		w.click("Actions")
		w.follow("Manage data")
		w.follow("Prospect")
		w.until(`document.querySelectorAll('tr[id^=row-]').length > 30`)
		row := w.text(`document.querySelectorAll('tr[id^=row-]')[25].id`)
		pencil := fmt.Sprintf(`document.querySelector('#%s td.acts a')`, row)
		w.leave(func() { b.clickOn(pencil, "the pencil") })
		w.has("so its type and status can't change here")
		for _, way := range []string{"Change it in", "Open in", "Stop syncing the type", "Disconnect it"} {
			w.has(way)
		}
		w.follow("Back")
		w.until(`location.hash === '#` + row + `' && scrollY > 200`)
		at := w.text(`String(Math.round(scrollY))`)
		w.leave(func() { b.clickOn(pencil, "the pencil") })
		w.follow("Plan the disconnection")
		w.follow("Back")
		w.until(`location.hash === '#` + row + `' && Math.abs(scrollY - sessionStorage.getItem('at#` + row + `')) < 3`)
		if at == "0" {
			t.Error("the list did not scroll to the row")
		}
		b.quiet()
		d.untouched(t)
	})
}

// Issue 4, item 5: protecting from a list, a plan that leaves it alone, and lifting
// it, with the keyboard where keys do it.
func TestJourney_protect(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 300, time.Second)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		w.nav("Organizations")
		name := w.text(`document.querySelector('[data-list] tbody a.nm').innerText`)
		b.press("j", "x")
		w.until(`document.querySelector('[data-bulk-n]').innerText === '1 selected' && document.querySelector('#bulk-left').innerText !== ''`)
		b.press("p")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.has("Protect 1 organization")
		w.tabTo(`document.activeElement.name === 'note'`)
		b.press("Our oldest client")
		w.tabTo(`document.activeElement.id === 'confirm-go'`)
		w.leave(func() { b.press(kb.Enter) })
		w.has("Protected: 1 organization")
		w.until(`document.querySelector('tr .kept')`)
		w.leave(func() { b.clickOn(fmt.Sprintf(`%s(%q, '[data-list] a.nm')`, find, name), name) })
		w.has("Our oldest client")
		w.has("Plans leave it alone with all that it holds.")

		// A plan to disconnect it and the next one holds it back.
		w.nav("Organizations")
		b.press("j", "x", "j", "x")
		w.until(`document.querySelector('#bulk-left').innerText.includes('1 is protected')`)
		w.click("Disconnect…")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.has("1 of 2 is protected and keeps its link.")
		w.follow("Review the disconnection")
		w.until(`location.pathname.startsWith('/changes/')`)
		w.has("Held back")
		w.follow("Discard plan")

		// An Administrator sets a legal hold, and lifts both with a reason each.
		w.leave(func() { b.clickOn(fmt.Sprintf(`%s(%q, '[data-list] a.nm')`, find, name), name) })
		w.click("Lift protection…")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.follow("Lift protection")
		w.has("Protection lifted: 1 organization")
		w.click("Legal hold…")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.text(`(document.querySelector('#dialog [name=until]').value = '2999-12-31')`)
		w.click("Reason")
		b.press("Court order 12")
		w.follow("Set legal hold")
		w.has("Legal hold until")
		w.click("Lift legal hold…")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.click("Reason")
		b.press("Case closed")
		w.follow("Lift legal hold")
		w.has("Not protected.")
		w.nav("Activity")
		for _, said := range []string{"Lifted the legal hold on", "Case closed", "Set a legal hold on", "Court order 12", "Lifted the protection of"} {
			w.has(said)
		}
		b.quiet()
		d.untouched(t)
	})
}

// Issue 4, item 7: the bar for a page and for all that match, from what it leaves
// out to a plan of each action, and back.
func TestJourney_bulk(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 300, time.Second)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		for _, list := range []string{"Configurations", "Contacts"} {
			w.nav(list)
			kind := strings.ToLower(list)
			w.click("Select all 50 " + kind + " on this page")
			w.until(`document.querySelector('#bulk-left').innerText.includes('50 come from the PSA')`)
			w.click("Edit type")
			w.until(`document.querySelector('#dialog dialog[open]')`)
			w.has("All 50 come from the PSA")
			w.until(`!document.querySelector('#confirm-go')`)
			w.click("Close")
			w.click("Select all ")
			w.until(`document.querySelector('#sel-scope').value === 'all' && document.querySelector('[data-bulk-n]').innerText !== '50 selected'`)
			w.click("Disconnect…")
			w.until(`document.querySelector('#dialog dialog[open]')`)
			w.follow("Review the disconnection")
			w.until(`location.pathname.startsWith('/changes/')`)
			w.follow("Back")
			w.until(`location.pathname === '/` + kind + `'`)
		}
		w.click("Select all 50 contacts on this page")
		w.click("Protect…")
		w.until(`document.querySelector('#dialog dialog[open]')`)
		w.follow("Continue")
		w.has("Protect 50 contacts")
		w.follow("Discard plan")
		w.until(`location.pathname === '/contacts'`)
		b.quiet()
		d.untouched(t)
	})
}
