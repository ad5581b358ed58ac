package jobs_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
)

// secret must never reach what the queue stores.
const secret = "hunter2"

func TestRunner_retries(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		var attempts []int
		leases := map[string]bool{}
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Sync: func(_ context.Context, j jobs.Job) error {
				attempts = append(attempts, j.Attempt)
				leases[j.Lease] = true
				switch j.Attempt {
				case 1:
					return mainstay.Wrap(mainstay.Unavailable, errors.New(secret), "The PSA doesn't answer.")
				case 2:
					panic(secret)
				}
				return nil
			},
		}, fast())
		enqueue(t, d, q, jobs.Sync, 1, 0)
		s := awaitState(t, q, jobs.Done)
		if diff := cmp.Diff([]int{1, 2, 3}, attempts); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
		if len(leases) != 3 {
			t.Errorf("got %d different leases in 3 attempts", len(leases))
		}
		if !strings.HasPrefix(s.Error, "Something went wrong on our side.") || s.Node == "" || s.Ended == 0 || s.Started == 0 {
			t.Errorf("got %+v, want the safe sentence of the panic, a node and times", s)
		}
		refuseSecret(t, d)
	})
}

// refuseSecret looks for the secret in all that River stores of jobs.
func refuseSecret(t *testing.T, d *db.DB) {
	t.Helper()
	column := map[db.Dialect]string{db.SQLite: "json(errors) || json(metadata) || json(args)", db.Postgres: "errors::text || metadata::text || args::text"}[d.Dialect()]
	ctx := t.Context()
	var stored string
	err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT "+column+" FROM river_job").Scan(&stored)
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(stored, secret) {
		t.Errorf("the queue stores a cause: %s", stored)
	}
}

func TestRunner_gives_up(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		var calls []string
		o := fast()
		o.GaveUp = func(ctx context.Context, tx *db.Tx, j jobs.Job, reason error) error {
			calls = append(calls, fmt.Sprintf("%s %d %t %s", j.Kind, j.Key, j.Last, mainstay.SafeMessage(reason)))
			_, err := tx.Exec(ctx, "INSERT INTO progress (id, done, lease) VALUES ($1, 1, $2)", j.Key, j.Lease)
			return err
		}
		enqueue(t, d, q, jobs.Sync, 5, 0)
		write(t, d, func(tx *db.Tx) error { // nine attempts failed before
			_, err := tx.Exec(context.Background(), "UPDATE river_job SET attempt = 9")
			return err
		})
		attempts := 0
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Sync: func(context.Context, jobs.Job) error {
				attempts++
				return mainstay.Errorf(mainstay.Unavailable, "The PSA doesn't answer.")
			},
		}, o)
		s := awaitState(t, q, jobs.Failed)
		if attempts != 3 || s.Attempt != 12 || s.Error != "The PSA doesn't answer." {
			t.Errorf("got %d attempts and %+v, want 3 up to the twelfth and the safe sentence", attempts, s)
		}
		if diff := cmp.Diff([]string{"sync 5 true The PSA doesn't answer."}, calls); diff != "" {
			t.Errorf("calls of GaveUp (-want +got):\n%s", diff)
		}
	})
}

func TestRunner_Cancel_ends_at_once(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Sync: func(context.Context, jobs.Job) error {
				return jobs.Cancel(mainstay.Wrap(mainstay.Stale, errors.New(secret), "The plan expired."))
			},
		}, fast())
		enqueue(t, d, q, jobs.Sync, 1, 0)
		s := awaitState(t, q, jobs.Cancelled)
		if s.Attempt != 1 || s.Error != "The plan expired." {
			t.Errorf("got %+v, want one attempt and the safe sentence", s)
		}
		refuseSecret(t, d)
	})
}

