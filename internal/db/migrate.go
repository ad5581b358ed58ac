package db

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Migrate brings the schema up to date from numbered SQL files. Several nodes
// may call it at once: PostgreSQL serializes them by an advisory lock, SQLite by
// its write lock.
func (d *DB) Migrate(ctx context.Context, files fs.FS) error {
	handle, dialect := d.writer, goose.DialectSQLite3
	if d.pool != nil {
		dialect = goose.DialectPostgres
		handle = stdlib.OpenDBFromPool(d.pool)
		defer handle.Close() //nolint:errcheck // the pool lives on
		unlock, err := lockPostgres(ctx, handle)
		if err != nil {
			return err
		}
		defer unlock()
	}
	p, err := goose.NewProvider(dialect, handle, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// migrateLock is the key of the advisory lock, a number of our own choosing.
const migrateLock = 7_215_019

func lockPostgres(ctx context.Context, handle *sql.DB) (func(), error) {
	conn, err := handle.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		conn.Close() //nolint:errcheck // the first error counts
		return nil, fmt.Errorf("lock for migration: %w", err)
	}
	return func() {
		conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrateLock) //nolint:errcheck // closing the connection unlocks as well
		conn.Close()                                                                               //nolint:errcheck // see above
	}, nil
}
