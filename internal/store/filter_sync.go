package store

import (
	"slices"

	"mainstay"
	"mainstay/internal/query"
)

// WordDisconnected is how the filter language calls items that a person
// disconnected: a part of those that are not linked.
const WordDisconnected = "disconnected"

// syncValues are the words for where an item stands towards the PSA.
func syncValues() []query.Value {
	return []query.Value{{Name: "syncing", Aliases: []string{"enabled", "synced"}}, {Name: "orphaned"}, {Name: "disabled", Aliases: []string{"sync disabled"}},
		{Name: "error", Aliases: []string{"sync error"}}, {Name: "not linked", Aliases: []string{"local", "not_linked"}}, {Name: WordDisconnected}}
}

func syncState(name string) mainstay.SyncState {
	if name == "not linked" {
		return mainstay.NotLinked
	}
	return mainstay.SyncState(name)
}

// bySync adds the condition for one or more of syncValues.
func bySync(w *where, names []string) {
	rest := slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == WordDisconnected })
	cond := "i.sync IN " + list(w, rest, func(s string) any { return string(syncState(s)) })
	switch {
	case len(rest) == 0:
		cond = disconnected
	case len(rest) < len(names):
		cond = "(" + cond + " OR " + disconnected + ")"
	}
	w.conds = append(w.conds, cond)
}

const disconnected = "(i.sync = 'not_linked' AND i.reason = 'disconnected')"

// integrationValues are the names of the connections, removed ones included.
func (f *Filter) integrationValues() []query.Value {
	var out []query.Value
	seen := map[string]bool{}
	for _, i := range slices.Concat(f.integrations, f.removed) {
		if key := mainstay.SearchKey(i.Name); !seen[key] {
			seen[key] = true
			out = append(out, query.Value{Name: i.Name})
		}
	}
	return out
}

// byIntegration adds the condition that an item is linked through one of the
// named connections, or was until a person disconnected it.
func (f *Filter) byIntegration(w *where, names []string) {
	var ids []mainstay.IntegrationID
	for _, i := range slices.Concat(f.integrations, f.removed) {
		if slices.ContainsFunc(names, func(n string) bool { return mainstay.SearchKey(n) == mainstay.SearchKey(i.Name) }) {
			ids = append(ids, i.ID)
		}
	}
	in := list(w, ids, integrationArg)
	w.conds = append(w.conds, "(i.id IN (SELECT r.item_id FROM psa_record r WHERE r.item_id IS NOT NULL AND r.integration_id IN "+in+
		") OR ("+disconnected+" AND i.id IN (SELECT s.item_id FROM tombstone s WHERE s.why <> 'merged' AND s.integration_id IN "+in+")))")
}
