package web

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"mainstay"
)

// num writes a number with separators.
func num(n int) string { return mainstay.Thousands(n) }

// capital returns s with its first letter in upper case.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}

// some writes a number with a noun, adding an s for any number but 1.
func some(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return num(n) + " " + noun + "s"
}

// ago writes a moment as a person says it: "6 min ago" within a day, then
// "12 Jun", with the year when it is not this one. A moment to come gives "in 24 min".
func (p Page) ago(t mainstay.Time) string {
	if t.IsZero() {
		return "never"
	}
	d := p.Now.Sub(t)
	if d < 0 {
		return "in " + span(-d)
	}
	if d < 45*time.Second {
		return "now"
	}
	if d < 24*time.Hour {
		return span(d) + " ago"
	}
	return p.day(t)
}

// day writes a date: "12 Jun", with the year when it is not this one.
func (p Page) day(t mainstay.Time) string {
	at := t.Std().In(p.zone())
	if at.Year() == p.Now.Std().In(p.zone()).Year() {
		return at.Format("2 Jan")
	}
	return at.Format("2 Jan 2006")
}

// exact writes a moment in full, in the account's time zone.
func (p Page) exact(t mainstay.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Std().In(p.zone()).Format("Monday 2 January 2006, 15:04:05 MST")
}

// clock writes the time of day.
func (p Page) clock(t mainstay.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Std().In(p.zone()).Format("15:04")
}

// machine writes a moment for the datetime attribute.
func machine(t mainstay.Time) string { return t.Std().Format(time.RFC3339) }

// span writes a duration in its largest unit: "41 s", "6 min", "2 h", "3 days".
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return strconv.Itoa(int(d.Round(time.Second).Seconds())) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d.Minutes())) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d.Hours())) + " h"
	}
	return some(int(d.Hours()/24), "day")
}

// took writes how long something between two moments lasted, or so far.
func (p Page) took(start, end mainstay.Time) string {
	if start.IsZero() {
		return ""
	}
	if end.IsZero() {
		end = p.Now
	}
	return span(end.Sub(start))
}

// daysLeft is the number of started days until a moment, at least 0.
func (p Page) daysLeft(until mainstay.Time) int {
	return max(0, int(math.Ceil(until.Sub(p.Now).Hours()/24)))
}

// bytes writes a size: "2.1 GB".
func bytesOf(n int64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	f, u := float64(n), 0
	for f >= 1000 && u < len(units)-1 {
		f, u = f/1000, u+1
	}
	if u == 0 || f >= 100 {
		return fmt.Sprintf("%.0f %s", f, units[u])
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") + " " + units[u]
}

// percent is part of whole, 0 to 100, and 100 only when nothing is left.
func percent(part, whole int) int {
	if whole <= 0 {
		return 0
	}
	n := part * 100 / whole
	return max(0, min(100, n))
}

// join writes the texts that are not empty with a middle dot between them.
func join(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, " · ")
}

// idFor makes a valid element id from any text.
func idFor(parts ...string) string {
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteByte('-')
		}
		for _, r := range p {
			if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				b.WriteRune(r)
			} else {
				fmt.Fprintf(&b, "_%x", r)
			}
		}
	}
	return b.String()
}

// clockSeconds writes the time of day with seconds.
func (p Page) clockSeconds(t mainstay.Time) string { return t.Std().In(p.zone()).Format("15:04:05") }
