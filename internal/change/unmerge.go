package change

import (
	"context"
	"encoding/json"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// undoMerge plans to take two organizations apart again, as far as both are
// there. It starts at once.
func (c *Changes) undoMerge(ctx context.Context, a mainstay.Actor, old mainstay.Plan) (mainstay.Plan, error) {
	var p mainstay.Plan
	m := old.Params.Merge
	err := c.Store.Write(ctx, func(t *store.Tx) error {
		p = newPlan(t, a, mainstay.ActionUnmerge, old.Kind)
		p.Origin, p.Params = old.ID, old.Params
		if err := stillMerges(ctx, t, a, p); err != nil {
			return err
		}
		after, err := t.Successor(ctx, old.ID)
		if err == nil && after != 0 {
			err = mainstay.Errorf(mainstay.Conflict, "Plan %d took this back already.", after)
		}
		if err != nil {
			return err
		}
		if err := apartable(ctx, t, m); err != nil {
			return err
		}
		if err := t.InsertPlan(ctx, &p); err != nil {
			return err
		}
		if _, err := t.FreezeUnmerge(ctx, p, old.ID); err != nil {
			return err
		}
		if err := c.count(ctx, t, a, &p, store.Filter{}); err != nil {
			return err
		}
		p.Counts.Matched = 1
		return c.startNow(ctx, t, a, &p)
	})
	return p, err
}

// apartable refuses to take apart what is gone.
func apartable(ctx context.Context, t *store.Tx, m *mainstay.MergeParams) error {
	target, err := liveOrganization(ctx, t, m.Target)
	if err != nil {
		return err
	}
	if target == nil {
		return mainstay.Errorf(mainstay.Conflict, "%s isn't there any more. Restore it from Trash first. Nothing was changed.", m.TargetName)
	}
	source, err := anyOrganization(ctx, t, m.Source)
	if err == nil && source == nil {
		err = mainstay.Errorf(mainstay.Conflict, "%s was deleted for good, so nothing can move back into it. Nothing was changed.", m.SourceName)
	}
	return err
}

// anyOrganization reads an organization, live or in the trash; nil for neither.
func anyOrganization(ctx context.Context, t *store.Tx, id mainstay.ItemID) (*mainstay.Item, error) {
	o, err := liveOrganization(ctx, t, id)
	if err != nil || o != nil {
		return o, err
	}
	i, err := t.TrashedItem(ctx, id)
	if mainstay.KindOf(err) == mainstay.NotFound {
		return nil, nil
	}
	return &i, err
}

// unmergeChunk works on a part of taking two organizations apart: the
// organization, and then the contents.
func (c *Changes) unmergeChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) error {
	m := chunk.Plan.Params.Merge
	if chunk.Pass != 0 {
		_, _, err := t.UnmergeChunk(ctx, chunk)
		return err
	}
	target, err := liveOrganization(ctx, t, m.Target)
	if err != nil {
		return err
	}
	source, err := anyOrganization(ctx, t, m.Source)
	if err != nil {
		return err
	}
	text, err := t.BeforeOf(ctx, chunk.Plan.Origin, m.Source)
	if err != nil {
		return err
	}
	outcome := mainstay.OutcomeDone
	switch {
	case source == nil || target == nil:
		outcome = mainstay.OutcomeGone
	case text != "":
		w := parting{t: t, chunk: chunk, source: *source, target: *target}
		if err := json.Unmarshal([]byte(text), &w.b); err != nil {
			return err
		}
		if err := w.do(ctx); err != nil {
			return err
		}
	}
	return c.finishOne(ctx, t, chunk, m.Source, outcome)
}

// parting is the work of taking the source out of the target.
type parting struct {
	t              *store.Tx
	chunk          store.Chunk
	b              mergeBefore
	source, target mainstay.Item // as they are now
	newSource      mainstay.Item
	newTarget      mainstay.Item
	kept           []string // labels of fields that changed since, so they stay
}

