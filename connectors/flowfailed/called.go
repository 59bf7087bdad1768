package flowfailed

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// called is the trigger of flows that other flows call.
func called() engine.TriggerKind {
	return engine.TriggerKind{
		Name:  flow.Called,
		Title: "Another flow calls it",
		Doc:   "Starts a run for each step of kind call that names this flow. What the flow's output says is what the call gives.",
		With: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "input", Schema: &engine.Schema{Format: "json", Title: "Input", Example: `{"email": {"type": "email", "required": true}}`,
				Doc: "What it is given: names, each with its type, and with required, default or options where they apply."}},
		}},
		Event: &engine.Schema{Type: "object", Fields: []engine.Field{
			{Name: "input", Schema: &engine.Schema{Type: "object", Open: true, Doc: "What it was given."}},
			{Name: "from", Schema: &engine.Schema{Type: "object", Doc: "Who called.", Fields: []engine.Field{
				{Name: "flow", Schema: &engine.Schema{Type: "string", Doc: "The name of the calling flow."}},
				{Name: "run", Schema: &engine.Schema{Type: "string", Doc: "The id of the calling run."}},
				{Name: "number", Schema: &engine.Schema{Type: "integer", Doc: "The number of the calling run."}},
				{Name: "step", Schema: &engine.Schema{Type: "string", Doc: "The step that called."}},
			}}},
		}},
		Check: func(with map[string]any) map[string]*engine.Error {
			if _, err := flow.InputSchema(with["input"]); err != nil {
				return map[string]*engine.Error{"input": err}
			}
			return nil
		},
		Describe: func(map[string]any) engine.Text { return engine.Say("another flow calls it") },
	}
}
