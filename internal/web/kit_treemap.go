package web

import (
	"fmt"
	"html"
	"math"
	"sort"
	"strings"

	"github.com/a-h/templ"

	"mainstay"
)

// box is a rectangle of a chart.
type box struct{ x, y, w, h float64 }

// squarify fits one rectangle per weight into area, in the order given (largest
// first), keeping them as close to squares as rows allow. Weights are above 0.
func squarify(weights []float64, area box) []box {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	out := make([]box, 0, len(weights))
	if sum == 0 {
		return out
	}
	scale := area.w * area.h / sum
	for len(weights) > 0 && area.w > 0 && area.h > 0 {
		side := math.Min(area.w, area.h)
		n, row := 0, 0.0
		worst := math.Inf(1)
		for n < len(weights) {
			next := worstRatio(weights[:n+1], (row+weights[n])*scale, scale, side)
			if next > worst {
				break
			}
			worst, row, n = next, row+weights[n], n+1
		}
		out, area = layRow(out, weights[:n], row*scale, scale, area)
		weights = weights[n:]
	}
	for range weights {
		out = append(out, box{})
	}
	return out
}

// worstRatio is the most stretched rectangle of a row along a side.
func worstRatio(row []float64, rowArea, scale, side float64) float64 {
	worst := 0.0
	for _, w := range row {
		a := w * scale
		r := math.Max(side*side*a/(rowArea*rowArea), rowArea*rowArea/(side*side*a))
		worst = math.Max(worst, r)
	}
	return worst
}

// layRow places a row along the shorter side and returns the area that is left.
func layRow(out []box, row []float64, rowArea, scale float64, area box) ([]box, box) {
	if area.w >= area.h {
		width, y := rowArea/area.h, area.y
		for _, w := range row {
			h := w * scale / width
			out = append(out, box{area.x, y, width, h})
			y += h
		}
		return out, box{area.x + width, area.y, area.w - width, area.h}
	}
	height, x := rowArea/area.w, area.x
	for _, w := range row {
		width := w * scale / height
		out = append(out, box{x, area.y, width, height})
		x += width
	}
	return out, box{area.x, area.y + height, area.w, area.h - height}
}

// treeGroup is one group of a treemap with its kinds, largest first.
type treeGroup struct {
	label string
	total int
	kinds []mainstay.GroupCount
}

// treeGroups sorts the counts of one grouping, "type" or "reason", largest first.
func treeGroups(counts []mainstay.GroupCount, by string) []treeGroup {
	at := map[string]int{}
	var groups []treeGroup
	for _, c := range counts {
		if c.By != by || c.Apply <= 0 {
			continue
		}
		i, ok := at[c.Group]
		if !ok {
			i, at[c.Group] = len(groups), len(groups)
			groups = append(groups, treeGroup{label: c.Group})
		}
		groups[i].total += c.Apply
		groups[i].kinds = append(groups[i].kinds, c)
	}
	sort.SliceStable(groups, func(i, j int) bool { return groups[i].total > groups[j].total })
	for _, g := range groups {
		sort.SliceStable(g.kinds, func(i, j int) bool { return g.kinds[i].Apply > g.kinds[j].Apply })
	}
	return groups
}

// treemapText writes the groups for people who can't see the drawing.
func treemapText(groups []treeGroup, by string) string {
	var parts []string
	for _, g := range groups {
		parts = append(parts, g.label+" "+some(g.total, "item"))
	}
	return "By " + by + ": " + strings.Join(parts, ", ") + ". The table has the same numbers by kind."
}

// Least size of a group that gets a heading, and of a cell that gets words.
const (
	headW, headH = 60.0, 44.0
	wordW, wordH = 58.0, 34.0
)

// treemap draws groups and their kinds; the area is the number of items.
func treemap(counts []mainstay.GroupCount, by string, w, h float64) templ.Component {
	groups := treeGroups(counts, by)
	return svg(func(b *strings.Builder) {
		fmt.Fprintf(b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, w, h, html.EscapeString(treemapText(groups, by)))
		weights := make([]float64, len(groups))
		for i, g := range groups {
			weights[i] = float64(g.total)
		}
		for i, r := range squarify(weights, box{0, 0, w, h}) {
			drawGroup(b, groups[i], r)
		}
		b.WriteString("</svg>")
	})
}

func drawGroup(b *strings.Builder, g treeGroup, r box) {
	inner := box{r.x + 1.5, r.y + 1.5, r.w - 3, r.h - 3}
	if r.w >= headW && r.h >= headH {
		fmt.Fprintf(b, `<text class="g" x="%.1f" y="%.1f">%s</text>`, r.x+4, r.y+13.5, html.EscapeString(fit(g.label, r.w-58, 6.6)))
		fmt.Fprintf(b, `<text class="cn" x="%.1f" y="%.1f" text-anchor="end">%s</text>`, r.x+r.w-4, r.y+13.5, num(g.total))
		inner.y, inner.h = r.y+19, r.h-20.5
	}
	if inner.w <= 0 || inner.h <= 0 {
		return
	}
	weights := make([]float64, len(g.kinds))
	for i, k := range g.kinds {
		weights[i] = float64(k.Apply)
	}
	for i, c := range squarify(weights, inner) {
		drawCell(b, g.label, g.kinds[i], c)
	}
}

func drawCell(b *strings.Builder, group string, k mainstay.GroupCount, r box) {
	x, y, w, h := r.x+.7, r.y+.7, r.w-1.4, r.h-1.4
	if w <= 0 || h <= 0 {
		return
	}
	hue, name := kindHue(k.Kind), kindLabel(k.Kind)
	fmt.Fprintf(b, `<rect class="f-%ss" rx="%.1f" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %s %s</title></rect>`,
		hue, math.Min(3, math.Min(w, h)/2), x, y, w, h, html.EscapeString(group), name, num(k.Apply))
	if w > 8 && h > 8 {
		fmt.Fprintf(b, `<rect class="f-%s" x="%.1f" y="%.1f" width="2.5" height="%.1f" rx="1"/>`, hue, x, y, h)
	}
	if w >= wordW && h >= wordH {
		fmt.Fprintf(b, `<text class="c" x="%.1f" y="%.1f">%s</text><text class="cn" x="%.1f" y="%.1f">%s</text>`,
			x+8, y+15, fit(name, w-12, 6), x+8, y+29, num(k.Apply))
	}
}

// fit cuts a text to a width, given the width of one letter.
func fit(s string, width, letter float64) string {
	n := int(width / letter)
	if r := []rune(s); len(r) > n {
		return string(r[:max(0, n-1)]) + "…"
	}
	return s
}

// kindLabel is the plural of a kind as a heading.
func kindLabel(name mainstay.KindName) string {
	k, err := mainstay.KindNamed(string(name))
	if err != nil {
		return string(name)
	}
	return capital(k.Plural)
}
