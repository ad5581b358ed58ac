package jobs_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"testing"
	"time"

	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/storetest"
)

// childSettings makes the test binary a job node instead of running tests.
const childSettings = "MAINSTAY_TEST_JOB_NODE"

// steps is how many effects one job has.
const steps = 40

// child is what a child process is told.
type child struct {
	Path, URL string
	Pause     time.Duration // between two steps
}

// childMain works on jobs until the process is killed or its parent is gone,
// which it notices by the end of its standard input.
func childMain(settings string) int {
	ctx := context.Background()
	go func() {
		io.Copy(io.Discard, os.Stdin) // any end counts
		os.Exit(0)
	}()
	var c child
	err := json.Unmarshal([]byte(settings), &c)
	if err == nil {
		var d *db.DB
		if d, err = db.Open(ctx, db.Config{Path: c.Path, URL: c.URL, Now: time.Now}); err == nil {
			o := fast()
			o.Dead = time.Minute // so that it takes over only where it sees that a process is gone
			err = jobs.NewRunner(d, map[jobs.Kind]jobs.Handler{jobs.Apply: stepper(d, c.Pause)}, o).Run(ctx)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// stepper is a handler as they should be: each step has its effect, its cursor
// and the check of its ownership in one transaction. Only it does not look at its
// context, so that nothing but the check keeps it from writing when it should
// not. It says on standard output what it does, for the parent of a child process.
func stepper(d *db.DB, pause time.Duration) jobs.Handler {
	return func(ctx context.Context, j jobs.Job) error {
		ctx = context.WithoutCancel(ctx)
		for {
			var done int
			err := d.Write(ctx, func(tx *db.Tx) (err error) {
				done, err = step(ctx, tx, j)
				return err
			})
			switch {
			case errors.Is(err, jobs.ErrTakenOver):
				fmt.Println("refused")
				return err
			case err != nil:
				return err
			case done == steps:
				return nil
			}
			fmt.Println("step", done)
			time.Sleep(pause)
		}
	}
}

func step(ctx context.Context, tx *db.Tx, j jobs.Job) (int, error) {
	if err := j.Hold(ctx, tx); err != nil {
		return 0, err
	}
	var done int
	err := tx.QueryRow(ctx, "UPDATE progress SET done = done + 1, lease = $2 WHERE id = $1 AND done < $3 RETURNING done", j.Key, j.Lease, steps).Scan(&done)
	if db.IsNoRows(err) {
		return steps, nil
	}
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO effect (id, step, lease) VALUES ($1, $2, $3)", j.Key, done, j.Lease)
	return done, err
}

// process is a running child.
type process struct {
	*exec.Cmd
	lines chan string
}

func spawn(t *testing.T, d storetest.Database, pause time.Duration) *process {
	t.Helper()
	settings, err := json.Marshal(child{Path: d.Config.Path, URL: d.Config.URL, Pause: pause})
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(os.Args[0]), lines: make(chan string, 10*steps)}
	p.Env = append(os.Environ(), childSettings+"="+string(settings))
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.StdinPipe(); err != nil { // open as long as this process lives
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			p.lines <- s.Text()
		}
	}()
	t.Cleanup(p.kill)
	return p
}

// kill ends the child as a power cut would, and waits until it is gone.
func (p *process) kill() {
	p.Process.Kill() // it may be gone already
	for range p.lines {
	}
	p.Wait() // it was killed
}

// say waits until the child says a line.
func (p *process) say(t *testing.T, want string) {
	t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				t.Fatalf("the child ended before it said %q", want)
			}
			if line == want {
				return
			}
		case <-timeout:
			t.Fatalf("the child did not say %q", want)
		}
	}
}

// prepare enqueues the job of many steps.
func prepare(t *testing.T, d *db.DB) *jobs.Queue {
	t.Helper()
	q := newQueue(t, d)
	write(t, d, func(tx *db.Tx) error {
		if _, err := tx.Exec(context.Background(), "INSERT INTO progress (id, done, lease) VALUES (1, 0, '')"); err != nil {
			return err
		}
		_, err := q.Enqueue(context.Background(), tx, jobs.Apply, 1, 0)
		return err
	})
	return q
}

