package web

import (
	"mainstay"
	"mainstay/internal/store"
)

// matrix draws the types and statuses of a kind with how many records the PSA
// has in each box. A record with several types counts in each of them.
func (f *settingsForm) matrix(kind *mainstay.Kind, counts []store.ClassCount) Matrix {
	m := Matrix{Kind: kind, Noun: kind.Plural}
	if kind == &mainstay.Organization {
		m.Noun = "companies"
	}
	for _, c := range counts {
		if c.Kind == kind.Name {
			m.Records += c.N
		}
	}
	boxes := boxCounts(kind.Name, counts)
	now, was := f.typed.Pairs(kind.Name), f.i.Settings.Pairs(kind.Name)
	m.Statuses = f.heads(kind.Name, mainstay.StatusAxis, "No status", boxes, was)
	for _, head := range f.heads(kind.Name, mainstay.TypeAxis, "", boxes, was) {
		row := MatrixRow{ID: head.ID, Name: head.Name}
		for _, s := range m.Statuses {
			p := mainstay.Pair{Type: head.ID, Status: s.ID}
			row.Cells = append(row.Cells, MatrixCell{On: now[p], Was: was[p], Count: boxes[p]})
			row.Total += boxes[p]
		}
		m.Rows = append(m.Rows, row)
	}
	if len(m.Statuses) == 0 {
		m.Rows = nil
	}
	return m
}

// boxCounts counts the PSA's records of a kind by type and status.
func boxCounts(kind mainstay.KindName, counts []store.ClassCount) map[mainstay.Pair]int {
	out := map[mainstay.Pair]int{}
	for _, c := range counts {
		if c.Kind != kind {
			continue
		}
		types := c.TypeIDs
		if len(types) == 0 {
			types = []string{""}
		}
		for _, t := range types {
			out[mainstay.Pair{Type: t, Status: c.StatusID}] += c.N
		}
	}
	return out
}

// heads lists the types or statuses of a kind by name. "None" is the last one,
// and only there where some record or box needs it.
func (f *settingsForm) heads(kind mainstay.KindName, axis mainstay.Axis, none string, boxes map[mainstay.Pair]int, saved map[mainstay.Pair]bool) []MatrixHead {
	var out []MatrixHead
	for _, l := range f.labels {
		if l.Kind == kind && l.Axis == axis {
			out = append(out, MatrixHead{ID: l.ExternalID, Name: l.Name})
		}
	}
	missing := func(p mainstay.Pair) bool {
		return (axis == mainstay.TypeAxis && p.Type == "") || (axis == mainstay.StatusAxis && p.Status == "")
	}
	needed := false
	for p := range boxes {
		needed = needed || missing(p)
	}
	for p, on := range saved {
		needed = needed || (on && missing(p))
	}
	if needed {
		out = append(out, MatrixHead{Name: none})
	}
	return out
}

// several reports whether some record counts in more than one row.
func (m Matrix) several() bool {
	n := 0
	for _, r := range m.Rows {
		n += r.Total
	}
	return n > m.Records
}

// severalText explains why the rows add up to more than there is.
func (m Matrix) severalText() string {
	one := "record"
	if m.Kind == &mainstay.Organization {
		one = "company"
	}
	return "A " + one + " may have several types; one ticked type is enough for it to sync. So the rows add up to more than the " + num(m.Records) + " " + m.Noun + "."
}
