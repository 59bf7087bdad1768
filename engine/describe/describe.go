package describe

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Power is something that a flow may do once it is published.
type Power struct {
	Risk engine.Risk
	Text engine.Text // "write to tracker.example.org"
	Gate engine.Text // "after 1 of @triage"; zero: nobody is asked
}

// Trigger says what starts a flow, without its condition: "a webhook arrives at /hooks/github-bugs".
func Trigger(f *flow.Flow, c engine.Catalog) engine.Text {
	if kind, ok := c.Trigger(f.Trigger.On); ok {
		if kind.Describe != nil {
			return kind.Describe(f.Trigger.With.Known())
		}
		return engine.Text{Msg: kind.Title}
	}
	return engine.Text{Msg: f.Trigger.On}
}

// Condition says an expression in words: `action is "opened" and one of issue.labels has name "bug"`.
func Condition(source string) engine.Text { return engine.Say("{source}", "source", source) }

// Step is a step in one line.
func Step(s *flow.Step, c engine.Catalog) engine.Text {
	return engine.Say("{kind}", "kind", string(s.Kind))
}

// Powers is what a flow may do to the world, worst first.
func Powers(f *flow.Flow, c engine.Catalog) []Power { return nil }

// Changes says how two versions of a flow differ.
func Changes(old, new *flow.Flow, c engine.Catalog) []engine.Text { return nil }
