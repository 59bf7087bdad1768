//go:build unix

package sqlite_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

func accept(s *sqlite.Store, run string, size int) error {
	_, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", Version: 1, Items: []local.AcceptItem{{Run: run,
		Outcome: engine.Accepted, Event: engine.Event{ID: "e" + run, Key: run, At: 1, Trigger: "webhook.received",
			Data: map[string]any{"body": strings.Repeat("x", size)}}, Head: engine.StartHead{Run: run}}}})
	return err
}

// integrity opens the file by itself and has SQLite look at every page.
func integrity(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var said string
	if err := db.QueryRow(`PRAGMA integrity_check`).Scan(&said); err != nil || said != "ok" {
		t.Fatalf("integrity check: %s (%v)", said, err)
	}
}

// mount mounts a small file system, or skips the test where that is not allowed.
func mount(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a full disk needs the right to mount a small one: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestFullDisk(t *testing.T) {
	for what, size := range map[string]int{"rows": 2000, "blobs": 100_000} {
		t.Run(what, func(t *testing.T) {
			dir := mount(t, "1200k")
			s := open(t, sqlite.Options{Dir: dir})
			var acknowledged []string
			var full error
			for i := 0; i < 2000 && full == nil; i++ {
				run := fmt.Sprintf("r%d", i)
				if full = accept(s, run, size); full == nil {
					acknowledged = append(acknowledged, run)
				}
			}
			code(t, full, engine.Unavailable)
			if !strings.Contains(full.Error(), "the disk is full") || !strings.Contains(full.Error(), dir) {
				t.Fatalf("the error does not say what is wrong: %v", full)
			}
			for range 3 {
				code(t, accept(s, "more", size), engine.Unavailable)
			}
			if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, "size=8m"); err != nil {
				t.Fatal(err)
			}
			if err := accept(s, "after", size); err != nil {
				t.Fatalf("there is room again, without a restart: %v", err)
			}
			for _, run := range append(acknowledged, "after") {
				if e, err := s.Entries(t.Context(), run, 1, 0); err != nil || len(e) != 1 || len(e[0].Data) < size {
					t.Fatalf("acknowledged run %s is not whole (%v)", run, err)
				}
			}
			if _, err := s.Load(t.Context(), "more"); engine.CodeOf(err) != engine.NotFound {
				t.Fatalf("a refused run is there (%v)", err)
			}
			if len(acknowledged) == 0 {
				t.Fatal("the disk was full before anything was stored")
			}
		})
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := mount(t, "8m")
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "r1", 10); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, "size=8m"); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, filepath.Join(dir, "new")} {
		_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: d})
		code(t, err, engine.Unavailable)
		if !strings.Contains(err.Error(), "cannot be written") || !strings.Contains(err.Error(), d) {
			t.Fatalf("the error does not say what is wrong: %v", err)
		}
	}
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	s = open(t, sqlite.Options{Dir: dir})
	if _, err := s.Load(t.Context(), "r1"); err != nil {
		t.Fatal(err)
	}
}

func TestTornLog(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	const runs = 20
	for i := range runs {
		if err := accept(s, fmt.Sprintf("r%d", i), 500); err != nil {
			t.Fatal(err)
		}
	}
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	db, wal := read(sqlite.File), read(sqlite.File+"-wal")
	const frame = 4096 + 24 // https://www.sqlite.org/fileformat2.html#wal_file_format
	for what, torn := range map[string][]byte{
		"cut in the last frame": wal[:len(wal)-frame/2],
		"last frame missing":    wal[:len(wal)-frame],
		"last frame garbled":    append(bytes.Clone(wal[:len(wal)-100]), bytes.Repeat([]byte{0xa5}, 100)...),
		"rubbish behind":        append(bytes.Clone(wal), bytes.Repeat([]byte{0x5a}, 3000)...),
	} {
		t.Run(what, func(t *testing.T) {
			copied := t.TempDir()
			for name, b := range map[string][]byte{sqlite.File: db, sqlite.File + "-wal": torn} {
				if err := os.WriteFile(filepath.Join(copied, name), b, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			s := open(t, sqlite.Options{Dir: copied})
			list, err := s.Runs(t.Context(), local.RunQuery{Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			if len(list) < runs-1 {
				t.Fatalf("%d of %d runs are left: more is lost than the torn transaction", len(list), runs)
			}
			for _, h := range list {
				if e, err := s.Entries(t.Context(), h.ID, 1, 0); err != nil || len(e) != 1 || e[0].Data == nil {
					t.Fatalf("run %s is half there: %v (%v)", h.ID, e, err)
				}
			}
			if err := accept(s, "after", 10); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			integrity(t, copied)
		})
	}
}

func TestDamagedOrNewerFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, sqlite.File), bytes.Repeat([]byte("not a database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	code(t, err, engine.Unreadable)
	dir = t.TempDir()
	if err := open(t, sqlite.Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	_, err = sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	code(t, err, engine.Unreadable)
	if !strings.Contains(err.Error(), "newer") {
		t.Fatalf("the error does not say why: %v", err)
	}
}

// edit changes the file behind the store's back.
func edit(t *testing.T, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range statements {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}
