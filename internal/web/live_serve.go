package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// liveEvery is how often a live part is looked at again.
const liveEvery = time.Second

// liveBeat is after how many looks without news a comment keeps the line open.
const liveBeat = 15

// look draws a live part as it is now; ended says that nothing moves any more.
type look = func(ctx context.Context) (c templ.Component, ended bool, err error)

// stream sends a live part whenever it changed, as unnamed events, and the event
// "finished" when it has ended. It goes on until then or until the request ends.
func (s *Web) stream(w http.ResponseWriter, r *http.Request, see look) error {
	ctx := r.Context()
	last, ended, err := draw(ctx, see)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	// An answer without an end can't have a time by which it is written. Where
	// the server sets none, there is none to lift.
	_ = out.SetWriteDeadline(time.Time{}) // see above
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	text, quiet := event(last), 0
	for {
		if ended {
			text += "event: finished\ndata:\n\n"
		}
		if text != "" {
			if _, err := w.Write([]byte(text)); err != nil || out.Flush() != nil || ended {
				return nil
			}
			quiet = 0
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, done, err := draw(ctx, see)
		if err != nil {
			s.logger().WarnContext(ctx, "a live page stopped", slog.Any("error", err))
			return nil
		}
		text, ended = "", done
		if quiet++; now != last {
			text, last = event(now), now
		} else if quiet >= liveBeat {
			text = ":\n\n"
		}
	}
}

// draw looks once and returns the markup.
func draw(ctx context.Context, see look) (text string, ended bool, err error) {
	c, ended, err := see(ctx)
	if err != nil {
		return "", false, err
	}
	var b bytes.Buffer
	err = c.Render(ctx, &b)
	return b.String(), ended, err
}

// event writes markup as one unnamed event.
func event(text string) string {
	return "data: " + strings.ReplaceAll(text, "\n", "\ndata: ") + "\n\n"
}

// progress answers one look, for a browser without events. When the work has
// ended it asks for the whole page.
func (s *Web) progress(w http.ResponseWriter, r *http.Request, see look) error {
	c, ended, err := see(r.Context())
	if err != nil {
		return err
	}
	if ended {
		w.Header().Set("HX-Refresh", "true")
	}
	return s.write(w, r, http.StatusOK, c)
}

func (s *Web) logger() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}
