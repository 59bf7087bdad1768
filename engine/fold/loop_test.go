package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// counted is a journal that counts how often it is read.
type counted struct {
	fold.Journal
	reads *int
}

func (c counted) Value(seq int64) (any, error) {
	*c.reads++
	return c.Journal.Value(seq)
}

// player feeds a run and keeps what it needs for that.
type player struct {
	t       *testing.T
	p       *fold.Program
	s       *fold.State
	journal fold.Journal
	reads   int
	timers  map[string]int64
	tasks   []engine.Task
	told    []engine.Notice
}

func (r *player) feed(e engine.Entry) { r.t.Helper(); r.at(0, e) }

// at feeds an entry so many milliseconds after the run began.
func (r *player) at(after int64, e engine.Entry) {
	r.t.Helper()
	e.Seq, e.At, e.Format = r.s.Seq()+1, 1_800_000_000_000+after, engine.EntryFormat
	r.reads = 0
	r.journal = append(r.journal, e)
	cmds, err := r.p.Apply(r.s, counted{r.journal, &r.reads}, e)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, c := range cmds {
		switch c := c.(type) {
		case fold.Record:
			r.journal = append(r.journal, c.Entry)
		case fold.Do:
			r.tasks = append(r.tasks, c.Task)
		case fold.Tell:
			r.told = append(r.told, c.Notice)
		case fold.SetTimer:
			r.timers[c.ID] = c.At
		case fold.CancelTimer:
			delete(r.timers, c.ID)
		case fold.Reply:
			if c.Answer.Verdict != engine.Counted {
				r.t.Fatalf("%s %s: %s", e.Kind, e.Path, c.Answer.Verdict)
			}
		}
	}
}

func begin(t *testing.T, steps string, data map[string]any) *player {
	t.Helper()
	p := compile(t, []byte("flow: loops\nchannel: '#ops'\ntrigger:\n  on: test.fired\nsteps:\n"+steps))
	r := &player{t: t, p: p, s: fold.NewState(), timers: map[string]int64{}}
	r.feed(engine.Entry{Kind: engine.RunStarted, Head: mustJSON(engine.StartHead{Run: "r"}), Data: mustJSON(engine.Event{ID: "e", Data: data})})
	return r
}

// A loop's state, and what an entry of it costs, are the same in the first round and in the last (R4).
func TestLoopsStaySmall(t *testing.T) {
	const rounds = 1000
	list := make([]any, rounds)
	for i := range list {
		list[i] = fmt.Sprintf("element %04d", i)
	}
	r := begin(t, `
  - id: all
    each: {list: "{{ event.list }}"}
    steps:
      - {id: put, do: t.put, with: {x: "{{ item }}"}}
      - {id: out, set: {x: "{{ steps.put.n }} {{ item }}"}}
  - {id: sum, do: t.put, with: {x: "{{ steps.all.results }}"}}
`, map[string]any{"list": list})
	var size, reads int
	for i := range rounds {
		if n := len(r.s.Encode()); i == 10 {
			size = n
		} else if i > 10 && n > size+100 {
			t.Fatalf("the state has %d bytes in round %d, and had %d in round 10", n, i, size)
		}
		r.feed(engine.Entry{Kind: engine.StepDone, Path: fmt.Sprintf("all[%d]/put", i), Attempt: 1, Data: mustJSON(map[string]any{"n": i})})
		if i == 10 {
			reads = r.reads
		} else if i > 10 && i < rounds-1 && r.reads > reads {
			t.Fatalf("%d entries are read in round %d, and %d were in round 10", r.reads, i, reads)
		}
	}
	last := r.tasks[len(r.tasks)-1]
	if !strings.HasPrefix(string(last.Input), `{"x":[{"x":"0 element 0000"},{"x":"1 element 0001"}`) || !strings.HasSuffix(string(last.Input), `{"x":"999 element 0999"}]}`) {
		t.Errorf("the results are %.100s…", last.Input)
	}
	v, err := r.p.View(r.s, r.journal)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(v.Steps); n != 1+2*200+1 || v.Steps[0].Rounds != rounds || v.Steps[0].Hidden != 800 || v.Steps[1].Path != "all[800]/put" || v.Steps[400].Path != "all[999]/out" {
		t.Errorf("%d rows, %d rounds, %d hidden, first %s, last %s", n, v.Steps[0].Rounds, v.Steps[0].Hidden, v.Steps[1].Path, v.Steps[len(v.Steps)-2].Path)
	}
	again, err := r.p.Replay(r.journal)
	if err != nil || string(again.Encode()) != string(r.s.Encode()) {
		t.Errorf("replay gives another state (%v)", err)
	}
}

// A loop that waits for nothing does not run away with one transaction: it goes on after a commit.
func TestLoopsYield(t *testing.T) {
	r := begin(t, `
  - id: rows
    each: {list: "{{ 1..60 }}"}
    steps:
      - id: cells
        each: {list: "{{ 1..60 }}"}
        steps:
          - {id: out, set: {x: "{{ repeat('x', 3000) }}"}}
`, nil)
	turns := 0
	for ; !r.s.Status().Final() && turns < 100; turns++ {
		if len(r.timers) != 1 || r.s.Status() != engine.RunRunning {
			t.Fatalf("it is %s with timers %v", r.s.Status(), r.timers)
		}
		before := len(r.journal)
		for id := range r.timers {
			delete(r.timers, id)
			r.feed(engine.Entry{Kind: engine.TimerFired, Head: mustJSON(engine.TimerHead{Timer: id})})
		}
		if n := len(r.journal) - before; n > 2000 {
			t.Fatalf("%d entries at once", n)
		}
	}
	if r.s.Status() != engine.RunDone || turns < 5 {
		t.Errorf("it is %s after %d turns", r.s.Status(), turns)
	}
}

// Lists that are too long, and loops that would never end, are refused with words.
func TestLoopsHaveBounds(t *testing.T) {
	r := begin(t, "  - {id: all, each: {list: \"{{ 1..10001 }}\"}, steps: [{stop: x}]}\n", nil)
	v, err := r.p.View(r.s, r.journal)
	if err != nil || v.Steps[0].Failure == nil || v.Steps[0].Failure.Code != engine.TooLarge {
		t.Errorf("10001 elements: %+v %v", v.Steps[0], err)
	}
	r = begin(t, `
  - id: rows
    each: {list: "{{ 1..10000 }}"}
    steps: [{id: cells, each: {list: "{{ 1..10000 }}"}, steps: [{set: {x: 1}}]}]
`, nil)
	for range 300 {
		if r.s.Status().Final() {
			break
		}
		for id := range r.timers {
			delete(r.timers, id)
			r.feed(engine.Entry{Kind: engine.TimerFired, Head: mustJSON(engine.TimerHead{Timer: id})})
		}
	}
	if r.s.Status() != engine.RunFailed || !strings.Contains(r.s.Reason, "100000 rounds") {
		t.Errorf("it is %s: %s, after %d entries", r.s.Status(), r.s.Reason, len(r.journal))
	}
}
