package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// alikeFlow fails in a step that changes something, with each run's own data in it.
const alikeFlow = `
flow: alike
channel: "#ops"
trigger: {on: webhook.received, with: {path: alike, sender: unsigned}}
steps:
  - {id: ticket, do: test.thing.put, with: {title: "{{ event.body.title }}"}}
  - {id: note, do: test.thing.create, with: {text: "{{ event.body.title }}"}}
`

// parkedAlike has three runs of alikeFlow wait for somebody.
func parkedAlike(t *testing.T, w *World) (runs []string) {
	t.Helper()
	w.Publish(alikeFlow)
	w.Outside.Answer("ticket", Fail(engine.Rejected, 422))
	for i := range 3 {
		run := w.Begin("alike", fmt.Sprint("k", i), map[string]any{"title": fmt.Sprint("T", i)})
		w.Reaches(run, engine.RunParked)
		runs = append(runs, run)
	}
	w.Outside.Answer("ticket", OK(`{"id":1}`))
	return runs
}

// fixes are the same change for runs of alikeFlow, each with its own data.
func fixes(runs []string, attempt int) (list []engine.Signal) {
	for i, run := range runs {
		list = append(list, engine.Signal{Run: run, Path: "ticket", Kind: engine.StepFixed, By: "ann",
			Head: json.RawMessage(fmt.Sprintf(`{"attempt":%d}`, attempt)), Data: json.RawMessage(fmt.Sprintf(`{"title":"T%d","project":"WEB"}`, i))})
	}
	return list
}

// fixAll mends several runs at once and kills the process at each write of it: each is mended once, with its own data.
func fixAll(t *testing.T, h Harness) {
	calm := NewWorld(t, h.Disk(t, 64))
	calmRuns := parkedAlike(t, calm)
	before := calm.Gate.Writes()
	calm.fixAlike(calmRuns)
	writes := calm.Gate.Writes() - before
	calm.Verify()
	for n := 1; n <= writes; n++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, writes, after), func(t *testing.T) {
				w := NewWorld(t, h.Disk(t, 64))
				runs := parkedAlike(t, w)
				w.Kill()
				w.Live(n, after)
				w.fixAlike(runs)
				for i, run := range runs {
					w.want("entries of the fix", w.Count(run, engine.StepFixed), 1)
					w.want("what follows", w.Outside.CallsOf(run, "note"), 1)
					for _, c := range w.Outside.Calls("ticket") {
						if c.Run == run && c.Attempt > 1 {
							w.want("sent", c.Input, fmt.Sprintf(`{"project":"WEB","title":"T%d"}`, i))
						}
					}
				}
				w.Verify()
				w.noMail()
			})
		}
	}
}

// fixAlike says it and takes the runs to their end, whatever happens to the process.
func (w *World) fixAlike(runs []string) {
	w.T.Helper()
	said := false
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		if !said {
			err := w.RT.SignalAll(context.Background(), "fix:1", fixes(runs, 1))
			if err != nil && engine.CodeOf(err) != engine.Unavailable {
				w.T.Fatal(err)
			}
			said = err == nil
			continue
		}
		over := 0
		for _, run := range runs {
			switch w.State(run) {
			case engine.RunUnknown:
				choice := "again"
				if w.Outside.CallsOf(run, "note") > 0 {
					choice = "happened"
				}
				_, _ = w.Say(run, "note", "ann", engine.OutcomeGiven, engine.OutcomeHead{Choice: choice}, nil)
			case engine.RunDone:
				over++
			}
		}
		if over == len(runs) && !w.Gate.Dead() {
			return
		}
		w.Until("the runs go on", func() bool {
			left := 0
			for _, run := range runs {
				switch w.State(run) {
				case engine.RunUnknown:
					return true
				case engine.RunDone:
				default:
					left++
				}
			}
			return left == 0 || w.Gate.Dead()
		})
	}
}

// fixedLate is about an attempt that is not the last one any more, or a run that is over: it changes nothing and is gone.
func fixedLate(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	runs := parkedAlike(t, w)
	w.Outside.Answer("ticket", Fail(engine.Rejected, 422))
	w.say(runs[0], "ticket", "ann", engine.StepRetry, nil, nil)
	w.Until("it failed again", func() bool { return w.Count(runs[0], engine.StepParked) == 2 })
	w.say(runs[1], "", "ann", engine.RunCancel, nil, nil)
	if err := w.RT.SignalAll(context.Background(), "fix:1", fixes(runs[:2], 1)); err != nil {
		t.Fatal(err)
	}
	w.noMail()
	w.want("fixes of the one that failed again", w.Count(runs[0], engine.StepFixed), 0)
	w.want("of the one that is over", w.Count(runs[1], engine.StepFixed), 0)
	err := w.RT.SignalAll(context.Background(), "x", []engine.Signal{{Run: runs[0], Kind: engine.RunCancel, By: "ann"}})
	w.want("what nobody says to several", engine.CodeOf(err), engine.Invalid)
	w.Verify()
}
