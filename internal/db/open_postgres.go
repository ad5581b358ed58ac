package db

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"mainstay"
)

// minPostgres is the oldest server version that the tests run against.
const minPostgres = 150_000

func openPostgres(ctx context.Context, c Config) (*DB, error) {
	pc, err := pgxpool.ParseConfig(c.URL)
	if err != nil {
		// The parser's error repeats the URL, which holds a password.
		return nil, mainstay.Errorf(mainstay.Invalid, "MAINSTAY_DATABASE_URL is no PostgreSQL address. Write it as postgres://user:password@host:5432/database.")
	}
	if pc.MaxConns < 12 {
		pc.MaxConns = 12
	}
	pc.MaxConnIdleTime = 5 * time.Minute
	pc.ConnConfig.RuntimeParams["application_name"] = "mainstay"
	pc.ConnConfig.RuntimeParams["timezone"] = "UTC"
	// A plan that is kept for later calls was made for the tables as they were:
	// after a first load it would still read a table of a million rows as a whole.
	pc.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_custom_plan"
	// A node that freezes inside a transaction must not keep its row locks, or
	// others could not take over its work.
	pc.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "15000"
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "PostgreSQL at %s can't be reached.", pc.ConnConfig.Host)
	}
	d := &DB{dialect: Postgres, now: c.Now, commit: c.OnCommit, pool: pool}
	var version string
	if err := pool.QueryRow(ctx, "SHOW server_version_num").Scan(&version); err != nil {
		pool.Close()
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "PostgreSQL at %s doesn't answer. Nothing was changed. Check the address, the user and the password.", pc.ConnConfig.Host)
	}
	if n, err := strconv.Atoi(version); err != nil || n < minPostgres {
		pool.Close()
		return nil, fmt.Errorf("PostgreSQL %s is too old: 15 or newer is needed", version)
	}
	return d, nil
}

// Analyze tells the planner how large tables are by now, where much was written
// at once: until then PostgreSQL plans as if they were nearly empty. SQLite needs
// no such hint, for every query has one index that fits.
func (d *DB) Analyze(ctx context.Context, tables ...string) error {
	if d.pool == nil {
		return nil
	}
	for _, table := range tables {
		if _, err := d.pool.Exec(ctx, "ANALYZE "+table); err != nil {
			return fmt.Errorf("analyze %s: %w", table, err)
		}
	}
	return nil
}

// analyzeRows is from how many new rows on a transaction tells the planner.
const analyzeRows = 5000

// Analyze does what DB.Analyze does inside of a transaction that wrote that many
// rows, so that its own next queries fit them.
func (t *Tx) Analyze(ctx context.Context, table string, rows int) error {
	if t.pgx == nil || rows < analyzeRows {
		return nil
	}
	_, err := t.pgx.Exec(ctx, "ANALYZE "+table)
	return err
}
