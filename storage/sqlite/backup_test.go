package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// TestBackupWhileBusy is F-19: a copy taken while others write is whole, holds nothing of the future, and can be
// restored.
func TestBackupWhileBusy(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	flow(t, s, "f")
	for i := range 300 {
		past(t, s, fmt.Sprint("before", i), 1, 2, strings.Repeat("x", 200))
	}
	past(t, s, "open", 1, 0, strings.Repeat("large ", 30_000))
	past(t, s, "gone soon", 1, 2, strings.Repeat("soon ", 30_000))
	stop := make(chan struct{})
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := accept(s, fmt.Sprint("w", w, "-", i), 3000); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Go(func() {
		if err := s.Erase(bg, "gone soon"); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(t.TempDir(), "backup.db")
	about, err := s.Backup(bg, path, "test")
	if err != nil {
		t.Fatal(err)
	}
	after, err := s.Runs(bg, local.RunQuery{Limit: 1})
	close(stop)
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if about.Runs < 302 || about.Last > after[0].Number || about.Open["waiting"] != 1 || about.Blobs < 1 || about.Lost != 0 || about.Flows != 1 {
		t.Errorf("%+v, newest run %d", about, after[0].Number)
	}
	if _, err := s.Backup(bg, path, "test"); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("over another: %v", err)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	read, err := sqlite.ReadBackup(bg, path)
	if err != nil || read.Runs != about.Runs || read.At != about.At || read.Bytes != about.Bytes {
		t.Fatalf("%+v (%v), want %+v", read, err, about)
	}
	if list, err := sqlite.Waiting(bg, path, 1); err != nil || len(list) != 1 || list[0].ID != "open" {
		t.Errorf("%v (%v)", list, err)
	}
	to := filepath.Join(t.TempDir(), "new")
	again, marked, err := sqlite.Restore(bg, path, to, "operator", time.UnixMilli(5000))
	if err != nil || again.Runs != about.Runs || marked.Runs == 0 {
		t.Fatalf("%+v %+v (%v)", again, marked, err)
	}
	if list, err := os.ReadDir(to); err != nil || len(list) != 3 {
		t.Errorf("%v (%v)", list, err) // bretelle.db, blobs, lock
	}
	integrity(t, to)
	r := open(t, sqlite.Options{Dir: to})
	if e, err := r.Entries(bg, "open", 1, 0); err != nil || len(e) != 2 || len(e[0].Data) < 100_000 {
		t.Errorf("a large payload is not there: %v", err)
	}
	if seq, ok, err := r.Restored(bg, "open"); err != nil || !ok || seq != 2 {
		t.Errorf("the open run is not marked: %d %v %v", seq, ok, err)
	}
	if _, ok, _ := r.Restored(bg, "before7"); ok {
		t.Error("a run that was over is marked")
	}
	if rows, err := r.VerifyAudit(bg); err != nil || rows != 1 {
		t.Errorf("audit: %d rows (%v)", rows, err)
	}
	if err := accept(r, "goes on", 10); err != nil {
		t.Error(err)
	}
	if _, _, err := sqlite.Restore(bg, path, to, "operator", time.UnixMilli(5000)); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("over data: %v", err)
	}
}

func TestBackupsThatAreNone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "r", 100_000); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(t.TempDir(), "good.db")
	if _, err := s.Backup(bg, good, "test"); err != nil {
		t.Fatal(err)
	}
	bytes, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for what, spoil := range map[string]func(path string){
		"cut":  func(path string) { _ = os.WriteFile(path, bytes[:len(bytes)/2], 0o600) },
		"text": func(path string) { _ = os.WriteFile(path, []byte(strings.Repeat("no backup ", 1000)), 0o600) },
		"the live database": func(path string) {
			raw, err := os.ReadFile(filepath.Join(dir, sqlite.File))
			if err != nil {
				t.Fatal(err)
			}
			_ = os.WriteFile(path, raw, 0o600)
		},
		"a byte of a payload": func(path string) {
			change(t, path, bytes, `UPDATE backup_blobs SET data = zeroblob(length(data))`)
		},
		"a run taken out": func(path string) { change(t, path, bytes, `DELETE FROM runs`) },
		"newer": func(path string) {
			change(t, path, bytes, `UPDATE backup SET about = json_set(about, '$.schema', 9999)`)
		},
	} {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.db")
			spoil(path)
			_, err := sqlite.ReadBackup(bg, path)
			code(t, err, engine.Unreadable)
			to := t.TempDir()
			_, _, err = sqlite.Restore(bg, path, to, "operator", time.UnixMilli(1))
			code(t, err, engine.Unreadable)
			if left, err := os.ReadDir(to); err != nil || len(left) > 0 {
				t.Errorf("left in the directory: %v", left)
			}
		})
	}
	_, err = sqlite.ReadBackup(bg, filepath.Join(dir, "nothing"))
	code(t, err, engine.NotFound)
	stopped, cancel := context.WithCancel(bg)
	cancel()
	if _, err := s.Backup(stopped, filepath.Join(t.TempDir(), "x"), "test"); engine.CodeOf(err) != engine.Canceled {
		t.Error(err)
	}
}

func change(t *testing.T, path string, bytes []byte, query string) {
	t.Helper()
	if err := os.WriteFile(path, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

// A restored copy lets times pass that may have been kept, and has what a source shows at first looked at by a person.
func TestRestoredCursors(t *testing.T) {
	s := open(t, sqlite.Options{})
	for trigger, cursor := range map[string]string{"poll": `{"seen":["a"],"top":5}`, "tick": `{"until":10,"spec":"s"}`,
		"ahead": `{"until":900,"spec":"s"}`, "mail": `{"uidvalidity":3,"last":9}`, "failures": `{"n":4}`} {
		if _, err := s.Accept(bg, local.Accepting{Trigger: trigger, Cursor: []byte(cursor)}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := s.MarkRestored(bg, 500)
	if err != nil || m.Polls != 2 || m.Schedules != 1 || m.Runs != 0 {
		t.Fatalf("%+v (%v)", m, err)
	}
	for trigger, want := range map[string]string{"poll": `{"seen":["a"],"top":5,"check":true}`, "tick": `{"until":500,"spec":"s"}`,
		"ahead": `{"until":900,"spec":"s"}`, "mail": `{"uidvalidity":3,"last":9,"check":true}`, "failures": `{"n":4}`} {
		if got, err := s.Cursor(bg, trigger); err != nil || string(got) != want {
			t.Errorf("%s: %s, want %s", trigger, got, want)
		}
	}
}

// What a run that was open begins may have been begun before; what begins by itself is new.
func TestRestoredRunsPassItOn(t *testing.T) {
	s := open(t, sqlite.Options{})
	if err := accept(s, "open", 10); err != nil {
		t.Fatal(err)
	}
	for range 2 { // again changes nothing
		if _, err := s.MarkRestored(bg, 1); err != nil {
			t.Fatal(err)
		}
	}
	for run, from := range map[string]string{"called": "run:open", "of another": "run:gone", "new": "webhook"} {
		if _, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", From: from, Items: []local.AcceptItem{{Run: run, Outcome: engine.Accepted,
			Event: engine.Event{ID: "e" + run, At: 1, Data: map[string]any{}}}}}); err != nil {
			t.Fatal(err)
		}
	}
	for run, want := range map[string]bool{"open": true, "called": true, "of another": false, "new": false, "": true} {
		if _, ok, err := s.Restored(bg, run); err != nil || ok != want {
			t.Errorf("%q: %v (%v)", run, ok, err)
		}
	}
}
