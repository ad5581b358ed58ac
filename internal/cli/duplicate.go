package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/store"
)

type duplicatesCmd struct {
	List      duplicatesListCmd  `cmd:"" default:"withargs" help:"List pairs of organizations that may be the same client, the likeliest first."`
	NotSame   duplicatesApartCmd `cmd:"" name:"not-same" help:"Keep that two organizations are not the same client, so that they are no longer listed."`
	LookAgain duplicatesAgainCmd `cmd:"" name:"look-again" help:"List two organizations again that were told apart."`
}

type duplicatesListCmd struct {
	Reason       string          `help:"Only pairs with the same name, psa, domain, phone or address."`
	Organization mainstay.ItemID `help:"Only pairs with this organization, by its id."`
	NotSame      bool            `help:"List the pairs that were told apart instead."`
	Limit        int             `help:"How many to print; 0 for all." default:"50"`
}

// pairView is the stable JSON form of a pair.
type pairView struct {
	A         pairSideView `json:"a"`
	B         pairSideView `json:"b"`
	Score     int          `json:"score"`
	Shared    []sharedView `json:"shared"`
	NotSameBy string       `json:"not_same_by"`
}

type pairSideView struct {
	ID       mainstay.ItemID    `json:"id"`
	Name     string             `json:"name"`
	Type     string             `json:"type"`
	Status   string             `json:"status"`
	Sync     mainstay.SyncState `json:"sync_status"`
	Items    int                `json:"items"`
	OnlyHere int                `json:"only_here"`
}

type sharedView struct {
	Reason mainstay.DuplicateReason `json:"reason"`
	A      string                   `json:"a"`
	B      string                   `json:"b"`
}

type commonView struct {
	Reason        mainstay.DuplicateReason `json:"reason"`
	Text          string                   `json:"text"`
	Organizations int                      `json:"organizations"`
}

type duplicatesView struct {
	Total  int                              `json:"total"`
	Counts map[mainstay.DuplicateReason]int `json:"counts"`
	Pairs  []pairView                       `json:"pairs"`
	// Common is what so many organizations share that it makes no pairs.
	Common []commonView `json:"common"`
}

// Run prints the pairs.
func (d *duplicatesListCmd) Run(c *call) error {
	reason, err := mainstay.ParseDuplicateReason(d.Reason)
	if err != nil {
		return err
	}
	ask := store.DuplicateRequest{Reason: reason, Organization: d.Organization, Dismissed: d.NotSame, Limit: d.Limit}
	if d.Limit <= 0 {
		ask.Limit = maxPairs
	}
	return c.with(func(a *app) error {
		var page store.DuplicatePage
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			if d.Organization != 0 {
				if _, err := t.Item(c.ctx, mainstay.Ref{Kind: mainstay.Organization.Name, ID: d.Organization}); err != nil {
					return err
				}
			}
			page, err = t.Duplicates(c.ctx, operator(), ask)
			return err
		})
		if err != nil {
			return err
		}
		v := duplicatesView{Total: page.Total, Counts: map[mainstay.DuplicateReason]int{}, Pairs: []pairView{}, Common: []commonView{}}
		for _, r := range mainstay.DuplicateReasons() {
			v.Counts[r] = page.Counts[r]
		}
		for _, row := range page.Rows {
			v.Pairs = append(v.Pairs, pairOf(row))
		}
		for _, m := range page.Common {
			v.Common = append(v.Common, commonView{m.Reason, m.Text, m.N})
		}
		return c.print(v, v.text)
	})
}

// maxPairs is more than any installation has.
const maxPairs = 1 << 30

func pairOf(row store.DuplicateRow) pairView {
	side := func(r store.ListRow) pairSideView {
		return pairSideView{r.ID, r.Name, r.Type, r.Status, r.Sync, r.Items, r.OnlyHereItems}
	}
	v := pairView{A: side(row.First), B: side(row.Second), Score: row.Score, Shared: []sharedView{}}
	for _, s := range row.Shared {
		v.Shared = append(v.Shared, sharedView{s.Reason, s.A, s.B})
	}
	if row.Told != nil {
		v.NotSameBy = row.Told.Who
	}
	return v
}

func (v duplicatesView) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tITEMS\tID\tNAME\tITEMS\tWHY")
	for _, p := range v.Pairs {
		var why []string
		for _, s := range p.Shared {
			why = append(why, string(s.Reason))
		}
		reasons := strings.Join(why, ", ")
		if p.NotSameBy != "" {
			reasons = strings.TrimPrefix(reasons+"; not the same, said "+p.NotSameBy, "; ")
		}
		fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%s\t%d\t%s\n", p.A.ID, p.A.Name, p.A.Items, p.B.ID, p.B.Name, p.B.Items, reasons)
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	noun := "pairs"
	if v.Total == 1 {
		noun = "pair"
	}
	fmt.Fprintf(w, "%s %s; %s shown.\n", mainstay.Thousands(v.Total), noun, mainstay.Thousands(len(v.Pairs)))
	for n, m := range v.Common {
		if n == shownCommon {
			fmt.Fprintf(w, "  … and %s more that too many share\n", mainstay.Thousands(len(v.Common)-n))
			break
		}
		fmt.Fprintf(w, "  left out: %s %q, which %s organizations share\n", m.Reason, m.Text, mainstay.Thousands(m.Organizations))
	}
}

// shownCommon is how many things that too many share are printed for people.
const shownCommon = 5

type duplicatesApartCmd struct {
	A mainstay.ItemID `arg:"" help:"Id of one organization."`
	B mainstay.ItemID `arg:"" help:"Id of the other."`
}

// Run tells two organizations apart.
func (d *duplicatesApartCmd) Run(c *call) error {
	return c.pair(d.A, d.B, true, func(a *app) error { return a.changes.MarkNotSame(c.ctx, operator(), d.A, d.B) })
}

type duplicatesAgainCmd struct {
	A mainstay.ItemID `arg:"" help:"Id of one organization."`
	B mainstay.ItemID `arg:"" help:"Id of the other."`
}

// Run forgets that two organizations were told apart.
func (d *duplicatesAgainCmd) Run(c *call) error {
	return c.pair(d.A, d.B, false, func(a *app) error { return a.changes.LookAgain(c.ctx, operator(), d.A, d.B) })
}

// pair does something with two organizations and says what is kept of them.
func (c *call) pair(a, b mainstay.ItemID, apart bool, do func(*app) error) error {
	return c.with(func(app *app) error {
		if err := do(app); err != nil {
			return err
		}
		return c.print(map[string]any{"a": min(a, b), "b": max(a, b), "not_same": apart}, func(w io.Writer) {
			if apart {
				fmt.Fprintf(w, "Kept: %d and %d are not the same. To take it back: mainstay duplicates look-again %d %d\n", a, b, a, b)
			} else {
				fmt.Fprintf(w, "%d and %d may be the same again.\n", a, b)
			}
		})
	})
}
