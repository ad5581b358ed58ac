package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/storetest"
)

func TestMigrate_again(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB) {
		done := make(chan error, 3)
		for range 3 {
			go func() { done <- jobs.Migrate(context.Background(), d) }()
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Errorf("migrate: %v", err)
			}
		}
	})
}

func TestQueue_Enqueue(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		q := newQueue(t, d)
		boom := errors.New("boom")
		err := d.Write(ctx, func(tx *db.Tx) error {
			if _, err := q.Enqueue(ctx, tx, jobs.Sync, 7, 0); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want the error of the transaction", err)
		}
		if l := list(t, q, jobs.Filter{}); len(l) != 0 {
			t.Errorf("got %d jobs after a rollback, want none", len(l))
		}

		first := enqueue(t, d, q, jobs.Sync, 7, 0)
		if again := enqueue(t, d, q, jobs.Sync, 7, d.Now().Add(time.Hour)); again != first {
			t.Errorf("got job %d for the same kind and key, want %d", again, first)
		}
		if other := enqueue(t, d, q, jobs.Sync, 8, 0); other == first {
			t.Error("got the same job for another key")
		}
		if other := enqueue(t, d, q, jobs.Apply, 7, 0); other == first {
			t.Error("got the same job for another kind")
		}
		want := []jobs.Status{
			{Kind: jobs.Apply, Key: 7, State: jobs.Waiting},
			{Kind: jobs.Sync, Key: 8, State: jobs.Waiting},
			{Kind: jobs.Sync, Key: 7, State: jobs.Waiting},
		}
		ignore := cmpopts.IgnoreFields(jobs.Status{}, "ID", "Created", "Start")
		if diff := cmp.Diff(want, list(t, q, jobs.Filter{}), ignore); diff != "" {
			t.Errorf("jobs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[2:], list(t, q, jobs.Filter{Kind: jobs.Sync, Key: 7, Unfinished: true}), ignore); diff != "" {
			t.Errorf("filtered jobs (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want[:1], list(t, q, jobs.Filter{Limit: 1}), ignore); diff != "" {
			t.Errorf("limited jobs (-want +got):\n%s", diff)
		}
	})
}

func TestQueue_Enqueue_while_two_transactions_race(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		ids := make(chan int64, 8)
		for range cap(ids) {
			go func() {
				var id int64
				err := d.Write(context.Background(), func(tx *db.Tx) (err error) {
					id, err = q.Enqueue(context.Background(), tx, jobs.Sync, 1, 0)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				ids <- id
			}()
		}
		got := map[int64]bool{}
		for range cap(ids) {
			got[<-ids] = true
		}
		if len(got) != 1 {
			t.Errorf("got %d jobs, want one", len(got))
		}
	})
}

func TestQueue_Cancel(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		q := newQueue(t, d)
		first := enqueue(t, d, q, jobs.Apply, 1, d.Now().Add(time.Hour))
		if s := only(t, q); s.State != jobs.Scheduled {
			t.Errorf("got state %s, want scheduled", s.State)
		}
		for range 2 { // the second finds nothing to cancel
			write(t, d, func(tx *db.Tx) error { return q.Cancel(ctx, tx, jobs.Apply, 1) })
		}
		if s := only(t, q); s.State != jobs.Cancelled || s.Ended == 0 {
			t.Errorf("got state %s ended %d, want cancelled and a time", s.State, s.Ended)
		}
		err := d.Write(ctx, func(tx *db.Tx) error { return q.RunNow(ctx, tx, jobs.Apply, 1) })
		if mainstay.KindOf(err) != mainstay.NotFound {
			t.Errorf("got %v for a cancelled job, want not found", err)
		}
		if next := enqueue(t, d, q, jobs.Apply, 1, 0); next == first {
			t.Error("a cancelled job keeps others of its kind and key away")
		}
	})
}

func TestQueue_scheduled(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		started := make(chan jobs.Job, 10)
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Apply: func(_ context.Context, j jobs.Job) error {
				started <- j
				return nil
			},
		}, fast())

		at := d.Now().Add(1500 * time.Millisecond)
		enqueue(t, d, q, jobs.Apply, 1, at)
		if j := <-started; j.Key != 1 || j.Attempt != 1 || j.Lease == "" || j.Last {
			t.Errorf("got %+v, want the first attempt of key 1 with a lease", j)
		}
		if early := at.Sub(d.Now()); early > 0 {
			t.Errorf("the job started %s before its time", early)
		}

		enqueue(t, d, q, jobs.Apply, 2, d.Now().Add(time.Hour))
		select {
		case j := <-started:
			t.Errorf("job %d started an hour early", j.Key)
		case <-time.After(time.Second):
		}
		write(t, d, func(tx *db.Tx) error { return q.RunNow(context.Background(), tx, jobs.Apply, 2) })
		if j := <-started; j.Key != 2 {
			t.Errorf("got key %d, want 2", j.Key)
		}
	})
}
