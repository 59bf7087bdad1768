package check

import (
	"slices"

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

// RunEnv is what the limits of a flow may use: the event of a run, which of a batch has items, and flow.
func RunEnv(f *flow.Flow, c engine.Catalog) expr.Env {
	env := TriggerEnv(f, c)
	if g := f.Trigger.Gather; g != nil && g.Batch {
		one := *env.Roots["event"]
		one.Fields = slices.DeleteFunc(slices.Clone(one.Fields), func(f engine.Field) bool { return f.Name == "trigger" })
		env.Roots["event"] = object(field("id", textSchema), field("key", textSchema), field("at", timeSchema), field("trigger", textSchema),
			field("items", &engine.Schema{Type: "array", Items: &one}))
	}
	return env
}

// UndoEnv is what the undo of a step may use: its input and result, the run's event, flow and run. What other steps gave
// is not among it, since one step can be undone alone.
func UndoEnv(f *flow.Flow, c engine.Catalog, act *engine.Action) expr.Env {
	env := RunEnv(f, c)
	env.Roots["run"] = object(field("id", textSchema), field("number", intSchema), field("started", timeSchema), field("by", textSchema))
	env.Roots["input"], env.Roots["result"] = anything(), anything()
	if act != nil && act.Out != nil {
		env.Roots["result"] = act.Out
	}
	return env
}

// Env is what an expression may use after the steps in before, in whatever order: event, steps.<id> of those, vars
// (all that the flow sets: one that is not set yet is nil), flow and run.
func Env(f *flow.Flow, c engine.Catalog, before []*flow.Step) expr.Env {
	env := RunEnv(f, c)
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

// Within adds what expressions may use in the blocks that a step stands in, outermost first: the element and index of a
// loop, the error of a catch.
func Within(env expr.Env, in []In) expr.Env {
	if len(in) == 0 {
		return env
	}
	roots := make(map[string]*engine.Schema, len(env.Roots)+2)
	for k, v := range env.Roots {
		roots[k] = v
	}
	for _, b := range in {
		switch {
		case b.Block == flow.RescueBlock:
			roots["error"] = errorSchema()
		case b.Step.Each != nil:
			roots[b.Step.Each.As], roots["index"] = anything(), intSchema
			if b.Step.Each.Batch > 0 {
				roots[b.Step.Each.As] = listSchema()
			}
		case b.Step.While != nil:
			roots["index"] = intSchema
			if as := b.Step.While.As; as != "" {
				roots[as] = anything()
			}
		case b.Step.Try != nil && b.Block == "catch":
			roots["error"] = errorSchema()
		}
	}
	return expr.Env{Roots: roots}
}

// errorSchema is what catch and on_error know of a failure.
func errorSchema() *engine.Schema {
	return object(field("step", textSchema), field("code", textSchema), field("message", textSchema), field("status", intSchema))
}

// In is a block of a step: "steps" of a loop, "catch" of a try.
type In struct {
	Step  *flow.Step
	Block string
}

// EnvAt is what the expressions of step id may use; ok is false when there is no such step. It is made for dialogs that
// offer names: what comes later in the flow is not among them.
func EnvAt(f *flow.Flow, c engine.Catalog, id string) (env expr.Env, ok bool) {
	ch := newChecker(f, c, Known{})
	at := ch.steps[id]
	if at == nil {
		return env, false
	}
	var before []*flow.Step
	for _, n := range ch.order {
		if relation(n, at) == earlier && !(n.opens() && at.within(n)) {
			before = append(before, n.Step)
		}
	}
	return Within(Env(f, c, before), at.in()), true
}

func (n *node) in() []In {
	out := make([]In, len(n.path))
	for i, t := range n.path {
		out[i] = In{t.at, t.block}
	}
	return out
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
		if in, ok := Input(f); ok && m.Name == "input" {
			m.Schema = in
		}
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
	made := made(s, c)
	if s.OnError != flow.ErrContinue && s.OnError != flow.ErrSteps || made.Type != "object" {
		return made
	}
	out := *made
	out.Fields = append(out.Fields[:len(out.Fields):len(out.Fields)],
		field("error", object(field("code", textSchema), field("message", textSchema), field("status", intSchema))))
	return &out
}

// made is the type of what a step gives when it goes well.
func made(s *flow.Step, c engine.Catalog) *engine.Schema {
	by, at := field("by", textSchema), field("at", timeSchema)
	switch {
	case s.Kind == flow.KindDo:
		if a, ok := c.Action(s.Action); ok && a.Out.Typed() {
			return a.Out
		}
	case s.Ask != nil && s.Ask.Kind == engine.AskChoice:
		values, _, _ := flow.FormOptions(s.Ask.Options)
		return object(field("choice", &engine.Schema{Type: "string", Enum: values}), by, at)
	case s.Ask != nil && s.Ask.Kind == engine.AskForm:
		fields, _ := flow.FormFields(s.Ask.Fields)
		return object(field("fields", fields), by, at)
	case s.Switch != nil:
		return object(field("case", anything()), field("index", intSchema))
	case s.Each != nil:
		out := object(field("count", intSchema), field("results", listSchema()))
		if s.Each.Continue {
			lost := object(field("index", intSchema), field("error", errorSchema()))
			out.Fields = append(out.Fields, field("failures", intSchema), field("failed", &engine.Schema{Type: "array", Items: lost}))
		}
		return out
	case s.While != nil:
		return object(field("count", intSchema), field("results", listSchema()))
	case s.Parallel != nil:
		out := object()
		for _, b := range s.Parallel.Branches {
			gives := anything()
			if len(b.Steps) > 0 {
				gives = outSchema(b.Steps[len(b.Steps)-1], c)
			}
			out.Fields = append(out.Fields, field(b.Name, gives))
		}
		for _, name := range []string{"done", "cancelled", "failed"} {
			out.Fields = append(out.Fields, field(name, &engine.Schema{Type: "array", Items: textSchema}))
		}
		return out
	case s.Try != nil:
		return object(field("caught", &engine.Schema{Type: "boolean"}), field("error", anything()))
	case s.Call != nil:
		return callSchema(s.Call, nil)
	case s.Dedupe != nil:
		return object(field("first", &engine.Schema{Type: "boolean"}))
	case s.Digest != nil:
		return object(field("released", &engine.Schema{Type: "boolean"}), field("items", listSchema()), field("count", intSchema),
			field("runs", &engine.Schema{Type: "array", Items: intSchema}))
	case s.Emit != nil:
		return object(field("event", textSchema), field("key", textSchema), field("runs", intSchema))
	case s.Wait != nil && s.Wait.Event != nil:
		event := object(field("name", textSchema), field("key", textSchema), field("data", anything()), at)
		return object(field("event", event), field("timed_out", &engine.Schema{Type: "boolean"}))
	case s.Wait != nil && s.Wait.Reply != nil:
		reply := object(field("text", textSchema), by, at)
		reply.Open = true
		return object(field("reply", reply), field("timed_out", &engine.Schema{Type: "boolean"}))
	}
	return anything()
}

func listSchema() *engine.Schema { return &engine.Schema{Type: "array", Items: anything()} }

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
