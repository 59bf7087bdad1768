package fields

import (
	"sort"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/edit"
)

// get is the value at a path of names. A member that is null is there.
func get(m edit.Map, path []string) (any, bool) {
	if len(path) == 0 {
		return m, len(m) > 0
	}
	for _, p := range m {
		if p.Key != path[0] {
			continue
		}
		if len(path) == 1 {
			return p.Value, true
		}
		inner, ok := p.Value.(edit.Map)
		if !ok {
			return nil, false
		}
		return get(inner, path[1:])
	}
	return nil, false
}

// set puts a value at a path, where it stands already or as order says, without changing m.
func set(m edit.Map, path []string, v any, order *engine.Schema) edit.Map {
	out := append(edit.Map(nil), m...)
	for i, p := range out {
		if p.Key != path[0] {
			continue
		}
		if len(path) > 1 {
			inner, _ := p.Value.(edit.Map)
			v = set(inner, path[1:], v, order.Field(path[0]))
		}
		out[i].Value = v
		return out
	}
	if len(path) > 1 {
		v = set(nil, path[1:], v, order.Field(path[0]))
	}
	at := place(out, path[0], order)
	out = append(out, edit.Pair{})
	copy(out[at+1:], out[at:])
	out[at] = edit.Pair{Key: path[0], Value: v}
	return out
}

// place is where a new key goes: at the end when nothing declared after it stands there, else before the first
// such one.
func place(m edit.Map, key string, s *engine.Schema) int {
	rank := map[string]int{}
	if s != nil {
		for i, f := range s.Fields {
			rank[f.Name] = i + 1
		}
	}
	mine := rank[key]
	if mine == 0 {
		return len(m)
	}
	// Behind the last one that is declared before it, so that an order of the author's own stays.
	at, found := 0, false
	for i, p := range m {
		if r := rank[p.Key]; r > 0 && r < mine {
			at, found = i+1, true
		}
	}
	if found {
		return at
	}
	for i, p := range m {
		if rank[p.Key] > mine {
			return i
		}
	}
	return len(m)
}

// remove takes a path out; a map that is empty without it goes too.
func remove(m edit.Map, path []string) edit.Map {
	out := make(edit.Map, 0, len(m))
	for _, p := range m {
		if p.Key != path[0] {
			out = append(out, p)
			continue
		}
		if len(path) == 1 {
			continue
		}
		inner, ok := p.Value.(edit.Map)
		if !ok {
			out = append(out, p)
			continue
		}
		if inner = remove(inner, path[1:]); len(inner) > 0 {
			out = append(out, edit.Pair{Key: p.Key, Value: inner})
		}
	}
	return out
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
