package change_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/change"
	"mainstay/internal/store"
)

// apart lists the pairs that were told apart as "a b who".
func (w *world) apart() []string {
	w.Helper()
	var out []string
	w.read(func(t *store.Tx) error {
		p, err := t.Duplicates(w.ctx, w.admin, store.DuplicateRequest{Dismissed: true, Limit: 100})
		for _, r := range p.Rows {
			out = append(out, fmt.Sprint(r.A, " ", r.B, " ", r.Told.Who))
		}
		return err
	})
	return out
}

// said is what the log of an organization says of others, the oldest first.
func (w *world) said(id mainstay.ItemID) []string {
	w.Helper()
	var out []string
	w.read(func(t *store.Tx) error {
		entries, err := t.ActivityPage(w.ctx, w.admin, store.ActivityFilter{ItemID: id, Limit: 100})
		for _, e := range slices.Backward(entries) {
			if e.Verb == "orphaned" {
				continue // before the test began
			}
			c := e.Changes[change.FieldApart]
			out = append(out, fmt.Sprintf("%s %s %s: %q to %q%s", e.Who, e.Verb, e.Name, c.Before, c.After, e.Detail))
		}
		return err
	})
	return out
}

func TestMarkNotSame(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(3)
		pair := fmt.Sprint(ids[0], " ", ids[2], " Dana")
		for _, order := range [][2]mainstay.ItemID{{ids[2], ids[0]}, {ids[0], ids[2]}} {
			w.must(w.changes.MarkNotSame(w.ctx, w.admin, order[0], order[1]))
			if diff := cmp.Diff([]string{pair}, w.apart()); diff != "" {
				w.Errorf("told apart (-want +got):\n%s", diff)
			}
		}
		for range 2 {
			w.must(w.changes.LookAgain(w.ctx, w.admin, ids[2], ids[0]))
			if got := w.apart(); len(got) != 0 {
				w.Errorf("still told apart: %v", got)
			}
		}
		for n, other := range []mainstay.ItemID{ids[2], ids[0]} {
			id, name := []mainstay.ItemID{ids[0], ids[2]}[n], []string{"Org 00000", "Org 00002"}[n]
			want := []string{fmt.Sprintf("Dana ruled out a duplicate of %s: \"\" to %q", name, fmt.Sprint(other)), fmt.Sprintf("Dana reopened a duplicate of %s: %q to \"\"", name, fmt.Sprint(other))}
			if diff := cmp.Diff(want, w.said(id)); diff != "" {
				w.Errorf("the log of %s, in which doing it again says nothing (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestMarkNotSame_refuses(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(2)
		var contact mainstay.Item
		w.read(func(t *store.Tx) error {
			in, err := t.RecentIn(w.ctx, ids[0], 1)
			contact = in[0]
			return err
		})
		may := func(role mainstay.Role, seen ...mainstay.ItemID) mainstay.Actor {
			a := mainstay.Actor{UserID: 9, Name: "Max", Role: role, All: seen == nil, Organizations: map[mainstay.ItemID]bool{}}
			for _, id := range seen {
				a.Organizations[id] = true
			}
			return a
		}
		for name, c := range map[string]struct {
			actor mainstay.Actor
			a, b  mainstay.ItemID
			want  mainstay.ErrorKind
		}{
			"nobody":            {mainstay.Actor{}, ids[0], ids[1], mainstay.Unauthorized},
			"an editor":         {may(mainstay.Editor), ids[0], ids[1], mainstay.Forbidden},
			"a reader":          {may(mainstay.ReadOnly), ids[0], ids[1], mainstay.Forbidden},
			"who sees one":      {may(mainstay.Manager, ids[0]), ids[0], ids[1], mainstay.NotFound},
			"who sees other":    {may(mainstay.Manager, ids[1]), ids[0], ids[1], mainstay.NotFound},
			"the same twice":    {w.admin, ids[0], ids[0], mainstay.Invalid},
			"one that is gone":  {w.admin, ids[0], 999_999, mainstay.NotFound},
			"no organization":   {w.admin, ids[0], contact.ID, mainstay.NotFound},
			"a number below 1":  {w.admin, 0, ids[0], mainstay.NotFound},
			"a Manager of both": {may(mainstay.Manager, ids[0], ids[1]), ids[0], ids[1], ""},
		} {
			for verb, do := range map[string]func() error{
				"telling apart":   func() error { return w.changes.MarkNotSame(w.ctx, c.actor, c.a, c.b) },
				"looking at them": func() error { return w.changes.LookAgain(w.ctx, c.actor, c.a, c.b) },
			} {
				if err := do(); mainstay.KindOf(err) != c.want {
					w.Errorf("%s, %s: %v, want %q", name, verb, err, c.want)
				}
				if got := w.apart(); c.want != "" && len(got) != 0 {
					w.Fatalf("%s, %s: %v was kept", name, verb, got)
				}
			}
			w.must(w.changes.LookAgain(w.ctx, w.admin, ids[0], ids[1]))
		}
	})
}

// Many people at once tell the same two apart once.
func TestMarkNotSame_atOnce(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(2)
		var wait sync.WaitGroup
		errs := make([]error, 8)
		for n := range errs {
			wait.Go(func() { errs[n] = w.changes.MarkNotSame(w.ctx, w.admin, ids[n%2], ids[1-n%2]) })
		}
		wait.Wait()
		for _, err := range errs {
			w.must(err)
		}
		if len(w.apart()) != 1 || len(w.said(ids[0])) != 1 || len(w.said(ids[1])) != 1 {
			w.Errorf("kept %v, logged %v and %v", w.apart(), w.said(ids[0]), w.said(ids[1]))
		}
	})
}

