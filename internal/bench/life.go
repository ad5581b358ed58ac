package bench

import (
	"context"
	"errors"
	"fmt"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// inside is how many items an organization holds besides itself.
const inside = 50

// split divides items into organizations and what they hold.
func split(items int) (organizations, dependents int) {
	organizations = max(items/(inside+1), 2)
	return organizations, items - organizations
}

// life measures the works of one installation from its first load to an undo,
// and then the floors of the writing ones in a second installation, so that the
// caches of that one do not count as memory of the works.
func (r *runner) life(ctx context.Context) error {
	in, err := r.open(ctx, "life")
	if err != nil {
		return err
	}
	return errors.Join(r.lifeOf(ctx, in), in.close())
}

func (r *runner) lifeOf(ctx context.Context, in *install) error {
	organizations, dependents := split(r.Items)
	if err := in.connect(ctx, organizations, dependents); err != nil {
		return err
	}
	load, err := r.load(ctx, in)
	if err != nil {
		return err
	}
	if r.wants(Pass) {
		if err := r.pass(ctx, in, Pass); err != nil {
			return err
		}
	}
	var trash, undo Result
	if r.wants(Trash, Undo) {
		if trash, undo, err = r.trash(ctx, in); err != nil {
			return err
		}
	}
	if !r.wants(Load, Trash, Undo) {
		return nil
	}
	r.say("Plain SQL for the same rows")
	base, err := r.open(ctx, "floor")
	if err != nil {
		return err
	}
	return errors.Join(r.floors(ctx, in, base, load, trash, undo), base.close())
}

// floors measures the plain SQL for works that wrote items, and keeps their results.
func (r *runner) floors(ctx context.Context, in, base *install, load, trash, undo Result) error {
	seconds, err := floorLoad(ctx, in, base)
	if err != nil {
		return err
	}
	load.floor(seconds)
	r.add(load)
	if !r.wants(Trash, Undo) {
		return nil
	}
	toTrash, back, err := floorMove(ctx, base)
	if err != nil {
		return err
	}
	trash.floor(toTrash)
	undo.floor(back)
	r.add(trash)
	r.add(undo)
	return nil
}

// load measures the first sync.
func (r *runner) load(ctx context.Context, in *install) (Result, error) {
	r.say("First load of %s items", mainstay.Thousands(r.Items))
	res := r.result(Load, "first load with activity", r.Items)
	var run mainstay.Run
	err := r.meter.measure(ctx, &res, in.psa, nil, func() (err error) {
		run, err = in.sync(ctx)
		return err
	})
	if err == nil && run.Counts.Created != r.Items {
		err = fmt.Errorf("the first load made %d items of %d", run.Counts.Created, r.Items)
	}
	res.atMost("time per 50,000 items", res.Seconds*50_000/float64(r.Items), 6, "s")
	return res, err
}

// pass measures a full sync that finds everything as it was.
func (r *runner) pass(ctx context.Context, in *install, work string) error {
	items := in.psa.companies + in.psa.dependents
	r.say("Full pass over %s unchanged items", mainstay.Thousands(items))
	if err := in.settle(ctx); err != nil {
		return err
	}
	res := r.result(work, "full pass, nothing changed", items)
	var run mainstay.Run
	err := r.meter.measure(ctx, &res, in.psa, nil, func() (err error) {
		run, err = in.sync(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if run.Counts.Unchanged != items {
		return fmt.Errorf("a pass over %d unchanged items found %+v", items, run.Counts)
	}
	seconds, err := floorPass(ctx, in)
	if err != nil {
		return err
	}
	res.floor(seconds)
	res.atMost("time per 50,000 items", res.Seconds*50_000/float64(items), 2, "s")
	res.atMost("memory", res.ResidentMiB, 150, "MiB")
	r.add(res)
	return nil
}

// trash measures a plan that moves every item to the trash, and its undo, while
// somebody reads lists.
func (r *runner) trash(ctx context.Context, in *install) (res, undone Result, err error) {
	if err := in.orphan(ctx, in.psa.companies); err != nil {
		return res, undone, err
	}
	if err := in.settle(ctx); err != nil {
		return res, undone, err
	}
	plan, err := in.confirmAll(ctx)
	if err != nil {
		return res, undone, err
	}
	r.say("Move %s items to trash", mainstay.Thousands(r.Items))
	res = r.result(Trash, "move to trash by a plan, while a reader lists", r.Items)
	err = r.meter.measure(ctx, &res, in.psa, in.listReader(), func() error { return in.done(ctx, plan.ID, r.Items) })
	if err != nil {
		return res, undone, err
	}
	moved(&res)
	r.say("Undo it")
	undone = r.result(Undo, "undo of that plan, while a reader lists", r.Items)
	err = r.meter.measure(ctx, &undone, in.psa, in.listReader(), func() error {
		undo, err := in.changes.Undo(ctx, in.admin, plan.ID)
		if err != nil {
			return err
		}
		return in.done(ctx, undo.ID, r.Items)
	})
	moved(&undone)
	return res, undone, err
}

// moved sets the goals of a move.
func moved(res *Result) {
	res.atLeast("rate", float64(res.Items)/res.Seconds, 10_000, "items/s")
	res.atMost("longest transaction", res.LongestMS, 100, "ms")
	res.atMost("reader's p99", res.ReadP99MS, 50, "ms")
}

// done works on a plan and checks that it touched what it should.
func (in *install) done(ctx context.Context, id mainstay.PlanID, want int) error {
	p, err := in.apply(ctx, id)
	if err == nil && p.Done != want {
		err = fmt.Errorf("the plan touched %d items of %d", p.Done, want)
	}
	return err
}

// confirmAll plans to delete every orphaned organization and confirms it. The
// backup that a large plan needs counts as taken, for it is not what is measured.
func (in *install) confirmAll(ctx context.Context) (mainstay.Plan, error) {
	p, err := in.changes.ProposeDelete(ctx, in.admin, change.Request{Kind: &mainstay.Organization, Query: "sync status: orphaned"})
	if err != nil {
		return p, err
	}
	err = in.store.Write(ctx, func(t *store.Tx) error {
		return t.InsertBackup(ctx, &mainstay.Backup{State: mainstay.BackupVerified, By: in.admin.Name, Created: t.Now(), Verified: t.Now()})
	})
	if err != nil {
		return p, err
	}
	return in.changes.Confirm(ctx, in.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint, Phrase: p.Phrase})
}

// listReader reads the first page of the contacts with their number, as an open
// page does.
func (in *install) listReader() reader {
	return func(ctx context.Context) error {
		return in.store.Read(ctx, func(t *store.Tx) error {
			f, err := t.Filter(ctx, &mainstay.Contact, "sync status: orphaned", 0)
			if err != nil {
				return err
			}
			_, err = t.List(ctx, in.admin, store.ListRequest{Filter: f, Sort: store.ByName, Limit: listLimit})
			return err
		})
	}
}

func (r *runner) result(work, about string, items int) Result {
	database := "sqlite"
	if r.Postgres != "" {
		database = "postgres"
	}
	return Result{Database: database, Work: work, About: about, Items: items}
}
