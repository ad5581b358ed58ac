package bundle_test

import (
	"testing"

	"mainstay/internal/bundle"
	"mainstay/internal/db"
	"mainstay/internal/storetest"
)

// BenchmarkBundle times each step for 50,000 items with their activity.
func BenchmarkBundle(b *testing.B) {
	for _, name := range []db.Dialect{db.SQLite, db.Postgres} {
		size := storetest.Size{Organizations: 5000, PerOrganization: 9, Orphaned: 0.3, OnlyHere: 0.2, Activity: true}
		s := empty(b, name)
		b.Run(string(name)+"/seed", func(b *testing.B) {
			for b.Loop() {
				if _, err := storetest.Seed(b.Context(), s, size); err != nil {
					b.Fatal(err)
				}
			}
		})
		path := place(b)
		b.Run(string(name)+"/write", func(b *testing.B) {
			for b.Loop() {
				if _, err := bundle.Write(b.Context(), s, path, bundle.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(name)+"/verify", func(b *testing.B) {
			for b.Loop() {
				if _, err := bundle.Verify(path, bundle.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(string(name)+"/restore", func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				target := empty(b, name)
				b.StartTimer()
				if _, err := bundle.Restore(b.Context(), path, target, bundle.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
