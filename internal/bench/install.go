package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/reconcile"
	"mainstay/internal/store"
)

// schemaPrefix begins the names of the PostgreSQL schemas that a run makes and drops.
const schemaPrefix = "mainstay_bench_"

// checkEmpty refuses a PostgreSQL database with tables in it: a benchmark never
// runs beside data that somebody needs.
func checkEmpty(ctx context.Context, c Config) error {
	if c.Postgres == "" {
		return nil
	}
	conn, err := pgx.Connect(ctx, c.Postgres)
	if err != nil {
		return mainstay.Wrap(mainstay.Unavailable, err, "The PostgreSQL database for the benchmark can't be reached.")
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read
	var n int
	err = conn.QueryRow(ctx, "SELECT count(*) FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND s.nspname NOT LIKE 'pg\\_%' AND s.nspname <> 'information_schema'").Scan(&n)
	if err != nil {
		return err
	}
	if n > 0 {
		return mainstay.Errorf(mainstay.Conflict, "This PostgreSQL database holds %d tables. A benchmark needs an empty one; make it with createdb.", n)
	}
	return nil
}

// install is one installation to measure: its own SQLite file, or its own schema
// of the PostgreSQL database.
type install struct {
	store   *store.Store
	changes *change.Changes
	engine  *reconcile.Engine
	psa     *psa
	id      mainstay.IntegrationID
	admin   mainstay.Actor
	lease   int
	drop    func() error
}

// open makes an empty installation.
func (r *runner) open(ctx context.Context, name string) (*install, error) {
	c := db.Config{Path: filepath.Join(r.Dir, name+".db"), Now: time.Now, OnCommit: r.meter.commit}
	in := &install{admin: mainstay.System("bench"), drop: func() error { return nil }}
	if r.Postgres != "" {
		var err error
		if c.URL, in.drop, err = makeSchema(ctx, r.Postgres, schemaPrefix+name); err != nil {
			return nil, err
		}
	}
	d, err := db.Open(ctx, c)
	if err != nil {
		return nil, errors.Join(err, in.drop())
	}
	in.store = store.New(d)
	if err := in.wire(ctx); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (in *install) wire(ctx context.Context) error {
	if err := jobs.Migrate(ctx, in.store.DB); err != nil {
		return err
	}
	if err := in.store.Migrate(ctx); err != nil {
		return err
	}
	q, err := jobs.NewQueue(in.store.DB)
	if err != nil {
		return err
	}
	same := func(b []byte, _ string) ([]byte, error) { return b, nil }
	in.changes = change.New(change.Config{Store: in.store, Jobs: q, Seal: same})
	in.psa = &psa{}
	in.engine = reconcile.New(reconcile.Config{Store: in.store, Changes: in.changes, Connectors: []connect.Spec{in.psa.spec()}, Open: same})
	return nil
}

// close ends the installation and drops its schema.
func (in *install) close() error { return errors.Join(in.store.DB.Close(), in.drop()) }

// makeSchema makes a schema and returns the URL that leads into it.
func makeSchema(ctx context.Context, address, name string) (string, func() error, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", nil, mainstay.Errorf(mainstay.Invalid, "This is no PostgreSQL address. Write it as postgres://user:password@host:5432/database.")
	}
	run := func(statement string) error {
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, statement)
		return errors.Join(err, conn.Close(ctx))
	}
	quoted := pgx.Identifier{name}.Sanitize()
	if err := run("CREATE SCHEMA " + quoted); err != nil {
		return "", nil, err
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), func() error { return run("DROP SCHEMA " + quoted + " CASCADE") }, nil
}

// connect ties the installation to a PSA with that many records and ticks every box.
func (in *install) connect(ctx context.Context, companies, dependents int) error {
	in.psa.companies, in.psa.dependents = companies, dependents
	i, err := in.changes.AddIntegration(ctx, in.admin, change.NewIntegration{Connector: in.psa.spec().Name, Name: "PSA", Fingerprint: fingerprint})
	if err != nil {
		return err
	}
	in.id = i.ID
	_, err = in.changes.SaveSettings(ctx, in.admin, in.id, in.psa.everything(), i.Settings.Version, 0)
	return err
}

// sync runs a full sync to its end.
func (in *install) sync(ctx context.Context) (mainstay.Run, error) {
	run, err := in.changes.StartRun(ctx, in.admin, in.id)
	if err != nil {
		return run, err
	}
	if err := in.engine.Handle(ctx, in.job(jobs.Sync, int64(run.ID))); err != nil {
		return run, err
	}
	err = in.store.Read(ctx, func(t *store.Tx) error {
		run, err = t.Run(ctx, run.ID)
		return err
	})
	if err == nil && run.State != mainstay.RunComplete {
		err = fmt.Errorf("the sync ended %s: %s", run.State, run.Message)
	}
	return run, err
}

// apply works on a confirmed plan to its end.
func (in *install) apply(ctx context.Context, id mainstay.PlanID) (mainstay.Plan, error) {
	var p mainstay.Plan
	if err := in.changes.Apply(ctx, in.job(jobs.Apply, int64(id))); err != nil {
		return p, err
	}
	err := in.store.Read(ctx, func(t *store.Tx) error {
		var err error
		p, err = t.Plan(ctx, id)
		return err
	})
	if err == nil && (p.State != mainstay.PlanDone || p.Skipped != 0) {
		err = fmt.Errorf("the plan is %s with %d skipped: %s", p.State, p.Skipped, p.Message)
	}
	return p, err
}

// job is one execution, as a node would start it.
func (in *install) job(kind jobs.Kind, key int64) jobs.Job {
	in.lease++
	return jobs.Job{Kind: kind, Key: key, Attempt: 1, Lease: fmt.Sprint("lease ", in.lease)}
}

// orphan marks every item of the first organizations as orphaned by plain SQL: it
// prepares data and measures nothing.
func (in *install) orphan(ctx context.Context, organizations int) error {
	return in.store.Write(ctx, func(t *store.Tx) error {
		_, err := t.Exec(ctx, `UPDATE item SET sync = 'orphaned', reason = 'type', since = $1 WHERE organization_id IN
			(SELECT id FROM item WHERE kind = 'organization' ORDER BY id LIMIT $2)`, int64(t.Now()), organizations)
		if err != nil {
			return err
		}
		return t.RecountTallies(ctx)
	})
}

// settle lets the database do now what it would do by itself soon: statistics,
// vacuum and checkpoint. It belongs to no measured work.
func (in *install) settle(ctx context.Context) error {
	if pool := in.store.DB.Pool(); pool != nil {
		for _, table := range strings.Fields("item psa_record plan_item trash tally activity") {
			if _, err := pool.Exec(ctx, "VACUUM (ANALYZE) "+table); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := in.store.DB.Writer().ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}
