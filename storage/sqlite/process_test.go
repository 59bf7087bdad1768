//go:build unix

package sqlite_test

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// TestMain makes the test binary the second process of some tests: BRETELLE_TEST_CHILD says which, its arguments
// follow after spaces.
func TestMain(m *testing.M) {
	if what, dir, ok := strings.Cut(os.Getenv("BRETELLE_TEST_CHILD"), " "); ok {
		os.Exit(child(what, dir))
	}
	os.Exit(m.Run())
}

func child(what, rest string) int {
	switch what {
	case "open": // says what opening gives, and holds it until its input ends
		s, err := sqlite.Open(bg, sqlite.Options{Dir: rest})
		fmt.Printf("%s|%v\n", engine.CodeOf(err), err)
		if err == nil {
			_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
			_ = s.Close()
		}
	case "work": // works until the n-th commit, then dies
		var n int
		var when, dir string
		if _, err := fmt.Sscanf(rest, "%d %s %s", &n, &when, &dir); err != nil {
			return 3
		}
		s, err := sqlite.Open(bg, sqlite.Options{Dir: dir, Commit: func(c int, w string) {
			if c == n && w == when {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
		}})
		if err != nil {
			return 4
		}
		work(s, func(line string) { fmt.Println(line) })
	case "log": // accepts so many large events in one transaction, and dies right after it
		var n int
		var dir string
		if _, err := fmt.Sscanf(rest, "%d %s", &n, &dir); err != nil {
			return 3
		}
		kill := false
		s, err := sqlite.Open(bg, sqlite.Options{Dir: dir, Commit: func(_ int, w string) {
			if kill && w == "after" {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
		}})
		if err != nil {
			return 4
		}
		a := local.Accepting{Trigger: "t", Flow: "flow0", Version: 1, From: "webhook"}
		for i := range n {
			run := fmt.Sprintf("0190c000-0000-7000-8000-%012d", i)
			noise := make([]byte, 32_000)
			_, _ = rand.Read(noise)
			a.Items = append(a.Items, local.AcceptItem{Run: run, Outcome: engine.Accepted, Head: engine.StartHead{Run: run, Flow: "flow0", Version: 1},
				Event: engine.Event{ID: run, Key: run, At: 1 << 40, Trigger: "webhook.received", Data: map[string]any{"body": hex.EncodeToString(noise)}}})
		}
		kill = true
		_, err = s.Accept(bg, a)
		fmt.Println(err)
	}
	return 0
}

// work accepts and commits, saying each thing that was acknowledged.
func work(s *sqlite.Store, said func(string)) {
	for i := 1; i <= 4; i++ {
		run := fmt.Sprintf("r%d", i)
		if accept(s, run, 70_000*(i%2)) == nil {
			said("accept " + run)
		}
		err := s.Commit(bg, local.Change{Run: run, Expect: 1, State: []byte("s"), Status: engine.RunWaiting, At: 5,
			Entries:   []engine.Entry{{Seq: 2, At: 5, Kind: engine.StepDone, Data: []byte(`{}`)}, {Seq: 3, At: 5, Kind: engine.AskOpened}},
			SetTimers: []local.Timer{{ID: "t", At: 9}}, Notices: []engine.Notice{{ID: "n" + run}},
			Audit: []engine.AuditEntry{{What: "x"}}, AddTasks: []engine.Task{{Path: "p", Attempt: 1}}})
		if err == nil {
			said("commit " + run)
		}
	}
}

func start(t *testing.T, job string) (*exec.Cmd, *bufio.Reader, func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "BRETELLE_TEST_CHILD="+job)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out), func() { _ = in.Close() }
}

func TestASecondProcessIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, sqlite.Options{Dir: dir})
	refused := func() string {
		t.Helper()
		cmd, out, end := start(t, "open "+dir)
		line, _ := out.ReadString('\n')
		end()
		_ = cmd.Wait()
		return strings.TrimSpace(line)
	}
	got := refused()
	if !strings.HasPrefix(got, "conflict|another Bretelle is running on this data") ||
		!strings.Contains(got, strconv.Itoa(os.Getpid())) || !strings.Contains(got, dir) {
		t.Fatalf("the second process said %q", got)
	}
	_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
	code(t, err, engine.Conflict)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := refused(); !strings.HasPrefix(got, "|") {
		t.Fatalf("after the first has ended: %q", got)
	}
	cmd, out, _ := start(t, "open "+dir)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	open(t, sqlite.Options{Dir: dir}) // a killed process leaves no lock behind
}

func TestDirectoryOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		dir := t.TempDir()
		if err := os.Chmod(dir, 0o500); err != nil {
			t.Fatal(err)
		}
		_, err := sqlite.Open(t.Context(), sqlite.Options{Dir: dir})
		code(t, err, engine.Unavailable)
		return
	}
	// Root may write anywhere: somebody else has to try, with a copy of this binary that they can reach.
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy")
	if err := os.WriteFile(copied, binary, 0o755); err != nil {
		t.Fatal(err)
	}
	empty, used := filepath.Join(dir, "empty"), filepath.Join(dir, "used")
	if err := os.Mkdir(empty, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := open(t, sqlite.Options{Dir: used}).Close(); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{empty, used} {
		cmd := exec.Command(copied)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "BRETELLE_TEST_CHILD=open "+data)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Skipf("no other user may run a program here: %v", err)
		}
		if !strings.HasPrefix(string(out), "unavailable|"+data+" cannot be written") {
			t.Fatalf("another user was told %q", out)
		}
	}
}

func TestKilledAtEveryCommit(t *testing.T) {
	const commits = 8
	for n := 1; n <= commits; n++ {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprintf("%s %d", when, n), func(t *testing.T) {
				dir := t.TempDir()
				cmd, out, _ := start(t, fmt.Sprintf("work %d %s %s", n, when, dir))
				var said []string
				for {
					line, err := out.ReadString('\n')
					if err != nil {
						break
					}
					said = append(said, strings.TrimSpace(line))
				}
				var exit *exec.ExitError
				if err := cmd.Wait(); !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
					t.Fatalf("the process was not killed: %v", err)
				}
				if len(said) != n-1 {
					t.Fatalf("acknowledged %v, want %d things", said, n-1)
				}
				s := open(t, sqlite.Options{Dir: dir})
				atomicallyThere(t, s, said)
				work(s, func(string) {})
				after := []string{}
				for i := 1; i <= 4; i++ {
					after = append(after, fmt.Sprintf("accept r%d", i), fmt.Sprintf("commit r%d", i))
				}
				atomicallyThere(t, s, after)
				if rows, err := s.VerifyAudit(t.Context()); err != nil || rows != 4 {
					t.Fatalf("%d rows of audit (%v)", rows, err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				integrity(t, dir)
			})
		}
	}
}

// atomicallyThere checks that what was acknowledged is there, and that nothing is there by half.
func atomicallyThere(t *testing.T, s *sqlite.Store, said []string) {
	t.Helper()
	tasks, err := s.Tasks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	timers, _, err := s.Due(t.Context(), 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	notices, err := s.Undelivered(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Runs(t.Context(), local.RunQuery{})
	if err != nil {
		t.Fatal(err)
	}
	there, committed := map[string]bool{}, 0
	for _, h := range list {
		there["accept "+h.ID] = true
		snap, err := s.Load(t.Context(), h.ID)
		if err != nil {
			t.Fatal(err)
		}
		entries, err := s.Entries(t.Context(), h.ID, 1, 0)
		if err != nil || int64(len(entries)) != snap.Seq || entries[0].Data == nil {
			t.Fatalf("run %s has %d entries at %d (%v)", h.ID, len(entries), snap.Seq, err)
		}
		if snap.Seq > 1 {
			committed++
			there["commit "+h.ID] = true
		}
	}
	if len(tasks) != committed || len(timers) != committed || len(notices) != committed {
		t.Fatalf("%d changes, but %d tasks, %d timers, %d notices", committed, len(tasks), len(timers), len(notices))
	}
	for _, line := range said {
		if !there[line] {
			t.Fatalf("%q was acknowledged and is lost; there is %v", line, there)
		}
	}
}
