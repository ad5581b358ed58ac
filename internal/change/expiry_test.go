package change_test

import (
	"testing"
	"time"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// TestPurgeExpired is R27 and R15: how long something stays in the trash is a
// field of its own, which nothing that happens later moves; and what has expired
// is shown as a plan, line by line, before a backup and the purge.
func TestPurgeExpired(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(4)
		const day = 24 * time.Hour
		doc := w.number("SELECT id FROM item WHERE kind = 'document'")
		single, err := w.changes.DeleteNow(w.ctx, w.admin, &mainstay.Document, map[mainstay.ItemID]int64{mainstay.ItemID(doc): 1})
		w.must(err)
		w.offset = 10 * day
		w.must(w.changes.SaveAccount(w.ctx, w.admin, "Bluepeak IT", 5))
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids[1:]})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		w.must(w.changes.SaveAccount(w.ctx, w.admin, "Bluepeak IT", 1))
		w.must(w.store.Write(w.ctx, func(t *store.Tx) error {
			_, err := t.Exec(w.ctx, "UPDATE trash SET deleted_at = 1, updated_at = 1, since = 1")
			return err
		}))
		for _, at := range []struct {
			after time.Duration
			plan  mainstay.Plan // whose items expire
		}{{14 * day, mainstay.Plan{}}, {16 * day, p}, {29 * day, mainstay.Plan{}}, {31 * day, single}, {400 * day, mainstay.Plan{}}} {
			w.offset = at.after
			w.expires(at.plan)
		}
		if live, trash := w.number("SELECT count(*) FROM item"), w.number("SELECT count(*) FROM trash"); live != 3 || trash != 0 {
			w.Errorf("%d items are live and %d in the trash", live, trash)
		}
	})
}

// expires purges what expired by now and expects that to be what a plan deleted.
func (w *world) expires(deleted mainstay.Plan) {
	w.Helper()
	want := w.number("SELECT count(*) FROM trash WHERE plan_id = $1", int64(deleted.ID))
	trash, backups := w.number("SELECT count(*) FROM trash"), w.backups
	purge, err := w.changes.PurgeExpired(w.ctx)
	w.must(err)
	if want == 0 {
		if purge.ID != 0 {
			w.Errorf("after %s %+v expired", w.offset, purge.Counts)
		}
		return
	}
	var lines []mainstay.PlanItem
	w.read(func(t *store.Tx) (err error) { lines, err = t.PlanItems(w.ctx, purge.ID, 0, false, 1000); return err })
	if len(lines) != want || purge.Counts.Total().Apply != want || w.number("SELECT count(*) FROM trash") != trash || w.backups != backups {
		w.Errorf("after %s the plan shows %d lines and counts %+v, want %d and nothing done yet", w.offset, len(lines), purge.Counts, want)
	}
	w.must(w.run(purge.ID, "purge"))
	gone := w.number("SELECT count(*) FROM plan_item q WHERE q.plan_id = $1 AND q.outcome = 'done' AND q.item_id NOT IN (SELECT id FROM trash)", int64(purge.ID))
	if gone != want || w.number("SELECT count(*) FROM trash") != trash-want || w.backups != backups+1 {
		w.Errorf("after %s %d of %d expired items are gone, with %d backups", w.offset, gone, want, w.backups-backups)
	}
}
