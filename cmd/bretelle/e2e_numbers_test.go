package main

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// inFlight is how many deliveries are under way at once (issue 2: acknowledgements a second with 64 in flight).
const inFlight = 64

// BenchmarkBot measures what the README says, with the program built as users build it; what posts and what is called
// share the machine with it.
//
//	go test ./cmd/bretelle -run '^$' -bench BenchmarkBot
//
// Idle: milliseconds from the start of the process on new data until it is ready (the median of nine), and what it
// then has in memory once it is at rest. Acknowledgements: deliveries answered a second, each stored durably first.
// Runs: webhook → set → if → http.request from the first delivery until the last run is done; then the bytes of the
// data directory a run.
//
// With BRETELLE_TEST_PROFILE=FILE the test binary is measured instead and writes a processor profile of its last run.
func BenchmarkBot(b *testing.B) {
	program := built(b)
	b.Run("idle", func(b *testing.B) {
		var ready []time.Duration
		var memory int
		for range 9 {
			p := newBot(b)
			p.program = program
			began := time.Now()
			p.start()
			ready = append(ready, time.Since(began))
			if memory == 0 {
				memory = atRest(b, p.cmd.Process.Pid)
			}
			p.kill()
		}
		slices.Sort(ready)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(ready[len(ready)/2].Seconds()*1000, "ready-ms")
		b.ReportMetric(float64(memory)/1024, "idle-MiB")
	})
	b.Run("acknowledgements", func(b *testing.B) {
		p := loaded(b, program, "acked", "  - {id: rest, wait: {for: 72h}}\n")
		count := 20_000
		began := time.Now()
		took := p.volley(b, "acked", count)
		perSecond := float64(count) / time.Since(began).Seconds()
		slices.Sort(took)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(perSecond, "acks/s")
		b.ReportMetric(took[count/2].Seconds()*1000, "p50-ms")
		b.ReportMetric(took[count*99/100].Seconds()*1000, "p99-ms")
		b.ReportMetric(float64(residentKiB(b, p.cmd.Process.Pid))/1024, "after-MiB")
		p.stop()
	})
	b.Run("runs", func(b *testing.B) {
		var calls atomic.Int64
		url := serveLocal(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			calls.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"ok": true}`)
		}))
		p := loaded(b, program, "worked", fmt.Sprintf(`  - {id: keep, set: {n: "{{ event.body.n }}"}}
  - id: choose
    if: "{{ steps.keep.n >= 0 }}"
    then:
      - {id: call, do: http.request, with: {method: POST, url: "%s/x", allow_private: true, json: {n: "{{ steps.keep.n }}"}}}
`, url))
		p.stop()
		before := size(b, p.dir)
		p.start()
		count := 10_000
		began := time.Now()
		p.volley(b, "worked", count)
		eventually(b, func() bool {
			return calls.Load() >= int64(count) && len(p.listedIn("queued", "running")) == 0
		}, func() string { return fmt.Sprintf("%d of %d calls were made", calls.Load(), count) })
		perSecond := float64(count) / time.Since(began).Seconds()
		if n := calls.Load(); n != int64(count) {
			b.Errorf("%d calls for %d runs", n, count)
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(perSecond, "runs/s")
		b.ReportMetric(processorTime(b, p.cmd.Process.Pid).Seconds()*1000/float64(count), "cpu-ms/run")
		b.ReportMetric(float64(residentKiB(b, p.cmd.Process.Pid))/1024, "after-MiB")
		p.stop()
		b.ReportMetric(float64(size(b, p.dir)-before)/float64(count), "disk-B/run")
	})
}

// built is the program as go build makes it, or this test binary when it shall be profiled.
func built(b *testing.B) string {
	b.Helper()
	if os.Getenv(profileTo) != "" {
		return os.Args[0]
	}
	program := filepath.Join(b.TempDir(), "bretelle")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		b.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// loaded is a bot with one flow at /hooks/PATH.
func loaded(b *testing.B, program, path, steps string) *botProcess {
	b.Helper()
	p := newBot(b)
	p.program = program
	p.start()
	p.cli("person", "add", "ann", "--role", "admin")
	p.cli("channel", "add", "#ops")
	p.apply(hookFlow(path, steps))
	return p
}

// volley posts count deliveries over kept connections and gives how long each took.
func (b *botProcess) volley(t testing.TB, path string, count int) []time.Duration {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: inFlight}, Timeout: patience}
	defer client.CloseIdleConnections()
	took := make([]time.Duration, count)
	var next, refused atomic.Int64
	var all sync.WaitGroup
	for range inFlight {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(count); i = next.Add(1) - 1 {
				began := time.Now()
				resp, err := client.Post(b.hooks+path, "application/json", strings.NewReader(fmt.Sprintf(`{"n": %d, "action": "opened", "title": "Something to do"}`, i)))
				if err != nil {
					refused.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				took[i] = time.Since(began)
				if resp.StatusCode != http.StatusAccepted {
					refused.Add(1)
				}
			}
		})
	}
	all.Wait()
	if n := refused.Load(); n > 0 {
		t.Errorf("%d of %d deliveries were not accepted", n, count)
	}
	return took
}

func (b *botProcess) listedIn(states ...string) []runJSON {
	b.t.Helper()
	var r []runJSON
	args := []string{"run", "list", "--limit", "1"}
	for _, s := range states {
		args = append(args, "--state", s)
	}
	b.jsonOf(&r, args...)
	return r
}

var residentLine = regexp.MustCompile(`(?m)^VmRSS:\s+(\d+) kB`)

// residentKiB is what a process has in memory, shared pages of its file included.
func residentKiB(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skipf("memory is read from /proc: %v", err)
	}
	m := residentLine.FindSubmatch(status)
	if m == nil {
		b.Fatalf("no VmRSS in %s", status)
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// atRest is the memory once it has not changed for half a second.
func atRest(b *testing.B, pid int) int {
	b.Helper()
	last, same := 0, 0
	for same < 10 {
		<-time.After(50 * time.Millisecond)
		now := residentKiB(b, pid)
		if now == last {
			same++
			continue
		}
		last, same = now, 0
	}
	return last
}

// processorTime is what a process has used, in user and system mode (proc(5): fields 14 and 15, a hundredth of a second).
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// size is the bytes of all files.
func size(b *testing.B, dir string) int64 {
	b.Helper()
	var total int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return total
}
