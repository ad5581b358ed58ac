// Package db opens the one database of an installation, SQLite or PostgreSQL,
// and offers two doors to it: Read and Write. All SQL above this package is one
// text for both databases with $1 parameters; what differs between them stays
// here, in the migrations and in search.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"mainstay"
)

// Dialect names a database.
type Dialect string

// The two databases. There is no third.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Config says which database to open.
type Config struct {
	Path string // of the SQLite file; used where URL is empty
	URL  string // postgres://…
	Now  func() time.Time
	// OnCommit, where set, is told how long each committed writing transaction
	// was open: from its begin, waiting for its turn left out, to the end of its
	// commit. It is called by many goroutines at once.
	OnCommit func(time.Duration)
}

// DB is an open database.
type DB struct {
	dialect Dialect
	now     func() time.Time
	commit  func(time.Duration) // nil where nobody listens
	path    string
	writer  *sql.DB // SQLite: one connection
	reader  *sql.DB // SQLite: several, query only
	pool    *pgxpool.Pool
	// checkpoints copies SQLite's log into its file; nil for PostgreSQL.
	checkpoints *checkpointer
}

// Open opens the database, checks its version and settings, and changes nothing in it.
func Open(ctx context.Context, c Config) (*DB, error) {
	if c.Now == nil {
		return nil, errors.New("db: Config.Now is missing")
	}
	if c.URL != "" {
		return openPostgres(ctx, c)
	}
	return openSQLite(ctx, c)
}

// Dialect tells which database it is.
func (d *DB) Dialect() Dialect { return d.dialect }

// Path is the SQLite file, empty for PostgreSQL.
func (d *DB) Path() string { return d.path }

// Now is the clock of the installation.
func (d *DB) Now() mainstay.Time { return mainstay.TimeOf(d.now()) }

// Writer is SQLite's one writing connection, for the job queue; nil for PostgreSQL.
func (d *DB) Writer() *sql.DB { return d.writer }

// Pool is PostgreSQL's pool, for the job queue and LISTEN; nil for SQLite.
func (d *DB) Pool() *pgxpool.Pool { return d.pool }

// Close waits for running transactions and closes the database.
func (d *DB) Close() error {
	if d.pool != nil {
		d.pool.Close()
		return nil
	}
	var err error
	if d.checkpoints != nil {
		err = d.checkpoints.close()
	}
	return errors.Join(err, d.reader.Close(), d.writer.Close())
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	if d.pool != nil {
		return d.pool.Ping(ctx)
	}
	return d.reader.PingContext(ctx)
}

// Read runs fn in a transaction that sees one snapshot and cannot write.
func (d *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if d.pool != nil {
		return d.runPgx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, fn)
	}
	return d.runSQL(ctx, d.reader, fn)
}

// writeTries is how often Write starts again after the database asked for it.
const writeTries = 8

// Write runs fn in a transaction that commits when fn returns nil. Where the
// database asks for a new try (deadlock, serialization failure, busy), fn runs
// again from the start, so it must have no effect outside the transaction.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	for try := 1; ; try++ {
		err := d.writeOnce(ctx, fn)
		if err == nil || try == writeTries || !retryable(err) {
			return err
		}
		wait := time.Duration(rand.Int64N(int64(try)*int64(10*time.Millisecond))) + time.Millisecond //nolint:gosec // spreads retries, guards nothing
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (d *DB) writeOnce(ctx context.Context, fn func(*Tx) error) error {
	var began time.Time
	timed := fn
	if d.commit != nil {
		timed = func(t *Tx) error {
			began = d.now()
			return fn(t)
		}
	}
	var err error
	if d.pool != nil {
		err = d.runPgx(ctx, pgx.TxOptions{}, timed)
	} else {
		if err = d.runSQL(ctx, d.writer, timed); err == nil {
			d.checkpoints.committed()
		}
	}
	if err == nil && d.commit != nil {
		d.commit(d.now().Sub(began))
	}
	return err
}

func (d *DB) runSQL(ctx context.Context, pool *sql.DB, fn func(*Tx) error) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it reports ErrTxDone, and before one the first error counts
	if err := fn(&Tx{db: d, sql: tx}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (d *DB) runPgx(ctx context.Context, o pgx.TxOptions, fn func(*Tx) error) error {
	tx, err := d.pool.BeginTx(ctx, o)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // as in runSQL
	if err := fn(&Tx{db: d, pgx: tx}); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// retryable reports whether the database rolled the transaction back and asks
// for it again. A lost connection is not: its outcome is unknown (V16).
func retryable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "40001" || pg.Code == "40P01"
	}
	var lite *sqlite.Error
	return errors.As(err, &lite) && lite.Code()&0xff == sqlite3.SQLITE_BUSY
}

// IsUnique reports whether err says that a unique index refused a row.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		return false
	}
	return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
}

// IsNoRows reports whether err says that a single row was asked for and there is none.
func IsNoRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
