package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// undoFlow does things that can be taken back, some round by round, one that cannot, and one that only reads.
const undoFlow = `
flow: undo
channel: "#ops"
trigger: {on: webhook.received, with: {path: undo, sender: unsigned}}
steps:
  - {id: look, do: test.thing.read}
  - id: first
    do: test.thing.create
    with: {title: "{{ event.body.title }}"}
    undo: {do: test.thing.put, with: {gone: "{{ result.id }}", was: "{{ input.title }}"}}
  - {id: hard, do: test.thing.put}
  - id: rounds
    each: {list: [1, 2], as: x}
    steps:
      - {id: one, do: test.thing.put, with: {x: "{{ x }}"}, undo: {do: test.thing.delete, with: {x: "{{ input.x }}"}}}
`

// driveUndo takes an undoing run to its end: what destroys is approved.
func (w *World) driveUndo(run string) engine.RunState {
	w.T.Helper()
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		s := w.State(run)
		if s.Final() || s == engine.RunParked {
			return s
		}
		if s == engine.RunWaiting {
			for _, a := range w.View(run).Asks {
				if a.State == engine.CardOpen {
					_, _ = w.Vote(run, a.Path, "bob", "approve", engine.DefaultApprovers)
				}
			}
		}
		w.Until("the run goes on", func() bool {
			s := w.State(run)
			return w.Gate.Dead() || s.Final() || s == engine.RunParked || s == engine.RunWaiting && w.open(run)
		})
	}
}

// undoing takes back what a run did, killed at each write: the last thing first, each once, asked for where it destroys, and
// nothing twice when it is asked for again.
func undoing(t *testing.T, h Harness) {
	writes := 0
	for n := 0; n <= writes; n++ {
		for _, after := range []bool{false, true} {
			if n == 0 && after {
				continue
			}
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, writes, after), func(t *testing.T) {
				w := world(t, h, undoFlow)
				w.Outside.Answer("first", OK(`{"id":7}`))
				run := w.Begin("undo", "k", map[string]any{"title": "T"})
				w.Reaches(run, engine.RunDone)
				w.Kill()
				w.Live(n, after)
				ctx := context.Background()
				undo := ""
				for undo == "" {
					if w.Gate.Dead() {
						w.Restart()
					}
					r, err := w.RT.RunUndo(ctx, run, "", "ann")
					switch {
					case err == nil:
						undo = r.Run
					case engine.CodeOf(err) == engine.Conflict: // it had begun before the process was killed
						calls, err := w.back.Calls(ctx, run)
						if err != nil || len(calls["undo"]) != 1 {
							t.Fatalf("%v, %v", calls, err)
						}
						undo = calls["undo"][0].Run
					case engine.CodeOf(err) != engine.Unavailable:
						t.Fatal(err)
					}
				}
				w.want("it ends", w.driveUndo(undo), engine.RunDone)
				var did []string
				for _, s := range w.View(undo).Steps {
					did = append(did, s.Path+" "+s.Action+" "+string(s.Input))
					seen := map[string]bool{}
					for _, c := range w.Outside.Calls(s.Path) {
						seen[c.Key] = true
					}
					w.want("keys of "+s.Path, len(seen), 1)
				}
				w.want("what it did", strings.Join(did, "\n"), strings.Join([]string{
					`undo_1_one test.thing.delete {"x":2}`, `undo_2_one test.thing.delete {"x":1}`, `undo_3_first test.thing.put {"gone":7,"was":"T"}`}, "\n"))
				w.want("approvals", w.Count(undo, engine.AskOpened), 2)
				w.want("runs", len(w.runsOf("undo")), 2)
				plan, err := w.RT.PlanUndo(ctx, run, "")
				if err != nil || len(plan.Steps) != 0 || len(plan.Cannot) != 4 {
					t.Errorf("again: %+v, %v", plan, err)
				}
				if _, err := w.RT.RunUndo(ctx, run, "first", "ann"); engine.CodeOf(err) != engine.Conflict && !w.Gate.Dead() {
					t.Errorf("again: %v", err)
				}
				w.Verify()
				if writes == 0 {
					writes = w.Gate.Writes()
				}
			})
		}
	}
}

// undoOne takes back one step, and refuses what is under way or not there.
func undoOne(t *testing.T, h Harness) {
	w := world(t, h, undoFlow)
	ctx := context.Background()
	w.Outside.Answer("hard", Fail(engine.Rejected, 422))
	run := w.Begin("undo", "k", map[string]any{"title": "T"})
	w.Reaches(run, engine.RunParked)
	_, err := w.RT.RunUndo(ctx, run, "", "ann")
	w.want("under way", engine.CodeOf(err), engine.Conflict)
	w.say(run, "", "ann", engine.RunCancel, engine.EndHead{}, nil)
	_, err = w.RT.RunUndo(ctx, run, "nope", "ann")
	w.want("no such step", engine.CodeOf(err), engine.NotFound)
	_, err = w.RT.RunUndo(ctx, run, "look", "ann")
	w.want("it only read", engine.CodeOf(err), engine.Conflict)
	r, err := w.RT.RunUndo(ctx, run, "first", "ann")
	if err != nil {
		t.Fatal(err)
	}
	w.want("it ends", w.driveUndo(r.Run), engine.RunDone)
	w.want("steps", len(w.View(r.Run).Steps), 1)
	w.want("the run itself", w.State(run), engine.RunCancelled)
	w.Verify()
}
