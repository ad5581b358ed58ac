package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"mainstay"
)

// policy is the content security policy that every page holds.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// sampleServer serves the sample pages under the policy, as the product does.
func sampleServer(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("GET /static/", Static())
	for _, s := range samples() {
		text := []byte(render(t, s))
		mux.HandleFunc("GET /page/"+s.name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write(text)
		})
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv
}

// browser starts Chromium and returns a tab that records violations of the policy.
func browser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("browser tests need Chromium; -short leaves them out")
	}
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		t.Fatal("Chromium is not installed; install it or run with -short")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.NoFirstRun,
		chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	tab, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	const record = `window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI), true);`
	if err := chromedp.Do(tab, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	if _, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: record}); err != nil {
		t.Fatal(err)
	}
	tab, cancel := context.WithTimeout(tab, 15*time.Minute)
	t.Cleanup(cancel)
	return tab
}

func do(t *testing.T, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, actions...); err != nil {
		t.Fatal(err)
	}
}

// value evaluates an expression in the page and returns it as JSON.
func value(t *testing.T, tab context.Context, expression string) string {
	t.Helper()
	out, err := chromedp.Run(tab, chromedp.Evaluate[string](`JSON.stringify(`+expression+`)`))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return out
}

// runAxe checks the page for accessibility and returns one line per finding.
const runAxe = `axe.run(document, %s).then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + (n.any[0] || n.all[0] || n.none[0] || {message: ''}).message).join(' | ')))`

const (
	allRules  = `{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}`
	contrasts = `{runOnly: {type: 'rule', values: ['color-contrast']}}`
)

func findings(t *testing.T, tab context.Context, rules string) []string {
	t.Helper()
	out, err := chromedp.Run(tab, chromedp.Evaluate[[]string](fmt.Sprintf(runAxe, rules), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBrowser_everyPage(t *testing.T) {
	srv, tab := sampleServer(t), browser(t)
	axe, err := os.ReadFile("testdata/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples() {
		if s.fragment {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			do(t, tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(srv.URL+"/page/"+s.name), chromedp.Evaluate[chromedp.Void](string(axe)+";undefined"))
			hostile := strings.HasSuffix(s.name, "hostile")
			widths := []int64{1280, 900, 390, 320}
			if hostile {
				widths = []int64{1280, 320}
			}
			for _, width := range widths {
				do(t, tab, chromedp.EmulateViewport(width, 900))
				if got := value(t, tab, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); got != "0" {
					t.Errorf("%d wide: %s px too wide: %s", width, got, value(t, tab, widest))
				}
				if hostile || width == 900 || width == 320 {
					continue
				}
				for _, theme := range []string{"light", "dark"} {
					rules := allRules
					if theme == "dark" {
						rules = contrasts
					}
					do(t, tab, chromedp.Evaluate[chromedp.Void](`document.documentElement.dataset.theme = '`+theme+`';undefined`))
					for _, f := range findings(t, tab, rules) {
						t.Errorf("%d wide, %s: %s", width, theme, f)
					}
				}
			}
			if got := value(t, tab, `window.violations`); got != "[]" {
				t.Errorf("the policy was violated: %s", got)
			}
		})
	}
}

// widest names the elements that stick out.
const widest = `[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 4).map(e => e.tagName + '.' + e.className).join(', ')`

// actionServer adds the answers that the sample pages ask for while a person works.
func actionServer(t *testing.T) *httptest.Server {
	t.Helper()
	pages := sampleServer(t)
	w := wordsOf("rich")
	mux := http.NewServeMux()
	answer := func(pattern string, body templ.Component) {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			_ = body.Render(r.Context(), rw)
		})
	}
	answer("GET /search/suggest", searchResults([]SearchGroup{{"Records", []SearchResult{{"building", "Harbor", "Client", "/page/organization-rich", mainstay.Syncing, nil}, {"users", "Dana", "Contact", "/page/item-rich", "", nil}}}}))
	answer("GET /organizations", listFragment(sampleList(w, true)))
	answer("GET /help/shortcuts", shortcutsDialog())
	answer("GET /contacts/3/delete", confirmDialog(ConfirmPage{Heading: "Delete Dana", Action: "/contacts/3/delete", Phrase: "delete 3 contacts", Button: "Delete 3 contacts", Danger: true, Back: "/contacts/3"}))
	answer("GET /search/complete", completions([]Suggestion{{Text: "sync status: orphaned", Count: 12431, Label: "Sync status"}}))
	preview := SyncSettingsPage{Page: samplePage("x", ""), Integration: sampleIntegration(w), Preview: SettingsPreview{Changed: 1, Orphan: 777, Noun: "organizations", OverLimit: true, SaveLabel: "Save and orphan 777 organizations"}}
	answer("POST /account/integrations/1/sync-settings/organizations/preview", previewAnswer(preview))
	answer("POST /account/users/2", userReach(UserFormPage{Reach: []FormField{{Name: "organization", Label: "Organizations", Type: "checks", Options: []Option{{Value: "1", Label: "Zephyr North"}}}}}))
	mux.HandleFunc("POST /me/appearance", func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /changes/1042/events", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(rw, "data: <div class=\"col\" id=\"live\"><p id=\"told\">from the stream</p></div>\n\n")
	})
	mux.HandleFunc("GET /account/integrations/1/log/90/progress", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(rw, `<div id="live"><p id="told">by asking</p></div>`)
	})
	mux.Handle("GET /page/", pages.Config.Handler)
	mux.HandleFunc("GET /static/", func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "hx-sse") {
			time.Sleep(300 * time.Millisecond) // the last script to come still counts
		}
		pages.Config.Handler.ServeHTTP(rw, r)
	})
	front := httptest.NewServer(mux)
	t.Cleanup(front.Close)
	return front
}

