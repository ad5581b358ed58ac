package change_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/change"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// childSettings makes the test binary a process that works on plans, in place of
// running tests.
const childSettings = "MAINSTAY_TEST_PLAN"

// child is what a child process does, and where it stops to be killed.
type child struct {
	Path, URL string          // of the database
	Backups   string          // the folder of the backups
	Undo      mainstay.PlanID // the plan to undo; 0 to work on jobs
	Point     change.Point    // where to stop; empty for nowhere
	Chunk     int             // how many lines one transaction works on; 0 for killChunk
}

// killChunk is how many lines of a plan one transaction of a child works on.
const killChunk = 500

// TestMain turns the test binary into a process that a test can kill, where it asks for one.
func TestMain(m *testing.M) {
	if settings := os.Getenv(childSettings); settings != "" {
		if err := childMain(settings); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// childMain ends with its parent, which it notices by the end of its standard input.
func childMain(settings string) error {
	go func() {
		io.Copy(io.Discard, os.Stdin) // any end counts
		os.Exit(0)
	}()
	var c child
	if err := json.Unmarshal([]byte(settings), &c); err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Path: c.Path, URL: c.URL, Now: time.Now})
	if err != nil {
		return err
	}
	q, err := jobs.NewQueue(d)
	if err != nil {
		return err
	}
	backups := &bundle.Backups{Store: store.New(d), Jobs: q, Dir: c.Backups}
	changes := change.New(change.Config{Store: store.New(d), Jobs: q, Backup: backups.Take})
	if c.Chunk == 0 {
		c.Chunk = killChunk
	}
	changes.Watch(c.Chunk, func(at change.Point) {
		if at == c.Point {
			fmt.Println(at)
			select {}
		}
	})
	if c.Undo != 0 {
		_, err := changes.Undo(ctx, mainstay.Actor{Name: "Dana", Role: mainstay.Administrator, All: true}, c.Undo)
		return err
	}
	return jobs.NewRunner(d, map[jobs.Kind]jobs.Handler{jobs.Apply: changes.Apply},
		jobs.Options{Beat: 200 * time.Millisecond, Dead: time.Second, Backoff: func(int) time.Duration { return time.Millisecond }}).Run(ctx)
}

// killed is an installation whose work is done by processes that are killed.
type killed struct {
	*world
	child
}

// start starts a child, which says where it is. kill ends it as a power cut would.
func (k *killed) start(c child) (says <-chan string, kill func()) {
	k.Helper()
	c.Path, c.URL, c.Backups = k.Path, k.URL, k.Backups
	settings, err := json.Marshal(c)
	k.must(err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childSettings+"="+string(settings))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	k.must(err)
	_, err = cmd.StdinPipe() // open as long as this process lives
	k.must(err)
	k.must(cmd.Start())
	lines := make(chan string, 10)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			lines <- s.Text()
		}
	}()
	done := false
	kill = func() {
		if !done {
			done = true
			cmd.Process.Kill() // it may be gone already
			for range lines {
			}
			cmd.Wait() // it was killed
		}
	}
	k.Cleanup(kill)
	return lines, kill
}

// killAt runs a child until it reaches its point, and kills it there. It takes up
// within 30 s what the one before it left.
func (k *killed) killAt(c child) {
	k.Helper()
	says, kill := k.start(c)
	select {
	case line, ok := <-says:
		if !ok || line != string(c.Point) {
			k.Fatalf("the child ended before %q: %q", c.Point, line)
		}
	case <-time.After(30 * time.Second):
		k.Fatalf("after 30 s no child reached %q", c.Point)
	}
	kill()
	storetest.Invariants(k, k.store)
}

// through works on a confirmed plan with one process after the other, each killed
// at the next of the points, and with a last one that is left alone.
func (k *killed) through(p mainstay.Plan, points ...change.Point) mainstay.Plan {
	k.Helper()
	done := 0
	for _, at := range points {
		k.killAt(child{Point: at})
		now := k.plan(p.ID)
		switch {
		case now.State == mainstay.PlanDone:
			k.Fatalf("killed at %q plan %d is done", at, p.ID)
		case at == change.AtChunk && (now.Done <= done || now.Done > done+killChunk):
			k.Errorf("killed after a chunk the plan has %d done, want one chunk more than %d", now.Done, done)
		case at == change.AtEffect && now.Done != done:
			k.Errorf("killed before the commit of a chunk the plan has %d done, want %d", now.Done, done)
		}
		done = now.Done
	}
	_, kill := k.start(child{})
	defer kill()
	for end := time.Now().Add(30 * time.Second); k.plan(p.ID).State != mainstay.PlanDone; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			k.Fatalf("30 s after the last kill plan %d is %+v", p.ID, k.plan(p.ID))
		}
	}
	storetest.Invariants(k, k.store)
	now := k.plan(p.ID)
	if now.Done != p.Counts.Total().Apply || now.Skipped != 0 {
		k.Errorf("plan %d has %d done and %d skipped, want %d", p.ID, now.Done, now.Skipped, p.Counts.Total().Apply)
	}
	return now
}

