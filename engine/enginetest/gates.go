package enginetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/local"
)

// limited is a flow with limits (YAML, one line) whose call is held up by tests.
func limited(name, trigger, limits string) string {
	return `
flow: ` + name + `
title: Limited
channel: "#ops"
trigger: {on: webhook.received, with: {path: ` + name + `, sender: unsigned}` + trigger + `}
limits: ` + limits + `
steps:
  - id: act
    do: test.thing.put
    with: {name: "{{ event.body.name ?? 'x' }}"}
`
}

// atOnce is how many runs have begun and not ended.
func (w *World) atOnce(runs []string) (n int) {
	for _, id := range runs {
		if s := w.State(id); s != engine.RunQueued && !s.Final() {
			n++
		}
	}
	return n
}

// concurrency lets so many runs at once, the first first, through restarts.
func concurrency(t *testing.T, h Harness) {
	w := world(t, h, limited("few", "", "{concurrency: 2}"))
	release := w.Outside.Hold("act")
	var runs []string
	for i := range 7 {
		runs = append(runs, w.Begin("few", fmt.Sprint(i), nil))
	}
	w.Until("two have begun", func() bool { return w.atOnce(runs) == 2 && len(w.Outside.Calls("act")) == 2 })
	for i, id := range runs {
		want := engine.RunQueued
		if i < 2 {
			want = engine.RunRunning
		}
		w.want(fmt.Sprint("run ", i), w.State(id), want)
	}
	lines, err := w.back.Lined(t.Context(), runs)
	if err != nil || len(lines) != 5 || lines[runs[4]].Place != 3 || lines[runs[4]].Most != 2 || len(lines[runs[4]].Behind) != 2 {
		t.Errorf("lines are %+v, %v", lines, err)
	}
	w.Restart()
	w.want("at once after a restart", w.atOnce(runs), 2)
	release()
	for _, id := range runs {
		w.Reaches(id, engine.RunDone)
	}
	w.Verify()
}

// limitsCrash kills the process at each write: never more at once than may be, and none is left behind.
func limitsCrash(t *testing.T, h Harness) {
	for n := 1; n <= 24; n++ {
		w := world(t, h, limited("few", ", key: \"{{ event.key }}\"", "{concurrency: 2, per: \"{{ event.body.name }}\", order: \"{{ event.body.name }}\"}"))
		w.Kill()
		w.Live(n, n%2 == 0)
		var runs []string
		for i := range 6 {
			key := fmt.Sprint(i)
			var r engine.Receipt
			for try := 0; ; try++ {
				var err error
				if r, err = w.Offer("few", key, map[string]any{"name": fmt.Sprint("n", i%2)}); err == nil {
					break
				}
				if try > 2 {
					t.Fatal(err)
				}
				w.Restart()
			}
			runs = append(runs, r.Run)
		}
		w.Until("they are done, or the process is dead", func() bool { return w.Gate.Dead() || w.atEnd(runs) })
		if w.Gate.Dead() {
			w.Restart()
		}
		for i, id := range runs {
			w.Reaches(id, engine.RunDone)
			if i >= 2 {
				a, b := w.View(runs[i-2]), w.View(id)
				if b.Steps[0].SentAt < a.Steps[0].SentAt {
					t.Errorf("killed at %d: run %d overtook", n, i)
				}
			}
		}
		w.Verify()
		w.Kill()
	}
}

func (w *World) atEnd(runs []string) bool {
	for _, id := range runs {
		if !w.State(id).Final() {
			return false
		}
	}
	return true
}

// order holds the runs of one key apart until the earlier one has ended, across its waits.
func order(t *testing.T, h Harness) {
	w := world(t, h, `
flow: asks
title: In order
channel: "#ops"
trigger: {on: webhook.received, with: {path: asks, sender: unsigned}}
limits: {order: "{{ event.body.name }}"}
steps:
  - id: review
    ask: approval
    covers: [create]
    with: {title: "Create?", by: {any: ["@ops"]}}
  - id: create
    do: test.thing.create
    with: {text: "as planned"}
`)
	first := w.Begin("asks", "1", map[string]any{"name": "ann"})
	second := w.Begin("asks", "2", map[string]any{"name": "ann"})
	other := w.Begin("asks", "3", map[string]any{"name": "bob"})
	w.Reaches(first, engine.RunWaiting)
	w.Reaches(other, engine.RunWaiting)
	w.Restart()
	w.want("the second", w.State(second), engine.RunQueued)
	w.vote(first, "review", "ben", "approve", "@ops")
	w.Reaches(first, engine.RunDone)
	w.Reaches(second, engine.RunWaiting)
	w.say(second, "", "ben", engine.RunCancel, nil, nil)
	w.Reaches(second, engine.RunCancelled)
	w.Verify()
}

// whenFull says what becomes of events while a flow has as many runs as may be.
func whenFull(t *testing.T, h Harness) {
	for _, full := range []string{"drop", "replace", "coalesce"} {
		w := world(t, h, limited("few", "", "{concurrency: 1, when_full: "+full+"}"))
		release := w.Outside.Hold("act")
		var got []engine.Receipt
		for i := range 4 {
			r, err := w.Offer("few", fmt.Sprint(i), nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r)
			if i == 0 {
				w.Until("it is called", func() bool { return len(w.Outside.Calls("act")) == 1 })
			}
		}
		switch full {
		case "drop":
			w.want("outcome", got[3].Outcome, engine.Skipped)
			w.want("reason", got[3].Reason, "the limit of 1 at once was reached")
			w.want("run", got[3].Run, "")
			release()
			w.Reaches(got[0].Run, engine.RunDone)
		case "replace":
			for _, r := range got[:3] {
				w.Reaches(r.Run, engine.RunCancelled)
			}
			release()
			w.Reaches(got[3].Run, engine.RunDone)
			w.want("why", w.View(got[1].Run).Reason, fmt.Sprint("replaced by #", got[2].Number))
		case "coalesce":
			for _, r := range got[1:3] {
				w.Reaches(r.Run, engine.RunCancelled)
			}
			w.want("why", w.View(got[1].Run).Reason, fmt.Sprint("joined by #", got[2].Number))
			release()
			w.Reaches(got[0].Run, engine.RunDone)
			w.Reaches(got[3].Run, engine.RunDone)
			w.want("notices of ends", w.notices(engine.NoticeEnded), 0)
		}
		w.Verify()
		w.Kill()
	}
}

