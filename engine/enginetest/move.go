package enginetest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// moveFlow waits for an approval behind something that was done.
const moveFlow = `
flow: move
channel: "#ops"
trigger: {on: webhook.received, with: {path: move, sender: unsigned}}
steps:
  - {id: first, do: test.thing.create, with: {title: "{{ event.body.title }}"}}
  - id: review
    ask: approval
    covers: [last]
    with: {title: "Last?", by: {any: ["@ops"]}}
  - {id: last, do: test.thing.create, with: {of: "{{ steps.first.id }}"%s}}
`

// moving brings a waiting run to the newest version, killed at each write: what was done stays done, the question is asked
// anew, and there is one run that goes on.
func moving(t *testing.T, h Harness) {
	writes := 0
	for n := 0; n <= writes; n++ {
		for _, after := range []bool{false, true} {
			if n == 0 && after {
				continue
			}
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, writes, after), func(t *testing.T) {
				w := world(t, h, fmt.Sprintf(moveFlow, ""))
				w.Outside.Answer("first", OK(`{"id":5}`))
				run := w.Begin("move", "k", map[string]any{"title": "T"})
				w.Reaches(run, engine.RunWaiting)
				w.Publish(fmt.Sprintf(moveFlow, `, project: "WEB"`))
				w.want("it stays pinned", w.View(run).Version, int64(1))
				old := w.Plan(run, "review")
				w.Kill()
				w.Live(n, after)
				ask := engine.AgainAsk{Run: run, Move: true}
				next := ""
				for next == "" {
					if w.Gate.Dead() {
						w.Restart()
					}
					plan, err := w.RT.PlanAgain(context.Background(), ask)
					if engine.CodeOf(err) == engine.Conflict { // it moved before the process was killed
						next = w.runsOf("move")[0].ID
						continue
					}
					var r engine.Receipt
					if err == nil {
						r, err = w.RT.RunAgain(context.Background(), ask, plan.Seq, "ann", "press")
					}
					if err != nil && engine.CodeOf(err) != engine.Unavailable {
						t.Fatal(err)
					}
					next = r.Run
				}
				if w.Gate.Dead() {
					w.Restart()
				}
				w.want("it ends", w.driveAgain(next), engine.RunDone)
				w.want("the earlier one", w.State(run), engine.RunCancelled)
				w.want("runs", len(w.runsOf("move")), 2)
				w.want("version", w.View(next).Version, int64(2))
				w.want("first", len(w.Outside.Calls("first")), 1)
				w.want("last", len(w.Outside.Calls("last")), 1)
				w.want("sent", w.Outside.Calls("last")[0].Input, `{"of":5,"project":"WEB"}`)
				w.want("asked of another plan", old != w.Plan(next, "review"), true)
				w.Verify()
				if writes == 0 {
					writes = w.Gate.Writes()
				}
			})
		}
	}
}

// movedWaits: a wait that is the same in the new version ends when it would have, another one begins again.
func movedWaits(t *testing.T, h Harness) {
	const text = `
flow: move
channel: "#ops"
trigger: {on: webhook.received, with: {path: move, sender: unsigned}}
steps:
  - {id: pause, wait: {for: %s}}
  - {id: last, do: test.thing.create, with: {v: %d}}
`
	w := world(t, h, fmt.Sprintf(text, "2h", 1))
	until := func(run string) string {
		for _, s := range w.View(run).Steps {
			if s.Path == "pause" {
				return string(s.Input)
			}
		}
		return ""
	}
	move := func(run string) string {
		t.Helper()
		ask := engine.AgainAsk{Run: run, Move: true}
		plan, err := w.RT.PlanAgain(context.Background(), ask)
		if err != nil {
			t.Fatal(err)
		}
		r, err := w.RT.RunAgain(context.Background(), ask, plan.Seq, "ann", "press "+run)
		if err != nil {
			t.Fatal(err)
		}
		w.Reaches(r.Run, engine.RunWaiting)
		return r.Run
	}
	run := w.Begin("move", "k", map[string]any{})
	w.Reaches(run, engine.RunWaiting)
	w.want("it ends in two hours", until(run), `{"until":"2026-03-02T11:00:00.000Z"}`)
	w.Clock.Add(90 * time.Minute)
	w.Publish(fmt.Sprintf(text, "2h", 2))
	same := move(run)
	w.want("it ends when it would have", until(same), until(run))
	w.Publish(fmt.Sprintf(text, "3h", 3))
	other := move(same)
	w.want("another wait begins now", until(other), `{"until":"2026-03-02T13:30:00.000Z"}`)
	w.Publish(fmt.Sprintf(text, "3h", 4))
	w.Clock.Add(time.Hour)
	last := move(other)
	w.want("it goes on", until(last), until(other))
	w.Clock.Add(2 * time.Hour)
	w.RT.Wake()
	w.Reaches(last, engine.RunDone)
	w.want("what runs is the newest", w.Outside.Calls("last")[0].Input, `{"v":4}`)
	w.Verify()
}

// notMoved is what stays where it is, and why.
func notMoved(t *testing.T, h Harness) {
	w := world(t, h, fmt.Sprintf(moveFlow, ""))
	run := w.Begin("move", "k", map[string]any{"title": "T"})
	w.Reaches(run, engine.RunWaiting)
	move := func(says string) {
		t.Helper()
		_, err := w.RT.RunAgain(context.Background(), engine.AgainAsk{Run: run, Move: true}, 0, "ann", "press")
		if engine.CodeOf(err) != engine.Conflict || !strings.Contains(engine.AsError(err).Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
	move("already")
	w.Publish(strings.Replace(fmt.Sprintf(moveFlow, ""), `{title: "{{`, `{v: 2, title: "{{`, 1))
	move(`"first" was done`)
	w.Publish(strings.Replace(fmt.Sprintf(moveFlow, ""), "id: review", "id: other", 1))
	_, err := w.RT.PlanAgain(context.Background(), engine.AgainAsk{Run: run, Move: true})
	w.want("it waits at a step that is gone", engine.CodeOf(err), engine.NotFound)
	w.want("it stays", w.State(run), engine.RunWaiting)
	w.vote(run, "review", "bob", "approve", "@ops")
	w.Reaches(run, engine.RunDone)
	move("has ended")
	w.Verify()
}