func (w *parting) do(ctx context.Context) error {
	w.fields()
	if err := w.links(ctx); err != nil {
		return err
	}
	w.newSource.SettleOnlyHere()
	w.newTarget.SettleOnlyHere()
	w.newSource.Version, w.newTarget.Version, w.newTarget.Updated = w.source.Version+1, w.target.Version+1, w.t.Now()
	if err := w.t.UpdateItems(ctx, []mainstay.Item{w.target}, []*mainstay.Item{&w.newTarget}); err != nil {
		return err
	}
	live, err := liveOrganization(ctx, w.t, w.source.ID)
	if err != nil {
		return err
	}
	if live != nil {
		err = w.t.UpdateItems(ctx, []mainstay.Item{*live}, []*mainstay.Item{&w.newSource})
	} else {
		err = w.t.UntrashOne(ctx, w.newSource)
	}
	if err != nil {
		return err
	}
	if len(w.b.Children) > 0 {
		if _, err := w.t.MoveChildren(ctx, w.target.ID, w.source.ID, w.b.Children); err != nil {
			return err
		}
	}
	if len(w.b.Trash) > 0 {
		if _, err := w.t.MoveTrash(ctx, w.target.ID, w.source.ID, w.b.Trash); err != nil {
			return err
		}
	}
	if len(w.b.Gained) > 0 {
		if err := w.t.Revoke(ctx, w.b.Gained, w.target.ID); err != nil {
			return err
		}
	}
	return w.log(ctx)
}

// fields gives the target back what the merge changed of it, where nobody changed
// it since. What the PSA owns goes with the link, as it is now.
func (w *parting) fields() {
	w.newSource, w.newTarget = w.b.Source, w.target
	w.newTarget.Values = w.target.Values.Clone()
	w.newSource.Values = w.b.Source.Values.Clone()
	back := func(field, label string, now, after, before string, set func(i *mainstay.Item, from *mainstay.Item)) {
		switch {
		case w.b.Link == mainstay.MergeSource && mainstay.MergeOwned(field):
			if now != after {
				set(&w.newSource, &w.target)
			}
			set(&w.newTarget, &w.b.Target)
		case after == before:
		case now == after:
			set(&w.newTarget, &w.b.Target)
		default:
			w.kept = append(w.kept, label)
		}
	}
	now, after, before := &w.target, &w.b.After, &w.b.Target
	back("name", "Name", now.Name, after.Name, before.Name, func(i, from *mainstay.Item) { i.Name = from.Name })
	back("type_id", "Type", number(int64(now.TypeID)), number(int64(after.TypeID)), number(int64(before.TypeID)), func(i, from *mainstay.Item) { i.TypeID = from.TypeID })
	back("status_id", "Status", number(int64(now.StatusID)), number(int64(after.StatusID)), number(int64(before.StatusID)), func(i, from *mainstay.Item) { i.StatusID = from.StatusID })
	for _, f := range mainstay.Organization.Fields {
		back(f.Name, f.Label, now.Values.Text(f.Name), after.Values.Text(f.Name), before.Values.Text(f.Name), func(i, from *mainstay.Item) {
			i.Values.SetText(f.Name, from.Values.Text(f.Name))
		})
	}
	if now.ParentID == after.ParentID {
		w.newTarget.ParentID = before.ParentID
	}
}

// links gives each of the two its link back, as far as the record is free.
func (w *parting) links(ctx context.Context) error {
	if err := w.endedLinks(ctx); err != nil {
		return err
	}
	held, ok, err := w.t.RecordOf(ctx, w.target.ID)
	if err != nil {
		return err
	}
	if w.b.Link != mainstay.MergeSource {
		return w.takeUp(ctx, w.b.SourceRecord, &w.newSource, w.b.Source)
	}
	moved := w.b.SourceRecord
	if !ok || !sameRecord(held, *moved) {
		// Somebody ended or replaced this link since: that stays.
		return w.takeUp(ctx, nil, &w.newSource, w.b.Source)
	}
	if w.target.Sync != w.b.After.Sync || w.target.Reason != w.b.After.Reason {
		w.newSource.Sync, w.newSource.Reason, w.newSource.Since, w.newSource.SyncNote = w.target.Sync, w.target.Reason, w.target.Since, w.target.SyncNote
	}
	held.ItemID = w.source.ID
	if err := w.t.UpsertRecords(ctx, []store.Record{held}); err != nil {
		return err
	}
	return w.takeUp(ctx, w.b.TargetRecord, &w.newTarget, w.b.Target)
}

