package enginetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const createFlow = `
flow: creates
title: Creates
channel: "#ops"
trigger: {on: webhook.received, with: {path: creates, sender: unsigned}}
limits: {budget: {write: 2/h}}
steps:
  - {id: act, do: test.thing.create, with: {text: "{{ event.key ?? 'x' }}"}}
`

// questions are the facts told about budgets, oldest first.
func (w *World) questions() (out []engine.BudgetData) {
	w.T.Helper()
	list, err := w.back.Undelivered(context.Background(), 1000)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, n := range list {
		var d engine.BudgetData
		if n.Kind == engine.NoticeBudget && json.Unmarshal(n.Data, &d) == nil {
			out = append(out, d)
		}
	}
	return out
}

// asked waits for a question that nobody has answered with so many in line.
func (w *World) asked(line int) (d engine.BudgetData) {
	w.T.Helper()
	w.Until(fmt.Sprint("people are asked about ", line), func() bool {
		all := w.questions()
		if len(all) == 0 {
			return false
		}
		d = all[len(all)-1]
		return d.Line >= line && !d.Calm && d.Did == ""
	})
	return d
}

// made is how many calls of a step there were in all.
func (w *World) made(path string) int { return len(w.Outside.Calls(path)) }

func (w *World) begun(flow string, from, n int) (runs []string) {
	for i := range n {
		runs = append(runs, w.Begin(flow, fmt.Sprint("k", from+i), nil))
	}
	return runs
}

// in is how many of the runs are in a state.
func (w *World) in(runs []string, s engine.RunState) (n int) {
	for _, id := range runs {
		if w.State(id) == s {
			n++
		}
	}
	return n
}

// budgets: above it runs wait, people are asked once, and the line goes on by itself when the window has room again.
func budgets(t *testing.T, h Harness) {
	w := world(t, h, createFlow)
	runs := w.begun("creates", 0, 5)
	w.Until("two are through", func() bool { return w.in(runs, engine.RunDone) == 2 && w.in(runs, engine.RunWaiting) == 3 })
	w.want("calls", w.made("act"), 2)
	d := w.asked(1)
	w.want("risk", d.Risk, "write")
	w.want("budget", d.Most, 2)
	w.want("the first", d.Calls[0].Step, "act")
	w.Restart()
	for _, q := range w.questions() {
		w.want("question", q.Asked, d.Asked)
	}
	w.Clock.Add(time.Hour)
	w.RT.Wake()
	w.Until("two more are through", func() bool { return w.in(runs, engine.RunDone) == 4 && w.in(runs, engine.RunWaiting) == 1 })
	w.want("calls", w.made("act"), 4)
	// One that is stopped frees its place in line, and nobody waits any more.
	for _, id := range runs {
		if !w.State(id).Final() {
			w.say(id, "", "ann", engine.RunCancel, engine.EndHead{}, nil)
		}
	}
	w.Until("nobody waits any more", func() bool { q := w.questions(); return q[len(q)-1].Calm })
	w.Verify()
}

// budgetAnswers: let some go, raise, stop; each question is decided once.
func budgetAnswers(t *testing.T, h Harness) {
	w := world(t, h, createFlow)
	ctx := context.Background()
	runs := w.begun("creates", 0, 8)
	w.Until("two are through", func() bool { return w.made("act") == 2 })
	for _, id := range runs[2:] {
		w.Until("it waits", func() bool { s := w.State(id); return s == engine.RunWaiting || s == engine.RunDone })
	}
	d := w.asked(1)
	if err := w.RT.Budget(ctx, "creates", "write", engine.BudgetLet, d.Asked, 2, "ann"); err != nil {
		t.Fatal(err)
	}
	w.Until("two more are through", func() bool { return w.made("act") == 4 })
	w.want("a second click", engine.CodeOf(w.RT.Budget(ctx, "creates", "write", engine.BudgetLet, d.Asked, 2, "bob")), engine.Conflict)
	next := w.asked(1)
	if next.Asked == d.Asked {
		t.Error("who still waits is asked about in the question that was decided")
	}
	w.Until("what the four calls gave is stored", func() bool {
		done := 0
		for _, id := range runs {
			if w.State(id) == engine.RunDone {
				done++
			}
		}
		return done == 4
	})
	w.Restart()
	if err := w.RT.Budget(ctx, "creates", "write", engine.BudgetRaise, next.Asked, 3, "ann"); err != nil {
		t.Fatal(err)
	}
	w.Until("one more than before is through", func() bool { return w.made("act") == 5 })
	last := w.asked(1)
	if err := w.RT.Budget(ctx, "creates", "write", engine.BudgetStop, last.Asked, 10, "ann"); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, id := range runs {
		w.Until("it is over", func() bool { return w.State(id).Final() })
		if w.State(id) == engine.RunCancelled {
			n++
		}
	}
	w.want("stopped", n, 3)
	w.want("calls", w.made("act"), 5)
	w.want("another answer", engine.CodeOf(w.RT.Budget(ctx, "creates", "write", "dance", 1, 1, "ann")), engine.Invalid)
	w.Verify()
}

// budgetCrash kills the process at each write: never more calls are begun than the budget says, and each is made.
func budgetCrash(t *testing.T, h Harness) {
	for n := 1; n <= 22; n++ {
		w := world(t, h, createFlow)
		w.Kill()
		w.Live(n, n%2 == 0)
		var runs []string
		for i := range 4 {
			for {
				r, err := w.Offer("creates", fmt.Sprint("k", i), nil)
				if err == nil {
					runs = append(runs, r.Run)
					break
				}
				w.Restart()
			}
		}
		over := func() int { return w.in(runs, engine.RunDone) + w.in(runs, engine.RunUnknown) }
		w.survives("two are through", func() bool { return over() == 2 && w.in(runs, engine.RunWaiting) == 2 })
		if w.made("act") > 2 {
			t.Errorf("killed at %d: %d calls within the budget of 2", n, w.made("act"))
		}
		w.survives("people are asked", func() bool { q := w.questions(); return len(q) > 0 && !q[len(q)-1].Calm })
		w.Clock.Add(time.Hour)
		w.RT.Wake()
		w.survives("the others are through", func() bool { return over() == len(runs) })
		w.Verify()
		w.Kill()
	}
}

// survives waits for something, through the death of the process before it.
func (w *World) survives(what string, ok func() bool) {
	w.T.Helper()
	w.Until(what+", or the process is dead", func() bool { return w.Gate.Dead() || ok() })
	if w.Gate.Dead() {
		w.Restart()
		w.Until(what, ok)
	}
}
