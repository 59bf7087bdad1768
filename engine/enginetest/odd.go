package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/local"
)

// resumedMeanwhile resumes a flow after an event was judged and before it is stored: nobody else would start its run.
func resumedMeanwhile(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.put", ""))
	ctx := context.Background()
	if _, err := w.Lib.SetState(ctx, "one", engine.FlowPaused, "ann"); err != nil {
		t.Fatal(err)
	}
	w.Until("the runtime has looked for queued runs", func() bool { return w.Gate.Asked() > 0 })
	w.Gate.BeforeAccept = func() {
		asked := w.Gate.Asked()
		if _, err := w.Lib.SetState(ctx, "one", engine.FlowLive, "ann"); err != nil {
			t.Error(err)
		}
		w.Until("the runtime has looked again", func() bool { return w.Gate.Asked() > asked })
	}
	r, err := w.Offer("one", "k", nil)
	if err != nil || r.Outcome != engine.Queued {
		t.Fatalf("%+v, %v", r, err)
	}
	w.Reaches(r.Run, engine.RunDone)
	w.Verify()
}

// nothingInMemory has a runtime that keeps no state between entries do the same as one that does.
func nothingInMemory(t *testing.T, h Harness) {
	w := world(t, h, wholeFlow)
	want := w.history(w.Drive("ada")[0])
	w.Kill()
	w.Tune = func(o *local.Options) { o.CacheMB = -1 }
	w.Live(0, false)
	runs := w.Drive("bob", "cat", "dan")
	w.want("length of the history", len(w.history(runs[2])), len(want))
	w.want("calls", len(w.Outside.Calls("create")), 4)
	w.Verify()
}

// flowsInTurn has one flow's calls hang: another's go on.
func flowsInTurn(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = func(o *local.Options) { o.Workers, o.PerFlow = 4, 3 }
	w.Live(0, false)
	w.Publish(oneStep("hangs", "test.thing.put", ""))
	w.Publish(waitFlow)
	w.Publish(asking("asks", "by: {any: ['@ops']}", ""))
	release := w.Outside.Hold("act")
	defer release()
	var stuck []string
	for i := range 20 {
		stuck = append(stuck, w.Begin("hangs", fmt.Sprint(i), nil))
	}
	w.Until("as many hang as may", func() bool { return len(w.Outside.Calls("act")) == 3 })
	for i := range 5 {
		run := w.Begin("asks", fmt.Sprint(i), nil)
		w.Reaches(run, engine.RunWaiting)
	}
	w.want("calls that hang", len(w.Outside.Calls("act")), 3)
	release()
	for _, run := range stuck {
		w.Reaches(run, engine.RunDone)
	}
	w.want("calls", len(w.Outside.Calls("act")), 20)
	w.Verify()
}

// wild is a performer with a defect.
type wild struct{ output string }

func (p wild) Perform(context.Context, engine.Task) engine.Result {
	if p.output == "" {
		panic("a defect")
	}
	return engine.Result{Output: json.RawMessage(p.output)}
}

