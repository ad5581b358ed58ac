package journey

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Issue 4, item 6: the duplicates, from the list of organizations to a pair that
// is told apart, taken back, told apart again and looked at again: with the mouse
// and then with the keyboard alone.
func TestJourney_duplicates(t *testing.T) {
	places(t, func(t *testing.T, p place) {
		d := startDemo(t, p, 300, time.Hour)
		b := browser(t)
		w := walk{b, d}
		w.arrive()
		w.nav("Organizations")
		w.follow("Duplicates")
		open := w.number(`.tabs [aria-current] .n`)
		if open < 5 {
			t.Fatalf("%d pairs are proposed, too few", open)
		}
		counts := func(review, apart int) {
			t.Helper()
			w.until(fmt.Sprintf(`[...document.querySelectorAll('.tabs .n')].map(e => e.innerText).join(' ') === '%d %d'`, review, apart))
		}
		second := w.text(`document.querySelectorAll('[data-card]')[1].id`)
		w.follow("Not the same (" + w.text(`[...document.querySelectorAll('[data-card] .nm')].slice(0, 2).map(e => e.innerText).join(' and ')`))
		w.until(`location.hash === '#` + second + `'`)
		w.has("Marked as not the same")
		counts(open-1, 1)
		w.follow("Undo")
		w.has("No longer marked as not the same")
		counts(open, 0)

		// j goes from pair to pair; Tab leads to the button, and Ctrl Z takes it back.
		b.press("j", "j")
		w.until(`document.querySelector('.is-cur').id === '` + second + `'`)
		w.tabTo(`document.activeElement.matches('#` + second + ` button.btn')`)
		w.leave(func() { b.press(kb.Enter) })
		counts(open-1, 1)
		w.leave(func() { b.do(chromedp.KeyEvent("z", chromedp.KeyModifiers(chromedp.ModifierCtrl))) })
		counts(open, 0)
		b.press("j", "j")
		w.tabTo(`document.activeElement.matches('#` + second + ` button.btn')`)
		w.leave(func() { b.press(kb.Enter) })
		counts(open-1, 1)
		w.tabTo(`document.activeElement.matches('.tabs a:last-child')`)
		w.leave(func() { b.press(kb.Enter) })
		w.has("Marked by Dana Whitfield")
		if id := w.text(`document.querySelector('[data-card]').id`); id != second {
			t.Errorf("the pair told apart is %s, want %s", id, second)
		}
		w.tabTo(`document.activeElement.matches('#` + second + ` button.btn')`)
		w.leave(func() { b.press(kb.Enter) })
		w.has("Nothing is marked as not the same.")
		counts(open, 0)
		w.nav("Activity")
		w.has("Reopened a duplicate of")
		b.quiet()
		d.untouched(t)
	})
}
