package store

import (
	"context"
	"encoding/json"

	"mainstay"
	"mainstay/internal/db"
)

const runColumns = "id, integration_id, asked_by, state, stage, settings, counts, expected, message, cancel, created_at, started_at, ended_at"

func scanRun(r db.Row) (mainstay.Run, error) {
	var u mainstay.Run
	var settings, counts string
	err := r.Scan(&u.ID, &u.IntegrationID, &u.By, &u.State, &u.Stage, &settings, &counts, &u.Expected, &u.Message, &u.Cancel, &u.Created, &u.Started, &u.Ended)
	if err != nil {
		return u, err
	}
	if err := json.Unmarshal([]byte(settings), &u.Settings); err != nil {
		return u, err
	}
	return u, json.Unmarshal([]byte(counts), &u.Counts)
}

// InsertRun stores a new run and sets its id. A Conflict says that one of the
// same integration is under way (V10).
func (t *Tx) InsertRun(ctx context.Context, u *mainstay.Run) error {
	id, err := t.NextIDs(ctx, "run", 1)
	if err != nil {
		return err
	}
	u.ID = mainstay.RunID(id)
	settings, err := json.Marshal(u.Settings)
	if err != nil {
		return err
	}
	_, err = t.Exec(ctx, `INSERT INTO run (id, integration_id, asked_by, state, stage, settings, counts, expected, message, cancel, lease, cursor, created_at, started_at, ended_at)
		VALUES ($1, $2, $3, $4, $5, $6, '{}', 0, '', FALSE, '', '', $7, 0, 0)`,
		id, int64(u.IntegrationID), u.By, string(u.State), u.Stage, string(settings), int64(u.Created))
	if db.IsUnique(err) {
		return mainstay.Errorf(mainstay.Conflict, "A sync of this integration is under way. Wait for it, or cancel it first.")
	}
	return err
}

// Run returns one run.
func (t *Tx) Run(ctx context.Context, id mainstay.RunID) (mainstay.Run, error) {
	return one(ctx, t, "sync run", scanRun, "SELECT "+runColumns+" FROM run WHERE id = $1", int64(id))
}

// Cancelled reports whether somebody asked a run to stop. It reads nothing else of
// it, for it is asked with every page.
func (t *Tx) Cancelled(ctx context.Context, id mainstay.RunID) (bool, error) {
	return one(ctx, t, "sync run", func(r db.Row) (cancel bool, err error) { return cancel, r.Scan(&cancel) }, "SELECT cancel FROM run WHERE id = $1", int64(id))
}

// Runs lists runs, newest first; integration 0 lists those of all.
func (t *Tx) Runs(ctx context.Context, integration mainstay.IntegrationID, before mainstay.RunID, limit int) ([]mainstay.Run, error) {
	w := &where{}
	if integration != 0 {
		w.add("integration_id = ?", int64(integration))
	}
	if before != 0 {
		w.add("id < ?", int64(before))
	}
	return scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM run WHERE "+w.sql()+" ORDER BY id DESC LIMIT "+w.arg(limit), w.args...)
}

// ActiveRuns lists the runs that are queued or running.
func (t *Tx) ActiveRuns(ctx context.Context) ([]mainstay.Run, error) {
	return scanAll(ctx, t, scanRun, "SELECT "+runColumns+" FROM run WHERE state IN ('queued', 'running') ORDER BY id")
}

// CountActiveRuns counts the runs that are queued or under way.
func (t *Tx) CountActiveRuns(ctx context.Context) (int, error) {
	var n int
	err := t.QueryRow(ctx, "SELECT count(*) FROM run WHERE state IN ('queued', 'running')").Scan(&n)
	return n, err
}

// LeaseRun gives the run to one execution: later writes of an earlier one are refused.
func (t *Tx) LeaseRun(ctx context.Context, id mainstay.RunID, lease string) error {
	_, err := t.Exec(ctx, "UPDATE run SET lease = $1 WHERE id = $2", lease, int64(id))
	return err
}

// RunCursor returns where a run goes on, empty at its start.
func (t *Tx) RunCursor(ctx context.Context, id mainstay.RunID) (string, error) {
	var c string
	err := t.QueryRow(ctx, "SELECT cursor FROM run WHERE id = $1", int64(id)).Scan(&c)
	return c, err
}

