//go:build unix

package sqlite

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

func lockFile(f *os.File) (taken bool, err error) {
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	return errors.Is(err, unix.EWOULDBLOCK), err
}

// full reports whether the disk under dir has no room left: SQLite says "I/O error" for some of the ways in which a
// full disk shows.
func full(dir string) bool {
	free, ok := freeBytes(dir)
	return ok && free < 128<<10
}

// freeBytes is the room on the disk under dir; ok is false when nobody knows.
func freeBytes(dir string) (free int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false
	}
	return int64(min(uint64(s.Bavail)*uint64(s.Bsize), math.MaxInt64)), true
}

func noSpace(err error) bool  { return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) }
func readOnly(err error) bool { return errors.Is(err, unix.EROFS) || errors.Is(err, os.ErrPermission) }

func ignoreUnsupported(err error) error {
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOTSUP) {
		return nil // file systems that cannot sync a directory need not
	}
	return err
}