func TestRunner_cancelled_while_it_runs(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		running := make(chan bool)
		gaveUp := make(chan error, 1)
		o := fast()
		o.GaveUp = func(_ context.Context, _ *db.Tx, _ jobs.Job, reason error) error {
			gaveUp <- reason
			return nil
		}
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Sync: func(ctx context.Context, _ jobs.Job) error {
				running <- true
				<-ctx.Done()
				return ctx.Err()
			},
		}, o)
		enqueue(t, d, q, jobs.Sync, 1, 0)
		<-running
		write(t, d, func(tx *db.Tx) error { return q.Cancel(context.Background(), tx, jobs.Sync, 1) })
		if reason := <-gaveUp; mainstay.SafeMessage(reason) != "It was cancelled." {
			t.Errorf("got reason %v", reason)
		}
		if s := awaitState(t, q, jobs.Cancelled); s.Error != "It was cancelled." {
			t.Errorf("got error %q", s.Error)
		}
	})
}

func TestRunner_drains(t *testing.T) {
	for _, drain := range []time.Duration{0, 300 * time.Millisecond} {
		t.Run(drain.String(), func(t *testing.T) {
			migrated().Each(t, func(t *testing.T, d *db.DB) {
				q := newQueue(t, d)
				running := make(chan bool, 2)
				o := fast()
				o.Drain = drain
				var worked time.Duration
				var begun time.Time
				stop := start(t, d, map[jobs.Kind]jobs.Handler{
					jobs.Backup: func(ctx context.Context, _ jobs.Job) error {
						running <- true
						<-ctx.Done()
						worked = time.Since(begun)
						return errors.New("interrupted") // as some drivers say it, without the context's error
					},
				}, o)
				enqueue(t, d, q, jobs.Backup, 1, 0)
				<-running
				begun = time.Now()
				stop()
				if worked < drain {
					t.Errorf("the handler had %s, want at least %s", worked, drain)
				}
				if s := only(t, q); s.State != jobs.Waiting || s.Attempt != 0 {
					t.Errorf("got state %s attempt %d after the stop, want waiting with the attempt given back", s.State, s.Attempt)
				}
				if n, err := q.AliveNodes(t.Context()); err != nil || len(n) != 0 {
					t.Errorf("got nodes %v and %v after the stop, want none", n, err)
				}
				done := make(chan bool)
				start(t, d, map[jobs.Kind]jobs.Handler{
					jobs.Backup: func(context.Context, jobs.Job) error { close(done); return nil },
				}, fast())
				<-done
				awaitState(t, q, jobs.Done)
			})
		})
	}
}

func TestRunner_leaves_unknown_kinds(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		done := make(chan bool)
		start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Sync: func(context.Context, jobs.Job) error { close(done); return nil },
		}, fast())
		enqueue(t, d, q, "from a later version", 1, 0)
		enqueue(t, d, q, jobs.Sync, 1, 0)
		<-done
		l := list(t, q, jobs.Filter{Kind: "from a later version"})
		if len(l) != 1 || l[0].State != jobs.Waiting || l[0].Attempt != 0 {
			t.Errorf("got %+v, want a waiting job without an attempt", l)
		}
	})
}

func TestQueue_AliveNodes(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		alive := func() []jobs.Node {
			n, err := q.AliveNodes(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := alive(); len(n) != 0 {
			t.Errorf("got %v before the start, want none", n)
		}
		o := fast()
		o.Node = "left/hand"
		stop := start(t, d, map[jobs.Kind]jobs.Handler{jobs.Sync: nil}, o)
		await(t, "the node", func() bool { return len(alive()) == 1 })
		n := alive()[0]
		if n.Name != "left-hand" || n.Started == 0 || n.Beat < n.Started {
			t.Errorf("got %+v", n)
		}
		await(t, "a beat", func() bool { return alive()[0].Beat > n.Beat })
		// A node elsewhere that fell silent a minute ago.
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), "INSERT INTO node (id, started_at, beat_at) VALUES ($1, $2, $2)",
				"right/elsewhere/1/1/x", int64(d.Now().Add(-time.Minute)))
			return err
		})
		if n := alive(); len(n) != 1 || n[0].Name != "left-hand" {
			t.Errorf("got %v, want the living node only", n)
		}
		stop()
		if n := alive(); len(n) != 0 {
			t.Errorf("got %v after the stop, want none", n)
		}
	})
}
