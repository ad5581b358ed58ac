package journey

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"mainstay"
)

// wrong are the types that nobody meant to sync.
var wrong = []string{"Prospect", "Lead", "Vendor", "Former client"}

// The whole job at full size on SQLite, and in little on PostgreSQL: a wrong
// tick box, the orphans it leaves, a plan, Trash and back, by mouse.
func TestJourney_browser(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		companies, least := 0, 12_000
		if p.url != "" {
			companies, least = 1500, 1300
		}
		d := startDemo(t, p, companies, 15*time.Second)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		orphans := w.untick()
		if orphans < least {
			t.Errorf("%d organizations become orphaned, want at least %d", orphans, least)
		}
		w.sync(orphans)
		w.selectOrphans(orphans)
		w.review(orphans)
		moved := w.confirm()
		w.restore(moved, orphans)
		b.quiet()
		d.untouched(t)
	})
}

// walk is one person's way through a demo.
type walk struct {
	*tab
	demo
}

// untouched fails where anything was written to the PSA. The simulator counts
// and says it on its page.
func (d demo) untouched(t testing.TB) {
	t.Helper()
	answer, err := http.Get(d.psa)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`API requests so far: ([\d,]+)\. Writes by connected software: ([\d,]+)\.`).FindStringSubmatch(string(body))
	if m == nil {
		t.Fatalf("the PSA's page does not say what was written:\n%s", body)
	}
	if firstNumber(t, m[1]) == 0 || firstNumber(t, m[2]) != 0 {
		t.Errorf("the PSA counts %s requests and %s writes; want some and none", m[1], m[2])
	}
}

// arrive opens the printed link, which leads to the dashboard, and waits for the
// end of the first sync.
func (w walk) arrive() {
	w.t.Helper()
	w.open(w.link)
	w.has("Dashboard")
	w.until(`location.pathname === '/'`)
	w.nav("Jobs")
	for w.text(`document.querySelector('.jobpill') ? 'busy' : ''`) == "busy" {
		w.until(`document.readyState === 'complete' && !document.querySelector('.jobpill')`)
	}
	w.nav("Dashboard")
}

// settings goes from anywhere to the sync settings.
func (w walk) settings() {
	w.t.Helper()
	w.nav("Integrations")
	w.click("Actions")
	w.follow("Sync settings")
}

// untick takes the wrong types out of the settings and returns how many
// organizations the page says become orphaned.
func (w walk) untick() int {
	w.t.Helper()
	w.settings()
	w.has("No changes yet.")
	for n, name := range wrong {
		w.click("Sync every status of " + name)
		w.until(fmt.Sprintf(`document.querySelectorAll('td.chg-rem').length >= %d`, n+1))
	}
	w.until(`document.querySelector('#preview .box--or') && !document.querySelector('.htmx-request')`)
	boxes := w.text(`String(document.querySelectorAll('td.chg-rem').length)`)
	w.until(`document.querySelector('#preview .sub') && document.querySelector('#preview .sub').innerText.startsWith('` + boxes + ` ')`)
	w.until(`[...document.querySelectorAll('td.chg-rem')].every(td => td.querySelector('.d').textContent === (td.dataset.n > 0 ? '−' + td.querySelector('.num').textContent : ''))`)
	orphans := w.number("#preview .box--or .v")
	w.picture("sync-settings")
	w.click("Save settings")
	w.until(`document.querySelector('#over[open]')`)
	w.has("Save and orphan " + mainstay.Thousands(orphans) + " organizations")
	w.follow("Save settings")
	w.has("Settings saved")
	w.has("at the next full sync; none is scheduled")
	return orphans
}

// sync starts a sync by hand and waits until it is complete.
func (w walk) sync(orphans int) {
	w.t.Helper()
	w.nav("Integrations")
	w.click("Actions")
	w.follow("Sync now")
	w.until(`location.pathname.includes('/log/')`)
	w.done()
	w.has("Sync settings changed")
	w.has(mainstay.Thousands(orphans))
	w.nav("Integrations")
	w.click("Actions")
	w.follow("Manage data")
	w.has("Orphaned data")
}

// selectOrphans finds the orphans by typing, takes the page, then everything
// that matches, and plans their deletion.
func (w walk) selectOrphans(orphans int) {
	w.t.Helper()
	w.nav("Organizations")
	w.click("Search organizations")
	w.press("sync status: orphaned", kb.Enter)
	w.until(`new URL(location).searchParams.get('q') === 'sync status: orphaned' && document.querySelector('#q-help')`)
	if n := w.number("#q-help"); n != orphans {
		w.t.Errorf("%d organizations are orphaned; the settings said %d", n, orphans)
	}
	w.click("Select all 50 organizations on this page")
	w.until(`!document.querySelector('#offer').hidden`)
	if got := w.text(`document.querySelector('[data-bulk-n]').innerText`); got != "50 selected" {
		w.t.Errorf("the bar says %q after the page was taken", got)
	}
	w.click("Select all " + mainstay.Thousands(orphans) + " that match")
	w.until(`document.querySelector('[data-bulk-n]').innerText === '` + mainstay.Thousands(orphans) + ` selected'`)
	w.picture("organizations")
	w.follow("Plan deletion")
	w.until(`location.pathname.startsWith('/changes/')`)
}

// planned is what the page of a plan says: items that go, organizations that go
// and that are held back.
type planned struct{ items, organizations, held int }

