package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// done feeds the outcome of an action.
func (r *player) done(path string, data any) {
	r.t.Helper()
	r.feed(engine.Entry{Kind: engine.StepDone, Path: path, Attempt: 1, Data: mustJSON(data)})
}

// fails feeds the failure of an action that is not tried again.
func (r *player) fails(path string) {
	r.t.Helper()
	r.feed(engine.Entry{Kind: engine.StepFailed, Path: path, Attempt: 1, Head: mustJSON(engine.Failure{Class: engine.Rejected, Code: engine.Refused, Msg: "no " + path})})
}

// value is what a finished step gave.
func (r *player) value(path string) string {
	r.t.Helper()
	for _, s := range r.steps() {
		if s.Path == path {
			return string(s.Output)
		}
	}
	return ""
}

func (r *player) steps() []engine.StepView {
	r.t.Helper()
	v, err := r.p.View(r.s, r.journal)
	if err != nil {
		r.t.Fatal(err)
	}
	return v.Steps
}

func (r *player) state(path string) engine.StepState {
	r.t.Helper()
	for _, s := range r.steps() {
		if s.Path == path {
			return s.State
		}
	}
	return ""
}

// ends checks how the run ended, and that a replay gives the same.
func (r *player) ends(want engine.RunState) {
	r.t.Helper()
	if r.s.Status() != want {
		r.t.Fatalf("the run is %s (%s), want %s\n%s", r.s.Status(), r.s.Reason, want, r.s.Encode())
	}
	again, err := r.p.Replay(r.journal)
	if err != nil || string(again.Encode()) != string(r.s.Encode()) {
		r.t.Errorf("replay gives another state (%v)", err)
	}
}

