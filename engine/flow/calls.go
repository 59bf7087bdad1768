package flow

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

// Called is the trigger of flows that other flows call; Emitted that of flows that listen to emit steps and signals.
const (
	Called  = "flow.called"
	Emitted = "event.emitted"
)

// MaxDepth is how many runs may stand above a run: callers and emitters, one after the other.
const MaxDepth = 16

// Call runs another flow.
type Call struct {
	Flow    string
	Version int64  // 0: the one that is published when the call begins
	With    *Value // a map, or nil: what the flow's input is given
	Wait    bool   // for its end; else the step is over once the run is there
}

// Emit tells every flow and run that listens.
type Emit struct {
	Event string
	Key   *Value // nil: every emission is new
	Data  *Value // nil: nothing goes with it
}

// Heard is the event that a step waits for.
type Heard struct {
	Name string
	Key  *Value
}

func (p *parser) call(n *yaml.Node, where string) *Call {
	where = join(where, "call")
	m := p.fields(n, where, "call", "flow", "version", "with", "wait")
	if m == nil {
		return nil
	}
	c := &Call{Wait: true, With: p.settings(m["with"], join(where, "with"))}
	if v := m["flow"]; v == nil {
		p.bad(n, where, "the step does not say which flow it calls", "Write call: {flow: my-flow, with: {…}}.")
	} else if s, ok := p.word(v, join(where, "flow")); ok {
		if err := CheckName(s); err != nil {
			p.fail(v, join(where, "flow"), err)
		}
		c.Flow = s
	}
	if v := m["version"]; v != nil {
		c.Version = int64(p.count(v, join(where, "version"), 1, 1_000_000))
	}
	if v := m["wait"]; v != nil {
		switch s, ok := p.word(v, join(where, "wait")); {
		case !ok:
		case v.ShortTag() != "!!bool":
			p.bad(v, join(where, "wait"), "true or false is expected here", "")
		default:
			c.Wait = strings.EqualFold(s, "true")
		}
	}
	if c.Flow == "" {
		return nil
	}
	return c
}

func (p *parser) emit(n *yaml.Node, where string) *Emit {
	where = join(where, "emit")
	m := p.fields(n, where, "emit", "event", "key", "data")
	if m == nil {
		return nil
	}
	e := &Emit{}
	if v := m["event"]; v == nil {
		p.bad(n, where, "the step does not say what it tells", "Write emit: {event: order-paid, data: {…}}.")
	} else {
		e.Event = p.eventName(v, join(where, "event"))
	}
	if v := m["key"]; v != nil {
		if _, ok := p.word(v, join(where, "key")); ok {
			e.Key = p.value(v, join(where, "key"))
		}
	}
	if v := m["data"]; v != nil {
		e.Data = p.value(v, join(where, "data"))
	}
	if e.Event == "" {
		return nil
	}
	return e
}

// eventName reads the name of an event; "" when it is none.
func (p *parser) eventName(n *yaml.Node, where string) string {
	s, ok := p.word(n, where)
	if !ok {
		return ""
	}
	if err := CheckEvent(s); err != nil {
		p.fail(n, where, err)
		return ""
	}
	return s
}

// CheckEvent says whether text can be an event's name; the rule is that of flows' names, and points are allowed
// ("order.paid"). The error is Invalid.
func CheckEvent(text string) error {
	for _, part := range strings.Split(text, ".") {
		if !validName(part) {
			return engine.E(engine.Invalid, `"{name}" cannot be an event's name`, "name", short(text)).
				WithHint("Use small letters, digits, dashes and points, like order-paid.")
		}
	}
	return nil
}

func (p *parser) heard(n *yaml.Node, where string) *Heard {
	m := p.fields(n, where, "event", "name", "key")
	if m == nil {
		return nil
	}
	h := &Heard{}
	if v := m["name"]; v == nil {
		p.bad(n, where, "the step does not say for which event it waits", `Write event: and below it name: order-paid and key: "{example}".`, "example", "{{ steps.order.id }}")
		return nil
	} else if h.Name = p.eventName(v, join(where, "name")); h.Name == "" {
		return nil
	}
	if v := m["key"]; v == nil {
		p.bad(n, where, "the step does not say which of these events it waits for", `Add key: "{example}", as the emit step has it.`, "example", "{{ steps.order.id }}")
		return nil
	} else if _, ok := p.word(v, join(where, "key")); ok {
		h.Key = p.value(v, join(where, "key"))
	}
	if h.Key == nil {
		return nil
	}
	return h
}

// output reads what a flow gives to those who call it.
func (p *parser) output(n *yaml.Node) *Value {
	list, ok := p.members(n, "output")
	if !ok {
		if n.Kind != yaml.AliasNode && n.Anchor == "" {
			p.bad(n, "output", "what a flow gives is a map", `Write output: and below it score: "{example}".`, "example", "{{ steps.score.body.n }}")
		}
		return nil
	}
	for _, m := range list {
		if !identifier(m.key) {
			p.bad(m.name, "output", `"{name}" cannot be a variable's name`, "Use letters, digits and _, beginning with a letter.", "name", short(m.key))
			return nil
		}
	}
	return p.value(n, "output")
}

