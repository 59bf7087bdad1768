package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestRestoredCopyRepeatsNothing is F-19: the real program is copied while runs are at every step, goes on and finishes
// them; the copy is restored elsewhere and started. What both did together is done once, but for calls that may be
// repeated, which carry the same key.
func TestRestoredCopyRepeatsNothing(t *testing.T) {
	b, rc := newBot(t), newReceiver(t)
	hold := make(chan struct{})
	rc.set(func(_ int, w http.ResponseWriter, r *http.Request, body []byte) {
		if strings.Contains(string(body), "held") {
			<-hold
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte(`{"ok": true}`))
	})
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.cli("channel", "add", "#ops")
	b.secret("sesame", "open-4711")
	call := func(id, more string) string {
		return fmt.Sprintf("  - {id: %s, do: http.request, with: {method: POST, url: '%s/%s', allow_private: true, json: {n: '{{ event.body.n }}'}%s}}\n",
			id, rc.URL, id, more)
	}
	b.apply("flow: work\nchannel: '#ops'\ntrigger: {on: webhook.received, with: {path: work, sender: unsigned}}\nsteps:\n" +
		call("one", "") + "  - {id: rest, wait: {for: 4s}}\n" + call("two", ", repeat_safe: true") + call("three", ""))
	const runs = 60
	var senders sync.WaitGroup
	send := func(from, to int, kind string) {
		for i := from; i < to; i++ {
			senders.Go(func() { b.send("work", fmt.Sprintf(`{"n": "%s%d"}`, kind, i)) })
		}
		senders.Wait()
	}
	send(0, 20, "first")
	send(20, 30, "held") // their first call is on its way when the copy is made
	eventually(t, func() bool { return len(rc.requests()) == 30 }, func() string { return fmt.Sprint(len(rc.requests()), " requests") })
	file := filepath.Join(t.TempDir(), "copy.backup")
	done := make(chan struct{})
	go func() { defer close(done); send(30, runs, "later") }()
	out := b.cli("backup", file)
	<-done
	wantWords(t, "backup", out, "copy.backup", "30 runs|3[0-9] runs|4[0-9] runs|5[0-9] runs|60 runs", "master key is not in it", "key export")
	close(hold)
	finished := func(p *botProcess) {
		t.Helper()
		eventually(t, func() bool { return len(p.listedIn("queued", "running", "waiting")) == 0 }, func() string {
			return fmt.Sprint("still open: ", p.listedIn("queued", "running", "waiting"), p.log())
		})
	}
	finished(b)
	wantWords(t, "doctor", b.cli("doctor"), "backup +20", "data +[0-9.]+ MiB")
	b.kill()
	before := len(rc.requests())
	if before != 3*runs {
		t.Fatalf("the first life made %d calls of %d runs", before, runs)
	}

	dry, code := (&botProcess{t: t, program: b.program, dir: filepath.Join(t.TempDir(), "nowhere"), cfg: b.cfg}).try("", "restore", file, "--dry-run")
	wantWords(t, "dry run", dry, "Under way when it was made", "# ?1 +work", "Nothing was written", "secrets")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	c := newBot(t)
	c.cfg = b.cfg
	wantWords(t, "restore", c.cli("restore", file), "Restored into", "does not run any more")
	if out, code := c.try("", "restore", file); code == 0 || !strings.Contains(out, "data in") {
		t.Errorf("over data: %d %s", code, out)
	}
	c.start()
	finished(c)

	asked := len(c.listed("work"))
	seen := map[string]string{} // call → its key
	for i, r := range rc.requests() {
		id := r.Method + r.Path + r.Body
		key, had := seen[id]
		if had && (r.Path != "/two" || r.Key == "" || r.Key != key) {
			t.Errorf("request %d: %s was made twice, keys %q and %q", i, id, key, r.Key)
		}
		seen[id] = r.Key
	}
	var unknown []runJSON
	c.jsonOf(&unknown, "run", "list", "--state", "unknown", "--limit", "1000")
	if len(unknown) < 20 || len(unknown) > asked {
		t.Fatalf("%d runs ask, of %d", len(unknown), asked)
	}

	// A person knows: it happened. The run goes on, and asks once more before the next call of its kind.
	last := unknown[len(unknown)-1] // one of the first: its POST is three, the last step
	wantWords(t, "pressed", c.said("ann", "happened", "--card", c.cardOf(last.Number)), "happened|done|goes on")
	c.await(last.Number, "done", "unknown")
	wantWords(t, "why", c.transcript("ann", "#ops"), "restored from a backup")
	// Somebody says that it did not: then it is sent.
	n := len(rc.requests())
	first := unknown[0]
	c.said("ann", "again", "--card", c.cardOf(first.Number))
	eventually(t, func() bool { return len(rc.requests()) > n }, func() string { return "what was to be sent again was not: " + c.log() })

	// What is new in the copy is free.
	fresh := c.send("work", `{"n": "fresh"}`)
	c.await(fresh, "done")
	if os.Getenv("BRETELLE_MASTER_KEY") == "" && !strings.Contains(c.cli("secret", "list"), "sesame") {
		t.Error("the secret is gone")
	}
}

