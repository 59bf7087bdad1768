package sqlite_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
	"github.com/bretelle/bretelle/storage/sqlite"
)

const aDay = int64(24 * time.Hour / time.Millisecond)

// flow makes a flow known, so that its runs are swept.
func flow(t testing.TB, s *sqlite.Store, name string) {
	t.Helper()
	if _, err := s.SaveDraft(bg, flows.Draft{Head: engine.FlowHead{Name: name}, Source: []byte("x")}, 0); err != nil {
		t.Fatal(err)
	}
}

// past makes a run that began at a time and, unless end is 0, ended at another.
func past(t testing.TB, s *sqlite.Store, run string, begin, end int64, body string) {
	t.Helper()
	item := local.AcceptItem{Run: run, Outcome: engine.Accepted, Event: engine.Event{ID: "e" + run, Key: "k" + run, At: begin,
		Trigger: "webhook.received", Data: map[string]any{"body": body}}, Head: engine.StartHead{Run: run}}
	if _, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", Version: 1, Items: []local.AcceptItem{item}}); err != nil {
		t.Fatal(err)
	}
	status := engine.RunWaiting
	if end > 0 {
		status = engine.RunDone
	}
	if err := s.Commit(bg, local.Change{Run: run, Expect: 1, State: []byte("x"), Status: status, At: max(end, begin), Entries: []engine.Entry{
		{Seq: 2, At: begin, Kind: engine.StepDone, Path: "a", Attempt: 1, Format: engine.EntryFormat, Data: []byte(`{"out":"` + body + `"}`)}}}); err != nil {
		t.Fatal(err)
	}
}

