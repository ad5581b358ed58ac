package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// MatchPreview is what linking an item with a record would do.
type MatchPreview struct {
	Item        mainstay.Item
	Integration mainstay.Integration
	Fit         Fit
	// Overwrites are the fields that the next sync replaces, where Known says so.
	Overwrites map[string]mainstay.Change
	Known      Known
	// Out says why the record doesn't sync by the settings; empty where it does or
	// where that isn't known.
	Out string
}

// Known says where the PSA's values of a preview are from.
type Known string

// Where from.
const (
	KnownNow  Known = "now"  // the PSA was asked
	KnownSeen Known = "seen" // a sync saw them since the link was ended
	KnownNot  Known = ""
)

// PreviewMatch looks at what linking would do. record is what the PSA says now;
// nil where it was not asked or doesn't answer.
func (c *Changes) PreviewMatch(ctx context.Context, a mainstay.Actor, m Match, record *mainstay.Observation, labels *Labels) (MatchPreview, error) {
	var p MatchPreview
	err := c.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		if p.Item, err = t.Item(ctx, m.Item); err != nil {
			return err
		}
		if p.Fit, p.Integration, err = fitOf(ctx, t, a, p.Item, m); err != nil {
			return err
		}
		if record == nil || record.Bad != "" {
			p.seen()
			return nil
		}
		w := newOneWork(t, One{Item: p.Item, Record: p.Fit.Record, Integration: p.Integration}, *record, labels)
		if err := w.load(ctx); err != nil {
			return err
		}
		n := w.merged(p.Item, record)
		p.Known, p.Overwrites = KnownNow, overwritten(p.Item, n)
		if in, reason := w.scope(record); !in {
			p.Out = w.evidence(record, reason)
		}
		return nil
	})
	return p, err
}

// seen falls back on what a sync saw of a record that waits.
func (p *MatchPreview) seen() {
	if s := p.Fit.Ended; s != nil && s.Seen != nil {
		p.Known, p.Overwrites = KnownSeen, overwritten(p.Item, s.Seen.Apply(p.Item))
	}
}

// overwritten are the fields of an item that differ from what the PSA says.
func overwritten(i, n mainstay.Item) map[string]mainstay.Change {
	out := Diff(&i, &n)
	for _, state := range []string{"sync", "reason", "sync_note"} {
		delete(out, state)
	}
	if out["organization_id"].After == "" {
		delete(out, "organization_id") // its company is linked with none here
	}
	return out
}
