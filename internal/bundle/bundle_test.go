package bundle_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// From each database to each: what comes out is what went in, and two
// restorations of one bundle are equal in everything.
func TestRestore_betweenDatabases(t *testing.T) {
	for _, from := range dialects() {
		t.Run(string(from), func(t *testing.T) {
			source := empty(t, from)
			fill(t, source, small())
			before := storetest.Content(t, source)
			path := place(t)
			m, err := bundle.Write(t.Context(), source, path, bundle.Options{Version: "1.2.3"})
			must(t, err)
			same(t, before, storetest.Content(t, source))
			same(t, before, manifestContent(m))
			verified, err := bundle.Verify(path, bundle.Options{})
			must(t, err)
			if diff := cmp.Diff(m, verified); diff != "" {
				t.Errorf("manifest read back (-written +read):\n%s", diff)
			}
			var restored []map[string]string
			for _, to := range dialects() {
				target := empty(t, to)
				done, err := bundle.Restore(t.Context(), path, target, bundle.Options{Instance: "second"})
				must(t, err)
				if done.Instance != "second" || done.Integrations != 1 || done.Runs != 1 || done.Plans != 1 || done.Backups != 1 {
					t.Errorf("restore into %s reports %+v", to, done)
				}
				after := storetest.Content(t, target)
				same(t, storetest.Without(before, bundle.Changed()...), storetest.Without(after, bundle.Changed()...))
				restored = append(restored, storetest.Without(after, timed()...))
				must(t, bundle.Unfinished(t.Context(), target))
			}
			same(t, restored[0], restored[1])
		})
	}
}

// timed names the files in which a restore leaves its own moment.
func timed() []string { return []string{"integrations", "runs", "plans", "activity"} }

// A bundle of a restored installation restores to the same again (R30).
func TestRestore_twice(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, tiny())
		first, second := place(t), place(t)
		_, err := bundle.Write(t.Context(), s, first, bundle.Options{})
		must(t, err)
		middle := empty(t, s.DB.Dialect())
		_, err = bundle.Restore(t.Context(), first, middle, bundle.Options{})
		must(t, err)
		_, err = bundle.Write(t.Context(), middle, second, bundle.Options{})
		must(t, err)
		last := empty(t, s.DB.Dialect())
		done, err := bundle.Restore(t.Context(), second, last, bundle.Options{})
		must(t, err)
		if done.Quarantined != (store.Quarantined{}) {
			t.Errorf("a quarantined installation was stopped again: %+v", done.Quarantined)
		}
		same(t, storetest.Without(storetest.Content(t, middle), "settings", "activity", "sequences"),
			storetest.Without(storetest.Content(t, last), "settings", "activity", "sequences"))
	})
}

// A bundle of format 1, as an older version wrote it, restores on both databases
// and from then on is like any other: what it lacks has its default.
func TestRestore_olderFormat(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		old := filepath.Join("testdata", "format1.zip")
		m, err := bundle.Verify(old, bundle.Options{})
		must(t, err)
		done, err := bundle.Restore(t.Context(), old, s, bundle.Options{})
		must(t, err)
		if m.Format != 1 || m.Items == 0 || done.Plans != 1 {
			t.Errorf("format %d with %d items; the restore stopped %+v", m.Format, m.Items, done.Quarantined)
		}
		read(t, s, func(tx *store.Tx) error {
			contents, err := tx.ContentsOf(t.Context(), store.BundleFilesOf(1))
			for name, want := range m.Contents() {
				if got := contents[name]; got != want && !slices.Contains(bundle.Changed(), name) {
					t.Errorf("%s is %+v, want %+v", name, got, want)
				}
			}
			return err
		})
		path := place(t)
		now, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		if now.Format != store.BundleFormat {
			t.Errorf("the next bundle has format %d", now.Format)
		}
		target := empty(t, s.DB.Dialect())
		_, err = bundle.Restore(t.Context(), path, target, bundle.Options{})
		must(t, err)
		same(t, storetest.Without(storetest.Content(t, s), bundle.Changed()...), storetest.Without(storetest.Content(t, target), bundle.Changed()...))
	})
}

