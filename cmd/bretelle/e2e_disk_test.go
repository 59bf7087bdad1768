//go:build linux

package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of so many KiB, or skips the test where that is not allowed.
func smallDisk(t *testing.T, kib int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bretelle-disk")
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dk", kib)); err != nil {
		_ = os.Remove(dir)
		t.Skipf("a full disk needs the right to mount a small one: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
		_ = os.Remove(dir)
	})
	return dir
}

func resize(t *testing.T, dir string, kib int, flags uintptr) {
	t.Helper()
	if err := unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT|flags, fmt.Sprintf("size=%dk", kib)); err != nil {
		t.Fatal(err)
	}
}

// Issue 2: full disk; RELIABILITY, F-3: no acknowledged event is lost, callers get 503, a click gets an answer, and it
// works again without a restart once there is room.
func TestFullDiskLosesNothing(t *testing.T) {
	disk := smallDisk(t, 4096)
	b, rc := newBot(t), newReceiver(t)
	b.dir = filepath.Join(disk, "data")
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.cli("person", "add", "bob")
	b.cli("group", "set", "team", "bob")
	b.cli("channel", "add", "#ops")
	b.apply(hookFlow("asks", fmt.Sprintf(`  - id: ask
    ask: approval
    covers: [call]
    with: {title: "Call?", by: {any: ["@team"], need: 1}}
  - {id: call, do: http.request, with: {method: POST, url: "%s/x", allow_private: true, json: {a: 1}}}
`, rc.URL)))
	b.apply(hookFlow("fill", "  - {id: keep, set: {n: '{{ event.body.n }}'}}\n  - {id: rest, wait: {for: 72h}}\n"))
	asked := b.send("asks", `{}`)
	b.card("bob", "#ops", "Call?")

	var accepted []int64
	full := false
	for i := 0; i < 5000 && !full; i++ {
		a := b.deliver("POST", "fill", nil, strings.NewReader(fmt.Sprintf(`{"n": %d, "pad": %q}`, i, strings.Repeat("x", 2000))))
		switch a.Status {
		case http.StatusAccepted:
			accepted = append(accepted, a.Run)
		case http.StatusServiceUnavailable:
			full = true
			if a.Result != "unavailable" || a.Reason == "" || a.Run != 0 {
				t.Errorf("503 says %+v", a)
			}
		default:
			t.Fatalf("on a full disk a delivery is answered %d %s", a.Status, a.Result)
		}
	}
	if !full || len(accepted) < 10 {
		t.Fatalf("%d deliveries did not fill the disk", len(accepted))
	}
	for range 3 {
		if a := b.deliver("POST", "fill", nil, strings.NewReader(`{"n": -1, "pad": "`+strings.Repeat("x", 2000)+`"}`)); a.Status != http.StatusServiceUnavailable {
			t.Errorf("still full, but answered %d", a.Status)
		}
	}
	out, code := b.try("", "chat", "--as", "bob", "--in", "#ops", "--press", "approve")
	if code != exitFailed || !strings.Contains(out, "I could not save your answer") {
		t.Errorf("a click on a full disk: exit %d\n%s", code, out)
	}
	if r := b.run(asked); r.State != "waiting" {
		t.Errorf("after a click that was not saved the run is %s", r.State)
	}
	if len(rc.requests()) != 0 {
		t.Error("a call was made that nobody's saved answer allows")
	}
	if b.dead() {
		t.Fatalf("it died of a full disk:\n%s", b.log())
	}

	resize(t, disk, 64<<10, 0)
	began := time.Now()
	var after delivered
	eventually(t, func() bool {
		after = b.deliver("POST", "fill", nil, strings.NewReader(`{"n": "after"}`))
		return after.Status == http.StatusAccepted
	}, func() string { return fmt.Sprintf("with room again: %d %s\n%s", after.Status, after.Result, b.log()) })
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s to work again", took)
	}
	b.cli("chat", "--as", "bob", "--in", "#ops", "--press", "approve")
	b.await(asked, "done")
	if n := len(rc.requests()); n != 1 {
		t.Errorf("%d calls", n)
	}
	whole := func() {
		t.Helper()
		for i, n := range append(accepted, after.Run) {
			if i > 20 && i < len(accepted)-20 && i%50 != 0 {
				continue // all of them are counted below
			}
			r := b.await(n, "waiting")
			if want := fmt.Sprint(i); i < len(accepted) && !strings.Contains(string(r.Steps[0].Output), want) {
				t.Fatalf("run %d keeps %s, wanted %s", n, r.Steps[0].Output, want)
			}
		}
		if got := len(b.listed("fill")); got != min(len(accepted)+1, 1000) {
			t.Errorf("%d runs, but %d were acknowledged", got, len(accepted)+1)
		}
	}
	whole()
	b.kill()
	b.start()
	whole()
	if out := b.cli("doctor"); !strings.Contains(out, "Nothing is wrong") {
		t.Error(out)
	}
}

func (b *botProcess) listed(flow string) []runJSON {
	b.t.Helper()
	var r []runJSON
	b.jsonOf(&r, "run", "list", "--flow", flow, "--limit", "1000")
	return r
}

// Issue 2: read-only directory, as a read-only mount.
func TestReadOnlyDisk(t *testing.T) {
	disk := smallDisk(t, 8192)
	b := newBot(t)
	b.dir = filepath.Join(disk, "data")
	b.start()
	b.cli("person", "add", "ann", "--role", "admin")
	b.stop()
	resize(t, disk, 8192, unix.MS_RDONLY)
	b.refusesToStart(b.dir+" cannot be written", "mounted read-only")
	used := b.dir
	b.dir = filepath.Join(disk, "new")
	b.refusesToStart(b.dir + " cannot be written")
	b.dir = used
	resize(t, disk, 8192, 0)
	b.start()
	if out := b.cli("person", "list"); !strings.Contains(out, "ann") {
		t.Errorf("after the disk is writable again: %s", out)
	}
}

// Issue 2: read-only directory, as an unprivileged user.
func TestDirectoryOfSomebodyElse(t *testing.T) {
	if os.Getuid() != 0 {
		b := newBot(t)
		if err := os.Mkdir(b.dir, 0o500); err != nil {
			t.Fatal(err)
		}
		b.refusesToStart(b.dir+" cannot be written", "permissions")
		return
	}
	b := newBot(t)
	b.start()
	b.stop()
	base := filepath.Dir(b.dir)
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(base, "nobody")
	if err := os.Mkdir(home, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(home, 65534, 65534); err != nil {
		t.Skipf("no other user's directory can be made here: %v", err)
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(base, "bretelle")
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{b.dir, filepath.Join(base, "new")} {
		cmd := exec.Command(copied, "--data", dir, "--listen", "127.0.0.1:0", "--hooks-listen", "127.0.0.1:0")
		cmd.Dir = base
		cmd.Env = []string{asBot + "=1", "HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=/usr/bin:/bin"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Skipf("no other user may run a program here: %v", err)
		}
		if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), dir+" cannot be written") ||
			!strings.Contains(string(out), "permissions") || strings.Contains(string(out), "goroutine") {
			t.Errorf("another user on %s: exit %d\n%s", dir, code, out)
		}
	}
}
