package enginetest

import (
	"slices"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// seams is what happens where two parts of the engine meet.
func seams(t *testing.T, h Harness) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, h Harness)
	}{
		{"called again", calledAgain},
		{"a chain through what is collected", deepQuiet},
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
		w.Verify()
		w.Kill()
	}
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
