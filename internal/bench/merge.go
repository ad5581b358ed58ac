package bench

import (
	"context"
	"errors"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// mergedItems is how many items each of two organizations holds that are merged.
const mergedItems = 10_000

// The statements that move the contents of the first organization into the
// second, with an entry of the log each, for the items between two ids.
var floorMerge = []string{
	"INSERT INTO activity (" + floorTables[2].columns + ") SELECT 10000000 + id, 1, 0, 'bench', 'moved', kind, id, organization_id, name, 0, 1, '', '', '' FROM item WHERE id BETWEEN $1 AND $2" +
		" AND organization_id = (SELECT min(id) FROM item) AND id <> organization_id",
	"UPDATE item SET organization_id = (SELECT min(id) FROM item WHERE kind = 'organization' AND id > (SELECT min(id) FROM item)), version = version + 1 WHERE id BETWEEN $1 AND $2" +
		" AND organization_id = (SELECT min(id) FROM item) AND id <> organization_id",
}

// merge measures the merge of two organizations that hold all items between them,
// from proposing to the end.
func (r *runner) merge(ctx context.Context) error {
	in, err := r.open(ctx, "merge")
	if err != nil {
		return err
	}
	if err := errors.Join(r.mergeIn(ctx, in), in.close()); err != nil {
		return err
	}
	return nil
}

func (r *runner) mergeIn(ctx context.Context, in *install) error {
	dependents := min(2*mergedItems, r.Items)
	r.say("Prepare two organizations with %s items", mainstay.Thousands(dependents))
	if err := in.fill(ctx, 2, dependents); err != nil {
		return err
	}
	var m change.Merge
	var inside []mainstay.Item
	err := in.store.Read(ctx, func(t *store.Tx) error {
		err := t.QueryRow(ctx, "SELECT min(id), max(id) FROM item WHERE kind = 'organization'").Scan(&m.Source, &m.Target)
		if err == nil {
			inside, err = t.Inside(ctx, m.Source)
		}
		return err
	})
	if err != nil {
		return err
	}
	r.say("Merge them")
	n := len(inside) + 1
	res := r.result(Merge, "merge two organizations by a plan, proposing included", n)
	err = r.meter.measure(ctx, &res, in.psa, nil, func() error {
		p, err := in.changes.ProposeMerge(ctx, in.admin, m)
		if err != nil {
			return err
		}
		if p, err = in.changes.Confirm(ctx, in.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase}); err != nil {
			return err
		}
		return in.done(ctx, p.ID, n)
	})
	if err != nil {
		return err
	}
	r.say("Plain SQL for the same rows")
	base, err := r.open(ctx, "merge_floor")
	if err != nil {
		return err
	}
	if err := errors.Join(r.floorLinks(ctx, base, &res, 2, dependents, floorMerge), base.close()); err != nil {
		return err
	}
	res.atMost("time per 10,000 items", res.Seconds*mergedItems/float64(n), 3, "s")
	r.add(res)
	return nil
}
