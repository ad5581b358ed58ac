package mainstay

import "time"

// BackupID identifies a backup.
type BackupID int64

// BackupState is where a backup stands.
type BackupState string

// The states of a backup.
const (
	BackupQueued   BackupState = "queued"
	BackupRunning  BackupState = "running"
	BackupVerified BackupState = "verified" // read back, and every count and hash was right
	BackupFailed   BackupState = "failed"
)

// BackupFresh is how old a verified backup may be for a large plan to rely on it.
const BackupFresh = 24 * time.Hour

// Backup is one bundle file and what is known of it.
type Backup struct {
	ID        BackupID
	State     BackupState
	By        string
	File      string // name inside the backup folder
	Size      int64  // bytes
	Items     int
	Encrypted bool
	Message   string
	Created   Time
	Verified  Time
}