// defects of an action harm its own run only, and are never taken for success. Wrong use gives clear errors.
func defects(t *testing.T, h Harness) {
	w := world(t, h, oneStep("create", "test.thing.create", ""))
	for i, c := range []struct {
		output string
		state  engine.RunState
	}{{"", engine.RunUnknown}, {"{not json", engine.RunParked}, {"{}", engine.RunDone}} {
		w.Kill()
		w.Tune = func(o *local.Options) { o.Performer, o.Log = wild{c.output}, slog.New(slog.DiscardHandler) }
		w.Live(0, false)
		run := w.Begin("create", fmt.Sprint(i), nil)
		w.Reaches(run, c.state)
	}
	ctx := context.Background()
	_, err := w.RT.Signal(ctx, engine.Signal{Run: "nobody", Kind: engine.RunCancel, By: "ann"})
	w.want("no such run", engine.CodeOf(err), engine.NotFound)
	_, err = w.RT.Signal(ctx, engine.Signal{Run: "nobody", Kind: engine.StepDone, By: "ann"})
	w.want("nothing that a person says", engine.CodeOf(err), engine.Invalid)
	_, err = w.RT.Run(ctx, "nobody")
	w.want("no such run to show", engine.CodeOf(err), engine.NotFound)
	_, err = w.RT.RunID(ctx, 99)
	w.want("no such number", engine.CodeOf(err), engine.NotFound)
	id, err := w.RT.RunID(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.RT.Signal(ctx, engine.Signal{Run: id, Path: "act", Kind: engine.StepFixed, By: "ann", Data: json.RawMessage("{no")})
	if err != nil || a.Verdict != engine.BadAnswer {
		t.Errorf("input that is no JSON: %+v, %v", a, err)
	}
	_, err = local.New(local.Options{})
	w.want("a runtime of nothing", engine.CodeOf(err), engine.Invalid)
	w.Verify()
}

// elsewhere has the run move in the store behind the runtime's back: what it has in memory no longer holds.
func elsewhere(t *testing.T, h Harness) {
	w := world(t, h, asking("asks", "by: {any: ['@ops'], need: 3}", ""))
	run := w.Begin("asks", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	w.want("the first vote", w.vote(run, "review", "ann", "approve", "@ops").Votes, 1)
	other, err := local.New(local.Options{Store: w.Gate, Flows: w.Lib, Performer: wild{"{}"}, Now: w.Clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	head := engine.VoteHead{Choice: "approve", Plan: w.Plan(run, "review"), Groups: []string{"@ops"}}
	a, err := other.Signal(context.Background(), engine.Signal{Run: run, Path: "review", Kind: engine.AskVoted, By: "bob", Head: raw(head)})
	if err != nil || a.Votes != 2 {
		t.Fatalf("%+v, %v", a, err)
	}
	last := w.vote(run, "review", "cat", "approve", "@ops")
	if last.Verdict != engine.Counted || last.Votes != 3 || !last.Decided {
		t.Errorf("the third vote: %+v", last)
	}
	w.Reaches(run, engine.RunDone)
	w.Verify()
}

// stoppedBeforeTheCall has the runtime give up while the intent of a call is being stored: the call is not begun any
// more, and nobody is asked whether it happened.
func stoppedBeforeTheCall(t *testing.T, h Harness) {
	w := world(t, h)
	w.Kill()
	var calls atomic.Int32
	w.Tune = func(o *local.Options) { o.Performer = counting{&calls} }
	w.Live(0, false)
	w.Publish(oneStep("one", "test.thing.create", ""))
	storing, release := make(chan struct{}), make(chan struct{})
	w.Gate.BeforeAccept = func() { // the intent is stored with the run
		close(storing)
		<-release
	}
	begun := make(chan engine.Receipt)
	go func() {
		rec, err := w.Offer("one", "k", nil)
		if err != nil {
			t.Error(err)
		}
		begun <- rec
	}()
	<-storing
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.RT.Close(ctx); engine.CodeOf(err) != engine.Timeout {
		t.Errorf("closed with a write under way: %v", err)
	}
	close(release)
	run := (<-begun).Run
	w.Until("its outcome is stored", func() bool { return len(w.Journal(run)) > 3 })
	w.want("calls after the runtime gave up", calls.Load(), int32(0))
	w.Tune = nil
	w.Restart()
	w.Next()
	w.Reaches(run, engine.RunDone)
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.Verify()
}

// counting is a performer that looks at no context.
type counting struct{ calls *atomic.Int32 }

func (p counting) Perform(context.Context, engine.Task) engine.Result {
	p.calls.Add(1)
	return OK("{}")
}

// stoppedWhileLookingUp has the runtime give up during a probe: the next life looks again, nobody is asked.
func stoppedWhileLookingUp(t *testing.T, h Harness) {
	w := world(t, h)
	w.Kill()
	probing := make(chan struct{})
	w.Tune = func(o *local.Options) { o.Performer = endless{probing} }
	w.Live(0, false)
	w.Publish(oneStep("one", "test.thing.order", ""))
	run := w.Begin("one", "k", nil)
	<-probing
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.RT.Close(ctx); err != nil {
		t.Error(err)
	}
	w.Tune = nil
	w.Outside.AnswerProbe("act", Found(engine.ProbeHappened))
	w.Restart()
	w.want("state", w.Settled(run, engine.RunUnknown), engine.RunDone)
	w.want("questions", w.Count(run, engine.OutcomeAsked), 0)
	w.Verify()
}

// endless is a performer whose calls end badly and whose probes do not end by themselves.
type endless struct{ probing chan struct{} }

func (p endless) Perform(ctx context.Context, t engine.Task) engine.Result {
	if !t.Probe {
		return Fail(engine.Unsure, 0)
	}
	close(p.probing)
	<-ctx.Done()
	return engine.Result{Found: engine.ProbeUnsure}
}

// versionGone has a published version stop working, as a newer program may have it: its runs say so, are left as they
// are, and can be cancelled.
func versionGone(t *testing.T, h Harness) {
	w := world(t, h, waitFlow, oneStep("parks", "test.thing.create", ""))
	w.Outside.Answer("act", Fail(engine.Rejected, 422))
	parked, waits := w.Begin("parks", "k", nil), w.Begin("waits", "k", nil)
	w.Reaches(parked, engine.RunParked)
	w.Reaches(waits, engine.RunWaiting)
	w.Kill()
	w.Tune = func(o *local.Options) { o.Flows, o.Log = goneFlows{o.Flows}, slog.New(slog.DiscardHandler) }
	w.Live(0, false)
	w.Clock.Add(2 * time.Hour)
	w.RT.Wake()
	_, err := w.Say(parked, "act", "ann", engine.StepRetry, nil, nil)
	w.want("retry", engine.CodeOf(err), engine.Invalid)
	w.want("state", w.State(parked), engine.RunParked)
	for _, run := range []string{parked, waits} {
		w.want("cancel", w.say(run, "", "ann", engine.RunCancel, nil, nil).Verdict, engine.Counted)
		w.want("state", w.State(run), engine.RunCancelled)
	}
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.want("timers", len(w.due()), 0)
	w.Tune = nil
	w.Restart()
	w.Verify()
}

type goneFlows struct{ local.Flows }

func (goneFlows) Program(context.Context, string, int64) (*fold.Program, error) {
	return nil, engine.E(engine.Invalid, "this version does not work any more")
}

// oneRunUnreadable has the storage of one run fail: timers of others fire, and its own does once it can be read.
func oneRunUnreadable(t *testing.T, h Harness) {
	w := world(t, h, waitFlow)
	w.Kill()
	w.Tune = func(o *local.Options) { o.CacheMB, o.Log = -1, slog.New(slog.DiscardHandler) }
	w.Live(0, false)
	bad := w.Begin("waits", "bad", nil)
	w.Reaches(bad, engine.RunWaiting)
	var mended atomic.Bool
	w.Gate.OnLoad = func(run string) error {
		if run == bad && !mended.Load() {
			return engine.E(engine.Unavailable, "an unreadable sector")
		}
		return nil
	}
	w.Clock.Add(time.Minute)
	first := w.Begin("waits", "first", nil)
	w.Reaches(first, engine.RunWaiting)
	w.Clock.Add(time.Hour)
	w.RT.Wake()
	w.Reaches(first, engine.RunDone)
	later := w.Begin("waits", "later", nil)
	w.Reaches(later, engine.RunWaiting)
	w.Clock.Add(time.Hour)
	w.RT.Wake()
	w.Reaches(later, engine.RunDone)
	mended.Store(true)
	w.Reaches(bad, engine.RunDone)
	w.Verify()
}

// realClock has a timer fire by itself, with nobody to wake the runtime.
func realClock(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = func(o *local.Options) { o.Now = time.Now }
	w.Live(0, false)
	w.Publish(strings.Replace(waitFlow, "for: 1h", "for: 1s", 1))
	run := w.Begin("waits", "k", nil)
	w.Reaches(run, engine.RunWaiting)
	w.Reaches(run, engine.RunDone)
	w.Verify()
}
