package enginetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/local"
)

const emitterFlow = `
flow: emitter
trigger: {on: webhook.received, with: {path: emitter, sender: unsigned}}
steps:
  - {id: tell, emit: {event: made, key: "{{ event.body.key }}", data: {n: "{{ event.body.n }}"}}}
`

func (w *World) emit(event, key, id string) local.Told {
	w.T.Helper()
	told, err := w.RT.Emit(context.Background(), engine.Emission{Event: event, Key: key, ID: id, Data: raw(map[string]any{"text": id, "n": 1})})
	if err != nil {
		w.T.Fatal(err)
	}
	return told
}

// eventsTold reach every flow that listens, once for a key; a chain of them ends.
func eventsTold(t *testing.T, h Harness) {
	w := world(t, h, emitterFlow, fmt.Sprintf(listenerFlow, "first"), fmt.Sprintf(listenerFlow, "second"))
	body := map[string]any{"key": "o1", "n": 5}
	w.Reaches(w.Begin("emitter", "k", body), engine.RunDone)
	again := w.Begin("emitter", "k2", body)
	w.Reaches(again, engine.RunDone)
	for _, name := range []string{"first", "second"} {
		runs := w.runsOf(name)
		w.want("runs of "+name, len(runs), 1)
		w.Reaches(runs[0].ID, engine.RunDone)
		w.want("key", runs[0].Key, "o1")
	}
	w.want("sent", w.Outside.Calls("note")[0].Input, `{"text":"o1 5"}`)
	for _, s := range w.View(again).Steps {
		w.want("what the second gave", string(s.Output), `{"event":"made","key":"o1","runs":2}`)
	}
	w.want("nobody listens", len(w.emit("nothing", "", "s1").Runs), 0)
	w.want("a signal", len(w.emit("made", "o2", "s2").Runs), 2)
	w.want("the same again", w.emit("made", "o2", "s2").Runs[0].Outcome, engine.Duplicate)
	if _, err := w.RT.Emit(context.Background(), engine.Emission{Event: "No Name", ID: "s3"}); engine.CodeOf(err) != engine.Invalid {
		t.Errorf("a wrong name: %v", err)
	}
	w.Publish(`
flow: echo
trigger: {on: event.emitted, with: {event: echo}}
steps:
  - {id: again, emit: {event: echo}, on_error: stop}
`)
	w.emit("echo", "", "s4")
	w.Until("the chain ends", func() bool {
		runs := w.runsOf("echo")
		return len(runs) > 0 && runs[0].State == engine.RunFailed
	})
	w.want("how long the chain was", len(w.runsOf("echo")), flow.MaxDepth+1)
	w.Until("all is over", func() bool {
		for _, r := range w.allRuns() {
			if !r.State.Final() {
				return false
			}
		}
		return true
	})
	w.Verify()
}

// eventsAwaited come early, late, twice, and for another key.
func eventsAwaited(t *testing.T, h Harness) {
	w := world(t, h, `
flow: waits
trigger: {on: webhook.received, with: {path: waits, sender: unsigned}}
steps:
  - {id: look, do: test.thing.read}
  - {id: first, wait: {event: {name: paid, key: "{{ event.body.order }}"}, for: 1h}}
  - {id: second, wait: {event: {name: paid, key: "{{ event.body.order }}"}, for: 1h}}
  - {id: put, do: test.thing.put, with: {a: "{{ steps.first.event.data.text }}", b: "{{ steps.second.timed_out }}", c: "{{ steps.second.event }}"}}
`)
	release := w.Outside.Hold("look")
	run := w.Begin("waits", "k", map[string]any{"order": 17})
	w.Until("the call is under way", func() bool { return len(w.Outside.Calls("look")) == 1 })
	w.want("early", w.emit("paid", "17", "s1").Waits, 0)
	w.want("of another", w.emit("paid", "18", "s2").Waits, 0)
	w.Restart()
	release()
	w.Until("the early one is heard", func() bool {
		for _, s := range w.View(run).Steps {
			if s.Path == "second" && s.State == engine.StepWaiting {
				return true
			}
		}
		return false
	})
	w.want("the same again", w.emit("paid", "17", "s1").Waits, 0)
	w.Settled(run, engine.RunDone)
	w.want("sent", w.Outside.Calls("put")[0].Input, `{"a":"s1","b":true,"c":null}`)
	w.Verify()
}

// workingHours are those of the flow's time zone, across a change of clocks.
func workingHours(t *testing.T, h Harness) {
	w := world(t, h, `
flow: hours
timezone: Europe/Zurich
trigger: {on: webhook.received, with: {path: hours, sender: unsigned}}
steps:
  - {id: morning, wait: {until: working_hours, hours: "Mon-Fri 08:00-18:00", holidays: ["2026-03-30"]}}
  - {id: put, do: test.thing.put}
`)
	at := func(text string) int64 {
		t.Helper()
		x, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return x.UnixMilli()
	}
	w.Reaches(w.Begin("hours", "k", nil), engine.RunDone) // Monday at ten, Zurich time
	w.Clock.Set(at("2026-03-27T18:00:00+01:00"))          // a Friday; clocks change on the Sunday, Monday is a holiday
	run := w.Begin("hours", "k2", nil)
	w.Reaches(run, engine.RunWaiting)
	w.Clock.Set(at("2026-03-31T07:59:59+02:00"))
	w.RT.Wake()
	w.want("a second before", w.State(run), engine.RunWaiting)
	w.Settled(run, engine.RunDone)
	w.want("when it went on", engine.Millis(w.Clock.Now()), at("2026-03-31T08:00:00+02:00"))
	w.Verify()
}
