package fields

import (
	"regexp"
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

const (
	pathText    = `[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*|\[[0-9]+\]|\["(?:[^"\\]|\\.)*"\])*`
	literalForm = `"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|nil`
)

var forms = []struct {
	test string
	re   *regexp.Regexp
}{
	{Exists, regexp.MustCompile(`^(` + pathText + `) != nil$`)},
	{Is, regexp.MustCompile(`^(` + pathText + `) == (` + literalForm + `)$`)},
	{IsNot, regexp.MustCompile(`^(` + pathText + `) != (` + literalForm + `)$`)},
	{Contains, regexp.MustCompile(`^(` + pathText + `) contains (` + literalForm + `)$`)},
	{Starts, regexp.MustCompile(`^(` + pathText + `) startsWith (` + literalForm + `)$`)},
	{Ends, regexp.MustCompile(`^(` + pathText + `) endsWith (` + literalForm + `)$`)},
	{More, regexp.MustCompile(`^(` + pathText + `) > (` + literalForm + `)$`)},
	{Less, regexp.MustCompile(`^(` + pathText + `) < (` + literalForm + `)$`)},
	{Empty, regexp.MustCompile(`^len\((` + pathText + `)\) == 0$`)},
	{Contains, regexp.MustCompile(`^any\((` + pathText + `), # == (` + literalForm + `)\)$`)},
	{Has, regexp.MustCompile(`^any\((` + pathText + `), \.([A-Za-z_][A-Za-z0-9_]*) == (` + literalForm + `)\)$`)},
	{Empty, regexp.MustCompile(`^\((` + pathText + `) == nil \|\| (` + pathText + `) == ""\)$`)},
}

// Rows reads the source of a condition back into rows; or says how they are joined. ok is false when it is more than
// rows can say: it is then written by hand. What rows cannot give back exactly is not taken for rows.
func Rows(source string, s *Sample) (rows []Row, or, ok bool) {
	source = normal(source)
	if source == "" {
		return nil, false, true
	}
	parts, op := pieces(source)
	if op == "mixed" || len(parts) > maxRows {
		return nil, false, false
	}
	or = op == "||"
	for _, p := range parts {
		r, ok := row(p)
		if !ok {
			return nil, false, false
		}
		rows = append(rows, r)
	}
	return rows, or, Expression(rows, or, s) == source
}

func row(part string) (Row, bool) {
	for _, f := range forms {
		m := f.re.FindStringSubmatch(part)
		if m == nil {
			continue
		}
		switch {
		case f.test == Has:
			return Row{m[1], Has + m[2], typedForm(m[3])}, true
		case f.test == Empty && len(m) > 2 && m[1] != m[2]:
			return Row{}, false
		case !needsValue(f.test):
			return Row{Field: m[1], Test: f.test}, true
		}
		return Row{m[1], f.test, typedForm(m[2])}, true
	}
	return Row{}, false
}

// typedForm is a literal as people type it: text without quotes, unless it would be taken for something else.
func typedForm(lit string) string {
	s, err := strconv.Unquote(lit)
	if err != nil {
		return lit
	}
	if decoded(strings.TrimSpace(s)) != nil || s == "nil" || s == "null" || s == "" || s != strings.TrimSpace(s) || s[0] == '"' || strings.ContainsAny(s, "\n\r") {
		return lit
	}
	return s
}

// normal is a condition with one space between words, double quotes, && and ||; only ever compared and matched.
func normal(source string) string {
	var b strings.Builder
	space := false
	for i := 0; i < len(source); {
		c := source[i]
		switch {
		case c == '"' || c == '\'':
			j := i + 1
			for j < len(source) && source[j] != c {
				if source[j] == '\\' {
					j++
				}
				j++
			}
			if j >= len(source) {
				return source
			}
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			lit := source[i : j+1]
			if inner := lit[1 : len(lit)-1]; c == '\'' && !strings.ContainsAny(inner, `"\`) {
				lit = `"` + inner + `"`
			}
			b.WriteString(lit)
			i = j + 1
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			space = true
			i++
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteByte(c)
			i++
		}
	}
	s := b.String()
	parts, ops := cut(s)
	for i := range ops {
		switch ops[i] {
		case " and ":
			ops[i] = " && "
		case " or ":
			ops[i] = " || "
		}
	}
	out := parts[0]
	for i, op := range ops {
		out += op + parts[i+1]
	}
	return out
}

// pieces cuts a condition at its && or ||; op is "mixed" when it has both.
func pieces(s string) (parts []string, op string) {
	parts, ops := cut(s)
	for _, o := range ops {
		o = strings.TrimSpace(o)
		if op != "" && op != o {
			return nil, "mixed"
		}
		op = o
	}
	return parts, op
}

// cut cuts at the operators that stand outside brackets and strings.
func cut(s string) (parts, ops []string) {
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'', '`':
			for j := i + 1; j < len(s); j++ {
				if s[j] == '\\' && s[i] != '`' {
					j++
				} else if s[j] == s[i] {
					i = j
					break
				}
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		case ' ':
			for _, op := range []string{" && ", " || ", " and ", " or "} {
				if depth == 0 && strings.HasPrefix(s[i:], op) {
					parts, ops = append(parts, s[start:i]), append(ops, op)
					start = i + len(op)
					i = start - 1
					break
				}
			}
		}
	}
	return append(parts, s[start:]), ops
}
