package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/storage"
)

// ReadBackup checks a backup and tells what it holds. Errors: NotFound when there is no such file; Unreadable when it is
// no backup, is damaged, or was written by a newer version.
func ReadBackup(ctx context.Context, path string) (about Backup, err error) {
	defer func() { err = explain(filepath.Dir(path), "backup", err) }()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return about, engine.E(engine.NotFound, "there is no file {path}", "path", path)
	}
	if err != nil {
		return about, err
	}
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_pragma": {"query_only(1)", "cache_size(-4000)"}}))
	if err != nil {
		return about, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	none := engine.E(engine.Unreadable, "{path} is no backup of mine", "path", path).WithHint("Backups are made with: bretelle backup FILE")
	damaged := engine.E(engine.Unreadable, "the backup {path} is damaged", "path", path).WithHint("Take another one.")
	var text string
	if err := db.QueryRowContext(ctx, `SELECT about FROM backup WHERE one = 1`).Scan(&text); err != nil {
		if code := engine.CodeOf(explain(path, "backup", err)); code == engine.Canceled {
			return about, err
		}
		return about, none.Wrap(err)
	}
	if err := json.Unmarshal([]byte(text), &about); err != nil || about.Format < 1 {
		return about, none.Wrap(err)
	}
	known, err := knownSchema()
	if err != nil {
		return about, err
	}
	if about.Format > BackupFormat || about.Schema > known {
		return about, engine.E(engine.Unreadable, "{path} was written by a newer Bretelle ({version})", "path", path, "version", about.Program).
			WithHint("Restore it with that version.")
	}
	var said string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil || said != "ok" {
		return about, errors.Join(damaged.Wrap(errors.Join(err, errDamage(said))))
	}
	is := Backup{}
	if err := describe(ctx, db, &is); err != nil {
		return about, damaged.Wrap(err)
	}
	if is.Runs != about.Runs || is.Audit != about.Audit || is.Flows != about.Flows || is.Last != about.Last {
		return about, damaged
	}
	n, err := eachBlob(ctx, db, func(string, []byte) error { return nil })
	if err != nil || n != about.Blobs {
		return about, damaged.Wrap(err)
	}
	about.Bytes = info.Size()
	return about, nil
}

// eachBlob goes through the large payloads of a backup. The error is errDamage for one that is not what was written.
func eachBlob(ctx context.Context, db *sql.DB, do func(name string, data []byte) error) (n int64, err error) {
	rows, err := db.QueryContext(ctx, `SELECT name, data FROM backup_blobs`)
	if err != nil {
		return 0, err
	}
	defer func() { _ = rows.Close() }()
	for ; rows.Next(); n++ {
		var name string
		var data sql.RawBytes
		if err := rows.Scan(&name, &data); err != nil {
			return n, err
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != name {
			return n, errDamage("payload " + name)
		}
		if err := do(name, data); err != nil {
			return n, err
		}
	}
	return n, rows.Err()
}

// Waiting lists runs of a backup that were not over, oldest first, at most so many.
func Waiting(ctx context.Context, path string, n int) (list []engine.RunHead, err error) {
	db, err := sql.Open("sqlite", dsn(path, url.Values{"mode": {"ro"}, "immutable": {"1"}, "_pragma": {"query_only(1)"}}))
	if err != nil {
		return nil, explain(filepath.Dir(path), "backup", err)
	}
	defer func() { err = explain(filepath.Dir(path), "backup", errors.Join(err, db.Close())) }()
	rows, err := db.QueryContext(ctx, `SELECT `+headColumns+` FROM runs WHERE ended = 0 ORDER BY number LIMIT $1`, limit(n))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var h engine.RunHead
		if err := rows.Scan(headFields(&h)...); err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, rows.Err()
}

// restoreDir is where a directory is put together before it is moved to its place.
const restoreDir = "restore.part"

// Restore makes the data directory dir of a backup, so that a bot started on it repeats nothing (MarkRestored). The
// directory has no database of its own; whatever goes wrong, it has none afterwards either, and Restore can be tried
// again. It does not change the backup. now is when; by is who does it, for the audit.
//
// Errors: those of ReadBackup, Conflict when there is data in dir or a bot runs on it, Unavailable for a full disk.
func Restore(ctx context.Context, path, dir, by string, now time.Time) (about Backup, m storage.Marked, err error) {
	if about, err = ReadBackup(ctx, path); err != nil {
		return about, m, err
	}
	defer func() { err = explain(dir, "restore", err) }()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return about, m, err
	}
	lock, err := acquire(dir)
	if err != nil {
		return about, m, err
	}
	defer func() { err = errors.Join(err, release(lock)) }()
	for _, name := range []string{File, File + "-wal", "blobs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return about, m, engine.E(engine.Conflict, "there is data in {dir} already ({name})", "dir", dir, "name", name).
				WithHint("Restore into an empty directory, or move that away first.")
		}
	}
	if free, ok := freeBytes(dir); ok && free < about.Bytes+about.Bytes/2 {
		return about, m, engine.E(engine.Unavailable, "there is no room in {dir}: it needs {need} MiB, {free} MiB are free", "dir", dir,
			"need", (about.Bytes+about.Bytes/2)>>20+1, "free", free>>20).WithHint("Make room there first.")
	}
	work := filepath.Join(dir, restoreDir)
	if err := os.RemoveAll(work); err != nil {
		return about, m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if err := unpack(ctx, path, work); err != nil {
		return about, m, err
	}
	if m, err = marked(ctx, work, about, by, now); err != nil {
		return about, m, err
	}
	// The database comes last: it is what makes a directory one with data.
	for _, name := range []string{"blobs", File} {
		if err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name)); err != nil {
			return about, m, err
		}
		if err := syncDir(dir); err != nil {
			return about, m, err
		}
	}
	return about, m, nil
}

// unpack makes a database and its files of a backup.
func unpack(ctx context.Context, path, work string) (err error) {
	if err := os.MkdirAll(filepath.Join(work, "blobs"), 0o700); err != nil {
		return err
	}
	to := filepath.Join(work, File)
	if err := copyFile(path, to); err != nil {
		return err
	}
	db, err := openPart(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	files := &blobs{dir: filepath.Join(work, "blobs")}
	if _, err := eachBlob(ctx, db, func(name string, data []byte) error { return files.put(name, data) }); err != nil {
		return err
	}
	for _, q := range []string{`DROP TABLE backup_blobs`, `DROP TABLE backup`} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = src.Close() }() // only read
	dst, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Sync(), dst.Close())
}

// marked opens what was unpacked, which brings its schema up to date, and marks it as restored.
func marked(ctx context.Context, work string, about Backup, by string, now time.Time) (m storage.Marked, err error) {
	s, err := Open(ctx, Options{Dir: work, Now: func() time.Time { return now }})
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if m, err = s.MarkRestored(ctx, engine.Millis(now)); err != nil {
		return m, err
	}
	return m, s.Audit(ctx, engine.AuditEntry{At: engine.Millis(now), Actor: by, What: "data.restored",
		Object: "backup/" + strconv.FormatInt(about.At, 10), Detail: "open=" + strconv.Itoa(m.Runs) + " last=#" + strconv.FormatInt(about.Last, 10)})
}
