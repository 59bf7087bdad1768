package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// orphanAge is how old a file has to be before it can count as left behind: its row is stored within seconds.
const orphanAge = 10 * time.Minute

// orphanBatch is how many files are looked at under the lock that keeps new rows away.
const orphanBatch = 20

// orphans removes files of blobs that no row names: of commits that failed, of rows that were forgotten, and of writing
// that was cut short.
func (w *sweep) orphans() error {
	b := &w.s.blobs
	folders, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, folder := range folders {
		if w.ctx.Err() != nil {
			break
		}
		errs = append(errs, w.folder(filepath.Join(b.dir, folder.Name())))
	}
	return errors.Join(errs...)
}

func (w *sweep) folder(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range list {
		info, err := f.Info()
		// By the disk's clock and ours, which tests set: a file is old when it is old by both.
		if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < orphanAge {
			continue
		}
		if strings.HasPrefix(f.Name(), "new-") {
			if err := os.Remove(filepath.Join(dir, f.Name())); err == nil {
				w.out.Blobs++
			}
			continue
		}
		used, err := blobUsed(w.s.reading(w.ctx), f.Name())
		if err != nil {
			return err
		}
		if !used {
			names = append(names, f.Name())
		}
	}
	for len(names) > 0 && w.ctx.Err() == nil {
		n := min(len(names), orphanBatch)
		gone, err := w.s.unlink(w.ctx, names[:n])
		if err != nil {
			return err
		}
		w.out.Blobs += gone
		names = names[n:]
	}
	return nil
}
