package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
)

const throttleFlow = `
flow: slow
channel: "#ops"
trigger: {on: webhook.received, with: {path: slow, sender: unsigned}}
steps:
  - {id: turn, throttle: {rate: 2/m, per: "{{ event.body.who }}"}}
  - {id: act, do: test.thing.put}
`

const dedupeFlow = `
flow: once
channel: "#ops"
trigger: {on: webhook.received, with: {path: once, sender: unsigned}}
steps:
  - {id: new, dedupe: {key: "{{ event.body.order }}", for: 1d}}
  - {id: act, do: test.thing.put}
`

// throttled lets so many on in a window, of each key, and nobody is forgotten in a crash.
func throttled(t *testing.T, h Harness) {
	for n := 0; n <= 30; n += 3 {
		w := world(t, h, throttleFlow)
		w.Kill()
		w.Live(n, n%2 == 0)
		var runs []string
		for i := range 5 {
			for {
				r, err := w.Offer("slow", fmt.Sprint("k", i), map[string]any{"who": []string{"ann", "ann", "ann", "bob", "ann"}[i]})
				if err == nil {
					runs = append(runs, r.Run)
					break
				}
				w.Restart()
			}
		}
		w.tillDead("the first are through", func() bool { return w.in(runs, engine.RunDone) == 3 && w.in(runs, engine.RunWaiting) == 2 })
		w.Clock.Add(59 * time.Second)
		w.RT.Wake()
		w.want("before the window is over", w.in(runs, engine.RunDone), 3)
		w.Clock.Add(time.Second)
		w.RT.Wake()
		w.tillDead("all are through", func() bool { return w.in(runs, engine.RunDone) == 5 })
		w.Verify()
		w.Kill()
	}
}

// tillDead is Until through a kill.
func (w *World) tillDead(what string, cond func() bool) {
	w.T.Helper()
	w.Until(what+", or the process is dead", func() bool { return w.Gate.Dead() || cond() })
	if w.Gate.Dead() {
		w.Restart()
		w.Until(what, cond)
	}
}

// deduped lets the first of a key on; the others end, or say that they are not the first.
func deduped(t *testing.T, h Harness) {
	for n := 0; n <= 24; n += 2 {
		w := world(t, h, dedupeFlow)
		w.Kill()
		w.Live(n, n%4 == 0)
		var runs []string
		for i := range 4 {
			for {
				r, err := w.Offer("once", fmt.Sprint("k", i), map[string]any{"order": []string{"a", "b", "a", "a"}[i]})
				if err == nil {
					runs = append(runs, r.Run)
					break
				}
				w.Restart()
			}
		}
		w.tillDead("all are over", func() bool { return w.in(runs, engine.RunDone) == 4 })
		w.want("calls", w.calledFor(runs), 2)
		w.Verify()
		w.Kill()
	}
	w := world(t, h, dedupeFlow)
	first := w.Begin("once", "k1", map[string]any{"order": "a"})
	w.Reaches(first, engine.RunDone)
	second := w.Begin("once", "k2", map[string]any{"order": "a"})
	w.Reaches(second, engine.RunDone)
	w.want("why", w.View(second).Reason, fmt.Sprint("seen before in #", w.View(first).Number))
	w.Clock.Add(24 * time.Hour)
	w.RT.Wake()
	third := w.Begin("once", "k3", map[string]any{"order": "a"})
	w.Reaches(third, engine.RunDone)
	w.want("calls", w.made("act"), 2)
	w.want("told", w.notices(engine.NoticeEnded), 0)

	// Whoever runs the first one again is not refused because of it.
	ask := engine.AgainAsk{Run: third}
	plan, err := w.RT.PlanAgain(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.RT.RunAgain(t.Context(), ask, plan.Seq, "ann", "press")
	if err != nil {
		t.Fatal(err)
	}
	w.Reaches(again.Run, engine.RunDone)
	w.want("calls, one of them again", w.made("act"), 3)
	fourth := w.Begin("once", "k4", map[string]any{"order": "a"})
	w.Reaches(fourth, engine.RunDone)
	w.want("why", w.View(fourth).Reason, fmt.Sprint("seen before in #", again.Number))
	w.Verify()
}

// calledFor is how many of the runs made their call.
func (w *World) calledFor(runs []string) (n int) {
	for _, id := range runs {
		if w.Outside.CallsOf(id, "act") > 0 {
			n++
		}
	}
	return n
}
