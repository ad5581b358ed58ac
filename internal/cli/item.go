package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type itemCmd struct {
	Show       itemShowCmd       `cmd:"" help:"Show an item, the PSA record that it follows, and why."`
	Sync       itemSyncCmd       `cmd:"" help:"Read its record from the PSA now and take it over."`
	Disable    itemDisableCmd    `cmd:"" help:"Turn its syncing off. It stays linked, and no sync changes it."`
	Enable     itemEnableCmd     `cmd:"" help:"Turn its syncing on again."`
	Disconnect itemDisconnectCmd `cmd:"" help:"End its link and keep all data, at once; an organization through a plan. Both can be undone."`
	Match      itemMatchCmd      `cmd:"" help:"Find the PSA record that it is, say what would change, and link the two."`
	Delete     itemDeleteCmd     `cmd:"" help:"Move it to Trash, at once; an organization through a plan. Not while it syncs."`
}

// itemArgs name one item.
type itemArgs struct {
	Kind string          `arg:"" help:"organizations, configurations, contacts, locations or documents."`
	ID   mainstay.ItemID `arg:"" help:"Id of the item, as lists print it."`
}

// with reads the item and runs fn on it.
func (i itemArgs) with(c *call, fn func(a *app, item mainstay.Item) error) error {
	kind, err := mainstay.KindNamed(i.Kind)
	if err != nil {
		return err
	}
	return c.with(func(a *app) error {
		item, err := a.item(c.ctx, mainstay.Ref{Kind: kind.Name, ID: i.ID})
		if err != nil {
			return err
		}
		return fn(a, item)
	})
}

func (a *app) item(ctx context.Context, ref mainstay.Ref) (i mainstay.Item, err error) {
	err = a.store.Read(ctx, func(t *store.Tx) error {
		i, err = t.Item(ctx, ref)
		return err
	})
	return i, err
}

// oneView is the stable JSON form of a single item.
type oneView struct {
	ID           mainstay.ItemID    `json:"id"`
	Ref          string             `json:"ref"`
	Name         string             `json:"name"`
	Organization mainstay.ItemID    `json:"organization"`
	Type         string             `json:"type"`
	Status       string             `json:"status"`
	Sync         mainstay.SyncState `json:"sync_status"`
	Reason       mainstay.Reason    `json:"reason"`
	Evidence     string             `json:"evidence"`
	Since        string             `json:"since"`
	Integration  string             `json:"integration"` // empty where it has no link
	Record       string             `json:"record"`      // its id in the PSA
	Fields       mainstay.Values    `json:"fields"`
	OnlyHere     bool               `json:"only_here"`
	Deletable    bool               `json:"deletable"`
	Version      int64              `json:"version"`
}

type itemShowCmd struct{ itemArgs }

// Run prints one item.
func (s *itemShowCmd) Run(c *call) error {
	return s.with(c, func(a *app, i mainstay.Item) error { return c.showItem(a, i.Ref()) })
}

func (c *call) showItem(a *app, ref mainstay.Ref) error {
	var v oneView
	var psa mainstay.Integration
	err := a.store.Read(c.ctx, func(t *store.Tx) error {
		i, err := t.Item(c.ctx, ref)
		if err != nil {
			return err
		}
		v = oneView{ID: i.ID, Ref: ref.String(), Name: i.Name, Organization: i.OrganizationID, Sync: i.Sync, Reason: i.Reason, Evidence: i.SyncNote, Since: machineTime(i.Since),
			Fields: i.Values, OnlyHere: i.OnlyHere, Deletable: i.Sync != mainstay.Syncing && i.Sync != mainstay.SyncError, Version: i.Version}
		labels, err := t.Labels(c.ctx)
		if err != nil {
			return err
		}
		for _, l := range labels {
			switch l.ID {
			case i.TypeID:
				v.Type = l.Name
			case i.StatusID:
				v.Status = l.Name
			}
		}
		record, linked, err := t.RecordOf(c.ctx, i.ID)
		if err != nil || !linked {
			return err
		}
		psa, err = t.Integration(c.ctx, record.IntegrationID)
		v.Integration, v.Record = psa.Name, record.ExternalID
		return err
	})
	if err != nil {
		return err
	}
	return c.print(v, func(w io.Writer) { v.text(w, ref, a.engine.RecordURL(psa, ref.Kind, v.Record)) })
}