// What was said of an organization waits while it lies in the trash, and ends
// with it.
func TestMarkNotSame_endsWithThePurge(t *testing.T) {
	each(t, func(w *world) {
		ids := w.orphans(4)
		w.must(w.changes.MarkNotSame(w.ctx, w.admin, ids[1], ids[2]))
		w.must(w.changes.MarkNotSame(w.ctx, w.admin, ids[0], ids[1]))
		w.must(w.changes.MarkNotSame(w.ctx, w.admin, ids[2], ids[3]))
		all := w.apart()
		p, err := w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids[1:2]})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		w.must(w.run(p.ID, "a"))
		if got := w.apart(); len(got) != 1 {
			w.Fatalf("with one in the trash %v are shown", got)
		}
		undo, err := w.changes.Undo(w.ctx, w.admin, p.ID)
		w.must(err)
		w.must(w.run(undo.ID, "b"))
		if diff := cmp.Diff(all, w.apart()); diff != "" {
			w.Fatalf("after the undo (-before +after):\n%s", diff)
		}
		p, err = w.changes.ProposeDelete(w.ctx, w.admin, change.Request{Kind: &mainstay.Organization, IDs: ids[1:2]})
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, p.ID, change.Proof{Fingerprint: p.Fingerprint})
		w.must(err)
		w.must(w.run(p.ID, "c"))
		purge, err := w.changes.ProposePurge(w.ctx, w.admin, p.ID, nil)
		w.must(err)
		_, err = w.changes.Confirm(w.ctx, w.admin, purge.ID, change.Proof{Fingerprint: purge.Fingerprint, Phrase: purge.Phrase})
		w.must(err)
		w.must(w.run(purge.ID, "d"))
		kept := 0
		w.read(func(t *store.Tx) error { return t.QueryRow(w.ctx, "SELECT count(*) FROM not_duplicate").Scan(&kept) })
		if kept != 1 || len(w.apart()) != 1 {
			w.Errorf("%d pairs are kept after the purge, want the one without it: %v", kept, w.apart())
		}
	})
}
