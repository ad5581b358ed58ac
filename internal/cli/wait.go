package cli

import (
	"context"
	"fmt"
	"io"
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
// Where no server works on this installation, the command does the work itself
// meanwhile, so it goes on whether a server is running or not.
func (c *call) wait(a *app, look func(ctx context.Context) (progress, error)) error {
	ctx, stop := context.WithCancel(c.ctx)
	defer stop()
	nodes, err := a.queue.AliveNodes(ctx)
	if err != nil {
		return err
	}
	worked := make(chan error, 1)
	if len(nodes) == 0 {
		runner := jobs.NewRunner(a.store.DB, a.handlers(), jobs.Options{Node: "command line", Log: a.log, Drain: 5 * time.Second})
		go func() { worked <- runner.Run(ctx) }()
	} else {
		worked <- nil
	}
	err = c.watch(ctx, look)
	stop()
	if workErr := <-worked; err == nil {
		err = workErr
	}
	return err
}

func (c *call) watch(ctx context.Context, look func(ctx context.Context) (progress, error)) error {
	out := io.Discard
	if c.terminal() && !c.json {
		out = c.Err
	}
	bars := mpb.NewWithContext(ctx, mpb.WithOutput(out), mpb.WithWidth(40))
	stage := ""
	bar := bars.AddBar(0, mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return stage + " " })),
		mpb.AppendDecorators(decor.CountersNoUnit("%d of %d "), decor.AverageSpeed(0, "%.0f/s "), decor.AverageETA(decor.ET_STYLE_GO)))
	for {
		p, err := look(ctx)
		if err != nil {
			bar.Abort(true)
			return err
		}
		stage = p.stage
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
