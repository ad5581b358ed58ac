package bundle_test

import (
	"path/filepath"
	"testing"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// TestRestore_installationOfFirstFormat reads a bundle that the first version of the format
// wrote: of an installation with 24 companies of a PSA, a wrong tick box, a plan
// that deleted four organizations, one that brought one of them back, one under
// review, and a Manager who sees two organizations. What that format lacks gets
// the defaults of the tables, and everything else is as it was.
func TestRestore_installationOfFirstFormat(t *testing.T) {
	path := filepath.Join("testdata", "format-1.zip")
	m, err := bundle.Verify(path, bundle.Options{})
	must(t, err)
	if m.Format != 1 || m.Items != 91 {
		t.Fatalf("the bundle is of format %d with %d items", m.Format, m.Items)
	}
	for _, to := range dialects() {
		t.Run(string(to), func(t *testing.T) {
			target := empty(t, to)
			done, err := bundle.Restore(t.Context(), path, target, bundle.Options{Instance: "second"})
			must(t, err)
			if done.Integrations != 1 {
				t.Errorf("restore reports %+v", done)
			}
			after := storetest.Content(t, target)
			// Plans have columns that the first format lacks, so their text differs.
			for name, want := range storetest.Without(manifestContent(m), append(bundle.Changed(), "plan_items")...) {
				if after[name] != want {
					t.Errorf("%s is %q, was %q", name, after[name], want)
				}
			}
			storetest.Invariants(t, target)
			read(t, target, func(tx *store.Tx) error { return keptPlans(t, tx) })

			again := place(t)
			now, err := bundle.Write(t.Context(), target, again, bundle.Options{})
			must(t, err)
			if now.Format != store.BundleFormat || now.Items != m.Items {
				t.Errorf("written again: format %d with %d items", now.Format, now.Items)
			}
			_, err = bundle.Verify(again, bundle.Options{})
			must(t, err)
		})
	}
}

// keptPlans looks at what the first format says nothing of.
func keptPlans(t *testing.T, tx *store.Tx) error {
	t.Helper()
	ctx := t.Context()
	plans, err := tx.Plans(ctx, nil, 10)
	if err != nil {
		return err
	}
	states := map[mainstay.Action]mainstay.PlanState{}
	for _, p := range plans {
		states[p.Action] = p.State
		if p.Params.Class != nil || p.Params.Note != "" || p.Params.Remove || p.Params.Syncing {
			t.Errorf("plan %d has the parameters %+v", p.ID, p.Params)
		}
	}
	if len(plans) != 3 || states[mainstay.ActionRestore] != mainstay.PlanDone {
		t.Errorf("plans: %v", states)
	}
	trashed, err := tx.CountTrash(ctx, mainstay.System("test"), store.TrashFilter{})
	if err != nil || trashed != 9 {
		t.Errorf("%d items are in the trash: %v", trashed, err)
	}
	all, err := tx.Integrations(ctx)
	if err != nil || len(all) != 1 || !all[0].Removed.IsZero() || !all[0].Paused {
		t.Errorf("integrations: %+v, %v", all, err)
	}
	held, err := tx.Protections(ctx, []mainstay.ItemID{1, 2, 3})
	if len(held) != 0 {
		t.Errorf("protected: %v", held)
	}
	return err
}
