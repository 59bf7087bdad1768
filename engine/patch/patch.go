package patch

import (
	"maps"
	"reflect"
	"slices"

	"github.com/bretelle/bretelle/engine"
)

// Kinds of Part.
const (
	InMap  = "map"  // the member Key
	InList = "list" // the item At, from 0
	InText = "text" // inside a text that holds JSON
)

// Part is one step of a path into a JSON value.
type Part struct {
	In  string `json:"in"`
	Key string `json:"key,omitempty"`
	At  int    `json:"at,omitempty"`
}

// Op sets what stands at a path, or takes it away.
type Op struct {
	Path  []Part `json:"path"`
	Set   any    `json:"set,omitempty"`
	Unset bool   `json:"unset,omitempty"`
}

// Diff is what turns old into new, in the order of the keys. Values are JSON as engine.DecodeJSON gives it. Lists of the
// same length are compared item by item, others are set as a whole; texts that hold JSON maps or lists before and after
// are compared inside.
func Diff(old, new any) []Op { return diff(nil, old, new) }

func diff(at []Part, old, new any) []Op {
	if reflect.DeepEqual(old, new) {
		return nil
	}
	under := func(p Part) []Part { return append(slices.Clone(at), p) }
	switch a := old.(type) {
	case map[string]any:
		if b, ok := new.(map[string]any); ok {
			return diffMaps(under, a, b)
		}
	case []any:
		if b, ok := new.([]any); ok && len(a) == len(b) {
			var out []Op
			for i := range a {
				out = append(out, diff(under(Part{In: InList, At: i}), a[i], b[i])...)
			}
			return out
		}
	case string:
		if b, ok := new.(string); ok {
			x, isJSON := within(a)
			y, stays := within(b)
			if isJSON && stays {
				return diff(under(Part{In: InText}), x, y)
			}
		}
	}
	return []Op{{Path: at, Set: new}}
}

func diffMaps(under func(Part) []Part, a, b map[string]any) (out []Op) {
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		old, was := a[k]
		now, is := b[k]
		p := under(Part{In: InMap, Key: k})
		switch {
		case !is:
			out = append(out, Op{Path: p, Unset: true})
		case !was:
			out = append(out, Op{Path: p, Set: now})
		default:
			out = append(out, diff(p, old, now)...)
		}
	}
	return out
}

// within is the JSON map or list that a text holds.
func within(s string) (any, bool) {
	v, err := engine.DecodeJSON([]byte(s))
	if err != nil {
		return nil, false
	}
	switch v.(type) {
	case map[string]any, []any:
		return v, true
	}
	return nil, false
}

// Apply makes the changes to a value, which itself stays as it is. Members on the way that are not there are made.
// Conflict when the value is built differently, so that a change has no place in it.
func Apply(v any, ops []Op) (any, error) {
	for _, op := range ops {
		var err error
		if v, err = apply(v, op.Path, op); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func apply(v any, path []Part, op Op) (any, error) {
	if len(path) == 0 {
		return op.Set, nil
	}
	p, rest := path[0], path[1:]
	switch p.In {
	case InMap:
		m, ok := v.(map[string]any)
		if !ok && v != nil {
			return nil, noPlace(op)
		}
		out := maps.Clone(m)
		if out == nil {
			out = map[string]any{}
		}
		if len(rest) == 0 && op.Unset {
			delete(out, p.Key)
			return out, nil
		}
		if _, there := m[p.Key]; !there && op.Unset {
			return out, nil
		}
		x, err := apply(m[p.Key], rest, op)
		out[p.Key] = x
		return out, err
	case InList:
		l, ok := v.([]any)
		if !ok || p.At < 0 || p.At >= len(l) {
			return nil, noPlace(op)
		}
		x, err := apply(l[p.At], rest, op)
		out := slices.Clone(l)
		out[p.At] = x
		return out, err
	case InText:
		s, ok := v.(string)
		x, isJSON := within(s)
		if !ok || !isJSON {
			return nil, noPlace(op)
		}
		x, err := apply(x, rest, op)
		if err != nil {
			return nil, err
		}
		b, err := engine.EncodeJSON(x)
		return string(b), err
	}
	return nil, noPlace(op)
}

func noPlace(op Op) error {
	return engine.E(engine.Conflict, "{field} is built differently there, so the change does not fit", "field", Name(op.Path))
}

// Name is a path as people read it: "json.labels.0".
func Name(path []Part) string {
	s := ""
	for _, p := range path {
		switch p.In {
		case InMap:
			if s != "" {
				s += "."
			}
			s += p.Key
		case InList:
			s += "[" + digits(p.At) + "]"
		}
	}
	return s
}

func digits(n int) string {
	b, err := engine.EncodeJSON(n)
	if err != nil {
		return ""
	}
	return string(b)
}

// At is what stands at a path, and whether there is something.
func At(v any, path []Part) (any, bool) {
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			w, ok := x[p.Key]
			if p.In != InMap || !ok {
				return nil, false
			}
			v = w
		case []any:
			if p.In != InList || p.At < 0 || p.At >= len(x) {
				return nil, false
			}
			v = x[p.At]
		case string:
			w, ok := within(x)
			if p.In != InText || !ok {
				return nil, false
			}
			v = w
		default:
			return nil, false
		}
	}
	return v, true
}
