package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

// InsertCandidates stores candidates of a run.
func (t *Tx) InsertCandidates(ctx context.Context, id mainstay.RunID, cs []mainstay.Candidate) error {
	var rows [][]any
	for _, c := range cs {
		rows = append(rows, []any{int64(id), int64(c.ItemID), string(c.Kind), c.ExternalID, string(c.Reason), c.Expected, c.Evidence})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO run_candidate (run_id, item_id, kind, external_id, reason, expected, evidence)",
		"ON CONFLICT (run_id, item_id) DO UPDATE SET reason = excluded.reason, expected = excluded.expected, evidence = excluded.evidence", rows)
	return err
}

const candidateColumns = "c.item_id, c.kind, c.external_id, i.name, i.type_id, c.reason, c.expected, c.evidence"

// Candidates pages through the candidates of a run whose item still syncs, by item id.
func (t *Tx) Candidates(ctx context.Context, id mainstay.RunID, after mainstay.ItemID, limit int) ([]mainstay.Candidate, error) {
	return scanAll(ctx, t, scanCandidate, "SELECT "+candidateColumns+` FROM run_candidate c JOIN item i ON i.id = c.item_id
		WHERE c.run_id = $1 AND c.item_id > $2 AND i.sync IN ('syncing', 'error') ORDER BY c.item_id LIMIT $3`, int64(id), int64(after), limit)
}

func scanCandidate(r db.Row) (mainstay.Candidate, error) {
	var c mainstay.Candidate
	err := r.Scan(&c.ItemID, &c.Kind, &c.ExternalID, &c.Name, &c.TypeID, &c.Reason, &c.Expected, &c.Evidence)
	return c, err
}

// CandidateCount is how many candidates of a run share a kind, a type and a reason.
type CandidateCount struct {
	Kind     mainstay.KindName
	TypeID   mainstay.LabelID
	Reason   mainstay.Reason
	Expected bool
	// Inside says that the organization of the item is a candidate as well, so
	// that the item follows from that one and is no finding of its own.
	Inside bool
	N      int
}

// CandidateCounts counts the candidates of a run whose item still syncs.
func (t *Tx) CandidateCounts(ctx context.Context, id mainstay.RunID) ([]CandidateCount, error) {
	return scanAll(ctx, t, func(r db.Row) (CandidateCount, error) {
		var c CandidateCount
		err := r.Scan(&c.Kind, &c.TypeID, &c.Reason, &c.Expected, &c.Inside, &c.N)
		return c, err
	}, `SELECT kind, type_id, reason, expected, inside, count(*) FROM (
			SELECT c.kind, i.type_id, c.reason, c.expected, o.item_id IS NOT NULL AS inside FROM run_candidate c JOIN item i ON i.id = c.item_id
			LEFT JOIN run_candidate o ON o.run_id = c.run_id AND o.item_id = i.organization_id AND o.item_id <> c.item_id
			WHERE c.run_id = $1 AND i.sync IN ('syncing', 'error')) q
		GROUP BY kind, type_id, reason, expected, inside ORDER BY kind, type_id, reason`, int64(id))
}

// WithdrawCandidates forgets candidates of a run whose record turned up in scope
// after all.
func (t *Tx) WithdrawCandidates(ctx context.Context, id mainstay.RunID, items []mainstay.ItemID) error {
	return db.Chunks(items, 1000, func(items []mainstay.ItemID) error {
		w := &where{}
		w.add("run_id = ?", int64(id))
		w.conds = append(w.conds, "item_id IN "+list(w, items, itemArg))
		_, err := t.Exec(ctx, "DELETE FROM run_candidate WHERE "+w.sql(), w.args...)
		return err
	})
}

// DeleteCandidates forgets the candidates of a run.
func (t *Tx) DeleteCandidates(ctx context.Context, id mainstay.RunID) error {
	_, err := t.Exec(ctx, "DELETE FROM run_candidate WHERE run_id = $1", int64(id))
	return err
}

// AddContents adds to the candidates of a run what still syncs inside the
// organizations among them, but for what belongs to another company: one whose
// organization was merged into a candidate is judged by itself.
func (t *Tx) AddContents(ctx context.Context, id mainstay.RunID) error {
	_, err := t.Exec(ctx, `INSERT INTO run_candidate (run_id, item_id, kind, external_id, reason, expected, evidence)
		SELECT c.run_id, i.id, i.kind, r.external_id, 'parent', c.expected, 'Its organization stopped syncing.'
		FROM run_candidate c JOIN item i ON i.organization_id = c.item_id AND i.id <> c.item_id AND i.sync IN ('syncing', 'error')
		JOIN psa_record r ON r.item_id = i.id JOIN psa_record o ON o.item_id = c.item_id AND o.integration_id = r.integration_id
		WHERE c.run_id = $1 AND c.kind = 'organization' AND r.company_id IN ('', o.external_id) ON CONFLICT (run_id, item_id) DO NOTHING`, int64(id))
	return err
}

