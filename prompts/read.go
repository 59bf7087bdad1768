package prompts

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// ReadEdit reads a submission of EditForm: the fields that may be edited and were sent, typed as they are in the
// plan, by "step.field"; or what is wrong, by field, as English text ids. What was not sent is left out, and so is a
// field that still says nothing about a value known only later.
func ReadEdit(ask engine.AskView, fields map[string]string) (map[string]any, map[string]string) {
	out, bad := map[string]any{}, map[string]string{}
	for _, path := range ask.Edit {
		typed, sent := fields[path]
		if !sent {
			continue
		}
		old, _ := planned(ask.Plan, path)
		if computed(old) {
			if typed == "" {
				continue
			}
			old = ""
		}
		v, wrong := read(old, typed)
		if wrong != "" {
			bad[path] = wrong
			continue
		}
		out[path] = v
	}
	return out, bad
}

// ReadFix reads a submission of FixForm into the whole new input: what was sent, typed as it was, over the stored
// input.
func ReadFix(step engine.StepView, fields map[string]string) (map[string]any, map[string]string) {
	out, bad := map[string]any{}, map[string]string{}
	if v, err := engine.DecodeJSON(step.Input); err == nil {
		if m, ok := v.(map[string]any); ok {
			out = m
		}
	}
	for name, old := range out {
		typed, sent := fields[name]
		if !sent || computed(old) {
			continue
		}
		v, wrong := read(old, typed)
		if wrong != "" {
			bad[name] = wrong
			continue
		}
		out[name] = v
	}
	return out, bad
}

// ReadHappened reads a submission of HappenedForm into the answer that was lost: numbers and the like where they were
// typed. A later step needs each of needs, so what is left empty is wrong.
func ReadHappened(needs []string, fields map[string]string) (map[string]any, map[string]string) {
	out, bad := map[string]any{}, map[string]string{}
	for _, need := range needs {
		text := strings.TrimSpace(fields[need])
		if text == "" {
			bad[need] = T("", "A later step needs this", nil)
			continue
		}
		var v any = text
		if x, err := engine.DecodeJSON([]byte(text)); err == nil {
			v = x
		}
		at, parts := out, strings.Split(need, ".")
		for _, part := range parts[:len(parts)-1] {
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		if _, taken := at[parts[len(parts)-1]].(map[string]any); !taken {
			at[parts[len(parts)-1]] = v
		}
	}
	return out, bad
}

// read gives typed text the type of the value it replaces. A field that held a map or list must stay JSON of the
// same kind; text stays text, whatever it looks like.
func read(old any, typed string) (any, string) {
	typed = strings.ReplaceAll(typed, "\r\n", "\n")
	switch old.(type) {
	case nil:
		if typed == "" {
			return nil, ""
		}
		return typed, ""
	case bool:
		switch strings.ToLower(strings.TrimSpace(typed)) {
		case "true", "yes", "on", "1", "oui":
			return true, ""
		case "", "false", "no", "off", "0", "non":
			return false, ""
		}
		return nil, T("", "Write true or false", nil)
	case int, float64:
		v, err := engine.DecodeJSON([]byte(strings.TrimSpace(typed)))
		switch v.(type) {
		case int, float64:
			if err == nil {
				return v, ""
			}
		}
		return nil, T("", "Write a number", nil)
	case map[string]any:
		v, err := engine.DecodeJSON([]byte(typed))
		if m, ok := v.(map[string]any); ok && err == nil {
			return m, ""
		}
		return nil, T("", `This must stay JSON like {"name": "value"}`, nil)
	case []any:
		v, err := engine.DecodeJSON([]byte(typed))
		if l, ok := v.([]any); ok && err == nil {
			return l, ""
		}
		return nil, T("", `This must stay a JSON list like ["a", "b"]`, nil)
	default:
		return typed, ""
	}
}
