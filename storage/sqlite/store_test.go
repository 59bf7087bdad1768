package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/bot"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"

	"github.com/bretelle/bretelle/storage/sqlite"
	"github.com/bretelle/bretelle/storage/storagetest"
)

var bg = context.Background()

func accept(s *sqlite.Store, run string, size int) error {
	_, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", Version: 1, Items: []local.AcceptItem{{Run: run,
		Outcome: engine.Accepted, Event: engine.Event{ID: "e" + run, Key: run, At: 1, Trigger: "webhook.received",
			Data: map[string]any{"body": strings.Repeat("x", size)}}, Head: engine.StartHead{Run: run}}}})
	return err
}

func open(t testing.TB, o sqlite.Options) *sqlite.Store {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	s, err := sqlite.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestContract(t *testing.T) {
	for name, batch := range map[string]int{"batch 1": 1, "batch 64": 64} {
		t.Run(name, func(t *testing.T) {
			storagetest.Run(t, func(t *testing.T) storagetest.Store { return open(t, sqlite.Options{Batch: batch}) })
		})
	}
}

func TestDeferredNoticeComesWhenItIsDue(t *testing.T) {
	now := time.UnixMilli(1000)
	s := open(t, sqlite.Options{Now: func() time.Time { return now }})
	if err := s.Raise(bg, engine.Notice{ID: "n"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(bg, bot.Settled{Notice: "n", Later: 5000}); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int64]int{4999: 0, 5000: 1} {
		now = time.UnixMilli(at)
		if list, err := s.Undelivered(bg, 0); err != nil || len(list) != want {
			t.Errorf("at %d: %d notices (%v), want %d", at, len(list), err, want)
		}
	}
}

func TestEverythingIsThereAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	if err := accept(s, "r1", 100_000); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, sqlite.Options{Dir: dir})
	if e, err := s.Entries(bg, "r1", 1, 0); err != nil || len(e) != 1 || len(e[0].Data) < 100_000 {
		t.Fatalf("entries after a restart: %d (%v)", len(e), err)
	}
	if err := accept(s, "r2", 1); err != nil {
		t.Fatal(err)
	}
	if id, err := s.RunID(bg, 2); err != nil || id != "r2" {
		t.Fatalf("run 2 is %q (%v)", id, err)
	}
}

func TestAnotherProgramsLockIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, sqlite.File)+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- accept(s, "r1", 1) }()
	if _, err := s.Load(bg, "r1"); engine.CodeOf(err) != engine.NotFound {
		t.Errorf("reading while another program writes: %v", err)
	}
	select {
	case err := <-done:
		t.Errorf("stored under another's lock: %v", err)
	default:
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
