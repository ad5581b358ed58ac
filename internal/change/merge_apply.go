package change

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/store"
)

// mergeBefore is what the line of a merged organization keeps, for the undo.
type mergeBefore struct {
	Source mainstay.Item `json:"source"`
	Target mainstay.Item `json:"target"`
	After  mainstay.Item `json:"after"` // the target once the source was in it
	// SourceRecord and TargetRecord are the links that the two had.
	SourceRecord *store.Record        `json:"source_record,omitempty"`
	TargetRecord *store.Record        `json:"target_record,omitempty"`
	Link         mainstay.MergeSide   `json:"link,omitempty"` // the one that stayed
	Ended        []mainstay.Tombstone `json:"ended,omitempty"`
	Children     []mainstay.ItemID    `json:"children,omitempty"`
	Trash        []mainstay.ItemID    `json:"trash,omitempty"`
	Gained       []mainstay.UserID    `json:"gained,omitempty"`
}

// mergeChunk works on a part of a merge: the contents, and then the organization.
func (c *Changes) mergeChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) error {
	m := chunk.Plan.Params.Merge
	target, err := liveOrganization(ctx, t, m.Target)
	if err != nil {
		return err
	}
	if chunk.Pass == 0 {
		_, _, err := t.MergeChunk(ctx, chunk, chunk.Plan.PurgeAfter)
		return err
	}
	source, err := liveOrganization(ctx, t, m.Source)
	if err != nil {
		return err
	}
	outcome := mainstay.OutcomeGone
	if source == nil || target == nil {
		return c.finishOne(ctx, t, chunk, m.Source, outcome)
	}
	if outcome, err = c.mergeOrganization(ctx, t, chunk, *source, *target); err != nil {
		return err
	}
	return c.finishOne(ctx, t, chunk, m.Source, outcome)
}

// finishOne gives the only line of a chunk its outcome.
func (c *Changes) finishOne(ctx context.Context, t *store.Tx, chunk store.Chunk, id mainstay.ItemID, outcome mainstay.Outcome) error {
	if err := t.PutOutcomes(ctx, chunk.Plan.ID, map[mainstay.Outcome][]mainstay.ItemID{outcome: {id}}); err != nil {
		return err
	}
	_, _, err := t.FinishChunk(ctx, chunk)
	return err
}

// liveOrganization reads and locks an organization; nil where it is not live.
func liveOrganization(ctx context.Context, t *store.Tx, id mainstay.ItemID) (*mainstay.Item, error) {
	o, err := t.LockItem(ctx, mainstay.Ref{Kind: mainstay.Organization.Name, ID: id})
	if mainstay.KindOf(err) == mainstay.NotFound {
		return nil, nil
	}
	return &o, err
}

// mergeOrganization lets the target take over what the source was, and moves the
// source to the trash. It leaves both alone where something inside stays.
func (c *Changes) mergeOrganization(ctx context.Context, t *store.Tx, chunk store.Chunk, source, target mainstay.Item) (mainstay.Outcome, error) {
	m := chunk.Plan.Params.Merge
	if _, err := t.AdoptRest(ctx, chunk); err != nil {
		return "", err
	}
	kept, err := t.Protections(ctx, []mainstay.ItemID{source.ID})
	if err != nil {
		return "", err
	}
	rest, err := t.CountIn(ctx, source.ID)
	if p := kept[source.ID]; err != nil || len(rest) > 0 || p.Active(t.Now()) {
		return mainstay.OutcomeKept, err
	}
	b := mergeBefore{Source: source, Target: target, Link: mainstay.MergeLink(&source, &target, m.SourceLink)}
	if b.Ended, err = t.TombstonesOf(ctx, source.ID); err != nil {
		return "", err
	}
	if b.Children, err = t.MoveChildren(ctx, source.ID, target.ID, nil); err != nil {
		return "", err
	}
	if b.Trash, err = t.MoveTrash(ctx, source.ID, target.ID, nil); err != nil {
		return "", err
	}
	b.After = m.Merge(&source, &target)
	b.After.Version, b.After.Updated = target.Version+1, t.Now()
	if err := t.UpdateItems(ctx, []mainstay.Item{target}, []*mainstay.Item{&b.After}); err != nil {
		return "", err
	}
	if err := c.mergeLinks(ctx, t, chunk, &b); err != nil {
		return "", err
	}
	if err := c.mergeAccess(ctx, t, m, &b); err != nil {
		return "", err
	}
	if err := t.TrashOne(ctx, chunk, source, withoutLink(source), chunk.Plan.PurgeAfter); err != nil {
		return "", err
	}
	if err := c.mergeLog(ctx, t, chunk, &b); err != nil {
		return "", err
	}
	text, err := json.Marshal(b)
	if err != nil {
		return "", err
	}
	return mainstay.OutcomeDone, t.PutBefore(ctx, chunk.Plan.ID, map[mainstay.ItemID]string{source.ID: string(text)})
}

