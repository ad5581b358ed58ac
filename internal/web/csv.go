package web

import (
	"encoding/csv"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// csvCell makes a text safe to open in a spreadsheet: one that a spreadsheet
// would read as a formula gets a quote in front.
func csvCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// csvRow writes one line.
type csvRow = func(cells ...string) error

// sendCSV sends a file of any size with flat memory. rows writes the lines and
// calls flush after each part. When it fails before anything was sent, its error
// is returned; later the connection breaks, for half a list must not look like a
// whole one.
func (s *Web) sendCSV(w http.ResponseWriter, r *http.Request, name string, head []string, rows func(row csvRow, flush func() error) error) error {
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", attachment(name))
	h.Set("Cache-Control", "no-store")
	// A long list takes longer than any page.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // where the server sets no deadline there is none to lift
	sent := &sentWriter{w: w}
	out := csv.NewWriter(sent)
	row := func(cells ...string) error {
		for i := range cells {
			cells[i] = csvCell(cells[i])
		}
		return out.Write(cells)
	}
	flush := func() error {
		out.Flush()
		return out.Error()
	}
	err := row(append([]string(nil), head...)...)
	if err == nil {
		err = rows(row, flush)
	}
	if err == nil {
		err = flush()
	}
	switch {
	case err == nil, sent.err != nil:
		// Sent, or the browser went away and nobody is left to be told.
		return nil //nolint:nilerr // see above
	case !sent.any:
		h.Del("Content-Disposition")
		return err
	}
	s.logger().ErrorContext(r.Context(), "an export broke off", slog.String("name", name), slog.Any("error", err))
	panic(http.ErrAbortHandler)
}

// sentWriter remembers whether anything went out, and what went wrong with it.
type sentWriter struct {
	w   io.Writer
	any bool
	err error
}

func (s *sentWriter) Write(p []byte) (int, error) {
	s.any = true
	n, err := s.w.Write(p)
	if err != nil {
		s.err = err
	}
	return n, err
}
