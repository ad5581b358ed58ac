// Package change is the one road for writes. Small changes are done at once;
// anything large or destructive is proposed, guarded, confirmed, applied and
// undone as a plan. The screen, the command line, the scheduler and sync all
// come through here, so limits, versions, activity and guards are written once.
package change

import (
	"context"
	"log/slog"
	"time"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Config is what Changes needs.
type Config struct {
	Store *store.Store
	Jobs  *jobs.Queue
	// Pause is how long a confirmed deletion waits before it starts, for second thoughts.
	Pause time.Duration
	// Backup takes and verifies a backup and returns when it is done.
	Backup func(ctx context.Context, by string) (mainstay.Backup, error)
	// Seal encrypts the secrets of an integration, bound to the fingerprint of its PSA.
	Seal func(plain []byte, fingerprint string) ([]byte, error)
	Log  *slog.Logger
}

// Changes makes all changes of an installation.
type Changes struct {
	Config
	chunks chunkSizes
	// reached is told which point a plan at work passes, so that a test can look at
	// the installation there, or end the process. It is nil outside of tests.
	reached func(point)
}

// New returns the road for writes.
func New(c Config) *Changes {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Changes{Config: c, chunks: defaultChunks()}
}

// entry starts an activity entry by an actor.
func entry(t *store.Tx, a mainstay.Actor, verb string) mainstay.Activity {
	return mainstay.Activity{At: t.Now(), UserID: a.UserID, Who: a.Name, Verb: verb, Address: a.Address}
}

// note records something that happened to the account rather than to an item.
func note(ctx context.Context, t *store.Tx, a mainstay.Actor, verb, name, detail string) error {
	e := entry(t, a, verb)
	e.Name, e.Detail = name, detail
	return t.InsertActivity(ctx, []mainstay.Activity{e})
}

// planNote records what happened to a plan, with the plan to look at.
func planNote(ctx context.Context, t *store.Tx, a mainstay.Actor, verb string, p *mainstay.Plan, detail string) error {
	e := entry(t, a, verb)
	e.PlanID, e.Name, e.Detail = p.ID, p.Title(), detail
	return t.InsertActivity(ctx, []mainstay.Activity{e})
}

// Sweep puts work back into the queue whose job was lost: every confirmed plan
// and every run that has not ended gets a job again. Calling it often is
// harmless, for a job that is there is not queued twice.
func (c *Changes) Sweep(ctx context.Context) error {
	return c.Store.Write(ctx, func(t *store.Tx) error {
		plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanStarting, mainstay.PlanBackingUp, mainstay.PlanRunning}, 100)
		if err != nil {
			return err
		}
		for _, p := range plans {
			if _, err := c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), p.StartAt); err != nil {
				return err
			}
		}
		runs, err := t.ActiveRuns(ctx)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if _, err := c.Jobs.Enqueue(ctx, t.Tx, jobs.Sync, int64(r.ID), 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// GaveUp marks the plan or the run of a job that will not be tried again, in
// the transaction that ends the job.
func (c *Changes) GaveUp(ctx context.Context, t *store.Tx, j jobs.Job, reason error) error {
	c.Log.Error("gave up", "job", j.Kind, "key", j.Key, "error", reason)
	switch j.Kind {
	case jobs.Apply:
		p, err := t.LockPlan(ctx, mainstay.PlanID(j.Key))
		if err != nil || !p.State.Active() {
			return err
		}
		p.State, p.Message = mainstay.PlanFailed, mainstay.SafeMessage(reason)+" What was done so far stays, and can be undone. Resume to try the rest again."
		return t.UpdatePlan(ctx, p)
	case jobs.Sync:
		run, err := t.Run(ctx, mainstay.RunID(j.Key))
		if err != nil {
			return err
		}
		return t.FailRun(ctx, run.ID, Ending(run, reason))
	}
	return nil
}
