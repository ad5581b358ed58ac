package web

import (
	"context"
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/a-h/templ"

	"mainstay"
)

// The charts are SVG with their geometry in attributes, so the page needs no
// style attribute. Each carries its numbers as a label.

func svg(write func(b *strings.Builder)) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		write(&b)
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// Width of a bar in its own units, the least width of a part, and the gap.
const (
	barWidth = 200.0
	barLeast = 2.0
	barGap   = 0.9
)

// stateBar draws how many items are in each sync state, in a fixed order. Each
// state that occurs gets a least width, so one item of 12,431 can be seen.
func stateBar(states []StateCount, class string) templ.Component {
	return svg(func(b *strings.Builder) {
		counts := map[mainstay.SyncState]int{}
		total, parts := 0, 0
		for _, s := range states {
			counts[s.State] += s.Count
			total += s.Count
		}
		for _, n := range counts {
			if n > 0 {
				parts++
			}
		}
		fmt.Fprintf(b, `<svg class="bar %s" viewBox="0 0 %g 10" preserveAspectRatio="none" role="img" aria-label="%s">`,
			class, barWidth, html.EscapeString(statesText(states)))
		free := barWidth - float64(parts)*barLeast - float64(max(0, parts-1))*barGap
		x := 0.0
		for _, s := range mainstay.SyncStates() {
			if n := counts[s]; n > 0 {
				w := barLeast + free*float64(n)/float64(total)
				fmt.Fprintf(b, `<rect class="f-%s" x="%.2f" y="0" width="%.2f" height="10"/>`, fillOf(s), x, w)
				x += w + barGap
			}
		}
		b.WriteString("</svg>")
	})
}

// statesText writes the numbers of a bar: "Syncing 812, Orphaned 12,431".
func statesText(states []StateCount) string {
	var out []string
	for _, s := range states {
		if s.Count > 0 {
			out = append(out, s.State.Label()+" "+num(s.Count))
		}
	}
	if len(out) == 0 {
		return "No items"
	}
	return strings.Join(out, ", ")
}

// progressBar draws how much of something is done. A percent below 0 is unknown.
func progressBar(percent int, label, class string) templ.Component {
	return svg(func(b *strings.Builder) {
		value := fmt.Sprintf(` aria-valuenow="%d"`, percent)
		if percent < 0 {
			value = ""
		}
		fmt.Fprintf(b, `<svg class="progress %s" viewBox="0 0 100 10" preserveAspectRatio="none" role="progressbar" aria-valuemin="0" aria-valuemax="100"%s aria-label="%s"><rect class="f-acc" x="0" y="0" width="%d" height="10"/></svg>`,
			class, value, html.EscapeString(label), max(0, percent))
	})
}

var barFill = map[string]string{"ok": "f-green", "warn": "f-orphan", "bad": "f-err", "none": "f-line"}

// historyBars draws one bar per run, the latest on the right.
func historyBars(bars []Bar, height float64, label string) templ.Component {
	return svg(func(b *strings.Builder) {
		most := 1
		if label == "" {
			label = "No syncs yet"
		}
		for _, r := range bars {
			most = max(most, r.Value)
		}
		slots := float64(max(len(bars), 24))
		fmt.Fprintf(b, `<svg class="hist" viewBox="0 0 %g %g" preserveAspectRatio="none" height="%g" role="img" aria-label="%s">`,
			slots*8-2, height, height, html.EscapeString(label))
		for i, r := range bars {
			h := 3 + (height-3)*math.Sqrt(float64(r.Value)/float64(most))
			fill := barFill[r.Tone]
			if r.Tone == "none" || fill == "" {
				h, fill = 2, "f-line"
			}
			if r.Tone == "bad" {
				h = height
			}
			fmt.Fprintf(b, `<rect class="%s" rx="1" x="%d" y="%.1f" width="6" height="%.1f"><title>%s</title></rect>`,
				fill, i*8, height-h, h, html.EscapeString(r.Label))
		}
		b.WriteString("</svg>")
	})
}

// kindHue is the chart color of a kind, "c1" to "c5".
func kindHue(kind mainstay.KindName) string {
	switch kind {
	case mainstay.Organization.Name:
		return "c1"
	case mainstay.Contact.Name:
		return "c2"
	case mainstay.Location.Name:
		return "c3"
	case mainstay.Configuration.Name:
		return "c4"
	}
	return "c5"
}
