package sqlite_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

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
