package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// cursor is where a run goes on after a restart.
type cursor struct {
	Stage  string          `json:"stage"` // "pull", "confirm", "judge", "flag"
	Stream int             `json:"stream,omitempty"`
	Next   string          `json:"next,omitempty"`   // of the stream, or the last external id of confirm
	Before map[string]int  `json:"before,omitempty"` // what the PSA announced of each stream at its start
	After  mainstay.ItemID `json:"after,omitempty"`  // the last item that was marked
}

// The stages in their order.
const (
	stagePull    = "pull"
	stageConfirm = "confirm"
	stageJudge   = "judge"
	stageFlag    = "flag"
)

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return string(b)
}

func parseCursor(s string) (cursor, error) {
	c := cursor{Stage: stagePull, Before: map[string]int{}}
	if s == "" {
		return c, nil
	}
	err := json.Unmarshal([]byte(s), &c)
	if c.Before == nil {
		c.Before = map[string]int{}
	}
	return c, err
}

// session is one execution of a run.
type session struct {
	*Engine
	job         jobs.Job
	run         mainstay.Run
	at          cursor
	integration mainstay.Integration
	connector   connect.Connector
	labels      *change.Labels
	previous    *mainstay.Settings // of the last complete run; nil where there is none
}

// Handle is the handler of the sync job. It may be killed at any instruction
// and goes on at the last page that was taken over. Every end but one of a
// killed process is written on the run, with a sentence.
func (e *Engine) Handle(ctx context.Context, j jobs.Job) error {
	run, at, ok, err := e.Changes.BeginRun(ctx, j)
	if err != nil || !ok {
		return err
	}
	s := &session{Engine: e, job: j, run: run}
	if s.at, err = parseCursor(at); err != nil {
		return s.end(ctx, mainstay.RunFailed, "The place where this sync stopped can't be read. Nothing was orphaned. Start a full sync.")
	}
	err = s.work(ctx)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the server stops: the job goes on elsewhere or later
	case errors.Is(err, jobs.ErrTakenOver):
		return err
	case errors.Is(err, change.ErrCancelled):
		return s.end(ctx, mainstay.RunCancelled, change.Ending(s.run, err))
	}
	e.Log.Warn("sync", "run", run.ID, "error", err)
	if retryLater(err) && !j.Last {
		return err
	}
	state := mainstay.RunFailed
	if s.run.Counts.Pages > 0 {
		state = mainstay.RunIncomplete
	}
	return s.end(ctx, state, change.Ending(s.run, err))
}

// retryLater reports whether the fault is ours (the database, a defect), so that
// the job tries again; what the PSA did is written on the run instead.
func retryLater(err error) bool { return mainstay.KindOf(err) == mainstay.Internal }

func (s *session) end(ctx context.Context, state mainstay.RunState, message string) error {
	s.run.State, s.run.Message, s.run.Stage = state, message, ""
	return s.Changes.EndRun(ctx, s.job, s.run, s.kinds())
}

func (s *session) kinds() []*mainstay.Kind {
	var out []*mainstay.Kind
	for _, k := range mainstay.Kinds() {
		if k.Syncs {
			out = append(out, k)
		}
	}
	return out
}

// work goes through the stages from where the run stands.
func (s *session) work(ctx context.Context) error {
	if s.at.Stage == stageFlag {
		return s.flag(ctx)
	}
	closeClient, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer closeClient()
	for _, stage := range []struct {
		name string
		do   func(context.Context) error
	}{{stagePull, s.pull}, {stageConfirm, s.confirm}, {stageJudge, s.judge}} {
		if s.at.Stage != stage.name {
			continue
		}
		if err := stage.do(ctx); err != nil || s.run.State.Ended() {
			return err
		}
	}
	return s.flag(ctx)
}

// connect opens the PSA, proves that it is the one that the links belong to,
// and brings the types and statuses up to date.
func (s *session) connect(ctx context.Context) (func(), error) {
	var client *connect.Client
	var err error
	s.integration, s.connector, client, err = s.open(ctx, s.run.IntegrationID)
	if err != nil {
		return nil, err
	}
	done := client.Close
	instance, err := s.connector.Test(ctx)
	if err != nil {
		done()
		return nil, err
	}
	if instance.Fingerprint != s.integration.Fingerprint {
		done()
		return nil, mainstay.Errorf(mainstay.Held, "%s is another PSA than the one that this integration was made for. Nothing was read.", instance.Name)
	}
	labels, err := s.connector.Labels(ctx)
	if err != nil {
		done()
		return nil, err
	}
	if s.labels, err = s.Changes.SyncLabels(ctx, s.run.IntegrationID, labelsOf(labels)); err != nil {
		done()
		return nil, err
	}
	return done, s.Store.Read(ctx, func(t *store.Tx) error {
		last, ok, err := t.LastComplete(ctx, s.run.IntegrationID, s.run.ID)
		if ok {
			s.previous = &last.Settings
		}
		return err
	})
}

// judge lets the guards decide, and holds the run where they say so.
func (s *session) judge(ctx context.Context) error {
	seen := map[mainstay.KindName]int{}
	err := s.Store.Read(ctx, func(t *store.Tx) error {
		for _, k := range s.kinds() {
			n, err := t.CountSeen(ctx, s.run, k.Name)
			if err != nil {
				return err
			}
			seen[k.Name] = n
		}
		return nil
	})
	if err != nil {
		return err
	}
	why, err := s.Changes.JudgeRun(ctx, &s.run, seen)
	if err != nil {
		return err
	}
	if len(why) > 0 {
		message := "Held for a person. Nothing was orphaned."
		for _, w := range why {
			message += " " + w
		}
		return s.end(ctx, mainstay.RunHeld, message)
	}
	s.at = cursor{Stage: stageFlag}
	return s.save(ctx, "Marking orphans")
}

// flagChunk is how many candidates are marked in one transaction.
const flagChunk = 400

// flag marks the candidates as orphaned, chunk by chunk, and completes the run.
func (s *session) flag(ctx context.Context) error {
	for {
		done, err := s.Changes.OrphanNext(ctx, s.job, &s.run, &s.at.After, flagChunk, func(last mainstay.ItemID) string {
			return cursor{Stage: stageFlag, After: last}.String()
		})
		if err != nil {
			return err
		}
		if done {
			break
		}
	}
	return s.end(ctx, mainstay.RunComplete, s.summary())
}

func (s *session) summary() string {
	c := s.run.Counts
	return fmt.Sprintf("%s seen: %s new, %s matched, %s updated, %s synced again, %s orphaned, %s with a problem.", mainstay.Thousands(c.Seen), mainstay.Thousands(c.Created),
		mainstay.Thousands(c.Matched), mainstay.Thousands(c.Updated), mainstay.Thousands(c.Healed), mainstay.Thousands(c.Orphaned), mainstay.Thousands(c.Errors))
}

func (s *session) save(ctx context.Context, stage string) error {
	s.run.Stage = stage
	return s.Changes.SaveRun(ctx, s.job, s.run, s.at.String())
}
