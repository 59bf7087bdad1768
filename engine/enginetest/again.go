package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// againFlow does something, works something out, goes through a loop, asks, and fails in the end.
const againFlow = `
flow: again
channel: "#ops"
trigger: {on: webhook.received, with: {path: again, sender: unsigned}}
steps:
  - {id: first, do: test.thing.create, with: {title: "{{ event.body.title }}"}}
  - {id: names, set: {name: "{{ event.body.title }}!"}}
  - {id: rounds, each: {list: "{{ event.body.items }}", as: x}, steps: [{id: one, do: test.thing.put, with: {x: "{{ x }}"}}]}
  - id: review
    ask: approval
    covers: [last]
    with: {title: "Last?", by: {any: ["@ops"]}}
  - {id: last, do: test.thing.create, with: {of: "{{ steps.first.id }}", name: "{{ vars.name }}", n: "{{ len(steps.rounds.results) }}", key: "{{ event.key }}"}}
  - {id: after, do: test.thing.put, with: {ok: true%s}}
`

// driveAgain takes a run of againFlow, new or again, as far as it goes.
func (w *World) driveAgain(run string) engine.RunState {
	w.T.Helper()
	for {
		if w.Gate.Dead() {
			w.Restart()
		}
		switch s := w.State(run); {
		case s.Final() || s == engine.RunParked:
			return s
		case s == engine.RunWaiting:
			_, _ = w.Vote(run, "review", "bob", "approve", "@ops")
		case s == engine.RunUnknown:
			for _, st := range w.View(run).Steps {
				if st.State == engine.StepStateUnknown {
					choice := "again"
					for _, c := range w.Outside.Calls(st.Path) {
						if c.Run == run {
							choice = "happened"
						}
					}
					_, _ = w.Say(run, st.Path, "ann", engine.OutcomeGiven, engine.OutcomeHead{Choice: choice}, map[string]any{"id": 5})
				}
			}
		}
		w.Until("the run goes on", func() bool {
			s := w.State(run)
			return w.Gate.Dead() || s.Final() || s == engine.RunParked || s == engine.RunUnknown || s == engine.RunWaiting && w.open(run)
		})
	}
}

func (w *World) parkedAgain(t *testing.T) string {
	t.Helper()
	w.Publish(fmt.Sprintf(againFlow, ""))
	w.Outside.Answer("first", OK(`{"id":5}`))
	w.Outside.Answer("after", Fail(engine.Rejected, 422))
	run := w.Begin("again", "k", map[string]any{"title": "T", "items": []any{1, 2}})
	w.want("it parks", w.driveAgain(run), engine.RunParked)
	w.Outside.Answer("after", OK(`{}`))
	return run
}

// runAgain takes a parked run up at a step, on a newer version, killed at each write: what was kept is never done again, the
// approval is asked anew, the earlier run has ended, and there is one new one.
func runAgain(t *testing.T, h Harness) {
	writes := 0
	for n := 0; n <= writes; n++ {
		for _, after := range []bool{false, true} {
			if n == 0 && after {
				continue
			}
			t.Run(fmt.Sprintf("write %d of %d, after %v", n, writes, after), func(t *testing.T) {
				w := NewWorld(t, h.Disk(t, 64))
				run := w.parkedAgain(t)
				w.Publish(fmt.Sprintf(againFlow, `, more: "{{ steps.first.id }}"`))
				w.Kill()
				w.Live(n, after)
				ask := engine.AgainAsk{Run: run, From: "last"}
				var next engine.Receipt
				for next.Run == "" {
					if w.Gate.Dead() {
						w.Restart()
					}
					plan, err := w.RT.PlanAgain(context.Background(), ask)
					if err == nil && len(plan.Kept) == 0 {
						t.Fatalf("nothing is kept: %+v", plan)
					}
					if err == nil {
						next, err = w.RT.RunAgain(context.Background(), ask, plan.Seq, "ann", "press-1")
					}
					if err != nil && engine.CodeOf(err) != engine.Unavailable {
						t.Fatal(err)
					}
				}
				w.want("the new run", w.driveAgain(next.Run), engine.RunDone)
				w.want("the earlier run", w.State(run), engine.RunCancelled)
				w.want("runs", len(w.runsOf("again")), 2)
				w.want("first", len(w.Outside.Calls("first")), 1)
				w.want("rounds", len(w.Outside.Calls("rounds[0]/one"))+len(w.Outside.Calls("rounds[1]/one")), 2)
				w.want("last", w.Outside.CallsOf(next.Run, "last"), 1)
				for _, c := range w.Outside.Calls("last") {
					w.want("sent", c.Input, `{"key":"k","n":2,"name":"T!","of":5}`)
				}
				w.want("asked again", w.Count(next.Run, engine.AskOpened), 1)
				w.want("taken over", w.Count(next.Run, engine.StepKept), 2)
				w.want("kept", w.step(next.Run, "first").Kept > 0, true)
				again, err := w.RT.RunAgain(context.Background(), ask, 0, "ann", "press-1")
				for err != nil && w.Gate.Dead() {
					w.Restart()
					again, err = w.RT.RunAgain(context.Background(), ask, 0, "ann", "press-1")
				}
				w.want("the same press", fmt.Sprint(again.Run, err), next.Run+"<nil>")
				w.Verify()
				if writes == 0 {
					writes = w.Gate.Writes()
				}
			})
		}
	}
}

// againRefused is what cannot be run again, and says why.
func againRefused(t *testing.T, h Harness) {
	w := NewWorld(t, h.Disk(t, 64))
	run := w.parkedAgain(t)
	for _, c := range []struct {
		ask  engine.AgainAsk
		code engine.Code
		says string
	}{
		{engine.AgainAsk{Run: run, From: "nope"}, engine.NotFound, "no step"},
		{engine.AgainAsk{Run: run, From: "one"}, engine.Conflict, "rounds"},
		{engine.AgainAsk{Run: "nobody"}, engine.NotFound, ""},
		{engine.AgainAsk{Run: run, Version: 9}, engine.NotFound, ""},
	} {
		_, err := w.RT.PlanAgain(context.Background(), c.ask)
		if engine.CodeOf(err) != c.code || !strings.Contains(engine.AsError(err).Error(), c.says) {
			t.Errorf("%+v: %v", c.ask, err)
		}
	}
	_, err := w.RT.RunAgain(context.Background(), engine.AgainAsk{Run: run, From: "after"}, 3, "ann", "old")
	w.want("a plan of long ago", engine.CodeOf(err), engine.Conflict)
	w.want("the run stays", w.State(run), engine.RunParked)

	// Another event, and a step that is not what it was: what it gave is not taken over.
	other := strings.Replace(fmt.Sprintf(againFlow, ""), `{title: "{{ event.body.title }}"}`, `{title: "{{ event.body.title }}", v: 2}`, 1)
	w.Publish(other)
	plan, err := w.RT.PlanAgain(context.Background(), engine.AgainAsk{Run: run, From: "after", Event: map[string]any{"body": map[string]any{"title": "U", "items": []any{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	var kept, runs []string
	for _, k := range plan.Kept {
		kept = append(kept, k.ID)
	}
	for _, s := range plan.Steps {
		runs = append(runs, s.ID)
	}
	raw, _ := json.Marshal([][]string{kept, runs})
	w.want("kept and run", string(raw), `[["rounds","review","last"],["first","after"]]`)
	w.Verify()
}
