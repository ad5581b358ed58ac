package web

import "mainstay"

// BackupsPage lists the backups: POST /account/backups takes one, POST
// /account/backups/{id}/verify reads one back, GET …/{id}/download sends it.
type BackupsPage struct {
	Page
	Last    *mainstay.Backup // the newest verified one, or nil
	Running *JobPill
	Backups []mainstay.Backup
	Folder  string // where the files are
	// CanEncrypt offers the field passphrase.
	CanEncrypt bool
	Error      string
}
