package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"mainstay/internal/jobs"
)

// progress is how far a piece of background work is.
type progress struct {
	stage       string
	done, total int
	ended       bool
}

// watchStep is how often a waiting command looks at the work.
const watchStep = 150 * time.Millisecond

// wait shows the progress of background work until look says that it ended.
// While no server works on this installation, the command does the work itself,
// so it goes on whether a server is running, comes or goes.
func (c *call) wait(a *app, look func(ctx context.Context) (progress, error)) error {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	worked := make(chan error, 1)
	go func() {
		err := a.standIn(ctx)
		if err != nil {
			stop() // nobody works, so there is nothing to wait for
		}
		worked <- err
	}()
	err := c.watch(ctx, look)
	stop()
	if workErr := <-worked; workErr != nil {
		return workErr
	}
	return err
}

// How often a waiting command looks whether somebody works, and how many times
// in a row nobody may, such as while a server starts again.
const (
	standInStep  = time.Second
	standInAfter = 5
)

// standIn works on jobs while no other process does, until ctx ends: no server
// may be running, one may end while a command waits for it, and so may another
// command that works.
func (a *app) standIn(ctx context.Context) error {
	for alone := standInAfter; ; {
		nodes, err := a.queue.AliveNodes(ctx)
		switch {
		case ctx.Err() != nil:
			return nil //nolint:nilerr // whoever ended it knows why
		case err != nil:
			return err
		case len(nodes) > 0:
			alone = 0
		case alone >= standInAfter:
			return a.work(ctx)
		default:
			alone++
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(standInStep):
		}
	}
}

// work works on jobs until ctx ends.
func (a *app) work(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	var sweeping sync.WaitGroup
	sweeping.Go(func() { a.sweep(ctx) })
	err := jobs.NewRunner(a.store.DB, a.handlers(), jobs.Options{Node: "command line", Log: a.log, Drain: 5 * time.Second, GaveUp: a.gaveUp}).Run(ctx)
	stop()
	sweeping.Wait()
	return err
}

// sweep finds work whose job was lost, as the clock of a server does.
func (a *app) sweep(ctx context.Context) {
	tick := time.NewTicker(sweepStep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := errors.Join(a.changes.Sweep(ctx), a.backups.Sweep(ctx)); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "could not look for lost work", slog.Any("error", err))
		}
	}
}

func (c *call) watch(ctx context.Context, look func(ctx context.Context) (progress, error)) error {
	out := io.Discard
	if c.terminal() && !c.json {
		out = c.Err
	}
	bars := mpb.NewWithContext(ctx, mpb.WithOutput(out), mpb.WithWidth(40))
	var stage atomic.Value // the bar draws in a goroutine of its own
	stage.Store("")
	bar := bars.AddBar(0, mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprint(stage.Load(), " ") })),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d "), decor.AverageSpeed(0, "%.0f/s "), decor.AverageETA(decor.ET_STYLE_GO)))
	for {
		p, err := look(ctx)
		if err != nil {
			bar.Abort(true)
			return err
		}
		stage.Store(p.stage)
		bar.SetTotal(int64(max(p.total, p.done, 1)), false)
		bar.SetCurrent(int64(p.done))
		if p.ended {
			bar.SetTotal(-1, true)
			bars.Wait()
			return nil
		}
		select {
		case <-ctx.Done():
			bar.Abort(true)
			return fmt.Errorf("waiting: %w", ctx.Err())
		case <-time.After(watchStep):
		}
	}
}