// withoutLink is an organization without the link that it had, as it lies in the trash.
func withoutLink(o mainstay.Item) mainstay.Item {
	o.Sync, o.Reason, o.SyncNote = mainstay.NotLinked, "", ""
	o.Version++
	o.SettleOnlyHere()
	return o
}

// mergeLinks keeps one link and lets the other record lead to the target as well:
// what the PSA holds of that company goes on syncing into it. Links of the source
// that people ended lead to the target too.
func (c *Changes) mergeLinks(ctx context.Context, t *store.Tx, chunk store.Chunk, b *mergeBefore) error {
	for o, r := range map[mainstay.ItemID]**store.Record{b.Source.ID: &b.SourceRecord, b.Target.ID: &b.TargetRecord} {
		rec, ok, err := t.RecordOf(ctx, o)
		if err != nil {
			return err
		}
		if ok {
			*r = &rec
		}
	}
	if err := t.PutTombstones(ctx, leading(b.Ended, b.Target.ID)); err != nil {
		return err
	}
	stays, ends, was := b.TargetRecord, b.SourceRecord, b.Source
	if b.Link == mainstay.MergeSource {
		stays, ends, was = b.SourceRecord, b.TargetRecord, b.Target
	}
	if ends != nil {
		free := *ends
		free.ItemID, free.Hash, free.Linked = 0, "", 0
		if err := t.UpsertRecords(ctx, []store.Record{free}); err != nil {
			return err
		}
		alias := mainstay.Tombstone{IntegrationID: ends.IntegrationID, Kind: ends.Kind, ExternalID: ends.ExternalID, ItemID: b.Target.ID, PlanID: chunk.Plan.ID,
			Who: chunk.Actor.Name, At: t.Now(), Why: mainstay.EndedMerged, Sync: was.Sync, Reason: was.Reason, Since: was.Since, SyncNote: was.SyncNote, Linked: ends.Linked}
		if err := t.PutTombstones(ctx, []mainstay.Tombstone{alias}); err != nil {
			return err
		}
	}
	if b.Link != mainstay.MergeSource {
		return nil
	}
	link := *stays
	link.ItemID = b.Target.ID
	return t.UpsertRecords(ctx, []store.Record{link})
}

// leading are ended links that lead to another item.
func leading(all []mainstay.Tombstone, to mainstay.ItemID) []mainstay.Tombstone {
	out := make([]mainstay.Tombstone, len(all))
	for n, s := range all {
		s.ItemID = to
		out[n] = s
	}
	return out
}

// mergeAccess lets people who could open the source only open the target, where
// the person who planned it chose that.
func (c *Changes) mergeAccess(ctx context.Context, t *store.Tx, m *mainstay.MergeParams, b *mergeBefore) error {
	if !m.Grant {
		return nil
	}
	people, err := t.OnlyIn(ctx, m.Source, m.Target)
	if err != nil {
		return err
	}
	for _, u := range people {
		b.Gained = append(b.Gained, u.ID)
	}
	return t.Grant(ctx, b.Gained, m.Target)
}

// mergeLog writes down what became of the two. An orphan that takes its state
// along keeps the run that found it.
func (c *Changes) mergeLog(ctx context.Context, t *store.Tx, chunk store.Chunk, b *mergeBefore) error {
	gone, stays := itemEntry(t, chunk.Actor, "merged", &b.Source), itemEntry(t, chunk.Actor, "merged", &b.After)
	gone.PlanID, stays.PlanID = chunk.Plan.ID, chunk.Plan.ID
	gone.Detail, stays.Detail = "Into "+b.Target.Name, "With "+b.Source.Name+", which is in Trash now"
	if stays.Name = b.Target.Name; b.After.Name != b.Target.Name {
		stays.Detail += ". Its name is " + b.After.Name + " since"
	}
	stays.Changes = Diff(&b.Target, &b.After)
	log := []mainstay.Activity{gone, stays}
	if b.Link == mainstay.MergeSource && b.Source.Sync == mainstay.Orphaned {
		run, err := t.OrphanedBy(ctx, b.Source.ID)
		if err != nil {
			return err
		}
		known, err := t.OrphanedBy(ctx, b.Target.ID)
		if err != nil {
			return err
		}
		if run != 0 && known == 0 {
			e := itemEntry(t, chunk.Actor, "orphaned", &b.After)
			if e.RunID, e.Detail = run, "Before the merge"; e.Name != b.Source.Name {
				e.Detail += ", as " + b.Source.Name
			}
			log = append(log, e)
		}
	}
	return t.InsertActivity(ctx, log)
}
