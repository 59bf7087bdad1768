package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// The real program, built as users build it, with one kill -9 under load: nothing that was acknowledged is lost, nothing
// is called twice; the same with SIGTERM; one delivery many times is one run (RELIABILITY, F-1, F-2, F-7 and F-20, in
// short). The long form stands in .ci/long.
func TestOneKill(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("the driver measures processes by /proc, which is not here")
	}
	var out, progress bytes.Buffer
	code := run(context.Background(), []string{"-scenario", "run,kill,stop,duplicates", "-n", "300", "-c", "16", "-kill", "1", "-json", "-dir", t.TempDir()}, &out, &progress)
	if code != 0 {
		t.Fatalf("exit %d\n%s", code, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	unknown := int64(r.Figures["kill.unknown"])
	if y := r.Tally; y.Sent != 901 || y.Accepted != 901 || y.Lost != 0 || y.Doubled != 0 || y.Stray != 0 || y.Completed < 900-unknown {
		t.Errorf("%+v, %d unknown", y, unknown)
	}
	if r.Figures["kills"] != 1 || r.Figures["stops"] != 1 || r.Figures["duplicates.accepted"] != 1 {
		t.Errorf("%v kills, %v stops, %v accepted of many of one event", r.Figures["kills"], r.Figures["stops"], r.Figures["duplicates.accepted"])
	}
	for _, k := range []string{"runs.s", "cpu.ms", "bare.cpu.ms", "rows", "db.kib", "load.mib", "idle.set.mib", "ready.ms", "end.p99.ms"} {
		if r.Figures[k] <= 0 {
			t.Errorf("%s is %v", k, r.Figures[k])
		}
	}
}

// RELIABILITY, F-11: of ten services one hangs; what calls the others goes on, be it of other flows or of the same. How
// much slower is not asked here: machines are noisy. The long form stands in .ci/long.
func TestBadHost(t *testing.T) {
	var out, progress bytes.Buffer
	if code := run(context.Background(), []string{"-scenario", "badhost", "-n", "200", "-json", "-dir", t.TempDir()}, &out, &progress); code != 0 {
		t.Fatalf("exit %d\n%s", code, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"badhost.flows", "badhost.one"} {
		if r.Figures[key+".stuck"] != 0 || r.Figures[key+".beside.p99.ms"] <= 0 {
			t.Errorf("%s: %v runs were held up; %v", key, r.Figures[key+".stuck"], r.Figures)
		}
	}
}

// Runs that a person lets through, and backups while runs are made: the short form of what the driver measures of both.
func TestApprovalsAndBackups(t *testing.T) {
	var out, progress bytes.Buffer
	if code := run(context.Background(), []string{"-scenario", "approval,backup", "-n", "60", "-c", "8", "-json", "-dir", t.TempDir()}, &out, &progress); code != 0 {
		t.Fatalf("exit %d\n%s", code, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if f := r.Figures; f["approval.s"] <= 0 || f["backups"] < 1 || f["backup.ratio"] <= 0 || r.Tally.Completed != 60+6*11 || r.Tally.Doubled != 0 {
		t.Errorf("%v %+v", f, r.Tally)
	}
}

// A past that is written beside the program is one that it takes for its own: it goes on numbering, and lists it.
func TestPast(t *testing.T) {
	var out, progress bytes.Buffer
	if code := run(context.Background(), []string{"-scenario", "history", "-n", "40", "-c", "8", "-history", "1500", "-json", "-dir", t.TempDir()}, &out, &progress); code != 0 {
		t.Fatalf("exit %d\n%s", code, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if f := r.Figures; f["history.ratio"] <= 0 || f["history.runs"] != 1540 || r.Tally.Completed != 80 {
		t.Errorf("%v %+v", f, r.Tally)
	}
}

// What judges must see what is wrong.
func TestJudgement(t *testing.T) {
	l := newLedger()
	rc, err := newReceiver(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.close()
	call := func(key, body string) {
		q, err := http.NewRequest(http.MethodPost, rc.url+"/x", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Idempotency-Key", key)
		resp, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusCreated || !json.Valid(b) {
			t.Errorf("%d %s %v", resp.StatusCode, b, err)
		}
		_ = resp.Body.Close()
	}
	l.next.Store(7)
	for n := range int64(6) { // 6 was never sent
		l.at(n).sent.Store(1)
	}
	for _, n := range []int64{0, 1, 2, 3, 4} { // 5 was not accepted
		l.at(n).acked.Store(2)
	}
	call("a", `{"n":0,"x":1}`)                             // as it should be
	call("b", `{"n": 1}`)                                  // another key the second time: two runs
	call("c", `{"n":1}`)                                   //
	call("d", `{"n":2}`)                                   // twice with one key: allowed for even ones only
	call("d", `{"n":2}`)                                   //
	call("e", `{"n":3}`)                                   // twice with one key, not allowed
	call("e", `{"n":3}`)                                   //
	call("f", `{"n":999}`)                                 // nobody sent that
	call("f", `{"m":1}`)                                   // nor that
	got := l.judge(func(n int64) bool { return n%2 == 0 }) // 4 was lost
	want := tally{Sent: 6, Accepted: 5, Completed: 4, Lost: 1, Doubled: 2, Repeated: 1, Stray: 2}
	if got != want {
		t.Errorf("judged %+v, wanted %+v", got, want)
	}
}

func TestNumberIn(t *testing.T) {
	for _, x := range []struct {
		body, query string
		want        int64
	}{
		{`{"n":12,"title":"x"}`, "", 12}, {`{"title":"x","n": 7}`, "", 7}, {"", "n=33&m=1", 33}, {`{"n":"12"}`, "", -1}, {`{"n":99999999999999999999}`, "", -1}, {"", "", -1},
	} {
		if got := numberIn([]byte(x.body), x.query); got != x.want {
			t.Errorf("%s ?%s: %d, wanted %d", x.body, x.query, got, x.want)
		}
	}
}

func TestCommandLine(t *testing.T) {
	for _, x := range []struct{ args, wrong string }{
		{"", ""}, {"-scenario all -repeat 5 -md", ""}, {"-scenario run,kill -n 100 -c 1", ""},
		{"-scenario sprint", `no scenario "sprint"`}, {"extra", `"extra" is not understood`}, {"-for 2h", "-for is from"}, {"-n -1", "-n is at most"},
		{"-c 0", "-c is from"}, {"-repeat 0", "-repeat from"}, {"-nonsense", "nonsense"}, {"-bin x -profile y", "-profile needs"},
	} {
		_, err := parse(strings.Fields(x.args), io.Discard)
		if (err == nil) != (x.wrong == "") || err != nil && !strings.Contains(err.Error(), x.wrong) {
			t.Errorf("bench %s: %v, wanted %q", x.args, err, x.wrong)
		}
	}
}

func TestReport(t *testing.T) {
	r := newReport(machine{Processor: "Abacus", Cores: 2}, "go run ./cmd/bench", asked())
	for _, v := range []float64{2900, 3100.4, 3200} {
		r.add(&bench{out: figures{"runs.s": v, "cpu.ms": 0.4, "bare.cpu.ms": 0.1, "park.s": 5}, tally: tally{Sent: 10, Accepted: 10, Completed: 10}})
	}
	r.add(&bench{out: figures{"writer.share": 0.25}})
	r.done()
	var text, md bytes.Buffer
	r.text(&text)
	r.markdown(&md)
	for _, s := range []string{"Abacus, 2 cores", "3,100 /s", "at least 3,000 /s", "met", "0.400 ms", "MISSED", "1.00 times", "park.s", "30 sent, 30 accepted, 30 completed, 0 lost, 0 doubled; 1 targets missed"} {
		if !strings.Contains(text.String(), s) {
			t.Errorf("the text does not say %q:\n%s", s, text.String())
		}
	}
	if s := "| whole runs, 64 in flight | 3,100 /s | at least 3,000 /s | met |\n"; !strings.Contains(md.String(), s) {
		t.Errorf("the table does not have %q:\n%s", s, md.String())
	}
	if r.Missed != 1 {
		t.Errorf("%d missed", r.Missed)
	}
	small := newReport(machine{}, "", scale{c: 8, parked: 10, history: 10})
	small.add(&bench{out: figures{"runs.s": 1, "parked.mib": 1000, "history.ratio": 0.1, "cpu.ms": 9}})
	if small.done(); small.Missed != 1 || small.Targets[0].What != "whole runs, 8 in flight" || small.Targets[0].Met != nil {
		t.Errorf("at another scale it is judged: %+v", small)
	}
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := range 100 {
		all = append(all, time.Duration(100-i)*time.Millisecond)
	}
	if got := percentile(all, 50); got != 51 {
		t.Errorf("half within %v", got)
	}
	if got := percentile(all, 99); got != 100 {
		t.Errorf("99 of 100 within %v", got)
	}
	if percentile(nil, 50) != 0 || median(nil) != 0 || median([]float64{3, 1, 2}) != 2 || median([]float64{4, 1, 2, 3}) != 2.5 {
		t.Error("medians are wrong")
	}
}
