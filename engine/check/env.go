package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

var (
	textSchema = &engine.Schema{Type: "string"}
	timeSchema = &engine.Schema{Type: "string", Format: "date-time"}
	intSchema  = &engine.Schema{Type: "integer"}
)

// anything is what nothing is known about. It is not nil, because the Field of a nil schema looks like no field.
func anything() *engine.Schema { return &engine.Schema{} }

// TriggerEnv is what the trigger's key and when may use: event and flow.
func TriggerEnv(f *flow.Flow, c engine.Catalog) expr.Env {
	return expr.Env{Roots: map[string]*engine.Schema{"event": eventSchema(f, c), "flow": flowSchema()}}
}

// Env is what an expression may use after the steps in before, in whatever order: event, steps.<id> of those, vars
// (all that the flow sets: one that is not set yet is nil), flow and run.
func Env(f *flow.Flow, c engine.Catalog, before []*flow.Step) expr.Env {
	env := TriggerEnv(f, c)
	steps := &engine.Schema{Type: "object"}
	for _, s := range before {
		if s.ID != "" {
			steps.Fields = append(steps.Fields, engine.Field{Name: s.ID, Schema: outSchema(s, c)})
		}
	}
	env.Roots["steps"] = steps
	env.Roots["vars"] = varsSchema(f)
	env.Roots["run"] = object(field("id", textSchema), field("number", intSchema), field("started", timeSchema), field("by", textSchema))
	return env
}

func object(fields ...engine.Field) *engine.Schema {
	return &engine.Schema{Type: "object", Fields: fields}
}

func field(name string, s *engine.Schema) engine.Field { return engine.Field{Name: name, Schema: s} }

func flowSchema() *engine.Schema {
	return object(field("name", textSchema), field("title", textSchema), field("version", intSchema),
		field("channel", textSchema), field("timezone", textSchema))
}

// eventSchema is id, key, at and trigger, with what the trigger declares beside them (CONTRACTS, "Events").
func eventSchema(f *flow.Flow, c engine.Catalog) *engine.Schema {
	s := object(field("id", textSchema), field("key", textSchema), field("at", timeSchema), field("trigger", textSchema))
	kind, ok := c.Trigger(f.Trigger.On)
	if !ok || !kind.Event.Typed() {
		s.Open = true
		return s
	}
	for _, m := range kind.Event.Fields {
		if s.Field(m.Name) == nil {
			s.Fields = append(s.Fields, field(m.Name, orAnything(m.Schema)))
		}
	}
	s.Open = kind.Event.Open
	return s
}

func orAnything(s *engine.Schema) *engine.Schema {
	if s == nil {
		return anything()
	}
	return s
}

// outSchema is the type of steps.<id>. After on_error: continue there may be an error instead.
func outSchema(s *flow.Step, c engine.Catalog) *engine.Schema {
	if s.Kind != flow.KindDo {
		return anything()
	}
	a, ok := c.Action(s.Action)
	if !ok || !a.Out.Typed() {
		return anything()
	}
	if s.OnError != flow.ErrContinue || a.Out.Type != "object" {
		return a.Out
	}
	out := *a.Out
	out.Fields = append(out.Fields[:len(out.Fields):len(out.Fields)],
		field("error", object(field("code", textSchema), field("message", textSchema), field("status", intSchema))))
	return &out
}

func varsSchema(f *flow.Flow) *engine.Schema {
	vars := object()
	seen := map[string]bool{}
	f.Walk(func(s *flow.Step) {
		for _, a := range s.Set {
			if !seen[a.Name] {
				seen[a.Name] = true
				vars.Fields = append(vars.Fields, field(a.Name, anything()))
			}
		}
	})
	return vars
}
