package intake_test

import (
	"context"
	"testing"

	"github.com/bretelle/bretelle/engine"
)

// An event that a draft was tried with starts a run all the same when it is delivered again after publication, once;
// what is given as a sample later takes nothing from anybody either.
func TestSamplesTakeNoEventsAway(t *testing.T) {
	worlds(t, func(t *testing.T, w *world) {
		const source = `flow: orders
channel: "#ops"
trigger:
  on: webhook.received
  with: {path: orders, sender: unsigned}
  key: "{{ event.body.id }}"
steps:
  - {id: note, set: {n: "{{ event.body.id }}"}}
`
		if _, err := w.library.Save(context.Background(), []byte(source), -1, "ann"); err != nil {
			t.Fatal(err)
		}
		offer := func(id string, sample bool, want engine.Outcome) {
			t.Helper()
			got, err := w.runtime.Accept(context.Background(), engine.Batch{Trigger: w.trigger("orders"), From: "webhook", Sample: sample,
				Items: []engine.Item{{Data: map[string]any{"body": map[string]any{"id": id}}}}})
			if err != nil || len(got) != 1 || got[0].Outcome != want {
				t.Errorf("%s is %+v (%v), wanted %s", id, got, err, want)
			}
		}
		offer("o1", false, engine.Sampled)
		offer("o1", false, engine.Duplicate)
		w.publish(source)
		offer("o1", false, engine.Accepted)
		offer("o1", false, engine.Duplicate)
		offer("o2", true, engine.Sampled)
		offer("o2", false, engine.Accepted)
	})
}
