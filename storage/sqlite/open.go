package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// File is the name of the database inside the data directory.
const File = "bretelle.db"

// Options of Open. Only Dir is needed.
type Options struct {
	Dir   string           // the data directory; made when it is missing
	Batch int              // members a transaction has at most; 0 is 64
	Now   func() time.Time // tells when a deferred notice is due; nil is time.Now

	// VFS names the layer of SQLite that reads and writes files; "" is the usual one. Tests put a bad disk there.
	VFS string
	// Fail, when set, is asked at failpoints: "member" before each member, "commit" before each COMMIT. An error
	// makes that member, or that COMMIT, fail as if the disk had.
	Fail func(point string) error
	// Commit, when set, is called "before" and "after" the n-th COMMIT (from 1): where tests kill the process.
	Commit func(n int, when string)
}

// Store keeps everything in one SQLite file. All methods are safe for concurrent use.
type Store struct {
	dir     string
	now     func() time.Time
	lock    *os.File
	readers *sql.DB
	stmts   sync.Map // of readers, by text
	w       *writer
	blobs   blobs
	numbers storage.Numbers // of runs
	oldest  int64           // runs up to this number have entries from before the packed journal
	closing sync.Once

	sweeping sync.Mutex // one sweep at a time
	words    sync.Mutex // one indexing at a time
	copying  copying
	closed   error
}

// Open opens the store in a directory, bringing its schema up to date. Errors: Conflict when another process has
// it, Unavailable when the disk does not play along (read-only, full), Unreadable when the file is damaged or was
// written by a newer version.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Batch <= 0 {
		o.Batch = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, explain(o.Dir, "open", err)
	}
	lock, err := acquire(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: o.Dir, now: o.Now, lock: lock, blobs: blobs{dir: filepath.Join(o.Dir, "blobs")}}
	if err := s.open(ctx, o); err != nil {
		_ = s.Close()
		return nil, explain(o.Dir, "open", err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) error {
	path := filepath.Join(o.Dir, File)
	// The log and its index take their mode from the database when they are made, so it must be right before.
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return err
	} else if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return err
	}
	// temp_store: what a savepoint may have to undo is kept in memory; in a file it doubled the cost of a member.
	db, tap, err := openTapped(dsn(path, url.Values{
		"vfs":     o.vfs(),
		"_txlock": {"immediate"},
		"_pragma": {"busy_timeout(5000)", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(1)", "secure_delete(1)", "journal_size_limit(67108864)", "wal_autocheckpoint(3500)", "temp_store(MEMORY)", "cache_size(-8000)"},
	}))
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	s.w = &writer{db: db, tap: tap, store: s, options: o, jobs: make(chan *job, 4*o.Batch), ended: make(chan struct{}),
		nextCheck: longLog}
	if err := migrate(ctx, db); err != nil {
		close(s.w.ended)
		return err
	}
	s.readers, err = sql.Open("sqlite", dsn(path, url.Values{
		"vfs":     o.vfs(),
		"mode":    {"ro"},
		"_pragma": {"busy_timeout(5000)", "query_only(1)", "foreign_keys(1)"},
	}))
	if err != nil {
		close(s.w.ended)
		return err
	}
	var last int64
	if err := errors.Join(db.QueryRowContext(ctx, `SELECT coalesce(max(run), 0) FROM entries`).Scan(&s.oldest),
		db.QueryRowContext(ctx, `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'runs'), 0)`).Scan(&last)); err != nil {
		close(s.w.ended)
		return err
	}
	s.numbers.Begin(last)
	s.readers.SetMaxOpenConns(4)
	s.readers.SetMaxIdleConns(4)
	go s.w.loop(context.WithoutCancel(ctx))
	return nil
}

func (o Options) vfs() []string {
	if o.VFS == "" {
		return nil
	}
	return []string{o.VFS}
}

func dsn(path string, q url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close finishes the writes that were begun, refuses later ones and gives the directory free. Closing again does
// nothing.
func (s *Store) Close() error {
	s.closing.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Store) close() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.w != nil {
		s.w.close()
		errs = append(errs, s.w.db.Close())
	}
	errs = append(errs, release(s.lock))
	for _, err := range errs {
		if err != nil {
			return explain(s.dir, "close", err)
		}
	}
	return nil
}

func (s *Store) millis() int64 { return engine.Millis(s.now()) }
