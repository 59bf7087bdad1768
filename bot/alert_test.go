package bot

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

func failed(run string, number, at int64) (engine.Notice, engine.FailedData) {
	d := engine.FailedData{Step: "ticket", Index: 2, Action: "http.request", Failure: &engine.Failure{Class: engine.Rejected, Code: engine.Refused, Status: 422}}
	b, _ := json.Marshal(d)
	return engine.Notice{ID: fmt.Sprint("n", at), Kind: engine.NoticeFailed, Flow: "f", Run: run, Number: number, Path: "ticket", At: at, Data: b}, d
}

func mended(run string, number, at int64, works bool) (engine.Notice, engine.FailedData) {
	n, d := failed(run, number, at)
	n.Kind, d.Mended, d.By = engine.NoticeMended, works, "ann"
	return n, d
}

func TestDecideAlert(t *testing.T) {
	var a Alert
	step := func(n engine.Notice, d engine.FailedData, now int64) decision {
		t.Helper()
		before, _ := json.Marshal(a)
		got := decideAlert(a, n, d, now)
		if after, _ := json.Marshal(a); string(before) != string(after) {
			t.Fatal("the decision changed what it was given")
		}
		again := decideAlert(a, n, d, now)
		x, _ := json.Marshal(got)
		if y, _ := json.Marshal(again); string(x) != string(y) {
			t.Fatal("the same facts gave another decision")
		}
		a = got.Alert
		return got
	}
	want := func(d decision, card bool, reason string) {
		t.Helper()
		if d.Card != card || d.Line != card || !strings.HasPrefix(d.Reason, reason) {
			t.Fatalf("got card %v, %q; want %v, %q", d.Card, d.Reason, card, reason)
		}
	}
	n, d := mended("r0", 11, 5, true)
	want(step(n, d, 5), false, "nothing was alerted")
	n, d = failed("r1", 12, 10)
	want(step(n, d, 10), true, "first")
	n, d = failed("r2", 13, 20)
	want(step(n, d, 20), true, "counted, run 2")
	n, d = failed("r2", 13, 25)
	want(step(n, d, 25), true, "failed again")
	if a.Count != 2 || a.Since != 10 || a.Edition != 1 {
		t.Fatalf("%+v", a)
	}
	a.MutedUntil, a.MutedBy = 100, "bob"
	n, d = failed("r3", 15, 30)
	want(step(n, d, 30), false, "counted, muted until 1970-01-01 00:00")
	if a.Count != 3 {
		t.Fatal("a mute must not stop the counting")
	}
	a.MutedUntil = MutedUntilFixed
	n, d = failed("r4", 16, 40)
	want(step(n, d, 40), false, "counted, muted until it is fixed")
	for i, r := range []string{"r1", "r2", "r3"} {
		n, d = mended(r, int64(i), 50, r != "r2")
		want(step(n, d, 50), true, "run ")
	}
	n, d = mended("r4", 16, 60, true)
	want(step(n, d, 60), true, "resolved: run mended")
	if a.State != alertResolved || a.ResolvedBy != "ann" || a.MutedUntil != 0 {
		t.Fatalf("%+v", a)
	}
	n, d = failed("r5", 20, 70)
	want(step(n, d, 70), true, "reopened")
	if a.Edition != 2 || a.Count != 1 || len(a.Runs) != 1 || a.Since != 70 {
		t.Fatalf("%+v", a)
	}
}

func TestAlertKeepsAHundredRuns(t *testing.T) {
	var a Alert
	for i := int64(1); i <= 250; i++ {
		n, d := failed(fmt.Sprint("r", i), i, i)
		a = decideAlert(a, n, d, i).Alert
	}
	if len(a.Runs) != alertRuns || a.Count != 250 || a.Runs[99].Number != 250 {
		t.Fatalf("%d runs, count %d", len(a.Runs), a.Count)
	}
}
