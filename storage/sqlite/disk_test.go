//go:build unix

package sqlite_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/vault"
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

func TestAuditTellsTampering(t *testing.T) {
	for what, c := range map[string]struct {
		edit []string
		row  int
	}{
		"a word changed":    {[]string{`UPDATE audit SET actor = 'zoe' WHERE row = 3`}, 3},
		"a time changed":    {[]string{`UPDATE audit SET at = at + 1 WHERE row = 1`}, 1},
		"text moved over":   {[]string{`UPDATE audit SET actor = 'ann' || substr(what, 1, 1), what = substr(what, 2) WHERE row = 2`}, 2},
		"a row deleted":     {[]string{`DELETE FROM audit WHERE row = 4`}, 4},
		"the first deleted": {[]string{`DELETE FROM audit WHERE row = 1`}, 1},
		"the last deleted":  {[]string{`DELETE FROM audit WHERE row = 6`}, 6},
		"deleted, renumbered": {[]string{`DELETE FROM audit WHERE row = 2`, `UPDATE audit SET row = row - 1 WHERE row = 3`,
			`UPDATE audit SET row = row - 1 WHERE row = 4`, `UPDATE audit SET row = row - 1 WHERE row = 5`,
			`UPDATE audit SET row = row - 1 WHERE row = 6`}, 2},
		"two exchanged": {[]string{`UPDATE audit SET row = 99 WHERE row = 2`, `UPDATE audit SET row = 2 WHERE row = 3`,
			`UPDATE audit SET row = 3 WHERE row = 99`}, 2},
		"a row added":    {[]string{`INSERT INTO audit SELECT 7, at, actor, what, object, detail, hash FROM audit WHERE row = 6`}, 7},
		"a hash changed": {[]string{`UPDATE audit SET hash = zeroblob(32) WHERE row = 5`}, 5},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, sqlite.Options{Dir: dir})
			for i := range 6 {
				if err := s.Audit(bg, engine.AuditEntry{At: int64(i), Actor: "ann", What: "x", Object: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
			}
			edit(t, dir, c.edit...)
			rows, err := s.VerifyAudit(t.Context())
			code(t, err, engine.Conflict)
			if !strings.Contains(err.Error(), fmt.Sprintf("row %d ", c.row)) || rows != int64(c.row-1) {
				t.Fatalf("%d rows, %v; want row %d named", rows, err, c.row)
			}
		})
	}
}

// holds tells which files under dir hold any of the texts.
func holds(t *testing.T, dir string, texts ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(b, []byte(text)) {
				found = append(found, filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSecretsAreNowhereInTheBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	v := vault.New(vault.NewKey(), s)
	if err := v.Check(bg); err != nil {
		t.Fatal(err)
	}
	const canary = "canary/8d1f+value&"
	for range 3 {
		if _, err := v.Set(bg, engine.Credential{Name: "hook", Value: engine.NewSecret(canary)}); err != nil {
			t.Fatal(err)
		}
	}
	raw := []string{canary, "Y2FuYXJ5LzhkMWYrdmFsdWUm", "canary%2F8d1f%2Bvalue%26"}
	if f := holds(t, dir, raw...); len(f) > 0 {
		t.Fatalf("found in %v", f)
	}
	if c, err := v.Open(bg, "hook"); err != nil || c.Value.Reveal() != canary {
		t.Fatalf("opened %v", err)
	}
	if f := holds(t, dir, "hook"); len(f) == 0 {
		t.Fatal("the search finds nothing at all")
	}
}

func TestErasedPayloadsAreGoneFromTheBytes(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	const mark = "someone@example.org"
	for i := range 30 {
		if err := accept(s, fmt.Sprintf("before%d", i), 300); err != nil {
			t.Fatal(err)
		}
	}
	body := map[string]any{"body": mark}
	item := local.AcceptItem{Run: "r", Outcome: engine.Accepted, Event: engine.Event{ID: "e", At: 1, Data: body}}
	if _, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", Items: []local.AcceptItem{item}}); err != nil {
		t.Fatal(err)
	}
	big, _ := json.Marshal(strings.Repeat(mark, 5000))
	ch := local.Change{Run: "r", Expect: 1, Status: engine.RunDone, At: 2,
		Entries: []engine.Entry{{Seq: 2, At: 2, Kind: engine.StepDone, Format: 1, Data: big}}}
	if err := s.Commit(bg, ch); err != nil {
		t.Fatal(err)
	}
	if f := holds(t, filepath.Join(dir, "blobs"), mark); len(f) != 1 {
		t.Fatalf("a large payload is in %v, want one blob", f)
	}
	if err := s.Erase(bg, "r"); err != nil {
		t.Fatal(err)
	}
	if f := holds(t, filepath.Join(dir, "blobs"), mark); len(f) != 0 {
		t.Fatalf("the blob is still there: %v", f)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if f := holds(t, dir, mark); len(f) != 0 {
		t.Fatalf("erased bytes are in %v", f)
	}
}

func TestSharedBlobSurvivesErasing(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	data, _ := json.Marshal(strings.Repeat("same", 50_000))
	for _, run := range []string{"a", "b"} {
		if err := accept(s, run, 1); err != nil {
			t.Fatal(err)
		}
		if err := s.Commit(bg, local.Change{Run: run, Expect: 1, Status: engine.RunDone, At: 2,
			Entries: []engine.Entry{{Seq: 2, Kind: engine.StepDone, Data: data}}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Erase(bg, "a"); err != nil {
		t.Fatal(err)
	}
	e, err := s.Entries(bg, "b", 2, 1)
	if err != nil || !bytes.Equal(e[0].Data, data) {
		t.Fatalf("erasing one run took another's payload: %v", err)
	}
	blob, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
	if err != nil || len(blob) != 1 {
		t.Fatalf("blobs %v (%v)", blob, err)
	}
	if err := os.WriteFile(blob[0], append(bytes.Clone(data[:len(data)-1]), 'X'), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.Entries(bg, "b", 2, 1)
	code(t, err, engine.Unreadable)
}
