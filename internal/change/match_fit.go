package change

import (
	"context"

	"mainstay"
	"mainstay/internal/store"
)

// Fit says whether a record can be linked with an item, and else why not.
type Fit struct {
	Record store.Record
	Why    string // why it can't; empty where it can
	// Holder is the item that the record is linked with, live or in the trash,
	// where the actor sees it.
	Holder *mainstay.Item
	// Ended is the ended link of the record; nil where none was.
	Ended *mainstay.Tombstone
	// Waits is the other item that the record waits for. Linking it takes it from
	// that one, so the person has to choose that.
	Waits *mainstay.Item
}

// Fits looks at records that a person may want to link with an item.
func Fits(ctx context.Context, t *store.Tx, a mainstay.Actor, item mainstay.Item, records []store.Record) ([]Fit, error) {
	out := make([]Fit, len(records))
	keys := map[linkSet][]string{}
	for n, r := range records {
		out[n].Record = r
		k := linkSet{r.IntegrationID, r.Kind}
		keys[k] = append(keys[k], r.ExternalID)
	}
	for k, ext := range keys {
		ended, err := t.Tombstones(ctx, k.integration, k.kind, ext)
		if err != nil {
			return nil, err
		}
		for n := range out {
			r := out[n].Record
			if s, ok := ended[r.ExternalID]; ok && (linkSet{r.IntegrationID, r.Kind}) == k {
				out[n].Ended = &s
			}
		}
	}
	var ids []mainstay.ItemID
	for _, f := range out {
		if f.Record.ItemID != 0 {
			ids = append(ids, f.Record.ItemID)
		}
		if f.Ended != nil {
			ids = append(ids, f.Ended.ItemID)
		}
	}
	there, trash, err := anywhere(ctx, t, ids)
	for n := range out {
		out[n].judge(a, item, there, trash)
	}
	return out, err
}

// anywhere returns the live items and those in the trash among ids.
func anywhere(ctx context.Context, t *store.Tx, ids []mainstay.ItemID) (live, trash map[mainstay.ItemID]*mainstay.Item, err error) {
	live, trash = map[mainstay.ItemID]*mainstay.Item{}, map[mainstay.ItemID]*mainstay.Item{}
	for _, from := range []struct {
		read func(context.Context, []mainstay.ItemID) ([]mainstay.Item, error)
		into map[mainstay.ItemID]*mainstay.Item
	}{{t.ItemsByID, live}, {t.TrashedByID, trash}} {
		items, err := from.read(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		for n := range items {
			from.into[items[n].ID] = &items[n]
		}
	}
	return live, trash, nil
}

// judge decides about one record. Names of items that the actor can't open are
// not told.
func (f *Fit) judge(a mainstay.Actor, item mainstay.Item, live, trash map[mainstay.ItemID]*mainstay.Item) {
	if id := f.Record.ItemID; id != 0 {
		if f.Holder = live[id]; f.Holder == nil {
			f.Holder = trash[id]
		}
		f.Why = f.taken(a)
		return
	}
	if f.Ended == nil || f.Ended.ItemID == item.ID {
		return
	}
	other, deleted := live[f.Ended.ItemID], trash[f.Ended.ItemID]
	switch {
	case deleted != nil && a.Sees(deleted.OrganizationID):
		f.Why = "It waits for " + deleted.Name + ", which lies in Trash. Restore that one, or delete it for good first."
	case other == nil && deleted == nil:
		// What it waited for is gone for good.
	case other == nil || !a.Sees(other.OrganizationID):
		f.Why = "It waits for an item that you can't open. Ask an Administrator."
	case f.Ended.Why == mainstay.EndedMerged:
		f.Why = "Its organization was merged into " + other.Name + ", and what it holds syncs into that one. Undo the merge first."
	case other.Sync == mainstay.NotLinked:
		f.Waits = other
	}
}

// taken says that the record has an item, and what to do.
func (f *Fit) taken(a mainstay.Actor) string {
	switch {
	case f.Holder == nil || !a.Sees(f.Holder.OrganizationID):
		f.Holder = nil
		return "It is linked with an item that you can't open. Ask an Administrator."
	case f.Record.Trashed:
		return "It is linked with " + f.Holder.Name + ", which lies in Trash. Restore that one, or delete it for good first."
	case f.Record.Kind == mainstay.Organization.Name:
		return "It is linked with " + f.Holder.Name + ". Merge the two organizations, or disconnect that one first."
	}
	return "It is linked with " + f.Holder.Name + ". Keep that one, or disconnect it first."
}

// MayMatch refuses people who may not link an item. The companies of a PSA belong
// to no organization here, so only people with access to all of them may choose
// among them, and whoever links an organization decides where its contents go.
func MayMatch(a mainstay.Actor, i mainstay.Item) error {
	if err := a.Can(mainstay.SyncItems, i.OrganizationID); err != nil || i.Kind != mainstay.Organization.Name {
		return err
	}
	if err := a.Can(mainstay.PlanChanges, i.ID); err != nil {
		return err
	}
	if !a.All {
		return mainstay.Errorf(mainstay.Forbidden, "Only people with access to all organizations can match one. Ask an Administrator.")
	}
	return nil
}

// Candidates searches the records that an item may be linked with, by words of
// their name or by their id in the PSA: all companies for an organization, and
// for other items the records of the companies of their organization. matchable
// is false where that organization is linked with no company.
func Candidates(ctx context.Context, t *store.Tx, a mainstay.Actor, i mainstay.Item, words string, limit int) (found []Fit, matchable bool, err error) {
	if err := toMatch(a, i); err != nil {
		return nil, false, err
	}
	s := store.RecordSearch{Kind: i.Kind, Words: words, Limit: limit}
	if i.Kind != mainstay.Organization.Name {
		if s.Companies, err = t.CompaniesOf(ctx, i.OrganizationID); err != nil || len(s.Companies) == 0 {
			return nil, false, err
		}
	}
	records, err := t.SearchRecords(ctx, s)
	if err != nil {
		return nil, false, err
	}
	found, err = Fits(ctx, t, a, i, records)
	return found, true, err
}

// toMatch refuses items that can't be linked now, and people who may not.
func toMatch(a mainstay.Actor, i mainstay.Item) error {
	if err := MayMatch(a, i); err != nil {
		return err
	}
	if !i.Spec().Syncs {
		return mainstay.Errorf(mainstay.Invalid, "No PSA has %s.", i.Spec().Plural)
	}
	if i.Sync != mainstay.NotLinked {
		return mainstay.Errorf(mainstay.Conflict, "%s is linked with a PSA record already. Disconnect it first.", i.Name)
	}
	return nil
}
