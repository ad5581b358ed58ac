package bundle

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"mainstay"
	"mainstay/internal/db"
	"mainstay/internal/jobs"
	"mainstay/internal/store"
)

// Backups takes, verifies, keeps and hands out the backups of an installation.
type Backups struct {
	Store *store.Store
	Jobs  *jobs.Queue
	// Dir is the folder of the files. Where several servers share a database it
	// must be the same folder for all of them.
	Dir string
	// Version is the product version, for the manifests.
	Version string
	// Recipient is the age public key that files are encrypted for; empty for
	// plain files.
	Recipient string
	// Identities open encrypted files for Verify. A server has none: what it takes
	// it verifies with a key of the moment that it then forgets.
	Identities []age.Identity
	// Log gets the causes of failures; nil for none.
	Log *slog.Logger
	// Progress is told of each step; nil for nobody.
	Progress func(Progress)
}

// Request asks for a backup: it stores the row and enqueues the job.
func (b *Backups) Request(ctx context.Context, a mainstay.Actor) (mainstay.Backup, error) {
	if err := a.Can(mainstay.UseBackups, 0); err != nil {
		return mainstay.Backup{}, err
	}
	return b.insert(ctx, a, 0)
}

// spare is how long the job of a backup waits that its caller takes itself.
const spare = 2 * time.Minute

// Take takes a backup, verifies it, and returns when it has ended; a failed one
// comes back with its message and no error. Should this process be killed, a
// job goes on in its place.
func (b *Backups) Take(ctx context.Context, by string) (mainstay.Backup, error) {
	row, err := b.insert(ctx, mainstay.System(by), spare)
	if err != nil {
		return row, err
	}
	return b.take(ctx, row.ID, jobs.Job{})
}

// insert stores a queued backup together with its job, which starts later by
// wait.
func (b *Backups) insert(ctx context.Context, a mainstay.Actor, wait time.Duration) (mainstay.Backup, error) {
	var row mainstay.Backup
	err := b.Store.Write(ctx, func(t *store.Tx) error {
		id, err := t.Setting(ctx, SettingInstance, "")
		if err == nil && id == "" {
			err = t.SetSetting(ctx, SettingInstance, rand.Text())
		}
		if err != nil {
			return err
		}
		row = mainstay.Backup{State: mainstay.BackupQueued, By: a.Name, Encrypted: b.Recipient != "", Created: t.Now()}
		if err := t.InsertBackup(ctx, &row); err != nil {
			return err
		}
		if _, err := b.Jobs.Enqueue(ctx, t.Tx, jobs.Backup, int64(row.ID), t.Now().Add(wait)); err != nil {
			return err
		}
		return note(ctx, t, a, "asked for a backup", row)
	})
	return row, err
}

// note records what a person did with a backup.
func note(ctx context.Context, t *store.Tx, a mainstay.Actor, verb string, row mainstay.Backup) error {
	return t.InsertActivity(ctx, []mainstay.Activity{{At: t.Now(), UserID: a.UserID, Who: a.Name, Address: a.Address, Verb: verb,
		Name: fmt.Sprintf("Backup %d", row.ID), Detail: row.File}})
}

// tries is how often the job of a backup starts again after a fault that may
// pass, such as a lost connection to the database.
const tries = 3

// Handle is the handler of the backup job. A backup that a killed process left
// under way is taken anew.
func (b *Backups) Handle(ctx context.Context, j jobs.Job) error {
	_, err := b.take(ctx, mainstay.BackupID(j.Key), j)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case mainstay.KindOf(err) == mainstay.NotFound:
		return jobs.Cancel(err)
	case j.Attempt < tries || mainstay.KindOf(err) == mainstay.Conflict:
		return err
	}
	b.logger().ErrorContext(ctx, "backup", slog.Int64("backup", j.Key), slog.Any("error", err))
	return b.fail(ctx, mainstay.BackupID(j.Key), j, mainstay.SafeMessage(err))
}

// GaveUp marks a backup as failed whose job will not be tried again. It is the
// part of jobs.Options.GaveUp for jobs.Backup.
func (b *Backups) GaveUp(ctx context.Context, tx *db.Tx, j jobs.Job, reason error) error {
	t := &store.Tx{Tx: tx}
	row, err := t.Backup(ctx, mainstay.BackupID(j.Key))
	if err != nil || ended(row) {
		return err
	}
	row.State, row.Message = mainstay.BackupFailed, mainstay.SafeMessage(reason)
	return t.UpdateBackup(ctx, row)
}

