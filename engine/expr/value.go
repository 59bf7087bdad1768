package expr

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

const maxResultDepth = 500 // levels of lists and objects in a result; readers of JSON stop at some depth too

// plain makes one of the seven kinds of v, without entering lists and objects. Callers give values as
// engine.DecodeJSON makes them; other kinds of numbers, text, lists and maps are taken in kindly, and what has no
// such form stays as it is and is refused in a result.
func plain(v any) any {
	switch x := v.(type) {
	case nil, bool, string, int, float64, []any, map[string]any:
		return v
	case json.Number:
		return engine.Numbers(x)
	case engine.Secret:
		return v
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Bool:
		return r.Bool()
	case reflect.String:
		return r.String()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(r.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if u := r.Uint(); u > maxInt {
			return strconv.FormatUint(u, 10)
		}
		return int(r.Uint())
	case reflect.Float32, reflect.Float64:
		return r.Float()
	case reflect.Slice:
		if r.IsNil() {
			return nil
		}
		out := make([]any, r.Len())
		for i := range out {
			out[i] = r.Index(i).Interface()
		}
		return out
	case reflect.Map:
		if r.IsNil() {
			return nil
		}
		if r.Type().Key().Kind() == reflect.String {
			out := make(map[string]any, r.Len())
			for _, k := range r.MapKeys() {
				out[k.String()] = r.MapIndex(k).Interface()
			}
			return out
		}
	}
	return v
}

func isNumber(v any) bool {
	switch v.(type) {
	case int, float64:
		return true
	}
	return false
}

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case bool:
		return !x
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// kindOf names a value's kind in the words of error messages.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "missing"
	case bool:
		return "true or false"
	case string:
		return "text"
	case int, float64:
		return "a number"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	return "something that is not data"
}

// equal is exact: no kind equals another, nil equals only nil. Each element compared is a step.
func (m *machine) equal(at ast.Node, l, r any) (bool, error) {
	switch a := l.(type) {
	case nil:
		return r == nil, nil
	case bool:
		b, ok := r.(bool)
		return ok && a == b, nil
	case string:
		b, ok := r.(string)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		return a == b, m.read(at, len(a))
	case int, float64:
		return isNumber(r) && compareNumbers(l, r) == 0, nil
	case []any:
		b, ok := r.([]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for i := range a {
			if err := m.step(at, 1); err != nil {
				return false, err
			}
			if same, err := m.equal(at, plain(a[i]), plain(b[i])); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	case map[string]any:
		b, ok := r.(map[string]any)
		if !ok || len(a) != len(b) {
			return false, nil
		}
		for _, k := range sortedKeys(a) { // sorted, so that the steps until a difference are always the same
			if err := m.step(at, 1); err != nil {
				return false, err
			}
			other, there := b[k]
			if !there {
				return false, nil
			}
			if same, err := m.equal(at, plain(a[k]), plain(other)); err != nil || !same {
				return false, err
			}
		}
		return true, nil
	}
	return false, nil
}

// result makes v what engine.DecodeJSON reads back from v's JSON text. Lists and objects are copied only where
// something changes.
func (m *machine) result(at ast.Node, v any) (any, error) { return m.settle(at, v, 0) }

func (m *machine) settle(at ast.Node, v any, depth int) (any, error) {
	if depth > maxResultDepth {
		return nil, m.fail(at, "", "the result is nested too deeply")
	}
	v = plain(v)
	if err := m.spend(at, 1); err != nil {
		return nil, err
	}
	switch x := v.(type) {
	case nil, bool, int:
		return v, nil
	case string:
		return strings.ToValidUTF8(x, "\uFFFD"), m.size(at, len(x))
	case float64:
		f, err := m.finite(at, x)
		if err != nil {
			return nil, err
		}
		return settleFloat(f.(float64)), nil
	case []any:
		if x == nil {
			return nil, nil
		}
		if err := m.size(at, 2*len(x)); err != nil {
			return nil, err
		}
		out := x
		for i, e := range x {
			s, err := m.settle(at, e, depth+1)
			if err != nil {
				return nil, err
			}
			if !identical(s, e) {
				if len(out) > 0 && &out[0] == &x[0] {
					out = append([]any(nil), x...)
				}
				out[i] = s
			}
		}
		return out, nil
	case map[string]any:
		if x == nil {
			return nil, nil
		}
		return m.settleMap(at, x, depth)
	}
	return nil, m.fail(at, "", "the result is {kind}", "kind", kindOf(v))
}

func (m *machine) settleMap(at ast.Node, x map[string]any, depth int) (any, error) {
	out, copied := x, false
	for _, k := range sortedKeys(x) {
		if err := m.size(at, len(k)+4); err != nil {
			return nil, err
		}
		s, err := m.settle(at, x[k], depth+1)
		if err != nil {
			return nil, err
		}
		valid := strings.ToValidUTF8(k, "\uFFFD")
		if identical(s, x[k]) && valid == k {
			continue
		}
		if !copied {
			out, copied = make(map[string]any, len(x)), true
			for k, v := range x {
				out[k] = v
			}
		}
		delete(out, k)
		out[valid] = s
	}
	return out, nil
}

// size bounds a result, which may hold one list many times over, by what its text would be.
func (m *machine) size(at ast.Node, n int) error { return m.grow(at, n) }

// identical reports whether settling left an element as it was.
func identical(a, b any) bool {
	switch x := a.(type) {
	case nil:
		return b == nil
	case bool, int, float64, string:
		return reflect.TypeOf(a) == reflect.TypeOf(b) && a == b
	case []any:
		y, ok := b.([]any)
		return ok && len(x) == len(y) && (len(x) == 0 && (x == nil) == (y == nil) || len(x) > 0 && &x[0] == &y[0])
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && reflect.ValueOf(x).Pointer() == reflect.ValueOf(y).Pointer()
	}
	return false
}

// settleFloat gives an even float as the integer that its JSON text would be read as.
func settleFloat(f float64) any {
	if f != math.Trunc(f) {
		return f
	}
	if f >= -(1<<63) && f < 1<<63 {
		return int(f)
	}
	if math.Abs(f) < 1e21 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return f
}
