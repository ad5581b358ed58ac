package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"mainstay/internal/db"
)

// Options tune a Runner. The zero value is right for a server.
type Options struct {
	Node    string        // what people call this process; the name of the host where empty
	Workers int           // jobs at a time; 4 where 0
	Beat    time.Duration // time between signs of life; 5 s where 0
	Dead    time.Duration // silence after which a node counts as dead; DefaultDead where 0, at least three beats
	Drain   time.Duration // how long handlers may go on after the stop before their context ends
	Log     *slog.Logger  // nil for none
	// Backoff is the wait before the attempt that follows the given one; nil for
	// a second, doubling to five minutes.
	Backoff func(attempt int) time.Duration
	// GaveUp is called when a job will not be tried again although its handler
	// returned neither nil nor Cancel: it failed too often, ended its process too
	// often, or was cancelled while it ran. It marks the run, plan or backup as
	// failed in tx, in which the job is held. It may be called more than once,
	// and where it fails it is called again later, except after a cancel.
	GaveUp func(ctx context.Context, tx *db.Tx, j Job, reason error) error
}

// Runner works on the jobs of one database.
type Runner struct {
	db       *db.DB
	handlers map[Kind]Handler
	o        Options
}

// NewRunner returns a runner for the given kinds. Jobs of other kinds stay in
// the queue, for nodes that know them.
func NewRunner(d *db.DB, handlers map[Kind]Handler, o Options) *Runner {
	o.Workers = cmp.Or(o.Workers, 4)
	o.Beat = cmp.Or(o.Beat, 5*time.Second)
	o.Dead = max(cmp.Or(o.Dead, DefaultDead), 3*o.Beat)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Backoff == nil {
		o.Backoff = backoff
	}
	return &Runner{db: d, handlers: handlers, o: o}
}

// errDeclaredDead says that another node took this one for dead, or that this
// one could not reach the database for so long that others must have.
var errDeclaredDead = errors.New("this node was silent for too long and others took over its jobs")

// Run works on jobs until ctx ends and then drains: it fetches no more, lets the
// running handlers go on for Options.Drain, ends their contexts, waits for them
// and gives what they did not finish back to the queue. It returns an error only
// where it cannot start at all.
//
// A node that was declared dead, for example because its machine slept, ends its
// handlers and joins again under a new id.
func (r *Runner) Run(ctx context.Context) error {
	for first := true; ; first = false {
		err := r.session(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whoever ended it knows why
		case first && !errors.Is(err, errDeclaredDead):
			return err
		}
		r.o.Log.ErrorContext(ctx, "job node starts again", slog.Any("error", err))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(r.o.Beat):
		}
	}
}

// session is the life of the runner under one node id.
func (r *Runner) session(ctx context.Context) error {
	w := &worker{Runner: r, node: newNodeID(r.o.Node), active: map[int64]int{}}
	c, err := newClient(r.db, newFence(r.db, w.node), r.config(w))
	if err != nil {
		return fmt.Errorf("set up the job queue: %w", err)
	}
	p := newPulse(r, w)
	if err := p.join(ctx); err != nil {
		return fmt.Errorf("join the job queue: %w", err)
	}
	calm := context.WithoutCancel(ctx)
	if err := c.start(calm); err != nil {
		return errors.Join(fmt.Errorf("start the job queue: %w", err), p.leave(calm))
	}
	// The node goes on beating while its handlers drain.
	beating, stopBeating := context.WithCancel(calm)
	lost := make(chan error, 1)
	go func() { lost <- p.keep(beating) }()
	var reason error
	select {
	case <-ctx.Done():
		err = c.stop(calm, r.o.Drain == 0)
		stopBeating()
		<-lost //nolint:errcheck // the node ends anyway
	case reason = <-lost:
		err = c.stop(calm, true)
		stopBeating()
	}
	return errors.Join(reason, err, p.leave(calm))
}

// config is River's configuration for this node.
func (r *Runner) config(w *worker) *river.Config {
	workers := river.NewWorkers()
	for kind := range r.handlers {
		river.AddWorkerArgs(workers, args{kind: kind}, river.Worker[args](w))
	}
	c := &river.Config{
		ID: w.node, Logger: quiet(r.o.Log.Handler()), Workers: workers,
		Queues:              map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: r.o.Workers}},
		FetchOnlyKnownKinds: true,
		JobTimeout:          -1,
		// Recovery is ours: by heartbeat, not by age.
		RescueStuckJobsAfter:        20 * 365 * 24 * time.Hour,
		SoftStopTimeout:             r.o.Drain,
		RetryPolicy:                 retries{r},
		MaxAttempts:                 maxAttempts,
		CompletedJobRetentionPeriod: 7 * 24 * time.Hour,
		CancelledJobRetentionPeriod: 7 * 24 * time.Hour,
		DiscardedJobRetentionPeriod: 30 * 24 * time.Hour,
		ReindexerIndexNames:         []string{},
		FetchCooldown:               50 * time.Millisecond,
		FetchPollInterval:           time.Second,
	}
	if r.db.Dialect() == db.SQLite {
		// Asking is cheap there, and River's notifications would ask more often.
		c.PollOnly, c.FetchPollInterval = true, 200*time.Millisecond
	}
	return c
}

// quiet returns a logger for River that passes warnings and errors on; what
// River tells besides is of no use to an operator.
func quiet(h slog.Handler) *slog.Logger {
	if h == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(quietHandler{h})
}

type quietHandler struct{ slog.Handler }

// Enabled lets warnings and errors through.
func (q quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// WithAttrs keeps the threshold.
func (q quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietHandler{q.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the threshold.
func (q quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{q.Handler.WithGroup(name)}
}
