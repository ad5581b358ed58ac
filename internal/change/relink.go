package change

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/store"
)

// relinked is what a line keeps of its item that got its link back, or lost it
// again with an undo of that.
type relinked struct {
	Was mainstay.Item `json:"was"`
	// Ended is the ended link that was taken up, and InScope whether its record
	// waited to be matched; nil in a line that ended it again.
	Ended   *mainstay.Tombstone `json:"ended,omitempty"`
	InScope bool                `json:"in_scope,omitempty"`
}

// relinks are the lines of a plan's origin that say what items were, for a chunk.
func relinks(ctx context.Context, t *store.Tx, chunk store.Chunk) (map[mainstay.ItemID]relinked, error) {
	texts, err := t.OriginBefore(ctx, chunk)
	if err != nil {
		return nil, err
	}
	out := make(map[mainstay.ItemID]relinked, len(texts))
	for id, text := range texts {
		var b relinked
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			return nil, err
		}
		out[id] = b
	}
	return out, nil
}

// putRelinks keeps in the lines of a plan what their items were.
func putRelinks(ctx context.Context, t *store.Tx, id mainstay.PlanID, lines map[mainstay.ItemID]relinked) error {
	before := make(map[mainstay.ItemID]string, len(lines))
	for item, l := range lines {
		text, err := json.Marshal(l)
		if err != nil {
			return err
		}
		before[item] = string(text)
	}
	return t.PutBefore(ctx, id, before)
}

// disconnectChunk ends the links of a chunk. Where that takes back a plan that
// took links up, items and ended links become what they were before it.
func (c *Changes) disconnectChunk(ctx context.Context, t *store.Tx, chunk store.Chunk) error {
	if chunk.Plan.Origin == 0 {
		_, _, err := t.DisconnectChunk(ctx, chunk)
		return err
	}
	if err := t.MarkLinked(ctx, chunk); err != nil {
		return err
	}
	lines, err := relinks(ctx, t, chunk)
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		_, _, err := t.DisconnectChunk(ctx, chunk)
		return err
	}
	return c.unlinkChunk(ctx, t, chunk, lines)
}

// unlinkChunk gives the items of a chunk back what they were before their links
// were taken up. An item that has another link by now is left alone.
func (c *Changes) unlinkChunk(ctx context.Context, t *store.Tx, chunk store.Chunk, lines map[mainstay.ItemID]relinked) error {
	ids := keysOf(lines)
	records, err := t.RecordsOf(ctx, ids)
	if err != nil {
		return err
	}
	other := map[mainstay.ItemID]bool{}
	for _, id := range ids {
		other[id] = true
	}
	var ended []mainstay.Tombstone
	for n, r := range records {
		s := lines[r.ItemID].Ended
		if s == nil || r.IntegrationID != s.IntegrationID || r.Kind != s.Kind || r.ExternalID != s.ExternalID {
			continue
		}
		delete(other, r.ItemID)
		ended = append(ended, *s)
		records[n].ItemID, records[n].Linked, records[n].Hash, records[n].InScope = 0, 0, "", lines[r.ItemID].InScope
	}
	if err := t.PutOutcomes(ctx, chunk.Plan.ID, map[mainstay.Outcome][]mainstay.ItemID{mainstay.OutcomeNoMatch: keysOf(other)}); err != nil {
		return err
	}
	if err := t.UpsertRecords(ctx, unlinked(records)); err != nil {
		return err
	}
	if err := t.PutTombstones(ctx, ended); err != nil {
		return err
	}
	was := make(map[mainstay.ItemID]mainstay.Item, len(ended))
	for _, s := range ended {
		was[s.ItemID] = lines[s.ItemID].Was
	}
	return c.giveBack(ctx, t, chunk, was)
}

// unlinked are the records of a list that lead to no item.
func unlinked(records []store.Record) []store.Record {
	var out []store.Record
	for _, r := range records {
		if r.ItemID == 0 {
			out = append(out, r)
		}
	}
	return out
}