func (v oneView) text(w io.Writer, ref mainstay.Ref, url string) {
	kind, err := mainstay.KindNamed(string(ref.Kind))
	if err != nil {
		return
	}
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(t, "%s\t%s\n", label, text)
		}
	}
	line("Name", v.Name)
	line("Type", v.Type)
	line("Status", v.Status)
	line("Sync", strings.Join(nonEmpty(v.Sync.Label(), v.Reason.Label(), v.Evidence), ". "))
	if v.Integration != "" {
		line("Record", fmt.Sprintf("%s of %s", v.Record, v.Integration))
		line("Open", url)
	}
	for _, f := range kind.Fields {
		line(f.Label, fieldText(v.Fields[f.Name]))
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	if !v.Deletable {
		fmt.Fprintf(w, "It can't be deleted while it syncs. Two ways on: mainstay item disconnect %s %d, or untick its type and wait for the next full sync.\n", kind.Plural, v.ID)
	}
}

func nonEmpty(texts ...string) []string {
	var out []string
	for _, t := range texts {
		if t != "" {
			out = append(out, strings.TrimSuffix(t, "."))
		}
	}
	return out
}

// fieldText writes a field in a line.
func fieldText(v mainstay.Value) string {
	if len(v.Rows) == 0 {
		return strings.ReplaceAll(v.Text, "\n", " ")
	}
	var rows []string
	for _, r := range v.Rows {
		var cells []string
		for _, k := range sortedKeys(r) {
			if r[k] != "" && r[k] != "true" {
				cells = append(cells, r[k])
			}
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(rows, "; ")
}

type itemSyncCmd struct{ itemArgs }

// Run syncs one item.
func (s *itemSyncCmd) Run(c *call) error {
	return s.with(c, func(a *app, i mainstay.Item) error {
		out, err := a.engine.SyncItem(c.ctx, operator(), i.Ref())
		if err != nil {
			return err
		}
		v := map[string]any{"outcome": out.Outcome, "fields": out.Fields, "message": out.Message, "sync_status": out.Item.Sync}
		return c.print(v, func(w io.Writer) { fmt.Fprintln(w, out.Message) })
	})
}

type itemDisableCmd struct{ itemArgs }

// Run turns the syncing of one item off.
func (d *itemDisableCmd) Run(c *call) error {
	return d.with(c, func(a *app, i mainstay.Item) error {
		if _, err := a.changes.DisableSync(c.ctx, operator(), i.Ref(), i.Version); err != nil {
			return err
		}
		return c.showItem(a, i.Ref())
	})
}

type itemEnableCmd struct{ itemArgs }

// Run turns the syncing of one item on again.
func (e *itemEnableCmd) Run(c *call) error {
	return e.with(c, func(a *app, i mainstay.Item) error {
		if _, err := a.changes.EnableSync(c.ctx, operator(), i.Ref(), i.Version); err != nil {
			return err
		}
		return c.showItem(a, i.Ref())
	})
}

type itemDisconnectCmd struct {
	itemArgs
	Note string `help:"Why; shown with the item."`
}

// Run ends the link of one item, or plans it for an organization.
func (d *itemDisconnectCmd) Run(c *call) error {
	return d.with(c, func(a *app, i mainstay.Item) error {
		var p mainstay.Plan
		var err error
		if i.Kind == mainstay.Organization.Name {
			p, err = a.changes.ProposeDisconnect(c.ctx, operator(), change.Unlink{Note: d.Note, Request: change.Request{Kind: i.Spec(), IDs: []mainstay.ItemID{i.ID}}})
		} else {
			p, err = a.changes.DisconnectNow(c.ctx, operator(), i.Spec(), map[mainstay.ItemID]int64{i.ID: i.Version}, d.Note)
		}
		if err != nil {
			return err
		}
		return c.showPlan(a, p.ID)
	})
}

type itemDeleteCmd struct{ itemArgs }

// Run moves one item to Trash, or plans it for an organization.
func (d *itemDeleteCmd) Run(c *call) error {
	return d.with(c, func(a *app, i mainstay.Item) error {
		var p mainstay.Plan
		var err error
		if i.Kind == mainstay.Organization.Name {
			p, err = a.changes.ProposeDelete(c.ctx, operator(), change.Request{Kind: i.Spec(), IDs: []mainstay.ItemID{i.ID}})
		} else {
			p, err = a.changes.DeleteNow(c.ctx, operator(), i.Spec(), map[mainstay.ItemID]int64{i.ID: i.Version})
		}
		if err != nil {
			return err
		}
		return c.showPlan(a, p.ID)
	})
}
