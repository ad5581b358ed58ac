package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/store"
)

// Content returns what a store holds, as "rows hash" by the name of the bundle
// file: items of each kind with their notes and relations, labels, links, trash,
// runs, plans, activity, people and the rest. Stores of equal content give equal
// maps, whatever their database; compare them with cmp.Diff. It also checks that
// the kept tallies are what counting gives.
func Content(t testing.TB, s *store.Store) map[string]string {
	t.Helper()
	out := map[string]string{}
	var kept, counted []store.Tally
	ctx := context.Background()
	err := s.Read(ctx, func(tx *store.Tx) error {
		contents, err := tx.Contents(ctx)
		if err != nil {
			return err
		}
		for name, c := range contents {
			out[name] = fmt.Sprintf("%d %s", c.Rows, c.Hash)
		}
		if kept, err = tx.Tallies(ctx, mainstay.System("test")); err != nil {
			return err
		}
		counted, err = tx.CountedTallies(ctx)
		return err
	})
	if err != nil {
		t.Fatalf("read the content: %v", err)
	}
	if diff := cmp.Diff(counted, kept); diff != "" {
		t.Errorf("tallies are wrong (-counted +kept):\n%s", diff)
	}
	return out
}

// Without returns a content without the named files, for comparisons that must
// leave some out.
func Without(content map[string]string, names ...string) map[string]string {
	out := map[string]string{}
	for name, c := range content {
		out[name] = c
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}
