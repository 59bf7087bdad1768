package enginetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// sideFlow has calls that must not be repeated in branches and in rounds that go on side by side, a while, and a branch
// that loses.
const sideFlow = `
flow: side
title: Side by side
channel: "#ops"
trigger: {on: webhook.received, with: {path: side, sender: unsigned}}
steps:
  - id: both
    parallel:
      branches:
        one:
          - {id: make, do: test.thing.create}
          - {id: put, do: test.thing.put, with: {text: "{{ steps.make.ok }}"}}
        two:
          - id: all
            each: {list: [a, b, c], parallel: 2, as: name}
            steps:
              - {id: send, do: test.thing.create, with: {name: "{{ name }}"}}
              - {id: out, set: {sent: "{{ name }}"}}
  - id: pages
    while: {cond: "{{ (page.n ?? 0) < 2 }}", most: 5, as: page}
    steps: [{id: page, set: {n: "{{ index + 1 }}"}}]
  - id: race
    parallel:
      join: any
      branches:
        quick: [{id: first, do: test.thing.put}]
        slow: [{id: pause, wait: {for: 1h}}, {id: never, do: test.thing.create}]
  - id: sum
    do: test.thing.put
    with: {text: "{{ map(steps.both.two.results, .sent) }} {{ steps.pages.count }} {{ steps.race.done[0] }} {{ steps.race.cancelled[0] }}"}
`

// crashInLanes kills the process before and after each write of a run of sideFlow.
func crashInLanes(t *testing.T, h Harness) {
	calm := NewWorld(t, h.Disk(t, 64))
	calm.Publish(sideFlow)
	want := calm.unordered(calm.driveSide())
	calm.Verify()
	log := calm.Gate.Log()
	for n := 1; n <= len(log); n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, len(log), after), func(t *testing.T) {
				w := NewWorld(t, h.Disk(t, 64))
				w.Publish(sideFlow)
				w.Kill()
				w.Live(n, after)
				run := w.driveSide()
				if got := w.unordered(run); !slices.Equal(got, want) {
					t.Errorf("the history is\n%q\nwithout a crash it was\n%q", got, want)
				}
				for _, path := range []string{"make", "all[0]/send", "all[1]/send", "all[2]/send"} {
					w.want("calls that must not be repeated at "+path, len(w.Outside.Calls(path)), 1)
				}
				w.want("the branch that lost", len(w.Outside.Calls("never")), 0)
				sums := w.Outside.Calls("sum")
				w.want("what it came to", sums[len(sums)-1].Input, `{"text":"[\"a\",\"b\",\"c\"] 2 quick slow"}`)
				w.Verify()
			})
		}
	}
}

