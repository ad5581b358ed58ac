package journey

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// look is the folder for a picture of every page, for a person to look at.
var look = flag.String("look", "", "write a picture of every page, theme and width to this folder")

// most is how much a page may weigh, in bytes as they are sent, without fonts.
const most = 40 << 10

// weigh adds up what a page loads, as it is sent: the page, styles, scripts and
// pictures, without fonts.
const weigh = `performance.getEntries().filter(e => e.entryType === 'navigation' || (e.entryType === 'resource' && !e.name.endsWith('.woff2'))).reduce((sum, e) => sum + e.encodedBodySize, 0)`

// sticksOut is how many pixels a page is wider than its window.
const sticksOut = `document.documentElement.scrollWidth - document.documentElement.clientWidth`

// widest names the elements that stick out.
const widest = `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 4).map(e => e.tagName + '.' + e.className).join(', ')`

// The rules of accessibility: WCAG 2.0 to 2.2, A and AA, and what is good
// practice. A theme changes colors and nothing else.
const (
	allRules = `{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}`
	contrast = `{runOnly: {type: 'rule', values: ['color-contrast']}}`
)

// findings are what axe says about the page.
func (b *tab) findings(rules string) []string {
	b.t.Helper()
	const run = `axe.run(document, %s).then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message).join(' | ')))`
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]string](fmt.Sprintf(run, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// visit opens a page and looks at it: on a wide window and a phone, in both
// themes. axe is its source.
func (b *tab) visit(t *testing.T, v visit, origin, axe string) {
	b.t = t
	b.told()
	b.open(origin + v.address)
	if status := b.text(`String(performance.getEntriesByType('navigation')[0].responseStatus)`); status != strconv.Itoa(v.status) {
		t.Errorf("%s answers %s, want %d", v.address, status, v.status)
	}
	var bytes int
	if err := b.tell(weigh, &bytes); err != nil || bytes > most || bytes == 0 {
		t.Errorf("the page weighs %d bytes, more than %d: %v", bytes, most, err)
	}
	b.inspect(t, v.name, axe)
	for _, p := range b.told() {
		if v.status == http.StatusOK || !strings.Contains(p, v.address) {
			t.Errorf("the console says: %s", p)
		}
	}
}

// inspect looks at the page as it is.
func (b *tab) inspect(t *testing.T, name, axe string) {
	t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](axe + ";undefined"))
	for _, width := range []int64{1280, 390, 320} {
		b.do(chromedp.EmulateViewport(width, 900))
		if over := b.text(`String(` + sticksOut + `)`); over != "0" {
			t.Errorf("%d wide: %s px too wide: %s", width, over, b.text(widest))
		}
		if width == 320 {
			continue
		}
		for _, theme := range []string{"light", "dark"} {
			rules := allRules
			if theme == "dark" {
				rules = contrast
			}
			b.text(fmt.Sprintf(`document.documentElement.dataset.theme = %q`, theme))
			for _, f := range b.findings(rules) {
				t.Errorf("%d wide, %s: %s", width, theme, f)
			}
			if *look != "" {
				b.snap(filepath.Join(*look, fmt.Sprintf("%s-%s-%d.png", name, theme, width)))
			}
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900))
	if got := b.text(`JSON.stringify(window.violations)`); got != "[]" {
		t.Errorf("the content policy was violated: %s", got)
	}
}

