package fields

import (
	"regexp"
	"strconv"
	"strings"
)

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
