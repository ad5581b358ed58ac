package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"mainstay"
)

// Print writes results as a table for people.
func Print(w io.Writer, results []Result) error {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "DATABASE\tWORK\tITEMS\tTIME\tCPU\tPSA\tFLOOR\tRATIO\tMEMORY\tHEAP\tLONGEST TX\tREADS\tP50\tP99")
	for _, r := range results {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f×\t%.0f MiB\t%.0f MiB\t%.0f ms\t%d\t%.1f ms\t%.1f ms\n", r.Database, r.About, mainstay.Thousands(r.Items),
			span(r.Seconds), span(r.CPU), span(r.PSA), span(r.Floor), r.Ratio, r.ResidentMiB, r.HeapMiB, r.LongestMS, r.Reads, r.ReadP50MS, r.ReadP99MS)
	}
	fmt.Fprintln(t)
	fmt.Fprintln(t, "DATABASE\tWORK\tGOAL\tFIGURE\tMET")
	for _, r := range results {
		for _, g := range r.Goals {
			relation := "≤"
			if g.AtLeast {
				relation = "≥"
			}
			fmt.Fprintf(t, "%s\t%s\t%s %s %s %s\t%s %s\t%s\n", r.Database, r.About, g.Name, relation, number(g.Limit), g.Unit, number(g.Figure), g.Unit, yesNo(g.Met))
		}
	}
	return t.Flush()
}

// span writes seconds in the unit that reads best.
func span(seconds float64) string {
	switch {
	case seconds == 0:
		return "-"
	case seconds < 1:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	}
	return fmt.Sprintf("%.2f s", seconds)
}

func number(f float64) string {
	if f >= 1000 {
		return mainstay.Thousands(int(f))
	}
	return strings.TrimSuffix(fmt.Sprintf("%.2f", f), ".00")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "NO"
}
