package edit

import (
	"maps"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/patch"
)

// Amend writes a change of what a step sends into the step's own `with`. What the flow works out with an expression stays
// as it is: Conflict where the change is about such a value, or has no place, since it would put one run's data into
// every run.
func Amend(step Map, ops []patch.Op) (Map, error) {
	var with any = Map{}
	if w, ok := step.Look("with"); ok && w != nil {
		with = w
	}
	for _, op := range ops {
		var err error
		if with, err = amend(with, op.Path, op); err != nil {
			return nil, err
		}
	}
	if m, ok := with.(Map); ok && len(m) == 0 {
		return step.Without("with"), nil
	}
	return step.With("with", with), nil
}

func amend(v any, path []patch.Part, op patch.Op) (any, error) {
	if len(path) == 0 {
		if s, ok := v.(string); ok && strings.Contains(s, "{{") {
			return nil, workedOut(op, s)
		}
		return newValue(op)
	}
	if s, ok := v.(string); ok && path[0].In != patch.InText {
		return nil, workedOut(op, s)
	}
	switch p, rest := path[0], path[1:]; p.In {
	case patch.InMap:
		m, ok := v.(Map)
		if !ok && v != nil {
			return nil, odd(op)
		}
		old, there := m.Look(p.Key)
		if op.Unset && !there {
			return m, nil
		}
		if op.Unset && len(rest) == 0 {
			return m.Without(p.Key), nil
		}
		x, err := amend(old, rest, op)
		if err != nil {
			return nil, err
		}
		return m.With(p.Key, x), nil
	case patch.InList:
		l, ok := v.([]any)
		if !ok || p.At >= len(l) {
			return nil, odd(op)
		}
		x, err := amend(l[p.At], rest, op)
		if err != nil {
			return nil, err
		}
		out := slices.Clone(l)
		out[p.At] = x
		return out, nil
	case patch.InText:
		s, _ := v.(string)
		x, err := engine.DecodeJSON([]byte(s))
		if err != nil {
			return nil, workedOut(op, s)
		}
		y, err := amend(fromJSON(x), rest, op)
		if err != nil {
			return nil, err
		}
		b, err := engine.EncodeJSON(Plain(y))
		return string(b), err
	}
	return nil, odd(op)
}

// newValue is the new value as a flow's text says it.
func newValue(op patch.Op) (any, error) {
	b, err := engine.EncodeJSON(op.Set)
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(b), "{{") {
		return nil, engine.E(engine.Conflict, "{field} would hold text that looks like an expression", "field", patch.Name(op.Path)).
			WithHint("Write it in the flow yourself.")
	}
	return fromJSON(op.Set), nil
}

// fromJSON is a JSON value as a flow's text has it, members in the order of their names.
func fromJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := Map{}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out = append(out, Pair{k, fromJSON(v[k])})
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fromJSON(x)
		}
		return out
	}
	return v
}

func workedOut(op patch.Op, source string) error {
	return engine.E(engine.Conflict, "the flow works out {field} for each run ({source}), so one run's text cannot stand there",
		"field", patch.Name(op.Path), "source", clip(source)).WithHint("Change the flow yourself.")
}

func odd(op patch.Op) error {
	return engine.E(engine.Conflict, "{field} is built differently in the flow, so the change has no place there", "field", patch.Name(op.Path)).
		WithHint("Change the flow yourself.")
}

func clip(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return s
}
