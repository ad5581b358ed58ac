package change

import (
	"context"
	"fmt"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Proof is what a person gives to confirm a plan.
type Proof struct {
	Fingerprint string // of the list that the person saw
	Phrase      string // as typed
}

// Confirm says yes to a plan. The same transaction checks the fingerprint, the
// age, the rights, the phrase and that nothing in the plan changed, and queues
// the job. A deletion starts after Config.Pause and can be cancelled until then.
//
// A plan that takes items which still sync needs the switch for bulk deletion.
func (c *Changes) Confirm(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, proof Proof) (mainstay.Plan, error) {
	p, err := c.confirm(ctx, a, id, proof)
	if err != nil && p.Params.Syncing {
		err = c.refused(ctx, a, p.ID, p.Title(), err)
	}
	return p, err
}

func (c *Changes) confirm(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, proof Proof) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if p, err = c.ownPlan(ctx, t, a, id); err != nil {
			return err
		}
		if p.Params.Syncing && p.State == mainstay.PlanReview {
			if err := mayDeleteSyncing(ctx, t); err != nil {
				return err
			}
		}
		if err := mayConfirm(a, t.Now(), &p, proof); err != nil {
			return err
		}
		if err := unseen(ctx, t, a, &p); err != nil {
			return err
		}
		if n, err := t.CountStale(ctx, p, tableOf(p.Action)); err != nil {
			return err
		} else if n > 0 {
			return mainstay.Errorf(mainstay.Stale, "%s changed after this plan was made. Nothing was done. Make the plan again to see what's different.", items(n))
		}
		p.State, p.StartAt, p.Message = mainstay.PlanStarting, t.Now(), ""
		p.Params.ConfirmedBy, p.Params.ConfirmedAt = a.Name, t.Now()
		if !p.Action.Harmless() {
			p.StartAt = t.Now().Add(c.Pause)
		}
		if err := c.stopClass(ctx, t, a, &p); err != nil {
			return err
		}
		if p.Action == mainstay.ActionPause {
			return c.paused(ctx, t, a, &p)
		}
		if err := t.SetPlanActor(ctx, p.ID, a); err != nil {
			return err
		}
		if err := planNote(ctx, t, a, "confirmed", &p, fmt.Sprintf("Plan %d", p.ID)); err != nil {
			return err
		}
		if err := t.UpdatePlan(ctx, p); err != nil {
			return err
		}
		_, err = c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), p.StartAt)
		return err
	})
	return p, err
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return mainstay.Thousands(n) + " items"
}

func mayConfirm(a mainstay.Actor, now mainstay.Time, p *mainstay.Plan, proof Proof) error {
	if p.Action == mainstay.ActionPurge {
		if err := a.Can(mainstay.PurgeTrash, 0); err != nil {
			return err
		}
	}
	if g := p.Params.Guarding(); g.HoldUntil != nil {
		if err := a.Can(mainstay.LegalHold, 0); err != nil {
			return err
		}
		if _, err := checked(now, g); err != nil {
			return err
		}
	}
	switch {
	case p.State != mainstay.PlanReview:
		return mainstay.Errorf(mainstay.Conflict, "This plan was confirmed or discarded already.")
	case p.Expired(now):
		return mainstay.Errorf(mainstay.Stale, "Plans last 24 hours. Make it again; nothing was done.")
	case proof.Fingerprint != p.Fingerprint:
		return mainstay.Errorf(mainstay.Stale, "The plan changed since you looked at it. Nothing was done. Look at it again.")
	case p.Idle():
		return mainstay.Errorf(mainstay.Held, "Everything in this plan is held back, so there is nothing to do.")
	case p.Friction >= mainstay.FrictionPhrase && !PhraseMatches(p.Phrase, proof.Phrase):
		return mainstay.FieldError("phrase", "Type %q to confirm. Nothing was done.", p.Phrase)
	}
	return nil
}

