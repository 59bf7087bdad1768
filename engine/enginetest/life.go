package enginetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const waitFlow = `
flow: waits
channel: "#ops"
trigger: {on: webhook.received, with: {path: waits, sender: unsigned}}
steps:
  - id: pause
    wait: {for: 1h}
  - id: act
    do: test.thing.put
`

// restart finds runs waiting for a person, for a time, parked and unknown; they are as they were, nothing is called,
// and each goes on when it may.
func restart(t *testing.T, h Harness) {
	w := world(t, h, waitFlow, asking("asks", "by: {any: ['@ops']}", ""), oneStep("parks", "test.thing.create", ""),
		oneStep("unsure", "test.thing.create", ""))
	w.Outside.Answer("act", Fail(engine.Rejected, 422))
	parked := w.Begin("parks", "k", nil)
	w.Reaches(parked, engine.RunParked)
	w.Outside.Answer("act", Fail(engine.Unsure, 500))
	unsure := w.Begin("unsure", "k", nil)
	w.Reaches(unsure, engine.RunUnknown)
	waits, asks := w.Begin("waits", "k", nil), w.Begin("asks", "k", nil)
	w.Reaches(waits, engine.RunWaiting)
	w.Reaches(asks, engine.RunWaiting)
	calls := len(w.Outside.Calls("act"))
	for range 3 {
		w.Restart()
	}
	w.want("parked", w.State(parked), engine.RunParked)
	w.want("unsure", w.State(unsure), engine.RunUnknown)
	w.want("waits", w.State(waits), engine.RunWaiting)
	w.want("asks", w.State(asks), engine.RunWaiting)
	w.want("calls after the restart", len(w.Outside.Calls("act")), calls)
	w.want("calls of a step that is through", len(w.Outside.Calls("look")), 1)
	w.want("asked once", w.notices(engine.NoticeAsk), 1)

	w.Outside.Answer("act", OK("{}"))
	w.want("retry", w.say(parked, "act", "ann", engine.StepRetry, nil, nil).Verdict, engine.Counted)
	w.want("outcome", w.say(unsure, "act", "ann", engine.OutcomeGiven, engine.OutcomeHead{Choice: "again"}, nil).Verdict, engine.Counted)
	w.want("vote", w.vote(asks, "review", "ann", "approve", "@ops").Verdict, engine.Counted)
	w.Next()
	for _, run := range []string{parked, unsure, waits, asks} {
		w.Reaches(run, engine.RunDone)
	}
	w.Verify()
}

// lateTimers has a timer pass while nobody is there; it fires once.
func lateTimers(t *testing.T, h Harness) {
	w := world(t, h, waitFlow)
	var runs []string
	for i := range 20 {
		run := w.Begin("waits", fmt.Sprint(i), nil)
		w.Reaches(run, engine.RunWaiting)
		runs = append(runs, run)
	}
	w.Kill()
	w.Clock.Add(3 * time.Hour)
	w.Live(0, false)
	for _, run := range runs {
		w.Reaches(run, engine.RunDone)
		w.want("fired", w.Count(run, engine.TimerFired), 1)
		w.want("calls", w.Outside.CallsOf(run, "act"), 1)
	}
	run := w.Begin("waits", "last", nil)
	w.Reaches(run, engine.RunWaiting)
	gone := w.Begin("waits", "gone", nil)
	w.Reaches(gone, engine.RunWaiting)
	w.Clock.Add(-2 * time.Hour) // a clock that was set back
	w.RT.Wake()
	w.want("cancel", w.say(gone, "", "ann", engine.RunCancel, nil, nil).Verdict, engine.Counted)
	w.want("state", w.State(run), engine.RunWaiting)
	w.want("retry of what is not parked", w.say(run, "act", "ann", engine.StepRetry, nil, nil).Verdict, engine.NotNow)
	w.Clock.Add(4 * time.Hour)
	w.RT.Wake()
	w.Reaches(run, engine.RunDone)
	w.Verify()
}

// cancelling stops a call under way; what it answers afterwards changes nothing.
func cancelling(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.create", ""), waitFlow)
	release := w.Outside.Hold("act")
	defer release()
	run := w.Begin("one", "k", nil)
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("act")) == 1 })
	w.want("cancel", w.say(run, "", "ann", engine.RunCancel, nil, nil).Verdict, engine.Counted)
	w.want("state", w.State(run), engine.RunCancelled)
	w.Until("the call is cancelled", func() bool { return w.Outside.Cut() == 1 })
	w.want("again", w.say(run, "", "bob", engine.RunCancel, nil, nil).Verdict, engine.Ended)
	w.want("audit", w.Gate.Audits(run, "run.cancelled"), 1)
	w.want("audit of the refusal", w.Gate.Audits(run, "signal.refused"), 1)
	waits := w.Begin("waits", "k", nil)
	w.Reaches(waits, engine.RunWaiting)
	w.want("cancel", w.say(waits, "", "ann", engine.RunCancel, nil, nil).Verdict, engine.Counted)
	w.Restart()
	w.want("a timer after the end", w.Next(), false)
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.Verify()
}

// cancelRaces cancels while an approval, a call and its outcome are under way.
func cancelRaces(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops']}", ""))
	for i := range 20 {
		run := w.Begin("asks", fmt.Sprint(i), nil)
		w.Reaches(run, engine.RunWaiting)
		var (
			wg           sync.WaitGroup
			vote, cancel engine.Answer
		)
		wg.Go(func() { vote = w.vote(run, "review", "ann", "approve", "@ops") })
		wg.Go(func() { cancel = w.say(run, "", "bob", engine.RunCancel, nil, nil) })
		wg.Wait()
		w.Until("the run ends", func() bool { return w.State(run).Final() })
		if s := w.State(run); (s == engine.RunCancelled) != (cancel.Verdict == engine.Counted) {
			t.Errorf("cancel was %s, the run is %s", cancel.Verdict, s)
		}
		if n := w.Outside.CallsOf(run, "create"); n > 1 || n == 1 && vote.Verdict != engine.Counted {
			t.Errorf("%d calls after a vote that was %s", n, vote.Verdict)
		}
	}
	w.Verify()
}
