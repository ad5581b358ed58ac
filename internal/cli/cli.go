// Package cli is the command line: one file per command, and the wiring of the
// server in serve.go. A command reads its options, calls one thing, and prints
// through one view: text for people, JSON for machines.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/alecthomas/kong"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/config"
)

// Version is set by the linker for releases.
var Version = "dev"

// Streams are what a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
	Lookup   func(string) (string, bool) // of the environment
}

// commands is the explicit list, in the order of the help.
type commands struct {
	Data     string `help:"Folder of the SQLite database, the keys and the backups." placeholder:"DIR"`
	Database string `name:"database-url" help:"PostgreSQL to use in place of SQLite." placeholder:"URL"`
	JSON     bool   `name:"json" help:"Print JSON for machines."`

	Serve       serveCmd          `cmd:"" help:"Run the server."`
	Demo        demoCmd           `cmd:"" help:"Run everything with a simulated ConnectWise, to click through."`
	User        userCmd           `cmd:"" help:"Add, list and disable people."`
	Integration integrationCmd    `cmd:"" help:"Connect a PSA and choose what syncs."`
	Sync        syncCmd           `cmd:"" help:"Start a sync."`
	List        listCmd           `cmd:"" help:"List items that match a filter."`
	Item        itemCmd           `cmd:"" help:"Show one item, and change how it follows its PSA record."`
	Match       matchCmd          `cmd:"" help:"Show records that were disconnected and sync again, and match them again."`
	Duplicates  duplicatesCmd     `cmd:"" help:"List organizations that may be the same client, and tell them apart."`
	Plan        planCmd           `cmd:"" help:"Plan a large change, and look at plans."`
	Apply       applyCmd          `cmd:"" help:"Confirm a plan."`
	Undo        undoCmd           `cmd:"" help:"Take back what a plan did."`
	Trash       trashCmd          `cmd:"" help:"List what was deleted, and what comes back with it."`
	Protect     protectCmd        `cmd:"" help:"Keep items out of plans that delete, disconnect or merge."`
	Hold        holdCmd           `cmd:"" help:"Put items under a legal hold until a day, or lift it."`
	Checks      checksCmd         `cmd:"" help:"Say what to look at before a clean-up."`
	Protection  dataProtectionCmd `cmd:"" name:"data-protection" help:"Switch bulk deletion of items that still sync on or off."`
	Backup      backupCmd         `cmd:"" help:"Take and verify a backup."`
	Verify      verifyCmd         `cmd:"" help:"Read a backup file and check every count and hash."`
	Restore     restoreCmd        `cmd:"" help:"Restore a backup into an empty installation."`
	Bench       benchCmd          `cmd:"" help:"Measure this build against plain SQL on the same rows."`
	Completion  completionCmd     `cmd:"" help:"Print a completion script for bash, zsh or fish."`
	Version     versionCmd        `cmd:"" help:"Print the version."`
}

// call is what every command gets.
type call struct {
	ctx context.Context
	Streams
	config config.Config
	json   bool
	model  *kong.Application
}

// exit is how kong ends the program early, for --help.
type exit int

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		if e, ok := recover().(exit); ok {
			code = int(e)
		}
	}()
	var c commands
	parser, err := kong.New(&c, kong.Name("mainstay"), kong.Description("Documentation for MSPs, fed by their PSA. Nothing large happens without a plan."),
		kong.Writers(s.Out, s.Err), kong.Exit(func(n int) { panic(exit(n)) }), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(s.Err, err)
		return exitCodes[mainstay.Internal]
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(s.Err, "mainstay: %v\nRun mainstay --help to see how commands are written.\n", err)
		return exitCodes[mainstay.Invalid]
	}
	cfg, err := config.Load(c.override(s.Lookup))
	if err == nil {
		err = parsed.Run(&call{ctx: ctx, Streams: s, config: cfg, json: c.JSON, model: parser.Model})
	}
	return report(s, c.JSON, err)
}

// override lets flags stand in for the environment.
func (c *commands) override(lookup func(string) (string, bool)) func(string) (string, bool) {
	return func(name string) (string, bool) {
		switch {
		case name == "MAINSTAY_DATA" && c.Data != "":
			return c.Data, true
		case name == "MAINSTAY_DATABASE_URL" && c.Database != "":
			return c.Database, true
		}
		return lookup(name)
	}
}

// exitCodes translate kinds of errors for scripts. They never change.
var exitCodes = map[mainstay.ErrorKind]int{
	mainstay.Internal: 1, mainstay.Invalid: 2, mainstay.NotFound: 3, mainstay.Forbidden: 4, mainstay.Unauthorized: 4,
	mainstay.Conflict: 5, mainstay.Stale: 6, mainstay.Held: 7, mainstay.Unavailable: 8, mainstay.TooLarge: 9, mainstay.RateLimited: 10,
}

// report prints an error for the reader at hand and returns the exit code.
func report(s Streams, asJSON bool, err error) int {
	if err == nil {
		return 0
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(s.Err, "mainstay: stopped. Work in the background goes on with the next start.")
		return 130
	}
	kind := mainstay.KindOf(err)
	message := err.Error()
	if kind != mainstay.Internal {
		message = mainstay.SafeMessage(err)
	}
	var fields change.FieldErrors
	if errors.As(err, &fields) {
		message = fields.Error()
	}
	if asJSON {
		json.NewEncoder(s.Err).Encode(map[string]any{"error": map[string]string{"kind": string(kind), "message": message}}) //nolint:errcheck // nowhere to report it
	} else {
		fmt.Fprintln(s.Err, "mainstay: "+message)
	}
	return exitCodes[kind]
}

// print writes a result: v as JSON for machines, else what text writes.
func (c *call) print(v any, text func(w io.Writer)) error {
	if c.json {
		e := json.NewEncoder(c.Out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(v)
	}
	text(c.Out)
	return nil
}

// terminal reports whether people are watching the error stream.
func (c *call) terminal() bool {
	f, ok := c.Err.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(c *call) error {
	return c.print(map[string]string{"version": Version}, func(w io.Writer) { fmt.Fprintln(w, "mainstay", Version) })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
