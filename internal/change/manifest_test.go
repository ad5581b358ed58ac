package change_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"mainstay"
	"mainstay/internal/store"
)

// manifest is what an installation holds that plans change and undo gives back:
// of each table how many rows and their hash, and the rows.
type manifest struct{ hashes, rows map[string]string }

func (s *sequence) manifest() manifest {
	s.Helper()
	m := manifest{map[string]string{}, map[string]string{}}
	for name, query := range map[string]string{
		"item": `SELECT id || '|' || kind || '|' || organization_id || '|' || parent_id || '|' || name || '|' || type_id || '|' || status_id || '|' || CASE WHEN is_primary THEN 'primary' ELSE '' END || CASE WHEN archived THEN 'archived' ELSE '' END
			|| '|' || fields || '|' || created_at || '|' || sync || '|' || reason || '|' || since || '|' || sync_note || '|' || CASE WHEN only_here THEN 'only here' ELSE '' END FROM item ORDER BY id`,
		"trash":     "SELECT id || '|' || kind || '|' || organization_id || '|' || name || '|' || fields || '|' || plan_id FROM trash ORDER BY id",
		"link":      "SELECT kind || '|' || external_id || '|' || item_id || '|' || CASE WHEN trashed THEN 'trashed' ELSE '' END || '|' || linked_at FROM psa_record WHERE item_id IS NOT NULL ORDER BY kind, external_id",
		"ended":     "SELECT kind || '|' || external_id || '|' || item_id || '|' || plan_id || '|' || who || '|' || why || '|' || note || '|' || sync || '|' || reason || '|' || since || '|' || sync_note || '|' || linked_at FROM tombstone ORDER BY kind, external_id",
		"protected": "SELECT item_id || '|' || CASE WHEN keep THEN 'keep' ELSE '' END || '|' || keep_note || '|' || keep_by || '|' || keep_at || '|' || hold_until || '|' || hold_note || '|' || hold_by || '|' || hold_at FROM protection ORDER BY item_id",
		"sees":      "SELECT person_id || '|' || organization_id FROM person_organization ORDER BY person_id, organization_id",
		"tally":     "SELECT kind || '|' || type_id || '|' || status_id || '|' || sync || '|' || reason || '|' || n FROM tally WHERE n <> 0 ORDER BY kind, type_id, status_id, sync, reason",
	} {
		m.rows[name] = s.table(name, query)
	}
	i := s.integration()
	m.rows["settings"] = fmt.Sprint(i.Settings.Contacts, i.Settings.Locations, i.Paused, mainstay.SortedPairs(i.Settings.Organizations), mainstay.SortedPairs(i.Settings.Configurations))
	for name, rows := range m.rows {
		m.hashes[name] = fmt.Sprintf("%d rows, %x", strings.Count(rows, "\n"), sha256.Sum256([]byte(rows)))
	}
	return m
}

// table writes down the rows of a query of one text column.
func (s *sequence) table(name, query string) string {
	s.Helper()
	var out strings.Builder
	s.read(func(t *store.Tx) error {
		rows, err := t.Query(context.Background(), query)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer rows.Close()
		for rows.Next() {
			var row string
			if err := rows.Scan(&row); err != nil {
				return err
			}
			out.WriteString(row + "\n")
		}
		return rows.Err()
	})
	return out.String()
}
