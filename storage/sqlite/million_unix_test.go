//go:build unix

package sqlite

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage"
)

// TestMillionRuns is the store's part of F-16: with a million runs and 2 GB in it, and after a kill -9 that left 200 MB of
// log, the store opens and says what is left to do within seconds, and every list and every page is there within 200 ms.
func TestMillionRuns(t *testing.T) {
	if !*long {
		t.Skip("with -long: it takes minutes")
	}
	const runs, later = 1_000_000, 3200
	dir := t.TempDir()
	began := time.Now()
	fill(t, dir, runs, 20_000, 1200)
	t.Logf("%d runs made in %s", runs, time.Since(began).Round(time.Second))
	log := killed(t, dir, later)
	size, err := os.Stat(filepath.Join(dir, File))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB, and %d MB of log after the kill", size.Size()/1e6, log/1e6)
	if size.Size() < 2e9 || log < 200e6 {
		t.Error("that is less than was to be tried")
	}
	began = time.Now()
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for _, what := range []string{"ready", "tasks", "due", "undelivered", "pending"} {
		if _, err := looks(s, runs)[what](t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(began)
	t.Logf("opened in %s", took)
	if took > 5*time.Second {
		t.Errorf("it took %s until all that is left was known", took)
	}
	if l, err := s.Runs(t.Context(), local.RunQuery{Limit: 1}); err != nil || len(l) != 1 || l[0].Number != runs+later {
		t.Fatalf("the last run is %+v (%v), want #%d", l, err, runs+later)
	}
	began = time.Now()
	if n, err := s.Index(t.Context(), 0); err != nil || n != runs+later {
		t.Fatal(n, err)
	}
	t.Logf("findable in %s", time.Since(began).Round(time.Second))
	sp, err := s.Space(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes a run", sp.File/runs)
	for what, look := range looks(s, runs) {
		var times []time.Duration
		n := 0
		for range 5 {
			began := time.Now()
			if n, err = look(t.Context()); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			times = append(times, time.Since(began))
		}
		slices.Sort(times)
		t.Logf("%-30s %5d rows  %8s (at first %s)", what, n, times[2].Round(10*time.Microsecond), times[4].Round(10*time.Microsecond))
		if times[2] > 200*time.Millisecond {
			t.Errorf("%s takes %s", what, times[2])
		}
	}
	began = time.Now()
	const old = 10_000 // of the runs
	swept, err := s.Sweep(t.Context(), storage.Keep{Payloads: 90 * 24 * time.Hour}, old*1000+90*24*3600*1000)
	if swept.Payloads < old-old/40 { // but for those that wait
		t.Errorf("%d runs were swept (%v)", swept.Payloads, err)
	}
	t.Logf("swept %+v in %s (%v)", swept, time.Since(began).Round(time.Millisecond), err)
	b, _ := json.Marshal(sp)
	t.Log(string(b))
}

// killed has another process accept so many large events in one transaction and die by kill -9 right after it, and says
// how large the log is that it left.
func killed(t *testing.T, dir string, events int) int64 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), fmt.Sprintf("BRETELLE_TEST_CHILD=log %d %s", events, dir))
	if out, err := cmd.CombinedOutput(); err == nil {
		t.Fatalf("it was not killed: %s", out)
	}
	log, err := os.Stat(filepath.Join(dir, File+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	return log.Size()
}

// TestALogThatAKillLeft is the short form: what was committed right before the kill is there.
func TestALogThatAKillLeft(t *testing.T) {
	const runs, later = 500, 200
	dir := t.TempDir()
	fill(t, dir, runs, 10, 0)
	if log := killed(t, dir, later); log < later*60_000 {
		t.Errorf("%d bytes of log", log)
	}
	s, err := Open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	l, err := s.Runs(t.Context(), local.RunQuery{Limit: 1000})
	if err != nil || len(l) != runs+later || l[0].Number != runs+later {
		t.Fatalf("%d runs (%v)", len(l), err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
