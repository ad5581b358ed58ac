// Package bench measures this build: the first load, an unchanged pass, a large
// plan, moves to the trash and back, duplicates, and lists of many items. Each work runs
// through the same code as in production, against a PSA in memory whose time is
// left out, and beside it a floor runs in the same process on the same database:
// plain SQL that writes or reads the same rows without any check. The ratio of
// the two is what a change to the code can move; the seconds depend on the machine.
package bench

import (
	"context"
	"fmt"
	"io"
	"slices"

	"mainstay"
)

// Config says what to measure and where.
type Config struct {
	// Dir is an empty folder for SQLite files; used where Postgres is empty.
	Dir string
	// Postgres is the URL of an empty database. Run refuses one that holds tables.
	Postgres string
	// Items is the size of the works that have a fixed size.
	Items int
	// Scale is the size of the works that must not grow with the number of items.
	Scale int
	// Only names the one work to report; empty for all.
	Only string
	// Progress is told in words what is going on; nil for nobody.
	Progress io.Writer
}

// Goal is one figure beside what it should be.
type Goal struct {
	Name   string  `json:"name"`
	Figure float64 `json:"figure"`
	Limit  float64 `json:"limit"`
	Unit   string  `json:"unit"`
	// AtLeast says that the figure should not be below the limit; else not above it.
	AtLeast bool `json:"at_least"`
	Met     bool `json:"met"`
}

// Result is what was measured of one work. Times are in seconds where the name
// does not say otherwise.
type Result struct {
	Database string  `json:"database"`
	Work     string  `json:"work"`
	About    string  `json:"about"`
	Items    int     `json:"items"`
	Seconds  float64 `json:"seconds"` // without the PSA
	CPU      float64 `json:"cpu_seconds"`
	PSA      float64 `json:"psa_seconds"`
	Floor    float64 `json:"floor_seconds"` // 0 where there is none
	Ratio    float64 `json:"ratio"`         // Seconds over Floor
	// ResidentMiB is the most memory that the process held during the work, the
	// databases' own caches included where they live in it; HeapMiB is the Go heap alone.
	ResidentMiB float64 `json:"resident_mib"`
	HeapMiB     float64 `json:"heap_mib"`
	// LongestMS is the longest writing transaction in milliseconds.
	LongestMS float64 `json:"longest_transaction_ms"`
	// Reads are the lists that were read meanwhile, or by a list work itself.
	Reads     int     `json:"reads"`
	ReadP50MS float64 `json:"read_p50_ms"`
	ReadP99MS float64 `json:"read_p99_ms"`
	Goals     []Goal  `json:"goals"`
}

// atMost adds a goal that a figure should not exceed.
func (r *Result) atMost(name string, figure, limit float64, unit string) {
	r.Goals = append(r.Goals, Goal{Name: name, Figure: figure, Limit: limit, Unit: unit, Met: figure <= limit})
}

// atLeast adds a goal that a figure should reach.
func (r *Result) atLeast(name string, figure, limit float64, unit string) {
	r.Goals = append(r.Goals, Goal{Name: name, Figure: figure, Limit: limit, Unit: unit, AtLeast: true, Met: figure >= limit})
}

// floor keeps the time of the plain SQL.
func (r *Result) floor(seconds float64) {
	if r.Floor = seconds; seconds > 0 {
		r.Ratio = r.Seconds / seconds
	}
}

// The works, in the order in which they run.
const (
	Load  = "load"
	Pass  = "pass"
	Trash = "trash"
	Undo  = "undo"
	Plan  = "plan"
	Merge = "merge"
	Twins = "duplicates"
	Flat  = "flat"
	List  = "list"
	// Disconnect ends links, Match takes them up again.
	Disconnect = "disconnect"
	Match      = "match"
)

// Works lists the works in the order in which they run.
func Works() []string {
	return []string{Load, Pass, Trash, Undo, Plan, Disconnect, Match, Merge, Twins, Flat, List}
}

// runner is one run of the benchmarks.
type runner struct {
	Config
	results []Result
	meter   meter
}

// Run measures and returns one result per work. It leaves nothing behind in
// PostgreSQL; the files in Dir are the caller's.
func Run(ctx context.Context, c Config) ([]Result, error) {
	if c.Only != "" && !slices.Contains(Works(), c.Only) {
		return nil, mainstay.Errorf(mainstay.Invalid, "There is no benchmark called %q. Use one of %v.", c.Only, Works())
	}
	if c.Items < 100 || c.Scale < 100 {
		return nil, mainstay.Errorf(mainstay.Invalid, "A benchmark needs at least 100 items.")
	}
	if err := checkEmpty(ctx, c); err != nil {
		return nil, err
	}
	r := &runner{Config: c}
	for _, group := range []struct {
		works []string
		do    func(context.Context) error
	}{
		{[]string{Load, Pass, Trash, Undo}, r.life},
		{[]string{Plan}, r.plan},
		{[]string{Disconnect, Match}, r.links},
		{[]string{Merge}, r.merge},
		{[]string{Twins}, r.duplicates},
		{[]string{Flat, List}, r.scale},
	} {
		if c.Only != "" && !slices.Contains(group.works, c.Only) {
			continue
		}
		if err := group.do(ctx); err != nil {
			return r.results, err
		}
	}
	return r.results, nil
}

// add keeps a result that was asked for.
func (r *runner) add(res Result) {
	if r.Only == "" || r.Only == res.Work {
		r.results = append(r.results, res)
	}
}

// wants reports whether one of the works is to be reported.
func (r *runner) wants(works ...string) bool { return r.Only == "" || slices.Contains(works, r.Only) }

func (r *runner) say(format string, args ...any) {
	if r.Progress != nil {
		fmt.Fprintf(r.Progress, format+"\n", args...)
	}
}