func (r *player) is(what, got, want string) {
	r.t.Helper()
	if got != want {
		r.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// asked is the input of the last task of a step.
func (r *player) asked(path string) string {
	for i := len(r.tasks) - 1; i >= 0; i-- {
		if r.tasks[i].Path == path {
			return string(r.tasks[i].Input)
		}
	}
	return ""
}

func TestAllBranches(t *testing.T) {
	r := begin(t, `
  - id: both
    parallel:
      branches:
        one: [{id: a, do: t.put, with: {x: 1}}]
        two: [{id: b, do: t.put, with: {x: 2}}, {id: c, set: {y: "{{ steps.b.n + 1 }}"}}]
  - {id: sum, do: t.put, with: {x: "{{ steps.both }}"}}
`, nil)
	if len(r.tasks) != 2 {
		t.Fatalf("%d branches began", len(r.tasks))
	}
	r.done("b", map[string]any{"n": 5})
	if len(r.tasks) != 2 {
		t.Fatal("it goes on before all are through")
	}
	r.done("a", map[string]any{"n": 4})
	r.is("value", r.asked("sum"), `{"x":{"cancelled":[],"done":["two","one"],"failed":[],"one":{"n":4},"two":{"y":6}}}`)
	r.done("sum", nil)
	r.ends(engine.RunDone)
}

func TestLosersAreCancelled(t *testing.T) {
	r := begin(t, `
  - id: race
    parallel:
      join: any
      branches:
        quick: [{id: a, do: t.put}]
        slow: [{id: b, do: t.write}]
        inner:
          - id: nested
            each: {list: [1, 2], parallel: 2}
            steps: [{id: w, wait: {for: 1h}}]
  - {id: sum, do: t.put, with: {x: "{{ steps.b.n ?? 'none' }} {{ steps.race.cancelled }}"}}
`, nil)
	r.feed(engine.Entry{Kind: engine.AttemptStarted, Path: "b", Attempt: 1})
	r.done("a", nil)
	r.is("what the next step finds", r.asked("sum"), `{"x":"none [\"slow\",\"inner\"]"}`)
	if len(r.timers) != 0 || len(r.s.Lanes) != 0 {
		t.Errorf("timers %v and lanes %v are left", r.timers, r.s.Lanes)
	}
	for _, path := range []string{"b", "nested", "nested[0]/w", "nested[1]/w"} {
		if s := r.state(path); s != engine.StepStateCanceled {
			t.Errorf("%s is %q", path, s)
		}
	}
	cmds, err := r.p.Apply(r.s, r.journal, engine.Entry{Seq: r.s.Seq() + 1, Kind: engine.StepDone, Path: "b", Attempt: 1, Data: mustJSON(1)})
	if err != nil || len(cmds) != 1 || cmds[0].(fold.Reply).Answer.Verdict != engine.NotNow {
		t.Errorf("a late outcome gives %v %v", cmds, err)
	}
	r.done("sum", nil)
	r.ends(engine.RunDone)
}

// Losers that may finish hold up the end of the block that the parallel stands in, and nothing before it.
func TestLosersFinish(t *testing.T) {
	r := begin(t, `
  - id: all
    each: {list: [1, 2]}
    steps:
      - id: race
        parallel: {join: 1, losers: finish, branches: {quick: [{id: a, do: t.put}], slow: [{id: b, do: t.put}]}}
      - {id: next, do: t.put}
`, nil)
	r.done("all[0]/a", nil)
	r.done("all[0]/next", nil)
	if r.asked("all[1]/a") != "" {
		t.Fatal("the round is over before its loser")
	}
	r.done("all[0]/b", nil)
	r.done("all[1]/b", nil)
	r.done("all[1]/a", nil)
	if r.s.Status().Final() {
		t.Fatal("the run is over before its last step")
	}
	r.done("all[1]/next", nil)
	r.ends(engine.RunDone)
}

// A branch that fails parks its step, and the others go on; what is around it catches it when its join cannot be met.
func TestBranchesFail(t *testing.T) {
	r := begin(t, "  - {id: p, parallel: {join: any, branches: {one: [{id: a, do: t.put}], two: [{id: b, do: t.put}]}}}\n", nil)
	r.fails("a")
	if r.s.Status() != engine.RunParked {
		t.Fatalf("it is %s", r.s.Status())
	}
	r.done("b", nil)
	r.ends(engine.RunDone)

	r = begin(t, `
  - id: safe
    try:
      - {id: p, parallel: {join: 2, branches: {one: [{id: a, do: t.put}], two: [{id: b, do: t.put}], three: [{id: c, do: t.put}]}}}
    catch:
      - {id: d, set: {step: "{{ error.step }}", what: "{{ error.message }}"}}
`, nil)
	r.fails("a")
	if r.s.Status() != engine.RunRunning {
		t.Fatalf("one of three failed, and it is %s", r.s.Status())
	}
	r.fails("c")
	r.is("caught", r.value("d"), `{"step":"c","what":"no c"}`)
	if s := r.state("b"); s != engine.StepStateCanceled {
		t.Errorf("the branch that is of no use any more is %s", s)
	}
	r.ends(engine.RunDone)

	r = begin(t, `
  - {id: p, parallel: {branches: {one: [{id: a, do: t.put}], two: [{id: b, do: t.put}]}}, on_error: continue}
  - {id: s, set: {x: "{{ steps.p.error.message }}"}}
`, nil)
	r.fails("a")
	r.is("value", r.value("s"), `{"x":"no a"}`)
	r.ends(engine.RunDone)
}

func TestRoundsAtOnce(t *testing.T) {
	r := begin(t, `
  - id: all
    each: {list: "{{ 1..5 }}", parallel: 2, batch: 2, on_failure: continue}
    steps: [{id: c, do: t.put, with: {x: "{{ item }} {{ index }}"}}, {id: out, set: {x: "{{ item[0] }}"}}]
  - {id: sum, do: t.put, with: {x: "{{ map(steps.all.results, .x) }} {{ steps.all.failed }} {{ steps.all.failures }} {{ steps.all.count }}"}}
`, nil)
	r.is("a batch", r.asked("all[1]/c"), `{"x":"[3,4] 1"}`)
	if r.asked("all[2]/c") != "" {
		t.Fatal("three rounds at once")
	}
	r.fails("all[1]/c")
	r.is("the last batch", r.asked("all[2]/c"), `{"x":"[5] 2"}`)
	r.done("all[2]/c", nil)
	r.done("all[0]/c", nil)
	r.is("in the order of the list", r.asked("sum"), `{"x":"[1,null,5] [{\"error\":{\"code\":\"refused\",\"message\":\"no all[1]/c\",\"status\":0,\"step\":\"c\"},\"index\":1}] 1 3"}`)
	r.done("sum", nil)
	r.ends(engine.RunDone)
}

// A loop with too many failures waits for a person, who lets it go on where it is.
func TestTooManyRoundsFail(t *testing.T) {
	r := begin(t, `
  - id: all
    each: {list: "{{ 1..5 }}", on_failure: {most: 1}}
    steps: [{id: c, do: t.put}]
`, nil)
	r.fails("all[0]/c")
	r.fails("all[1]/c")
	if r.s.Status() != engine.RunParked || r.asked("all[2]/c") != "" {
		t.Fatalf("it is %s", r.s.Status())
	}
	r.feed(engine.Entry{Kind: engine.StepRetry, Path: "all", By: "p1"})
	r.done("all[2]/c", nil)
	r.fails("all[3]/c")
	r.done("all[4]/c", nil)
	if n := len(r.tasks); n != 5 {
		t.Errorf("%d calls for 5 elements", n)
	}
	r.is("value", r.value("all"), `{"count":5,"failures":3}`)
	r.ends(engine.RunDone)
}

func TestWhile(t *testing.T) {
	r := begin(t, `
  - id: pages
    while: {cond: "{{ index == 0 || page.next != nil }}", most: 3, as: page}
    steps: [{id: get, do: t.put, with: {x: "{{ page.next ?? 'first' }} {{ index }}"}}]
  - {id: sum, set: {n: "{{ steps.pages.count }}", last: "{{ steps.pages.results[1].n }}"}}
`, nil)
	r.is("first", r.asked("pages[0]/get"), `{"x":"first 0"}`)
	r.done("pages[0]/get", map[string]any{"next": "b"})
	r.is("second", r.asked("pages[1]/get"), `{"x":"b 1"}`)
	r.done("pages[1]/get", map[string]any{"n": 7})
	r.is("sum", r.value("sum"), `{"last":7,"n":2}`)
	r.ends(engine.RunDone)

	r = begin(t, "  - {id: h, while: {cond: \"{{ true }}\", most: 2}, steps: [{id: c, do: t.put}]}\n", nil)
	r.done("h[0]/c", nil)
	r.done("h[1]/c", nil)
	v := r.steps()[0]
	if r.s.Status() != engine.RunParked || v.Failure == nil || !strings.Contains(engine.Fill(v.Failure.Msg, v.Failure.Args), "2 rounds") {
		t.Fatalf("it is %s: %+v", r.s.Status(), v.Failure)
	}
	r.feed(engine.Entry{Kind: engine.StepRetry, Path: "h", By: "p1"})
	if r.asked("h[2]/c") == "" {
		t.Error("trying again does not go on")
	}
}

// What an entry costs does not grow with the rounds that are over, however many are under way and in whatever order
// they end (R4).
func TestRoundsAtOnceStaySmall(t *testing.T) {
	const rounds, at = 600, 20
	r := begin(t, fmt.Sprintf(`
  - id: all
    each: {list: "{{ 1..%d }}", parallel: %d}
    steps: [{id: c, do: t.put}, {id: out, set: {x: "{{ item }}"}}]
  - {id: sum, set: {n: "{{ len(steps.all.results) }}", sum: "{{ sum(steps.all.results, .x) }}"}}
`, rounds, at), nil)
	size, reads := 0, 0
	for i := range rounds {
		k := i ^ 1 // each second before the first
		r.done(fmt.Sprintf("all[%d]/c", k), nil)
		switch n := len(r.s.Encode()); {
		case i == 50:
			size, reads = n, r.reads
		case i > 50 && i < rounds-at && (n > size+200 || r.reads > reads+1):
			t.Fatalf("round %d: %d bytes and %d reads, and %d and %d in round 50", i, n, r.reads, size, reads)
		}
	}
	r.is("sum", r.value("sum"), fmt.Sprintf(`{"n":%d,"sum":%d}`, rounds, rounds*(rounds+1)/2))
	r.ends(engine.RunDone)
	if v := r.steps(); v[0].Rounds != rounds || v[0].Hidden != rounds-200 || len(v) != 2+400 {
		t.Errorf("%d rounds, %d hidden, %d rows", v[0].Rounds, v[0].Hidden, len(v))
	}
}

// A loop that took too long and is tried again does nothing twice: what was done keeps its value, what may have been done is
// asked about.
func TestACutBlockRepeatsNothing(t *testing.T) {
	r := begin(t, `
  - id: all
    each: {list: [1, 2]}
    timeout: 1h
    steps:
      - {id: a, do: t.write, with: {x: "{{ item }}"}}
      - {id: b, do: t.write, with: {x: "{{ steps.a.n }}"}}
`, nil)
	late := func() {
		r.t.Helper()
		e := engine.Entry{Seq: r.s.Seq() + 1, At: r.timers["limit:all"], Kind: engine.TimerFired, Format: engine.EntryFormat, Head: mustJSON(engine.TimerHead{Timer: "limit:all"})}
		r.journal = append(r.journal, e)
		cmds, err := r.p.Apply(r.s, r.journal, e)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cmds {
			if c, ok := c.(fold.Record); ok {
				r.journal = append(r.journal, c.Entry)
			}
		}
	}
	r.feed(engine.Entry{Kind: engine.AttemptStarted, Path: "all[0]/a", Attempt: 1})
	r.done("all[0]/a", map[string]any{"n": 5})
	r.feed(engine.Entry{Kind: engine.AttemptStarted, Path: "all[0]/b", Attempt: 1})
	late()
	if r.s.Status() != engine.RunParked {
		t.Fatalf("it is %s", r.s.Status())
	}
	n := len(r.tasks)
	r.feed(engine.Entry{Kind: engine.StepRetry, Path: "all", By: "p1"})
	if len(r.tasks) != n || r.s.Status() != engine.RunUnknown {
		t.Fatalf("%d more calls, and it is %s", len(r.tasks)-n, r.s.Status())
	}
	r.is("what was done", r.value("all[0]/a"), `{"n":5}`)
	r.feed(engine.Entry{Kind: engine.OutcomeGiven, Path: "all[0]/b", By: "p1", Head: mustJSON(engine.OutcomeHead{Choice: "again"})})
	if last := r.tasks[len(r.tasks)-1]; len(r.tasks) != n+1 || last.Path != "all[0]/b" || last.Attempt != 3 {
		t.Errorf("asked for again: %+v", last)
	}
}

// A lane that is cancelled while it has more to do at once than fits into one Apply does not go on.
func TestALaneThatWasToGoOn(t *testing.T) {
	r := begin(t, `
  - id: race
    parallel:
      join: any
      branches:
        quick: [{id: a, do: t.put}]
        slow: [{id: all, each: {list: "{{ 1..2000 }}"}, steps: [{set: {x: 1}}]}]
`, nil)
	if len(r.timers) != 1 {
		t.Fatalf("timers %v", r.timers)
	}
	r.done("a", nil)
	if len(r.timers) != 0 {
		t.Errorf("timers %v are left", r.timers)
	}
	r.ends(engine.RunDone)
}

// A failure takes the losers with it that the block waits for.
func TestLosersOfABlockThatFails(t *testing.T) {
	r := begin(t, `
  - id: safe
    try:
      - {id: race, parallel: {join: 1, losers: finish, branches: {quick: [{id: a, do: t.put}], slow: [{id: b, do: t.put}]}}}
      - {id: c, do: t.put}
    catch: [{id: d, do: t.put}]
`, nil)
	r.done("a", nil)
	r.fails("c")
	if s := r.state("b"); s != engine.StepStateCanceled || len(r.s.Lanes) != 0 {
		t.Errorf("the loser is %s", s)
	}
	r.done("d", nil)
	r.ends(engine.RunDone)
}
