package bundle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// childSettings is the variable that makes the test binary a child.
const childSettings = "MAINSTAY_TEST_BUNDLE"

// child is what a child process does, and where it stops to be killed.
type child struct {
	Do      string // "write", "restore", "take" or "work"
	Path    string // of the SQLite database
	URL     string // of the PostgreSQL database
	File    string // the bundle, or the folder of the backups
	Step    string // where to stop; empty for nowhere
	Rows    int    // and not before so many rows
	Reached string // a file that is made there
	Limit   uint64 // the largest file that the process may write, in bytes; 0 for any
}

// childMain ends with its parent, which it notices by the end of its standard input.
func childMain(settings string) int {
	go func() {
		io.Copy(io.Discard, os.Stdin) // any end counts
		os.Exit(0)
	}()
	if err := runChild(settings); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func runChild(settings string) error {
	var c child
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Path: c.Path, URL: c.URL, Now: time.Now})
	if err != nil {
		return err
	}
	if c.Limit > 0 {
		// Past the limit a write then fails instead of ending the process.
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: c.Limit, Max: c.Limit}); err != nil {
			return err
		}
	}
	s := store.New(d)
	stop := func(p bundle.Progress) {
		if p.Step == c.Step && p.Rows >= c.Rows {
			if err := os.WriteFile(c.Reached, nil, 0o600); err != nil {
				panic(err)
			}
			select {}
		}
	}
	switch c.Do {
	case "write":
		_, err = bundle.Write(ctx, s, c.File, bundle.Options{Progress: stop})
		return err
	case "restore":
		_, err = bundle.Restore(ctx, c.File, s, bundle.Options{Progress: stop})
		return err
	}
	q, err := jobs.NewQueue(d)
	if err != nil {
		return err
	}
	b := &bundle.Backups{Store: s, Jobs: q, Dir: c.File, Progress: stop}
	if c.Do == "take" {
		_, err = b.Take(ctx, "Ann")
		return err
	}
	return jobs.NewRunner(d, map[jobs.Kind]jobs.Handler{jobs.Backup: b.Handle}, quick()).Run(ctx)
}

// quick are options under which a node notices soon that another is gone.
func quick() jobs.Options {
	return jobs.Options{Beat: 200 * time.Millisecond, Dead: time.Second, Backoff: func(int) time.Duration { return time.Millisecond }}
}

// kill runs a child until it stops at its step, or for some time where it has
// none, and ends it with SIGKILL. It reports whether the child was still at work.
func (c child) kill(t *testing.T, d storetest.Database, after time.Duration) bool {
	t.Helper()
	c.Path, c.URL, c.Reached = d.Config.Path, d.Config.URL, filepath.Join(t.TempDir(), "reached")
	settings, err := json.Marshal(c)
	must(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childSettings+"="+string(settings))
	var out strings.Builder
	cmd.Stderr = &out
	stdin, err := cmd.StdinPipe()
	must(t, err)
	defer stdin.Close()
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	timeout := time.After(60 * time.Second)
	if c.Step == "" {
		timeout = time.After(after)
	}
	for {
		select {
		case err := <-ended:
			if c.Step != "" || err != nil {
				t.Fatalf("the child ended before %q: %v\n%s", c.Step, err, out.String())
			}
			return false
		case <-timeout:
			must(t, cmd.Process.Kill())
			<-ended
			if c.Step != "" {
				t.Fatalf("the child never reached %q\n%s", c.Step, out.String())
			}
			return true
		case <-time.After(5 * time.Millisecond):
			if _, err := os.Stat(c.Reached); err == nil {
				must(t, cmd.Process.Kill())
				<-ended
				return true
			}
		}
	}
}

// A writer that is killed leaves no file under the name, or the older one.
func TestWrite_killed(t *testing.T) {
	migrated().EachDatabase(t, func(t *testing.T, d storetest.Database) {
		s := store.New(d.Open(t))
		fill(t, s, storetest.Size{Organizations: 400, PerOrganization: 5, Orphaned: 0.2})
		path := place(t)
		for _, c := range []child{{Step: "write"}, {Step: "write", Rows: 2000}, {Step: "sync"}, {Step: "rename"}} {
			c.Do, c.File = "write", path
			c.kill(t, d, 0)
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Fatalf("killed at %s/%d there is a file (%v)", c.Step, c.Rows, err)
			}
		}
		_, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		noFiles(t, filepath.Dir(path), filepath.Base(path))
		for after := 10 * time.Millisecond; (child{Do: "write", File: path}).kill(t, d, after); after = after*3/2 + 5*time.Millisecond {
			_, err := bundle.Verify(path, bundle.Options{})
			must(t, err)
		}
	})
}

// A restore that is killed leaves an empty installation that says so, and the
// restore runs again.
func TestRestore_killed(t *testing.T) {
	source := empty(t, db.SQLite)
	fill(t, source, storetest.Size{Organizations: 300, PerOrganization: 5, Orphaned: 0.2})
	want := storetest.Without(storetest.Content(t, source), bundle.Changed()...)
	path := place(t)
	_, err := bundle.Write(t.Context(), source, path, bundle.Options{})
	must(t, err)
	migrated().EachDatabase(t, func(t *testing.T, d storetest.Database) {
		s := store.New(d.Open(t))
		blank := storetest.Content(t, s)
		ctx := t.Context()
		for _, c := range []child{{Step: "verify"}, {Step: "begin"}, {Step: "insert"}, {Step: "insert", Rows: 1500}, {Step: "compare"}, {Step: "quarantine"}, {Step: "commit"}} {
			c.Do, c.File = "restore", path
			c.kill(t, d, 0)
			same(t, blank, storetest.Content(t, s))
			err := bundle.Unfinished(ctx, s)
			if c.Step == "verify" {
				must(t, err)
			} else if mainstay.KindOf(err) != mainstay.Conflict || !strings.Contains(err.Error(), "Run the restore again") {
				t.Errorf("killed at %s the installation says %v", c.Step, err)
			}
		}
		for after := 20 * time.Millisecond; (child{Do: "restore", File: path}).kill(t, d, after); after = after*3/2 + 20*time.Millisecond {
			if bundle.Unfinished(ctx, s) == nil && len(storetest.Content(t, s)) > 0 && storetest.Content(t, s)["people"] != blank["people"] {
				break // killed after the commit
			}
			same(t, blank, storetest.Content(t, s))
		}
		must(t, bundle.Unfinished(ctx, s))
		same(t, want, storetest.Without(storetest.Content(t, s), bundle.Changed()...))
	})
}

