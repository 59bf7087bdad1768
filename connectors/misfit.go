package connectors

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// Misfits is what an action would refuse in an input before it sends anything, by the name of the field: wrong types,
// values that are none of those allowed, addresses that are none, required fields that are missing or empty. It is
// nil for an action that is not there. Values that are known only when the action runs are not judged.
func (c *Catalog) Misfits(action string, in map[string]any) map[string]*engine.Error {
	a, ok := c.actions[action]
	if !ok {
		return nil
	}
	bad := map[string]*engine.Error{}
	for _, f := range a.In.Fields {
		v, there := in[f.Name]
		if !there || v == nil || v == "" {
			if f.Required && f.Default == nil {
				bad[f.Name] = engine.E(engine.Invalid, `"{field}" is missing`, "field", f.Name)
			}
			continue
		}
		if later(v) {
			continue
		}
		if _, err := Fit(f.Schema, v, f.Name); err != nil {
			if err.Args["near"] == nil && err.Args["allowed"] == nil {
				err.Hint = "" // it speaks of expressions, and here is only a value
			}
			bad[f.Name] = err
			continue
		}
		if text, ok := v.(string); ok && f.Format == "uri" {
			if _, fault := targetOf(Request{Method: "GET", URL: text}); fault != nil {
				bad[f.Name] = engine.E(fault.Code, fault.Msg).WithHint(fault.Hint)
				bad[f.Name].Args = fault.Args
			}
		}
	}
	return bad
}

// later reports whether a value holds a part that is filled in when the action runs ({"$secret": …}).
func later(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			if strings.HasPrefix(k, "$") || later(x) {
				return true
			}
		}
	case []any:
		for _, x := range v {
			if later(x) {
				return true
			}
		}
	}
	return false
}