// cardOf is the open card that asks about a run.
func (b *botProcess) cardOf(number int64) string {
	b.t.Helper()
	var id string
	eventually(b.t, func() bool {
		for _, c := range b.cards("ann", "#ops") {
			if c.State == "open" && c.offers("happened") && strings.Contains(c.Title+c.Text, fmt.Sprintf("#%d", number)) {
				id = c.ID
			}
		}
		return id != ""
	}, func() string { return fmt.Sprintf("no card asks about run #%d: %v", number, b.cards("ann", "#ops")) })
	return id
}

func TestOwnBackupsAndKeeping(t *testing.T) {
	b := newBot(t, "--backup-every", "1m", "--backup-keep", "2")
	b.start()
	var made []string
	eventually(t, func() bool {
		made, _ = filepath.Glob(filepath.Join(b.dir, "backups", "*"+backupSuffix))
		return len(made) == 1
	}, func() string { return "no backup is made: " + b.log() })
	wantWords(t, "doctor", b.cli("doctor"), "backup +20")
	for _, name := range []string{"bretelle-20200101T000000Z", "bretelle-20210101T000000Z"} {
		if err := os.WriteFile(filepath.Join(b.dir, "backups", name+backupSuffix), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := dropBackups(filepath.Join(b.dir, "backups"), 2); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(b.dir, "backups", "*")); len(left) != 2 || left[1] != made[0] {
		t.Errorf("left: %v", left)
	}
	b.apply(hookFlow("kept", "  - {id: s, set: {a: 1}}\n"))
	wantWords(t, "keep", b.cli("keep"), "payloads +90d", "history +1y", "audit +10y")
	wantWords(t, "keep", b.cli("keep", "payloads=30d", "keys=forever"), "payloads +30d", "keys +forever")
	wantWords(t, "keep", b.cli("keep", "--flow", "kept", "history=12w"), "history +12w +only kept", "history +1y")
	for _, bad := range [][]string{{"keep", "payloads=2h"}, {"keep", "audit=90d"}, {"keep", "--flow", "kept", "keys=30d"}, {"keep", "--flow", "nobody", "history=30d"}, {"keep", "x"}} {
		if out, code := b.try("", bad...); code == 0 || !strings.Contains(out, "error:") {
			t.Errorf("%v: exit %d, %s", bad, code, out)
		}
	}
	n := b.send("kept", `{"from": "Zoë@example.org"}`)
	b.await(n, "done")
	eventually(t, func() bool {
		return strings.Contains(b.cli("run", "list", "--text", "zoe@example.org"), "#1")
	}, func() string { return "a run is not found by its words" })
	if out := b.cli("run", "list", "--text", "nobody"); strings.Contains(out, "#1") {
		t.Error(out)
	}
	wantWords(t, "erase", b.cli("run", "erase", "1"), "erased")
	if out := b.cli("run", "list", "--text", "zoe@example.org"); strings.Contains(out, "#1") {
		t.Error("an erased run is found by what it was given")
	}
	if out, code := b.try("", "vacuum"); code == 0 || !strings.Contains(out, "running") {
		t.Errorf("vacuum beside a bot: %s", out)
	}
	b.stop()
	wantWords(t, "vacuum", b.cli("vacuum"), "no gaps")
	b.start()
}
