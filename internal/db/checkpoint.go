package db

import (
	"context"
	"database/sql"
	"os"
	"time"
)

// walLarge is from which size in bytes the write-ahead log of SQLite is copied
// into the database file: the size at which SQLite would do so by itself.
const walLarge = 4 << 20

// walPages is from how many pages (64 MiB) on the writer copies the log itself,
// should the checkpointer not keep up; walKeep is how much of the log's file in
// bytes stays on the disk for the next transactions.
const (
	walPages = 16_384
	walKeep  = 64 << 20
)

// checkpointPause is the least time between two checkpoints.
const checkpointPause = 100 * time.Millisecond

// checkpointer copies the write-ahead log of SQLite into the database file on a
// connection of its own. SQLite would do it inside of the commit that finds the
// log large, and make that one transaction many times longer than the others.
// What was committed is on the disk with or without a checkpoint.
type checkpointer struct {
	conn *sql.DB
	log  string
	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

func newCheckpointer(path string) (*checkpointer, error) {
	conn, err := sql.Open("sqlite", sqliteDSN(path, maintain))
	if err != nil {
		return nil, err
	}
	conn.SetMaxOpenConns(1)
	c := &checkpointer{conn: conn, log: path + "-wal", wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c, nil
}

// committed says that the log may have grown. It never waits.
func (c *checkpointer) committed() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run() {
	defer close(c.done)
	for {
		select {
		case <-c.stop:
			return
		case <-c.wake:
		}
		if info, err := os.Stat(c.log); err != nil || info.Size() < walLarge {
			continue
		}
		// A checkpoint that fails leaves the log as it is: the next one, or the
		// writer itself, comes back to it.
		c.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)") //nolint:errcheck // see above
		select {
		case <-c.stop:
			return
		case <-time.After(checkpointPause):
		}
	}
}

// close waits for a checkpoint that is under way.
func (c *checkpointer) close() error {
	close(c.stop)
	<-c.done
	return c.conn.Close()
}
