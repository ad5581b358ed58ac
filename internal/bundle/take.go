package bundle

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"filippo.io/age"

	"mainstay"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// take brings a backup to its end, or returns it where it has ended already.
// A fault of the disk or of the data ends it as failed, with no error; what may
// pass by itself is an error and leaves it under way.
func (b *Backups) take(ctx context.Context, id mainstay.BackupID, j jobs.Job) (mainstay.Backup, error) {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return b.failed(ctx, id, j, mainstay.Wrap(mainstay.Unavailable, err, "The backup folder %s can't be made. Check its owner and rights.", b.Dir))
	}
	unlock, err := lockDir(ctx, b.Dir)
	if err != nil {
		return mainstay.Backup{}, err
	}
	defer unlock()
	row, err := b.begin(ctx, id, j)
	if err != nil || ended(row) {
		return row, err
	}
	path := filepath.Join(b.Dir, row.File)
	m, err := b.write(ctx, path, row.Encrypted)
	if err != nil {
		// A file that was not verified must not lie where backups lie.
		err = errors.Join(err, removeFile(path))
		if ctx.Err() != nil || mainstay.KindOf(err) == mainstay.Internal {
			return row, err
		}
		return b.failed(ctx, id, j, err)
	}
	if row, err = b.succeed(ctx, id, j, m, path); err != nil {
		return row, err
	}
	b.retain(ctx)
	return row, nil
}

// begin cleans up behind killed processes and marks the backup as running. The
// caller holds the lock of the folder, so every partial file is a leftover.
func (b *Backups) begin(ctx context.Context, id mainstay.BackupID, j jobs.Job) (row mainstay.Backup, err error) {
	leftovers, err := filepath.Glob(filepath.Join(b.Dir, "mainstay-*"+partial))
	if err != nil {
		return row, err
	}
	for _, path := range leftovers {
		if err := removeFile(path); err != nil {
			return row, err
		}
	}
	return b.update(ctx, id, j, func(t *store.Tx, row *mainstay.Backup) {
		row.State, row.Message, row.Encrypted = mainstay.BackupRunning, "", b.Recipient != ""
		row.File = fileName(*row)
	})
}

// write writes and verifies the file.
func (b *Backups) write(ctx context.Context, path string, encrypted bool) (Manifest, error) {
	o := Options{Version: b.Version, Progress: b.Progress}
	if encrypted {
		rs, err := ParseRecipients(b.Recipient)
		if err != nil {
			return Manifest{}, err
		}
		// The private key of the recipient is elsewhere. A second one, which nobody
		// holds when this function has returned, lets us read the file back.
		once, err := age.GenerateX25519Identity()
		if err != nil {
			return Manifest{}, err
		}
		o.Recipients, o.Identities = append(rs, once.Recipient()), []age.Identity{once}
	}
	if _, err := Write(ctx, b.Store, path, o); err != nil {
		return Manifest{}, err
	}
	return Verify(path, o)
}

func (b *Backups) succeed(ctx context.Context, id mainstay.BackupID, j jobs.Job, m Manifest, path string) (mainstay.Backup, error) {
	info, err := os.Stat(path)
	if err != nil {
		return mainstay.Backup{}, err
	}
	return b.update(ctx, id, j, func(t *store.Tx, row *mainstay.Backup) {
		row.State, row.Message = mainstay.BackupVerified, ""
		row.Size, row.Items, row.Verified = info.Size(), m.Items, t.Now()
	})
}

// failed ends a backup with the sentence of a fault.
func (b *Backups) failed(ctx context.Context, id mainstay.BackupID, j jobs.Job, fault error) (mainstay.Backup, error) {
	b.logger().ErrorContext(ctx, "backup", slog.Int64("backup", int64(id)), slog.Any("error", fault))
	return b.update(ctx, id, j, func(_ *store.Tx, row *mainstay.Backup) {
		row.State, row.Message, row.File = mainstay.BackupFailed, mainstay.SafeMessage(fault), ""
	})
}

func (b *Backups) fail(ctx context.Context, id mainstay.BackupID, j jobs.Job, message string) error {
	_, err := b.update(ctx, id, j, func(_ *store.Tx, row *mainstay.Backup) {
		row.State, row.Message, row.File = mainstay.BackupFailed, message, ""
	})
	return err
}

// update changes the row of a backup that has not ended, and takes its waiting
// job out of the queue where that ends it. A row that has ended comes back as it is.
func (b *Backups) update(ctx context.Context, id mainstay.BackupID, j jobs.Job, change func(*store.Tx, *mainstay.Backup)) (row mainstay.Backup, err error) {
	err = b.Store.Write(ctx, func(t *store.Tx) error {
		if err := j.Hold(ctx, t.Tx); err != nil {
			return err
		}
		if row, err = t.Backup(ctx, id); err != nil || ended(row) {
			return err
		}
		change(t, &row)
		if err := t.UpdateBackup(ctx, row); err != nil {
			return err
		}
		if ended(row) && j.ID == 0 {
			return b.Jobs.Cancel(ctx, t.Tx, jobs.Backup, int64(id))
		}
		return nil
	})
	return row, err
}

// SettingKeep is the setting that says how many verified backups are kept.
const SettingKeep = "backups to keep"

// defaultKeep is how many are kept where nobody said otherwise. The newest
// verified one is kept always.
const defaultKeep = 10

// retain removes the files of verified backups beyond the newest ones. The rows
// stay and say so.
func (b *Backups) retain(ctx context.Context) {
	var rows []mainstay.Backup
	keep := defaultKeep
	err := b.Store.Read(ctx, func(t *store.Tx) error {
		text, err := t.Setting(ctx, SettingKeep, strconv.Itoa(defaultKeep))
		if err != nil {
			return err
		}
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
			keep = max(n, 1)
		}
		rows, err = t.Backups(ctx, allRows)
		return err
	})
	for _, row := range rows {
		if err != nil {
			break
		}
		if row.State != mainstay.BackupVerified || row.File == "" {
			continue
		}
		if keep--; keep >= 0 {
			continue
		}
		// The file goes first: should this end in between, the next one comes here again.
		if err = removeFile(filepath.Join(b.Dir, filepath.Base(row.File))); err != nil {
			break
		}
		row.File, row.Message = "", "Its file was removed, for only the newest verified backups are kept."
		err = b.Store.Write(ctx, func(t *store.Tx) error { return t.UpdateBackup(ctx, row) })
	}
	if err != nil {
		b.logger().ErrorContext(ctx, "remove old backups", slog.Any("error", err))
	}
}

// removeFile removes a file; one that is gone already is no error.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
