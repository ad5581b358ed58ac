package bundle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// protectSome puts a keep flag, a legal hold, both, and a hold that is over onto
// organizations.
func protectSome(t testing.TB, s *store.Store, seeded storetest.Seeded) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		now := tx.Now()
		all := []mainstay.Protection{
			{Keep: true, KeepNote: "“Zoë” \\ 🙂", KeepBy: "Ann", KeepAt: now},
			{HoldUntil: now.Add(24 * time.Hour), HoldNote: "case\n7", HoldBy: "Bo", HoldAt: now},
			{Keep: true, KeepBy: "Ann", KeepAt: now, HoldUntil: now.Add(time.Hour), HoldNote: "x", HoldBy: "Bo", HoldAt: now},
			{HoldUntil: now.Add(-time.Hour), HoldNote: "over", HoldBy: "Bo", HoldAt: now.Add(-2 * time.Hour)},
		}
		for n := range all {
			all[n].ItemID = seeded.Organizations[n]
		}
		return tx.PutProtections(t.Context(), all)
	})
}

// TestRestore_protection: what is protected is so in the restored installation,
// on the other database as well.
func TestRestore_protection(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seeded := fill(t, s, tiny())
		path := place(t)
		_, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		protections := func(s *store.Store) (all map[mainstay.ItemID]mainstay.Protection, kept int) {
			read(t, s, func(tx *store.Tx) error {
				var err error
				if all, err = tx.Protections(t.Context(), seeded.Organizations); err != nil {
					return err
				}
				f, err := tx.Filter(t.Context(), &mainstay.Organization, "protected: yes", 0)
				if err != nil {
					return err
				}
				kept, err = tx.CountAll(t.Context(), f)
				return err
			})
			return all, kept
		}
		want, n := protections(s)
		if len(want) != 4 || n != 3 {
			t.Fatalf("%d are protected, %d now", len(want), n)
		}
		for _, d := range dialects() {
			target := empty(t, d)
			_, err := bundle.Restore(t.Context(), path, target, bundle.Options{})
			must(t, err)
			got, kept := protections(target)
			if diff := cmp.Diff(want, got); diff != "" || kept != n {
				t.Errorf("%s: %d are protected now, want %d; -was +is:\n%s", d, kept, n, diff)
			}
		}
	})
}