// Sweep puts backups back into the queue whose job was lost. Calling it often is
// harmless.
func (b *Backups) Sweep(ctx context.Context) error {
	return b.Store.Write(ctx, func(t *store.Tx) error {
		rows, err := t.Backups(ctx, allRows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if ended(row) {
				continue
			}
			if _, err := b.Jobs.Enqueue(ctx, t.Tx, jobs.Backup, int64(row.ID), 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// allRows is more than there are rows of backups.
const allRows = 100_000

// Verify reads a backup back to its last byte and notes the result in its row,
// which is failed from then on where the file is damaged or gone; the error says
// so too. A backup that this process has no key for is left as it is.
func (b *Backups) Verify(ctx context.Context, a mainstay.Actor, id mainstay.BackupID) error {
	if err := a.Can(mainstay.UseBackups, 0); err != nil {
		return err
	}
	row, path, err := b.find(ctx, id)
	if err != nil {
		return err
	}
	if row.Encrypted && len(b.Identities) == 0 {
		return mainstay.Errorf(mainstay.Conflict, "This backup is encrypted, and its private key isn't on this server, as it should be. Run mainstay verify where the key is.")
	}
	_, fault := Verify(path, Options{Identities: b.Identities, Progress: b.Progress})
	err = b.Store.Write(ctx, func(t *store.Tx) error {
		if row, err = t.Backup(ctx, id); err != nil {
			return err
		}
		row.State, row.Message, row.Verified = mainstay.BackupVerified, "", t.Now()
		if fault != nil {
			row.State, row.Message = mainstay.BackupFailed, mainstay.SafeMessage(fault)
		}
		if err := t.UpdateBackup(ctx, row); err != nil {
			return err
		}
		return note(ctx, t, a, "verified a backup", row)
	})
	return errors.Join(fault, err)
}

// Open opens the file of a backup for download and records who took it, for it
// holds everything that the installation knows.
func (b *Backups) Open(ctx context.Context, a mainstay.Actor, id mainstay.BackupID) (io.ReadSeekCloser, mainstay.Backup, error) {
	if err := a.Can(mainstay.UseBackups, 0); err != nil {
		return nil, mainstay.Backup{}, err
	}
	row, path, err := b.find(ctx, id)
	if err != nil {
		return nil, row, err
	}
	if row.State != mainstay.BackupVerified {
		return nil, row, mainstay.Errorf(mainstay.Conflict, "This backup isn't verified, so it isn't handed out.")
	}
	f, err := os.Open(path) //nolint:gosec // the person who runs the server names the folder
	if err != nil {
		return nil, row, mainstay.Wrap(mainstay.NotFound, err, "The file %s isn't in the backup folder of this server.", row.File)
	}
	err = b.Store.Write(ctx, func(t *store.Tx) error { return note(ctx, t, a, "downloaded a backup", row) })
	if err != nil {
		f.Close() //nolint:errcheck // nothing was written
		return nil, row, err
	}
	return f, row, nil
}

// find returns a backup that has a file, with its path.
func (b *Backups) find(ctx context.Context, id mainstay.BackupID) (row mainstay.Backup, path string, err error) {
	err = b.Store.Read(ctx, func(t *store.Tx) error {
		row, err = t.Backup(ctx, id)
		return err
	})
	if err != nil {
		return row, "", err
	}
	if !ended(row) || row.File == "" || filepath.Base(row.File) != row.File {
		return row, "", mainstay.Errorf(mainstay.NotFound, "This backup has no file.")
	}
	return row, filepath.Join(b.Dir, row.File), nil
}

// ended reports whether nothing more happens to a backup by itself.
func ended(row mainstay.Backup) bool {
	return row.State == mainstay.BackupVerified || row.State == mainstay.BackupFailed
}

func (b *Backups) logger() *slog.Logger {
	if b.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return b.Log
}

// fileName names the file of a backup by its moment and id, so that a second
// attempt takes the place of the first.
func fileName(row mainstay.Backup) string {
	name := fmt.Sprintf("mainstay-%s-%d.zip", row.Created.Std().Format("20060102-150405"), row.ID)
	if row.Encrypted {
		name += ".age"
	}
	return name
}