// until waits for an expression to become true.
func until(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	for range 100 {
		if value(t, tab, `!!(`+expression+`)`) == "true" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("never true: %s", expression)
}

// act runs a statement in the page.
func act(t *testing.T, tab context.Context, statement string) {
	t.Helper()
	do(t, tab, chromedp.Evaluate[chromedp.Void](statement+`;undefined`))
}

func open(t *testing.T, tab context.Context, url string) {
	t.Helper()
	do(t, tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(url))
	until(t, tab, `document.readyState === 'complete' && window.htmx`)
}

func TestBrowser_selection(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/list-rich")
	seen := func(want string) {
		t.Helper()
		if got := value(t, tab, `[document.querySelector('[data-bulk-n]').innerText, document.querySelector('[data-bulk-s]').innerText, document.querySelector('#sel-scope').value, getComputedStyle(document.querySelector('.bulk')).display !== 'none']`); got != want {
			t.Fatalf("selection is %s, want %s", got, want)
		}
	}
	top := value(t, tab, `document.querySelector('[data-list] tbody tr').getBoundingClientRect().top`)
	do(t, tab, chromedp.KeyEvent("j"), chromedp.KeyEvent("x"))
	seen(`["1 selected","","ids",true]`)
	do(t, tab, chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("X"))
	seen(`["3 selected","","ids",true]`)
	do(t, tab, chromedp.KeyEvent("*"), chromedp.KeyEvent("a"))
	seen(`["50 selected","this page only","ids",true]`)
	until(t, tab, `!document.querySelector('#offer').hidden`)
	act(t, tab, `document.querySelector('[data-matching]').click()`)
	seen(`["12,431 selected","everything that matches","all",true]`)
	if got := value(t, tab, `document.querySelector('[data-list] tbody tr').getBoundingClientRect().top`); got != top {
		t.Errorf("the table moved from %s to %s", top, got)
	}
	act(t, tab, `document.querySelectorAll('[data-list] tbody .cb')[4].click()`)
	seen(`["49 selected","","ids",true]`)
	act(t, tab, `document.querySelector('.tabs a').click()`)
	until(t, tab, `location.pathname === '/organizations' && document.querySelector('[data-bulk-n]').textContent`)
	seen(`["0 selected","","ids",false]`)
	if got := value(t, tab, `document.querySelector('#say').textContent`); got != `"Selection cleared because the filter changed"` {
		t.Errorf("announced %s", got)
	}
}

func TestBrowser_dialogs(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/item-rich")
	act(t, tab, `document.querySelector('a[href="/contacts/3/delete"]').click()`)
	until(t, tab, `document.querySelector('#dialog dialog[open]')`)
	off := `document.querySelector('#confirm-go').getAttribute('aria-disabled')`
	for typed, want := range map[string]string{"": "true", "delete 4 contacts": "true", "Delete 3 Contacts ": "false"} {
		act(t, tab, `(i => { i.value = '`+typed+`'; i.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector('#phrase'))`)
		if got := value(t, tab, off); got != `"`+want+`"` {
			t.Errorf("after typing %q the button is off: %s, want %s", typed, got, want)
		}
	}
	act(t, tab, `document.querySelector('#dialog [data-close]').click()`)
	until(t, tab, `!document.querySelector('#dialog dialog[open]')`)
	act(t, tab, `document.querySelector('[data-help]').click()`)
	until(t, tab, `document.querySelector('#dialog dialog[open] kbd')`)
	act(t, tab, `document.querySelector('#dialog dialog').close()`)
	act(t, tab, `document.querySelector('.top__search').click()`)
	until(t, tab, `document.querySelector('#pal-0[aria-selected=true]')`)
	do(t, tab, chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Enter))
	until(t, tab, `location.pathname === '/page/item-rich' && document.readyState === 'complete'`)
	until(t, tab, `window.htmx`)
	act(t, tab, `document.querySelector('[data-theme-form]').requestSubmit()`)
	if got := value(t, tab, `[document.documentElement.dataset.theme, location.pathname]`); got != `["dark","/page/item-rich"]` {
		t.Errorf("theme and page are %s", got)
	}
}

