package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type matchCmd struct {
	Name   string   `arg:"" help:"Name of the integration."`
	Record []string `arg:"" optional:"" help:"Ids in the PSA of the records to reconnect. Without any, and without --all, what waits is listed."`
	Kind   string   `help:"organizations, configurations, contacts or locations." default:"organizations"`
	All    bool     `help:"Reconnect every record of the kind that waits." xor:"how"`
	New    bool     `help:"Make new items of the records at the next sync, beside the old ones. No plan undoes this; merge or match them later." xor:"how"`
	Seen   int      `help:"How many you expect; the plan says when it finds another number."`
	Limit  int      `help:"How many to list; 0 for all." default:"50"`
}

// waitingView is the stable JSON form of a record that waits.
type waitingView struct {
	Record   string                     `json:"record"`
	Name     string                     `json:"name"`
	Item     mainstay.ItemID            `json:"item"`
	ItemName string                     `json:"item_name"`
	InTrash  bool                       `json:"in_trash"`
	Changes  map[string]mainstay.Change `json:"changes"` // what reconnecting would change, by field
	Why      mainstay.EndedWhy          `json:"why"`
	Who      string                     `json:"who"`
	At       string                     `json:"at"`
	Note     string                     `json:"note"`
	Plan     mainstay.PlanID            `json:"plan"`
}

type matchView struct {
	Waiting map[mainstay.KindName]int `json:"waiting"`
	Kind    mainstay.KindName         `json:"kind"`
	Records []waitingView             `json:"records"`
}

// Run lists what waits to be matched again, plans to reconnect it, or lets the
// next sync make new items of it.
func (m *matchCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(m.Kind)
	if err != nil {
		return err
	}
	if m.All && len(m.Record) > 0 {
		return mainstay.Errorf(mainstay.Invalid, "Name records or use --all, not both.")
	}
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, m.Name)
		if err != nil {
			return err
		}
		r := change.Rematch{Integration: i.ID, Kind: kind, Records: m.Record, Seen: m.Seen}
		switch {
		case m.New:
			return c.letGo(a, r)
		case m.All || len(m.Record) > 0:
			p, err := a.changes.ProposeReconnect(c.ctx, operator(), r)
			if err != nil {
				return err
			}
			return c.showPlan(a, p.ID)
		}
		return c.listWaiting(a, i, kind, m.Limit)
	})
}

// letGo gives up the old links of records and says how many.
func (c *call) letGo(a *app, r change.Rematch) error {
	n, err := a.changes.LetGo(c.ctx, operator(), r)
	if err != nil {
		return err
	}
	return c.print(map[string]int{"records": n}, func(w io.Writer) {
		fmt.Fprintf(w, "The next sync makes %s. The old ones stay, and exist only here.\n", count(n, "new item"))
	})
}

// waitingRows is how many records are read at once.
const waitingRows = 500

func (c *call) listWaiting(a *app, i mainstay.Integration, kind *mainstay.Kind, limit int) error {
	v := matchView{Kind: kind.Name, Records: []waitingView{}}
	after, more := "", true
	for more {
		size := waitingRows
		if limit > 0 {
			size = min(size, limit-len(v.Records))
		}
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			var err error
			if v.Waiting, err = t.CountWaiting(c.ctx, i.ID); err != nil {
				return err
			}
			found, err := t.WaitingPage(c.ctx, operator(), i.ID, kind.Name, after, size)
			for _, f := range found {
				v.Records = append(v.Records, waitingOf(f))
				after = f.ExternalID
			}
			more = len(found) == size && (limit == 0 || len(v.Records) < limit)
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.print(v, func(w io.Writer) { v.text(w, kind, i.Name) })
}

func waitingOf(f store.Waiting) waitingView {
	v := waitingView{Record: f.ExternalID, Name: f.RecordName, Item: f.ItemID, ItemName: f.Trashed, InTrash: f.Item == nil, Changes: map[string]mainstay.Change{},
		Why: f.Why, Who: f.Who, At: machineTime(f.At), Note: f.Note, Plan: f.PlanID}
	if f.Item != nil {
		v.ItemName = f.Item.Name
	}
	if f.Item != nil && f.Seen != nil {
		now := f.Seen.Apply(*f.Item)
		v.Changes = change.Diff(f.Item, &now)
	}
	return v
}

func (v matchView) text(w io.Writer, kind *mainstay.Kind, name string) {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "RECORD\tNAME\tWAS\tWOULD CHANGE\tENDED BY\tWHEN\tWHY")
	for _, r := range v.Records {
		was := fmt.Sprintf("%s (id %d)", r.ItemName, r.Item)
		if r.InTrash {
			was += ", in Trash"
		}
		changes := strings.Join(sortedKeys(r.Changes), ", ")
		if changes == "" {
			changes = "nothing"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Record, r.Name, was, changes, r.Who, r.At, r.Note)
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	fmt.Fprintf(w, "%s to be matched again; %s shown.\n", kind.Count(v.Waiting[kind.Name])+waits(v.Waiting[kind.Name]), mainstay.Thousands(len(v.Records)))
	for _, k := range mainstay.Kinds() {
		if n := v.Waiting[k.Name]; n > 0 && k.Name != kind.Name {
			fmt.Fprintf(w, "%s too: --kind %s\n", k.Count(n)+waits(n), k.Plural)
		}
	}
	if v.Waiting[kind.Name] > 0 {
		fmt.Fprintf(w, "To reconnect all: mainstay match '%s' --kind %s --all\n", name, kind.Plural)
	}
}

// waits is the verb after a number of records.
func waits(n int) string {
	if n == 1 {
		return " waits"
	}
	return " wait"
}