func keysOf[V any](m map[mainstay.ItemID]V) []mainstay.ItemID {
	ids := make([]mainstay.ItemID, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	return ids
}

// giveBack makes items what they were, keeps in the lines what they are, and
// finishes the chunk.
func (c *Changes) giveBack(ctx context.Context, t *store.Tx, chunk store.Chunk, was map[mainstay.ItemID]mainstay.Item) error {
	items, err := t.ItemsByID(ctx, keysOf(was))
	if err != nil {
		return err
	}
	p, err := placesOf(ctx, t, was)
	if err != nil {
		return err
	}
	after := make([]*mainstay.Item, len(items))
	log := make([]mainstay.Activity, len(items))
	keep := make(map[mainstay.ItemID]relinked, len(items))
	for n, i := range items {
		back := p.asBefore(t.Now(), chunk.Actor, i, was[i.ID])
		after[n], keep[i.ID] = &back, relinked{Was: i}
		log[n] = itemEntry(t, chunk.Actor, "disconnected", &back)
		log[n].PlanID, log[n].Changes, log[n].Detail = chunk.Plan.ID, Diff(&items[n], &back), "As before it was reconnected"
	}
	if err := putRelinks(ctx, t, chunk.Plan.ID, keep); err != nil {
		return err
	}
	if err := t.UpdateItems(ctx, items, after); err != nil {
		return err
	}
	if err := t.InsertActivity(ctx, log); err != nil {
		return err
	}
	_, _, err = t.FinishChunk(ctx, chunk)
	return err
}

// places tell what an item can be given back: what it named and is gone since
// stays away.
type places struct {
	live, trash map[mainstay.ItemID]*mainstay.Item
	ended       map[mainstay.ItemID]bool // a trace of a link is left
}

// placesOf looks up what some items named once, by the ids that they have now.
func placesOf(ctx context.Context, t *store.Tx, was map[mainstay.ItemID]mainstay.Item) (places, error) {
	p := places{ended: map[mainstay.ItemID]bool{}}
	named := map[mainstay.ItemID]bool{}
	for _, w := range was {
		named[w.ParentID], named[w.OrganizationID] = true, true
	}
	left, err := t.TombstonesOfItems(ctx, keysOf(was))
	if err != nil {
		return p, err
	}
	for _, s := range left {
		p.ended[s.ItemID] = true
	}
	p.live, p.trash, err = anywhere(ctx, t, keysOf(named))
	return p, err
}

// asBefore is an item with the state and the PSA's fields that it had once. While
// it was linked only the PSA wrote these fields.
func (p places) asBefore(now mainstay.Time, a mainstay.Actor, i, was mainstay.Item) mainstay.Item {
	n := i
	n.Values = i.Values.Clone()
	for _, f := range i.Spec().Fields {
		if v := was.Values[f.Name]; f.Synced && v.Empty() {
			delete(n.Values, f.Name)
		} else if f.Synced {
			n.Values[f.Name] = v
		}
	}
	n.Name, n.TypeID, n.StatusID = was.Name, was.TypeID, was.StatusID
	if i.Kind == mainstay.Location.Name {
		n.Primary = was.Primary // that of an organization is a person's
	}
	n.Sync, n.Reason, n.Since, n.SyncNote = was.Sync, was.Reason, was.Since, was.SyncNote
	n.Version, n.Updated = i.Version+1, now
	if n.ParentID = was.ParentID; p.live[was.ParentID] == nil && p.trash[was.ParentID] == nil {
		n.ParentID = 0
	}
	if i.Kind != mainstay.Organization.Name && p.live[was.OrganizationID] != nil && a.Sees(was.OrganizationID) {
		n.OrganizationID = was.OrganizationID
	}
	if n.Disconnected() && !p.ended[i.ID] {
		n.Reason, n.SyncNote = "", ""
	}
	n.SettleOnlyHere()
	return n
}

// homes are the live organizations in which a sync last saw ended records, as far
// as the actor sees them. An item whose link is taken up goes there; one whose
// organization was merged or deleted since stays where it lies.
type homes map[mainstay.ItemID]bool

func homesOf(ctx context.Context, t *store.Tx, a mainstay.Actor, ended map[mainstay.ItemID]mainstay.Tombstone) (homes, error) {
	named := map[mainstay.ItemID]bool{}
	for _, s := range ended {
		if s.Seen != nil && s.Seen.OrganizationID != 0 && a.Sees(s.Seen.OrganizationID) {
			named[s.Seen.OrganizationID] = true
		}
	}
	live, err := t.ItemsByID(ctx, keysOf(named))
	out := homes{}
	for _, o := range live {
		out[o.ID] = true
	}
	return out, err
}
