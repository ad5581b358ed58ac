package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/store"
)

type syncCmd struct {
	Name   string `arg:"" help:"Name of the integration."`
	Full   bool   `help:"Read everything and mark orphans. Every sync is full for now; the flag keeps scripts clear." default:"true" negatable:""`
	Wait   bool   `help:"Show progress and wait for the end."`
	Accept bool   `help:"Accept the newest sync of this integration that a guard holds: its candidates become orphaned." xor:"settle"`
	Reject bool   `help:"Keep everything that the newest held sync would have orphaned." xor:"settle"`
}

// runView is the stable JSON form of a sync.
type runView struct {
	ID      mainstay.RunID     `json:"id"`
	State   mainstay.RunState  `json:"state"`
	By      string             `json:"by"`
	Counts  mainstay.RunCounts `json:"counts"`
	Message string             `json:"message"`
}

// Run starts a sync, or settles a held one.
func (s *syncCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		i, err := a.integration(c.ctx, s.Name)
		if err != nil {
			return err
		}
		id := i.LastRun
		if s.Accept || s.Reject {
			err = a.changes.SettleRun(c.ctx, operator(), id, s.Accept, nil)
		} else {
			var run mainstay.Run
			run, err = a.changes.StartRun(c.ctx, operator(), i.ID)
			id = run.ID
		}
		if err != nil {
			return err
		}
		if s.Wait {
			err = c.wait(a, func(ctx context.Context) (progress, error) {
				r, err := a.run(ctx, id)
				return progress{r.Stage, r.Counts.Seen, r.Expected, r.State.Ended()}, err
			})
			if err != nil {
				return err
			}
		}
		return c.showRun(a, id)
	})
}

func (c *call) showRun(a *app, id mainstay.RunID) error {
	r, err := a.run(c.ctx, id)
	if err != nil {
		return err
	}
	err = c.print(runView{r.ID, r.State, r.By, r.Counts, r.Message}, func(w io.Writer) {
		fmt.Fprintf(w, "Sync %d is %s. %s\n", r.ID, r.State, r.Message)
		if n := r.Counts.Waiting; n > 0 {
			fmt.Fprintf(w, "%s%s to be matched again: mainstay match NAME\n", count(n, "record"), waits(n))
		}
	})
	switch {
	case err != nil:
		return err
	case r.State == mainstay.RunHeld:
		return mainstay.Errorf(mainstay.Held, "Sync %d is held for a person. Look at it, then run the command again with --accept or --reject.", r.ID)
	case r.State == mainstay.RunFailed || r.State == mainstay.RunIncomplete:
		return mainstay.Errorf(mainstay.Unavailable, "Sync %d ended %s.", r.ID, r.State)
	}
	return nil
}

func (a *app) run(ctx context.Context, id mainstay.RunID) (r mainstay.Run, err error) {
	err = a.store.Read(ctx, func(t *store.Tx) error {
		r, err = t.Run(ctx, id)
		return err
	})
	return r, err
}

func (a *app) integration(ctx context.Context, name string) (i mainstay.Integration, err error) {
	err = a.store.Read(ctx, func(t *store.Tx) error {
		i, err = t.IntegrationNamed(ctx, name)
		return err
	})
	return i, err
}

type listCmd struct {
	Kind   string `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	Query  string `arg:"" optional:"" help:"Filter, such as 'sync status: orphaned type: Prospect'."`
	Limit  int    `help:"How many to print; 0 for all." default:"50"`
	Cursor string `help:"Where to go on, from the output before." hidden:""`
	Sort   string `help:"name, -name, updated or -updated." default:"name"`
}

// itemView is the stable JSON form of a line of a list.
type itemView struct {
	ID           mainstay.ItemID    `json:"id"`
	Ref          string             `json:"ref"`
	Name         string             `json:"name"`
	Organization string             `json:"organization"`
	Type         string             `json:"type"`
	Status       string             `json:"status"`
	Sync         mainstay.SyncState `json:"sync_status"`
	Reason       mainstay.Reason    `json:"reason"`
	Evidence     string             `json:"evidence"`
	Items        int                `json:"items"`
	OnlyHere     int                `json:"only_here"`
}

type listView struct {
	Total int        `json:"total"`
	Items []itemView `json:"items"`
	Next  string     `json:"next"`
}

// Run prints the items that match.
func (l *listCmd) Run(c *call) error {
	kind, err := mainstay.KindNamed(l.Kind)
	if err != nil {
		return err
	}
	sort, err := store.ParseSort(l.Sort)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		view := listView{Items: []itemView{}, Next: l.Cursor}
		for {
			size := 500
			if l.Limit > 0 {
				size = min(size, l.Limit-len(view.Items))
			}
			var page store.ListPage
			err := a.store.Read(c.ctx, func(t *store.Tx) error {
				f, err := t.Filter(c.ctx, kind, l.Query, 0)
				if err != nil {
					return err
				}
				page, err = t.List(c.ctx, operator(), store.ListRequest{Filter: f, Sort: sort, Cursor: view.Next, Limit: size})
				return err
			})
			if err != nil {
				return err
			}
			view.Total, view.Next = page.Total, page.Next
			for _, r := range page.Rows {
				view.Items = append(view.Items, itemView{r.ID, r.Ref().String(), r.Name, r.Organization, r.Type, r.Status, r.Sync, r.Reason, r.SyncNote, r.Items, r.OnlyHereItems})
			}
			if page.Next == "" || (l.Limit > 0 && len(view.Items) >= l.Limit) {
				return c.print(view, func(w io.Writer) { view.text(w, kind) })
			}
		}
	})
}

func (v listView) text(w io.Writer, kind *mainstay.Kind) {
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tNAME\tTYPE\tSTATUS\tSYNC\tWHY\tITEMS\tONLY HERE")
	for _, i := range v.Items {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%d\t%d\n", i.ID, i.Name, i.Type, i.Status, i.Sync.Label(), i.Reason.Label(), i.Items, i.OnlyHere)
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	fmt.Fprintf(w, "%s match; %s shown.\n", kind.Count(v.Total), mainstay.Thousands(len(v.Items)))
}