// exactlyOnce checks that each step had its effect once, in order, and returns
// by how many executions.
func exactlyOnce(t *testing.T, d *db.DB) (leases int) {
	t.Helper()
	ctx := context.Background()
	var n, distinct int
	err := d.Read(ctx, func(tx *db.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*), count(DISTINCT step), count(DISTINCT lease) FROM effect").Scan(&n, &distinct, &leases)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n != steps || distinct != steps {
		t.Errorf("got %d effects of %d steps, want %d of %d", n, distinct, steps, steps)
	}
	return leases
}

// After kill -9 another process of the machine goes on at once.
func TestRunner_killed(t *testing.T) {
	setup := migrated()
	setup.Durable = true
	setup.EachDatabase(t, func(t *testing.T, database storetest.Database) {
		d := database.Open(t)
		q := prepare(t, d)
		first := spawn(t, database, 50*time.Millisecond)
		first.say(t, "step 7")
		first.kill()
		killed := time.Now()

		second := spawn(t, database, time.Millisecond)
		second.say(t, "step 20")
		if took := time.Since(killed); took > 30*time.Second {
			t.Errorf("the work went on after %s, want 30 s at most", took)
		}
		s := awaitState(t, q, jobs.Done)
		if s.Attempt != 2 {
			t.Errorf("got attempt %d, want 2", s.Attempt)
		}
		if n := exactlyOnce(t, d); n != 2 {
			t.Errorf("got effects of %d executions, want 2", n)
		}
	})
}

// A job whose process was killed is given up without another attempt where it
// was cancelled meanwhile, and where it killed its process too often.
func TestRunner_killed_and_given_up(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(context.Context, *jobs.Queue, *db.Tx) error
		want      jobs.State
	}{
		"cancelled": {func(ctx context.Context, q *jobs.Queue, tx *db.Tx) error {
			return q.Cancel(ctx, tx, jobs.Apply, 1)
		}, jobs.Cancelled},
		"too often": {func(ctx context.Context, _ *jobs.Queue, tx *db.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE river_job SET attempt = 12")
			return err
		}, jobs.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			migrated().EachDatabase(t, func(t *testing.T, database storetest.Database) {
				d := database.Open(t)
				q := prepare(t, d)
				p := spawn(t, database, time.Second)
				p.say(t, "step 1")
				p.kill()
				write(t, d, func(tx *db.Tx) error { return test.meanwhile(context.Background(), q, tx) })
				var gaveUp atomic.Int32
				o := fast()
				o.GaveUp = func(context.Context, *db.Tx, jobs.Job, error) error {
					if gaveUp.Add(1) == 1 {
						panic("the first call fails")
					}
					return nil
				}
				stop := start(t, d, map[jobs.Kind]jobs.Handler{
					jobs.Apply: func(context.Context, jobs.Job) error {
						t.Error("the handler was called again")
						return nil
					},
				}, o)
				if test.want == jobs.Failed {
					await(t, "the next call to be planned", func() bool { return gaveUp.Load() == 1 && only(t, q).State != jobs.Running })
					write(t, d, func(tx *db.Tx) error { return q.RunNow(context.Background(), tx, jobs.Apply, 1) })
				}
				awaitState(t, q, test.want)
				stop()
				if want := map[jobs.State]int32{jobs.Cancelled: 1, jobs.Failed: 2}[test.want]; gaveUp.Load() != want {
					t.Errorf("got %d calls of GaveUp, want %d", gaveUp.Load(), want)
				}
			})
		})
	}
}

