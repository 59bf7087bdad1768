package rehearse_test

import (
	"testing"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/enginetest"
	"github.com/bretelle/bretelle/engine/rehearse"
)

// A batch is tried with a sample of one event: the run's event has it as its only item.
func TestBatchIsTriedWithOneSample(t *testing.T) {
	r, err := rehearse.Run(t.Context(), []byte(`
flow: lot
channel: "#ops"
trigger: {on: webhook.received, with: {path: lot, sender: unsigned}, batch: {for: 5m}}
steps:
  - id: first
    set: {name: "{{ event.items[0].body.name }}"}
`), engine.Event{Data: map[string]any{"body": map[string]any{"name": "ann"}}}, rehearse.Options{Catalog: enginetest.Catalog()})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 1 || string(r.Steps[0].Step.Output) != `{"name":"ann"}` {
		t.Errorf("the step gives %+v", r.Steps)
	}
}
