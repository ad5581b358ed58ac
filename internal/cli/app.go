package cli

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/change"
	"mainstay/internal/config"
	"mainstay/internal/connect"
	"mainstay/internal/connect/all"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/reconcile"
	"mainstay/internal/seal"
	"mainstay/internal/store"
)

// app is the wiring that the server and the commands share: everything but the doors.
type app struct {
	config  config.Config
	log     *slog.Logger
	store   *store.Store
	queue   *jobs.Queue
	changes *change.Changes
	engine  *reconcile.Engine
	backups *bundle.Backups
	ring    *seal.Ring
	// restoring lets a restore begin again where an earlier one was killed; every
	// other command refuses such an installation.
	restoring bool
}

// openApp opens the installation, brings its schema up to date and wires it.
func openApp(ctx context.Context, cfg config.Config, log *slog.Logger) (*app, error) {
	return (&app{config: cfg, log: log}).open(ctx)
}

func (a *app) open(ctx context.Context) (*app, error) {
	cfg := a.config
	d, err := db.Open(ctx, db.Config{Path: filepath.Join(cfg.Data, "mainstay.db"), URL: cfg.DatabaseURL, Now: time.Now})
	if err != nil {
		return nil, err
	}
	a.store = store.New(d)
	if err := a.wire(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return a, nil
}

func (a *app) wire(ctx context.Context) error {
	if err := jobs.Migrate(ctx, a.store.DB); err != nil {
		return err
	}
	if err := a.store.Migrate(ctx); err != nil {
		return err
	}
	var err error
	if err := bundle.Unfinished(ctx, a.store); err != nil && !a.restoring {
		return err
	}
	if a.ring, err = openRing(a.config.KeyFile); err != nil {
		return err
	}
	if a.queue, err = jobs.NewQueue(a.store.DB); err != nil {
		return err
	}
	a.backups = &bundle.Backups{Store: a.store, Jobs: a.queue, Dir: a.config.BackupDir, Recipient: a.config.BackupRecipient, Version: Version, Log: a.log}
	bind := func(fingerprint string) []byte { return seal.Bind("integration", "secrets", fingerprint) }
	a.changes = change.New(change.Config{Store: a.store, Jobs: a.queue, Pause: a.config.PlanPause, Backup: a.backups.Take, Log: a.log,
		Seal: func(plain []byte, fingerprint string) ([]byte, error) { return a.ring.Seal(plain, bind(fingerprint)) }})
	a.engine = reconcile.New(reconcile.Config{Store: a.store, Changes: a.changes, Connectors: all.Connectors(), Log: a.log,
		Client: connect.ClientConfig{AllowLoopback: a.config.AllowLoopbackPSA},
		Open:   func(sealed []byte, fingerprint string) ([]byte, error) { return a.ring.Open(sealed, bind(fingerprint)) }})
	return nil
}

// openRing opens the key file, or makes one at the first start.
func openRing(path string) (*seal.Ring, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return seal.Create(path)
	}
	return seal.Open(path)
}

// Close closes the database.
func (a *app) Close() error { return a.store.DB.Close() }

// handlers are the works that a node does.
func (a *app) handlers() map[jobs.Kind]jobs.Handler {
	return map[jobs.Kind]jobs.Handler{jobs.Sync: a.engine.Handle, jobs.Apply: a.changes.Apply, jobs.Backup: a.backups.Handle}
}

// operator is who the command line acts as: whoever can read the database
// already can do everything, so it is an Administrator with a name of its own.
func operator() mainstay.Actor { return mainstay.System("command line") }

// open opens the installation for one command.
func (c *call) open(restoring bool) (*app, error) {
	log := slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return (&app{config: c.config, log: log, restoring: restoring}).open(c.ctx)
}

// with runs fn on the installation and closes it.
func (c *call) with(fn func(a *app) error) error {
	a, err := c.open(false)
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.Close())
}

// gaveUp marks the work of a job that will not be tried again.
func (a *app) gaveUp(ctx context.Context, tx *db.Tx, j jobs.Job, reason error) error {
	if j.Kind == jobs.Backup {
		return a.backups.GaveUp(ctx, tx, j, reason)
	}
	return a.changes.GaveUp(ctx, &store.Tx{Tx: tx}, j, reason)
}
