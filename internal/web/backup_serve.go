package web

import (
	"context"
	"io"
	"mime"
	"net/http"
	"time"

	"mainstay"
	"mainstay/internal/auth"
	"mainstay/internal/store"
)

// Backups is what pages need of the backup service, which checks rights itself.
type Backups interface {
	// Request queues a backup.
	Request(ctx context.Context, a mainstay.Actor) (mainstay.Backup, error)
	// Verify reads a backup back and checks every count and hash.
	Verify(ctx context.Context, a mainstay.Actor, id mainstay.BackupID) error
	// Open returns the file of a verified backup.
	Open(ctx context.Context, a mainstay.Actor, id mainstay.BackupID) (io.ReadSeekCloser, mainstay.Backup, error)
}

// shownBackups is how many backups the page lists.
const shownBackups = 50

// backups lists the backups.
func (s *Web) backups(w http.ResponseWriter, r *http.Request) error {
	return s.backupsWith(w, r, http.StatusOK, "")
}

func (s *Web) backupsWith(w http.ResponseWriter, r *http.Request, status int, message string) error {
	p := BackupsPage{Folder: s.BackupFolder, Error: message}
	err := s.Store.Read(r.Context(), func(t *store.Tx) error {
		var err error
		if p.Page, err = s.page(r, t, Page{Title: "Backups", Active: "backups", Crumbs: []Crumb{{Label: "Backups"}}}); err != nil {
			return err
		}
		p.Backups, err = t.Backups(r.Context(), shownBackups)
		return err
	})
	if err != nil {
		return err
	}
	for n, b := range p.Backups {
		switch b.State {
		case mainstay.BackupVerified:
			if p.Last == nil {
				p.Last = &p.Backups[n]
			}
		case mainstay.BackupQueued, mainstay.BackupRunning:
			p.Running = &JobPill{Label: "A backup is running.", URL: "/jobs", Percent: -1}
		case mainstay.BackupFailed:
		}
	}
	return s.write(w, r, status, backupsView(p))
}

// takeBackup asks for a backup.
func (s *Web) takeBackup(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Backups.Request(r.Context(), auth.Actor(r.Context())); err != nil {
		return s.backupProblem(w, r, err)
	}
	withFlash(w, flash{Code: flashBackup})
	return redirect(w, r, "/account/backups")
}

// backupProblem says on the page what went wrong with a backup.
func (s *Web) backupProblem(w http.ResponseWriter, r *http.Request, err error) error {
	switch mainstay.KindOf(err) {
	case mainstay.Conflict, mainstay.Invalid, mainstay.Unavailable, mainstay.TooLarge:
		return s.backupsWith(w, r, auth.Status(err), mainstay.SafeMessage(err))
	}
	return err
}

// verifyBackup reads a backup back.
func (s *Web) verifyBackup(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	if err := s.Backups.Verify(r.Context(), auth.Actor(r.Context()), mainstay.BackupID(id)); err != nil {
		return s.backupProblem(w, r, err)
	}
	withFlash(w, flash{Code: flashVerified})
	return redirect(w, r, "/account/backups")
}

// downloadBackup sends the file of a backup, in parts where the browser asks for
// that, so a broken download can go on.
func (s *Web) downloadBackup(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r, "id")
	if err != nil {
		return err
	}
	file, b, err := s.Backups.Open(r.Context(), auth.Actor(r.Context()), mainstay.BackupID(id))
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it was only read
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", attachment(b.File))
	h.Set("Cache-Control", "no-store")
	// A large file takes longer than any page.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{}) // where the server sets no deadline there is none to lift
	http.ServeContent(w, r, "", b.Created.Std(), file)
	return nil
}

// attachment is the header that makes a browser save a file under a name.
func attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
