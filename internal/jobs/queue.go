package jobs

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"mainstay"
	"mainstay/internal/db"
)

// Queue enqueues, lists and cancels jobs. It works on none; that is the Runner's.
type Queue struct {
	db     *db.DB
	sql    dialect
	client *client
}

// NewQueue returns the queue of a migrated database. It starts nothing.
func NewQueue(d *db.DB) (*Queue, error) {
	c, err := newClient(d, nil, &river.Config{Logger: quiet(nil)})
	if err != nil {
		return nil, err
	}
	return &Queue{db: d, sql: dialectOf(d.Dialect()), client: c}, nil
}

// args are the arguments of a job in River's form.
type args struct {
	Key  int64 `json:"key"`
	kind Kind
}

// Kind names the job's kind to River.
func (a args) Kind() string { return string(a.kind) }

// unfinished are the states of a job that will run or runs.
func unfinished() []rivertype.JobState {
	return []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled}
}

// Enqueue adds a job in the caller's transaction: it starts after the commit, and
// never where that rolls back. at is the earliest start, 0 for now. There is at
// most one unfinished job of a kind and key; another call returns its id and
// changes nothing.
func (q *Queue) Enqueue(ctx context.Context, tx *db.Tx, kind Kind, key int64, at mainstay.Time) (int64, error) {
	res, err := q.client.insert(ctx, tx, args{Key: key, kind: kind}, &river.InsertOpts{
		MaxAttempts: maxAttempts, ScheduledAt: at.Std(),
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished()},
	})
	if err != nil {
		return 0, err
	}
	if res.Job.State == rivertype.JobStateScheduled {
		// River moves scheduled jobs every five seconds and only while it has a
		// leader. An available job starts at its time by itself.
		_, err = tx.Exec(ctx, "UPDATE river_job SET state = 'available' WHERE id = $1 AND state = 'scheduled'", res.Job.ID)
	}
	return res.Job.ID, err
}

// Cancel ends the unfinished job of a kind and key, and does nothing where there
// is none. One that waits never starts, and the caller says so in its own row;
// of one that runs the context ends, and Options.GaveUp is called.
func (q *Queue) Cancel(ctx context.Context, tx *db.Tx, kind Kind, key int64) error {
	id, _, err := q.find(ctx, tx, kind, key)
	if err != nil || id == 0 {
		return err
	}
	return q.client.cancel(ctx, tx, id)
}

// RunNow makes a job that waits for its time or its next attempt start now. One
// that runs already is left alone; without an unfinished job it gives NotFound.
func (q *Queue) RunNow(ctx context.Context, tx *db.Tx, kind Kind, key int64) error {
	id, state, err := q.find(ctx, tx, kind, key)
	if err != nil {
		return err
	}
	if id == 0 {
		return mainstay.Errorf(mainstay.NotFound, "There's no work waiting that could start now.")
	}
	if state == rivertype.JobStateRunning {
		return nil
	}
	_, err = tx.Exec(ctx, "UPDATE river_job SET state = 'available', scheduled_at = $2 WHERE id = $1 AND state IN ('available', 'scheduled', 'retryable')",
		id, q.sql.moment(q.db.Now().Std()))
	return err
}

// find returns the unfinished job of a kind and key; id 0 where there is none.
func (q *Queue) find(ctx context.Context, tx *db.Tx, kind Kind, key int64) (int64, rivertype.JobState, error) {
	var id int64
	var state string
	err := tx.QueryRow(ctx, `SELECT id, CAST(state AS TEXT) FROM river_job
		WHERE kind = $1 AND CAST(args ->> 'key' AS BIGINT) = $2 AND finalized_at IS NULL ORDER BY id LIMIT 1`,
		string(kind), key).Scan(&id, &state)
	if db.IsNoRows(err) {
		return 0, "", nil
	}
	return id, rivertype.JobState(state), err
}
