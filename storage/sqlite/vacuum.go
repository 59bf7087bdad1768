package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/bretelle/bretelle/engine"
)

// Space is how much room the database takes, in bytes.
type Space struct {
	File int64 // the database; its log and the files of large payloads come on top
	Free int64 // of that, left by what was forgotten
	Log  int64
}

// Space tells how much room the database takes.
func (s *Store) Space(ctx context.Context) (sp Space, err error) {
	var size, pages, free int64
	for _, q := range []struct {
		pragma string
		into   *int64
	}{{`page_size`, &size}, {`page_count`, &pages}, {`freelist_count`, &free}} {
		if err := s.readers.QueryRowContext(ctx, `PRAGMA `+q.pragma).Scan(q.into); err != nil {
			return sp, explain(s.dir, "space", err)
		}
	}
	sp.File, sp.Free, sp.Log = size*pages, size*free, logSize(s.dir)
	return sp, nil
}

// Free pages that are left alone, for what comes next: a file that shrinks and grows all day costs more than it saves.
const (
	leastFree = 2048 // pages
	freeShare = 10   // one page in so many
)

// Shrink gives pages that nothing lies in back to the disk, in small transactions, until one in ten is left or ctx
// ends. It gives the bytes the file is smaller by. A database made before such pages could be given back stays as it is;
// Vacuum mends that.
func (s *Store) Shrink(ctx context.Context) (bytes int64, err error) {
	for ctx.Err() == nil {
		var free, pages, size int64
		err := s.write(ctx, "shrink", func(t *tx) error {
			for _, q := range []struct {
				pragma string
				into   *int64
			}{{`PRAGMA freelist_count`, &free}, {`PRAGMA page_count`, &pages}, {`PRAGMA page_size`, &size}} {
				if _, err := one(t, q.pragma, nil, q.into); err != nil {
					return err
				}
			}
			if free -= max(leastFree, pages/freeShare); free <= 0 {
				return nil
			}
			// So many pages at once hold up nobody who wants to write.
			_, err := all(t, `PRAGMA incremental_vacuum(128)`, nil, func(*sql.Rows) (struct{}, error) { return struct{}{}, nil })
			return err
		})
		if err != nil || free <= 0 {
			return bytes, err
		}
		var after int64
		if err := s.w.pages(ctx, &after); err != nil || after >= pages {
			return bytes, err
		}
		bytes += (pages - after) * size
	}
	return bytes, nil
}

func (w *writer) pages(ctx context.Context, into *int64) error {
	return w.store.write(ctx, "shrink", func(t *tx) error {
		_, err := one(t, `PRAGMA page_count`, nil, into)
		return err
	})
}

// Vacuum writes the database of a directory anew without gaps, and so that it can be shrunk from then on. It needs as
// much room again for as long as it takes. Conflict while a bot runs on the directory; NotFound when there is none.
func Vacuum(ctx context.Context, dir string) (err error) {
	path := filepath.Join(dir, File)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return engine.E(engine.NotFound, "there is no data in {dir}", "dir", dir).WithHint("Name the directory with --data.")
	}
	lock, err := acquire(dir)
	if err != nil {
		return err
	}
	defer func() { err = explain(dir, "vacuum", errors.Join(err, release(lock))) }()
	db, err := sql.Open("sqlite", dsn(path, url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)", "secure_delete(1)"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	for _, q := range []string{`PRAGMA auto_vacuum = INCREMENTAL`, `VACUUM`, `PRAGMA wal_checkpoint(TRUNCATE)`} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func logSize(dir string) int64 {
	info, err := os.Stat(filepath.Join(dir, File+"-wal"))
	if err != nil {
		return 0
	}
	return info.Size()
}
