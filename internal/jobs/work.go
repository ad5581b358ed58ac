package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"mainstay"
	"mainstay/internal/db"
)

// worker runs the handlers of one node. River calls Work on a goroutine for
// each job.
type worker struct {
	river.WorkerDefaults[args]
	*Runner
	node string

	mu     sync.Mutex
	runs   int           // executions so far
	active map[int64]int // executions under way by job id
}

// Work runs the handler of one job and says in River's words what came of it.
func (w *worker) Work(ctx context.Context, row *river.Job[args]) error {
	j := Job{ID: row.ID, Kind: Kind(row.Kind), Key: row.Args.Key, Attempt: row.Attempt, Last: row.Attempt >= row.MaxAttempts, node: w.node}
	j.Lease = w.begin(j)
	defer w.end(j)
	if cancelAsked(row.Metadata) {
		return w.giveUp(ctx, j, mainstay.Errorf(mainstay.Conflict, "It was cancelled."), true)
	}
	if row.Attempt > row.MaxAttempts {
		return w.giveUp(ctx, j, mainstay.Errorf(mainstay.Internal, "the server ended %d times during this work", row.MaxAttempts), false)
	}
	err := w.handle(ctx, j)
	switch {
	case err == nil:
		return nil
	case errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely):
		return w.giveUp(ctx, j, mainstay.Wrap(mainstay.Conflict, err, "It was cancelled."), true)
	case ctx.Err() != nil:
		// The node stops. River gives a job back at once when the error says so.
		return &outcome{text: "The server stopped.", cause: context.Canceled}
	case isCancel(err):
		w.o.Log.WarnContext(ctx, "job ended without another attempt", attrs(j, err)...)
		return &outcome{text: mainstay.SafeMessage(err), cause: river.JobCancel(err)}
	case j.Last:
		return w.giveUp(ctx, j, err, false)
	}
	w.o.Log.WarnContext(ctx, "job failed and will be tried again", attrs(j, err)...)
	return &outcome{text: mainstay.SafeMessage(err), cause: err}
}

// handle calls the handler and turns a panic into an error.
func (w *worker) handle(ctx context.Context, j Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.o.Log.ErrorContext(ctx, "job panicked", append(attrs(j, nil), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))...)
			err = mainstay.Wrap(mainstay.Internal, fmt.Errorf("panic: %v", p), "The work met a defect.")
		}
	}()
	return w.handlers[j.Kind](ctx, j)
}

// giveUpAgain is when GaveUp is called again after it failed.
const giveUpAgain = 30 * time.Second

// giveUp tells the owner of the job that there will be no further attempt.
func (w *worker) giveUp(ctx context.Context, j Job, reason error, cancel bool) error {
	w.o.Log.ErrorContext(ctx, "job given up", attrs(j, reason)...)
	if w.o.GaveUp != nil {
		if err := w.tellGaveUp(context.WithoutCancel(ctx), j, reason); err != nil {
			w.o.Log.ErrorContext(ctx, "giving up a job failed", attrs(j, err)...)
			return river.JobSnooze(giveUpAgain)
		}
	}
	if cancel {
		return &outcome{text: mainstay.SafeMessage(reason), cause: river.JobCancel(reason)}
	}
	return &outcome{text: mainstay.SafeMessage(reason), cause: errGivenUp}
}

// tellGaveUp calls GaveUp in a transaction of a job that this node still owns.
func (w *worker) tellGaveUp(ctx context.Context, j Job, reason error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return w.db.Write(ctx, func(tx *db.Tx) error {
		if err := j.Hold(ctx, tx); err != nil {
			return err
		}
		return w.o.GaveUp(ctx, tx, j, reason)
	})
}

// errGivenUp replaces the cause of a last failure, so that nothing inside it,
// such as an ended context, makes River think of another attempt.
var errGivenUp = errors.New("given up")

// begin notes an execution and returns its lease.
func (w *worker) begin(j Job) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.runs++
	w.active[j.ID]++
	return fmt.Sprintf("%s/%d.%d.%d", w.node, j.ID, j.Attempt, w.runs)
}

func (w *worker) end(j Job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.active[j.ID]--; w.active[j.ID] == 0 {
		delete(w.active, j.ID)
	}
}

func (w *worker) isActive(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.active[id] > 0
}

// outcome is what River keeps of a failed attempt: a safe sentence. The cause
// only tells River what to do.
type outcome struct {
	text  string
	cause error
}

func (o *outcome) Error() string { return o.text }
func (o *outcome) Unwrap() error { return o.cause }

func attrs(j Job, err error) []any {
	list := []any{slog.String("kind", string(j.Kind)), slog.Int64("key", j.Key), slog.Int64("job", j.ID), slog.Int("attempt", j.Attempt)}
	if err != nil {
		list = append(list, slog.Any("error", err))
	}
	return list
}

// cancelAsked reports whether somebody cancelled the job while an earlier
// attempt ran, whose node then died.
func cancelAsked(metadata []byte) bool {
	var m struct {
		At string `json:"cancel_attempted_at"`
	}
	return json.Unmarshal(metadata, &m) == nil && m.At != ""
}

func keyOf(encoded []byte) int64 {
	var a args
	if json.Unmarshal(encoded, &a) != nil {
		return 0
	}
	return a.Key
}

// backoff is how long a failed job waits: a second, doubling to five minutes,
// give or take a tenth so that many do not come back together.
func backoff(attempt int) time.Duration {
	wait := 5 * time.Minute
	if attempt < 9 {
		wait = time.Second << max(attempt-1, 0)
	}
	return wait + rand.N(wait/5) - wait/10 //nolint:gosec // spreads retries, guards nothing
}

// retries is River's retry policy.
type retries struct{ *Runner }

// NextRetry returns when a failed job is tried again.
func (r retries) NextRetry(row *rivertype.JobRow) time.Time {
	return r.db.Now().Std().Add(r.o.Backoff(row.Attempt))
}
