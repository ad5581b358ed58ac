package change_test

import (
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// TestEndRun_keepsSettings: settings that a person saves while a run ends are not
// overwritten by what the run read before.
func TestEndRun_keepsSettings(t *testing.T) {
	each(t, func(w *world) {
		i, err := w.changes.AddIntegration(w.ctx, w.admin, change.NewIntegration{Connector: "x", Name: "PSA", Fingerprint: "x"})
		w.must(err)
		run, err := w.changes.StartRun(w.ctx, w.admin, i.ID)
		w.must(err)
		j := jobs.Job{Kind: jobs.Sync, Key: int64(run.ID), Attempt: 1, Lease: "a"}
		run, _, _, err = w.changes.BeginRun(w.ctx, j)
		w.must(err)
		run.State = mainstay.RunComplete

		holding, ended := make(chan bool), make(chan error)
		go func() {
			<-holding
			ended <- w.changes.EndRun(w.ctx, j, run, nil)
		}()
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			now, err := t.LockIntegration(w.ctx, i.ID)
			if err != nil {
				return err
			}
			now.Settings.Version, now.Settings.Contacts = 7, false
			if err := t.UpdateIntegration(w.ctx, now); err != nil {
				return err
			}
			close(holding)
			time.Sleep(300 * time.Millisecond) // until the end of the run waits for this row
			return nil
		}))
		w.must(<-ended)
		w.read(func(t *store.Tx) error {
			now, err := t.Integration(w.ctx, i.ID)
			if now.Settings.Version != 7 || now.Settings.Contacts || now.LastFull == 0 {
				w.Errorf("after both the integration is %+v", now)
			}
			return err
		})
	})
}

// TestUpsertRecords_keepsTrash: a page that looked at a record before its item
// was deleted does not take the link out of the trash.
func TestUpsertRecords_keepsTrash(t *testing.T) {
	each(t, func(w *world) {
		w.orphans(1)
		ids := []string{"0"}
		var seen store.Record
		w.read(func(t *store.Tx) error {
			r, err := t.Records(w.ctx, 1, "organization", ids)
			seen = r["0"]
			return err
		})
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, Query: "sync: orphaned"})
		w.must(err)
		p, err = w.changes.IncludeHeld(w.ctx, w.admin, p.ID, seen.ItemID)
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		seen.Name = "As it is now"
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error { return t.UpsertRecords(w.ctx, []store.Record{seen}) }))
		w.read(func(t *store.Tx) error {
			r, err := t.Records(w.ctx, 1, "organization", ids)
			if got := r["0"]; !got.Trashed || got.Name != "As it is now" {
				w.Errorf("the link is %+v", got)
			}
			return err
		})
	})
}

// TestBrake is the table of what one run may orphan by itself.
func TestBrake(t *testing.T) {
	class := func(linked, seen, unexpected, expected int) change.ClassChange {
		return change.ClassChange{Name: "contacts", Kind: "contact", Linked: linked, Seen: seen, Unexpected: unexpected, Expected: expected}
	}
	for _, c := range []struct {
		name      string
		classes   []change.ClassChange
		confirmed int
		sentences int
	}{
		{"nothing", nil, 0, 0},
		{"five of a small class", []change.ClassChange{class(20, 15, 5, 0)}, 0, 0},
		{"six of a small class", []change.ClassChange{class(20, 14, 6, 0)}, 0, 1},
		{"all of a class of four", []change.ClassChange{class(4, 0, 4, 0)}, 0, 0},
		{"a class of five that came back empty", []change.ClassChange{class(5, 0, 5, 0)}, 0, 1},
		{"empty, though nothing would be orphaned", []change.ClassChange{class(5, 0, 0, 0)}, 0, 1},
		{"ten percent", []change.ClassChange{class(1000, 900, 100, 0)}, 0, 0},
		{"one more than ten percent", []change.ClassChange{class(1000, 899, 101, 0)}, 0, 1},
		{"200 in all", []change.ClassChange{class(1500, 1400, 100, 0), class(1500, 1400, 100, 0)}, 0, 0},
		{"201 in all", []change.ClassChange{class(1500, 1400, 101, 0), class(1500, 1400, 100, 0)}, 0, 1},
		{"ten percent of a huge class", []change.ClassChange{class(9000, 8100, 900, 0)}, 0, 1},
		{"as many as confirmed", []change.ClassChange{class(5000, 5000, 0, 3000)}, 3000, 0},
		{"a few more than confirmed", []change.ClassChange{class(5000, 5000, 0, 3300)}, 3000, 0},
		{"many more than confirmed", []change.ClassChange{class(5000, 5000, 0, 3301)}, 3000, 1},
		{"expected but never confirmed", []change.ClassChange{class(5000, 5000, 0, 6)}, 0, 1},
		{"confirmed and others", []change.ClassChange{class(100, 100, 11, 30)}, 30, 1},
	} {
		if why := change.DefaultBrake().Judge(c.classes, c.confirmed); len(why) != c.sentences {
			t.Errorf("%s: %q, want %d sentences", c.name, why, c.sentences)
		}
	}
}
