package server

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"mainstay/internal/store"
)

// The addresses of the probes. They tell nothing but a word each.
const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// readyTime is how long the checks of readiness may take together.
const readyTime = 3 * time.Second

// health says that the process answers.
func (s *Server) health(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, http.StatusOK, "ok\n")
}

// ready says whether the process can do its work: the database answers and has
// its tables, and somebody works on jobs.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTime)
	defer cancel()
	status, text := http.StatusOK, ""
	for _, c := range s.checks() {
		word := "ok"
		if err := c.check(ctx); err != nil {
			status, word = http.StatusServiceUnavailable, "not ready"
			s.Log.WarnContext(ctx, "not ready", slog.String("check", c.name), slog.Any("error", err))
		}
		text += c.name + " " + word + "\n"
	}
	return plain(w, status, text)
}

type check struct {
	name  string
	check func(context.Context) error
}

func (s *Server) checks() []check {
	return []check{
		{"server", s.checkServing},
		{"database", s.Store.DB.Ping},
		{"migrations", s.checkTables},
		{"jobs", s.checkJobs},
	}
}

func (s *Server) checkServing(context.Context) error {
	select {
	case <-s.draining:
		return errDraining
	default:
		return nil
	}
}

// checkTables reads from a table of the newest schema.
func (s *Server) checkTables(ctx context.Context) error {
	return s.Store.Read(ctx, func(t *store.Tx) error {
		_, err := t.CountUsers(ctx)
		return err
	})
}

func (s *Server) checkJobs(ctx context.Context) error {
	if s.Runner != nil && !s.working.Load() {
		return errNoRunner
	}
	if s.Jobs == nil {
		return nil
	}
	nodes, err := s.Jobs.AliveNodes(ctx)
	if err == nil && len(nodes) == 0 {
		return errNoRunner
	}
	return err
}

func plain(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	io.WriteString(w, text) //nolint:errcheck // nobody is left to be told
	return nil
}
