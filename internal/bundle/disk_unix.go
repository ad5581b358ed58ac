//go:build unix

package bundle

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on an open file unless another process, or another
// opening of the file, holds it.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) || errors.Is(err, syscall.EINTR) {
		return false, nil
	}
	return err == nil, err
}

// syncDir makes a rename in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the person who runs the server names the folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
