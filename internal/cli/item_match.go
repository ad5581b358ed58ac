package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

type itemMatchCmd struct {
	itemArgs
	Record      string `arg:"" optional:"" help:"Id in the PSA of the record. Without it, the records that it may be are listed."`
	Integration string `help:"Name of the integration; needed where there are several."`
	Search      string `help:"List the records with this in their name, or with this id; its own name where left out."`
	Instead     bool   `help:"Take the record from the item that it waits for."`
	Yes         bool   `help:"Link them. Without it the command only says what would change."`
	Limit       int    `help:"How many to list." default:"25"`
}

// fitView is the stable JSON form of a record that an item may be linked with.
type fitView struct {
	Integration string `json:"integration"`
	Record      string `json:"record"`
	Name        string `json:"name"`
	Why         string `json:"why_not"` // empty where it can be linked
	Before      bool   `json:"linked_before"`
	WaitsFor    string `json:"waits_for"` // the other item that it waits for
}

// previewView is the stable JSON form of what a match would do.
type previewView struct {
	fitView
	Known   change.Known               `json:"known"` // "now", "seen" or empty: where the changes are from
	Changes map[string]mainstay.Change `json:"changes"`
	Out     string                     `json:"does_not_sync"` // why; empty where it syncs
	Trouble string                     `json:"trouble"`       // why the PSA could not be asked
}

// Run lists records, says what linking with one would do, or links with it.
func (m *itemMatchCmd) Run(c *call) error {
	return m.with(c, func(a *app, i mainstay.Item) error {
		if m.Record == "" {
			return m.list(c, a, i)
		}
		in, err := a.onlyIntegration(c, m.Integration)
		if err != nil {
			return err
		}
		ask := change.Match{Item: i.Ref(), Version: i.Version, Integration: in.ID, Record: m.Record, Instead: m.Instead}
		if !m.Yes {
			return m.preview(c, a, i, ask)
		}
		p, err := a.changes.MatchRecord(c.ctx, operator(), ask)
		if err != nil {
			return err
		}
		return c.showPlan(a, p.ID)
	})
}

// onlyIntegration is the one that is named, or the only one there is.
func (a *app) onlyIntegration(c *call, name string) (mainstay.Integration, error) {
	if name != "" {
		return a.integration(c.ctx, name)
	}
	var all []mainstay.Integration
	err := a.store.Read(c.ctx, func(t *store.Tx) error {
		var err error
		all, err = t.Integrations(c.ctx)
		return err
	})
	if err == nil && len(all) != 1 {
		err = mainstay.Errorf(mainstay.Invalid, "There are %d integrations. Say which with --integration.", len(all))
	}
	if err != nil {
		return mainstay.Integration{}, err
	}
	return all[0], nil
}

func (m *itemMatchCmd) list(c *call, a *app, i mainstay.Item) error {
	words := m.Search
	if words == "" {
		words = i.Name
	}
	views := []fitView{}
	err := a.store.Read(c.ctx, func(t *store.Tx) error {
		found, matchable, err := change.Candidates(c.ctx, t, operator(), i, words, max(m.Limit, 1))
		if err == nil && !matchable {
			err = mainstay.Errorf(mainstay.Conflict, "The organization of %s is linked with no company, so there is no record to match it with. Match the organization first.", i.Name)
		}
		if err != nil {
			return err
		}
		all, err := t.Integrations(c.ctx)
		for _, f := range found {
			views = append(views, fitOf(f, i, all))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.print(views, func(w io.Writer) {
		t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
		fmt.Fprintln(t, "RECORD\tNAME\tIN\t")
		for _, v := range views {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", v.Record, v.Name, v.Integration, v.text())
		}
		t.Flush() //nolint:errcheck // nowhere to report it
		fmt.Fprintf(w, "%s called like %q. To look for another name: --search NAME. To see what one would change: mainstay item match %s %d RECORD\n",
			count(len(views), "record"), words, i.Spec().Plural, i.ID)
	})
}

func fitOf(f change.Fit, i mainstay.Item, all []mainstay.Integration) fitView {
	v := fitView{Record: f.Record.ExternalID, Name: f.Record.Name, Why: f.Why, Before: f.Ended != nil && f.Ended.ItemID == i.ID}
	for _, in := range all {
		if in.ID == f.Record.IntegrationID {
			v.Integration = in.Name
		}
	}
	if f.Waits != nil {
		v.WaitsFor = f.Waits.Name
	}
	return v
}

// text says whether the record can be linked.
func (v fitView) text() string {
	switch {
	case v.Why != "":
		return v.Why
	case v.WaitsFor != "":
		return "Waits for " + v.WaitsFor + "; take it with --instead."
	case v.Before:
		return "Was linked with it before."
	}
	return ""
}

func (m *itemMatchCmd) preview(c *call, a *app, i mainstay.Item, ask change.Match) error {
	p, trouble, err := a.engine.PreviewMatch(c.ctx, operator(), ask)
	if err != nil {
		return err
	}
	v := previewView{fitView: fitOf(p.Fit, i, []mainstay.Integration{p.Integration}), Known: p.Known, Changes: p.Overwrites, Out: p.Out}
	if v.Changes == nil {
		v.Changes = map[string]mainstay.Change{}
	}
	if trouble != nil {
		v.Trouble = mainstay.SafeMessage(trouble)
	}
	var labels []mainstay.Label
	if err := a.store.Read(c.ctx, func(t *store.Tx) error { labels, err = t.Labels(c.ctx); return err }); err != nil {
		return err
	}
	return c.print(v, func(w io.Writer) { v.preview(w, i, labels) })
}

func (v previewView) preview(w io.Writer, i mainstay.Item, labels []mainstay.Label) {
	fmt.Fprintf(w, "Match %s (id %d) to %s, record %s of %s.\n", i.Name, i.ID, v.Name, v.Record, v.Integration)
	for _, text := range []string{v.Trouble, v.Out, v.text()} {
		if text != "" {
			fmt.Fprintln(w, text)
		}
	}
	if v.Known == change.KnownNot {
		fmt.Fprintln(w, "It isn't known which fields would change.")
	}
	t := tabwriter.NewWriter(w, 2, 8, 2, ' ', 0)
	if len(v.Changes) > 0 {
		fmt.Fprintln(t, "FIELD\tHERE\tIN THE PSA")
	}
	for _, f := range sortedKeys(v.Changes) {
		label, before, after := f, v.Changes[f].Before, v.Changes[f].After
		if d := i.Spec().Field(f); d != nil {
			label = d.Label
		}
		if f == "type_id" || f == "status_id" {
			label, before, after = strings.TrimSuffix(f, "_id"), labelCalled(labels, before), labelCalled(labels, after)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", label, before, after)
	}
	t.Flush() //nolint:errcheck // nowhere to report it
	fmt.Fprintln(w, "Nothing was changed. Add --yes to link them. It can be undone.")
}

// labelCalled is the name of a type or status by its id in text.
func labelCalled(labels []mainstay.Label, id string) string {
	for _, l := range labels {
		if strconv.FormatInt(int64(l.ID), 10) == id {
			return l.Name
		}
	}
	return id
}
