package reconcile

import (
	"context"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/store"
)

// oneTime is how long a person waits at most while the PSA is asked for one record.
const oneTime = 20 * time.Second

// SyncItem reads the record of one linked item and takes it over, as a full sync
// would, but orphans nothing. Where the PSA has no such record, or gives no clear
// answer, nothing changes.
func (e *Engine) SyncItem(ctx context.Context, a mainstay.Actor, ref mainstay.Ref) (change.OneSynced, error) {
	one, err := e.Changes.ToSync(ctx, a, ref)
	if err != nil {
		return change.OneSynced{}, err
	}
	var record *mainstay.Observation
	var labels *change.Labels
	err = e.ask(ctx, one.Integration.ID, func(ctx context.Context, c connect.Connector) error {
		if record, err = fetchOne(ctx, c, one.Item.Kind, one.Record.ExternalID); err != nil || record == nil {
			return err
		}
		labels, err = e.labelsFor(ctx, c, one.Integration.ID, *record)
		return err
	})
	if err != nil {
		return change.OneSynced{}, err
	}
	if record == nil {
		return change.OneSynced{Outcome: change.OneGone, Item: one.Item, Message: one.Integration.Name + " no longer has this record. " +
			one.Item.Name + " was left as it is; the next full sync decides."}, nil
	}
	return e.Changes.SyncOne(ctx, a, one, *record, labels)
}

// PreviewMatch says what linking an item with a record would do, by asking the
// PSA for the record as it is now. Where that fails, the preview says what is
// known without, and trouble why.
func (e *Engine) PreviewMatch(ctx context.Context, a mainstay.Actor, m change.Match) (p change.MatchPreview, trouble error, err error) {
	if p, err = e.Changes.PreviewMatch(ctx, a, m, nil, nil); err != nil {
		return p, nil, err
	}
	var record *mainstay.Observation
	var labels *change.Labels
	trouble = e.ask(ctx, m.Integration, func(ctx context.Context, c connect.Connector) error {
		if record, err = fetchOne(ctx, c, m.Item.Kind, m.Record); err != nil || record == nil {
			return err
		}
		if record.Bad != "" {
			return mainstay.Errorf(mainstay.Unavailable, "%s", record.Bad)
		}
		labels, err = e.knownLabels(ctx, m.Integration)
		return err
	})
	if trouble == nil && record == nil {
		trouble = mainstay.Errorf(mainstay.NotFound, "%s no longer has this record. Once linked, the item becomes orphaned at the next full sync.", p.Integration.Name)
	}
	if trouble != nil {
		return p, trouble, ctx.Err()
	}
	p, err = e.Changes.PreviewMatch(ctx, a, m, record, labels)
	return p, nil, err
}

// ask opens a PSA for a short question, proves that it is the one that the links
// belong to, and limits how long it may take.
func (e *Engine) ask(ctx context.Context, id mainstay.IntegrationID, question func(context.Context, connect.Connector) error) error {
	i, c, client, err := e.open(ctx, id)
	if err != nil {
		return err
	}
	defer client.Close()
	limited, stop := context.WithTimeout(ctx, oneTime)
	defer stop()
	instance, err := c.Test(limited)
	if err == nil && instance.Fingerprint != i.Fingerprint {
		err = mainstay.Errorf(mainstay.Held, "%s is another PSA than the one that this integration was made for. Nothing was read.", instance.Name)
	}
	if err == nil {
		err = question(limited, c)
	}
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		err = mainstay.Wrap(mainstay.Unavailable, err, "%s didn't answer within %d seconds. Nothing was changed. Try again later.", i.Name, int(oneTime.Seconds()))
	}
	return err
}

// fetchOne reads one record; nil says that the PSA no longer has it. Anything
// else but a clear answer is an error.
func fetchOne(ctx context.Context, c connect.Connector, kind mainstay.KindName, external string) (*mainstay.Observation, error) {
	stream, err := streamOf(c, kind)
	if err != nil {
		return nil, err
	}
	found, err := c.Fetch(ctx, stream, []string{external})
	if err != nil {
		return nil, err
	}
	for n := range found {
		if found[n].ExternalID == external {
			return &found[n], nil
		}
	}
	answers, err := c.Confirm(ctx, stream, []string{external})
	if err != nil {
		return nil, err
	}
	if answers[external] == connect.Gone {
		return nil, nil
	}
	return nil, mainstay.Errorf(mainstay.Unavailable, "The PSA gave no clear answer about this record, so nothing was changed. Check the permissions of the API key, and try again later.")
}

func streamOf(c connect.Connector, kind mainstay.KindName) (connect.Stream, error) {
	for _, s := range c.Streams() {
		if s.Kind == kind {
			return s, nil
		}
	}
	return connect.Stream{}, mainstay.Errorf(mainstay.Invalid, "This PSA has no records of this kind.")
}

// labelsFor returns the known types and statuses, and reads them anew where the
// record has one that is not among them.
func (e *Engine) labelsFor(ctx context.Context, c connect.Connector, id mainstay.IntegrationID, o mainstay.Observation) (*change.Labels, error) {
	known, err := e.knownLabels(ctx, id)
	if err != nil || known.Knows(o) {
		return known, err
	}
	there, err := c.Labels(ctx)
	if err != nil {
		return nil, err
	}
	return e.Changes.SyncLabels(ctx, id, labelsOf(there))
}

func (e *Engine) knownLabels(ctx context.Context, id mainstay.IntegrationID) (*change.Labels, error) {
	var stored []mainstay.Label
	err := e.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		stored, err = t.Labels(ctx)
		return err
	})
	return change.NewLabels(stored, id), err
}
