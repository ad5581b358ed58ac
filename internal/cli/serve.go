package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"mainstay/internal/auth"
	"mainstay/internal/config"
	"mainstay/internal/jobs"
	"mainstay/internal/server"
	"mainstay/internal/web"
)

type serveCmd struct{}

// Run runs the server until it is told to stop, and then drains it.
func (serveCmd) Run(c *call) error {
	log := newLog(c.Err, c.config)
	a, err := openApp(c.ctx, c.config, log)
	if err != nil {
		return err
	}
	return errors.Join(c.serve(a, func(ctx context.Context, d doors) error {
		code, err := d.setup.NewCode(ctx)
		if err != nil || code == "" {
			return err
		}
		fmt.Fprintf(c.Out, "Nobody can sign in yet. Make the first Administrator at %s/setup with this code, which is shown once:\n\n  %s\n\n", a.config.PublicURL, code)
		return nil
	}), a.Close())
}

func newLog(w io.Writer, cfg config.Config) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// doors are the parts of the server that people come in by.
type doors struct {
	setup    *auth.Setup
	sessions *auth.Sessions
	people   *auth.People
}

// drain is how long running work may go on after the server was told to stop.
const drain = 10 * time.Second

// serve runs web server, job runner and clock. ready is called once, when the
// address is bound.
func (c *call) serve(a *app, ready func(context.Context, doors) error) error {
	passwords, err := auth.NewPasswords(auth.DefaultParams(), 2)
	if err != nil {
		return err
	}
	d := doors{setup: &auth.Setup{Store: a.store, Passwords: passwords},
		sessions: auth.NewSessions(auth.Config{Store: a.store, Passwords: passwords, PublicURL: a.config.PublicURL, Log: a.log}),
		people:   &auth.People{Store: a.store, Passwords: passwords}}
	pages := &web.Web{Store: a.store, Changes: a.changes, Jobs: a.queue, Engine: a.engine, Backups: a.backups,
		Sessions: d.sessions, People: d.people, Setup: d.setup, Log: a.log}
	runner := jobs.NewRunner(a.store.DB, a.handlers(), jobs.Options{Node: "server", Log: a.log, Drain: drain, GaveUp: a.gaveUp})
	return server.Run(c.ctx, server.Config{Store: a.store, Jobs: a.queue, Sessions: d.sessions, Setup: d.setup, Runner: runner, Routes: pages.Routes(), RenderError: pages.RenderError,
		Listen: a.config.Listen, MetricsListen: a.config.MetricsListen, PublicURL: a.config.PublicURL, TrustedProxies: a.config.Proxies(), Log: a.log, Background: a.background(d),
		Ready: func(ctx context.Context) error { return ready(ctx, d) }})
}

// sweepStep is how often lost work is looked for.
const sweepStep = 5 * time.Second

// background is what the clock does, in one visible list. Each is harmless when
// several nodes do it at once.
func (a *app) background(d doors) []server.Task {
	return []server.Task{
		{Name: "lost work", Every: sweepStep, Do: a.changes.Sweep},
		{Name: "lost backups", Every: 30 * time.Second, Do: a.backups.Sweep},
		{Name: "end of bulk deletion", Every: 5 * time.Second, Do: a.changes.EndBulkDeletion},
		{Name: "due syncs", Every: 20 * time.Second, Do: a.changes.StartDue},
		{Name: "expired trash", Every: time.Hour, Do: func(ctx context.Context) error { _, err := a.changes.PurgeExpired(ctx); return err }},
		{Name: "expired sessions", Every: time.Hour, Do: d.sessions.Forget},
	}
}
