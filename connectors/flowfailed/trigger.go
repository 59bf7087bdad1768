package flowfailed

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
)

// Failed is the trigger's name.
const Failed = "flow.failed"

// Any stands for every flow.
const Any = "*"

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "flow",
		Title: "Flows",
		Doc:   "Tells flows about other flows.",
		Triggers: []engine.TriggerKind{{
			Name:  Failed,
			Title: "Another flow fails",
			Doc: "Starts a run when a step of another flow gives up and its run waits for somebody. Failures of this flow itself, " +
				"and of flows that it made fail, do not count.",
			With: &engine.Schema{Type: "object", Fields: []engine.Field{
				{Name: "flow", Schema: &engine.Schema{Type: "string", Format: "flow", Title: "Flow", Default: Any, Example: "bug-triage",
					Doc: "Whose failures. Left out, or *, it is every other flow."}},
			}},
			Event: &engine.Schema{Type: "object", Fields: []engine.Field{
				{Name: "flow", Schema: &engine.Schema{Type: "string", Doc: "The name of the flow that failed."}},
				{Name: "run", Schema: &engine.Schema{Type: "integer", Doc: "The number of the run."}},
				{Name: "step", Schema: &engine.Schema{Type: "string", Doc: "The step that gave up."}},
				{Name: "index", Schema: &engine.Schema{Type: "integer", Doc: "Its number, as people count steps."}},
				{Name: "action", Schema: &engine.Schema{Type: "string", Doc: "What the step does."}},
				{Name: "message", Schema: &engine.Schema{Type: "string", Doc: "What went wrong, in English."}},
				{Name: "code", Schema: &engine.Schema{Type: "string", Doc: "What kind of failure it is, such as refused or timeout."}},
				{Name: "status", Schema: &engine.Schema{Type: "integer", Doc: "The status a service answered with, 0 without one."}},
				{Name: "said", Schema: &engine.Schema{Type: "string", Doc: "What the service said."}},
				{Name: "place", Schema: &engine.Schema{Type: "string", Format: "place", Doc: "The channel of the flow that failed."}},
				{Name: "chain", Schema: &engine.Schema{Type: "array", Items: &engine.Schema{Type: "string"}, Doc: "The flows whose failures led to this one, the first one first."}},
			}},
			Identity: []string{"flow"},
			Describe: func(with map[string]any) engine.Text {
				if name, _ := with["flow"].(string); name != "" && name != Any {
					return engine.Say("the flow {flow} fails", "flow", name)
				}
				return engine.Say("another flow fails")
			},
		}, called()},
	}
}