func TestBrowser_settings(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/sync-settings-rich")
	do(t, tab, chromedp.EmulateViewport(390, 900))
	if got := value(t, tab, `[...document.querySelectorAll('[data-row]')].map(h => h.checked ? 'on' : h.indeterminate ? 'some' : 'off').join()`); got != `"off,some,some,some,off,off,off"` {
		t.Errorf("header boxes are %s", got)
	}
	act(t, tab, `document.querySelectorAll('[data-row]')[5].click()`)
	if got := value(t, tab, `document.querySelectorAll('td.chg-add').length`); got != "5" {
		t.Errorf("%s boxes are marked as added, want 5", got)
	}
	until(t, tab, `document.querySelector('#preview').innerText.includes('777')`)
	until(t, tab, `document.querySelector('.head #saves').innerText === '1 change: 777 become orphaned'`)
	act(t, tab, `document.querySelector('[data-over]').click()`)
	until(t, tab, `document.querySelector('#over[open]')`)
}

// On a narrow screen a row of orphans keeps what there is to do and to heed, and
// the edge of a table that goes on beyond the screen fades.
func TestBrowser_narrow(t *testing.T) {
	srv, tab := sampleServer(t), browser(t)
	open(t, tab, srv.URL+"/page/manage-data-rich")
	do(t, tab, chromedp.EmulateViewport(390, 900))
	for _, words := range []string{"41 hold items only here", "Plan deletion"} {
		if value(t, tab, `document.querySelector('[aria-labelledby=s2]').innerText.includes('`+words+`')`) != "true" {
			t.Errorf("a row of orphans doesn't show %q", words)
		}
	}
	open(t, tab, srv.URL+"/page/sync-settings-rich")
	do(t, tab, chromedp.EmulateViewport(390, 900))
	if got := value(t, tab, `(w => w.scrollWidth > w.clientWidth && getComputedStyle(w).backgroundImage.split('linear-gradient').length)(document.querySelector('.mxwrap'))`); got != "3" {
		t.Errorf("the table doesn't show that it goes on: %s", got)
	}
}

func TestBrowser_findOrganizations(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/user-form-rich")
	act(t, tab, `document.querySelector('[name=email]').value = 'typed'; document.querySelector('[name=find]').click()`)
	until(t, tab, `document.querySelector('#reach').innerText.includes('Zephyr North')`)
	if got := value(t, tab, `document.querySelector('[name=email]').value`); got != `"typed"` {
		t.Errorf("the form forgot what was typed: %s", got)
	}
}

func TestBrowser_live(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/plan-running-rich")
	until(t, tab, `document.querySelector('#told') && document.querySelector('#told').innerText === 'from the stream'`)
	open(t, tab, srv.URL+"/page/run-rich")
	until(t, tab, `document.querySelector('#told') && document.querySelector('#told').innerText === 'by asking'`)
}

func TestBrowser_rows(t *testing.T) {
	srv, tab := actionServer(t), browser(t)
	open(t, tab, srv.URL+"/page/item-form-rich")
	names := `[...document.querySelectorAll('[data-rows]')[0].querySelectorAll('input')].map(i => i.name + '=' + (i.type === 'checkbox' ? i.checked : i.value)).join('|')`
	act(t, tab, `document.querySelector('[data-rows] [data-remove]').click()`)
	act(t, tab, `document.querySelector('[data-rows] [data-add]').click()`)
	want := `"f.emails.sent=3|f.emails.0.value=Corvane Logistics|f.emails.0.label=|f.emails.0.primary=false|f.emails.1.value=|f.emails.1.label=|f.emails.1.primary=false|f.emails.2.value=|f.emails.2.label=|f.emails.2.primary=false"`
	if got := value(t, tab, names); got != want {
		t.Errorf("the form would send %s, want %s", got, want)
	}
}

// Without script the list still selects and plans, and nothing is offered that
// would need script.
func TestBrowser_withoutScript(t *testing.T) {
	srv, tab := sampleServer(t), browser(t)
	if _, err := chromedp.Call(tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	do(t, tab, chromedp.EmulateViewport(1280, 900), chromedp.Navigate(srv.URL+"/page/list-rich"))
	shown := func(selector string) string {
		return value(t, tab, `[...document.querySelectorAll('`+selector+`')].map(e => e.offsetParent !== null).join()`)
	}
	for selector, want := range map[string]string{".bulk button.nojs": `"true,true"`, ".bulk [data-plan]": `"false"`, ".query .nojs": `"true"`, "thead .hit": `"false"`} {
		if got := shown(selector); got != want {
			t.Errorf("%s is shown: %s, want %s", selector, got, want)
		}
	}
}
