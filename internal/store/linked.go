package store

import (
	"context"

	"mainstay"
)

// LinkedTallies returns the numbers of the items that are linked with records of
// one integration, by class, over all organizations. Where the integration is
// the only one this costs no scan of the items.
func (t *Tx) LinkedTallies(ctx context.Context, integration mainstay.IntegrationID) ([]Tally, error) {
	sole, err := t.sole(ctx)
	if err != nil {
		return nil, err
	}
	if sole {
		return t.tallies(ctx, `SELECT kind, type_id, status_id, sync, reason, n FROM tally WHERE n <> 0 AND sync <> 'not_linked'
			ORDER BY kind, type_id, status_id, sync, reason`)
	}
	return t.tallies(ctx, `SELECT i.kind, i.type_id, i.status_id, i.sync, i.reason, count(*) FROM psa_record r JOIN item i ON i.id = r.item_id
		WHERE r.integration_id = $1 AND i.sync <> 'not_linked' GROUP BY i.kind, i.type_id, i.status_id, i.sync, i.reason
		ORDER BY i.kind, i.type_id, i.status_id, i.sync, i.reason`, int64(integration))
}

// sole reports whether there is only one integration, removed ones counted, so
// that every link is one of it.
func (t *Tx) sole(ctx context.Context) (bool, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM integration").Scan(&n)
	return n == 1, err
}

// LinkedStates counts the linked items of every integration by sync state. With
// a single integration this costs no scan of the items.
func (t *Tx) LinkedStates(ctx context.Context, integrations []mainstay.Integration) (map[mainstay.IntegrationID]map[mainstay.SyncState]int, error) {
	out := map[mainstay.IntegrationID]map[mainstay.SyncState]int{}
	query := `SELECT r.integration_id, i.sync, count(*) FROM psa_record r JOIN item i ON i.id = r.item_id
		WHERE i.sync <> 'not_linked' GROUP BY r.integration_id, i.sync`
	var args []any
	sole, err := t.sole(ctx)
	switch {
	case err != nil || len(integrations) == 0:
		return out, err
	case sole && len(integrations) == 1:
		query = `SELECT CAST($1 AS BIGINT), sync, CAST(sum(n) AS BIGINT) FROM tally WHERE n <> 0 AND sync <> 'not_linked' GROUP BY sync`
		args = []any{int64(integrations[0].ID)}
	}
	rows, err := t.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id mainstay.IntegrationID
		var s mainstay.SyncState
		var n int
		if err := rows.Scan(&id, &s, &n); err != nil {
			return nil, err
		}
		if out[id] == nil {
			out[id] = map[mainstay.SyncState]int{}
		}
		out[id][s] = n
	}
	return out, rows.Err()
}

// OnlyHereCounts counts, among the items of a sync state, the organizations that
// hold something that exists only here, and the other items that do so
// themselves. It walks the items that exist only here. For the states of linked
// items it counts those of one integration.
func (t *Tx) OnlyHereCounts(ctx context.Context, integration mainstay.IntegrationID, state mainstay.SyncState) (map[mainstay.KindName]int, error) {
	link, args := "", []any{string(state)}
	if state != mainstay.NotLinked {
		link, args = " JOIN psa_record r ON r.item_id = o.id AND r.integration_id = $2", append(args, int64(integration))
	}
	rows, err := t.Query(ctx, `SELECT 'organization', count(DISTINCT o.id) FROM item i JOIN item o ON o.id = i.organization_id`+link+`
		WHERE i.only_here AND o.sync = $1
		UNION ALL SELECT o.kind, count(*) FROM item o`+link+` WHERE o.only_here AND o.sync = $1 AND o.kind <> 'organization' GROUP BY o.kind`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[mainstay.KindName]int{}
	for rows.Next() {
		var kind mainstay.KindName
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, err
		}
		out[kind] = n
	}
	return out, rows.Err()
}

// ReasonCount is how many items of a kind are orphaned for one reason.
type ReasonCount struct {
	Kind   mainstay.KindName
	Reason mainstay.Reason
	N      int
}

// OrphanedBetween counts the items of an integration that became orphaned
// between two moments and still are. It walks the orphaned items.
func (t *Tx) OrphanedBetween(ctx context.Context, integration mainstay.IntegrationID, from, to mainstay.Time) ([]ReasonCount, error) {
	rows, err := t.Query(ctx, `SELECT i.kind, i.reason, count(*) FROM item i JOIN psa_record r ON r.item_id = i.id AND r.integration_id = $1
		WHERE i.sync = 'orphaned' AND i.since BETWEEN $2 AND $3 GROUP BY i.kind, i.reason ORDER BY i.kind, i.reason`,
		int64(integration), int64(from), int64(to))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ReasonCount
	for rows.Next() {
		var c ReasonCount
		if err := rows.Scan(&c.Kind, &c.Reason, &c.N); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// UnlinkedCounts counts the items of each kind that no PSA record is linked
// with, and that nobody disconnected, over all organizations. It costs no scan of
// the items.
func (t *Tx) UnlinkedCounts(ctx context.Context) (map[mainstay.KindName]int, error) {
	rows, err := t.Query(ctx, "SELECT kind, CAST(sum(n) AS BIGINT) FROM tally WHERE sync = 'not_linked' AND reason <> 'disconnected' GROUP BY kind")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[mainstay.KindName]int{}
	for rows.Next() {
		var kind mainstay.KindName
		var n int
		if err := rows.Scan(&kind, &n); err != nil {
			return nil, err
		}
		out[kind] = n
	}
	return out, rows.Err()
}
