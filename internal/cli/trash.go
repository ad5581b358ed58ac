package cli

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/store"
)

type trashCmd struct {
	Words string          `arg:"" optional:"" help:"Only items whose name contains this."`
	Plan  mainstay.PlanID `help:"Only what this plan deleted."`
	Limit int             `help:"How many to print." default:"50"`
	After string          `help:"Go on after the page before, with its \"next\"."`
}

// trashView is the stable JSON form of what lies in the trash.
type trashView struct {
	Total int             `json:"total"`
	Items []trashItemView `json:"items"`
	Next  string          `json:"next"`
}

type trashItemView struct {
	ID           mainstay.ItemID           `json:"id"`
	Kind         mainstay.KindName         `json:"kind"`
	Name         string                    `json:"name"`
	Organization string                    `json:"organization"`
	Plan         mainstay.PlanID           `json:"plan"` // 0 for a single delete
	By           string                    `json:"by"`
	At           string                    `json:"at"`
	PurgeAfter   string                    `json:"purge_after"`
	With         map[mainstay.KindName]int `json:"with"`  // what undo --id brings back with it
	Merge        bool                      `json:"merge"` // a merge put it there, so undo with the plan is what brings it back
}

// Run lists what lies in the trash, organizations first and by name.
func (r *trashCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		f := store.TrashFilter{Words: r.Words, After: r.After, Limit: max(r.Limit, 1) + 1}
		if r.Plan != 0 {
			f.Plan = &r.Plan
		}
		v := trashView{Items: []trashItemView{}}
		err := a.store.Read(c.ctx, func(t *store.Tx) error {
			var err error
			if v.Total, err = t.CountTrash(c.ctx, operator(), f); err != nil {
				return err
			}
			all, err := t.TrashPage(c.ctx, operator(), f)
			if len(all) == f.Limit {
				all = all[:f.Limit-1]
				v.Next = store.TrashPlace(all[len(all)-1])
			}
			var ids []mainstay.PlanID
			for _, e := range all {
				v.Items = append(v.Items, trashItem(e))
				if !slices.Contains(ids, e.PlanID) {
					ids = append(ids, e.PlanID)
				}
			}
			if err != nil {
				return err
			}
			plans, err := t.PlansByID(c.ctx, ids)
			for n := range v.Items {
				v.Items[n].Merge = plans[v.Items[n].Plan].Action == mainstay.ActionMerge
			}
			return err
		})
		if err != nil {
			return err
		}
		return c.print(v, v.write)
	})
}

func trashItem(e mainstay.TrashEntry) trashItemView {
	with := map[mainstay.KindName]int{}
	for k, n := range e.Inside {
		with[k] = n
	}
	if e.OwnerTrashed {
		with[mainstay.Organization.Name]++
	}
	return trashItemView{ID: e.ItemID, Kind: e.Kind, Name: e.Name, Organization: e.Organization, Plan: e.PlanID, By: e.DeletedBy,
		At: machineTime(e.Deleted), PurgeAfter: machineTime(e.PurgeAfter), With: with}
}

func (v trashView) write(w io.Writer) {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tKIND\tNAME\tWITH\tORGANIZATION\tPLAN\tBY")
	for _, i := range v.Items {
		n := 0
		for _, with := range i.With {
			n += with
		}
		fmt.Fprintf(out, "%d\t%s\t%s\t%d more\t%s\t%d\t%s\n", i.ID, i.Kind, i.Name, n, i.Organization, i.Plan, i.By)
	}
	_ = out.Flush()
	fmt.Fprintf(w, "%s in Trash. To bring one back with what belongs to it: mainstay undo --id ID. What a merge moved here: mainstay undo PLAN.\n", mainstay.Thousands(v.Total))
	if v.Next != "" {
		fmt.Fprintf(w, "More with: --after %s\n", v.Next)
	}
}
