// Package jobs is the queue of background work: a thin wrapper of River on both
// databases. A job is enqueued in the transaction that makes it true, is known
// by its kind and a key (the id of a run, a plan or a backup), and runs on any
// node until its handler returns nil.
//
// What it promises:
//
//   - A job whose process was killed goes on elsewhere: at once where a process
//     of the same machine can see that the other is gone, and else when the node
//     has not beaten for Options.Dead.
//   - At least once, not exactly once: a handler keeps its cursor in the
//     transaction of its effect and calls Job.Hold there, so that a node that was
//     only thought dead can neither write nor end the job when it wakes up.
//   - What the queue stores and lists of an error is the safe sentence; the
//     cause goes to the log only.
package jobs

import (
	"context"
	"errors"

	"mainstay"
	"mainstay/internal/db"
)

// Kind names what a job does.
type Kind string

// The kinds. A new one needs a handler in the Runner and nothing here.
const (
	Sync   Kind = "sync"   // key: run id
	Apply  Kind = "apply"  // key: plan id
	Backup Kind = "backup" // key: backup id
	Purge  Kind = "purge"  // key: 0
)

// maxAttempts is how often a job is started before it counts as failed. A clean
// stop of the server gives the attempt back.
const maxAttempts = 12

// Job is one execution of a job, as its handler sees it.
type Job struct {
	ID      int64
	Kind    Kind
	Key     int64 // id of the run, plan or backup
	Attempt int   // 1 for the first
	// Last says that there is no further attempt after this one.
	Last bool
	// Lease is different for each execution of each job, over all nodes. A
	// handler that keeps it in its own row can tell who worked last.
	Lease string

	node string
}

// Handler does the work of one kind. It must be idempotent and resumable, for it
// may be stopped at any instruction and start again. nil ends the job; Cancel
// ends it without another attempt; any other error is tried again, later and
// later. When ctx ends the handler returns soon, with any error, and the job
// goes back to the queue at once.
type Handler func(ctx context.Context, j Job) error

// ErrTakenOver says that another node does this job now, because this one was
// thought dead. Job.Hold returns it; a handler passes it on.
var ErrTakenOver = mainstay.Errorf(mainstay.Conflict, "Another server took this work over. Nothing was done twice.")

// Hold reports whether this execution still owns the job, and on PostgreSQL
// keeps it so until tx ends. Call it in each transaction that has an effect; on
// ErrTakenOver, return it and let the transaction roll back. A Job that no
// Runner made, such as one of a test, always holds.
func (j Job) Hold(ctx context.Context, tx *db.Tx) error {
	if j.node == "" {
		return nil
	}
	var one int
	err := tx.QueryRow(ctx, dialectOf(tx.Dialect()).hold, j.ID, j.Attempt, j.node).Scan(&one)
	if db.IsNoRows(err) {
		return ErrTakenOver
	}
	return err
}

// cancelled marks an error after which a job is not tried again.
type cancelled struct{ cause error }

func (c *cancelled) Error() string { return c.cause.Error() }
func (c *cancelled) Unwrap() error { return c.cause }

// Cancel makes an error that ends the job without another attempt, for a handler
// that knows that trying again cannot help. The handler itself says so in its
// own row; Options.GaveUp is not called.
func Cancel(err error) error { return &cancelled{err} }

func isCancel(err error) bool {
	var c *cancelled
	return errors.As(err, &c)
}
