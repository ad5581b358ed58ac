package reconcile_test

import (
	"context"
	"fmt"
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

var prepared = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error {
	if err := jobs.Migrate(ctx, d); err != nil {
		return err
	}
	return store.New(d).Migrate(ctx)
})

// world is an installation beside a simulated ConnectWise.
type world struct {
	testing.TB
	ctx     context.Context
	store   *store.Store
	changes *change.Changes
	engine  *reconcile.Engine
	psa     *simulator.Simulator
	id      mainstay.IntegrationID
	admin   mainstay.Actor
	runs    int
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Setup{Template: prepared}.EachDatabase(t, func(t *testing.T, d storetest.Database) {
		fn(newWorld(t, d, simulator.Config{Seed: 7, Size: simulator.Small()}))
	})
}

// newWorld connects an empty installation to a fresh PSA and ticks every box.
func newWorld(t testing.TB, d storetest.Database, c simulator.Config) *world {
	t.Helper()
	w := &world{TB: t, ctx: context.Background(), admin: mainstay.Actor{Name: "Dana", Role: mainstay.Administrator, All: true}}
	w.psa = simulator.New(c)
	server, err := simulator.Start(w.psa)
	w.must(err)
	t.Cleanup(server.Close)
	w.store = store.New(d.Open(t))
	q, err := jobs.NewQueue(w.store.DB)
	w.must(err)
	same := func(b []byte, _ string) ([]byte, error) { return b, nil }
	w.changes = change.New(change.Config{Store: w.store, Jobs: q, Seal: same, Backup: w.backup})
	w.engine = reconcile.New(reconcile.Config{Store: w.store, Changes: w.changes, Connectors: []connect.Spec{connectwise.Spec()}, Open: same,
		Client: connect.ClientConfig{AllowLoopback: true, RatePerSecond: 100_000, MaxRetries: 2, Timeout: 2 * time.Second, Now: time.Now, Sleep: func(context.Context, time.Duration) error { return nil }, Rand: func() float64 { return 0.5 }}})
	cfg := w.psa.Config()
	options := map[string]string{"url": server.URL(), "company": cfg.Company, "public-key": cfg.PublicKey, "client-id": cfg.ClientID}
	secrets := map[string]string{"private-key": cfg.PrivateKey}
	instance, err := w.engine.Test(w.ctx, "connectwise", options, secrets)
	w.must(err)
	i, err := w.changes.AddIntegration(w.ctx, w.admin, change.NewIntegration{Connector: "connectwise", Name: "ConnectWise PSA", Options: options, Secrets: secrets, Fingerprint: instance.Fingerprint})
	w.must(err)
	w.id = i.ID
	w.save(everything())
	return w
}

// everything ticks every type and status of the simulator, and those that a test
// may add: it begins with up to 8 of each.
func everything() mainstay.Settings {
	s := mainstay.Settings{Organizations: map[mainstay.Pair]bool{}, Configurations: map[mainstay.Pair]bool{}, Contacts: true, Locations: true}
	for ty := 0; ty <= 16; ty++ {
		for st := 0; st <= 16; st++ {
			p := mainstay.Pair{Type: fmt.Sprint(ty), Status: fmt.Sprint(st)}
			if ty == 0 {
				p.Type = ""
			}
			s.Organizations[p], s.Configurations[p] = true, true
		}
	}
	return s
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// save stores settings as a person does who saw and agreed to what they would do.
func (w *world) save(s mainstay.Settings) change.Effect {
	w.Helper()
	e, err := w.changes.PreviewSettings(w.ctx, w.admin, w.id, s)
	w.must(err)
	_, err = w.changes.SaveSettings(w.ctx, w.admin, w.id, s, w.integration().Settings.Version, e.OrphanTotal())
	w.must(err)
	return e
}

func (w *world) integration() mainstay.Integration {
	w.Helper()
	var i mainstay.Integration
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { i, err = t.Integration(w.ctx, w.id); return err }))
	return i
}

// sync runs a full sync to its end.
func (w *world) sync() mainstay.Run {
	w.Helper()
	r, err := w.changes.StartRun(w.ctx, w.admin, w.id)
	w.must(err)
	return w.work(r.ID)
}

// backup stands for a verified backup: what a bundle holds is tested with the bundle.
func (w *world) backup(ctx context.Context, by string) (mainstay.Backup, error) {
	b := mainstay.Backup{State: mainstay.BackupVerified, By: by, Created: w.store.DB.Now(), Verified: w.store.DB.Now()}
	return b, w.store.Write(ctx, func(t *store.Tx) error { return t.InsertBackup(ctx, &b) })
}

// work executes the job of a run once.
func (w *world) work(id mainstay.RunID) mainstay.Run {
	w.Helper()
	return w.workIn(w.ctx, id)
}

// workIn is work in a context that may end on the way, as when the server stops.
func (w *world) workIn(ctx context.Context, id mainstay.RunID) mainstay.Run {
	w.Helper()
	w.runs++
	if err := w.engine.Handle(ctx, jobs.Job{Kind: jobs.Sync, Key: int64(id), Attempt: 1, Lease: fmt.Sprint("lease ", w.runs)}); err != nil {
		w.Logf("the job gave %v", err)
	}
	var r mainstay.Run
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) { r, err = t.Run(w.ctx, id); return err }))
	return r
}

// tally counts the items of a kind by state.
func (w *world) tally(kind mainstay.KindName) map[mainstay.SyncState]int {
	w.Helper()
	out := map[mainstay.SyncState]int{}
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		kept, err := t.Tallies(w.ctx, w.admin)
		if err != nil {
			return err
		}
		counted, err := t.CountedTallies(w.ctx)
		if fmt.Sprint(kept) != fmt.Sprint(counted) {
			w.Errorf("kept numbers %v, counted %v", kept, counted)
		}
		for _, y := range kept {
			if y.Kind == kind {
				out[y.Sync] += y.N
			}
		}
		return err
	}))
	return out
}

// organization finds a live organization by name.
func (w *world) organization(name string) mainstay.Item {
	w.Helper()
	var found []mainstay.Item
	w.must(w.store.Read(w.ctx, func(t *store.Tx) (err error) {
		found, err = t.ItemsNamed(w.ctx, "organization", []string{name}, 0)
		return err
	}))
	if len(found) != 1 {
		w.Fatalf("%d organizations are called %q", len(found), name)
	}
	return found[0]
}
