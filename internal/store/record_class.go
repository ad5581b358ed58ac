package store

import (
	"context"
	"strings"

	"mainstay"
)

// OnlyHereIn counts, over the syncing organizations of the given classes, how
// many hold something that exists only here, and how many such items.
func (t *Tx) OnlyHereIn(ctx context.Context, integration mainstay.IntegrationID, classes []ClassCount) (organizations, items int, err error) {
	leaving := map[[2]string]bool{}
	for _, c := range classes {
		leaving[[2]string{strings.Join(c.TypeIDs, ","), c.StatusID}] = true
	}
	rows, err := t.Query(ctx, `SELECT r.type_ids, r.status_id, count(DISTINCT i.organization_id), count(*) FROM item i
		JOIN psa_record r ON r.item_id = i.organization_id AND r.integration_id = $1 AND r.kind = 'organization'
		WHERE i.only_here GROUP BY r.type_ids, r.status_id`, int64(integration))
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var types, status string
		var o, n int
		if err := rows.Scan(&types, &status, &o, &n); err != nil {
			return 0, 0, err
		}
		if leaving[[2]string{types, status}] {
			organizations += o
			items += n
		}
	}
	return organizations, items, rows.Err()
}

// SeveralTypes reports whether some linked record of a kind has several types. It
// walks the records of the kind up to the first.
func (t *Tx) SeveralTypes(ctx context.Context, integration mainstay.IntegrationID, kind mainstay.KindName) (bool, error) {
	var any bool
	err := t.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM psa_record WHERE integration_id = $1 AND kind = $2 AND item_id IS NOT NULL AND type_ids LIKE '%,%')",
		int64(integration), string(kind)).Scan(&any)
	return any, err
}
