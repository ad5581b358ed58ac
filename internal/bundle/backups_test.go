package bundle_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// backups returns the service on a filled store, with a fresh folder.
func backups(t *testing.T, s *store.Store) *bundle.Backups {
	t.Helper()
	q, err := jobs.NewQueue(s.DB)
	must(t, err)
	read(t, s, func(tx *store.Tx) error {
		var n int
		err := tx.QueryRow(t.Context(), "SELECT count(*) FROM item").Scan(&n)
		if err != nil || n > 0 {
			return err
		}
		_, err = storetest.Seed(t.Context(), s, storetest.Size{Organizations: 20, PerOrganization: 5})
		return err
	})
	return &bundle.Backups{Store: s, Jobs: q, Dir: filepath.Join(t.TempDir(), "backups"), Version: "1.2.3"}
}

func TestBackups_Take(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		row, err := b.Take(t.Context(), "Ann")
		must(t, err)
		path := filepath.Join(b.Dir, row.File)
		info, err := os.Stat(path)
		must(t, err)
		want := mainstay.Backup{ID: 1, State: mainstay.BackupVerified, By: "Ann", File: row.File, Size: info.Size(), Items: 120, Created: row.Created, Verified: row.Verified}
		if diff := cmp.Diff(want, row); diff != "" || row.Verified == 0 || info.Mode().Perm() != 0o600 {
			t.Errorf("backup (-want +got):\n%s and mode %s", diff, info.Mode())
		}
		m, err := bundle.Verify(path, bundle.Options{})
		must(t, err)
		if m.Version != "1.2.3" || m.Instance == "" || m.Database != string(s.DB.Dialect()) {
			t.Errorf("manifest %+v", m)
		}
		noFiles(t, b.Dir, row.File, ".lock")
		left, err := b.Jobs.List(t.Context(), jobs.Filter{Unfinished: true})
		must(t, err)
		if len(left) != 0 {
			t.Errorf("a job is left: %+v", left)
		}
		if again := b.Handle(t.Context(), jobs.Job{Key: int64(row.ID)}); again != nil {
			t.Errorf("the job of an ended backup: %v", again)
		}
		if diff := cmp.Diff(row, backup(t, s, row.ID)); diff != "" {
			t.Errorf("the ended backup changed (-before +after):\n%s", diff)
		}
	})
}

func TestBackups_Request(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		ctx := t.Context()
		for _, role := range mainstay.Roles() {
			row, err := b.Request(ctx, mainstay.Actor{UserID: 1, Name: "Ann", Role: role, All: true})
			allowed := role == mainstay.Administrator
			if (err == nil) != allowed || !allowed && mainstay.KindOf(err) != mainstay.Forbidden {
				t.Errorf("%s asks for a backup: %v", role, err)
			}
			if allowed && row.State != mainstay.BackupQueued {
				t.Errorf("the row is %+v", row)
			}
		}
		work(t, s, b)
		row := awaitEnd(t, s, newest(t, s).ID)
		if row.State != mainstay.BackupVerified || row.ID != 1 {
			t.Fatalf("the backup is %+v", row)
		}
		f, opened, err := b.Open(ctx, mainstay.System("Ann"), row.ID)
		must(t, err)
		defer f.Close()
		head := make([]byte, 2)
		if _, err := io.ReadFull(f, head); err != nil || string(head) != "PK" || opened.Size != row.Size {
			t.Errorf("the file begins with %q, size %d (%v)", head, opened.Size, err)
		}
		if _, _, err := b.Open(ctx, mainstay.Actor{Role: mainstay.Manager, All: true}, row.ID); mainstay.KindOf(err) != mainstay.Forbidden {
			t.Errorf("a Manager downloads: %v", err)
		}
		if _, _, err := b.Open(ctx, mainstay.System("Ann"), 99); mainstay.KindOf(err) != mainstay.NotFound {
			t.Errorf("a backup that is none: %v", err)
		}
		read(t, s, func(tx *store.Tx) error {
			log, err := tx.ActivityPage(ctx, mainstay.System(""), store.ActivityFilter{Limit: 2})
			if err == nil && (log[0].Verb != "downloaded a backup" || log[0].Detail != row.File || log[1].Verb != "asked for a backup") {
				t.Errorf("activity %+v", log)
			}
			return err
		})
	})
}

func TestBackups_Verify(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		ctx, ann := t.Context(), mainstay.System("Ann")
		row, err := b.Take(ctx, "Ann")
		must(t, err)
		must(t, b.Verify(ctx, ann, row.ID))
		path := filepath.Join(b.Dir, row.File)
		content, err := os.ReadFile(path)
		must(t, err)
		content[len(content)/2] ^= 1
		must(t, os.WriteFile(path, content, 0o600))
		err = b.Verify(ctx, ann, row.ID)
		got := backup(t, s, row.ID)
		if mainstay.KindOf(err) != mainstay.Invalid || got.State != mainstay.BackupFailed || !strings.Contains(got.Message, "damaged") {
			t.Errorf("a damaged backup: %v, %+v", err, got)
		}
		if _, _, err := b.Open(ctx, ann, row.ID); mainstay.KindOf(err) != mainstay.Conflict {
			t.Errorf("a damaged backup is handed out: %v", err)
		}
		must(t, os.Remove(path))
		if err := b.Verify(ctx, ann, row.ID); mainstay.KindOf(err) != mainstay.NotFound {
			t.Errorf("a backup without its file: %v", err)
		}
	})
}

