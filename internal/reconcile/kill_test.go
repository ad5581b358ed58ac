package reconcile_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/connect"
	"mainstay/internal/connect/connectwise"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/reconcile"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// childSettings makes the test binary a server's worker in place of running tests.
const childSettings = "MAINSTAY_TEST_SYNC"

// TestMain turns the test binary into a process that a test can kill, where it asks for one.
func TestMain(m *testing.M) {
	if settings := os.Getenv(childSettings); settings != "" {
		os.Exit(childMain(settings))
	}
	os.Exit(m.Run())
}

// childMain works on syncs and plans until it is killed or its parent is gone.
func childMain(settings string) int {
	go func() {
		io.Copy(io.Discard, os.Stdin) // any end counts
		os.Exit(0)
	}()
	if err := serve(settings); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serve(settings string) error {
	ctx := context.Background()
	var at struct{ Path, URL string }
	if err := json.Unmarshal([]byte(settings), &at); err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Config{Path: at.Path, URL: at.URL, Now: time.Now})
	if err != nil {
		return err
	}
	q, err := jobs.NewQueue(d)
	if err != nil {
		return err
	}
	open := func(b []byte, _ string) ([]byte, error) { return b, nil }
	changes := change.New(change.Config{Store: store.New(d), Jobs: q, Seal: open})
	engine := reconcile.New(reconcile.Config{Store: store.New(d), Changes: changes, Connectors: []connect.Spec{connectwise.Spec()}, Open: open,
		Client: connect.ClientConfig{AllowLoopback: true, RatePerSecond: 100_000, Now: time.Now}})
	return jobs.NewRunner(d, map[jobs.Kind]jobs.Handler{jobs.Sync: engine.Handle, jobs.Apply: changes.Apply},
		jobs.Options{Beat: 200 * time.Millisecond, Dead: time.Second, Backoff: func(int) time.Duration { return time.Millisecond }}).Run(ctx)
}

// spawn starts a worker process; kill ends it as a power cut would.
func spawn(t testing.TB, d storetest.Database) (kill func()) {
	t.Helper()
	settings, err := json.Marshal(map[string]string{"Path": d.Config.Path, "URL": d.Config.URL})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childSettings+"="+string(settings))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := false
	kill = func() {
		if !done {
			done = true
			cmd.Process.Kill() // it may be gone already
			cmd.Wait()         // it was killed
			stdin.Close()      // nobody reads it any more
		}
	}
	t.Cleanup(kill)
	return kill
}

// until waits for something that a worker process does.
func (w *world) until(what string, done func() bool) {
	w.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("after 30 s still waiting for %s", what)
		}
	}
}

func (w *world) number(query string, args ...any) (n int) {
	w.Helper()
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error { return t.QueryRow(w.ctx, query, args...).Scan(&n) }))
	return n
}

// TestKill ends the worker with SIGKILL at each stage of one sync: while it proves
// which PSA it is, reads types, counts before and after a list, at a page of each
// list, while it asks for missing records, and while it marks orphans; and then
// twice within a deletion, whose every point is killed by change TestPlan_killed. Each time the next process goes on within 30 s.
// In the end everything is as without a kill, and nothing happened twice.
func TestKill(t *testing.T) {
	storetest.Setup{Template: prepared, Durable: true}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		w := newWorld(t, d, simulator.Config{Seed: 7, Size: simulator.Small(), PageCap: 20})
		w.completes("first", w.sync())
		prospect := fmt.Sprint(w.psa.LabelID(simulator.CompanyTypes, "Prospect"))
		effect := w.save(without(everything(), func(p mainstay.Pair) bool { return p.Type == prospect }))
		client := w.psa.CompaniesOfType("Client")[0]
		contacts, _, _ := w.inside(client)
		w.psa.Delete(simulator.Contacts, contacts[0])
		w.psa.EditCompany(client, func(c *simulator.Company) { c.PhoneNumber = "555-4000" })
		r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
		w.must(err)
		for _, at := range []simulator.Fault{
			{Call: simulator.CallInfo}, {Resource: simulator.CompanyTypes, Call: simulator.CallList}, {Resource: simulator.Companies, Call: simulator.CallCount},
			{Resource: simulator.Companies, Call: simulator.CallList, Nth: 2}, {Resource: simulator.Companies, Call: simulator.CallCount, Nth: 1}, {Resource: simulator.Sites, Call: simulator.CallList, Nth: 2},
			{Resource: simulator.Contacts, Call: simulator.CallList, Nth: 3}, {Resource: simulator.Configurations, Call: simulator.CallList, Nth: 2},
			{Resource: simulator.Contacts, Call: simulator.CallRecord},
		} {
			reached := make(chan bool)
			w.meanwhile(at, func() { close(reached) })
			kill := spawn(t, d)
			select {
			case <-reached:
			case <-time.After(30 * time.Second):
				w.Fatalf("no process reached %s %s", at.Resource, at.Call)
			}
			kill()
			w.psa.SetFaults()
			w.sound("killed at " + at.Resource)
		}
		kill := spawn(t, d)
		w.until("the last stage", func() bool {
			return w.number("SELECT count(*) FROM run WHERE id = $1 AND stage <> '' AND cursor LIKE '%flag%'", int64(r.ID)) == 1 || w.ended(r.ID)
		})
		kill()
		kill = spawn(t, d)
		w.until("the end of the sync", func() bool { return w.ended(r.ID) })
		w.agrees("after all kills")
		run := w.work(r.ID)
		if orphans := w.number("SELECT count(*) FROM activity WHERE verb = 'orphaned' AND run_id = $1", int64(r.ID)); run.State != mainstay.RunComplete || run.Counts.Orphaned != orphans || orphans != effect.OrphanTotal()+1 {
			w.Errorf("the run is %s and counts %d, the log %d; want %d and the deleted contact", run.State, run.Counts.Orphaned, orphans, effect.OrphanTotal())
		}
		kill()
		w.killDelete(d)
	})
}

func (w *world) ended(id mainstay.RunID) bool {
	return w.number("SELECT count(*) FROM run WHERE id = $1 AND state NOT IN ('queued', 'running')", int64(id)) == 1
}

// killDelete deletes the orphans through a plan whose process is killed twice.
func (w *world) killDelete(d storetest.Database) {
	w.Helper()
	p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	w.must(err)
	_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
	w.must(err)
	for _, at := range []string{"lease <> ''", "done > 0 OR state = 'done'"} {
		kill := spawn(w, d)
		w.until("the plan to reach "+at, func() bool { return w.number("SELECT count(*) FROM plan WHERE id = $1 AND ("+at+")", int64(p.ID)) == 1 })
		kill()
	}
	kill := spawn(w, d)
	w.until("the end of the plan", func() bool {
		return w.number("SELECT count(*) FROM plan WHERE id = $1 AND state = 'done'", int64(p.ID)) == 1
	})
	kill()
	w.sound("deleted")
	if trashed := w.number("SELECT count(*) FROM trash"); trashed != p.Counts.Total().Apply {
		w.Errorf("%d items lie in the trash, the plan has %d", trashed, p.Counts.Total().Apply)
	}
}
