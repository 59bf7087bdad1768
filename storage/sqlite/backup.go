package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/bretelle/bretelle/engine"
)

// BackupFormat is the number of the form that backups have.
const BackupFormat = 1

// Backup is what a backup says about itself.
type Backup struct {
	Format       int            `json:"format"`
	At           int64          `json:"at"`      // when it was begun, in milliseconds: what came later is not in it
	Program      string         `json:"program"` // the version that made it
	Schema       int64          `json:"schema"`
	Installation string         `json:"installation"` // whose master key opens its secrets
	Runs         int64          `json:"runs"`
	Last         int64          `json:"last"` // number of the last run
	Open         map[string]int `json:"open"` // runs that were not over, by state
	Flows        int64          `json:"flows"`
	People       int64          `json:"people"`
	Secrets      int64          `json:"secrets"`
	Audit        int64          `json:"audit"` // rows
	Blobs        int64          `json:"blobs"`
	// Lost are large payloads whose files were damaged or missing already.
	Lost  int64 `json:"lost,omitempty"`
	Bytes int64 `json:"bytes"` // of the file
}

// Backup writes everything but the master key into one file, while everything goes on. The file is a database of its own
// with the large payloads in it; it appears under its name once it is whole, synced and checked. program is the version
// that writes it.
//
// It holds the moment when it was begun: one read transaction copies the database (VACUUM INTO), and files of payloads
// stay until they are copied as well. Writers do not wait for it; the log grows meanwhile by what they write.
//
// Errors: Conflict when the file is there already; Unavailable when there is not enough room, which is found out before
// anything is written, or the disk does not play along; Unreadable when the copy does not pass its check, which means
// that the database is damaged. Of a backup that failed nothing is left.
func (s *Store) Backup(ctx context.Context, path, program string) (about Backup, err error) {
	defer func() { err = explain(filepath.Dir(path), "backup", err) }()
	if _, err := os.Stat(path); err == nil {
		return about, engine.E(engine.Conflict, "{path} is there already", "path", path).WithHint("Give the backup another name.")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return about, err
	}
	if err := s.roomFor(ctx, filepath.Dir(path)); err != nil {
		return about, err
	}
	part := path + ".part"
	if err := discard(part); err != nil {
		return about, err
	}
	defer func() { err = errors.Join(err, discard(part)) }()
	defer func() { err = errors.Join(err, s.catchUp(context.WithoutCancel(ctx))) }()
	defer s.copying.begin()()
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return about, err
	}
	if err := f.Close(); err != nil {
		return about, err
	}
	about = Backup{Format: BackupFormat, At: s.millis(), Program: program}
	if err := s.copyInto(ctx, part); err != nil {
		return about, err
	}
	if err := s.complete(ctx, part, &about); err != nil {
		return about, err
	}
	if err := syncFile(part); err != nil {
		return about, err
	}
	info, err := os.Stat(part)
	if err != nil {
		return about, err
	}
	if _, err := ReadBackup(ctx, part); err != nil {
		return about, err
	}
	about.Bytes = info.Size()
	if err := os.Link(part, path); errors.Is(err, fs.ErrExist) {
		return about, engine.E(engine.Conflict, "{path} is there already", "path", path).WithHint("Give the backup another name.")
	} else if err != nil { // a file system without links
		if err := os.Rename(part, path); err != nil {
			return about, err
		}
	}
	return about, syncDir(filepath.Dir(path))
}

// roomFor refuses before anything is written what would fill the disk: that would stop the bot as well.
func (s *Store) roomFor(ctx context.Context, dir string) error {
	free, ok := freeBytes(dir)
	if !ok {
		return nil
	}
	sp, err := s.Space(ctx)
	if err != nil {
		return err
	}
	need := sp.File - sp.Free + sp.Log + blobBytes(s.blobs.dir)
	need += need / 10
	if free >= need {
		return nil
	}
	return engine.E(engine.Unavailable, "there is no room for a backup in {dir}: it needs {need} MiB, {free} MiB are free", "dir", dir,
		"need", need>>20+1, "free", free>>20).WithHint("Make room there, or write it to another disk.")
}

func blobBytes(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil // it is an estimate
	})
	return sum
}

func (s *Store) copyInto(ctx context.Context, part string) (err error) {
	db, err := sql.Open("sqlite", dsn(filepath.Join(s.dir, File), url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(5000)", "cache_size(-2000)"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `VACUUM INTO $1`, part)
	return err
}

// complete adds to the copy what lies beside the database, and what it says about itself.
func (s *Store) complete(ctx context.Context, part string, about *Backup) (err error) {
	db, err := openPart(part)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, q := range []string{
		`PRAGMA journal_mode = OFF`, // it is thrown away when anything fails
		`PRAGMA synchronous = OFF`,
		`CREATE TABLE backup (one INTEGER PRIMARY KEY CHECK (one = 1), about TEXT NOT NULL) STRICT`,
		`CREATE TABLE backup_blobs (name TEXT PRIMARY KEY, data BLOB NOT NULL) STRICT`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	names, err := strings1(ctx, db, `SELECT blob FROM payloads WHERE blob IS NOT NULL UNION SELECT blob FROM event_payloads WHERE blob IS NOT NULL`)
	if err != nil {
		return err
	}
	for _, name := range names {
		data, err := s.blobs.load(nil, name)
		if engine.CodeOf(err) == engine.Unreadable {
			about.Lost++ // a backup of all the rest is better than none
			continue
		}
		if err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, `INSERT INTO backup_blobs (name, data) VALUES ($1, $2)`, name, data); err != nil {
			return err
		}
		about.Blobs++
	}
	if err := describe(ctx, db, about); err != nil {
		return err
	}
	text, err := json.Marshal(about)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO backup (one, about) VALUES (1, $1)`, string(text))
	return err
}

// describe counts what is in a copy.
func describe(ctx context.Context, db *sql.DB, b *Backup) error {
	for _, q := range []struct {
		text string
		into any
	}{
		{`SELECT max(version_id) FROM goose_db_version WHERE is_applied`, &b.Schema},
		{`SELECT coalesce((SELECT value FROM settings WHERE key = 'installation.id'), '')`, &b.Installation},
		{`SELECT count(*) FROM runs`, &b.Runs}, {`SELECT coalesce(max(number), 0) FROM runs`, &b.Last},
		{`SELECT count(*) FROM flows`, &b.Flows}, {`SELECT count(*) FROM persons`, &b.People},
		{`SELECT count(*) FROM secrets WHERE sealed IS NOT NULL`, &b.Secrets}, {`SELECT count(*) FROM audit`, &b.Audit},
	} {
		if err := db.QueryRowContext(ctx, q.text).Scan(q.into); err != nil {
			return err
		}
	}
	b.Open = map[string]int{}
	rows, err := db.QueryContext(ctx, `SELECT status, count(*) FROM runs WHERE ended = 0 GROUP BY status`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var status string
		var n int
		if err := rows.Scan(&status, &n); err != nil {
			return err
		}
		b.Open[status] = n
	}
	return rows.Err()
}

func openPart(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, url.Values{"_pragma": {"busy_timeout(5000)", "cache_size(-4000)", "temp_store(MEMORY)"}}))
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func strings1(ctx context.Context, db *sql.DB, query string) (out []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// discard removes a file that was begun, and what SQLite may have left beside it.
func discard(path string) error {
	var errs []error
	for _, end := range []string{"", "-journal", "-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
