package sqlite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/vault"
)

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
		"the end unsaid": {[]string{`DELETE FROM audit_head`, `DELETE FROM audit WHERE row > 3`}, 1},
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

func TestNobodyElseReadsTheDatabaseWhateverTheDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "r", 100_000); err != nil {
		t.Fatal(err)
	}
	_ = filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil && path != dir && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode().Perm())
		}
		return err
	})
}
