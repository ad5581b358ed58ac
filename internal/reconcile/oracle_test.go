package reconcile_test

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/connect/connectwise/simulator"
	"mainstay/internal/store"
	"mainstay/internal/storetest"
)

// The oracle: what an installation should hold, told from the rows of the PSA
// and the settings alone, in a few lines that know nothing of the engine.

// synced is what matters of one record, by "kind id".
type synced map[string]string

func key(kind mainstay.KindName, id int64) string { return string(kind) + " " + fmt.Sprint(id) }

func refID(r *simulator.Ref) int64 {
	if r == nil {
		return 0
	}
	return r.ID
}

// should lists the records that sync, with what their items show.
func (w *world) should(s mainstay.Settings) synced {
	out := synced{}
	in := map[int64]bool{}
	for _, id := range w.psa.IDs(simulator.Companies) {
		c, _ := w.psa.Company(id)
		in[id] = !c.DeletedFlag && ticked(s.Organizations, c.Types, refID(c.Status))
		if in[id] {
			out[key("organization", id)] = strings.Join([]string{c.Name, c.PhoneNumber, c.Website}, "|")
		}
	}
	for _, id := range w.psa.IDs(simulator.Contacts) {
		k, _ := w.psa.Contact(id)
		if s.Contacts && in[refID(k.Company)] && !k.InactiveFlag {
			out[key("contact", id)] = fmt.Sprintf("%s|%s|%s in %d", k.FirstName, k.LastName, k.Title, refID(k.Company))
		}
	}
	for _, id := range w.psa.IDs(simulator.Sites) {
		k, _ := w.psa.Site(id)
		if s.Locations && in[refID(k.Company)] && !k.InactiveFlag {
			out[key("location", id)] = fmt.Sprintf("%s|%s in %d", k.Name, k.City, refID(k.Company))
		}
	}
	for _, id := range w.psa.IDs(simulator.Configurations) {
		k, _ := w.psa.Configuration(id)
		status, _ := w.psa.Label(simulator.ConfigurationStatuses, refID(k.Status))
		if in[refID(k.Company)] && k.ActiveFlag && !status.ClosedFlag && ticked(s.Configurations, []simulator.Ref{{ID: refID(k.Type)}}, refID(k.Status)) {
			out[key("configuration", id)] = fmt.Sprintf("%s|%s in %d", k.Name, k.SerialNumber, refID(k.Company))
		}
	}
	return out
}

func ticked(pairs map[mainstay.Pair]bool, types []simulator.Ref, status int64) bool {
	if len(types) == 0 {
		return pairs[mainstay.Pair{Status: fmt.Sprint(status)}]
	}
	for _, t := range types {
		if pairs[mainstay.Pair{Type: fmt.Sprint(t.ID), Status: fmt.Sprint(status)}] {
			return true
		}
	}
	return false
}

// holding is what the installation shows of its linked items, by record.
type holding struct {
	shown  synced
	states map[string]mainstay.SyncState // "trash" for an item in the trash
	notes  map[string]string             // what people wrote on organizations
}

func (w *world) holds() holding {
	w.Helper()
	h := holding{synced{}, map[string]mainstay.SyncState{}, map[string]string{}}
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		links, company, err := w.links(t)
		if err != nil {
			return err
		}
		var ids []mainstay.ItemID
		for id := range links {
			ids = append(ids, id)
		}
		items, err := t.ItemsByID(w.ctx, ids)
		for _, i := range items {
			k, v := links[i.ID], i.Values
			h.states[k], h.notes[k] = i.Sync, v.Text("quick_notes")
			in := " in " + company[i.OrganizationID]
			switch i.Kind {
			case "organization":
				h.shown[k] = strings.Join([]string{i.Name, v.Text("phone"), v.Text("website")}, "|")
			case "contact":
				h.shown[k] = strings.Join([]string{v.Text("first_name"), v.Text("last_name"), v.Text("title")}, "|") + in
			case "location":
				h.shown[k] = i.Name + "|" + v.Text("city") + in
			case "configuration":
				h.shown[k] = i.Name + "|" + v.Text("serial_number") + in
			}
		}
		for _, k := range links {
			if h.states[k] == "" {
				h.states[k] = "trash"
			}
		}
		return err
	}))
	return h
}

// links returns the record of each linked item, and of each organization the id in the PSA.
func (w *world) links(t *store.Tx) (links, company map[mainstay.ItemID]string, err error) {
	rows, err := t.Query(w.ctx, "SELECT item_id, kind, external_id FROM psa_record WHERE item_id IS NOT NULL ORDER BY item_id")
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	links, company = map[mainstay.ItemID]string{}, map[mainstay.ItemID]string{}
	for rows.Next() {
		var id mainstay.ItemID
		var kind, external string
		if err := rows.Scan(&id, &kind, &external); err != nil {
			return nil, nil, err
		}
		links[id] = kind + " " + external
		if kind == "organization" {
			company[id] = external
		}
	}
	return links, company, rows.Err()
}

// leaveOut drops the records of companies whose organization lies in the trash.
func (s synced) leaveOut(h holding) {
	for k, shown := range s {
		if at := strings.LastIndex(shown, " in "); at >= 0 && h.states["organization "+shown[at+4:]] == "trash" {
			delete(s, k)
		}
	}
}

// agrees checks that the installation holds what the oracle says: every record
// that should sync does, with its present content, and no other does. Items in
// the trash, records of a company whose organization lies there, and items that a
// person switched off stay out of it.
func (w *world) agrees(where string) {
	w.Helper()
	want, h := w.should(w.integration().Settings), w.holds()
	got := synced{}
	for k, state := range h.states {
		switch state {
		case mainstay.Syncing, mainstay.SyncError:
			got[k] = h.shown[k]
		case "trash", mainstay.SyncDisabled:
			delete(want, k)
		}
	}
	want.leaveOut(h)
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("%s: the items are not what the PSA holds (-want +got):\n%s", where, diff)
	}
	w.sound(where)
}

// sound checks the invariants.
func (w *world) sound(where string) {
	w.Helper()
	before := w.Failed()
	storetest.Invariants(w, w.store)
	if n := len(w.psa.Writes()); n != 0 {
		w.Errorf("V5: %d clients wrote to the PSA", n)
	}
	if !before && w.Failed() {
		w.Errorf("%s: an invariant is broken", where)
	}
}

// linked returns the item of a record, and fails where there is none.
func (w *world) linked(kind mainstay.KindName, id int64) mainstay.Item {
	w.Helper()
	var i mainstay.Item
	w.must(w.store.Read(w.ctx, func(t *store.Tx) error {
		ext := strconv.FormatInt(id, 10)
		records, err := t.Records(w.ctx, w.id, kind, []string{ext})
		if err != nil {
			return err
		}
		i, err = t.Item(w.ctx, mainstay.Ref{Kind: kind, ID: records[ext].ItemID})
		if err != nil {
			return fmt.Errorf("%s %d: %w", kind, id, err)
		}
		return nil
	}))
	return i
}
