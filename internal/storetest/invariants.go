package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mainstay"
	"mainstay/internal/store"
)

// rule is a query that finds what must not be.
type rule struct{ says, query string }

// rules are the invariants that the rows of an installation can break, with
// their numbers in reliability-security.md section 4.2. Each query returns one
// text per offense.
func rules() []rule {
	const live, linked = "SELECT id FROM item", "item_id IS NOT NULL"
	return []rule{
		{"V6: one item has two links", "SELECT CAST(item_id AS TEXT) FROM psa_record WHERE " + linked + " GROUP BY item_id HAVING count(*) > 1"},
		{"V6: a link leads to an item that is not where the link says", "SELECT kind || ' ' || external_id FROM psa_record WHERE " + linked +
			" AND NOT trashed AND item_id NOT IN (" + live + ") UNION ALL SELECT kind || ' ' || external_id FROM psa_record WHERE " + linked +
			" AND trashed AND item_id NOT IN (SELECT id FROM trash)"},
		{"V6: an item that takes part in sync has no link", "SELECT kind || ' ' || name FROM item WHERE sync <> 'not_linked' AND id NOT IN (SELECT item_id FROM psa_record WHERE " + linked + ")"},
		{"V6: an item without a link has one", "SELECT kind || ' ' || name FROM item WHERE sync = 'not_linked' AND id IN (SELECT item_id FROM psa_record WHERE " + linked + ")"},
		{"V4: an orphan without a reason or without evidence", "SELECT kind || ' ' || name FROM item WHERE sync = 'orphaned' AND (reason = '' OR sync_note = '')"},
		{"V4: an orphan that the log does not know, with its run", `SELECT kind || ' ' || name FROM item WHERE sync = 'orphaned'
			AND NOT EXISTS (SELECT 1 FROM activity a JOIN run r ON r.id = a.run_id WHERE a.item_id = item.id AND a.verb = 'orphaned')`},
		{"an item with a reason that is no orphan and was not disconnected", `SELECT kind || ' ' || name FROM item
			WHERE sync <> 'orphaned' AND reason <> '' AND NOT (sync = 'not_linked' AND reason = 'disconnected')`},
		{"a disconnected item without a trace of its link", `SELECT kind || ' ' || name FROM item WHERE sync = 'not_linked' AND reason = 'disconnected'
			AND id NOT IN (SELECT item_id FROM tombstone)`},
		{"a link that is ended and stands", `SELECT s.kind || ' ' || s.external_id FROM tombstone s JOIN psa_record r ON r.integration_id = s.integration_id
			AND r.kind = s.kind AND r.external_id = s.external_id WHERE r.item_id IS NOT NULL`},
		{"an ended link of an item that is nowhere", "SELECT kind || ' ' || external_id FROM tombstone WHERE item_id NOT IN (" + live + ") AND item_id NOT IN (SELECT id FROM trash)"},
		{"a protected item lies in the trash", `SELECT kind || ' ' || name FROM trash
			WHERE EXISTS (SELECT 1 FROM protection p WHERE p.item_id = trash.id AND (p.keep OR p.hold_until > trash.deleted_at))`},
		{"a protection of nothing, or of an item that is nowhere", "SELECT CAST(item_id AS TEXT) FROM protection WHERE NOT keep AND hold_until = 0 OR item_id NOT IN (" + live + ") AND item_id NOT IN (SELECT id FROM trash)"},
		{"V1: a run that was not proved complete orphaned something", `SELECT 'run ' || r.id || ' ' || r.state FROM run r
			WHERE r.state IN ('failed', 'held', 'rejected', 'queued') AND EXISTS (SELECT 1 FROM activity a WHERE a.run_id = r.id AND a.verb = 'orphaned')`},
		{"V10: two runs of one integration are under way", "SELECT CAST(integration_id AS TEXT) FROM run WHERE state IN ('queued', 'running') GROUP BY integration_id HAVING count(*) > 1"},
		{"V11: an item was orphaned twice by one run", "SELECT CAST(item_id AS TEXT) FROM activity WHERE verb = 'orphaned' GROUP BY run_id, item_id HAVING count(*) > 1"},
		{"V11: an item was deleted, restored or purged twice by one plan", "SELECT CAST(item_id AS TEXT) FROM activity WHERE plan_id <> 0 AND item_id <> 0 GROUP BY plan_id, item_id, verb HAVING count(*) > 1"},
		{"V12: a plan counts other than its lines", `SELECT 'plan ' || p.id FROM plan p WHERE
			p.done <> (SELECT count(*) FROM plan_item q WHERE q.plan_id = p.id AND q.outcome = 'done')
			OR p.skipped <> (SELECT count(*) FROM plan_item q WHERE q.plan_id = p.id AND q.outcome NOT IN ('', 'done'))`},
		{"V12: a plan touched what it holds back", "SELECT 'plan ' || plan_id || ' item ' || item_id FROM plan_item WHERE held AND outcome <> ''"},
		{"V12: a plan is done and has lines left", `SELECT 'plan ' || p.id FROM plan p WHERE p.state = 'done' AND
			EXISTS (SELECT 1 FROM plan_item q WHERE q.plan_id = p.id AND NOT q.held AND q.outcome = '')`},
		{"V21: an item is live and in the trash", "SELECT kind || ' ' || name FROM trash WHERE id IN (" + live + ")"},
		{"V21: an item that was created is nowhere", `SELECT CAST(item_id AS TEXT) FROM activity WHERE verb = 'created' AND item_id <> 0
			AND item_id NOT IN (` + live + `) AND item_id NOT IN (SELECT id FROM trash) AND item_id NOT IN (SELECT item_id FROM activity WHERE verb = 'purged')`},
		{"a live item whose organization is not live", "SELECT kind || ' ' || name FROM item WHERE organization_id NOT IN (" + live + ")"},
		{"something was said of an organization that is nowhere", "SELECT organization_a || ' ' || organization_b FROM not_duplicate WHERE organization_a NOT IN (" + live +
			" UNION ALL SELECT id FROM trash) OR organization_b NOT IN (" + live + " UNION ALL SELECT id FROM trash)"},
	}
}

// Invariants checks what must hold of the rows of an installation after every
// step, whatever happened: the invariants of sync and plans, and that the kept
// numbers are what counting gives. It holds while a plan is halfway too.
func Invariants(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	err := s.Read(ctx, func(tx *store.Tx) error {
		for _, r := range rules() {
			rows, err := tx.Query(ctx, r.query)
			if err != nil {
				return err
			}
			for rows.Next() {
				var what string
				if err := rows.Scan(&what); err != nil {
					rows.Close()
					return err
				}
				t.Errorf("%s: %s", r.says, what)
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				return err
			}
		}
		kept, err := tx.Tallies(ctx, mainstay.System("test"))
		if err != nil {
			return err
		}
		counted, err := tx.CountedTallies(ctx)
		if diff := cmp.Diff(counted, kept); diff != "" {
			t.Errorf("the kept numbers are wrong (-counted +kept):\n%s", diff)
		}
		return err
	})
	if err != nil {
		t.Fatalf("check the invariants: %v", err)
	}
}
