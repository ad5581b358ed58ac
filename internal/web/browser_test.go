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

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
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
	tab, cancel := context.WithTimeout(tab, 8*time.Minute)
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
			for _, width := range []int64{1280, 900, 390, 320} {
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
