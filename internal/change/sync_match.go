package change

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// match is what an item that was here already has to do with a new record.
type match struct {
	item      *mainstay.Item
	ambiguous string // why no choice was made
}

// matchKey is what must be equal, folded for case and spacing, for a record and
// an item of the same organization to be the same thing: the rules of
// original-behaviour.md section 3.3. Empty means that there is nothing to compare.
func matchKey(kind mainstay.KindName, name string, typeID mainstay.LabelID, v mainstay.Values) string {
	var parts []string
	switch kind {
	case mainstay.Organization.Name:
		parts = []string{name}
	case mainstay.Contact.Name:
		parts = []string{v.Text("first_name"), v.Text("last_name")}
	case mainstay.Configuration.Name:
		parts = []string{name, number(int64(typeID)), v.Text("serial_number"), v.Text("mac_address")}
	case mainstay.Location.Name:
		parts = []string{name, v.Text("address_1"), v.Text("address_2"), v.Text("city"), v.Text("region"), v.Text("country")}
	}
	for n := range parts {
		parts[n] = mainstay.SearchKey(parts[n])
	}
	if strings.Join(parts, "") == "" {
		return ""
	}
	return strings.Join(parts, "\x1f")
}

// match finds, for the records in scope without an item, the one unlinked item
// that equals it. A record whose old item a person let go of has none.
func (w *pageWork) match(ctx context.Context) (map[string]match, error) {
	out := map[string]match{}
	if len(w.fresh) == 0 {
		return out, nil
	}
	items, err := w.matchable(ctx)
	if err != nil || len(items) == 0 {
		return out, err
	}
	type place struct {
		organization mainstay.ItemID
		key          string
	}
	here := map[place][]*mainstay.Item{}
	for n := range items {
		i := &items[n]
		p := place{i.OrganizationID, matchKey(i.Kind, i.Name, i.TypeID, i.Values)}
		if i.Kind == mainstay.Organization.Name {
			p.organization = 0
		}
		here[p] = append(here[p], i)
	}
	there := map[place][]string{}
	for _, l := range w.fresh {
		if w.known[l.rec.ExternalID].Hash == store.HashAnew {
			continue
		}
		p := place{w.companies[l.obs.CompanyID].ItemID, matchKey(l.rec.Kind, l.obs.Name, w.typeOf(l.obs), l.obs.Values)}
		if p.key != "" {
			there[p] = append(there[p], l.rec.ExternalID)
		}
	}
	for p, ids := range there {
		found := here[p]
		switch {
		case len(found) == 1 && len(ids) == 1:
			out[ids[0]] = match{item: found[0]}
		case len(found) > 0:
			why := fmt.Sprintf("%s here and %s in the PSA look the same, so none was linked. Rename or delete all but one here, then sync again.",
				w.p.Kind.Count(len(found)), records(len(ids)))
			for _, id := range ids {
				out[id] = match{ambiguous: why}
			}
		}
	}
	return out, nil
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return mainstay.Thousands(n) + " records"
}

// matchable returns the unlinked items that the page's new records could be.
func (w *pageWork) matchable(ctx context.Context) ([]mainstay.Item, error) {
	if w.p.Kind.Name == mainstay.Organization.Name {
		names := make([]string, len(w.fresh))
		for n, l := range w.fresh {
			names[n] = l.obs.Name
		}
		items, err := w.t.ItemsNamed(ctx, w.p.Kind.Name, names, 0)
		return slices.DeleteFunc(items, func(i mainstay.Item) bool { return i.Sync != mainstay.NotLinked }), err
	}
	orgs := map[mainstay.ItemID]bool{}
	var ids []mainstay.ItemID
	for _, l := range w.fresh {
		if id := w.companies[l.obs.CompanyID].ItemID; !orgs[id] {
			orgs[id] = true
			ids = append(ids, id)
		}
	}
	return w.t.UnlinkedIn(ctx, w.p.Kind.Name, ids)
}