func TestRestore_quarantine(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		seeded := fill(t, s, tiny())
		path := place(t)
		m, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		target := empty(t, s.DB.Dialect())
		ctx := t.Context()
		// The target was started before, and printed its codes.
		write(t, target, func(tx *store.Tx) error {
			if err := tx.SetSetting(ctx, "set-up codes", "other"); err != nil {
				return err
			}
			return tx.SaveSession(ctx, "other", []byte("x"), 0, tx.Now()+1_000_000_000)
		})
		done, err := bundle.Restore(ctx, path, target, bundle.Options{Actor: mainstay.System("operator")})
		must(t, err)
		if done.Instance == "" || done.Instance == m.Instance {
			t.Errorf("the restored installation has the id %q, the old one %q", done.Instance, m.Instance)
		}
		if len(m.Keys) != 1 || len(done.MissingKeys(nil)) != 1 || len(done.MissingKeys(m.Keys)) != 0 {
			t.Errorf("the manifest says that secrets need the keys %v", m.Keys)
		}
		read(t, target, func(tx *store.Tx) error { return checkQuarantine(ctx, t, tx, seeded) })
	})
}

func checkQuarantine(ctx context.Context, t *testing.T, tx *store.Tx, seeded storetest.Seeded) error {
	i, err := tx.Integration(ctx, seeded.Integration.ID)
	if err != nil {
		return err
	}
	if !i.Paused || i.PausedBy != "the restore of a backup" || i.State != mainstay.IntegrationPaused {
		t.Errorf("the integration is not paused: %+v", i)
	}
	runs, err := tx.Runs(ctx, 0, 0, 10)
	if err != nil {
		return err
	}
	plans, err := tx.Plans(ctx, nil, 10)
	if err != nil {
		return err
	}
	if runs[0].State != mainstay.RunCancelled || runs[0].Message == "" || plans[0].State != mainstay.PlanStopped || plans[0].Message == "" {
		t.Errorf("work goes on: run %+v, plan %+v", runs[0], plans[0])
	}
	if _, ok, err := tx.FreshBackup(ctx, 0); err != nil || ok {
		t.Errorf("a backup counts as at hand (%v)", err)
	}
	for _, name := range []string{"token", "other"} {
		if _, ok, err := tx.Session(ctx, name); err != nil || ok {
			t.Errorf("session %s lives (%v)", name, err)
		}
	}
	for name, want := range map[string]string{"account name": "Bluepeak IT", "sign-in link 1": "", "set-up codes": ""} {
		if got, err := tx.Setting(ctx, name, ""); err != nil || got != want {
			t.Errorf("setting %s is %q, want %q (%v)", name, got, want, err)
		}
	}
	log, err := tx.ActivityPage(ctx, mainstay.System(""), store.ActivityFilter{Limit: 1})
	if err == nil && (log[0].Verb != "restored" || log[0].Who != "operator") {
		t.Errorf("the last activity is %+v", log[0])
	}
	return err
}

func TestRestore_refusesUsedInstallation(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, tiny())
		path := place(t)
		_, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		before := storetest.Content(t, s)
		_, err = bundle.Restore(t.Context(), path, s, bundle.Options{})
		if mainstay.KindOf(err) != mainstay.Conflict || !strings.Contains(mainstay.SafeMessage(err), "isn't empty") {
			t.Errorf("restore onto a used installation: %v", err)
		}
		same(t, before, storetest.Content(t, s))
		// One person is enough.
		other := empty(t, s.DB.Dialect())
		write(t, other, func(tx *store.Tx) error {
			return tx.InsertUser(t.Context(), &mainstay.User{Email: "a@example.com", Role: mainstay.Administrator}, "")
		})
		_, err = bundle.Restore(t.Context(), path, other, bundle.Options{})
		if mainstay.KindOf(err) != mainstay.Conflict {
			t.Errorf("restore onto an installation with a person: %v", err)
		}
	})
}

// SQLite holds texts that PostgreSQL can't. They survive a bundle; a restore
// into PostgreSQL names the row, changes nothing and leaves no mark.
func TestRestore_textsPostgresCannotHold(t *testing.T) {
	for _, bad := range []string{"nul\x00", "broken \xff\xfe"} {
		source := empty(t, db.SQLite)
		fill(t, source, tiny())
		write(t, source, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE label SET name = $1 WHERE id = 3", bad)
			return err
		})
		path := place(t)
		_, err := bundle.Write(t.Context(), source, path, bundle.Options{})
		must(t, err)
		twin := empty(t, db.SQLite)
		_, err = bundle.Restore(t.Context(), path, twin, bundle.Options{})
		must(t, err)
		same(t, storetest.Without(storetest.Content(t, source), bundle.Changed()...), storetest.Without(storetest.Content(t, twin), bundle.Changed()...))
		target := empty(t, db.Postgres)
		blank := storetest.Content(t, target)
		_, err = bundle.Restore(t.Context(), path, target, bundle.Options{})
		if mainstay.KindOf(err) != mainstay.Invalid || !strings.Contains(mainstay.SafeMessage(err), "Row 3 of labels.ndjson can't be stored in PostgreSQL") {
			t.Errorf("restore of %q into PostgreSQL: %v", bad, err)
		}
		same(t, blank, storetest.Content(t, target))
		must(t, bundle.Unfinished(t.Context(), target))
	}
}