// step is one allowed move of a confirmed plan.
type step struct {
	from []mainstay.PlanState
	to   mainstay.PlanState
	verb string // for the activity log
	wake bool   // queue the job
}

func (c *Changes) move(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, s step) (mainstay.Plan, error) {
	p, err := c.take(ctx, a, id, s)
	if err != nil && p.Params.Syncing {
		err = c.refused(ctx, a, p.ID, mainstay.Capitalized(s.verb)+": "+p.Title(), err)
	}
	return p, err
}

func (c *Changes) take(ctx context.Context, a mainstay.Actor, id mainstay.PlanID, s step) (mainstay.Plan, error) {
	var p mainstay.Plan
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		var err error
		if p, err = c.ownPlan(ctx, t, a, id); err != nil {
			return err
		}
		ok := false
		for _, f := range s.from {
			ok = ok || f == p.State
		}
		if !ok {
			return mainstay.Errorf(mainstay.Conflict, "The plan is %s by now, so it can't be %s.", p.State, s.verb)
		}
		p.State, p.Message = s.to, ""
		switch s.to {
		case mainstay.PlanStopped:
			p.Ended = t.Now()
			if p.Done == 0 {
				// Nothing was touched, so nothing stays changed.
				if err := c.takeBack(ctx, t, a, &p); err != nil {
					return err
				}
			}
		case mainstay.PlanReview:
			p.StartAt, p.Params.ConfirmedBy, p.Params.ConfirmedAt = 0, "", 0
			if err := c.takeBack(ctx, t, a, &p); err != nil {
				return err
			}
		case mainstay.PlanStarting:
			p.StartAt = t.Now()
			if p.Params.Syncing {
				if err := mayDeleteSyncing(ctx, t); err != nil {
					return err
				}
			}
		}
		if err := t.UpdatePlan(ctx, p); err != nil {
			return err
		}
		if s.wake {
			if _, err := c.Jobs.Enqueue(ctx, t.Tx, jobs.Apply, int64(p.ID), p.StartAt); err != nil {
				return err
			}
		}
		return planNote(ctx, t, a, s.verb, &p, fmt.Sprintf("Plan %d", p.ID))
	})
	return p, err
}

// CancelStart takes a confirmation back during the pause before the start.
func (c *Changes) CancelStart(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	return c.move(ctx, a, id, step{from: []mainstay.PlanState{mainstay.PlanStarting}, to: mainstay.PlanReview, verb: "cancelled"})
}

// PausePlan stops a running plan after its current chunk; Resume goes on.
func (c *Changes) PausePlan(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	return c.move(ctx, a, id, step{from: []mainstay.PlanState{mainstay.PlanRunning, mainstay.PlanBackingUp}, to: mainstay.PlanPaused, verb: "paused"})
}

// ResumePlan goes on where a paused or failed plan stopped.
func (c *Changes) ResumePlan(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	return c.move(ctx, a, id, step{from: []mainstay.PlanState{mainstay.PlanPaused, mainstay.PlanFailed}, to: mainstay.PlanStarting, verb: "resumed", wake: true})
}

// StopPlan ends a plan after its current chunk. What it did stays done and can be undone.
func (c *Changes) StopPlan(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	return c.move(ctx, a, id, step{from: []mainstay.PlanState{mainstay.PlanRunning, mainstay.PlanBackingUp, mainstay.PlanPaused, mainstay.PlanStarting, mainstay.PlanFailed},
		to: mainstay.PlanStopped, verb: "stopped"})
}

// StopAndRestore ends a plan and brings back everything that it removed.
func (c *Changes) StopAndRestore(ctx context.Context, a mainstay.Actor, id mainstay.PlanID) (mainstay.Plan, error) {
	p, err := c.StopPlan(ctx, a, id)
	if err != nil {
		return p, err
	}
	if p.Action.Undo() == "" {
		return p, mainstay.Errorf(mainstay.Invalid, "The plan was stopped. This kind of plan can't be undone.")
	}
	return c.Undo(ctx, a, id)
}
