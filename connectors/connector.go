package connectors

import (
	"context"

	"github.com/bretelle/bretelle/engine"
)

// Connector is a service: its actions and triggers. A package exports one as a value (R11); connectors/all lists
// them.
type Connector struct {
	Name     string // "http", "chat", "webhook"
	Title    string
	Doc      string
	Actions  []Action
	Triggers []engine.TriggerKind
}

// Action is a typed Act made uniform; see Act.Action.
type Action struct {
	engine.Action
	// Run does it. in has the shape of Action.In, rendered and with secrets still sealed references.
	Run func(ctx context.Context, c *Call, in map[string]any) (any, error)
	// Look asks whether an earlier attempt happened; nil when the service cannot tell.
	Look func(ctx context.Context, c *Call, in map[string]any) (engine.ProbeFound, any, error)
}
