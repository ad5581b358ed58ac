package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/db"
)

// returning is how many organizations come back to be matched again: those of
// the wrong tick box of the demo, rounded up.
const returning = 13_000

// links measures ending links and taking them up again.
func (r *runner) links(ctx context.Context) error {
	if r.wants(Disconnect) {
		in, err := r.open(ctx, "disconnect")
		if err != nil {
			return err
		}
		if err := errors.Join(r.disconnect(ctx, in), in.close()); err != nil {
			return err
		}
	}
	if !r.wants(Match) {
		return nil
	}
	in, err := r.open(ctx, "match")
	if err != nil {
		return err
	}
	return errors.Join(r.match(ctx, in), in.close())
}

// disconnect measures a plan that ends every link, from proposing to the end,
// while somebody reads lists.
func (r *runner) disconnect(ctx context.Context, in *install) error {
	organizations, dependents := split(r.Items)
	r.say("Prepare %s linked items", mainstay.Thousands(r.Items))
	if err := in.fill(ctx, organizations, dependents); err != nil {
		return err
	}
	r.say("Disconnect them")
	res := r.result(Disconnect, "disconnect by a plan, proposing included, while a reader lists", r.Items)
	err := r.meter.measure(ctx, &res, in.psa, in.listReader(), func() error {
		p, err := in.changes.ProposeDisconnect(ctx, in.admin, change.Unlink{Request: change.Request{Kind: &mainstay.Organization, All: true}})
		if err != nil {
			return err
		}
		if p, err = in.changes.Confirm(ctx, in.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase}); err != nil {
			return err
		}
		return in.done(ctx, p.ID, r.Items)
	})
	if err != nil {
		return err
	}
	r.say("Plain SQL for the same rows")
	base, err := r.open(ctx, "disconnect_floor")
	if err != nil {
		return err
	}
	if err := errors.Join(r.floorLinks(ctx, base, &res, organizations, dependents, floorEnd), base.close()); err != nil {
		return err
	}
	res.atLeast("rate", float64(res.Items)/res.Seconds, 10_000, "items/s")
	r.add(res)
	return nil
}

// match measures taking up the links of organizations whose type was ticked
// again, from proposing to the end.
func (r *runner) match(ctx context.Context, in *install) error {
	n := min(returning, r.Items)
	r.say("Prepare %s records that wait to be matched again", mainstay.Thousands(n))
	if err := in.fill(ctx, n, 0); err != nil {
		return err
	}
	p, err := in.changes.ProposeDisconnect(ctx, in.admin, change.Unlink{Request: change.Request{Kind: &mainstay.Organization, All: true}})
	if err != nil {
		return err
	}
	if p, err = in.changes.Confirm(ctx, in.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase}); err != nil {
		return err
	}
	if err := in.done(ctx, p.ID, n); err != nil {
		return err
	}
	run, err := in.sync(ctx)
	if err == nil && run.Counts.Waiting != n {
		err = fmt.Errorf("%d records wait of %d", run.Counts.Waiting, n)
	}
	if err != nil {
		return err
	}
	if err := in.settle(ctx); err != nil {
		return err
	}
	r.say("Match them again")
	res := r.result(Match, "match again by a plan, proposing included", n)
	err = r.meter.measure(ctx, &res, in.psa, nil, func() error {
		p, err := in.changes.ProposeReconnect(ctx, in.admin, change.Rematch{Integration: in.id, Kind: &mainstay.Organization})
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
	base, err := r.open(ctx, "match_floor")
	if err != nil {
		return err
	}
	if err := errors.Join(r.floorLinks(ctx, base, &res, n, 0, floorTakeUp), base.close()); err != nil {
		return err
	}
	res.atMost("time per 13,000 records", res.Seconds*returning/float64(n), 5, "s")
	r.add(res)
	return nil
}

// fill brings an installation to where every record has its item.
func (in *install) fill(ctx context.Context, organizations, dependents int) error {
	if err := in.connect(ctx, organizations, dependents); err != nil {
		return err
	}
	if _, err := in.sync(ctx); err != nil {
		return err
	}
	return in.settle(ctx)
}

// The statements that end the links of the items between two ids, with a trace
// and an entry of the log each, and that take them up again.
var (
	floorEnd = []string{
		`INSERT INTO tombstone (integration_id, kind, external_id, item_id, plan_id, who, at, why, note, sync, reason, since, sync_note, linked_at, seen)
			SELECT r.integration_id, r.kind, r.external_id, i.id, 1, 'bench', 1, 'inside', '', i.sync, i.reason, i.since, i.sync_note, r.linked_at, ''
			FROM item i JOIN psa_record r ON r.item_id = i.id WHERE i.id BETWEEN $1 AND $2`,
		"INSERT INTO activity (" + floorTables[2].columns + ") SELECT 10000000 + id, 1, 0, 'bench', 'disconnected', kind, id, organization_id, name, 0, 1, '', '', '' FROM item WHERE id BETWEEN $1 AND $2",
		"UPDATE psa_record SET item_id = NULL, in_scope = FALSE, hash = '' WHERE item_id BETWEEN $1 AND $2",
		"UPDATE item SET sync = 'not_linked', reason = 'disconnected', since = 1, sync_note = 'x', version = version + 1 WHERE id BETWEEN $1 AND $2",
	}
	floorTakeUp = []string{
		`UPDATE psa_record SET in_scope = TRUE, item_id = s.item_id FROM tombstone s WHERE s.item_id BETWEEN $1 AND $2
			AND psa_record.integration_id = s.integration_id AND psa_record.kind = s.kind AND psa_record.external_id = s.external_id`,
		"INSERT INTO activity (" + floorTables[2].columns + ") SELECT 20000000 + id, 1, 0, 'bench', 'reconnected', kind, id, organization_id, name, 0, 1, '', '', '' FROM item WHERE id BETWEEN $1 AND $2",
		"UPDATE item SET sync = 'syncing', reason = '', since = 1, sync_note = '', version = version + 1 WHERE id BETWEEN $1 AND $2",
		"DELETE FROM tombstone WHERE item_id BETWEEN $1 AND $2",
	}
)

// floorLinks measures statements over the same rows in an installation of their own.
func (r *runner) floorLinks(ctx context.Context, in *install, res *Result, organizations, dependents int, statements []string) error {
	if err := in.fill(ctx, organizations, dependents); err != nil {
		return err
	}
	var low, high int64
	err := in.store.DB.Read(ctx, func(t *db.Tx) error { return t.QueryRow(ctx, "SELECT min(id), max(id) FROM item").Scan(&low, &high) })
	if err != nil {
		return err
	}
	if &statements[0] == &floorTakeUp[0] {
		if _, err := move(ctx, in, floorEnd, low, high); err != nil {
			return err
		}
		if err := in.settle(ctx); err != nil {
			return err
		}
	}
	began := time.Now()
	if _, err := move(ctx, in, statements, low, high); err != nil {
		return err
	}
	res.floor(time.Since(began).Seconds())
	return nil
}
