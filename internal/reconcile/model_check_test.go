package reconcile_test

import (
	"mainstay"
	"mainstay/internal/store"
)

// answers say how far what the PSA told a run was true.
type answers int

const (
	truth    answers = iota // true, or visibly not
	unlisted                // records are neither listed nor counted, but there when asked for by id
	denied                  // no answer knows of the records: only the brake can tell
)

// class is a kind of items with one type.
type class struct {
	kind   mainstay.KindName
	typeID mainstay.LabelID
}

// linkedBefore counts the items of each class that sync.
func (m *model) linkedBefore() map[class]int {
	return m.classes("SELECT kind, type_id, count(*) FROM item WHERE sync IN ('syncing', 'error') GROUP BY kind, type_id")
}

func (m *model) classes(query string, args ...any) map[class]int {
	m.world.Helper()
	out := map[class]int{}
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		rows, err := t.Query(m.ctx, query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var c class
			var n int
			if err := rows.Scan(&c.kind, &c.typeID, &n); err != nil {
				return err
			}
			out[c] = n
		}
		return rows.Err()
	}))
	return out
}

// checks compares what a run did by itself with what the PSA holds and what the
// PSA told it. before is what synced when the run began.
func (m *model) checks(run mainstay.Run, before map[class]int, told answers) {
	m.world.Helper()
	const orphaned = "SELECT i.kind, i.type_id, count(*) FROM activity a JOIN item i ON i.id = a.item_id WHERE a.run_id = $1 AND a.verb = 'orphaned'"
	all := m.classes(orphaned+" GROUP BY i.kind, i.type_id", int64(run.ID))
	settings := m.integration().Settings
	if settings.Version != run.Settings.Version && len(all) > 0 {
		m.world.Errorf("V9: run %d orphaned %v though the settings changed while it ran", run.ID, all)
	}
	if run.State != mainstay.RunComplete && len(all) > 0 {
		m.world.Errorf("V1: run %d is %s and orphaned %v", run.ID, run.State, all)
	}
	for c, n := range m.classes(orphaned+" AND i.reason NOT IN ('parent', 'setting') GROUP BY i.kind, i.type_id", int64(run.ID)) {
		if n > max(5, before[c]/10) {
			m.world.Errorf("V3: run %d orphaned %d of %d %s of type %d, and nobody was asked", run.ID, n, before[c], c.kind, c.typeID)
		}
	}
	if told != denied {
		m.noFalseOrphans(run)
	}
	if told == truth && run.State == mainstay.RunComplete && run.Counts.Errors == 0 {
		m.agrees("the run says that it is complete")
	}
}

// noFalseOrphans checks that no item was orphaned whose record should sync.
func (m *model) noFalseOrphans(run mainstay.Run) {
	m.world.Helper()
	should := m.should(run.Settings)
	should.leaveOut(m.holds())
	m.must(m.store.Read(m.ctx, func(t *store.Tx) error {
		rows, err := t.Query(m.ctx, "SELECT r.kind || ' ' || r.external_id FROM activity a JOIN psa_record r ON r.item_id = a.item_id WHERE a.run_id = $1 AND a.verb = 'orphaned'", int64(run.ID))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var k string
			if err := rows.Scan(&k); err != nil {
				return err
			}
			if shown, in := should[k]; in {
				m.world.Errorf("V2: run %d orphaned %s, which the PSA has and which should sync: %s", run.ID, k, shown)
			}
		}
		return rows.Err()
	}))
}
