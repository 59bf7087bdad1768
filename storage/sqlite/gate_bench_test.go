package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/gate"
	"github.com/bretelle/bretelle/engine/local"
	"github.com/bretelle/bretelle/storage/sqlite"
)

// line is a gate with one place and so many runs that wait at it.
type line struct {
	s           *sqlite.Store
	first, last int // of the runs that have not ended: the first holds the place
}

func lineRun(i int) string { return fmt.Sprintf("018f0000-0000-7000-8000-%012d", i) }

func (l *line) come(n int) error {
	a := local.Accepting{Trigger: "t", Flow: "f", Version: 1, From: "webhook"}
	for range n {
		l.last++
		run := lineRun(l.last)
		a.Items = append(a.Items, local.AcceptItem{Run: run, Outcome: engine.Accepted, Event: engine.Event{ID: run, Key: run, At: 5, Trigger: "webhook.received", Data: map[string]any{"body": "x"}},
			Head:  engine.StartHead{Run: run, Flow: "f", Version: 1},
			Gates: []local.GateAsk{{Gate: "flow:f", Flow: "f", Rule: gate.Rule{Kind: gate.Slots, Most: 1}}}})
	}
	_, err := l.s.Accept(bg, a)
	return err
}

// end ends the run that holds the place, which lets the next one through.
func (l *line) end() error {
	run := lineRun(l.first)
	l.first++
	return l.s.Commit(bg, local.Change{Run: run, Expect: 1, State: []byte("s"), Status: engine.RunDone, At: 9,
		Entries: []engine.Entry{{Seq: 2, At: 9, Kind: engine.RunEnded, Format: engine.EntryFormat}}})
}

func newLine(b *testing.B, waiting int) *line {
	b.Helper()
	l := &line{s: open(b, sqlite.Options{}), first: 1}
	flow(b, l.s, "f")
	for l.last < waiting+1 {
		if err := l.come(min(1000, waiting+1-l.last)); err != nil {
			b.Fatal(err)
		}
	}
	return l
}

// BenchmarkLine is what it costs that a run comes to a gate where others wait, and that the one ends which holds its
// place: with 100,000 in line against 1,000, in turn, so that what else the machine does falls on both.
//
//	go test ./storage/sqlite -run '^$' -bench BenchmarkLine -benchtime 2000x
func BenchmarkLine(b *testing.B) {
	short, long := newLine(b, 1000), newLine(b, 100_000)
	var took [2][2]time.Duration
	b.ResetTimer()
	for range b.N {
		for i, l := range []*line{short, long} {
			began := time.Now()
			if err := l.come(1); err != nil {
				b.Fatal(err)
			}
			came := time.Now()
			if err := l.end(); err != nil {
				b.Fatal(err)
			}
			took[i][0] += came.Sub(began)
			took[i][1] += time.Since(came)
		}
	}
	b.StopTimer()
	for k, what := range []string{"accept", "release"} {
		b.ReportMetric(float64(took[1][k])/float64(b.N), "ns/"+what)
		b.ReportMetric(float64(took[1][k])/float64(took[0][k]), "times-"+what)
	}
	ready, err := long.s.Ready(bg, "", 0)
	if err != nil || len(ready) != 1 || ready[0].Run != lineRun(long.first) {
		b.Fatalf("%v may begin (%v), want %s alone", ready, err, lineRun(long.first))
	}
	var last []string
	for i := long.last - 49; i <= long.last; i++ {
		last = append(last, lineRun(i))
	}
	began := time.Now()
	lines, err := long.s.Lined(bg, last)
	if err != nil || lines[lineRun(long.last)].Place != 100_000 || len(lines) != len(last) {
		b.Fatalf("%d lines, the last at %d (%v)", len(lines), lines[lineRun(long.last)].Place, err)
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/page-of-the-line")
}
