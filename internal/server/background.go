package server

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Task is something that is done again and again while the server runs. Every
// node does it, without a leader, so doing it twice must be harmless.
type Task struct {
	Name  string
	Every time.Duration
	Do    func(context.Context) error
}

// clock does every task, first at the start and then each time its interval is
// over, until ctx ends and the tasks under way have returned. A task that fails
// or panics is logged and done again at its next time.
func (s *Server) clock(ctx context.Context) {
	var wg sync.WaitGroup
	for _, t := range s.Background {
		wg.Go(func() {
			tick := time.NewTicker(t.Every)
			defer tick.Stop()
			for {
				if err := t.once(ctx); err != nil && ctx.Err() == nil {
					s.Log.ErrorContext(ctx, "background task failed", slog.String("task", t.Name), slog.Any("error", err))
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	<-ctx.Done()
	wg.Wait()
}

func (t Task) once(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return t.Do(ctx)
}
