package journey

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"mainstay"
)

// The user guide (docs/guide), clicked through: what each page tells a person to
// do can be done, in its words, and its pictures are taken on the way.
func TestJourney_guide(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 300, time.Second)
		g := guided{walk{browser(t), d}}
		g.arrive()
		for _, page := range []struct {
			name string
			walk func()
		}{
			{"before a clean-up", g.checks}, {"a wrong tick box", g.wrongTickBox}, {"delete all orphans", g.deleteOrphans}, {"get it back", g.getItBack},
			{"change and protect many", g.changeAndProtect}, {"one item", g.oneItem}, {"merge", g.merge}, {"delete by type", g.deleteByType}, {"the three ways to disconnect", g.disconnect},
		} {
			t.Run(page.name, func(t *testing.T) {
				g.t = t
				page.walk()
				g.quiet()
			})
		}
		d.untouched(t)
	})
}

// guided is a person who reads the guide.
type guided struct{ walk }

// shot takes a picture for a guide.
func (g guided) shot(name string) {
	g.t.Helper()
	g.picture("guide/pictures/" + name)
}

// integration opens a page of the PSA's menu.
func (g guided) integration(name string) {
	g.t.Helper()
	g.nav("Integrations")
	g.click("Actions")
	g.follow(name)
}

func (g guided) checks() {
	g.nav("Data protection")
	g.follow("Before a clean-up")
	g.has("looked at")
	g.shot("checks")
}

func (g guided) wrongTickBox() {
	g.integration("Sync settings")
	for _, name := range wrong {
		g.click("Sync every status of " + name)
	}
	g.until(`document.querySelectorAll('td.chg-rem').length >= 4 && document.querySelector('#preview .box--or') && !document.querySelector('.htmx-request')`)
	boxes := g.text(`String(document.querySelectorAll('td.chg-rem').length)`)
	g.until(`document.querySelector('#preview .sub') && document.querySelector('#preview .sub').innerText.startsWith('` + boxes + ` ')`)
	g.shot("settings")
	g.click("Save settings")
	g.until(`document.querySelector('#over[open]')`)
	g.follow("Save settings")
	g.integration("Sync now")
	g.until(`location.pathname.includes('/log/')`)
	g.done()
}

func (g guided) deleteOrphans() {
	g.nav("Organizations")
	g.click("Search organizations")
	g.press("sync status: orphaned", kb.Enter)
	g.until(`new URL(location).searchParams.get('q') === 'sync status: orphaned' && document.querySelector('#q-help')`)
	orphans := g.number("#q-help")
	g.click("Select all 50 organizations on this page")
	g.click("Select all " + mainstay.Thousands(orphans) + " that match")
	g.shot("orphans")
	g.follow("Plan deletion")
	g.has("Held back")
	g.shot("orphans-plan")
	g.confirmed()
	g.has("moved to Trash")
	g.shot("orphans-done")
}

// confirmed types the phrase of the plan that is open, where it asks for one,
// chooses the button, and waits for the end.
func (g guided) confirmed() {
	g.t.Helper()
	if phrase := g.text(`(document.querySelector('.phrase') || {innerText: ''}).innerText`); phrase != "" {
		g.click("To confirm, type")
		g.press(phrase)
		g.until(`document.querySelector('#plan-go').getAttribute('aria-disabled') !== 'true'`)
	}
	g.leave(func() { g.clickOn(`document.querySelector('#plan-go')`, "the button of the plan") })
	g.done()
}

func (g guided) getItBack() {
	g.nav("Trash")
	g.shot("trash")
	g.follow("Restore some…")
	g.until(`document.querySelectorAll('[data-list] tbody .cb').length > 2`)
	g.clickOn(`document.querySelectorAll('[data-list] tbody .cb')[0]`, "the first box")
	g.shot("restore")
	g.follow("Restore these items")
	g.through()
	g.nav("Trash")
	g.restoreAll()
	g.nav("Trash")
	g.has("Trash is empty.")
}

func (g guided) deleteByType() {
	g.nav("Data protection")
	g.click("Reason")
	g.press("The year's clean-up")
	g.follow("Switch on bulk deletion")
	g.has("Bulk deletion of items that still sync is on")
	g.shot("switch")
	g.row("Managed client", "Delete all data…")
	g.follow("Continue to the deletion plan")
	g.has("Held back")
	g.shot("type-plan")
	g.confirmed()
	g.restoreAll()
	g.nav("Data protection")
	g.click("Switch off now")
	g.until(`!document.querySelector('.onbar')`)
}

// row opens an action of a type in Manage data.
func (g guided) row(name, action string) {
	g.t.Helper()
	g.integration("Manage data")
	g.clickOn(`[...document.querySelectorAll('tbody tr')].find(r => r.querySelector('.nm')?.innerText === '`+name+`').querySelector('summary')`, "the actions of "+name)
	g.follow(action)
}

func (g guided) disconnect() {
	g.row("Managed client", "Disconnect…")
	g.shot("disconnect")
	g.clickOn(`document.querySelectorAll('.opt input')[1]`, "the second way")
	g.follow("Plan to disconnect")
	g.shot("disconnect-plan")
	g.confirmed()
	g.settings()
	g.click("Sync every status of Managed client")
	g.until(`document.querySelector('#preview .sub') && !document.querySelector('.htmx-request')`)
	g.follow("Save settings")
	g.integration("Sync now")
	g.until(`location.pathname.includes('/log/')`)
	g.done()
	g.integration("Manage data")
	g.follow("Match again")
	g.has("Match again")
	g.shot("match")
}

func (g guided) changeAndProtect() {
	g.nav("Organizations")
	g.click("Select all 50 organizations on this page")
	g.until(`document.querySelector('#bulk-left').innerText !== ''`)
	g.shot("bar")
	g.click("Protect…")
	g.until(`document.querySelector('#dialog dialog[open]')`)
	g.has("Plans that delete, disconnect or merge")
	g.click("Close")
}

func (g guided) oneItem() {
	first := func(state string) {
		g.open(g.address() + "/organizations?q=sync+status%3A+" + state)
		g.leave(func() { g.clickOn(`document.querySelector('[data-list] tbody a.nm')`, "the first one") })
	}
	first("syncing")
	g.has("Sync now")
	first("orphaned")
	g.has("Orphaned")
	g.shot("one-item")
	g.has("Disconnect…")
}

// merge takes the first organization apart again after it was merged.
func (g guided) merge() {
	g.nav("Organizations")
	g.clickOn(`document.querySelectorAll('[data-list] tbody .cb')[0]`, "the first box")
	g.clickOn(`document.querySelectorAll('[data-list] tbody .cb')[1]`, "the second box")
	g.has("Merge these two organizations…")
	g.follow("Merge these two organizations…")
	g.has("After the merge")
	g.shot("merge")
	g.follow("Plan the merge")
	g.shot("merge-plan")
	g.confirmed()
	g.follow("Undo the merge")
	g.through()
}
