package fields

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// Row is one line of a condition: a path as Insert gives it, a test, and the value it is held against.
type Row struct{ Field, Test, Value string }

// The tests. Has is followed by the member of a list's elements: "has:name".
const (
	Is       = "is"
	IsNot    = "is_not"
	Contains = "contains"
	Starts   = "starts"
	Ends     = "ends"
	More     = "more"
	Less     = "less"
	Exists   = "exists"
	Empty    = "empty"
	Has      = "has:"
)

// maxRows is how many rows a dialog has.
const maxRows = 10

// needsValue reports whether a test is held against a value.
func needsValue(test string) bool { return test != Exists && test != Empty }

// Expression writes rows as the source of a condition, joined by "and" or "or". The sample says what is a list and
// what a number. Rows without a field are left out; "" is no condition.
func Expression(rows []Row, or bool, s *Sample) string {
	var parts []string
	for _, r := range rows {
		if p := r.source(s); p != "" {
			parts = append(parts, p)
		}
	}
	if or {
		return strings.Join(parts, " || ")
	}
	return strings.Join(parts, " && ")
}

func (r Row) source(s *Sample) string {
	p := strings.TrimSpace(r.Field)
	if p == "" {
		return ""
	}
	v, known := s.at(p)
	_, list := v.([]any)
	value := literal(r.Value, v, known)
	text := literalText(r.Value)
	switch {
	case r.Test == Is:
		return p + " == " + value
	case r.Test == IsNot:
		return p + " != " + value
	case r.Test == Contains && list:
		return "any(" + p + ", # == " + literal(r.Value, first(v), len(v.([]any)) > 0) + ")"
	case r.Test == Contains:
		return p + " contains " + text
	case r.Test == Starts:
		return p + " startsWith " + text
	case r.Test == Ends:
		return p + " endsWith " + text
	case r.Test == More:
		return p + " > " + literal(r.Value, v, known)
	case r.Test == Less:
		return p + " < " + literal(r.Value, v, known)
	case r.Test == Exists:
		return p + " != nil"
	case r.Test == Empty && list:
		return "len(" + p + ") == 0"
	case r.Test == Empty:
		return "(" + p + ` == nil || ` + p + ` == "")`
	case strings.HasPrefix(r.Test, Has):
		member := strings.TrimPrefix(r.Test, Has)
		sample, known := s.member(v, member)
		return "any(" + p + ", ." + member + " == " + literal(r.Value, sample, known) + ")"
	}
	return ""
}

func first(v any) any {
	if l, ok := v.([]any); ok && len(l) > 0 {
		return l[0]
	}
	return nil
}

// member is what the first element with that member has under it.
func (s *Sample) member(list any, name string) (any, bool) {
	l, _ := list.([]any)
	for _, x := range l {
		if m, ok := x.(map[string]any); ok {
			if v, ok := m[name]; ok {
				return v, true
			}
		}
	}
	return nil, false
}

// at is the value of a path in the sample, or in another one that has it.
func (s *Sample) at(path string) (any, bool) {
	if s == nil {
		return nil, false
	}
	x, err := expr.Compile(path, expr.Env{Roots: roots()})
	if err != nil {
		return nil, false
	}
	for _, r := range append([]map[string]any{s.Roots}, s.More...) {
		if v, err := x.Eval(expr.Input{Roots: r, Zone: s.Zone}); err == nil && v != nil {
			return v, true
		}
	}
	return nil, false
}

// literal writes a typed value as the sample's value is: numbers are compared as numbers, texts as texts. Where
// nothing is known, what looks like a number, true, false or nil is one, and quotes make a text.
func literal(typed string, like any, known bool) string {
	t := strings.TrimSpace(typed)
	if s, err := strconv.Unquote(t); err == nil && strings.HasPrefix(t, `"`) {
		return quoteName(s)
	}
	if _, isText := like.(string); isText && known {
		return literalText(typed)
	}
	switch v := decoded(t).(type) {
	case bool:
		return t
	case int:
		return strconv.Itoa(v)
	case float64:
		return jsonOf(v)
	}
	if t == "nil" || t == "null" {
		return "nil"
	}
	return literalText(typed)
}

// decoded is a typed number, true or false; nil for anything else. Digits longer than a number can be are text.
func decoded(t string) any {
	if strings.ToLower(t) != t {
		return nil
	}
	v, err := engine.DecodeJSON([]byte(t))
	if err != nil || len(t) > 0 && t[0] == '"' {
		return nil
	}
	switch v := v.(type) {
	case bool, int, float64:
		return v
	}
	return nil
}

func literalText(typed string) string {
	t := strings.TrimSpace(typed)
	if s, err := strconv.Unquote(t); err == nil && strings.HasPrefix(t, `"`) {
		return quoteName(s)
	}
	return quoteName(t)
}