// takeUp links an organization with its record again, where the record still is
// an alias of the merge. Otherwise it has no link.
func (w *parting) takeUp(ctx context.Context, r *store.Record, n *mainstay.Item, was mainstay.Item) error {
	n.Sync, n.Reason, n.Since, n.SyncNote = was.Sync, was.Reason, was.Since, was.SyncNote
	if was.Sync == mainstay.NotLinked {
		return w.traced(ctx, n)
	}
	free := false
	if r != nil {
		ended, err := w.t.Tombstones(ctx, r.IntegrationID, r.Kind, []string{r.ExternalID})
		if err != nil {
			return err
		}
		s, there := ended[r.ExternalID]
		free = there && s.Why == mainstay.EndedMerged && s.ItemID == w.target.ID
	}
	if !free {
		n.Sync, n.Reason, n.Since, n.SyncNote = mainstay.NotLinked, "", w.t.Now(), ""
		return nil
	}
	known, err := w.t.Records(ctx, r.IntegrationID, r.Kind, []string{r.ExternalID})
	if err != nil {
		return err
	}
	rec, there := known[r.ExternalID]
	if !there {
		rec = *r
	}
	// Without its hash the record is taken over anew by the next sync.
	rec.ItemID, rec.Linked, rec.Hash, rec.InScope = n.ID, r.Linked, "", r.InScope
	if err := w.t.UpsertRecords(ctx, []store.Record{rec}); err != nil {
		return err
	}
	return w.t.DeleteTombstones(ctx, r.IntegrationID, r.Kind, []string{r.ExternalID})
}

// traced makes a disconnected organization an ordinary one where its trace is gone.
func (w *parting) traced(ctx context.Context, n *mainstay.Item) error {
	if n.Reason == "" {
		return nil
	}
	traces, err := w.t.TombstonesOf(ctx, n.ID)
	if err == nil && len(traces) == 0 {
		n.Reason, n.SyncNote = "", ""
	}
	return err
}

// endedLinks lets the links that people ended lead to the source again.
func (w *parting) endedLinks(ctx context.Context) error {
	var back []mainstay.Tombstone
	for _, s := range w.b.Ended {
		now, err := w.t.Tombstones(ctx, s.IntegrationID, s.Kind, []string{s.ExternalID})
		if err != nil {
			return err
		}
		if n, ok := now[s.ExternalID]; ok && n.ItemID == w.target.ID {
			n.ItemID = w.source.ID
			back = append(back, n)
		}
	}
	return w.t.PutTombstones(ctx, back)
}

func sameRecord(a, b store.Record) bool {
	return a.IntegrationID == b.IntegrationID && a.Kind == b.Kind && a.ExternalID == b.ExternalID
}

// VerbSeparated is what the log says of two organizations whose merge was undone.
const VerbSeparated = "separated"

func (w *parting) log(ctx context.Context) error {
	back, stays := itemEntry(w.t, w.chunk.Actor, VerbSeparated, &w.newSource), itemEntry(w.t, w.chunk.Actor, VerbSeparated, &w.newTarget)
	back.PlanID, stays.PlanID = w.chunk.Plan.ID, w.chunk.Plan.ID
	back.Detail, stays.Detail = "From "+w.newTarget.Name+", and is back", "From "+w.newSource.Name+", which was merged into it"
	stays.Changes = Diff(&w.target, &w.newTarget)
	if len(w.kept) > 0 {
		stays.Detail += ". Changed since the merge, so kept: " + strings.Join(w.kept, ", ")
	}
	return w.t.InsertActivity(ctx, []mainstay.Activity{back, stays})
}
