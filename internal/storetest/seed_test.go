package storetest_test

import (
	"context"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

var schema = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error { return store.New(d).Migrate(ctx) })

// Equal sizes give equal contents on both databases, with right tallies, and a
// second call adds to the first.
func TestSeed(t *testing.T) {
	size := storetest.Size{Organizations: 40, PerOrganization: 10, Orphaned: 0.25, OnlyHere: 0.1, Activity: true, Random: 7}
	moment := time.UnixMicro(1_700_000_000_000_000)
	var all []map[string]string
	storetest.Setup{Template: schema, Now: func() time.Time { return moment }}.Each(t, func(t *testing.T, d *db.DB) {
		s := store.New(d)
		for n := range 2 {
			got, err := storetest.Seed(t.Context(), s, size)
			if err != nil {
				t.Fatal(err)
			}
			if got.Items != 440 || len(got.Organizations) != 40 || got.Orphaned != 10 || int(got.Integration.ID) != n+1 {
				t.Errorf("seeded %d items in %d organizations, %d orphaned, integration %d", got.Items, len(got.Organizations), got.Orphaned, got.Integration.ID)
			}
		}
		all = append(all, storetest.Content(t, s))
		counts := map[mainstay.SyncState]int{}
		err := s.Read(t.Context(), func(tx *store.Tx) error {
			tallies, err := tx.Tallies(t.Context(), mainstay.System("test"))
			for _, y := range tallies {
				counts[y.Sync] += y.N
			}
			return err
		})
		if err != nil || counts[mainstay.Syncing] == 0 || counts[mainstay.Orphaned] < 200 || counts[mainstay.NotLinked] != 8 {
			t.Errorf("states %v (%v)", counts, err)
		}
	})
	for name, hash := range all[0] {
		if all[1][name] != hash {
			t.Errorf("%s: sqlite has %s, postgres %s", name, hash, all[1][name])
		}
	}
}
