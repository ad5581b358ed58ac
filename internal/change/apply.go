package change

import (
	"context"
	"errors"
	"time"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// chunkTime is the length of one transaction of a running plan: chunks grow and
// shrink around it, so that other writers and readers never wait long.
const chunkTime = 45 * time.Millisecond

// chunkSizes say how many lines of a plan one transaction works on.
type chunkSizes struct {
	first, least, most int // of a plan that is applied
	frozen             int // of a restore that is made
}

func defaultChunks() chunkSizes { return chunkSizes{first: 200, least: 25, most: 2000, frozen: 2000} }

// point is a place in the work on a plan where it may be interrupted.
type point string

// The points, in the order in which a plan passes them.
const (
	atTaken    point = "taken"      // by an execution of its job
	atBackup   point = "backing up" // before the backup
	atBackedUp point = "backed up"  // the backup is there, and the plan doesn't know it yet
	atRunning  point = "running"    // before the first chunk
	atEffect   point = "effect"     // a chunk took effect and isn't committed
	atChunk    point = "chunk"      // a chunk is committed
	atLast     point = "last"       // all chunks are committed, and the plan isn't done
	atFrozen   point = "frozen"     // a part of a restore is frozen
)

func (c *Changes) pass(p point) {
	if c.reached != nil {
		c.reached(p)
	}
}

// waitStep is how often a plan looks whether a running sync has ended, and a
// sync whether a running plan has.
const waitStep = 300 * time.Millisecond

// Apply works on a confirmed plan until it is done, paused or stopped. It is the
// handler of the apply job: it may be killed at any instruction and goes on
// where it was, because the cursor, the effect and the activity of a chunk
// commit together.
func (c *Changes) Apply(ctx context.Context, j jobs.Job) error {
	id := mainstay.PlanID(j.Key)
	ready, err := c.begin(ctx, id, j)
	for err == nil && ready {
		c.pass(atRunning)
		var more bool
		if more, err = c.applyChunks(ctx, id, j.Lease); err == nil && !more {
			return nil
		}
		if mainstay.KindOf(err) == mainstay.Conflict {
			// Paused, stopped or taken over: look again at what is wanted now.
			ready, err = c.begin(ctx, id, j)
		}
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errNotNow) && j.Attempt >= applyTries {
		return errors.Join(err, c.fail(ctx, id, err))
	}
	if errors.Is(err, errNotNow) {
		return nil
	}
	return err
}

// applyTries is after how many attempts a plan is shown as failed, to be
// resumed by a person.
const applyTries = 5

// errNotNow ends an execution without a fault: the plan is not to run now.
var errNotNow = errors.New("the plan is not to run now")

// begin takes the plan for this execution and brings it to the state running.
// It waits for syncs that are under way and for the backup that the plan needs.
func (c *Changes) begin(ctx context.Context, id mainstay.PlanID, j jobs.Job) (bool, error) {
	for {
		var p mainstay.Plan
		wait, needBackup, stopped := false, false, false
		err := c.Store.Write(ctx, func(t *store.Tx) error {
			wait, needBackup, stopped = false, false, false
			var err error
			if err := j.Hold(ctx, t.Tx); err != nil {
				return err
			}
			if p, err = t.LockPlan(ctx, id); err != nil {
				return err
			}
			if p.State != mainstay.PlanStarting && p.State != mainstay.PlanBackingUp && p.State != mainstay.PlanRunning {
				return errNotNow
			}
			if p.State == mainstay.PlanStarting && p.StartAt > t.Now() {
				return errNotNow
			}
			if err := t.LeasePlan(ctx, id, j.Lease); err != nil {
				return err
			}
			if stopped, err = c.stopSwitchedOff(ctx, t, p); err != nil || stopped {
				return err
			}
			if wait, err = c.mustWait(ctx, t, p); err != nil || wait {
				return err
			}
			if p, err = c.start(ctx, t, p, &needBackup); err != nil {
				return err
			}
			return t.UpdatePlan(ctx, p)
		})
		if err == nil {
			c.pass(atTaken)
		}
		switch {
		case err != nil || stopped:
			return false, err
		case needBackup:
			if err := c.backUpFor(ctx, p); err != nil {
				return false, err
			}
		case !wait:
			return true, errors.Join(c.tellSize(ctx, p), c.skipChanged(ctx, p))
		default:
			if err := sleep(ctx, waitStep); err != nil {
				return false, err
			}
		}
	}
}

// manyLines is from how many lines of a plan on the database is told that its
// tables grew.
const manyLines = 1000

// tellSize lets the database plan its work for the size of the plan.
func (c *Changes) tellSize(ctx context.Context, p mainstay.Plan) error {
	if p.Counts.Total().Apply < manyLines {
		return nil
	}
	return c.Store.DB.Analyze(ctx, "plan_item")
}

// skipChanged leaves every organization alone that is no longer what the plan
// froze, as a whole: deleting the rest of its contents would leave it torn. What
// was protected since is kept first, so that it is told apart.
func (c *Changes) skipChanged(ctx context.Context, p mainstay.Plan) error {
	if p.Done > 0 || p.Action.Harmless() || !p.Action.Inside() || p.Action.FromTrash() {
		return nil
	}
	err := c.Store.Write(ctx, func(t *store.Tx) error { return t.KeepProtected(ctx, p) })
	if err != nil || p.Action != mainstay.ActionDelete {
		return err
	}
	var changed []mainstay.ItemID
	err = c.Store.Read(ctx, func(t *store.Tx) error {
		var err error
		changed, err = t.ChangedOrganizations(ctx, p.ID)
		return err
	})
	if err != nil || len(changed) == 0 {
		return err
	}
	return c.Store.Write(ctx, func(t *store.Tx) error { return t.SkipOrganizations(ctx, p.ID, changed) })
}

// mustWait reports whether a sync or another plan is at work (V10), and says so
// on the plan.
func (c *Changes) mustWait(ctx context.Context, t *store.Tx, p mainstay.Plan) (bool, error) {
	if err := t.Lock(ctx, largeWork); err != nil {
		return false, err
	}
	runs, err := t.ActiveRuns(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range runs {
		if r.State == mainstay.RunRunning {
			p.Message = "Waiting for the sync that is under way."
			return true, t.UpdatePlan(ctx, p)
		}
	}
	plans, err := t.Plans(ctx, []mainstay.PlanState{mainstay.PlanRunning}, 10)
	for _, o := range plans {
		if o.ID != p.ID {
			p.Message = o.UserName + " is running plan " + number(int64(o.ID)) + ". This one starts when it's done."
			return true, t.UpdatePlan(ctx, p)
		}
	}
	return false, err
}

// start brings a plan to the state running, or to backing_up where it needs a
// backup first.
func (c *Changes) start(ctx context.Context, t *store.Tx, p mainstay.Plan, needBackup *bool) (mainstay.Plan, error) {
	p.Message = ""
	if p.Friction >= mainstay.FrictionBackup && p.BackupID == 0 {
		after := t.Now().Add(-mainstay.BackupFresh)
		if p.Action == mainstay.ActionPurge {
			after = p.Created
		}
		b, ok, err := t.FreshBackup(ctx, after)
		if err != nil {
			return p, err
		}
		if !ok {
			p.State, *needBackup = mainstay.PlanBackingUp, true
			return p, nil
		}
		p.BackupID = b.ID
	}
	days, err := trashDays(ctx, t)
	if err != nil {
		return p, err
	}
	p.State = mainstay.PlanRunning
	if p.Started == 0 {
		p.Started = t.Now()
	}
	if (p.Action == mainstay.ActionDelete || p.Action == mainstay.ActionMerge) && p.PurgeAfter == 0 {
		p.PurgeAfter = t.Now().Add(days)
	}
	return p, nil
}

// applyChunks works chunk by chunk; it returns false when the plan is done.
func (c *Changes) applyChunks(ctx context.Context, id mainstay.PlanID, lease string) (bool, error) {
	size := c.chunks.first
	for ctx.Err() == nil {
		began := c.Store.DB.Now()
		done := false
		err := c.Store.Write(ctx, func(t *store.Tx) error {
			var err error
			done, err = c.applyChunk(ctx, t, id, lease, size)
			return err
		})
		if err != nil || done {
			return !done, err
		}
		c.pass(atChunk)
		size = c.chunks.next(size, c.Store.DB.Now().Sub(began))
	}
	return true, ctx.Err()
}

// next fits the size of a chunk to the time that the last one took, by half as
// much at most.
func (s chunkSizes) next(size int, took time.Duration) int {
	fits := int(int64(size) * int64(chunkTime) / int64(max(took, time.Millisecond)))
	fits = min(max(fits, size/2), size*3/2)
	return min(max(fits, s.least), s.most)
}

func (c *Changes) applyChunk(ctx context.Context, t *store.Tx, id mainstay.PlanID, lease string, size int) (done bool, err error) {
	chunk, ok, err := t.NextChunk(ctx, id, lease, size)
	if err != nil {
		return false, err
	}
	if chunk.Plan.State != mainstay.PlanRunning {
		return false, mainstay.Errorf(mainstay.Conflict, "The plan is %s.", chunk.Plan.State)
	}
	if !ok {
		c.pass(atLast)
		return true, c.finish(ctx, t, id)
	}
	if chunk.Actor, err = t.PlanActor(ctx, id); err != nil {
		return false, err
	}
	if err := stillMay(ctx, t, chunk.Actor, chunk.Plan); mainstay.KindOf(err) == mainstay.Internal {
		return false, err
	} else if err != nil {
		return true, c.deny(ctx, t, chunk.Plan, err)
	}
	if stopped, err := c.stopSwitchedOff(ctx, t, chunk.Plan); err != nil || stopped {
		return stopped, err
	}
	switch chunk.Plan.Action {
	case mainstay.ActionDelete:
		_, _, err = t.TrashChunk(ctx, chunk, chunk.Plan.PurgeAfter)
	case mainstay.ActionRestore:
		_, _, err = t.RestoreChunk(ctx, chunk)
	case mainstay.ActionPurge:
		_, _, err = t.PurgeChunk(ctx, chunk)
	case mainstay.ActionDisconnect:
		err = c.disconnectChunk(ctx, t, chunk)
	case mainstay.ActionReconnect:
		_, err = c.reconnectChunk(ctx, t, chunk)
	case mainstay.ActionEdit:
		_, _, err = t.EditChunk(ctx, chunk)
	case mainstay.ActionProtect:
		err = c.protectChunk(ctx, t, chunk)
	case mainstay.ActionRevert:
		err = c.revertChunk(ctx, t, chunk)
	case mainstay.ActionMerge:
		err = c.mergeChunk(ctx, t, chunk)
	case mainstay.ActionUnmerge:
		err = c.unmergeChunk(ctx, t, chunk)
	default:
		err = mainstay.Errorf(mainstay.Invalid, "This version can't run a plan to %s. Make the plan again.", chunk.Plan.Action)
	}
	c.pass(atEffect)
	return false, err
}

// stillMay checks the rights of the person who confirmed as they are now.
func stillMay(ctx context.Context, t *store.Tx, a mainstay.Actor, p mainstay.Plan) error {
	switch {
	case p.Action == mainstay.ActionPurge:
		return a.Can(mainstay.PurgeTrash, 0)
	case p.Action == mainstay.ActionRestore:
		return a.Can(mainstay.UseTrash, 0)
	case p.Params.HoldUntil != nil:
		return a.Can(mainstay.LegalHold, 0)
	case p.Params.Merge != nil:
		return stillMerges(ctx, t, a, p)
	}
	return a.Can(mainstay.PlanChanges, 0)
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
