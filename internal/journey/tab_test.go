package journey

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// pictures is the folder for the pictures of the documentation.
var pictures = flag.String("pictures", "", "write the pictures of the documentation to this folder")

// tab is one tab of a browser, used with mouse and keys as a person does.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // that the browser told its console
}

// browser starts Chromium with one tab of 1280 × 900 in the light theme. A
// violation of the content policy and an error of a script fail the test.
func browser(t testing.TB) *tab {
	t.Helper()
	name := ""
	for _, n := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(n); err == nil {
			name = path
			break
		}
	}
	if name == "" {
		t.Fatal("Chromium is not installed; install it or run with -short")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(name), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("force-prefers-reduced-motion", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(alloc)
	t.Cleanup(done)
	ctx, cancel := context.WithTimeout(ctx, 5**patience)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	b.do(chromedp.Navigate("about:blank"), chromedp.EmulateViewport(1280, 900))
	const record = `window.violations = []; addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI), true);`
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: record}); err != nil {
		t.Fatal(err)
	}
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" || m.Type == "warning" {
				b.mu.Lock()
				b.problems = append(b.problems, m.String()+" "+m.URL)
				b.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			b.keep()
		}
	})
	return b
}

// keep writes down where the tab is, for the person who looks at a failure.
func (b *tab) keep() {
	shown, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + '\n' + document.body.innerText`))
	if err != nil {
		return
	}
	b.t.Logf("the browser shows %s", lastLines(shown, 80))
}

// told returns what the console said since the last call.
func (b *tab) told() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.problems
	b.problems = nil
	return out
}

// quiet fails where the console told of a problem.
func (b *tab) quiet() {
	b.t.Helper()
	for _, p := range b.told() {
		b.t.Errorf("the console says: %s", p)
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// tell evaluates an expression in the page into out. It reports failure while a
// page is being replaced.
func (b *tab) tell(expression string, out any) error {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`JSON.stringify(`+expression+`) ?? 'null'`))
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), out)
}

// text evaluates an expression that gives text.
func (b *tab) text(expression string) string {
	b.t.Helper()
	var s string
	if err := b.tell(expression, &s); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return s
}

// until waits for an expression to become true.
func (b *tab) until(expression string) {
	b.t.Helper()
	var ok bool
	for end := time.Now().Add(*patience); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		if err := b.tell(`!!(`+expression+`)`, &ok); err == nil && ok {
			return
		}
		if b.ctx.Err() != nil {
			break
		}
	}
	b.t.Fatalf("never true: %s", expression)
}

// open goes to an address.
func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
	b.ready()
}

// ready waits until the page and its script are there.
func (b *tab) ready() {
	b.t.Helper()
	b.until(`document.readyState === 'complete' && window.htmx`)
}

// nav opens a page by the navigation at the side.
func (b *tab) nav(name string) {
	b.t.Helper()
	b.leave(func() { b.t.Helper(); b.clickOn(fmt.Sprintf(`%s(%q, '.side a')`, find, name), name) })
}

// find is a function of the page that returns what a person would click for a
// name: a link, button, box or field that shows or is called it, and that
// is not hidden. The dialog in front hides the rest.
const find = `((name, role) => {
  const shown = e => e.checkVisibility({visibilityProperty: true}) && !e.closest('[inert]');
  const flat = s => (s || '').replace(/\s+/g, ' ').trim();
  const called = e => flat(e.getAttribute('aria-label') || (e.labels && e.labels[0] && e.labels[0].innerText) || e.innerText);
  const root = [...document.querySelectorAll('dialog[open]')].pop() || document;
  const all = [...root.querySelectorAll(role || 'a[href], button, summary, input:not([type=hidden]), select, textarea')].filter(shown);
  return all.find(e => called(e) === name) || all.find(e => called(e).startsWith(name));
})`

// click clicks in the middle of what is called name. It fails where a person
// could not: when something else lies on top.
func (b *tab) click(name string) { b.t.Helper(); b.clickOn(fmt.Sprintf(`%s(%q)`, find, name), name) }

// clickOn clicks what an expression gives.
func (b *tab) clickOn(expression, name string) {
	b.t.Helper()
	b.until(expression)
	var at struct {
		X, Y float64
		Top  string
	}
	where := `(e => { e.scrollIntoView({block: 'center', behavior: 'instant'});
	  const r = e.getBoundingClientRect(), x = r.left + r.width / 2, y = r.top + r.height / 2, top = document.elementFromPoint(x, y);
	  const mine = top && (e.contains(top) || top.contains(e) || (e.labels && [...e.labels].some(l => l.contains(top))));
	  return {X: x, Y: y, Top: mine ? '' : top ? top.outerHTML.slice(0, 200) : 'nothing'}; })(` + expression + `)`
	for end := time.Now().Add(*patience); ; time.Sleep(40 * time.Millisecond) {
		err := b.tell(where, &at)
		if err == nil && at.Top == "" {
			break
		}
		if time.Now().After(end) {
			b.t.Fatalf("can't click %s: %v, %s is in front of it", name, err, at.Top)
		}
	}
	b.do(chromedp.MouseClickXY(at.X, at.Y))
}

// follow clicks what leads to another page and waits for that page.
func (b *tab) follow(name string) {
	b.t.Helper()
	b.leave(func() { b.t.Helper(); b.click(name) })
}

// leave does what leads to another page and waits for that page.
func (b *tab) leave(act func()) {
	b.t.Helper()
	b.text(`window.before = 'here'`)
	act()
	b.until(`!window.before && document.readyState === 'complete' && window.htmx`)
}

// press types keys, one event each.
func (b *tab) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		b.do(chromedp.KeyEvent(k))
	}
}

// has waits until the page shows a text.
func (b *tab) has(text string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.body.innerText.replace(/\s+/g, ' ').includes(%q)`, text))
}

// number reads the first number in the text of an element.
func (b *tab) number(selector string) int {
	b.t.Helper()
	return firstNumber(b.t, b.text(fmt.Sprintf(`document.querySelector(%q).innerText`, selector)))
}

var digits = regexp.MustCompile(`\d[\d,]*`)

func firstNumber(t testing.TB, s string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(digits.FindString(s), ",", ""))
	if err != nil {
		t.Fatalf("there is no number in %q", s)
	}
	return n
}

// picture writes what the tab shows as a picture of the documentation, where
// pictures are asked for.
func (b *tab) picture(name string) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	b.snap(filepath.Join(*pictures, name+".png"))
}

func (b *tab) snap(file string) {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(file, shot, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
