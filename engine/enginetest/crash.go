package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// crashEverywhere kills the process before and after each write of one run.
func crashEverywhere(t *testing.T, h Harness) {
	for _, batch := range []int{1, 64} {
		whole := NewWorld(t, h.Disk(t, batch))
		whole.Publish(wholeFlow)
		want := whole.history(whole.Drive("ada")[0])
		whole.Verify()
		log := whole.Gate.Log()
		intent := slices.Index(log, "attempt.started create") + 1
		if intent == 0 {
			t.Fatalf("no intent among the writes: %q", log)
		}
		for n := 1; n <= len(log); n++ {
			for _, after := range []bool{false, true} {
				t.Run(fmt.Sprintf("batch %d, write %d of %d, after %v", batch, n, len(log), after), func(t *testing.T) {
					w := NewWorld(t, h.Disk(t, batch))
					w.Publish(wholeFlow)
					w.Kill()
					w.Live(n, after)
					run := w.Drive("ada")[0]
					if got := w.history(run); !slices.Equal(got, want) {
						t.Errorf("the history is\n%q\nwithout a crash it was\n%q", got, want)
					}
					w.want("calls that must not be repeated", len(w.Outside.Calls("create")), 1)
					asked := w.Count(run, engine.OutcomeAsked) > 0
					window := n == intent && after || n == intent+1 && !after
					w.want("asked about the outcome", asked, window)
					for _, path := range []string{"look", "put"} {
						for _, c := range w.Outside.Calls(path) {
							w.want("key of "+path, c.Key, run+"/"+path)
						}
					}
					w.Verify()
				})
			}
		}
	}
}

// crashAmongMany kills the process while many runs share transactions.
func crashAmongMany(t *testing.T, h Harness) {
	var keys []string
	for i := range 12 {
		keys = append(keys, fmt.Sprintf("k%d", i))
	}
	for n := 5; n < 100; n += 13 {
		w := world(t, h, wholeFlow)
		w.Kill()
		w.Live(n, n%2 == 0)
		for _, run := range w.Drive(keys...) {
			w.want("state", w.State(run), engine.RunDone)
			w.want("calls that must not be repeated", w.Outside.CallsOf(run, "create"), 1)
		}
		w.Verify()
		w.Kill()
	}
}

// failingCommit has one member, then one commit fail, as on a full disk: nobody is asked anything, nothing is done
// twice.
func failingCommit(t *testing.T, h Harness) {
	calm := world(t, h, wholeFlow)
	want := calm.history(calm.Drive("ada")[0])
	for _, point := range []string{"member", "commit"} {
		for n := 1; n <= 14; n++ {
			w := world(t, h, wholeFlow)
			var mu sync.Mutex
			seen := 0
			w.Fail = func(p string) error {
				mu.Lock()
				defer mu.Unlock()
				if p == point {
					seen++
				}
				if p == point && seen == n {
					return errors.New("no space left on device")
				}
				return nil
			}
			run := w.Drive("ada")[0]
			if got := w.history(run); !slices.Equal(got, want) {
				t.Errorf("%s %d: the history is\n%q\nwithout the failure it was\n%q", point, n, got, want)
			}
			w.want("questions", w.Count(run, engine.OutcomeAsked), 0)
			w.want("calls", len(w.Outside.Calls("create")), 1)
			w.Verify()
			w.Kill()
		}
	}
}

// gracefulStop waits for the call that is under way.
func gracefulStop(t *testing.T, h Harness) {
	stopping := make(chan struct{})
	w := NewWorld(t, h.Disk(t, 64))
	w.Kill()
	w.Tune = func(o *local.Options) {
		o.Log = slog.New(slog.NewTextHandler(onLine{"stopping", sync.OnceFunc(func() { close(stopping) })}, nil))
	}
	w.Live(0, false)
	w.Publish(oneStep("one", "test.thing.create", "  - id: after\n    do: test.thing.create\n"))
	release := w.Outside.Hold("act")
	run := w.Begin("one", "k", nil)
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("act")) == 1 })
	closed := make(chan error)
	go func() { closed <- w.RT.Close(context.Background()) }()
	<-stopping
	release()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	w.want("state", w.State(run), engine.RunRunning)
	w.want("calls begun while stopping", len(w.Outside.Calls("after")), 0)
	w.Tune = nil
	w.Restart()
	w.Reaches(run, engine.RunDone)
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.want("calls of the next step", len(w.Outside.Calls("after")), 1)
	w.want("questions", w.Count(run, engine.OutcomeAsked), 0)
	w.Verify()
}

// onLine calls then when a line of the log has text in it.
type onLine struct {
	text string
	then func()
}

func (l onLine) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte(l.text)) {
		l.then()
	}
	return len(b), nil
}

// stubbornOutcome has the outcome of a call refused by the store several times.
func stubbornOutcome(t *testing.T, h Harness) {
	w := world(t, h, oneStep("one", "test.thing.create", ""))
	release := w.Outside.Hold("act")
	run := w.Begin("one", "k", nil)
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("act")) == 1 })
	w.Gate.failNext(3)
	release()
	w.Reaches(run, engine.RunDone)
	w.want("calls", len(w.Outside.Calls("act")), 1)
	w.want("questions", w.Count(run, engine.OutcomeAsked), 0)
	w.Verify()
}