// said tells what is left of a run: "all", "heads" or "nothing".
func said(t *testing.T, s *sqlite.Store, run string) string {
	t.Helper()
	es, err := s.Entries(bg, run, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Load(bg, run)
	switch {
	case len(es) == 0 && engine.CodeOf(err) == engine.NotFound:
		return "nothing"
	case len(es) == 2 && err == nil && es[0].Data == nil && es[1].Data == nil:
		return "heads"
	case len(es) == 2 && err == nil && es[0].Data != nil && es[1].Data != nil:
		return "all"
	}
	return fmt.Sprint("half: ", es, err)
}

func TestSweepForgetsByClass(t *testing.T) {
	dir := t.TempDir()
	now := 1000 * aDay
	s := open(t, sqlite.Options{Dir: dir, Now: func() time.Time { return time.UnixMilli(now) }})
	flow(t, s, "f")
	large := strings.Repeat("large ", 20_000)
	past(t, s, "ancient", now-500*aDay, now-499*aDay, "antique words")
	past(t, s, "waits", now-500*aDay, 0, "patience")
	past(t, s, "lately", now-500*aDay, now-10*aDay, "recently ended")
	for i := range 120 { // more than a transaction takes
		past(t, s, fmt.Sprint("old", i), now-200*aDay, now-199*aDay, fmt.Sprint("canary", i))
	}
	past(t, s, "file", now-200*aDay, now-199*aDay, large)
	past(t, s, "young", now-2*aDay, now-aDay, "young canary")
	if n, err := s.Index(bg, 0); err != nil || n != 125 {
		t.Fatalf("%d runs are findable (%v)", n, err)
	}
	keep := storage.KeepDefault()
	got, err := s.Sweep(bg, keep, now)
	if err != nil {
		t.Fatal(err)
	}
	// That of an ancient run goes twice over: with its payloads, and with all the rest.
	if got.Payloads != 122 || got.Runs != 1 || got.Events != 1 || got.Keys != 1 {
		t.Errorf("swept %+v", got)
	}
	for run, want := range map[string]string{"ancient": "nothing", "waits": "all", "lately": "all", "old7": "heads", "old119": "heads",
		"file": "heads", "young": "all"} {
		if is := said(t, s, run); is != want {
			t.Errorf("%s: %s, want %s", run, is, want)
		}
	}
	for text, want := range map[string]int{"canary": 1, "canary7": 0, "antique": 0, "patience": 1, "PATIENCE": 1, "can*": 1, "young canary": 1, "young canary7": 0, "": 4} {
		list, err := s.Runs(bg, local.RunQuery{Text: text, States: nil})
		if text == "" {
			continue
		}
		if err != nil || len(list) != want {
			t.Errorf("%q finds %d runs (%v), want %d", text, len(list), err, want)
		}
	}
	if again, err := s.Sweep(bg, keep, now); err != nil || again.Sum() != 0 {
		t.Errorf("again: %+v (%v)", again, err)
	}
	// The run that waited ends, and has its turn when it is old enough.
	if err := s.Commit(bg, local.Change{Run: "waits", Expect: 2, State: []byte("x"), Status: engine.RunDone, At: now}); err != nil {
		t.Fatal(err)
	}
	if got, err = s.Sweep(bg, keep, now+100*aDay); err != nil || got.Payloads != 3 {
		t.Errorf("a hundred days later: %+v (%v)", got, err)
	}
	if is := said(t, s, "waits"); is != "heads" {
		t.Error("waits:", is)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	integrity(t, dir)
	if f := holds(t, dir, "canary7", "antique", "recently", "patience"); len(f) > 0 {
		t.Errorf("what is forgotten stands in %v", f)
	}
}

func TestSweepOfOneFlow(t *testing.T) {
	now := 1000 * aDay
	s := open(t, sqlite.Options{})
	flow(t, s, "f")
	past(t, s, "r", now-40*aDay, now-40*aDay, "x")
	keep := storage.KeepDefault()
	keep.Flows = map[string]storage.FlowKeep{"f": {Payloads: 30 * 24 * time.Hour}}
	if got, err := s.Sweep(bg, keep, now); err != nil || got.Payloads != 1 || got.Runs != 0 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if got, err := s.Sweep(bg, storage.Keep{}, now+10000*aDay); err != nil || got.Sum() != 0 {
		t.Fatalf("for ever: %+v (%v)", got, err)
	}
}

// A key that is offered again and again is known for as long as it is.
func TestKeysThatAreOfferedStayKnown(t *testing.T) {
	s := open(t, sqlite.Options{})
	offer := func(at int64) engine.Outcome {
		r, err := s.Accept(bg, local.Accepting{Trigger: "t", Flow: "f", Items: []local.AcceptItem{{Outcome: engine.Seen, Event: engine.Event{ID: "e", Key: "k", At: at}}}})
		if err != nil {
			t.Fatal(err)
		}
		return r[0].Outcome
	}
	keep := storage.Keep{Keys: 365 * 24 * time.Hour}
	offer(0)
	for day := int64(300); day < 2000; day += 300 {
		if _, err := s.Sweep(bg, keep, day*aDay); err != nil {
			t.Fatal(err)
		}
		if got := offer(day * aDay); got != engine.Duplicate {
			t.Fatalf("day %d: %s", day, got)
		}
	}
	if got, err := s.Sweep(bg, keep, 2300*aDay); err != nil || got.Keys != 1 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if got := offer(2300 * aDay); got != engine.Seen {
		t.Fatalf("a key of long ago: %s", got)
	}
}

func TestOrphanedFilesGo(t *testing.T) {
	dir := t.TempDir()
	fail := false
	s := open(t, sqlite.Options{Dir: dir, Fail: func(point string) error {
		if fail && point == "commit" {
			return context.DeadlineExceeded
		}
		return nil
	}})
	files := func() (n int) {
		list, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			old := time.Now().Add(-time.Hour)
			if err := os.Chtimes(f, old, old); err != nil {
				t.Fatal(err)
			}
		}
		return len(list)
	}
	if err := accept(s, "kept", 100_000); err != nil {
		t.Fatal(err)
	}
	fail = true
	if err := accept(s, "lost", 100_001); err == nil {
		t.Fatal("the commit did not fail")
	}
	fail = false
	half, err := os.Create(filepath.Join(filepath.Dir(oneFile(t, dir)), "new-123"))
	if err != nil {
		t.Fatal(err)
	}
	if err := half.Close(); err != nil {
		t.Fatal(err)
	}
	if n := files(); n != 3 {
		t.Fatalf("%d files", n)
	}
	if got, err := s.Sweep(bg, storage.Keep{}, 0); err != nil || got.Blobs != 2 {
		t.Fatalf("%+v (%v)", got, err)
	}
	if e, err := s.Entries(bg, "kept", 1, 0); err != nil || len(e[0].Data) < 100_000 {
		t.Fatal("what is needed went:", err)
	}
	// What nobody names any more because it was erased goes with the next sweep at the latest.
	if err := accept(s, "young", 100_002); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Sweep(bg, storage.Keep{}, 0); err != nil || got.Blobs != 0 {
		t.Fatalf("a file that was just written: %+v (%v)", got, err)
	}
}

func oneFile(t *testing.T, dir string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
	if err != nil || len(list) == 0 {
		t.Fatal("no file", err)
	}
	return list[0]
}

// noise is text that does not become shorter.
func noise(n int) string {
	b := make([]byte, n/2)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

func TestFileShrinks(t *testing.T) {
	dir := t.TempDir()
	now := 1000 * aDay
	s := open(t, sqlite.Options{Dir: dir})
	flow(t, s, "f")
	for i := range 600 {
		past(t, s, fmt.Sprint("r", i), now-200*aDay, now-199*aDay, noise(30_000))
	}
	if _, err := s.Sweep(bg, storage.KeepDefault(), now); err != nil {
		t.Fatal(err)
	}
	before, err := s.Space(bg)
	if err != nil || before.Free < before.File/2 {
		t.Fatalf("%+v (%v)", before, err)
	}
	bytes, err := s.Shrink(bg)
	after, err2 := s.Space(bg)
	if err != nil || err2 != nil || bytes != before.File-after.File || after.File > before.File/2 || after.Free == 0 {
		t.Fatalf("%d bytes: %+v, then %+v (%v, %v)", bytes, before, after, err, err2)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Vacuum(bg, dir); err != nil {
		t.Fatal(err)
	}
	integrity(t, dir)
	s = open(t, sqlite.Options{Dir: dir})
	if least, err := s.Space(bg); err != nil || least.Free > 0 || least.File >= after.File {
		t.Fatalf("%+v (%v)", least, err)
	}
	code(t, sqlite.Vacuum(bg, dir), engine.Conflict)
	code(t, sqlite.Vacuum(bg, t.TempDir()), engine.NotFound)
}