// inputTypes are the types of an input besides those of a form.
var inputTypes = []string{"string", "integer", "boolean", "object", "array", "any"}

// InputFields reads what a flow that is called takes: a map of {name: {type, title, help, required, options, default,
// example}}, or a list as FormFields has it. Besides the types of forms there are string, integer, boolean, object, array
// and any. Problems are as those of FormFields.
func InputFields(v *Value) (*engine.Schema, engine.Problems) {
	r := &formReader{names: map[string]bool{}, data: true}
	s := &engine.Schema{Type: "object"}
	if v == nil || v.Map == nil && v.List == nil && v.Segments == nil && v.Const == nil {
		return s, nil
	}
	list, at := v.List, func(i int) string { return "[" + strconv.Itoa(i) + "]" }
	if v.Map != nil {
		list, at = make([]*Value, len(v.Map)), func(i int) string { return "." + v.Map[i].Key }
		for i, p := range v.Map {
			list[i] = named(p)
		}
	} else if v.List == nil {
		r.bad(v, "", "what a flow takes is a map of fields", "Write input: {email: {type: string, required: true}}.")
		return s, r.problems
	}
	if len(list) > maxFields {
		r.bad(v, "", "a form has at most {most} fields", "Ask for the rest in a second form.", "most", maxFields)
		return s, r.problems
	}
	for i, f := range list {
		if x := r.field(f, at(i)); x.Schema != nil {
			s.Fields = append(s.Fields, x)
		}
	}
	return s, r.problems
}

// named is a field of a map as one of a list; {email: string} is short for {email: {type: string}}.
func named(p Pair) *Value {
	f := &Value{Pos: p.Value.Pos, Map: []Pair{{Key: "name", Pos: p.Pos, Value: &Value{Pos: p.Pos, Const: p.Key}}}}
	switch v := p.Value; {
	case v.Map != nil:
		f.Map = append(f.Map, slices.DeleteFunc(slices.Clone(v.Map), func(q Pair) bool { return q.Key == "name" })...)
	case v.Const != nil || v.Segments != nil || v.List != nil:
		f.Map = append(f.Map, Pair{Key: "type", Pos: v.Pos, Value: v})
	}
	return f
}

// InputSchema is InputFields over plain data; the error, Invalid, is about the first problem.
func InputSchema(v any) (*engine.Schema, *engine.Error) {
	if v == nil {
		return &engine.Schema{Type: "object"}, nil
	}
	s, problems := InputFields(PlainValue(v))
	for _, p := range problems {
		return nil, &engine.Error{Code: engine.Invalid, Msg: p.Msg, Args: p.Args, Hint: p.Hint}
	}
	return s, nil
}

// ReadInput types what a flow is called with by the schema that InputFields gave: as ReadForm, but nothing is too long,
// and data without a type passes as it is. The error, Invalid, is about the first field that does not fit.
func ReadInput(s *engine.Schema, given map[string]any) (map[string]any, *engine.Error) {
	out := map[string]any{}
	for _, f := range s.Fields {
		x := given[f.Name]
		if x == nil {
			x = f.Default
		}
		if x == nil {
			if f.Required {
				return nil, engine.E(engine.Invalid, `"{field}" is missing`, "field", f.Name)
			}
			out[f.Name] = nil
			continue
		}
		v, err := inputValue(f.Schema, x)
		if err != nil {
			return nil, engine.E(engine.Invalid, `"{field}" does not fit: {reason}`, "field", f.Name, "reason", err.Error()).WithHint(err.Hint)
		}
		out[f.Name] = v
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if s.Field(name) == nil {
			return nil, engine.E(engine.Invalid, `there is no field "{name}" here`, "name", short(name))
		}
	}
	return out, nil
}

func inputValue(s *engine.Schema, x any) (any, *engine.Error) {
	text, isText := x.(string)
	switch {
	case !s.Typed():
		return x, nil
	case s.Type == "object":
		if _, ok := x.(map[string]any); !ok {
			return nil, engine.E(engine.Invalid, "a map is expected here")
		}
		return x, nil
	case s.Type == "array" && s.Items == nil:
		if _, ok := x.([]any); !ok {
			return nil, engine.E(engine.Invalid, "a list is expected here")
		}
		return x, nil
	case s.Type == "string" && isText && s.Format == "" && len(s.Enum) == 0:
		return text, nil
	}
	return FormValue(s, x)
}

// dataSchema is the schema of one of inputTypes.
func dataSchema(kind string) *engine.Schema {
	switch kind {
	case "any":
		return &engine.Schema{}
	case "object":
		return &engine.Schema{Type: kind, Open: true}
	}
	return &engine.Schema{Type: kind}
}
