package jobs

import (
	"context"
	"errors"
	"slices"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/riverpilot"
	"github.com/riverqueue/river/rivertype"

	"mainstay/internal/db"
)

// fence is the pilot of a node. River itself lets whoever worked on a job end
// it; a node that slept while another took its job over would end the work of
// that other. The fence lets only a living node fetch jobs, and only the owner
// of a job end it.
type fence struct {
	riverpilot.StandardPilot
	db   *db.DB
	sql  dialect
	node string
}

func newFence(d *db.DB, node string) *fence {
	return &fence{db: d, sql: dialectOf(d.Dialect()), node: node}
}

// JobGetAvailable fetches jobs unless the node was declared dead. On SQLite it
// first looks through a reading connection, so that an idle queue never takes
// the one writer.
func (f *fence) JobGetAvailable(ctx context.Context, exec riverdriver.Executor, state riverpilot.ProducerState, p *riverdriver.JobGetAvailableParams) (*riverdriver.JobGetAvailableResult, error) {
	nothing := &riverdriver.JobGetAvailableResult{}
	if some, err := f.anyWaiting(ctx, p); err != nil || !some {
		return nothing, err
	}
	tx, err := exec.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after a commit it reports that, and before one the first error counts
	var one int
	err = tx.QueryRow(ctx, "SELECT 1 FROM node WHERE id = $1"+f.sql.keepNode, f.node).Scan(&one)
	if db.IsNoRows(err) || errors.Is(err, rivertype.ErrNotFound) {
		return nothing, nil
	}
	if err != nil {
		return nil, err
	}
	res, err := f.StandardPilot.JobGetAvailable(ctx, tx, state, p)
	if err != nil {
		return nil, err
	}
	return res, tx.Commit(ctx)
}

func (f *fence) anyWaiting(ctx context.Context, p *riverdriver.JobGetAvailableParams) (bool, error) {
	if f.db.Dialect() != db.SQLite {
		return true, nil
	}
	var n int
	err := f.db.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) FROM (SELECT 1 FROM river_job WHERE state = 'available' AND queue = $1 AND scheduled_at <= $2 LIMIT 1)",
			p.Queue, f.sql.moment(f.db.Now().Std())).Scan(&n)
	})
	return n > 0, err
}

// JobSetStateIfRunningMany ends, retries or returns the jobs that this node
// still owns, and leaves the others to their new owners.
func (f *fence) JobSetStateIfRunningMany(ctx context.Context, exec riverdriver.Executor, p *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	tx, err := exec.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // as above
	if f.db.Dialect() == db.Postgres {
		if err := tx.Exec(ctx, "SELECT 1 FROM river_job WHERE id = ANY($1) ORDER BY id FOR UPDATE", p.ID); err != nil {
			return nil, err
		}
	}
	rows, err := tx.JobGetByIDMany(ctx, &riverdriver.JobGetByIDManyParams{ID: p.ID, Schema: p.Schema})
	if err != nil {
		return nil, err
	}
	own := map[int64]bool{}
	for _, r := range rows {
		own[r.ID] = r.State == rivertype.JobStateRunning && lastNode(r.AttemptedBy) == f.node
	}
	owned := only(p, own)
	if len(owned.ID) == 0 {
		return nil, nil
	}
	res, err := f.StandardPilot.JobSetStateIfRunningMany(ctx, tx, owned)
	if err != nil {
		return nil, err
	}
	return res, tx.Commit(ctx)
}

// lastNode returns the node that started the latest attempt.
func lastNode(attemptedBy []string) string {
	if len(attemptedBy) == 0 {
		return ""
	}
	return attemptedBy[len(attemptedBy)-1]
}

// only returns p without the jobs that are not kept.
func only(p *riverdriver.JobSetStateIfRunningManyParams, keep map[int64]bool) *riverdriver.JobSetStateIfRunningManyParams {
	kept := &riverdriver.JobSetStateIfRunningManyParams{Now: p.Now, Schema: p.Schema}
	for i, id := range p.ID {
		if !keep[id] {
			continue
		}
		kept.ID = append(kept.ID, id)
		kept.Attempt = append(kept.Attempt, p.Attempt[i])
		kept.ErrData = append(kept.ErrData, p.ErrData[i])
		kept.FinalizedAt = append(kept.FinalizedAt, p.FinalizedAt[i])
		kept.MetadataDoMerge = append(kept.MetadataDoMerge, p.MetadataDoMerge[i])
		kept.MetadataUpdates = append(kept.MetadataUpdates, p.MetadataUpdates[i])
		kept.ScheduledAt = append(kept.ScheduledAt, p.ScheduledAt[i])
		kept.State = append(kept.State, p.State[i])
	}
	return kept
}

// takeOver declares nodes dead and gives their running jobs back to the queue,
// in one transaction. It skips what a stopped transaction keeps locked; the next
// look comes back to it. It returns how many jobs go on.
func takeOver(ctx context.Context, d *db.DB, nodes []string) (int, error) {
	sql := dialectOf(d.Dialect())
	total := 0
	err := d.Write(ctx, func(tx *db.Tx) error {
		total = 0
		slices.Sort(nodes)
		for _, id := range nodes {
			if _, err := tx.Exec(ctx, "DELETE FROM node WHERE id IN (SELECT id FROM node WHERE id = $1"+sql.skipLocked+")", id); err != nil {
				return err
			}
			// The attempt still counts, so that a job that kills its process ends.
			n, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = $2
				WHERE id IN (SELECT id FROM river_job WHERE state = 'running' AND `+sql.owner+` = $1`+sql.skipLocked+`)
				AND NOT EXISTS (SELECT 1 FROM node WHERE id = $1)`, id, sql.moment(d.Now().Std()))
			if err != nil {
				return err
			}
			total += n
		}
		return nil
	})
	return total, err
}
