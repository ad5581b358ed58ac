package jobs

import (
	"context"
	"database/sql"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivershared/riverpilot"
	"github.com/riverqueue/river/rivertype"

	"mainstay/internal/db"
)

// dialect holds the few statements on River's own tables that its interface does
// not offer. They differ because River keeps arrays and times differently.
type dialect struct {
	// owner is the expression for the node that works on a running job.
	owner string
	// hold selects the running job $1 in attempt $2 of node $3, and locks it
	// against recovery where the database has row locks.
	hold string
	// skipLocked ends a subselect of rows to change, so that recovery does not
	// wait for a node that stopped inside a transaction.
	skipLocked string
	// keepNode ends a select of a node's row, so that nobody declares the node
	// dead before the transaction ends.
	keepNode string
	// moment converts a time into what River keeps in its columns.
	moment func(time.Time) any
}

func dialectOf(name db.Dialect) dialect {
	const running = "SELECT 1 FROM river_job WHERE state = 'running' AND id = $1 AND attempt = $2 AND "
	if name == db.Postgres {
		const owner = "attempted_by[array_length(attempted_by, 1)]"
		return dialect{
			owner: owner, hold: running + owner + " = $3 FOR SHARE",
			skipLocked: " FOR UPDATE SKIP LOCKED", keepNode: " FOR KEY SHARE",
			moment: func(t time.Time) any { return t },
		}
	}
	const owner = "attempted_by ->> '$[#-1]'"
	return dialect{
		owner: owner, hold: running + owner + " = $3",
		moment: func(t time.Time) any { return t.UTC().Round(time.Millisecond).Format("2006-01-02 15:04:05.000") },
	}
}

// Migrate brings River's own tables up to date. It runs before the migrations of
// the store. Several nodes may call it at once.
func Migrate(ctx context.Context, d *db.DB) error {
	config := &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)}
	if d.Dialect() == db.SQLite {
		m, err := rivermigrate.New(riversqlite.New(d.Writer()), config)
		if err != nil {
			return err
		}
		return d.Write(ctx, func(tx *db.Tx) error {
			// River advises against one transaction for all for PostgreSQL's sake. On SQLite
			// it keeps a second node that migrates at the same time waiting.
			//lint:ignore SA1019 see above
			_, err := m.MigrateTx(ctx, tx.SQL(), rivermigrate.DirectionUp, nil) //nolint:staticcheck // see above
			return err
		})
	}
	m, err := rivermigrate.New(riverpgxv5.New(d.Pool()), config)
	if err != nil {
		return err
	}
	// One transaction for all does not work here: PostgreSQL cannot use a new
	// value of an enumeration in the transaction that adds it.
	conn, err := d.Pool().Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrateLock); err != nil {
		return err
	}
	defer conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", migrateLock) //nolint:errcheck // a lost connection unlocks as well
	_, err = m.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// migrateLock is the key of the advisory lock, a number of our own choosing.
const migrateLock = 7_215_020

// client is a River client on one of the two databases.
type client struct {
	lite *river.Client[*sql.Tx]
	pg   *river.Client[pgx.Tx]
}

func newClient(d *db.DB, pilot riverpilot.Pilot, config *river.Config) (*client, error) {
	config.Test.Time = clock{d}
	c := &client{}
	var err error
	if d.Dialect() == db.SQLite {
		c.lite, err = river.NewClient(liteDriver{riversqlite.New(d.Writer()), pilot}, config)
	} else {
		c.pg, err = river.NewClient(pgDriver{riverpgxv5.New(d.Pool()), pilot}, config)
	}
	return c, err
}

func (c *client) insert(ctx context.Context, tx *db.Tx, a river.JobArgs, o *river.InsertOpts) (*rivertype.JobInsertResult, error) {
	if c.lite != nil {
		return c.lite.InsertTx(ctx, tx.SQL(), a, o)
	}
	return c.pg.InsertTx(ctx, tx.Pgx(), a, o)
}

func (c *client) cancel(ctx context.Context, tx *db.Tx, id int64) error {
	var err error
	if c.lite != nil {
		_, err = c.lite.JobCancelTx(ctx, tx.SQL(), id)
	} else {
		_, err = c.pg.JobCancelTx(ctx, tx.Pgx(), id)
	}
	return err
}

func (c *client) list(ctx context.Context, tx *db.Tx, p *river.JobListParams) (*river.JobListResult, error) {
	if c.lite != nil {
		return c.lite.JobListTx(ctx, tx.SQL(), p)
	}
	return c.pg.JobListTx(ctx, tx.Pgx(), p)
}

func (c *client) start(ctx context.Context) error {
	if c.lite != nil {
		return c.lite.Start(ctx)
	}
	return c.pg.Start(ctx)
}

// stop waits for the running handlers; cancel ends their contexts at once.
func (c *client) stop(ctx context.Context, cancel bool) error {
	switch {
	case c.lite != nil && cancel:
		return c.lite.StopAndCancel(ctx)
	case c.lite != nil:
		return c.lite.Stop(ctx)
	case cancel:
		return c.pg.StopAndCancel(ctx)
	}
	return c.pg.Stop(ctx)
}

// clock gives River the clock of the installation.
type clock struct{ db *db.DB }

func (c clock) Now() time.Time { return c.db.Now().Std() }

func (c clock) NowOrNil() *time.Time {
	t := c.Now()
	return &t
}

// liteDriver and pgDriver are River's drivers with our pilot, which is how River
// lets others have a say in fetching and ending jobs. A nil pilot is River's own.
type liteDriver struct {
	*riversqlite.Driver
	pilot riverpilot.Pilot
}

func (liteDriver) PluginInit(*baseservice.Archetype) {}
func (l liteDriver) PluginPilot() riverpilot.Pilot   { return l.pilot }

type pgDriver struct {
	*riverpgxv5.Driver
	pilot riverpilot.Pilot
}

func (pgDriver) PluginInit(*baseservice.Archetype) {}
func (p pgDriver) PluginPilot() riverpilot.Pilot   { return p.pilot }
