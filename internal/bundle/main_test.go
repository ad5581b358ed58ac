package bundle_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/seal"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestMain turns the test binary into a process that a test can kill, where it
// asks for one.
func TestMain(m *testing.M) {
	if settings := os.Getenv(childSettings); settings != "" {
		os.Exit(childMain(settings))
	}
	os.Exit(m.Run())
}

// migrated makes databases with all tables and nothing in them.
func migrated() storetest.Setup { return storetest.Setup{Template: template} }

var template = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

// each runs fn with an empty store of each database.
func each(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	migrated().Each(t, func(t *testing.T, d *db.DB) { fn(t, store.New(d)) })
}

func empty(t testing.TB, name db.Dialect) *store.Store {
	t.Helper()
	if name == db.SQLite {
		return store.New(migrated().SQLite(t).Open(t))
	}
	return store.New(migrated().Postgres(t).Open(t))
}

func dialects() []db.Dialect { return []db.Dialect{db.SQLite, db.Postgres} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	must(t, s.Write(context.Background(), fn))
}

func read(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	must(t, s.Read(context.Background(), fn))
}

// fill puts rows into every table: items in all states, trash, links, runs and
// plans under way, people, sessions, settings, and texts that are hard to keep.
func fill(t testing.TB, s *store.Store, size storetest.Size) storetest.Seeded {
	t.Helper()
	ctx := context.Background()
	seeded, err := storetest.Seed(ctx, s, size)
	must(t, err)
	trashSome(t, s)
	protectSome(t, s, seeded)
	write(t, s, func(tx *store.Tx) error {
		now := tx.Now()
		ring, err := seal.New()
		if err != nil {
			return err
		}
		secret, err := ring.Seal([]byte("private"), seal.Bind("integration", "1"))
		if err != nil {
			return err
		}
		if err := tx.SetIntegrationSecret(ctx, seeded.Integration.ID, secret); err != nil {
			return err
		}
		run := mainstay.Run{IntegrationID: seeded.Integration.ID, By: "Ann", State: mainstay.RunRunning, Settings: seeded.Integration.Settings, Created: now}
		if err := tx.InsertRun(ctx, &run); err != nil {
			return err
		}
		if err := tx.InsertProblems(ctx, []mainstay.RunProblem{{RunID: run.ID, Kind: "contact", ExternalID: "7", Name: "Zoë\u2028🙂\\", Message: "It has\nno name."}}); err != nil {
			return err
		}
		if err := tx.InsertCandidates(ctx, run.ID, []mainstay.Candidate{{ItemID: seeded.Organizations[0], Kind: "organization", ExternalID: "1", Reason: mainstay.ReasonType, Evidence: "type 3"}}); err != nil {
			return err
		}
		plan := mainstay.Plan{Action: mainstay.ActionDelete, Kind: "organization", State: mainstay.PlanRunning, UserName: "Ann", Created: now, Expires: now + 1}
		if err := tx.InsertPlan(ctx, &plan); err != nil {
			return err
		}
		user := mainstay.User{Email: "Ann@Example.com", Name: "Ann", Role: mainstay.Editor, Created: now}
		if err := tx.InsertUser(ctx, &user, "$argon2id$hash"); err != nil {
			return err
		}
		if err := tx.SetOrganizationsOf(ctx, user.ID, seeded.Organizations[:2]); err != nil {
			return err
		}
		if err := tx.SetPreference(ctx, user.ID, "columns of contact", "type,emails"); err != nil {
			return err
		}
		if _, err := tx.InsertNotDuplicate(ctx, mainstay.NotDuplicate{A: seeded.Organizations[0], B: seeded.Organizations[1], UserID: user.ID, Who: "Ann", At: now}); err != nil {
			return err
		}
		if err := tx.SaveSession(ctx, "token", []byte("x"), user.ID, now.Add(time.Hour)); err != nil {
			return err
		}
		for name, value := range map[string]string{bundle.SettingInstance: "first", "account name": "Bluepeak IT", "sign-in link 1": "secret", "set-up codes": "secret", "lock people": ""} {
			if err := tx.SetSetting(ctx, name, value); err != nil {
				return err
			}
		}
		if err := tx.InsertBackup(ctx, &mainstay.Backup{State: mainstay.BackupVerified, By: "Ann", File: "mainstay-1.zip", Created: now, Verified: now}); err != nil {
			return err
		}
		return tx.InsertActivity(ctx, []mainstay.Activity{{At: now, Who: "שלום", Verb: "updated", Name: "a\"b\\c\u0001", Changes: map[string]mainstay.Change{"name": {Before: "<a>", After: "&"}}}})
	})
	return seeded
}

// trashSome deletes the orphaned organizations that hold nothing of our own.
func trashSome(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	write(t, s, func(tx *store.Tx) error {
		for _, q := range []string{
			"INSERT INTO trash SELECT item.*, 0, 'Ann', 1, 2 FROM item WHERE sync = 'orphaned' AND NOT only_here",
			"UPDATE psa_record SET trashed = TRUE WHERE item_id IN (SELECT id FROM trash)",
			"DELETE FROM item WHERE id IN (SELECT id FROM trash)",
		} {
			if _, err := tx.Exec(ctx, q); err != nil {
				return err
			}
		}
		return tx.RecountTallies(ctx)
	})
}

// small is enough for several pages of a file, and quick.
func small() storetest.Size {
	return storetest.Size{Organizations: 260, PerOrganization: 9, Orphaned: 0.3, OnlyHere: 0.2, Activity: true}
}

// tiny is enough for a row in most files.
func tiny() storetest.Size {
	return storetest.Size{Organizations: 6, PerOrganization: 5, Orphaned: 0.4, OnlyHere: 0.4, Activity: true}
}

func place(t testing.TB) string { return filepath.Join(t.TempDir(), "backup.zip") }

// same compares two contents.
func same(t testing.TB, want, got map[string]string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("contents differ (-want +got):\n%s", diff)
	}
}

// manifestContent is a manifest in the form of storetest.Content.
func manifestContent(m bundle.Manifest) map[string]string {
	out := map[string]string{}
	for name, c := range m.Contents() {
		out[name] = fmt.Sprintf("%d %s", c.Rows, c.Hash)
	}
	return out
}
