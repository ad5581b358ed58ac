package store

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"mainstay"
	"mainstay/internal/db"
)

// errNotForPostgres is what keeps a row that SQLite holds out of PostgreSQL.
var errNotForPostgres = errors.New("it holds a text with a NUL or with broken UTF-8, which PostgreSQL can't store")

// InsertBundleRows stores rows of a file. bad is the index of the one row that
// this database cannot hold, or -1 where the error belongs to no single row.
func (t *Tx) InsertBundleRows(ctx context.Context, f BundleFile, rows []BundleRow) (bad int, err error) {
	args := make([][]any, len(rows))
	for n, r := range rows {
		args[n] = make([]any, len(r.cells))
		for i := range r.cells {
			if t.Dialect() == db.Postgres && (strings.IndexByte(r.cells[i].text, 0) >= 0 || !utf8.ValidString(r.cells[i].text)) {
				return n, errNotForPostgres
			}
			args[n][i] = r.cells[i].arg(f.columns[i].typ)
		}
	}
	_, err = t.InsertRows(ctx, "INSERT INTO "+f.Table+" ("+f.names()+")", f.upsert, args)
	return -1, err
}

// FirstUsedTable returns the name of a bundle file that has rows here already;
// empty where the installation is empty. Settings and id sequences don't count.
func (t *Tx) FirstUsedTable(ctx context.Context) (string, error) {
	for _, f := range BundleFiles() {
		if f.Fixed {
			continue
		}
		var one int
		err := t.QueryRow(ctx, "SELECT 1 FROM "+f.Table+" LIMIT 1").Scan(&one)
		if err == nil {
			return f.Name, nil
		}
		if !db.IsNoRows(err) {
			return "", err
		}
	}
	return "", nil
}

// BeginRestore marks the installation as one whose restore is not finished. The
// mark goes with EndRestore.
func (t *Tx) BeginRestore(ctx context.Context, from string) error {
	return t.SetSetting(ctx, settingUnfinished, from)
}

// UnfinishedRestore returns what a restore was made from that did not finish;
// empty where there is none.
func (t *Tx) UnfinishedRestore(ctx context.Context) (string, error) {
	return t.Setting(ctx, settingUnfinished, "")
}

// ClearSettings removes the settings that a bundle replaces.
func (t *Tx) ClearSettings(ctx context.Context) error {
	_, err := t.Exec(ctx, "DELETE FROM setting WHERE "+settingsToKeep)
	return err
}

// EndRestore removes the mark of BeginRestore.
func (t *Tx) EndRestore(ctx context.Context) error {
	_, err := t.Exec(ctx, "DELETE FROM setting WHERE name = $1", settingUnfinished)
	return err
}

// RecountTallies counts the items for their tallies.
func (t *Tx) RecountTallies(ctx context.Context) error {
	for _, q := range []string{
		"DELETE FROM tally",
		`INSERT INTO tally (kind, type_id, status_id, sync, reason, n)
			SELECT kind, type_id, status_id, sync, reason, count(*) FROM item GROUP BY kind, type_id, status_id, sync, reason`,
	} {
		if _, err := t.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// Quarantined counts what Quarantine stopped.
type Quarantined struct {
	Integrations, Runs, Plans, Backups int
}

// QuarantinedFiles names the bundle files whose rows Quarantine may change.
func QuarantinedFiles() []string {
	return []string{"integrations", "runs", "plans", "backups"}
}

// Quarantine makes a restored installation stand still until a person looks at
// it (V19): every integration is paused, every run and every plan that was under
// way ends, nobody is signed in or holds a link to do so, and no backup counts as
// at hand, for their files stayed elsewhere.
func (t *Tx) Quarantine(ctx context.Context) (Quarantined, error) {
	var q Quarantined
	now := int64(t.Now())
	for _, s := range []struct {
		n    *int
		sql  string
		args []any
	}{
		{&q.Integrations, "UPDATE integration SET paused = TRUE, paused_by = $1, paused_at = $2 WHERE NOT paused", []any{pausedByRestore, now}},
		{&q.Runs, "UPDATE run SET state = $1, stage = '', message = $2, ended_at = $3 WHERE state IN ('queued', 'running')",
			[]any{string(mainstay.RunCancelled), "This sync was under way when the backup was taken. It didn't go on in the restored copy.", now}},
		{&q.Plans, "UPDATE plan SET state = $1, message = $2, ended_at = $3 WHERE state IN ('starting', 'backing_up', 'running')",
			[]any{string(mainstay.PlanStopped), "This plan was under way when the backup was taken. It didn't go on in the restored copy.", now}},
		{&q.Backups, "UPDATE backup SET state = $1, message = $2 WHERE state <> 'failed'",
			[]any{string(mainstay.BackupFailed), "Its file stayed with the installation that was restored here."}},
		{new(int), "DELETE FROM session", nil},
		{new(int), "DELETE FROM setting WHERE " + onceOnly, nil},
	} {
		n, err := t.Exec(ctx, s.sql, s.args...)
		if err != nil {
			return q, err
		}
		*s.n = n
	}
	return q, nil
}

// pausedByRestore stands where the name of the person stands who paused.
const pausedByRestore = "the restore of a backup"
