package web

import (
	"context"

	"mainstay"
	"mainstay/internal/query"
	"mainstay/internal/store"
)

// shownGroups is how many of the people and ways that ended links a row names.
const shownGroups = 3

// ended is what Manage data says of links that are not there.
type ended struct {
	counts  map[mainstay.KindName]int // disconnected items
	groups  []store.EndedGroup
	waiting map[mainstay.KindName]int // records that wait to be matched again
	loose   map[mainstay.KindName]int // items that never had a link
	rest    rest
}

func (m *managed) readEnded(ctx context.Context, t *store.Tx) (e ended, err error) {
	if e.counts, err = t.DisconnectedCounts(ctx, m.i.ID, m.only); err != nil {
		return e, err
	}
	if e.groups, err = t.EndedGroups(ctx, m.i.ID); err != nil {
		return e, err
	}
	if e.waiting, err = t.CountWaiting(ctx, m.i.ID); err != nil {
		return e, err
	}
	if sumKinds(e.counts) > 0 {
		if e.rest, err = readRest(ctx, t, m.i, m.labels); err != nil {
			return e, err
		}
	}
	e.loose, err = t.UnlinkedCounts(ctx)
	return e, err
}

// disconnected are the items that people disconnected from the integration, by
// kind, with who did it, when and why.
func (m *managed) disconnected(e ended) []ManageKind {
	var out []ManageKind
	for _, k := range syncedKinds() {
		if e.counts[k.Name]+e.waiting[k.Name] == 0 {
			continue
		}
		q := m.query(query.Term{Key: "sync status", Op: query.In, Values: []string{store.WordDisconnected}})
		row := ManageKind{ID: rowKey(unlinkedKey(k)), Kind: k, Count: e.counts[k.Name], ViewURL: queryURL(k, q), Waiting: e.waiting[k.Name]}
		row.Again, row.Rest = e.rest.again(k, e.waiting)
		if m.May(mainstay.PlanChanges) {
			row.Plan = q
		}
		row.Why, row.Source = m.endedText(k.Name, e.groups)
		out = append(out, row)
	}
	return out
}

// endedText says in a line who ended the links of a kind, the largest part first.
func (m *managed) endedText(kind mainstay.KindName, groups []store.EndedGroup) (text string, source Link) {
	var parts []string
	rest, plans := 0, map[mainstay.PlanID]bool{}
	for _, g := range groups {
		if g.Kind != kind {
			continue
		}
		plans[g.Plan] = true
		if len(parts) == shownGroups {
			rest += g.N
			continue
		}
		parts = append(parts, m.groupText(g))
		source = Link{"Plan " + planNumber(mainstay.Plan{ID: g.Plan}), planURL(g.Plan)}
	}
	if rest > 0 {
		parts = append(parts, num(rest)+" by others")
	}
	if len(plans) != 1 || plans[0] || !m.Actor.All {
		source = Link{}
	}
	return join(parts...), source
}

func (m *managed) groupText(g store.EndedGroup) string {
	when := " on " + m.day(g.First)
	if m.day(g.First) != m.day(g.Last) {
		when = " from " + m.day(g.First) + " to " + m.day(g.Last)
	}
	text := num(g.N) + " disconnected by " + g.Who + when
	switch g.Why {
	case mainstay.EndedInside:
		text = num(g.N) + " inside an organization that " + g.Who + " disconnected" + when
	case mainstay.EndedRemoved:
		text = num(g.N) + " when " + g.Who + " removed the integration" + when
	case mainstay.EndedHere, mainstay.EndedMerged:
	}
	if g.Note != "" {
		text += ": " + g.Note
	}
	return text
}

// loose leads to the items of synced kinds that never had a link.
func (m *managed) loose(e ended) []Link {
	var out []Link
	for _, k := range syncedKinds() {
		if n := e.loose[k.Name]; n > 0 {
			out = append(out, Link{k.Count(n), m.base() + "/rows/" + unlinkedKey(k)})
		}
	}
	return out
}
