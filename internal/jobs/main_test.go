package jobs_test

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/storetest"
)

// TestMain turns the test binary into a job node where a test asks for a
// process that it can kill, and else looks for leaked goroutines at the end.
func TestMain(m *testing.M) {
	if settings := os.Getenv(childSettings); settings != "" {
		os.Exit(childMain(settings))
	}
	goleak.VerifyTestMain(m)
}

// migrated makes databases with River's tables and ours.
func migrated() storetest.Setup { return storetest.Setup{Template: template} }

var template = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	var files fs.FS = os.DirFS("../store/migrations/" + string(d.Dialect()))
	if err := d.Migrate(ctx, files); err != nil {
		return err
	}
	return d.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []string{
			"CREATE TABLE progress (id BIGINT NOT NULL PRIMARY KEY, done BIGINT NOT NULL, lease TEXT NOT NULL)",
			"CREATE TABLE effect (id BIGINT NOT NULL, step BIGINT NOT NULL, lease TEXT NOT NULL)",
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
})

// fast are options under which nodes notice each other quickly.
func fast() jobs.Options {
	return jobs.Options{
		Beat: 200 * time.Millisecond, Dead: time.Second,
		Backoff: func(int) time.Duration { return time.Millisecond },
		Log:     slog.New(slog.DiscardHandler),
	}
}

// start runs a node until the returned function is called or the test ends.
func start(t *testing.T, d *db.DB, handlers map[jobs.Kind]jobs.Handler, o jobs.Options) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- jobs.NewRunner(d, handlers, o).Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func newQueue(t *testing.T, d *db.DB) *jobs.Queue {
	t.Helper()
	q, err := jobs.NewQueue(d)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func write(t *testing.T, d *db.DB, fn func(tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func enqueue(t *testing.T, d *db.DB, q *jobs.Queue, kind jobs.Kind, key int64, at mainstay.Time) (id int64) {
	t.Helper()
	write(t, d, func(tx *db.Tx) (err error) {
		id, err = q.Enqueue(context.Background(), tx, kind, key, at)
		return err
	})
	return id
}

func list(t *testing.T, q *jobs.Queue, f jobs.Filter) []jobs.Status {
	t.Helper()
	l, err := q.List(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// only returns the one job that there is.
func only(t *testing.T, q *jobs.Queue) jobs.Status {
	t.Helper()
	l := list(t, q, jobs.Filter{})
	if len(l) != 1 {
		t.Fatalf("got %d jobs, want 1", len(l))
	}
	return l[0]
}

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for %s", what)
		}
	}
}

func awaitState(t *testing.T, q *jobs.Queue, want jobs.State) jobs.Status {
	t.Helper()
	var s jobs.Status
	await(t, "the job to be "+string(want), func() bool {
		s = only(t, q)
		return s.State == want
	})
	return s
}
