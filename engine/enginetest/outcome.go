package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// unknownOutcome answers the question in its three ways.
func unknownOutcome(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.create", `
  - id: after
    do: test.thing.put
    with: {id: "{{ steps.act.id ?? 'none' }}"}
`))
	for _, c := range []struct {
		choice string
		data   any
		state  engine.RunState
		calls  int
		after  string
	}{
		{"happened", map[string]any{"id": 7}, engine.RunDone, 1, `{"id":7}`},
		{"happened", nil, engine.RunDone, 1, `{"id":"none"}`},
		{"again", nil, engine.RunDone, 2, `{"id":"none"}`},
		{"stop", nil, engine.RunStopped, 1, ""},
	} {
		w.Outside.Answer("act", Fail(engine.Unsure, 502), OK(`{}`))
		run := w.Begin("one", c.choice+fmt.Sprint(c.data), nil)
		w.Reaches(run, engine.RunUnknown)
		w.want("a wrong answer", w.say(run, "act", "ann", engine.OutcomeGiven, engine.OutcomeHead{Choice: "maybe"}, nil).Verdict, engine.BadAnswer)
		w.want("retry is no answer", w.say(run, "act", "ann", engine.StepRetry, nil, nil).Verdict, engine.NotNow)
		a := w.say(run, "act", "ann", engine.OutcomeGiven, engine.OutcomeHead{Choice: c.choice, Via: "test"}, c.data)
		w.want("verdict", a.Verdict, engine.Counted)
		w.Until("the run ends", func() bool { return w.State(run).Final() })
		w.want(c.choice+" ends", w.State(run), c.state)
		w.want("calls", w.Outside.CallsOf(run, "act"), c.calls)
		for _, call := range w.Outside.Calls("after") {
			if call.Run == run {
				w.want("later input", call.Input, c.after)
			}
		}
		if got := w.say(run, "act", "bob", engine.OutcomeGiven, engine.OutcomeHead{Choice: "again"}, nil).Verdict; got == engine.Counted {
			t.Error("a second answer counted")
		}
	}
	w.want("asked", w.notices(engine.NoticeOutcome), 4)
	w.want("answered", w.notices(engine.NoticeOutcomeIn), 4)
	w.Verify()
}

// probing looks an unknown outcome up before anybody is asked.
func probing(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.order", ""))
	for _, c := range []struct {
		found engine.ProbeFound
		state engine.RunState
		calls int
	}{
		{engine.ProbeHappened, engine.RunDone, 1}, {engine.ProbeNot, engine.RunDone, 2}, {engine.ProbeUnsure, engine.RunUnknown, 1},
	} {
		w.Outside.Answer("act", Fail(engine.Unsure, 0), OK("{}"))
		w.Outside.AnswerProbe("act", Found(c.found))
		run := w.Begin("one", string(c.found), nil)
		w.want(string(c.found), w.Settled(run, engine.RunUnknown), c.state)
		w.want("calls", w.Outside.CallsOf(run, "act"), c.calls)
	}

	// A crash between intent and outcome is looked up as well.
	w.Outside.Answer("act", OK("{}"))
	w.Outside.AnswerProbe("act", Found(engine.ProbeHappened))
	w.Outside.Hold("act")
	run := w.Begin("one", "crash", nil)
	w.Until("the call is under way", func() bool { return w.Outside.CallsOf(run, "act") == 1 })
	w.Restart()
	w.Reaches(run, engine.RunDone)
	w.want("calls", w.Outside.CallsOf(run, "act"), 1)
	w.want("lost", w.Count(run, engine.AttemptLost), 1)
	w.Verify()
}

// retryTable is CONTRACTS, "What is retried, and what is unknown".
func retryTable(t *testing.T, h Harness) {
	put, create := "test.thing.put", "test.thing.create"
	w := world(t, h, oneStep("put", put, ""), oneStep("create", create, ""))
	late := Fail(engine.Busy, 429)
	late.Failure.After = 90_000
	for i, c := range []struct {
		path   string
		answer engine.Result
		state  engine.RunState // when it fails twice, then works
		calls  int
	}{
		{"put", Fail(engine.NotSent, 0), engine.RunDone, 3},
		{"create", Fail(engine.NotSent, 0), engine.RunDone, 3},
		{"put", late, engine.RunDone, 3},
		{"create", late, engine.RunDone, 3},
		{"put", Fail(engine.Unsure, 500), engine.RunDone, 3},
		{"create", Fail(engine.Unsure, 500), engine.RunUnknown, 1},
		{"put", Fail(engine.Unauthorized, 401), engine.RunParked, 1},
		{"create", Fail(engine.Rejected, 422), engine.RunParked, 1},
		{"put", Fail(engine.Rejected, 404), engine.RunParked, 1},
		{"create", Fail(engine.Garbled, 200), engine.RunParked, 1},
		{"put", Fail(engine.Garbled, 200), engine.RunParked, 1},
		{"put", Fail(engine.BadInput, 0), engine.RunParked, 1},
		{"create", Fail(engine.Forbidden, 0), engine.RunParked, 1},
	} {
		w.Outside.Answer("act", c.answer, c.answer, OK("{}"))
		begun := w.Clock.Now()
		run := w.Begin(c.path, fmt.Sprint(i), nil)
		name := fmt.Sprintf("%s, %s", c.path, c.answer.Failure.Class)
		w.want(name, w.Settled(run, engine.RunParked, engine.RunUnknown), c.state)
		w.want(name+": calls", w.Outside.CallsOf(run, "act"), c.calls)
		if c.answer.Failure.After > 0 && w.Clock.Now().Sub(begun) < 180*time.Second {
			t.Errorf("%s: two waits of 90 s took %v", name, w.Clock.Now().Sub(begun))
		}
		for _, call := range w.Outside.Calls("act") {
			if call.Run == run {
				w.want("key", call.Key, run+"/act")
			}
		}
	}

	w.Outside.Answer("act", Fail(engine.NotSent, 0))
	run := w.Begin("put", "for ever", nil)
	w.want("after five tries", w.Settled(run, engine.RunParked), engine.RunParked)
	w.want("tries", w.Outside.CallsOf(run, "act"), 5)
	before := w.notices(engine.NoticeMended)
	w.Outside.Answer("act", OK("{}"))
	w.want("fix", w.say(run, "act", "ann", engine.StepFixed, nil, map[string]any{"name": "mended"}).Verdict, engine.Counted)
	w.Reaches(run, engine.RunDone)
	w.want("mended", w.notices(engine.NoticeMended)-before, 1)
	calls := w.Outside.Calls("act")
	w.want("fixed input", calls[len(calls)-1].Input, `{"name":"mended"}`)
	if calls[len(calls)-1].Key == run+"/act" {
		t.Error("another input has the same idempotency key")
	}
	w.Verify()
}
