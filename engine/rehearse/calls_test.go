package rehearse_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/rehearse"
)

// A rehearsal begins no run, tells nobody, and waits for nothing.
func TestARehearsalCallsAndTellsNobody(t *testing.T) {
	o := &outside{}
	r := run(t, `
flow: caller
trigger: {on: webhook.received, with: {path: caller, sender: unsigned}}
limits: {time: 30d}
steps:
  - {id: sub, call: {flow: enrich, with: {a: 1}}, timeout: 1h}
  - {id: forget, call: {flow: enrich, wait: false}}
  - {id: tell, emit: {event: made, key: "{{ steps.sub.output.id }}"}}
  - {id: heard, wait: {event: {name: paid, key: a}, for: 2d}}
  - {id: morning, wait: {until: working_hours, hours: "Mon-Fri 08:00-18:00"}}
  - {id: put, do: test.thing.put, with: {a: "{{ steps.sub.output.id }}", b: "{{ steps.heard.timed_out }}"}}
`, event("opened"), rehearse.Options{Rehearser: o, Answers: map[string]json.RawMessage{"sub": json.RawMessage(`{"output":{"id":"x7"}}`)}})
	if r.State != engine.RunDone || r.Cut {
		t.Fatalf("%s %q cut %v\nsteps %+v", r.State, r.Reason, r.Cut, r.Steps)
	}
	if len(o.calls) != 1 || !slices.Contains(o.calls, `put {"a":"x7","b":true}`) {
		t.Errorf("calls %v", o.calls)
	}
	for _, path := range []string{"sub", "forget", "tell"} {
		if !did(t, r, path).Assumed {
			t.Errorf("%s is not said to be assumed", path)
		}
	}
}