// While others write, a bundle still holds one moment: each writer adds an
// organization with its contact, and no bundle has one without the other.
func TestWrite_isOneSnapshot(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, storetest.Size{Organizations: 150, PerOrganization: 5, Orphaned: 0.3})
		ctx, stop := context.WithCancel(t.Context())
		written := make(chan int, 1)
		go func() {
			n := 0
			for ; ctx.Err() == nil; n++ {
				err := s.Write(context.Background(), func(tx *store.Tx) error { return addPair(context.Background(), tx) })
				if err != nil {
					t.Error(err)
					break
				}
				time.Sleep(time.Millisecond)
			}
			written <- n
		}()
		for range 3 {
			path := place(t)
			m, err := bundle.Write(t.Context(), s, path, bundle.Options{})
			must(t, err)
			_, err = bundle.Verify(path, bundle.Options{})
			must(t, err)
			target := empty(t, s.DB.Dialect())
			_, err = bundle.Restore(t.Context(), path, target, bundle.Options{})
			must(t, err)
			storetest.Content(t, target) // checks the tallies
			read(t, target, func(tx *store.Tx) error {
				var orgs, contacts int
				err := tx.QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE kind = 'organization'), count(*) FILTER (WHERE kind = 'contact') FROM item WHERE name = 'pair'").Scan(&orgs, &contacts)
				if orgs != contacts {
					t.Errorf("the bundle of %d items holds %d organizations and %d contacts", m.Items, orgs, contacts)
				}
				return err
			})
		}
		stop()
		if n := <-written; n < 3 {
			t.Errorf("only %d writes during 3 backups: writers wait for backups", n)
		}
	})
}

func addPair(ctx context.Context, tx *store.Tx) error {
	o := &mainstay.Item{Kind: "organization", Name: "pair", Version: 1, Sync: mainstay.NotLinked}
	if err := tx.InsertItems(ctx, []*mainstay.Item{o}); err != nil {
		return err
	}
	return tx.InsertItems(ctx, []*mainstay.Item{{Kind: "contact", Name: "pair", OrganizationID: o.ID, Version: 1, Sync: mainstay.NotLinked}})
}

func TestWrite_refusesUnknownKind(t *testing.T) {
	s := empty(t, db.SQLite)
	fill(t, s, tiny())
	write(t, s, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE item SET kind = 'spaceship' WHERE id = 1")
		return err
	})
	dir := t.TempDir()
	_, err := bundle.Write(t.Context(), s, filepath.Join(dir, "a.zip"), bundle.Options{})
	if mainstay.KindOf(err) != mainstay.Conflict {
		t.Errorf("a backup that lacks items was written: %v", err)
	}
	noFiles(t, dir)
}

func noFiles(t *testing.T, dir string, but ...string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range list {
		if !slices.Contains(but, e.Name()) {
			t.Errorf("%s was left in the folder", e.Name())
		}
	}
}

// A failed or cancelled bundle leaves the older file as it was.
func TestWrite_keepsOlderFile(t *testing.T) {
	s := empty(t, db.SQLite)
	fill(t, s, small())
	path := place(t)
	_, err := bundle.Write(t.Context(), s, path, bundle.Options{})
	must(t, err)
	old, err := os.ReadFile(path)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	_, err = bundle.Write(ctx, s, path, bundle.Options{Progress: func(p bundle.Progress) {
		if p.Rows > 3000 {
			cancel()
		}
	}})
	if err == nil {
		t.Fatal("a cancelled bundle was written")
	}
	now, err := os.ReadFile(path)
	must(t, err)
	if string(now) != string(old) {
		t.Error("the older file changed")
	}
	noFiles(t, filepath.Dir(path), filepath.Base(path))
}
