package journey

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// From the list of orphans to a confirmed plan with the keyboard alone: no click,
// and the focus is always where a person sees it.
func TestJourney_keyboard(t *testing.T) {
	whole(t)
	p := place{dir: t.TempDir()}
	d := startDemo(t, p, 200, time.Hour)
	p.must(t, nil, "integration", "settings", psaName, "--untick", "Prospect", "--yes")
	p.must(t, nil, "sync", psaName, "--wait")
	b := browser(t)
	w := walk{b, d}
	w.open(w.link)
	w.until(`location.pathname === '/'`)

	// The palette finds the list, and / leads to its query bar.
	b.do(chromedp.KeyEvent("k", chromedp.KeyModifiers(chromedp.ModifierCtrl)))
	w.until(`document.querySelector('#palette[open] [role=option]')`)
	b.press("orphaned")
	w.until(`document.querySelector('#palette [aria-selected=true]') && document.querySelector('#palette [aria-selected=true]').innerText.startsWith('Orphaned organizations')`)
	w.leave(func() { b.press(kb.Enter) })
	b.key("/")
	w.until(`document.activeElement.id === 'q'`)
	b.press(" type: Prospect", kb.Enter)
	w.until(`new URL(location).searchParams.get('q') === 'sync status: orphaned type: Prospect' && document.querySelectorAll('.chip .v').length === 2`)
	b.do(chromedp.KeyEvent(kb.Tab))
	orphans := w.number("#q-help")

	// Rows: down, select, up to here; then the page, then everything.
	b.press("j", "x", "j", "j", "X")
	w.until(`document.querySelector('[data-bulk-n]').innerText === '3 selected'`)
	b.press(kb.Escape)
	w.until(`document.querySelector('[data-bulk-n]').innerText === '0 selected'`)
	b.press("*", "a", "a")
	w.until(`document.querySelector('#sel-scope').value === 'all'`)
	w.leave(func() { b.press("#") })
	w.until(`location.pathname.startsWith('/changes/')`)
	if got := w.planned(); got.organizations+got.held != orphans {
		t.Errorf("the plan deletes %d organizations and holds back %d; the list had %d", got.organizations, got.held, orphans)
	}

	// The letters of the phrase, typed beside its field, are no shortcuts.
	b.until(`!document.activeElement.blur()`)
	b.press("/", "g", "o")
	if open := w.text(`[...document.querySelectorAll('dialog[open]')].map(d => d.id).join() + (location.pathname.startsWith('/changes/') ? '' : location.pathname)`); open != "" {
		t.Errorf("letters beside the phrase opened %s", open)
	}
	// Tab reaches the phrase and the button, and each shows its focus.
	w.tabTo(`document.activeElement.id === 'phrase'`)
	b.press(strings.TrimSpace(w.text(`document.querySelector('.phrase').innerText`)))
	w.tabTo(`document.activeElement.id === 'plan-go'`)
	w.leave(func() { b.press(kb.Enter) })
	w.has("Nothing has happened yet.")
	w.tabTo(`document.activeElement.innerText.trim() === 'Cancel'`)
	w.leave(func() { b.press(kb.Enter) })
	w.has("Confirm deletion")
	b.quiet()
	d.untouched(t)
}

// key presses one key as a keyboard does: the page may keep it from typing.
func (b *tab) key(k string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: k, Text: k}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// tabTo presses Tab until a condition holds. On the way every stop has to show
// that it has the focus.
func (w walk) tabTo(condition string) {
	w.t.Helper()
	for range 250 {
		var there bool
		if err := w.tell(condition, &there); err != nil {
			w.t.Fatal(err)
		}
		if there {
			return
		}
		w.press(kb.Tab)
		if hidden := w.text(unseen); hidden != "" {
			w.t.Errorf("the focus can't be seen on %s", hidden)
		}
	}
	w.t.Fatalf("Tab never leads to %s", condition)
}

// unseen names the element with the focus where nothing around it tells.
const unseen = `(e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
  const rim = s.outlineStyle !== 'none' || s.boxShadow !== 'none' || (q => q && (getComputedStyle(q).boxShadow !== 'none' || getComputedStyle(q).outlineStyle !== 'none'))(e.closest('.query'));
  return e === document.body || (r.width > 0 && r.height > 0 && rim) ? '' : e.outerHTML.slice(0, 160); })(document.activeElement)`