// Every page holds to the rules of accessibility and to the content policy, is
// light, and fits a phone.
func TestPages(t *testing.T) {
	whole(t)
	source, err := os.ReadFile("../web/testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	axe := string(source)
	e, b := exhibit(t), browser(t)
	empty := place{dir: t.TempDir()}
	address := freeAddress(t)
	start(t, empty, []string{"MAINSTAY_LISTEN=" + address}, "serve").await("Nobody can sign in yet.")
	t.Run("setup", func(t *testing.T) { b.visit(t, visit{"setup-first", "/setup", 200}, "http://"+address, axe) })
	origin := strings.SplitN(e.link, "/login", 2)[0]
	t.Run("login", func(t *testing.T) { b.visit(t, visit{"login-first", "/login", 200}, origin, axe) })
	b.t = t
	b.open(e.link)
	b.open(origin + "/account/integrations/1/manage-data")
	e.ids["row"] = b.text(`document.querySelector('a[href*="/manage-data/rows/"]').getAttribute('href').slice(1)`)
	for _, v := range e.visits() {
		t.Run(v.name, func(t *testing.T) { b.visit(t, v, origin, axe) })
	}
	for _, s := range b.states() {
		t.Run(s.name, func(t *testing.T) {
			b.t = t
			b.open(origin + s.address)
			s.reach()
			b.inspect(t, s.name, axe)
			b.quiet()
		})
	}
	b.t = t
}

// state is a page in the middle of what a person does with it.
type state struct {
	name, address string
	reach         func()
}

// states are what pages turn into while somebody works with them.
func (b *tab) states() []state {
	open := func(selector string) { b.until(`document.querySelector('` + selector + `')`) }
	return []state{
		{"state-palette", "/", func() { b.click("Search or run a command"); open("#palette[open] [role=option]") }},
		{"state-shortcuts", "/", func() { b.click("Help and keyboard shortcuts"); open("#dialog dialog[open]") }},
		{"state-menu", "/account/integrations", func() { b.click("Actions"); open(".menuwrap[open]") }},
		{"state-pause", "/account/integrations", func() { b.click("Actions"); b.click("Pause all syncing"); open("#dialog dialog[open]") }},
		{"state-selected", "/organizations", func() { b.click("Select all 50"); open(".bulk.is-on") }},
		{"state-all-selected", "/organizations", func() { b.click("Select all 50"); b.click("Select all 2"); open("#taken:not([hidden])") }},
		{"state-columns", "/configurations", func() { b.click("Columns"); open(".menuwrap[open] .pick") }},
		{"state-columns-chosen", "/configurations", func() {
			for _, name := range []string{"Columns", "Serial number", "Location", "Warranty expires on", "Created"} {
				b.click(name)
			}
			b.follow("Save columns")
			b.until(`[...document.querySelectorAll('th')].some(h => h.innerText === 'Warranty expires on')`)
		}},
		{"state-preview", "/account/integrations/1/sync-settings", func() { b.click("Sync every status of Client"); open("#preview .box--or") }},
		{"state-switched-on", "/account/data-protection", func() {
			b.click("Reason")
			b.press("Leads of last year that nobody works with")
			b.follow("Switch on bulk deletion")
			b.has("Bulk deletion of items that still sync is on until")
		}},
		{"state-notices", "/", func() { b.has("switched on bulk deletion of items that still sync until") }},
		{"state-also-syncing", "/organizations?q=sync%3A+syncing", func() { b.click("Select all"); b.has("Also take what still syncs") }},
		{"state-held-syncing", "/organizations?q=sync%3A+syncing", func() { b.click("Select all"); b.follow("Plan deletion"); b.has("Also take what still syncs") }},
		{"state-taken-syncing", "/organizations?q=sync%3A+syncing", func() {
			b.click("Select all")
			b.follow("Plan deletion")
			b.follow("Also take what still syncs")
			b.has("They come back.")
		}},
		{"state-delete-class", "/account/integrations/1/manage-data", func() { b.click("Actions"); b.follow("Delete all data"); b.has("Continue to the deletion plan") }},
		{"state-switched-off", "/account/data-protection", func() { b.follow("Switch off now"); b.has("switched it off") }},
		{"state-over-limit", "/account/integrations/1/sync-settings", func() {
			b.click("Sync every status of Client")
			open("#over")
			b.click("Save settings")
			open("#over[open]")
		}},
	}
}
