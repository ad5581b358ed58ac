package cli

import (
	"errors"
	"io"
	"os"

	"mainstay"
	"mainstay/internal/bench"
)

type benchCmd struct {
	Items    int    `help:"Size of the works that have a fixed size." default:"50000"`
	Scale    int    `help:"Size of the works that must not grow with the number of items." default:"1000000"`
	Only     string `help:"Report one work only: load, pass, trash, undo, plan, disconnect, match, duplicates, flat or list."`
	Postgres string `help:"URL of an empty PostgreSQL database to measure in place of SQLite." placeholder:"URL"`
}

// Run measures in a folder of its own, or in a PostgreSQL database that must be
// empty, and leaves nothing behind. It never touches the installation.
func (b *benchCmd) Run(c *call) (err error) {
	dir, err := os.MkdirTemp("", "mainstay-bench-")
	if err != nil {
		return mainstay.Wrap(mainstay.Unavailable, err, "No temporary folder can be made for the benchmark. Check the free space.")
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	results, err := bench.Run(c.ctx, bench.Config{Dir: dir, Postgres: b.Postgres, Items: b.Items, Scale: b.Scale, Only: b.Only, Progress: c.Err})
	if err != nil {
		return err
	}
	return c.print(results, func(w io.Writer) {
		if printErr := bench.Print(w, results); printErr != nil {
			err = printErr
		}
	})
}
