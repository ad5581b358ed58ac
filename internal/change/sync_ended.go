package change

import (
	"context"

	"mainstay"
)

// loadAliases lets the contents of a company whose organization was merged into
// another go on syncing into that one.
func (w *pageWork) loadAliases(ctx context.Context) error {
	var without []string
	for id, c := range w.companies {
		if c.ItemID == 0 {
			without = append(without, id)
		}
	}
	aliases, err := w.t.Aliases(ctx, w.run.IntegrationID, without)
	for external, item := range aliases {
		c := w.companies[external]
		c.ItemID = item
		w.companies[external] = c
	}
	return err
}

// loadWaiting finds the companies that would sync and wait to be matched again.
func (w *pageWork) loadWaiting(ctx context.Context) error {
	var without []string
	for id, c := range w.companies {
		if c.ItemID == 0 && !c.Inactive && w.run.Settings.Syncs(mainstay.Organization.Name, c.TypeIDs, c.StatusID) {
			without = append(without, id)
		}
	}
	ended, err := w.t.Tombstones(ctx, w.run.IntegrationID, mainstay.Organization.Name, without)
	w.waiting = map[string]bool{}
	for id, s := range ended {
		w.waiting[id] = s.Why != mainstay.EndedMerged
	}
	return err
}

// waitsInside reports whether a record would sync but for its company, which waits.
func (w *pageWork) waitsInside(o *mainstay.Observation) bool {
	return w.waiting[o.CompanyID] && !o.Inactive && w.run.Settings.Syncs(o.Kind, o.TypeIDs, o.StatusID)
}

// loadEnded lets references to a record whose link a person ended go on leading
// to the item that it had.
func (w *pageWork) loadEnded(ctx context.Context, kind mainstay.KindName) error {
	var without []string
	for id, r := range w.targets[kind] {
		if r.ItemID == 0 {
			without = append(without, id)
		}
	}
	ended, err := w.t.Tombstones(ctx, w.run.IntegrationID, kind, without)
	if err != nil || len(ended) == 0 {
		return err
	}
	var ids []mainstay.ItemID
	for _, s := range ended {
		ids = append(ids, s.ItemID)
	}
	live, err := w.t.ItemsByID(ctx, ids)
	there := map[mainstay.ItemID]bool{}
	for _, i := range live {
		there[i.ID] = true
	}
	for id, s := range ended {
		if r := w.targets[kind][id]; there[s.ItemID] {
			r.ItemID = s.ItemID
			w.targets[kind][id] = r
		}
	}
	return err
}

// waitEnded takes the records whose link a person ended out of those that become
// items. They wait to be matched again, with what the PSA says of them now; one
// whose organization was merged stays an alias.
func (w *pageWork) waitEnded(ctx context.Context) error {
	if len(w.fresh) == 0 {
		return nil
	}
	ids := make([]string, len(w.fresh))
	for n, l := range w.fresh {
		ids[n] = l.rec.ExternalID
	}
	ended, err := w.t.Tombstones(ctx, w.run.IntegrationID, w.p.Kind.Name, ids)
	if err != nil || len(ended) == 0 {
		return err
	}
	var fresh []linked
	var seen []mainstay.Tombstone
	for _, l := range w.fresh {
		s, ok := ended[l.rec.ExternalID]
		if !ok {
			fresh = append(fresh, l)
			continue
		}
		if s.Why != mainstay.EndedMerged {
			w.run.Counts.Waiting++
		}
		if s.Seen == nil || s.Seen.Hash != l.rec.Hash {
			s.Seen = w.seen(l)
			seen = append(seen, s)
		}
		// Without its hash the record is looked at anew by each run until it is matched.
		l.rec.Hash, l.rec.Linked = "", 0
		w.records = append(w.records, l.rec)
	}
	w.fresh = fresh
	return w.t.PutTombstones(ctx, seen)
}

// seen is a record in the words of its item.
func (w *pageWork) seen(l linked) *mainstay.SeenRecord {
	n := w.merged(mainstay.Item{Kind: l.rec.Kind, Values: mainstay.Values{}}, l.obs)
	return &mainstay.SeenRecord{Name: n.Name, TypeID: n.TypeID, StatusID: n.StatusID, OrganizationID: n.OrganizationID, Primary: n.Primary, Values: n.Values, Hash: l.rec.Hash}
}

// waitFor makes a new record that equals a disconnected item wait for a person:
// linking it would undo what somebody decided, and a new item would be a double.
func (w *pageWork) waitFor(i *mainstay.Item, l linked) mainstay.Tombstone {
	w.run.Counts.Waiting++
	return mainstay.Tombstone{IntegrationID: w.run.IntegrationID, Kind: l.rec.Kind, ExternalID: l.rec.ExternalID, ItemID: i.ID, Who: w.p.Who, At: w.t.Now(),
		Why: mainstay.EndedHere, Note: "It equals an item that was disconnected.", Sync: mainstay.Syncing, Since: w.t.Now(), Seen: w.seen(l)}
}
