package event

import (
	"github.com/bretelle/bretelle/connectors"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// New is the connector.
func New() connectors.Connector {
	return connectors.Connector{
		Name:  "event",
		Title: "Events",
		Doc:   "Lets flows tell each other what has happened.",
		Triggers: []engine.TriggerKind{{
			Name:  flow.Emitted,
			Title: "A flow tells something",
			Doc:   "Starts a run for each event of this name that a step of kind emit, or bretelle signal, tells. The same key starts one run only.",
			With: &engine.Schema{Type: "object", Fields: []engine.Field{
				{Name: "event", Schema: &engine.Schema{Type: "string", Title: "Event", Required: true, Example: "order-paid",
					Doc: "The name of the event, as the step that tells it writes it."}},
			}},
			Event: &engine.Schema{Type: "object", Fields: []engine.Field{
				{Name: "name", Schema: &engine.Schema{Type: "string", Doc: "The name of the event."}},
				{Name: "data", Schema: &engine.Schema{Doc: "What was told with it."}},
				{Name: "from", Schema: &engine.Schema{Type: "object", Doc: "Who told it; empty where it came from a shell.", Fields: []engine.Field{
					{Name: "flow", Schema: &engine.Schema{Type: "string", Doc: "The name of the flow."}},
					{Name: "run", Schema: &engine.Schema{Type: "string", Doc: "The id of the run."}},
				}}},
			}},
			Identity: []string{"event"},
			Check: func(with map[string]any) map[string]*engine.Error {
				name, ok := with["event"].(string)
				if !ok || name == "" {
					return nil
				}
				if err := flow.CheckEvent(name); err != nil {
					return map[string]*engine.Error{"event": engine.AsError(err)}
				}
				return nil
			},
			Describe: func(with map[string]any) engine.Text {
				name, _ := with["event"].(string)
				return engine.Say("a flow tells the event {event}", "event", name)
			},
		}},
	}
}
