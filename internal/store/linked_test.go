package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// linkedWorld fills a store: one integration with a syncing organization, an
// orphaned one with a document and two orphaned contacts, and an organization
// made by hand; and with second, another integration with one organization.
type linkedWorld struct {
	*testing.T
	*store.Store
	integrations []mainstay.Integration
	external     int
}

var linkedTemplate = storetest.NewTemplate(func(ctx context.Context, d *db.DB) error { return store.New(d).Migrate(ctx) })

func linkedWorlds(t *testing.T, second bool, fn func(w *linkedWorld)) {
	t.Helper()
	storetest.Setup{Template: linkedTemplate}.Each(t, func(t *testing.T, d *db.DB) {
		w := &linkedWorld{T: t, Store: store.New(d)}
		w.write(func(ctx context.Context, tx *store.Tx) error { return w.fill(ctx, tx, second) })
		fn(w)
	})
}

func (w *linkedWorld) write(fn func(context.Context, *store.Tx) error) {
	w.Helper()
	if err := w.Write(w.Context(), func(t *store.Tx) error { return fn(w.Context(), t) }); err != nil {
		w.Fatal(err)
	}
}

func (w *linkedWorld) read(fn func(context.Context, *store.Tx) error) {
	w.Helper()
	if err := w.Read(w.Context(), func(t *store.Tx) error { return fn(w.Context(), t) }); err != nil {
		w.Fatal(err)
	}
}

func (w *linkedWorld) fill(ctx context.Context, t *store.Tx, second bool) error {
	w.integrations, w.external = nil, 0
	for _, name := range []string{"First", "Second"} {
		if name == "Second" && !second {
			continue
		}
		i := mainstay.Integration{Connector: "connectwise", Name: name, Fingerprint: name}
		if err := t.InsertIntegration(ctx, &i, []byte("x")); err != nil {
			return err
		}
		w.integrations = append(w.integrations, i)
	}
	first := w.integrations[0].ID
	if _, err := w.put(ctx, t, first, mainstay.Item{Kind: "organization", Name: "Syncs", Sync: mainstay.Syncing}); err != nil {
		return err
	}
	org, err := w.put(ctx, t, first, mainstay.Item{Kind: "organization", Name: "Left", Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, Since: 500})
	if err != nil {
		return err
	}
	for n, only := range []bool{true, false} {
		if _, err := w.put(ctx, t, first, mainstay.Item{Kind: "contact", Name: fmt.Sprint("Ann ", n), OrganizationID: org, Sync: mainstay.Orphaned, Reason: mainstay.ReasonParent, OnlyHere: only, Since: 900}); err != nil {
			return err
		}
	}
	if _, err := w.put(ctx, t, 0, mainstay.Item{Kind: "document", Name: "Notes", OrganizationID: org, Sync: mainstay.NotLinked, OnlyHere: true}); err != nil {
		return err
	}
	if _, err := w.put(ctx, t, 0, mainstay.Item{Kind: "organization", Name: "By hand", Sync: mainstay.NotLinked, OnlyHere: true}); err != nil {
		return err
	}
	if second {
		_, err = w.put(ctx, t, w.integrations[1].ID, mainstay.Item{Kind: "organization", Name: "Other", Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, OnlyHere: true, Since: 900})
	}
	return err
}

// put stores an item, linked with a record of an integration where one is given.
func (w *linkedWorld) put(ctx context.Context, t *store.Tx, integration mainstay.IntegrationID, i mainstay.Item) (mainstay.ItemID, error) {
	i.Version, i.Values = 1, mainstay.Values{}
	if err := t.InsertItems(ctx, []*mainstay.Item{&i}); err != nil || integration == 0 {
		return i.ID, err
	}
	w.external++
	return i.ID, t.UpsertRecords(ctx, []store.Record{{IntegrationID: integration, Kind: i.Kind, ExternalID: fmt.Sprint(w.external), ItemID: i.ID, Name: i.Name}})
}

// TestLinkedTallies gives the same numbers of an integration from the kept
// numbers, where it is the only one, and from the items, where it is not.
func TestLinkedTallies(t *testing.T) {
	for _, second := range []bool{false, true} {
		t.Run(fmt.Sprint("second ", second), func(t *testing.T) {
			linkedWorlds(t, second, func(w *linkedWorld) {
				var got []store.Tally
				var states map[mainstay.IntegrationID]map[mainstay.SyncState]int
				var loose map[mainstay.KindName]int
				w.read(func(ctx context.Context, t *store.Tx) (err error) {
					if got, err = t.LinkedTallies(ctx, w.integrations[0].ID); err != nil {
						return err
					}
					if states, err = t.LinkedStates(ctx, w.integrations); err != nil {
						return err
					}
					loose, err = t.UnlinkedCounts(ctx)
					return err
				})
				want := []store.Tally{
					{Kind: "contact", Sync: mainstay.Orphaned, Reason: mainstay.ReasonParent, N: 2},
					{Kind: "organization", Sync: mainstay.Orphaned, Reason: mainstay.ReasonType, N: 1},
					{Kind: "organization", Sync: mainstay.Syncing, N: 1},
				}
				if d := cmp.Diff(want, got); d != "" {
					w.Errorf("tallies (-want +got):\n%s", d)
				}
				wantStates := map[mainstay.IntegrationID]map[mainstay.SyncState]int{w.integrations[0].ID: {mainstay.Syncing: 1, mainstay.Orphaned: 3}}
				if second {
					wantStates[w.integrations[1].ID] = map[mainstay.SyncState]int{mainstay.Orphaned: 1}
				}
				if d := cmp.Diff(wantStates, states); d != "" {
					w.Errorf("states (-want +got):\n%s", d)
				}
				if d := cmp.Diff(map[mainstay.KindName]int{"document": 1, "organization": 1}, loose); d != "" {
					w.Errorf("without a link (-want +got):\n%s", d)
				}
			})
		})
	}
}

