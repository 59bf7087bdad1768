package enginetest

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/local"
)

// seams is what happens where two parts of the engine meet.
func seams(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, h Harness)
	}{
		{"called again", calledAgain},
		{"a chain through what is collected", deepQuiet},
		{"calls in circles", inCircles},
		{"cancelled before it began", cancelledUnborn},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, h) })
	}
}

// deepQuiet: flows that set each other off end, also where a trigger collects what they tell.
func deepQuiet(t *testing.T, h Harness) {
	for _, how := range []string{"debounce: {for: 1s}", "batch: {most: 5, for: 1s}"} {
		w := world(t, h, `
flow: ping
trigger: {on: event.emitted, with: {event: ping}, `+how+`}
steps: [{id: tell, emit: {event: pong}, on_error: stop}]
`, `
flow: pong
trigger: {on: event.emitted, with: {event: pong}}
steps: [{id: tell, emit: {event: ping}, on_error: stop}]
`)
		w.emit("ping", "", "s")
		failed := func() bool {
			return slices.ContainsFunc(w.allRuns(), func(r engine.RunHead) bool { return r.State == engine.RunFailed })
		}
		for n := 0; !failed() && n < 2*flow.MaxDepth; n++ {
			w.Until("it is collected", func() bool { return failed() || w.wakes() > 0 })
			if n == flow.MaxDepth/4 {
				w.Restart()
			}
			before := len(w.allRuns())
			w.Clock.Add(time.Second)
			w.RT.Wake()
			w.Until("it goes on", func() bool { return failed() || len(w.allRuns()) > before })
		}
		w.want("how long the chain was", len(w.allRuns()), flow.MaxDepth+1)
		w.Until("all are over", func() bool {
			return !slices.ContainsFunc(w.allRuns(), func(r engine.RunHead) bool { return !r.State.Final() })
		})
		w.Verify()
		w.Kill()
	}
}

// inCircles: a flow of which one run may be under way calls another one, which calls it: they do not wait for each other for
// ever. One that nobody waits for waits for its turn.
func inCircles(t *testing.T, h Harness) {
	const ping = `
flow: ping
trigger: {on: flow.called, with: {input: {n: {type: integer, default: 0}}}}
limits: {concurrency: 1, order: all}
steps:
  - {id: over, call: {flow: pong, with: {n: "{{ event.input.n }}"}}}
`
	w := world(t, h, strings.Replace(ping, "{id: over, call: {flow: pong, with: {n: \"{{ event.input.n }}\"}}}", "{id: s, set: {a: 1}}", 1), `
flow: pong
trigger: {on: flow.called, with: {input: {n: {type: integer, default: 0}}}}
limits: {concurrency: 1}
steps:
  - id: more
    if: "{{ event.input.n > 0 }}"
    then:
      - {id: back, call: {flow: ping, with: {n: "{{ event.input.n - 1 }}"}}}
      - {id: another, call: {flow: ping, wait: false}}
`, ping, `
flow: start
trigger: {on: webhook.received, with: {path: start, sender: unsigned}}
steps: [{id: sub, call: {flow: ping, with: {n: 2}}}]
`)
	run := w.Begin("start", "k", nil)
	w.Reaches(run, engine.RunDone)
	w.Until("those that nobody waits for are through", func() bool { return len(w.runsOf("ping")) == 5 && w.atEnd(w.ran("ping")) && w.atEnd(w.ran("pong")) })
	w.Verify()
	w.noMail()
}

// cancelledUnborn: a run that is cancelled before anything of it was stored calls nobody.
func cancelledUnborn(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = func(o *local.Options) { o.Feeders = 1 }
	w.Live(0, false)
	w.Publish("flow: callee\ntrigger: {on: flow.called}\nsteps: [{id: make, do: test.thing.put}]")
	for _, wait := range []string{"true", "false"} {
		w.Publish(`
flow: caller
trigger: {on: webhook.received, with: {path: caller, sender: unsigned}}
steps: [{id: sub, call: {flow: callee, wait: ` + wait + `}}]
`)
		goOn, busy, held := make(chan struct{}), make(chan struct{}), atomic.Bool{}
		w.Gate.OnLoad = func(string) error {
			if held.CompareAndSwap(false, true) {
				close(busy)
				<-goOn
			}
			return nil
		}
		before := len(w.runsOf("callee"))
		first := w.Begin("caller", "1"+wait, nil)
		<-busy // and nobody else is begun meanwhile
		second := w.Begin("caller", "2"+wait, nil)
		w.want("it is cancelled", w.say(second, "", "ann", engine.RunCancel, engine.EndHead{}, nil).Verdict, engine.Counted)
		close(goOn)
		w.Reaches(first, engine.RunDone)
		w.Until("the other one's is through", func() bool { return w.atEnd(w.ran("callee")) })
		w.want("runs of the callee", len(w.runsOf("callee"))-before, 1)
		w.noMail()
	}
	w.Verify()
}

// calledAgain: a block that took too long cancels the run that it called; tried again, it calls another one, killed at each
// write. A run that nobody waits for is begun once, however often its step is gone through.
func calledAgain(t *testing.T, h Harness) {
	for n := 0; n <= 14; n++ {
		w := world(t, h, calleeFlow, `
flow: patient
trigger: {on: webhook.received, with: {path: patient, sender: unsigned}}
steps:
  - id: both
    timeout: 1h
    parallel:
      branches:
        one: [{id: sub, call: {flow: callee, with: {name: ada}}}]
        two: [{id: forget, call: {flow: callee, with: {name: bob}, wait: false}}, {id: rest, wait: {event: {name: enough, key: k}, for: 1d}}]
        three: [{id: new, dedupe: {key: k, for: 30d}}]
`)
		run := w.Begin("patient", "k", nil)
		first := w.child(run, "sub")
		w.Reaches(first, engine.RunWaiting)
		w.Until("the others wait", func() bool {
			return w.step(run, "rest").State == engine.StepWaiting && w.step(run, "new").State == engine.StepStateDone
		})
		w.Clock.Add(time.Hour)
		w.Kill()
		w.Live(n, n%2 == 0)
		w.tillDead("it took too long", func() bool { return w.State(run) == engine.RunParked && w.State(first).Final() })
		if w.Gate.Dead() {
			w.Restart()
		}
		w.Reaches(first, engine.RunCancelled)
		for {
			a, err := w.Say(run, "both", "ann", engine.StepRetry, nil, nil)
			if err == nil {
				w.want("it is tried again", a.Verdict == engine.Counted || a.Verdict == engine.NotNow, true)
				break
			}
			w.Restart()
		}
		child := ""
		w.tillDead("another run is called", func() bool {
			calls := w.step(run, "sub").Calls
			child = ""
			if len(calls) == 2 {
				child = calls[1].Run
			}
			return child != "" && w.State(child) == engine.RunWaiting && w.step(run, "new").State == engine.StepStateDone &&
				w.step(run, "rest").State == engine.StepWaiting
		})
		w.Restart()
		w.want("runs that nobody waits for", len(w.step(run, "forget").Calls), 1)
		w.want("first of its key", string(w.step(run, "new").Output), `{"first":true}`)
		w.vote(child, "review", "ann", "approve", "@ops")
		w.Until("it is made", func() bool { return w.step(run, "sub").State == engine.StepStateDone })
		if _, err := w.RT.Emit(t.Context(), engine.Emission{Event: "enough", Key: "k", ID: "1"}); err != nil {
			t.Fatal(err)
		}
		w.Reaches(run, engine.RunDone)
		w.want("runs of the callee", len(w.runsOf("callee")), 3)
		w.Verify()
		w.Kill()
	}
}
