package connectors

import (
	"math"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Fit checks a plain value (as engine.DecodeJSON makes it) against a schema and gives it back with defaults filled
// in, nils of optional fields left out, and numbers and booleans written out where text is wanted: an expression
// that is a whole value keeps its type, and a text field that is given {{ event.body.id }} should still work. v is
// not changed. where names the value in errors, "" for the input itself. The error is Invalid.
func Fit(s *engine.Schema, v any, where string) (any, *engine.Error) {
	if !s.Typed() {
		return v, nil
	}
	switch s.Type {
	case "object":
		return fitObject(s, v, where)
	case "array":
		return fitArray(s, v, where)
	case "string":
		return fitText(s, v, where)
	case "boolean":
		if _, ok := v.(bool); ok {
			return v, nil
		}
		return nil, misfit(where, `"{field}" must be true or false`)
	case "integer":
		switch x := v.(type) {
		case int:
			return x, nil
		case float64:
			if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
				return int(x), nil
			}
		}
		return nil, misfit(where, `"{field}" must be a whole number`)
	case "number":
		switch v.(type) {
		case int, float64:
			return v, nil
		}
		return nil, misfit(where, `"{field}" must be a number`)
	}
	return v, nil
}

func fitObject(s *engine.Schema, v any, where string) (any, *engine.Error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, misfit(where, `"{field}" must be a set of named values`)
	}
	out := make(map[string]any, len(m))
	for k, x := range m {
		f := s.Field(k)
		if f == nil && !s.Open {
			e := engine.E(engine.Invalid, `"{field}" is not a field of this action`, "field", join(where, k))
			if near := engine.Suggest(k, fieldNames(s)); near != "" {
				e.Args["near"] = near
				return nil, e.WithHint(`Did you mean "{near}"?`)
			}
			return nil, e.WithHint("Leave it out, or see the action's reference page.")
		}
		if f == nil {
			f = s.Items
		}
		if x == nil && f.Typed() {
			continue
		}
		y, err := Fit(f, x, join(where, k))
		if err != nil {
			return nil, err
		}
		out[k] = y
	}
	for _, f := range s.Fields {
		if _, there := out[f.Name]; there {
			continue
		}
		if f.Default != nil {
			out[f.Name] = f.Default
		} else if f.Required {
			return nil, engine.E(engine.Invalid, `"{field}" is missing`, "field", join(where, f.Name)).
				WithHint("Give it a value; an expression that finds nothing counts as missing.")
		}
	}
	return out, nil
}

func fitArray(s *engine.Schema, v any, where string) (any, *engine.Error) {
	list, ok := v.([]any)
	if !ok {
		return nil, misfit(where, `"{field}" must be a list`)
	}
	out := make([]any, len(list))
	for i, x := range list {
		y, err := Fit(s.Items, x, where+"["+strconv.Itoa(i)+"]")
		if err != nil {
			return nil, err
		}
		out[i] = y
	}
	return out, nil
}

func fitText(s *engine.Schema, v any, where string) (any, *engine.Error) {
	var text string
	switch x := v.(type) {
	case string:
		text = x
	case bool:
		text = strconv.FormatBool(x)
	case int:
		text = strconv.Itoa(x)
	case float64:
		text = strconv.FormatFloat(x, 'f', -1, 64)
	default:
		return nil, misfit(where, `"{field}" must be text`)
	}
	if len(s.Enum) == 0 {
		return text, nil
	}
	for _, e := range s.Enum {
		if e == text {
			return text, nil
		}
	}
	err := engine.E(engine.Invalid, `"{field}" cannot be "{value}"`, "field", where, "value", clip(text, 80))
	if near := engine.Suggest(text, s.Enum); near != "" {
		err.Args["near"] = near
		return nil, err.WithHint(`Did you mean "{near}"?`)
	}
	err.Args["allowed"] = strings.Join(s.Enum, ", ")
	return nil, err.WithHint("Allowed are {allowed}.")
}

// misfit says what is wanted, in whole sentences that can be translated.
func misfit(where, msg string) *engine.Error {
	if where == "" {
		where = "with"
	}
	return engine.E(engine.Invalid, msg, "field", where).WithHint("Check the value, or the expression that gives it.")
}

func fieldNames(s *engine.Schema) []string {
	names := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		names[i] = f.Name
	}
	return names
}

func join(where, field string) string {
	if where == "" {
		return field
	}
	return where + "." + field
}