// SaveRun stores the progress of a run together with the effect of the same
// transaction. It is refused, as a Conflict, when another execution holds the
// run by now or the run has ended (V10, V11).
func (t *Tx) SaveRun(ctx context.Context, u mainstay.Run, lease, cursor string) error {
	counts, err := json.Marshal(u.Counts)
	if err != nil {
		return err
	}
	n, err := t.Exec(ctx, `UPDATE run SET state = $1, stage = $2, counts = $3, expected = $4, message = $5, cursor = $6, started_at = $7, ended_at = $8
		WHERE id = $9 AND lease = $10 AND state IN ('queued', 'running')`,
		string(u.State), u.Stage, string(counts), u.Expected, u.Message, cursor, int64(u.Started), int64(u.Ended), int64(u.ID), lease)
	if err == nil && n != 1 {
		return mainstay.Errorf(mainstay.Conflict, "This sync was taken over or ended elsewhere.")
	}
	return err
}

// SettleRun stores what a person decided about a held run.
func (t *Tx) SettleRun(ctx context.Context, u mainstay.Run) error {
	counts, err := json.Marshal(u.Counts)
	if err != nil {
		return err
	}
	n, err := t.Exec(ctx, "UPDATE run SET state = $1, message = $2, counts = $3 WHERE id = $4 AND state = 'held'", string(u.State), u.Message, string(counts), int64(u.ID))
	if err == nil && n != 1 {
		return mainstay.Errorf(mainstay.Conflict, "This sync is no longer held.")
	}
	return err
}

// CancelRun asks a run to stop at its next page.
func (t *Tx) CancelRun(ctx context.Context, id mainstay.RunID) error {
	_, err := t.Exec(ctx, "UPDATE run SET cancel = TRUE WHERE id = $1 AND state IN ('queued', 'running')", int64(id))
	return err
}

// InsertProblems stores records that a run could not take over; a record is kept once per run.
func (t *Tx) InsertProblems(ctx context.Context, ps []mainstay.RunProblem) error {
	var rows [][]any
	for _, p := range ps {
		rows = append(rows, []any{int64(p.RunID), string(p.Kind), p.ExternalID, int64(p.ItemID), p.Name, p.Message})
	}
	_, err := t.InsertRows(ctx, "INSERT INTO run_problem (run_id, kind, external_id, item_id, name, message)",
		"ON CONFLICT (run_id, kind, external_id) DO UPDATE SET message = excluded.message", rows)
	return err
}

// Problems lists the problems of a run.
func (t *Tx) Problems(ctx context.Context, id mainstay.RunID, limit int) ([]mainstay.RunProblem, error) {
	return scanAll(ctx, t, func(r db.Row) (mainstay.RunProblem, error) {
		p := mainstay.RunProblem{}
		err := r.Scan(&p.RunID, &p.Kind, &p.ExternalID, &p.ItemID, &p.Name, &p.Message)
		return p, err
	}, "SELECT run_id, kind, external_id, item_id, name, message FROM run_problem WHERE run_id = $1 ORDER BY kind, external_id LIMIT $2", int64(id), limit)
}

// ReopenRun lets a held run go on at cursor. A Conflict says that another run
// of the integration is under way.
func (t *Tx) ReopenRun(ctx context.Context, u mainstay.Run, cursor string) error {
	_, err := t.Exec(ctx, "UPDATE run SET state = $1, stage = $2, message = $3, cursor = $4, cancel = FALSE, ended_at = 0 WHERE id = $5 AND state = 'held'",
		string(u.State), u.Stage, u.Message, cursor, int64(u.ID))
	if db.IsUnique(err) {
		return mainstay.Errorf(mainstay.Conflict, "A sync of this integration is under way. Wait for it, or cancel it first.")
	}
	return err
}

// LastComplete returns the settings of the last run before id that ended
// complete; ok is false where there is none.
func (t *Tx) LastComplete(ctx context.Context, integration mainstay.IntegrationID, before mainstay.RunID) (mainstay.Run, bool, error) {
	r, err := scanRun(t.QueryRow(ctx, "SELECT "+runColumns+" FROM run WHERE integration_id = $1 AND id < $2 AND state = 'complete' ORDER BY id DESC LIMIT 1",
		int64(integration), int64(before)))
	if db.IsNoRows(err) {
		return r, false, nil
	}
	return r, err == nil, err
}

// FailRun ends a run that is under way, whoever holds it.
func (t *Tx) FailRun(ctx context.Context, id mainstay.RunID, message string) error {
	_, err := t.Exec(ctx, "UPDATE run SET state = 'failed', stage = '', message = $1, ended_at = $2, lease = '' WHERE id = $3 AND state IN ('queued', 'running')",
		message, int64(t.Now()), int64(id))
	return err
}