// unordered is a run's history without what its order changes: which of several outcomes came first.
func (w *World) unordered(run string) []string {
	lines := w.history(run)
	for i, l := range lines {
		if strings.HasPrefix(l, "step.done both ") {
			lines[i] = "step.done both"
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

// driveSide takes one event of sideFlow to its end, whatever happens to the process.
func (w *World) driveSide() (run string) {
	w.T.Helper()
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		if run == "" {
			r, err := w.Offer("side", "k", nil)
			if err != nil && engine.CodeOf(err) != engine.Unavailable {
				w.T.Fatal(err)
			}
			run = r.Run
		} else if w.State(run).Final() {
			return run
		} else if w.State(run) == engine.RunUnknown {
			w.tellTruth(run)
		}
		w.Until("there is something to do", func() bool {
			return w.Gate.Dead() || run == "" || w.State(run) == engine.RunUnknown || w.State(run).Final()
		})
	}
}

// tellTruth answers every question about an unknown outcome.
func (w *World) tellTruth(run string) {
	w.T.Helper()
	for _, step := range w.View(run).Steps {
		if step.State != engine.StepStateUnknown {
			continue
		}
		head, data := engine.OutcomeHead{Choice: "again"}, any(nil)
		if w.Outside.CallsOf(run, step.Path) > 0 {
			head.Choice, data = "happened", map[string]any{"ok": true}
		}
		if _, err := w.Say(run, step.Path, "ann", engine.OutcomeGiven, head, data); err != nil && engine.CodeOf(err) != engine.Unavailable {
			w.T.Fatalf("say %s %v: %+v / %v", step.Path, head, err, engine.AsError(err).Err)
		}
	}
}

// losers are cancelled: a call under way is cut short, a question is asked no more, a retry does not come.
func losers(t *testing.T, h Harness) {
	w := world(t, h, `
flow: race
channel: "#ops"
trigger: {on: webhook.received, with: {path: race, sender: unsigned}}
steps:
  - id: race
    parallel:
      join: any
      branches:
        quick: [{id: first, do: test.thing.put}]
        calls: [{id: slow, do: test.thing.create}]
        asks: [{id: which, ask: choice, with: {title: Which?, options: [a, b], by: {any: ["@ops"]}}}]
        retries: [{id: again, do: test.thing.put}, {id: never, do: test.thing.put}]
        waits: [{id: reply, wait: {reply: {to: m1}, for: 1d}}]
  - {id: last, wait: {for: 1h}}
`)
	w.Outside.Answer("again", Fail(engine.Busy, 503))
	slow, first := w.Outside.Hold("slow"), w.Outside.Hold("first")
	defer slow()
	run := w.Begin("race", "k", nil)
	w.Until("all are under way", func() bool {
		return len(w.Outside.Calls("slow")) == 1 && len(w.Outside.Calls("first")) == 1 && w.open(run) && w.step(run, "again").RetryAt > 0
	})
	first()
	w.Until("the call that lost is cut short", func() bool { return w.Outside.Cut() == 1 })
	w.Reaches(run, engine.RunWaiting)
	for path, why := range map[string]string{"slow": "it may have been done", "which": "", "again": "", "reply": ""} {
		s := w.step(run, path)
		w.want(path, s.State, engine.StepStateCanceled)
		if !strings.Contains(s.Reason, why) {
			t.Errorf("%s: %q does not say %q", path, s.Reason, why)
		}
	}
	w.want("the question", w.View(run).Asks[0].State, engine.CardSuperseded)
	late := w.say(run, "which", "ann", engine.AskAnswered, engine.AnswerHead{Groups: []string{"@ops"}}, map[string]any{"choice": "a"})
	if late.Verdict == engine.Counted {
		t.Error("an answer to a question that is asked no more counts")
	}
	w.want("a reply that nobody waits for", w.correlate("r1", "ann", "late"), 0)
	w.Restart()
	w.Settled(run, engine.RunDone)
	w.want("questions about losers", w.notices(engine.NoticeOutcome), 0)
	w.want("calls", len(w.Outside.Calls("slow")), 1)
	w.want("never", len(w.Outside.Calls("never")), 0)
	w.Verify()
}

// step is a step of a run as people see it.
func (w *World) step(run, path string) engine.StepView {
	for _, s := range w.View(run).Steps {
		if s.Path == path {
			return s
		}
	}
	return engine.StepView{}
}

// atOnce has several rounds of a loop under way: no more than it may, a failed one waits alone, and results are in the
// order of the list.
func atOnce(t *testing.T, h Harness) {
	w := world(t, h, `
flow: rounds
channel: "#ops"
trigger: {on: webhook.received, with: {path: rounds, sender: unsigned}}
steps:
  - id: all
    each: {list: [a, b, c, d, e, f, g], parallel: 3, as: x}
    steps: [{id: call, do: test.thing.put, with: {text: "{{ x }}"}}, {id: out, set: {x: "{{ x }}"}}]
  - {id: sum, do: test.thing.put, with: {text: "{{ map(steps.all.results, .x) }}"}}
`)
	w.Outside.Answer("all[1]/call", Fail(engine.Rejected, 422), OK(`{}`))
	var release []func()
	for i := range 3 {
		release = append(release, w.Outside.Hold(fmt.Sprintf("all[%d]/call", i)))
	}
	run := w.Begin("rounds", "k", nil)
	calls := func() (n int) {
		for i := range 7 {
			n += len(w.Outside.Calls(fmt.Sprintf("all[%d]/call", i)))
		}
		return n
	}
	w.Until("three are under way", func() bool { return calls() == 3 })
	w.want("rounds in the view", w.step(run, "all[2]/call").State, engine.StepRunning)
	for i := len(release) - 1; i >= 0; i-- {
		release[i]()
	}
	w.Until("the others go on without the failed one", func() bool { return calls() == 7 && w.State(run) == engine.RunParked })
	w.want("the next step", len(w.Outside.Calls("sum")), 0)
	w.Restart()
	w.want("retried", w.say(run, "all[1]/call", "ann", engine.StepRetry, nil, nil).Verdict, engine.Counted)
	w.Reaches(run, engine.RunDone)
	w.want("calls of the failed one", len(w.Outside.Calls("all[1]/call")), 2)
	w.want("in order", w.Outside.Calls("sum")[0].Input, `{"text":["a","b","c","d","e","f","g"]}`)
	w.Verify()
}

// cancelledLanes: the end of a run reaches every call that is under way.
func cancelledLanes(t *testing.T, h Harness) {
	w := world(t, h, `
flow: ends
channel: "#ops"
trigger: {on: webhook.received, with: {path: ends, sender: unsigned}}
steps:
  - id: all
    each: {list: [a, b, c], parallel: 3}
    steps: [{id: call, do: test.thing.create}]
`)
	for i := range 3 {
		defer w.Outside.Hold(fmt.Sprintf("all[%d]/call", i))()
	}
	run := w.Begin("ends", "k", nil)
	w.Until("three are under way", func() bool {
		return len(w.Outside.Calls("all[0]/call"))+len(w.Outside.Calls("all[1]/call"))+len(w.Outside.Calls("all[2]/call")) == 3
	})
	w.say(run, "", "ann", engine.RunCancel, engine.EndHead{Reason: "enough"}, nil)
	w.Until("all are cut short", func() bool { return w.Outside.Cut() == 3 })
	w.Reaches(run, engine.RunCancelled)
	w.want("as people see them", w.step(run, "all[2]/call").State, engine.StepStateCanceled)
	w.Verify()
}