// KeepReasons forgets the candidates of a run whose reason is not among those
// given, and all contents of organizations, which AddContents finds again.
func (t *Tx) KeepReasons(ctx context.Context, id mainstay.RunID, reasons []mainstay.Reason) error {
	w := &where{}
	w.add("run_id = ?", int64(id))
	in := list(w, reasons, func(r mainstay.Reason) any { return string(r) })
	_, err := t.Exec(ctx, "DELETE FROM run_candidate WHERE "+w.sql()+" AND (reason = 'parent' OR reason NOT IN "+in+")", w.args...)
	return err
}

// OrphanChunk marks the next size candidates of a run as orphaned, with reason,
// evidence, activity and the kept numbers in one transaction. It returns the
// last item id and how many were marked; none means that the run is through.
func (t *Tx) OrphanChunk(ctx context.Context, run mainstay.Run, who string, after mainstay.ItemID, size int) (last mainstay.ItemID, n int, err error) {
	low, high, n, err := t.lockCandidates(ctx, run.ID, after, size)
	if err != nil || n == 0 {
		return 0, 0, err
	}
	const these = "(SELECT item_id FROM run_candidate WHERE run_id = $1 AND item_id BETWEEN $2 AND $3)"
	const tally = `count(*) FROM item WHERE id IN ` + these + ` AND sync IN ('syncing', 'error') GROUP BY kind, type_id, status_id, sync, reason
		ORDER BY kind, type_id, status_id, sync, reason ` + tallyUpsert
	activity, err := t.NextIDs(ctx, "activity", n)
	if err != nil {
		return 0, 0, err
	}
	now := int64(t.Now())
	steps := []struct {
		sql  string
		more []any
	}{
		{`INSERT INTO activity (` + activityColumns + `) SELECT $4 - 1 + row_number() OVER (ORDER BY i.id), CAST($5 AS BIGINT), 0, $6, 'orphaned', i.kind, i.id, i.organization_id,
			i.name, c.run_id, 0, c.evidence, '', '' FROM run_candidate c JOIN item i ON i.id = c.item_id
			WHERE c.run_id = $1 AND c.item_id BETWEEN $2 AND $3 AND i.sync IN ('syncing', 'error')`, []any{activity, now, who}},
		{`INSERT INTO tally (kind, type_id, status_id, sync, reason, n) SELECT kind, type_id, status_id, sync, reason, -` + tally, nil},
		{`UPDATE psa_record SET in_scope = FALSE WHERE item_id IN (SELECT id FROM item WHERE id IN ` + these + ` AND sync IN ('syncing', 'error'))`, nil},
		{`INSERT INTO tally (kind, type_id, status_id, sync, reason, n) SELECT i.kind, i.type_id, i.status_id, 'orphaned', c.reason, count(*) FROM run_candidate c
			JOIN item i ON i.id = c.item_id WHERE c.run_id = $1 AND c.item_id BETWEEN $2 AND $3 AND i.sync IN ('syncing', 'error')
			GROUP BY i.kind, i.type_id, i.status_id, c.reason ORDER BY i.kind, i.type_id, i.status_id, c.reason ` + tallyUpsert, nil},
		{`UPDATE item SET sync = 'orphaned', since = $4, version = version + 1,
			reason = (SELECT c.reason FROM run_candidate c WHERE c.run_id = $1 AND c.item_id = item.id),
			sync_note = (SELECT c.evidence FROM run_candidate c WHERE c.run_id = $1 AND c.item_id = item.id)
			WHERE id IN ` + these + ` AND sync IN ('syncing', 'error')`, []any{now}},
	}
	for _, s := range steps {
		if _, err := t.Exec(ctx, s.sql, append([]any{int64(run.ID), int64(low), int64(high)}, s.more...)...); err != nil {
			return 0, 0, err
		}
	}
	return high, n, nil
}

// lockCandidates returns the range and the number of the next size candidates
// whose item still syncs, and keeps other transactions from changing these items:
// a person may be turning the syncing of one off at this moment.
func (t *Tx) lockCandidates(ctx context.Context, id mainstay.RunID, after mainstay.ItemID, size int) (low, high mainstay.ItemID, n int, err error) {
	const syncs = " FROM run_candidate c JOIN item i ON i.id = c.item_id WHERE c.run_id = $1 AND i.sync IN ('syncing', 'error') AND c.item_id "
	for {
		var first, last *int64
		err = t.QueryRow(ctx, "SELECT min(item_id), max(item_id), count(*) FROM (SELECT c.item_id"+syncs+"> $2 ORDER BY c.item_id LIMIT $3) q", int64(id), int64(after), size).Scan(&first, &last, &n)
		if err != nil || first == nil {
			return 0, 0, 0, err
		}
		low, high = mainstay.ItemID(*first), mainstay.ItemID(*last)
		if t.ForUpdate() == "" {
			return low, high, n, nil
		}
		err = t.QueryRow(ctx, "SELECT count(*) FROM (SELECT i.id"+syncs+"BETWEEN $2 AND $3 ORDER BY i.id"+t.ForUpdate()+" OF i) q", int64(id), int64(low), int64(high)).Scan(&n)
		if err != nil || n > 0 {
			return low, high, n, err
		}
		after = high // every one of them was switched off meanwhile
	}
}