// debounced has the last of several events run when nothing has come for a while, and batched one run for all of them;
// a crash in between loses none.
func debounced(t *testing.T, h Harness) {
	w := world(t, h, limited("quiet", ", debounce: {for: 30s, most: 5m, per: \"{{ event.body.who }}\"}, key: \"{{ event.key }}\"", "{concurrency: 3}"))
	offer := func(key, who, name string) engine.Receipt {
		r, err := w.Offer("quiet", key, map[string]any{"who": who, "name": name})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for i, who := range []string{"ann", "ann", "bob", "ann"} {
		r := offer(fmt.Sprint(i), who, fmt.Sprint("n", i))
		w.want("outcome", r.Outcome, engine.Collected)
		w.Clock.Add(9 * time.Second)
		if i == 1 {
			w.Restart()
		}
	}
	w.want("again", offer("1", "ann", "n1").Outcome, engine.Duplicate)
	w.Clock.Add(13 * time.Second)
	w.RT.Wake()
	w.Until("bob's has run", func() bool { return len(w.ran("quiet")) == 1 })
	w.Clock.Add(20 * time.Second)
	w.Restart()
	w.Until("ann's has run", func() bool { return len(w.ran("quiet")) == 2 })
	for i, want := range []string{"n2", "n3"} {
		id := w.ran("quiet")[i]
		w.Reaches(id, engine.RunDone)
		w.want("what ran", w.View(id).Event.Data["body"].(map[string]any)["name"], want)
	}
	events, err := w.back.Events(t.Context(), "quiet", 10)
	if err != nil || len(events) != 4 || events[2].Outcome != engine.Skipped || events[2].Reason != "joined by #2" || events[0].Number != 2 {
		t.Errorf("events are %+v, %v", events, err)
	}
	w.Verify()
}

func batched(t *testing.T, h Harness) {
	w := world(t, h, `
flow: lot
title: Together
channel: "#ops"
trigger:
  on: webhook.received
  with: {path: lot, sender: unsigned}
  when: "{{ event.body.name != 'no' }}"
  batch: {most: 3, for: 5m}
steps:
  - id: each
    each: {list: "{{ event.items }}", as: it}
    steps:
      - id: act
        do: test.thing.put
        with: {name: "{{ it.body.name }}"}
`)
	for i, name := range []string{"a", "no", "b", "c", "d"} {
		if _, err := w.Offer("lot", fmt.Sprint(i), map[string]any{"name": name}); err != nil {
			t.Fatal(err)
		}
	}
	w.Until("three are together", func() bool { return len(w.ran("lot")) == 1 })
	w.Reaches(w.ran("lot")[0], engine.RunDone)
	w.want("calls", len(w.Outside.Calls("each[0]/act"))+len(w.Outside.Calls("each[1]/act"))+len(w.Outside.Calls("each[2]/act")), 3)
	w.Clock.Add(6 * time.Minute)
	w.Restart()
	w.Until("the last one is through", func() bool { return len(w.ran("lot")) == 2 })
	w.Reaches(w.ran("lot")[1], engine.RunDone)
	w.Verify()
}

// ran lists the runs of a flow, oldest first.
func (w *World) ran(flow string) (ids []string) {
	heads, err := w.back.Runs(w.T.Context(), local.RunQuery{Flow: flow, Limit: 100})
	if err != nil {
		w.T.Fatal(err)
	}
	for _, h := range heads {
		ids = append([]string{h.ID}, ids...)
	}
	return ids
}

// expecting tells when too few events came, once, and when enough come again; through restarts, and not while paused.
func expecting(t *testing.T, h Harness) {
	w := world(t, h, limited("daily", ", expect: {at_least: 2, every: 1h}", "{concurrency: 3}"))
	w.Until("it counts", func() bool { return w.wakes() > 0 })
	offer := func() {
		if _, err := w.Offer("daily", "", nil); err != nil {
			t.Fatal(err)
		}
	}
	offer()
	offer()
	next := func() {
		before := w.wakes()
		w.Clock.Set(before)
		w.RT.Wake()
		w.Until("the period is judged", func() bool { return w.wakes() > before })
	}
	next()
	w.want("told", w.notices(engine.NoticeExpect), 0)
	offer()
	w.Restart()
	next()
	w.want("told", w.notices(engine.NoticeExpect), 1)
	next()
	w.want("told again", w.notices(engine.NoticeExpect), 1)
	offer()
	offer()
	w.Until("that enough came is told", func() bool { return w.notices(engine.NoticeExpect) == 2 })
	if _, err := w.Lib.SetState(t.Context(), "daily", engine.FlowPaused, "bea"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Add(5 * time.Hour)
	w.RT.Wake()
	w.Until("nothing is counted", func() bool { return w.wakes() == 0 })
	w.want("told while paused", w.notices(engine.NoticeExpect), 2)
	w.Verify()
}

// wakes is when the first gate is looked at; 0: none is.
func (w *World) wakes() int64 {
	_, next, err := w.back.GatesDue(w.T.Context(), 1, 10)
	if err != nil {
		w.T.Fatal(err)
	}
	return next
}
