package store

import (
	"context"

	"mainstay"
	"mainstay/internal/db"
)

const backupColumns = "id, state, asked_by, file, size, items, encrypted, message, created_at, verified_at"

func scanBackup(r db.Row) (mainstay.Backup, error) {
	var b mainstay.Backup
	err := r.Scan(&b.ID, &b.State, &b.By, &b.File, &b.Size, &b.Items, &b.Encrypted, &b.Message, &b.Created, &b.Verified)
	return b, err
}

// InsertBackup stores a new backup and sets its id.
func (t *Tx) InsertBackup(ctx context.Context, b *mainstay.Backup) error {
	id, err := t.NextIDs(ctx, "backup", 1)
	if err != nil {
		return err
	}
	b.ID = mainstay.BackupID(id)
	_, err = t.InsertRows(ctx, "INSERT INTO backup ("+backupColumns+")", "", [][]any{{id, string(b.State), b.By, b.File, b.Size, b.Items, b.Encrypted, b.Message, int64(b.Created), int64(b.Verified)}})
	return err
}

// UpdateBackup stores a backup.
func (t *Tx) UpdateBackup(ctx context.Context, b mainstay.Backup) error {
	_, err := t.Exec(ctx, "UPDATE backup SET state = $1, file = $2, size = $3, items = $4, encrypted = $5, message = $6, verified_at = $7 WHERE id = $8",
		string(b.State), b.File, b.Size, b.Items, b.Encrypted, b.Message, int64(b.Verified), int64(b.ID))
	return err
}

// Backup returns one backup.
func (t *Tx) Backup(ctx context.Context, id mainstay.BackupID) (mainstay.Backup, error) {
	return one(ctx, t, "backup", scanBackup, "SELECT "+backupColumns+" FROM backup WHERE id = $1", int64(id))
}

// Backups lists backups, newest first.
func (t *Tx) Backups(ctx context.Context, limit int) ([]mainstay.Backup, error) {
	return scanAll(ctx, t, scanBackup, "SELECT "+backupColumns+" FROM backup ORDER BY id DESC LIMIT $1", limit)
}

// FreshBackup returns the newest verified backup that was made after a moment;
// ok is false where there is none.
func (t *Tx) FreshBackup(ctx context.Context, after mainstay.Time) (b mainstay.Backup, ok bool, err error) {
	b, err = scanBackup(t.QueryRow(ctx, "SELECT "+backupColumns+" FROM backup WHERE state = 'verified' AND created_at > $1 ORDER BY id DESC LIMIT 1", int64(after)))
	if db.IsNoRows(err) {
		return b, false, nil
	}
	return b, err == nil, err
}
