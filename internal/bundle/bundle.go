// Package bundle writes, verifies and restores bundles, the one file format of
// backup, export and drill, and keeps the backups of an installation.
//
// A bundle is a ZIP of NDJSON files, one per noun and one per kind of items,
// written from one snapshot of the database, with manifest.json as the last
// file: counts, a SHA-256 of each file, and a hash over each file's rows that
// depends neither on their order nor on the database they came from. The
// comment of the ZIP holds a SHA-256 of everything before it, so each changed
// byte shows. Where a recipient is given the whole is an age file.
//
// The secrets of integrations travel as they are stored: sealed. They open only
// with the key file of the installation that the bundle was written from, so
// keep that file too, and apart from the bundles. Sessions do not travel.
package bundle

import (
	"errors"
	"fmt"
	"syscall"

	"filippo.io/age"

	"mainstay"
	"mainstay/internal/store"
)

// SettingInstance is the setting that names the installation. A restored one
// gets a new name.
const SettingInstance = "instance id"

// Options say how a bundle is written, read and restored. The zero value writes
// and reads plain files.
type Options struct {
	// Version is the product version, for the manifest.
	Version string
	// Recipients are whom the file is encrypted for; none for a plain file. See
	// ParseRecipients and Passphrase.
	Recipients []age.Recipient
	// Identities open an encrypted file.
	Identities []age.Identity
	// MaxBytes is how large the contents may be that are read from a file; 0 for
	// DefaultMaxBytes.
	MaxBytes int64
	// Instance is the id that a restored installation gets; empty for a random one.
	Instance string
	// Actor is who restores, for the activity log.
	Actor mainstay.Actor
	// Progress is told of each step and how many rows are done; nil for nobody.
	Progress func(Progress)
}

// DefaultMaxBytes is how large the contents of a bundle may be unless Options
// say otherwise.
const DefaultMaxBytes = 256 << 30

// Progress is how far a bundle is.
type Progress struct {
	// Step is "write", "sync" and "rename", then "verify", and in a restore
	// "begin", "insert", "compare", "quarantine" and "commit".
	Step string
	File string // the bundle file at work, where the step has one
	Rows int    // of all files so far
}

// told is after how many rows Progress is called again.
const told = 1000

func (o Options) tell(step, file string, rows int) {
	if o.Progress != nil {
		o.Progress(Progress{step, file, rows})
	}
}

// Manifest describes a bundle. It is its last file.
type Manifest struct {
	Format   int           `json:"format"`
	Product  string        `json:"product"`
	Version  string        `json:"version"`
	Created  mainstay.Time `json:"created"` // microseconds since 1970, UTC
	Instance string        `json:"instance"`
	Database string        `json:"database"`
	Items    int           `json:"items"` // live items of all kinds
	// Keys are the ids of the keys that sealed the secrets of integrations; the
	// key file must hold them for the secrets to open.
	Keys  []uint32   `json:"keys"`
	Note  string     `json:"note"`
	Files []FileInfo `json:"files"`
}

// FileInfo describes one file of a bundle.
type FileInfo struct {
	Name    string `json:"name"`
	Rows    int    `json:"rows"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
	Content string `json:"content"` // hash over the rows in any order
}

// product marks the manifest as ours.
const product = "mainstay"

const keyNote = "Secrets of integrations are sealed. They open only with the key file of the installation that wrote this bundle. Passwords of people are hashed. Sessions are left out."

// Contents returns the content of each file by its name without the ending, in
// the form of store.Tx.Contents.
func (m *Manifest) Contents() map[string]store.Content {
	out := make(map[string]store.Content, len(m.Files))
	for _, f := range m.Files {
		out[f.Name[:len(f.Name)-len(ending)]] = store.Content{Rows: f.Rows, Hash: f.Content}
	}
	return out
}

// ending is the ending of the files with rows; manifestName is the last file.
const (
	ending       = ".ndjson"
	manifestName = "manifest.json"
)

// damaged makes the error for a file that is not as it was written.
func damaged(cause error, format string, args ...any) error {
	return mainstay.Wrap(mainstay.Invalid, cause, "This backup is damaged: %s. Don't restore it; take another one.", fmt.Sprintf(format, args...))
}

// noRoom reports whether err says that a disk, a quota or a limit is used up.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