// A backup whose process is killed is taken by another one, and nothing of the
// killed one stays behind.
func TestBackups_killed(t *testing.T) {
	for _, do := range []string{"take", "work"} {
		t.Run(do, func(t *testing.T) {
			migrated().EachDatabase(t, func(t *testing.T, d storetest.Database) {
				for _, step := range []string{"write", "rename", "verify"} {
					killedBackup(t, d, do, step)
				}
			})
		})
	}
}

func killedBackup(t *testing.T, d storetest.Database, do, step string) {
	t.Helper()
	s := store.New(d.Open(t))
	b := backups(t, s)
	ctx := t.Context()
	if do == "work" {
		_, err := b.Request(ctx, mainstay.System("Ann"))
		must(t, err)
	}
	child{Do: do, File: b.Dir, Step: step}.kill(t, d, 0)
	row := newest(t, s)
	if row.State != mainstay.BackupRunning {
		t.Fatalf("killed at %s the backup is %+v", step, row)
	}
	if do == "take" {
		write(t, s, func(tx *store.Tx) error { return b.Jobs.RunNow(ctx, tx.Tx, jobs.Backup, int64(row.ID)) })
	}
	stop := work(t, s, b)
	row = awaitEnd(t, s, row.ID)
	stop() // the next kill has a folder of its own
	if row.State != mainstay.BackupVerified {
		t.Fatalf("after a kill at %s the backup is %+v", step, row)
	}
	noFiles(t, b.Dir, row.File, ".lock")
	_, err := bundle.Verify(filepath.Join(b.Dir, row.File), bundle.Options{})
	must(t, err)
}

// work runs a node until the returned function is called or the test ends.
func work(t *testing.T, s *store.Store, b *bundle.Backups) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- jobs.NewRunner(s.DB, map[jobs.Kind]jobs.Handler{jobs.Backup: b.Handle}, quick()).Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		must(t, <-done)
	})
	t.Cleanup(stop)
	return stop
}

func awaitEnd(t *testing.T, s *store.Store, id mainstay.BackupID) mainstay.Backup {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		row := backup(t, s, id)
		if row.State == mainstay.BackupVerified || row.State == mainstay.BackupFailed {
			return row
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited too long for backup %d, which is %+v", id, row)
		}
	}
}

func backup(t *testing.T, s *store.Store, id mainstay.BackupID) (row mainstay.Backup) {
	t.Helper()
	read(t, s, func(tx *store.Tx) (err error) {
		row, err = tx.Backup(t.Context(), id)
		return err
	})
	return row
}

func newest(t *testing.T, s *store.Store) mainstay.Backup {
	t.Helper()
	var rows []mainstay.Backup
	read(t, s, func(tx *store.Tx) (err error) {
		rows, err = tx.Backups(t.Context(), 1)
		return err
	})
	if len(rows) == 0 {
		t.Fatal("there is no backup")
	}
	return rows[0]
}

// A disk without room fails the backup with a sentence, leaves nothing half
// written and touches no older file (hazard 78).
func TestBackups_noRoom(t *testing.T) {
	d := migrated().Postgres(t)
	s := store.New(d.Open(t))
	b := backups(t, s)
	fill(t, s, small())
	old, err := b.Take(t.Context(), "Ann")
	must(t, err)
	if (child{Do: "take", File: b.Dir, Limit: 50_000}).kill(t, d, time.Minute) {
		t.Fatal("the child never ended")
	}
	row := newest(t, s)
	if row.State != mainstay.BackupFailed || !strings.Contains(row.Message, "no room left in "+b.Dir) || row.File != "" {
		t.Errorf("the backup is %+v", row)
	}
	noFiles(t, b.Dir, old.File, ".lock")
	must(t, b.Verify(t.Context(), mainstay.System("Ann"), old.ID))
}

func TestWrite_noRoom(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		fill(t, s, tiny())
		path := place(t)
		_, err := bundle.Write(t.Context(), s, path, bundle.Options{})
		must(t, err)
		must(t, os.Symlink("/dev/full", path+".part"))
		_, err = bundle.Write(t.Context(), s, path, bundle.Options{})
		if mainstay.KindOf(err) != mainstay.Unavailable || !strings.Contains(mainstay.SafeMessage(err), "no room left") {
			t.Errorf("a full disk: %v", err)
		}
		noFiles(t, filepath.Dir(path), filepath.Base(path))
		_, err = bundle.Verify(path, bundle.Options{})
		must(t, err)
	})
}

// partials counts the unfinished files of a folder.
func partials(t *testing.T, dir string) int {
	t.Helper()
	list, err := fs.Glob(os.DirFS(dir), "*.part")
	must(t, err)
	return len(list)
}
