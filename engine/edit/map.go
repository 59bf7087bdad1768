package edit

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/bretelle/bretelle/engine"
)

// Map is a mapping in the order written. Values are string, bool, int, float64, nil, []any and Map. Integers too
// long for int are their digits as a string; expressions are their text with the braces.
type Map []Pair

// Pair is one member of a Map.
type Pair struct {
	Key   string
	Value any
}

// Get is the value of a key; nil when there is none.
func (m Map) Get(key string) any {
	v, _ := m.Look(key)
	return v
}

// Look is the value of a key, and whether there is one.
func (m Map) Look(key string) (any, bool) {
	if i := m.index(key); i >= 0 {
		return m[i].Value, true
	}
	return nil, false
}

// Text is the value of a key when it is a string, "" otherwise.
func (m Map) Text(key string) string {
	s, _ := m.Get(key).(string)
	return s
}

// With is m with a key set, in its place or at the end. m itself stays as it is.
func (m Map) With(key string, value any) Map {
	out := slices.Clone(m)
	if i := m.index(key); i >= 0 {
		out[i].Value = value
		return out
	}
	return append(out, Pair{key, value})
}

// Without is m without some keys. m itself stays as it is.
func (m Map) Without(keys ...string) Map {
	out := make(Map, 0, len(m))
	for _, p := range m {
		if !slices.Contains(keys, p.Key) {
			out = append(out, p)
		}
	}
	return out
}

func (m Map) index(key string) int {
	return slices.IndexFunc(m, func(p Pair) bool { return p.Key == key })
}

// Plain is v with every Map as map[string]any, as schemas and actions take values.
func Plain(v any) any {
	switch x := v.(type) {
	case Map:
		m := make(map[string]any, len(x))
		for _, p := range x {
			m[p.Key] = Plain(p.Value)
		}
		return m
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			list[i] = Plain(e)
		}
		return list
	}
	return v
}

// Equal reports whether two values say the same: numbers by value, maps whatever the order of their keys.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case Map:
		y, ok := b.(Map)
		if !ok || len(x) != len(y) {
			return false
		}
		for i, p := range x {
			if i < len(y) && y[i].Key == p.Key {
				if !Equal(p.Value, y[i].Value) {
					return false
				}
				continue
			}
			v, ok := y.Look(p.Key)
			if !ok || !Equal(p.Value, v) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	case int:
		f, ok := b.(float64)
		return a == b || ok && float64(x) == f
	case float64:
		i, ok := b.(int)
		return a == b || ok && float64(i) == x
	}
	switch b.(type) {
	case Map, []any:
		return false
	}
	return a == b
}

// clean makes a value one of those that Map holds. The error is Invalid.
func clean(v any) (any, error) {
	switch x := v.(type) {
	case nil, bool, int:
		return x, nil
	case string:
		if !utf8.ValidString(x) || strings.ContainsRune(x, 0) {
			return nil, engine.E(engine.Invalid, "the text holds characters that no text may hold").WithHint("Use text in UTF-8.")
		}
		return x, nil
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return nil, engine.E(engine.Invalid, "{value} is not a number that can be written", "value", strconv.FormatFloat(x, 'g', -1, 64))
		}
		return x, nil
	case int64:
		return int(x), nil
	case json.Number:
		return clean(engine.Numbers(x))
	case []string:
		list := make([]any, len(x))
		for i, s := range x {
			list[i] = s
		}
		return clean(list)
	case []any:
		list := make([]any, len(x))
		for i, e := range x {
			var err error
			if list[i], err = clean(e); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		m := make(Map, 0, len(x))
		for k, e := range x {
			m = append(m, Pair{k, e})
		}
		slices.SortFunc(m, func(a, b Pair) int { return strings.Compare(a.Key, b.Key) })
		return clean(m)
	case Map:
		return cleanMap(x)
	}
	return nil, engine.E(engine.Invalid, "a value of this kind cannot be written into a flow")
}

func cleanMap(x Map) (any, error) {
	m := make(Map, len(x))
	for i, p := range x {
		if x.index(p.Key) != i {
			return nil, engine.E(engine.Invalid, `"{key}" is written twice`, "key", p.Key).WithHint("Keep one of them.")
		}
		if _, err := clean(p.Key); err != nil {
			return nil, err
		}
		if len(p.Key) > maxKey {
			return nil, engine.E(engine.Invalid, "a name is longer than {most} characters", "most", maxKey).WithHint("Use a shorter one.")
		}
		v, err := clean(p.Value)
		if err != nil {
			return nil, err
		}
		m[i] = Pair{p.Key, v}
	}
	return m, nil
}

// maxKey keeps keys within what YAML reads as one, 1,024 characters with quotes and escapes.
const maxKey = 250
