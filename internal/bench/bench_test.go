package bench_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"mainstay"
	"mainstay/internal/bench"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

// tolerance is how many times the time of plain SQL a work may take: far more
// than it does, so that only a change of its order of growth fails.
var tolerance = map[string]float64{
	bench.Load: 15, bench.Pass: 40, bench.Trash: 15, bench.Undo: 15, bench.Plan: 25,
	bench.Disconnect: 15, bench.Match: 25, bench.Merge: 25, bench.Twins: 40,
}

// TestRun does every work small. It compares with plain SQL in the same process
// and never with a clock, so it says the same on every machine.
func TestRun(t *testing.T) {
	const items = 2000
	storetest.Setup{}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		c := bench.Config{Dir: t.TempDir(), Postgres: d.Config.URL, Items: items, Scale: 2 * items, Progress: t.Output()}
		results, err := bench.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, r := range results {
			seen[r.Work] = true
			if r.Database != d.Name || r.Seconds <= 0 || r.Floor <= 0 || r.HeapMiB <= 0 {
				t.Errorf("%s on %s lacks a figure: %+v", r.Work, d.Name, r)
			}
			if limit := tolerance[r.Work]; limit != 0 && r.Ratio > limit {
				t.Errorf("%s took %.1f times as long as plain SQL, more than %.0f", r.Work, r.Ratio, limit)
			}
			if slices.Contains([]string{bench.Trash, bench.Undo}, r.Work) && (r.LongestMS <= 0 || r.Reads == 0) {
				t.Errorf("%s measured no transaction or no reader: %+v", r.Work, r)
			}
		}
		for _, work := range bench.Works() {
			if !seen[work] {
				t.Errorf("%s was not measured", work)
			}
		}
		var table strings.Builder
		if err := bench.Print(&table, results); err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"first load", "undo", "list organizations", "reader's p99 ≤ 50 ms"} {
			if !strings.Contains(table.String(), word) {
				t.Errorf("the table lacks %q:\n%s", word, table.String())
			}
		}
		// A run leaves PostgreSQL as empty as it was, so a second one is not refused.
		c.Only, c.Dir = bench.Load, t.TempDir()
		if results, err = bench.Run(context.Background(), c); err != nil || len(results) != 1 {
			t.Fatalf("a second run gave %d results and %v", len(results), err)
		}
	})
}

// TestRun_refusesTables keeps the benchmark away from data that somebody needs.
func TestRun_refusesTables(t *testing.T) {
	d := storetest.Setup{}.Postgres(t)
	err := d.Open(t).Write(context.Background(), func(tx *db.Tx) error {
		_, err := tx.Exec(context.Background(), "CREATE TABLE important (id BIGINT)")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = bench.Run(context.Background(), bench.Config{Postgres: d.Config.URL, Items: 1000, Scale: 1000})
	if mainstay.KindOf(err) != mainstay.Conflict {
		t.Fatalf("a database with a table gave %v", err)
	}
}

func TestRun_refusesOddRequests(t *testing.T) {
	for _, c := range []bench.Config{{Items: 1000, Scale: 1000, Only: "nothing"}, {Items: 1, Scale: 1000}, {Items: 1000}} {
		if _, err := bench.Run(context.Background(), c); mainstay.KindOf(err) != mainstay.Invalid {
			t.Errorf("%+v gave %v", c, err)
		}
	}
}
