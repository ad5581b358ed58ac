package change

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"mainstay"
	"mainstay/internal/store"
)

// Match asks to link an item with a record of a PSA.
type Match struct {
	Item        mainstay.Ref
	Version     int64 // of the item that the person saw
	Integration mainstay.IntegrationID
	Record      string // the PSA's id
	// Instead says that the person takes the record from the other item that it
	// waits for.
	Instead bool
}

// matched is what a match noted of the time before, for its undo.
type matched struct {
	Item        mainstay.Item          `json:"item"`
	Integration mainstay.IntegrationID `json:"integration"`
	Record      string                 `json:"record"`
	InScope     bool                   `json:"in_scope"`
	Ended       *mainstay.Tombstone    `json:"ended,omitempty"`
	// Other is the item that the record waited for, which is without a trace of
	// its link since.
	Other *mainstay.Item `json:"other,omitempty"`
}

// MatchRecord links an item without a link with a known record of a PSA that has
// no item, as a plan that is done at once. From the next sync on the PSA's values
// replace those of the fields that it owns. Undoing the plan gives the item back
// as it was, these fields included.
func (c *Changes) MatchRecord(ctx context.Context, a mainstay.Actor, m Match) (mainstay.Plan, error) {
	return c.matchRecord(ctx, a, m, 0)
}

func (c *Changes) matchRecord(ctx context.Context, a mainstay.Actor, m Match, origin mainstay.PlanID) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		if err := alone(ctx, t, m.Integration); err != nil {
			return err
		}
		i, err := ownItem(ctx, t, a, m.Item, m.Version)
		if err != nil {
			return err
		}
		f, in, err := fitOf(ctx, t, a, i, m)
		if err != nil {
			return err
		}
		if f.Waits != nil && !m.Instead {
			return mainstay.Errorf(mainstay.Held, "This record waits for %s, which was disconnected. Nothing was done. Choose to link it with %s instead, or match %s again.",
				f.Waits.Name, i.Name, f.Waits.Name)
		}
		p = newPlan(t, a, mainstay.ActionReconnect, i.Kind)
		p.Origin, p.Params.Integration, p.Params.PSA = origin, in.ID, in.Name
		return c.applyInline(ctx, t, a, &p, []mainstay.ItemID{i.ID}, func(chunk store.Chunk) (int, error) {
			if err := c.link(ctx, t, chunk, i, f); err != nil {
				return 0, err
			}
			_, skipped, err := t.FinishChunk(ctx, chunk)
			return skipped, err
		})
	})
	return p, err
}

// fitOf reads the record that an item is to be linked with, and refuses it where
// it can't be.
func fitOf(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Item, m Match) (Fit, mainstay.Integration, error) {
	if err := toMatch(a, i); err != nil {
		return Fit{}, mainstay.Integration{}, err
	}
	in, err := t.Integration(ctx, m.Integration)
	if err == nil && !in.Removed.IsZero() {
		err = mainstay.Errorf(mainstay.NotFound, "This integration was removed.")
	}
	if err != nil {
		return Fit{}, in, err
	}
	records, err := t.Records(ctx, in.ID, i.Kind, []string{m.Record})
	if err != nil {
		return Fit{}, in, err
	}
	r, known := records[m.Record]
	if !known {
		return Fit{}, in, mainstay.Errorf(mainstay.NotFound, "No sync of %s has seen a %s with the id %s.", in.Name, i.Spec().Label, m.Record)
	}
	if i.Kind != mainstay.Organization.Name {
		companies, err := t.CompaniesOf(ctx, i.OrganizationID)
		if err != nil {
			return Fit{}, in, err
		}
		if !slices.Contains(companies, store.Company{Integration: in.ID, ExternalID: r.CompanyID}) {
			return Fit{}, in, mainstay.Errorf(mainstay.Conflict, "In %s this record belongs to another company than the organization of %s. Nothing was done. Move one of them first.", in.Name, i.Name)
		}
	}
	fits, err := Fits(ctx, t, a, i, []store.Record{r})
	if err != nil {
		return Fit{}, in, err
	}
	if fits[0].Why != "" {
		return fits[0], in, mainstay.Errorf(mainstay.Conflict, "%s Nothing was done.", fits[0].Why)
	}
	return fits[0], in, nil
}

