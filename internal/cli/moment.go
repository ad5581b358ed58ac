package cli

import (
	"strconv"
	"time"

	"mainstay"
)

// machineTime is how JSON writes a moment; empty where there is none.
func machineTime(t mainstay.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Std().Format("2006-01-02T15:04:05Z")
}

// peopleTime is how text writes a moment.
func peopleTime(t mainstay.Time) string { return t.Std().Format("2006-01-02 15:04:05 UTC") }

// inText says how far away a moment is: "in 58 seconds", "in 3 hours", "due now".
func inText(at, now mainstay.Time) string {
	const few = 2 // of a unit, before the next larger one is enough
	d := at.Sub(now)
	switch {
	case d <= 0:
		return "due now"
	case d < few*time.Minute:
		return "in " + count(int(d.Round(time.Second).Seconds()), "second")
	case d < few*time.Hour:
		return "in " + count(int(d.Round(time.Minute).Minutes()), "minute")
	case d < few*24*time.Hour:
		return "in " + count(int(d.Round(time.Hour).Hours()), "hour")
	}
	return "in " + count(int(d.Hours())/24, "day")
}

// count writes a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
