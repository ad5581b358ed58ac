package jobs

import (
	"cmp"
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"mainstay"
	"mainstay/internal/db"
)

// State says in a word where a job stands.
type State string

// The states of a job.
const (
	Waiting   State = "waiting"   // starts as soon as a worker is free
	Scheduled State = "scheduled" // starts at Status.Start
	Running   State = "running"
	Retrying  State = "retrying" // failed, and is tried again at Status.Start
	Done      State = "done"
	Failed    State = "failed" // tried often enough
	Cancelled State = "cancelled"
)

// Status is one job as the queue keeps it. Ended jobs are kept for a week,
// failed ones for a month.
type Status struct {
	ID      int64
	Kind    Kind
	Key     int64
	State   State
	Attempt int    // started attempts
	Error   string // of the last failed attempt, safe to show
	Node    string // id of the node that works or worked on it
	Created mainstay.Time
	Start   mainstay.Time // when it may start, or might have
	Started mainstay.Time // start of the last attempt
	Ended   mainstay.Time
}

// Filter chooses jobs; the zero value chooses the newest hundred.
type Filter struct {
	Kind       Kind
	Key        int64 // with Kind only
	Unfinished bool  // only jobs that will run or run
	Limit      int   // at most 10,000
}

// List returns the jobs that match, newest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Status, error) {
	p := river.NewJobListParams().OrderBy(river.JobListOrderByID, river.SortOrderDesc).First(min(max(cmp.Or(f.Limit, 100), 1), 10_000))
	if f.Kind != "" {
		p = p.Kinds(string(f.Kind))
	}
	if f.Kind != "" && f.Key != 0 {
		p = p.Where("CAST(args ->> 'key' AS BIGINT) = @key", river.NamedArgs{"key": f.Key})
	}
	if f.Unfinished {
		p = p.States(unfinished()...)
	}
	var list []Status
	err := q.db.Read(ctx, func(tx *db.Tx) error {
		list = nil
		res, err := q.client.list(ctx, tx, p)
		if err != nil {
			return err
		}
		for _, row := range res.Jobs {
			list = append(list, status(row, q.db.Now()))
		}
		return nil
	})
	return list, err
}

func status(row *rivertype.JobRow, now mainstay.Time) Status {
	s := Status{
		ID: row.ID, Kind: Kind(row.Kind), Key: keyOf(row.EncodedArgs), State: stateOf(row, now), Attempt: row.Attempt,
		Node: lastNode(row.AttemptedBy), Created: mainstay.TimeOf(row.CreatedAt), Start: mainstay.TimeOf(row.ScheduledAt),
		Started: moment(row.AttemptedAt), Ended: moment(row.FinalizedAt),
	}
	if n := len(row.Errors); n > 0 {
		s.Error = row.Errors[n-1].Error
		if s.Error == rivertype.ErrJobCancelledRemotely.Error() {
			s.Error = "It was cancelled."
		}
	}
	return s
}

func stateOf(row *rivertype.JobRow, now mainstay.Time) State {
	switch row.State {
	case rivertype.JobStateRunning:
		return Running
	case rivertype.JobStateCompleted:
		return Done
	case rivertype.JobStateDiscarded:
		return Failed
	case rivertype.JobStateCancelled:
		return Cancelled
	case rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateScheduled:
	}
	switch {
	case len(row.Errors) > 0:
		return Retrying
	case mainstay.TimeOf(row.ScheduledAt) > now:
		return Scheduled
	}
	return Waiting
}

func moment(t *time.Time) mainstay.Time {
	if t == nil {
		return 0
	}
	return mainstay.TimeOf(*t)
}
