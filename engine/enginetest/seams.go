package enginetest

import (
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

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