func TestOnlyHereCounts(t *testing.T) {
	linkedWorlds(t, true, func(w *linkedWorld) {
		w.read(func(ctx context.Context, t *store.Tx) error {
			got, err := t.OnlyHereCounts(ctx, w.integrations[0].ID, mainstay.Orphaned)
			if d := cmp.Diff(map[mainstay.KindName]int{"organization": 1, "contact": 1}, got); d != "" {
				w.Errorf("orphaned (-want +got):\n%s", d)
			}
			if err != nil {
				return err
			}
			got, err = t.OnlyHereCounts(ctx, w.integrations[0].ID, mainstay.NotLinked)
			if d := cmp.Diff(map[mainstay.KindName]int{"organization": 1, "document": 1}, got); d != "" {
				w.Errorf("not linked (-want +got):\n%s", d)
			}
			return err
		})
	})
}

func TestOrphanedBetween(t *testing.T) {
	linkedWorlds(t, true, func(w *linkedWorld) {
		w.read(func(ctx context.Context, t *store.Tx) error {
			got, err := t.OrphanedBetween(ctx, w.integrations[0].ID, 600, 900)
			if d := cmp.Diff([]store.ReasonCount{{Kind: "contact", Reason: mainstay.ReasonParent, N: 2}}, got); d != "" {
				w.Errorf("(-want +got):\n%s", d)
			}
			return err
		})
	})
}

// TestRunLists pages through the runs of an integration in both directions.
func TestRunLists(t *testing.T) {
	linkedWorlds(t, true, func(w *linkedWorld) {
		w.write(func(ctx context.Context, t *store.Tx) error {
			for n := range 7 {
				state := mainstay.RunComplete
				if n == 5 {
					state = mainstay.RunHeld
				}
				r := mainstay.Run{IntegrationID: w.integrations[n%2].ID, By: "Ann", State: state}
				if err := t.InsertRun(ctx, &r); err != nil {
					return err
				}
				i := w.integrations[n%2]
				i.LastRun = r.ID
				if err := t.UpdateIntegration(ctx, i); err != nil {
					return err
				}
			}
			return nil
		})
		ids := func(runs []mainstay.Run) (out []mainstay.RunID) {
			for _, r := range runs {
				out = append(out, r.ID)
			}
			return out
		}
		w.read(func(ctx context.Context, t *store.Tx) error {
			newer, err := t.NewerRuns(ctx, w.integrations[0].ID, 1, 2)
			if d := cmp.Diff([]mainstay.RunID{5, 3}, ids(newer)); d != "" || err != nil {
				w.Errorf("newer than 1 (-want +got): %v\n%s", err, d)
			}
			last, err := t.LastRuns(ctx, w.integrations, 2)
			if d := cmp.Diff([]mainstay.RunID{7, 5}, ids(last[w.integrations[0].ID])); d != "" || err != nil {
				w.Errorf("last of the first (-want +got): %v\n%s", err, d)
			}
			if d := cmp.Diff([]mainstay.RunID{6, 4}, ids(last[w.integrations[1].ID])); d != "" {
				w.Errorf("last of the second (-want +got):\n%s", d)
			}
			held, err := t.HeldRuns(ctx)
			if d := cmp.Diff([]mainstay.RunID{6}, ids(held)); d != "" || err != nil {
				w.Errorf("held (-want +got): %v\n%s", err, d)
			}
			in, err := t.RunsIn(ctx, []mainstay.RunState{mainstay.RunHeld}, 10)
			if d := cmp.Diff([]mainstay.RunID{6}, ids(in)); d != "" || err != nil {
				w.Errorf("in the state (-want +got): %v\n%s", err, d)
			}
			all, err := t.RunsIn(ctx, nil, 3)
			if d := cmp.Diff([]mainstay.RunID{7, 6, 5}, ids(all)); d != "" || err != nil {
				w.Errorf("in any state (-want +got): %v\n%s", err, d)
			}
			return nil
		})
	})
}
