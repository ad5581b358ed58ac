package jobs_test

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"mainstay/internal/db"
)

// pauseOutsideTransactions stops a child with SIGSTOP at a moment when it holds
// no lock in the database, so that the test is about ownership alone.
func pauseOutsideTransactions(t *testing.T, d *db.DB, p *process) {
	t.Helper()
	for range 50 {
		if err := p.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if unlocked(d) {
			return
		}
		resume(t, p)
		time.Sleep(7 * time.Millisecond)
	}
	t.Fatal("the child was always inside a transaction")
}

func resume(t *testing.T, p *process) {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
}

// unlocked reports whether all rows of nodes and jobs can be written now.
func unlocked(d *db.DB) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	rollback := errors.New("roll back")
	err := d.Write(ctx, func(tx *db.Tx) error {
		for _, q := range []string{"UPDATE node SET beat_at = beat_at", "UPDATE river_job SET priority = priority"} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return rollback
	})
	return errors.Is(err, rollback)
}