// TestPlan_killed ends the process with SIGKILL at every named point of a
// deletion that needs a backup, of making and applying its undo, and of a purge.
// Each time the next process goes on within 30 s; nothing is lost, and nothing
// happens twice.
func TestPlan_killed(t *testing.T) {
	storetest.Setup{Template: prepared, Durable: true}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		k := &killed{newWorld(t, d), child{Path: d.Config.Path, URL: d.Config.URL, Backups: t.TempDir()}}
		k.orphans(1010)
		before := k.content()
		chunks := []change.Point{change.AtRunning, change.AtEffect, change.AtChunk, change.AtEffect, change.AtChunk, change.AtChunk, change.AtLast}

		p := k.killedWhileStarting()
		p = k.through(p, append([]change.Point{change.AtTaken, change.AtBackup, change.AtBackedUp}, chunks...)...)
		if n := k.number("SELECT count(*) FROM backup WHERE state = 'verified'"); n != 1 || p.BackupID == 0 {
			k.Errorf("%d backups were taken for the deletion, and it counts on number %d", n, p.BackupID)
		}
		deleted := k.content()

		k.killAt(child{Undo: p.ID, Point: change.AtFrozen})
		if k.content() != deleted {
			k.Error("an undo that was killed while it was made changed something")
		}
		undo, err := k.changes.Undo(k.ctx, k.admin, p.ID)
		k.must(err)
		k.through(undo, append([]change.Point{change.AtTaken}, chunks...)...)
		if k.content() != before {
			k.Error("the undo did not bring back what was there")
		}
		k.killedPurge()
	})
}

// killedWhileStarting confirms a deletion of all that can be deleted, and kills
// the process that waits for its start.
func (k *killed) killedWhileStarting() mainstay.Plan {
	k.Helper()
	k.changes.Pause = 2 * time.Second
	defer func() { k.changes.Pause = 0 }()
	p, err := k.changes.ProposeDelete(k.ctx, k.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	k.must(err)
	if p.Friction != mainstay.FrictionBackup {
		k.Fatalf("the plan needs no backup: %+v", p)
	}
	p, err = k.changes.Confirm(k.ctx, k.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	k.must(err)
	_, kill := k.start(child{})
	for k.number("SELECT count(*) FROM node") == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	kill()
	if now := k.plan(p.ID); now.Done != 0 || now.State == mainstay.PlanDone {
		k.Fatalf("killed before its start the plan is %+v", now)
	}
	return p
}

// killedPurge ends for good what a new deletion put into the trash.
func (k *killed) killedPurge() {
	k.Helper()
	p, err := k.changes.ProposeDelete(k.ctx, k.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	k.must(err)
	p, err = k.changes.Confirm(k.ctx, k.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	k.must(err)
	k.through(p)
	purge, err := k.changes.ProposePurge(k.ctx, k.admin, p.ID, nil)
	k.must(err)
	purge, err = k.changes.Confirm(k.ctx, k.admin, purge.ID, change.Proof{Fingerprint: purge.Fingerprint, Phrase: purge.Phrase})
	k.must(err)
	live := k.number("SELECT count(*) FROM item")
	k.through(purge, change.AtTaken, change.AtBackup, change.AtBackedUp, change.AtRunning, change.AtEffect, change.AtChunk, change.AtChunk, change.AtLast)
	purged := k.number("SELECT count(*) FROM activity WHERE plan_id = $1 AND verb = 'purged'", int64(purge.ID))
	if trash := k.number("SELECT count(*) FROM trash"); trash != 0 || purged != purge.Counts.Total().Apply || live != k.number("SELECT count(*) FROM item") {
		k.Errorf("after the purge %d items are in the trash and %d were purged; of %d live ones %d are left", trash, purged, live, k.number("SELECT count(*) FROM item"))
	}
}
