package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"mainstay"
	"mainstay/internal/bundle"
	"mainstay/internal/store"
)

type backupCmd struct{}

// backupView is the stable JSON form of a backup.
type backupView struct {
	ID        mainstay.BackupID    `json:"id"`
	State     mainstay.BackupState `json:"state"`
	File      string               `json:"file"`
	Size      int64                `json:"size_bytes"`
	Items     int                  `json:"items"`
	Encrypted bool                 `json:"encrypted"`
	Message   string               `json:"message"`
}

// Run takes a backup, verifies it, and waits for the end.
func (backupCmd) Run(c *call) error {
	return c.with(func(a *app) error {
		b, err := a.backups.Request(c.ctx, operator())
		if err != nil {
			return err
		}
		err = c.wait(a, func(ctx context.Context) (progress, error) {
			err := a.store.Read(ctx, func(t *store.Tx) error {
				b, err = t.Backup(ctx, b.ID)
				return err
			})
			return progress{stage: "backing up", done: 0, total: 1, ended: b.State == mainstay.BackupVerified || b.State == mainstay.BackupFailed}, err
		})
		if err != nil {
			return err
		}
		if b.State != mainstay.BackupVerified {
			return mainstay.Errorf(mainstay.Unavailable, "The backup failed. %s", b.Message)
		}
		return c.print(backupView{b.ID, b.State, b.File, b.Size, b.Items, b.Encrypted, b.Message}, func(w io.Writer) {
			fmt.Fprintf(w, "Backup %d is verified: %s in %s, %s bytes.\n", b.ID, items(b.Items), b.File, mainstay.Thousands(int(b.Size)))
		})
	})
}

func items(n int) string {
	if n == 1 {
		return "1 item"
	}
	return mainstay.Thousands(n) + " items"
}

// keyFlags say how an encrypted file is opened.
type keyFlags struct {
	IdentityFile   string `help:"File with the age secret key of an encrypted backup."`
	PassphraseFile string `help:"File with the passphrase of an encrypted backup; - reads it from standard input."`
}

func (k keyFlags) identities(c *call) ([]age.Identity, error) {
	if k.PassphraseFile != "" {
		text, err := c.secret(k.PassphraseFile)
		if err != nil {
			return nil, err
		}
		_, id, err := bundle.Passphrase(text)
		return []age.Identity{id}, err
	}
	if k.IdentityFile == "" {
		return nil, nil
	}
	text, err := c.secret(k.IdentityFile)
	if err != nil {
		return nil, err
	}
	return bundle.ParseIdentities(text)
}

type verifyCmd struct {
	File string `arg:"" help:"Backup file." type:"existingfile"`
	keyFlags
}

// Run reads a backup file and checks it.
func (v *verifyCmd) Run(c *call) error {
	keys, err := v.identities(c)
	if err != nil {
		return err
	}
	m, err := bundle.Verify(v.File, bundle.Options{Version: Version, Identities: keys})
	if err != nil {
		return err
	}
	return c.print(m, func(w io.Writer) { fmt.Fprintf(w, "%s is complete: every count and every hash is right.\n", v.File) })
}

type restoreCmd struct {
	File string `arg:"" help:"Backup file." type:"existingfile"`
	keyFlags
}

// Run restores a backup into an empty installation, SQLite or PostgreSQL.
func (r *restoreCmd) Run(c *call) error {
	keys, err := r.identities(c)
	if err != nil {
		return err
	}
	a, err := c.open(true)
	if err != nil {
		return err
	}
	done, err := bundle.Restore(c.ctx, r.File, a.store, bundle.Options{Version: Version, Identities: keys, Actor: operator()})
	if err != nil {
		return errors.Join(err, a.Close())
	}
	missing := done.MissingKeys(a.ring.IDs())
	return errors.Join(a.Close(), c.print(done, func(w io.Writer) {
		fmt.Fprintln(w, "Restored and compared: the content equals the backup. Integrations are paused until you resume them.")
		if len(missing) > 0 {
			fmt.Fprintln(w, "The key file here is another one than the backup's, so the credentials of the PSA can't be opened. Put the old key file in place, or enter the credentials again.")
		}
	}))
}