func TestBackups_encrypted(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		key := mustKey(t)
		b.Recipient = key.Recipient().String()
		row, err := b.Take(t.Context(), "Ann")
		must(t, err)
		if row.State != mainstay.BackupVerified || !row.Encrypted || !strings.HasSuffix(row.File, ".zip.age") {
			t.Fatalf("the backup is %+v", row)
		}
		_, err = bundle.Verify(filepath.Join(b.Dir, row.File), bundle.Options{Identities: []age.Identity{key}})
		must(t, err)
		if err := b.Verify(t.Context(), mainstay.System("Ann"), row.ID); mainstay.KindOf(err) != mainstay.Conflict {
			t.Errorf("verify without the key: %v", err)
		}
		if got := backup(t, s, row.ID); got.State != mainstay.BackupVerified {
			t.Errorf("verify without the key made it %+v", got)
		}
	})
}

func TestBackups_retention(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		ctx := t.Context()
		for _, test := range []struct{ keep, takes, files int }{{3, 5, 3}, {0, 1, 1}} {
			write(t, s, func(tx *store.Tx) error { return tx.SetSetting(ctx, bundle.SettingKeep, strconv.Itoa(test.keep)) })
			var last mainstay.Backup
			for range test.takes {
				var err error
				last, err = b.Take(ctx, "Ann")
				must(t, err)
			}
			files, err := filepath.Glob(filepath.Join(b.Dir, "*.zip"))
			must(t, err)
			if len(files) != test.files || filepath.Base(files[len(files)-1]) != last.File {
				t.Errorf("keeping %d there are %v", test.keep, files)
			}
		}
		first := backup(t, s, 1)
		if first.File != "" || first.Message == "" || first.State != mainstay.BackupVerified {
			t.Errorf("the oldest row is %+v", first)
		}
		if _, _, err := b.Open(ctx, mainstay.System("Ann"), 1); mainstay.KindOf(err) != mainstay.NotFound {
			t.Errorf("a removed file is handed out: %v", err)
		}
		// A failed backup never costs a verified one its file.
		good := newest(t, s).File
		dir := b.Dir
		b.Dir = "/dev/null/backups"
		row, err := b.Take(ctx, "Ann")
		must(t, err)
		if row.State != mainstay.BackupFailed || !strings.Contains(row.Message, "can't be made") {
			t.Errorf("a backup into no folder is %+v", row)
		}
		if _, err := os.Stat(filepath.Join(dir, good)); err != nil {
			t.Error(err)
		}
	})
}

// Two backups into one folder go one after the other.
func TestBackups_atOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		errs := make(chan error, 3)
		for range 3 {
			go func() {
				row, err := b.Take(context.Background(), "Ann")
				if err == nil && row.State != mainstay.BackupVerified {
					err = errors.New(row.Message)
				}
				errs <- err
			}()
		}
		for range 3 {
			must(t, <-errs)
		}
		files, err := filepath.Glob(filepath.Join(b.Dir, "*.zip"))
		must(t, err)
		if len(files) != 3 || partials(t, b.Dir) != 0 {
			t.Errorf("there are %v", files)
		}
	})
}

func TestBackups_cancelled(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		b.Progress = func(p bundle.Progress) {
			if p.Step == "sync" {
				cancel()
			}
		}
		_, err := b.Take(ctx, "Ann")
		if err == nil {
			// The file was written already; only the row was not.
			t.Fatal("a cancelled backup ended well")
		}
		row := newest(t, s)
		if row.State != mainstay.BackupRunning || partials(t, b.Dir) != 0 {
			t.Errorf("the row is %+v", row)
		}
		// Its job goes on, and a lost one comes back.
		b.Progress = nil
		write(t, s, func(tx *store.Tx) error { return b.Jobs.Cancel(t.Context(), tx.Tx, jobs.Backup, int64(row.ID)) })
		must(t, b.Sweep(t.Context()))
		work(t, s, b)
		if row = awaitEnd(t, s, row.ID); row.State != mainstay.BackupVerified {
			t.Errorf("after the sweep it is %+v", row)
		}
	})
}

func TestBackups_GaveUp(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		b := backups(t, s)
		row, err := b.Request(t.Context(), mainstay.System("Ann"))
		must(t, err)
		for _, why := range []string{"It was cancelled.", "Another reason."} {
			write(t, s, func(tx *store.Tx) error {
				return b.GaveUp(t.Context(), tx.Tx, jobs.Job{Key: int64(row.ID)}, mainstay.Errorf(mainstay.Conflict, "%s", why))
			})
		}
		if got := backup(t, s, row.ID); got.State != mainstay.BackupFailed || got.Message != "It was cancelled." {
			t.Errorf("the row is %+v", got)
		}
	})
}
