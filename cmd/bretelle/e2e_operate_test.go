package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/storage/vault"
)

// stopLimit is RELIABILITY's F-20.
const stopLimit = 10 * time.Second

// refusesToStart starts the bot, which must exit with 1 and say each of the words in one line, without a stack or the
// name of a library.
func (b *botProcess) refusesToStart(words ...string) {
	b.t.Helper()
	b.mu.Lock()
	b.logs.Reset()
	b.mu.Unlock()
	if err := b.tryStart(); err == nil {
		b.t.Fatalf("it starts, but should say %q", words)
	}
	b.waitExit()
	said := b.log()
	if code := b.cmd.ProcessState.ExitCode(); code != exitFailed || !containsAll(said, words) {
		b.t.Errorf("exit %d\n%swanted %q", code, said, words)
	}
	for _, bad := range []string{"goroutine", "SQLITE", "panic"} {
		if strings.Contains(said, bad) {
			b.t.Errorf("it says %q:\n%s", bad, said)
		}
	}
	if n := strings.Count(said, "\n"); n > 2 {
		b.t.Errorf("it says this in %d lines:\n%s", n, said)
	}
}

// Issue 2: port in use, second process on the data; DESIGN, section 6: wrong key = clear error. After each refusal the
// data is whole and the right way to start works.
func TestStartsThatAreRefused(t *testing.T) {
	b := opsRoom(t)
	b.secret("tracker", "a-token-that-must-survive")
	second := newBot(t)
	second.dir, second.cfg = b.dir, b.cfg
	second.refusesToStart("another Bretelle is running on this data", fmt.Sprint(b.cmd.Process.Pid), b.dir)
	if out := b.cli("doctor"); !strings.Contains(out, "Nothing is wrong") {
		t.Errorf("the first is disturbed by the second: %s", out)
	}
	if took := b.stop(); took > stopLimit {
		t.Errorf("it took %s to stop", took)
	}

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, flag := range []string{"--listen", "--hooks-listen"} {
		b.args = []string{flag, taken.Addr().String()}
		b.refusesToStart(taken.Addr().String()+" is in use by another program", "choose another address with "+flag)
	}
	b.args = nil

	keys, err := filepath.Glob(filepath.Join(b.cfg, "*", "*"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("the configuration directory has %v (%v)", keys, err)
	}
	key, err := os.ReadFile(keys[0])
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(keys[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file has mode %v (%v)", info.Mode(), err)
	}
	other := vault.NewKey()
	if err := os.Remove(keys[0]); err != nil {
		t.Fatal(err)
	}
	if err := vault.WriteKey(keys[0], other); err != nil {
		t.Fatal(err)
	}
	b.refusesToStart("master key")
	if err := os.Remove(keys[0]); err != nil {
		t.Fatal(err)
	}
	b.refusesToStart("master key", keys[0], "bretelle key import")
	if err := os.WriteFile(keys[0], []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.refusesToStart("key", keys[0])
	if err := os.WriteFile(keys[0], key, 0o600); err != nil {
		t.Fatal(err)
	}
	b.start()
	if out := b.cli("secret", "list"); !strings.Contains(out, "tracker") {
		t.Errorf("with the right key again: %s", out)
	}
}

// CONTRACTS, "JSON of the command line": an unknown --as is an error, except with --demo; commands need the running
// bot and say so. DESIGN, section 10: exit codes 0, 1 failed, 2 usage.
func TestCommandsThatAreRefused(t *testing.T) {
	b := opsRoom(t)
	for _, x := range []struct {
		args string
		code int
		says []string
	}{
		{"chat --as ann --in #ops -m hello", exitOK, nil},
		{"chat --as an --in #ops -m hello", exitFailed, []string{"error: ", "an", "did you mean ann"}},
		{"chat --as zebulon --in #ops -m hello", exitFailed, []string{"error: ", "zebulon"}},
		{"chat --as ann --in #op -m hello", exitFailed, []string{"error: ", "#op", "channel add"}},
		{"chat --as ann --in #ops --press approve", exitFailed, []string{"error: ", "approve"}},
		{"chat --as ann", exitUsage, []string{"--in"}},
		{"run show 99", exitFailed, []string{"#99"}},
		{"run show x", exitUsage, []string{"x"}},
		{"run retry 99", exitFailed, []string{"#99"}},
		{"flow show nobody", exitFailed, []string{"nobody"}},
		{"flow publish nobody", exitFailed, []string{"nobody"}},
		{"flow check -f no-such-file.yaml", exitFailed, []string{"no-such-file.yaml"}},
		{"hook send nowhere -f testdata/deliveries/01.issues.json", exitFailed, []string{"nowhere"}},
		{"person add ann", exitFailed, []string{"ann"}},
		{"person add x --role king", exitFailed, []string{"king"}},
		{"group set crew ghost", exitFailed, []string{"ghost"}},
		{"channel add nonsense:x", exitFailed, []string{"nonsense"}},
		{"secret set empty", exitFailed, []string{"empty"}},
		{"nonsense", exitUsage, []string{"nonsense"}},
		{"--nonsense", exitUsage, []string{"nonsense"}},
	} {
		out, code := b.try("", strings.Fields(x.args)...)
		if code != x.code || !containsFold(out, x.says) || code != exitOK && !strings.HasPrefix(out, "error: ") {
			t.Errorf("bretelle %s: exit %d, wanted %d and %q\n%s", x.args, code, x.code, x.says, out)
		}
	}
	b.stop()
	if code := b.cmd.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("stopped, it exits with %d", code)
	}
	if out, code := b.try("", "run", "list"); code != exitFailed || !strings.Contains(out, "no bretelle is running on "+b.dir) {
		t.Errorf("without a bot: exit %d\n%s", code, out)
	}
	b.args = []string{"--demo"}
	b.start()
	b.cli("chat", "--as", "zebulon", "--in", "#ops", "-m", "hello")
}

// RELIABILITY, F-20: SIGTERM drains: exit < 10 s, no second calls at all, a call in flight finishes. What waits in
// line is done after the next start.
func TestStopLetsACallFinish(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	var once sync.Once
	let := func() { once.Do(func() { close(release) }) }
	t.Cleanup(let)
	rc.set(func(n int, w http.ResponseWriter, _ *http.Request, _ []byte) {
		arrived <- struct{}{}
		<-release
		fmt.Fprintf(w, "answer %d", n)
	})
	b.apply(hookFlow("slow", fmt.Sprintf(`  - id: call
    do: http.request
    with: {method: POST, url: "%s/slow", allow_private: true, json: {key: "{{ event.body.key }}"}}
  - {id: after, set: {said: "{{ steps.call.body }}"}}
`, rc.URL)))
	n := b.send("slow", `{"key": 1}`)
	<-arrived
	exited := make(chan time.Duration, 1)
	go func() { exited <- b.stop() }()
	eventually(t, func() bool { // it takes no new work
		resp, err := http.Post(b.hooks+"slow", "application/json", strings.NewReader("{}"))
		if err == nil {
			_ = resp.Body.Close()
		}
		return err != nil
	}, func() string { return "after SIGTERM it still takes deliveries" })
	if b.dead() {
		t.Fatal("it did not wait for the call")
	}
	let()
	if took := <-exited; took > stopLimit {
		t.Errorf("it took %s to stop", took)
	}
	if code := b.cmd.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("stopped, it exits with %d\n%s", code, b.log())
	}
	b.start()
	if r := b.await(n, "done"); !strings.Contains(string(r.Steps[1].Output), "answer 1") {
		t.Errorf("the answer was lost: %s", r.Steps[1].Output)
	}
	for _, r := range b.runs() { // the deliveries accepted while it began to stop
		b.await(r.Number, "done")
	}
	seen := map[string]int{}
	for _, q := range rc.requests() {
		seen[q.Key]++
	}
	for key, times := range seen {
		if key != "" && times != 1 {
			t.Errorf("%s was sent %d times", key, times)
		}
	}
	if calls, runs := len(rc.requests()), len(b.runs()); calls != runs {
		t.Errorf("%d calls for %d runs", calls, runs)
	}
}

// A call that never ends does not keep the bot from stopping. What may not be repeated is then unknown, is asked, and
// was sent once.
func TestStopWhileACallHangs(t *testing.T) {
	b, rc := opsRoom(t), newReceiver(t)
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	t.Cleanup(func() { close(release) })
	rc.set(func(int, http.ResponseWriter, *http.Request, []byte) {
		arrived <- struct{}{}
		<-release
	})
	b.apply(hookFlow("hang", fmt.Sprintf(`  - id: call
    do: http.request
    with: {method: POST, url: "%s/hang", allow_private: true, json: {a: 1}}
`, rc.URL)))
	n := b.send("hang", `{}`)
	<-arrived
	if took := b.stop(); took > stopLimit {
		t.Errorf("it took %s to stop", took)
	}
	if code := b.cmd.ProcessState.ExitCode(); code != exitOK {
		t.Errorf("stopped, it exits with %d\n%s", code, b.log())
	}
	b.start()
	b.await(n, "unknown")
	b.card("ann", "#ops", "hang")
	if got := rc.requests(); len(got) != 1 {
		t.Errorf("%d calls", len(got))
	}
}

// RELIABILITY, F-1: ready in less than a second with many parked runs, shown as a ratio to a start with none (20,000 with -long). Some wait for approval, some
// for time, some have failed; each is a row and costs no start.
func TestStartWithManyParkedRuns(t *testing.T) {
	count := 1500
	if *long {
		count = 20_000
	}
	b := opsRoom(t)
	b.cli("group", "set", "team", "ann")
	b.apply(hookFlow("waits", "  - {id: rest, wait: {for: 72h}}\n  - {id: s, set: {a: 1}}\n"))
	b.apply(hookFlow("fails", "  - {id: say, do: chat.message.post, with: {text: \"Hello {{ event.body.missing }}\"}}\n"))
	b.apply(hookFlow("asks", "  - {id: ask, ask: approval, with: {title: \"Well?\", by: {any: [\"@team\"], need: 1}}}\n"))
	flood(t, b, 32, count, func(i int) string { return []string{"waits", "waits", "fails", "asks"}[i%4] })
	counts := func() map[string]int { // at most 1000 of each are listed
		n := map[string]int{}
		for _, state := range []string{"queued", "running", "waiting", "parked", "done", "unknown"} {
			var some []runJSON
			b.jsonOf(&some, "run", "list", "--state", state, "--limit", "1000")
			n[state] = len(some)
		}
		return n
	}
	var before map[string]int
	eventually(t, func() bool {
		before = counts()
		return before["running"]+before["queued"] == 0
	}, func() string { return fmt.Sprint("not settled: ", before) })
	if before["waiting"] < min(count*3/4, 1000) || before["parked"] < min(count/4, 1000) {
		t.Fatalf("the runs are %v", before)
	}
	best := patience
	for range 3 { // the best of three: the machine may be busy with other things
		b.kill()
		began := time.Now()
		b.start()
		best = min(best, time.Since(began))
	}
	empty := patience // with nothing to take up, on the same machine in the same minute
	for range 3 {
		began := time.Now()
		newBot(t).start()
		empty = min(empty, time.Since(began))
	}
	t.Logf("ready in %s with %v, in %s with nothing", best, before, empty)
	if best > 5*empty {
		t.Errorf("ready after %s with %d parked runs, after %s with none", best, count, empty)
	}
	if after := counts(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the runs are %v, were %v", after, before)
	}
}

// flood posts count events, some at once; each must be accepted.
func flood(t testing.TB, b *botProcess, atOnce, count int, path func(i int) string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}, Timeout: patience}
	defer client.CloseIdleConnections()
	turns := make(chan int)
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for i := range turns {
				resp, err := client.Post(b.hooks+path(i), "application/json", strings.NewReader(fmt.Sprintf(`{"n": %d}`, i)))
				if err != nil {
					t.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusAccepted {
					t.Errorf("delivery %d was answered %d", i, resp.StatusCode)
				}
			}
		})
	}
	for i := range count {
		turns <- i
	}
	close(turns)
	all.Wait()
}
