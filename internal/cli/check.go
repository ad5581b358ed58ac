package cli

import (
	"fmt"
	"io"
	"strings"

	"mainstay"
)

type checksCmd struct{}

// Run prints what to look at before a clean-up. It ends with an error while
// something has to be mended first, so that a script can stop there.
func (checksCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		if err := a.changes.EndBulkDeletion(c.ctx); err != nil {
			return err
		}
		checks, err := a.changes.Checks(c.ctx, operator())
		if err != nil {
			return err
		}
		stops := 0
		for _, k := range checks {
			if k.State == mainstay.CheckStop {
				stops++
			}
		}
		err = c.print(checks, func(w io.Writer) {
			for _, k := range checks {
				fmt.Fprintf(w, "%-4s  %s. %s\n", strings.ToUpper(string(k.State)), k.Title, k.Text)
				for _, e := range k.Examples {
					fmt.Fprintf(w, "      %s (id %d), %s only here\n", e.Name, e.ID, mainstay.Thousands(e.Number))
				}
			}
		})
		if err == nil && stops > 0 {
			err = mainstay.Errorf(mainstay.Held, "Not yet: %s to mend first.", things(stops))
		}
		return err
	})
}

func things(n int) string {
	if n == 1 {
		return "1 thing"
	}
	return mainstay.Thousands(n) + " things"
}
