package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// TestSlowDisk is F-16: on a disk that takes 20 ms to sync, many runs share each sync. What is counted is commits, so
// that it holds on any machine: with 64 at once, 100 runs a second of three changes each need no more than 50 commits.
func TestSlowDisk(t *testing.T) {
	const atOnce, runs = 64, 192
	var commits atomic.Int64
	s := open(t, sqlite.Options{Commit: func(_ int, when string) {
		if when == "before" {
			commits.Add(1)
			<-time.After(20 * time.Millisecond) // the disk
		}
	}})
	flow(t, s, "f")
	commits.Store(0)
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range runs {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			run := fmt.Sprint("r", i)
			if err := accept(s, run, 300); err != nil {
				t.Error(err)
				return
			}
			for seq := int64(1); seq < 3; seq++ {
				status := engine.RunRunning
				if seq == 2 {
					status = engine.RunDone
				}
				if err := s.Commit(bg, local.Change{Run: run, Expect: seq, State: []byte("x"), Status: status, At: 5, Entries: []engine.Entry{
					{Seq: seq + 1, At: 5, Kind: engine.StepDone, Path: "a", Attempt: 1, Format: engine.EntryFormat}}}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if n, most := commits.Load(), int64(runs/2); n > most {
		t.Errorf("%d runs took %d commits, at most %d make 100 a second", runs, n, most)
	}
}

// TestLockedForAWhile is F-5: another program holds the write lock; what comes meanwhile is stored once it lets go, and
// reading does not wait.
func TestLockedForAWhile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	db := other(t, dir)
	if _, err := db.ExecContext(bg, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	begun := make(chan struct{}, 20)
	for i := range 20 {
		all.Go(func() {
			begun <- struct{}{}
			if err := accept(s, fmt.Sprint("r", i), 10); err != nil {
				t.Error(err)
			}
		})
	}
	for range 20 {
		<-begun
	}
	for range 50 {
		if list, err := s.Runs(bg, local.RunQuery{}); err != nil || len(list) != 0 {
			t.Fatalf("%d runs (%v) while nothing can be written", len(list), err)
		}
	}
	<-time.After(300 * time.Millisecond)
	if _, err := db.ExecContext(bg, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if list, err := s.Runs(bg, local.RunQuery{}); err != nil || len(list) != 20 {
		t.Fatalf("%d runs (%v)", len(list), err)
	}
	if _, err := sqlite.Open(bg, sqlite.Options{Dir: dir}); engine.CodeOf(err) != engine.Conflict {
		t.Errorf("a second process: %v", err)
	}
}

// other is another program's connection to the database.
func other(t *testing.T, dir string) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(bg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), db.Close() })
	return conn
}