// A process that sleeps for longer than Dead loses its job. When it wakes up,
// its write is refused, it cannot end the job of its successor, and it joins
// again as a new node.
func TestRunner_paused(t *testing.T) {
	migrated().EachDatabase(t, func(t *testing.T, database storetest.Database) {
		d := database.Open(t)
		q := prepare(t, d)
		sleeper := spawn(t, database, 20*time.Millisecond)
		sleeper.say(t, "step 3")
		pauseOutsideTransactions(t, d, sleeper)

		woken := make(chan bool)
		work := stepper(d, time.Millisecond)
		stop := start(t, d, map[jobs.Kind]jobs.Handler{
			jobs.Apply: func(ctx context.Context, j jobs.Job) error {
				select {
				case <-woken:
					return work(ctx, j)
				case <-ctx.Done():
					return ctx.Err()
				}
			},
		}, fast())
		successor := awaitOtherOwner(t, q, only(t, q).Node)
		resume(t, sleeper)
		sleeper.say(t, "refused")
		await(t, "the sleeper to join again", func() bool {
			n, err := q.AliveNodes(context.Background())
			return err == nil && len(n) == 2
		})
		if s := only(t, q); s.State != jobs.Running || s.Node != successor {
			t.Errorf("got state %s on %s after the sleeper woke up, want running on %s", s.State, s.Node, successor)
		}
		close(woken)
		s := awaitState(t, q, jobs.Done)
		if s.Attempt != 2 || s.Node != successor {
			t.Errorf("got attempt %d of %s, want 2 of %s", s.Attempt, s.Node, successor)
		}
		if n := exactlyOnce(t, d); n != 2 {
			t.Errorf("got effects of %d executions, want 2", n)
		}
		stop()
	})
}

func awaitOtherOwner(t *testing.T, q *jobs.Queue, owner string) string {
	t.Helper()
	var s jobs.Status
	await(t, "another node to take the job over", func() bool {
		s = only(t, q)
		return s.State == jobs.Running && s.Node != owner
	})
	return s.Node
}

// A handler that returns nil after its node lost the job does not end it.
func TestRunner_late_success_does_not_count(t *testing.T) {
	migrated().Each(t, func(t *testing.T, d *db.DB) {
		q := newQueue(t, d)
		enqueue(t, d, q, jobs.Apply, 1, 0)
		running := make(chan jobs.Job, 2)
		lateEnd, end := make(chan bool), make(chan bool)
		slow := fast()
		slow.Beat = time.Minute // it will not notice that it was declared dead
		start(t, d, blocking(running, lateEnd), slow)
		first := <-running
		write(t, d, func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), "DELETE FROM node")
			return err
		})
		start(t, d, blocking(running, end), fast())
		second := <-running
		if first.Lease == second.Lease {
			t.Errorf("two executions share the lease %s", first.Lease)
		}
		close(lateEnd)
		time.Sleep(time.Second) // longer than River takes to write a result
		if s := only(t, q); s.State != jobs.Running || s.Attempt != 2 {
			t.Errorf("got state %s attempt %d, want the second attempt running", s.State, s.Attempt)
		}
		write(t, d, func(tx *db.Tx) error {
			if err := second.Hold(context.Background(), tx); err != nil {
				t.Errorf("the owner does not hold its job: %v", err)
			}
			if err := first.Hold(context.Background(), tx); !errors.Is(err, jobs.ErrTakenOver) {
				t.Errorf("got %v for the former owner, want ErrTakenOver", err)
			}
			return nil
		})
		// The dead node fetches nothing either.
		enqueue(t, d, q, jobs.Apply, 2, 0)
		if third := <-running; third.Key != 2 {
			t.Errorf("got key %d, want 2", third.Key)
		}
		close(end)
		await(t, "both jobs to end", func() bool {
			l := list(t, q, jobs.Filter{})
			return l[0].State == jobs.Done && l[1].State == jobs.Done
		})
		if l := list(t, q, jobs.Filter{}); l[0].Node != l[1].Node {
			t.Errorf("got nodes %s and %s, want the living one for both", l[0].Node, l[1].Node)
		}
	})
}

// blocking says that it runs and returns nil when it may end.
func blocking(running chan<- jobs.Job, end <-chan bool) map[jobs.Kind]jobs.Handler {
	return map[jobs.Kind]jobs.Handler{jobs.Apply: func(ctx context.Context, j jobs.Job) error {
		running <- j
		select {
		case <-end:
		case <-ctx.Done():
		}
		return ctx.Err()
	}}
}