// link ties an item to its record, and notes what was before.
func (c *Changes) link(ctx context.Context, t *store.Tx, chunk store.Chunk, i mainstay.Item, f Fit) error {
	r := f.Record
	before := matched{Item: i, Integration: r.IntegrationID, Record: r.ExternalID, InScope: r.InScope, Ended: f.Ended}
	n := i
	n.Version, n.Updated = i.Version+1, t.Now()
	n.Sync, n.Reason, n.Since, n.SyncNote = mainstay.Syncing, "", t.Now(), ""
	if f.Ended != nil && f.Ended.ItemID == i.ID && f.Ended.Why != mainstay.EndedMerged {
		h, err := homesOf(ctx, t, chunk.Actor, map[mainstay.ItemID]mainstay.Tombstone{i.ID: *f.Ended})
		if err != nil {
			return err
		}
		n = reconnected(t.Now(), i, *f.Ended, h, r.InScope, false)
	}
	n.SettleOnlyHere()
	r.ItemID, r.Linked, r.Hash = i.ID, t.Now(), ""
	r.InScope = n.Sync != mainstay.Orphaned || r.InScope
	if err := t.DeleteTombstones(ctx, r.IntegrationID, r.Kind, []string{r.ExternalID}); err != nil {
		return err
	}
	if f.Waits != nil {
		var err error
		if before.Other, err = c.letGo(ctx, t, chunk, f.Waits.Ref(), &n); err != nil {
			return err
		}
	}
	if err := t.UpdateItems(ctx, []mainstay.Item{i}, []*mainstay.Item{&n}); err != nil {
		return err
	}
	if err := t.UpsertRecords(ctx, []store.Record{r}); err != nil {
		return err
	}
	noted, err := json.Marshal(before)
	if err != nil {
		return err
	}
	if err := t.MarkMatched(ctx, chunk, i.ID, string(noted)); err != nil {
		return err
	}
	return logMatch(ctx, t, chunk, "matched", &i, &n, fmt.Sprintf("With %s (%s) of %s", r.ExternalID, r.Name, chunk.Plan.Params.PSA))
}

func logMatch(ctx context.Context, t *store.Tx, chunk store.Chunk, verb string, old, n *mainstay.Item, detail string) error {
	e := itemEntry(t, chunk.Actor, verb, n)
	e.PlanID, e.Detail, e.Changes = chunk.Plan.ID, detail, Diff(old, n)
	return t.InsertActivity(ctx, []mainstay.Activity{e})
}

// letGo takes the trace of its link from an item whose record gets another one.
// Without any trace left it is an item that is only here. It returns what the
// item was, or nil where another trace keeps it as it is.
func (c *Changes) letGo(ctx context.Context, t *store.Tx, chunk store.Chunk, ref mainstay.Ref, to *mainstay.Item) (*mainstay.Item, error) {
	old, err := t.LockItem(ctx, ref)
	if err != nil {
		return nil, err
	}
	left, err := t.TombstonesOf(ctx, old.ID)
	if err != nil || len(left) > 0 || !old.Disconnected() {
		return nil, err
	}
	n := old
	n.Reason, n.Since, n.SyncNote, n.Version = "", t.Now(), "", old.Version+1
	n.SettleOnlyHere()
	if err := t.UpdateItems(ctx, []mainstay.Item{old}, []*mainstay.Item{&n}); err != nil {
		return nil, err
	}
	return &old, logMatch(ctx, t, chunk, "lost its record", &old, &n, "It is linked with "+to.Name+" now")
}
