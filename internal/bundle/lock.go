package bundle

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"mainstay"
)

// lockWait is how often a locked folder is tried again.
const lockWait = 100 * time.Millisecond

// lockDir waits until this process is the only one that writes backups into a
// folder, and returns what ends that. The lock ends with the process, whichever
// way that ends.
func lockDir(ctx context.Context, dir string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(dir, ".lock"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the person who runs the server names the folder
	if err != nil {
		return nil, mainstay.Wrap(mainstay.Unavailable, err, "The backup folder %s can't be written to. Check its owner and rights.", dir)
	}
	for {
		free, err := tryLock(f)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if free {
			return func() { f.Close() }, nil //nolint:errcheck // closing an empty file loses nothing
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(lockWait):
		}
	}
}
