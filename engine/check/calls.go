package check

import (
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// Input is what a flow takes when it is called; ok is false for one with another trigger.
func Input(f *flow.Flow) (s *engine.Schema, ok bool) {
	if f == nil || f.Trigger.On != flow.Called {
		return nil, false
	}
	s, _ = flow.InputFields(f.Trigger.With.Get("input"))
	return s, true
}

// Output is what is known about what a call of f gives: an object with one member a name. Its expressions are typed by
// what f's steps give.
func Output(f *flow.Flow, c engine.Catalog) *engine.Schema {
	if f == nil || f.Output == nil {
		return anything()
	}
	var steps []*flow.Step
	f.Walk(func(s *flow.Step) { steps = append(steps, s) })
	env, s := Env(f, c, steps), object()
	for _, p := range f.Output.Map {
		s.Fields = append(s.Fields, field(p.Key, gives(p.Value, env)))
	}
	return s
}

// gives is the type of a value.
func gives(v *flow.Value, env expr.Env) *engine.Schema {
	switch {
	case v == nil:
	case v.Whole && len(v.Segments) == 1:
		if x, err := expr.Compile(v.Segments[0].Text, env); err == nil {
			return orAnything(x.Gives())
		}
	case v.Segments != nil:
		return textSchema
	case v.List != nil:
		return &engine.Schema{Type: "array"}
	case v.Map != nil:
		s := object()
		for _, p := range v.Map {
			s.Fields = append(s.Fields, field(p.Key, gives(p.Value, env)))
		}
		return s
	default:
		switch v.Const.(type) {
		case string:
			return textSchema
		case bool:
			return &engine.Schema{Type: "boolean"}
		case int:
			return intSchema
		case float64:
			return &engine.Schema{Type: "number"}
		}
	}
	return anything()
}

// callSchema is what a call gives; output is nil where nothing is known of it.
func callSchema(call *flow.Call, output *engine.Schema) *engine.Schema {
	if !call.Wait {
		return object(field("run", textSchema))
	}
	return object(field("output", orAnything(output)), field("run", textSchema), field("number", intSchema), field("state", textSchema))
}

// typed puts what is known about called flows into the types of the steps that call them.
func (c *checker) typed(steps *engine.Schema) {
	if c.k.Flow == nil {
		return
	}
	for i, f := range steps.Fields {
		n := c.steps[f.Name]
		if n == nil || n.Call == nil || !n.Call.Wait || n.Call.Flow == c.f.Name {
			continue
		}
		if to, err := c.k.Flow(n.Call.Flow, n.Call.Version); err == nil {
			s := callSchema(n.Call, Output(to, c.c))
			if n.OnError == flow.ErrContinue || n.OnError == flow.ErrSteps {
				s.Open = true
			}
			steps.Fields[i].Schema = s
		}
	}
}

// maxCallees bounds the flows that are looked at for one finding.
const maxCallees = 200

func (c *checker) call(n *node, v value) {
	call, where := n.Call, n.ID+".call"
	if c.k.Flow == nil && call.Flow != c.f.Name {
		v.check(call.With, nil, where+".with")
		return
	}
	to, err := c.f, error(nil)
	if call.Flow != c.f.Name || call.Version != 0 {
		to, err = c.k.find(call.Flow, call.Version)
	}
	if err != nil {
		v.check(call.With, nil, where+".with")
		e := engine.AsError(err)
		sev := engine.SevError
		if e.Code == engine.Conflict { // it exists, and is not published yet
			sev = engine.SevWarning
		}
		if e.Code == engine.NotFound || e.Code == engine.Conflict {
			c.report(sev, n.Place("call"), where, e.Msg, e.Hint, e.Args)
		}
		return
	}
	in, ok := Input(to)
	if !ok {
		v.check(call.With, nil, where+".with")
		c.bad(n.Place("call"), where, `the flow "{flow}" cannot be called: it starts when {trigger}`, "Give it the trigger flow.called.", "flow", call.Flow, "trigger", to.Trigger.On)
		return
	}
	if call.With == nil {
		v.required(n.Place("call"), nil, in, where+".with", nil)
	} else {
		v.check(call.With, in, where+".with")
	}
	if c.circles(call) {
		c.warn(n.Place("call"), where, `"{flow}" calls this flow in turn`, "A run that goes deeper than {most} calls fails: make sure that a condition ends it.",
			"flow", call.Flow, "most", flow.MaxDepth)
	}
}

func (k Known) find(name string, version int64) (*flow.Flow, error) {
	if k.Flow == nil {
		return nil, engine.E(engine.Unavailable, "nobody knows")
	}
	return k.Flow(name, version)
}

// circles reports whether a call comes back to the flow.
func (c *checker) circles(call *flow.Call) bool {
	if call.Flow == c.f.Name {
		return true
	}
	seen := []string{call.Flow}
	next := []*flow.Call{call}
	for len(next) > 0 && len(seen) < maxCallees {
		to, err := c.k.find(next[0].Flow, next[0].Version)
		next = next[1:]
		if err != nil || to == nil {
			continue
		}
		back := false
		to.Walk(func(s *flow.Step) {
			if s.Call == nil {
				return
			}
			back = back || s.Call.Flow == c.f.Name
			if !slices.Contains(seen, s.Call.Flow) {
				seen, next = append(seen, s.Call.Flow), append(next, s.Call)
			}
		})
		if back {
			return true
		}
	}
	return false
}

func (c *checker) emit(n *node, v value) {
	v.check(n.Emit.Key, textSchema, n.ID+".emit.key")
	v.check(n.Emit.Data, nil, n.ID+".emit.data")
	if k := n.Emit.Key; k != nil && k.Segments == nil {
		c.warn(k.Pos, n.ID+".emit.key", "the key is the same each time, so flows that listen hear it once", `Make it of what is told: "{{ event.body.id }}".`)
	}
	if t := c.f.Trigger; t.On == flow.Emitted && t.With.Get("event").Plain() == any(n.Emit.Event) {
		c.warn(n.Place("emit"), n.ID+".emit", "this flow starts itself again", "A chain of more than {most} runs fails: make sure that a condition ends it.", "most", flow.MaxDepth)
	}
}

// calledTrigger looks at the settings of a flow that is called, and at what it gives.
func (c *checker) calledTrigger() {
	f := c.f
	if f.Trigger.On == flow.Called {
		if f.Trigger.When != nil {
			c.bad(f.Trigger.When.Pos, "trigger.when", "a flow that is called has no condition of its own", "Give the step that calls it a when.")
		}
		if f.Trigger.Key != nil {
			c.bad(f.Trigger.Key.Pos, "trigger.key", "a flow that is called needs no key: each call is one run", "Remove the line.")
		}
	} else if f.Output != nil {
		c.warn(f.Output.Pos, "output", "only flows that are called give something", "Give the flow the trigger flow.called, or remove the lines.")
	}
}

// output checks what the flow gives: it is worked out at the end of the run, so every step may be used.
func (c *checker) output() {
	if c.f.Output == nil {
		return
	}
	value{c, scope{env: c.everything()}, false, ""}.check(c.f.Output, nil, "output")
}
