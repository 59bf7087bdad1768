package sqlite

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

func lockFile(f *os.File) (taken bool, err error) {
	err = windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION), err
}

func full(dir string) bool {
	free, ok := freeBytes(dir)
	return ok && free < 128<<10
}

// freeBytes is the room on the disk under dir; ok is false when nobody knows.
func freeBytes(dir string) (int64, bool) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(p, &free, nil, nil); err != nil {
		return 0, false
	}
	return int64(min(free, math.MaxInt64)), true
}

func noSpace(err error) bool { return errors.Is(err, windows.ERROR_DISK_FULL) }
func readOnly(err error) bool {
	return errors.Is(err, windows.ERROR_WRITE_PROTECT) || errors.Is(err, os.ErrPermission)
}

// ignoreUnsupported: Windows cannot sync a directory, and need not.
func ignoreUnsupported(error) error { return nil }