func (w walk) planned() planned {
	w.t.Helper()
	return planned{
		items: w.number(".sum .stat:nth-child(1) .v"), held: w.number(".sum .stat:nth-child(2) .v"),
		organizations: w.number(".tree tbody tr:nth-child(1) .del"),
	}
}

// review compares the plan with what the settings promised and includes one
// organization that is held back.
func (w walk) review(orphans int) {
	w.t.Helper()
	before := w.planned()
	if before.organizations+before.held != orphans {
		w.t.Errorf("the plan deletes %d organizations and holds back %d; together that is not %d", before.organizations, before.held, orphans)
	}
	if before.held == 0 {
		w.t.Error("nothing is held back, though documents exist only here")
	}
	if n := w.number(".sum .stat:nth-child(4) .v"); n != 0 {
		w.t.Errorf("%d changes in the PSA", n)
	}
	w.picture("plan")
	w.click("Include…")
	w.until(`document.querySelector('#dialog dialog[open]')`)
	w.has("only here")
	w.follow("Include ")
	after := w.planned()
	if after.organizations != before.organizations+1 || after.held != before.held-1 {
		w.t.Errorf("including one turned %+v into %+v", before, after)
	}
	w.has("Included by you")
}

// confirm types the phrase, first with a wrong number, and waits until the plan
// is done. It returns how many items went to Trash.
func (w walk) confirm() int {
	w.t.Helper()
	phrase := w.text(`document.querySelector('.phrase').innerText`)
	number := digits.FindString(phrase)
	bad := strings.Replace(phrase, number, mainstay.Thousands(firstNumber(w.t, number)+1), 1)
	off := func() string { return w.text(`document.querySelector('#plan-go').getAttribute('aria-disabled')`) }
	w.click("To confirm, type")
	w.press(bad)
	if off() != "true" {
		w.t.Errorf("the button works after %q, though %q is asked for", bad, phrase)
	}
	w.clickOn(`document.querySelector('#plan-go')`, "the button that is off")
	w.click("To confirm, type")
	w.press(kb.End, strings.Repeat(kb.Backspace, len(bad)))
	w.press(strings.ToUpper(strings.ReplaceAll(phrase, ",", "")))
	if off() != "false" {
		w.t.Errorf("the button does not work after the phrase without its comma")
	}
	items := w.planned().items
	start := func() {
		w.t.Helper()
		w.leave(func() { w.clickOn(`document.querySelector('#plan-go')`, "the button that deletes") })
	}
	start()
	w.has("Nothing has happened yet.")
	w.follow("Cancel")
	w.click("To confirm, type")
	w.press(phrase)
	start()
	w.done()
	w.has(mainstay.Thousands(items) + " moved to Trash")
	w.picture("deleted")
	if left := w.orphaned(); left != w.held() {
		w.t.Errorf("%d organizations are still orphaned, but %d were held back", left, w.held())
	}
	return items
}

// orphaned asks the list how many organizations are orphaned.
func (w walk) orphaned() int {
	w.t.Helper()
	w.open(w.address() + "/organizations?q=sync+status%3A+orphaned")
	if w.text(`document.querySelector('#q-help') ? 'some' : ''`) == "" {
		return 0
	}
	return w.number("#q-help")
}

// held asks the list how many of the orphaned organizations hold things that
// exist only here.
func (w walk) held() int {
	w.t.Helper()
	w.open(w.address() + "/organizations?q=sync+status%3A+orphaned+only+here%3A+any")
	return w.number("#q-help")
}

func (w walk) address() string { return w.text(`location.origin`) }

// restore brings back two organizations with what hangs on them, and then the
// rest.
func (w walk) restore(moved, orphans int) {
	w.t.Helper()
	w.nav("Trash")
	w.follow("Restore some…")
	w.until(`document.querySelectorAll('[data-list] tbody .cb').length > 2`)
	w.clickOn(`document.querySelectorAll('[data-list] tbody .cb')[0]`, "the first box")
	w.clickOn(`document.querySelectorAll('[data-list] tbody .cb')[1]`, "the second box")
	w.follow("Restore these items")
	w.through()
	w.nav("Trash")
	w.restoreAll()
	if n := w.orphaned(); n != orphans {
		w.t.Errorf("%d organizations are orphaned after everything was restored, want %d", n, orphans)
	}
	w.nav("Trash")
	w.has("Trash is empty.")
}

// restoreAll chooses to restore a whole plan, in Trash or on its page, and says
// yes where it asks.
func (w walk) restoreAll() {
	w.t.Helper()
	w.click("Restore all ")
	w.until(`document.querySelector('#dialog dialog[open]')`)
	w.has("Nothing changes in your PSA.")
	w.leave(func() { w.clickOn(`document.querySelector('#dialog #confirm-go')`, "the button that restores all") })
	w.through()
}

// through confirms a restore where it asks, and waits for its end.
func (w walk) through() {
	w.t.Helper()
	w.until(`location.pathname.startsWith('/changes/')`)
	w.ready()
	if w.text(`document.querySelector('#plan-go') ? 'asks' : ''`) == "asks" {
		w.leave(func() { w.clickOn(`document.querySelector('#plan-go')`, "the button that restores") })
	}
	w.done()
}

// done waits for the end of the work whose page is open, as that page tells it.
func (w walk) done() {
	w.t.Helper()
	w.until(`/^(Done|Failed|Stopped|Held)/.test((document.querySelector('#live .pct .tag') || {}).innerText)`)
	w.ready()
	w.until(`document.querySelector('#live .pct .tag').innerText === 'Done'`)
}
