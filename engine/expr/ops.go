package expr

import (
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/ast"
)

func (m *machine) unary(n *ast.UnaryNode) (any, error) {
	v, err := m.eval(n.Node)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "!", "not":
		yes, err := m.truth(n.Node, v)
		return !yes, err
	case "+":
		if isNumber(v) {
			return v, nil
		}
	case "-":
		switch x := v.(type) {
		case int:
			if x == minInt {
				return nil, m.overflow(n)
			}
			return -x, nil
		case float64:
			return -x, nil
		}
	}
	return nil, m.notNumber(n, v)
}

func (m *machine) binary(n *ast.BinaryNode) (any, error) {
	l, err := m.eval(n.Left)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "&&", "and", "||", "or":
		return m.logic(n, l)
	case "??":
		if l != nil {
			return l, nil
		}
		return m.eval(n.Right)
	}
	r, err := m.eval(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "==":
		return m.equal(n, l, r)
	case "!=":
		same, err := m.equal(n, l, r)
		return !same, err
	case "<", ">", "<=", ">=":
		return m.ordered(n, l, r)
	case "in":
		return m.within(n, l, r)
	case "contains", "startsWith", "endsWith", "matches":
		return m.text(n, l, r)
	case "..":
		return m.span(n, l, r)
	}
	return m.arithmetic(n, l, r)
}

func (m *machine) logic(n *ast.BinaryNode, left any) (any, error) {
	yes, err := m.truth(n.Left, left)
	if err != nil {
		return nil, err
	}
	if yes == (n.Operator == "||" || n.Operator == "or") {
		return yes, nil
	}
	right, err := m.eval(n.Right)
	if err != nil {
		return nil, err
	}
	return m.truth(n.Right, right)
}

func (m *machine) ordered(n *ast.BinaryNode, l, r any) (any, error) {
	if l == nil || r == nil {
		return false, nil
	}
	order, ok := 0, false
	if a, isText := l.(string); isText {
		if b, isText := r.(string); isText {
			order, ok = strings.Compare(a, b), true
			if err := m.read(n, min(len(a), len(b))); err != nil {
				return nil, err
			}
		}
	} else if isNumber(l) && isNumber(r) {
		order, ok = compareNumbers(l, r), true
	}
	if !ok {
		return nil, m.fail(n, "Write int(…), float(…) or string(…) to make them alike", "{left} and {right} have no order",
			"left", kindOf(l), "right", kindOf(r))
	}
	switch n.Operator {
	case "<":
		return order < 0, nil
	case ">":
		return order > 0, nil
	case "<=":
		return order <= 0, nil
	}
	return order >= 0, nil
}

// within is `value in list` and `name in object`; nothing is in nil.
func (m *machine) within(n ast.Node, item, in any) (any, error) {
	switch c := in.(type) {
	case nil:
		return false, nil
	case []any:
		for _, e := range c {
			if err := m.step(n, 1); err != nil {
				return nil, err
			}
			if same, err := m.equal(n, item, plain(e)); err != nil || same {
				return same, err
			}
		}
		return false, nil
	case map[string]any:
		name, ok := item.(string)
		_, there := c[name]
		return ok && there, nil
	}
	return nil, m.fail(n, "Write contains to look into text", "a list or an object is needed after in, this is {kind}", "kind", kindOf(in))
}

func (m *machine) text(n *ast.BinaryNode, l, r any) (any, error) {
	if l == nil || r == nil {
		return false, nil
	}
	if list, ok := l.([]any); ok && n.Operator == "contains" {
		return m.within(n, r, list)
	}
	a, isText := l.(string)
	b, isTextToo := r.(string)
	if !isText || !isTextToo {
		other := l
		if isText {
			other = r
		}
		return nil, m.fail(n, "Write string(…) to make text of a number", "text is needed beside {word}, this is {kind}", "word", n.Operator, "kind", kindOf(other))
	}
	if err := m.read(n, len(a)+len(b)); err != nil {
		return nil, err
	}
	switch n.Operator {
	case "contains":
		return strings.Contains(a, b), nil
	case "startsWith":
		return strings.HasPrefix(a, b), nil
	case "endsWith":
		return strings.HasSuffix(a, b), nil
	}
	p := m.x.patterns[n]
	if p == nil {
		if err := m.spend(n, 2000); err != nil {
			return nil, err
		}
		var msg string
		var args []any
		if p, msg, args = compilePattern(b); p == nil {
			return nil, m.fail(n.Right, patternHint, msg, args...)
		}
	}
	// Each character may visit each instruction of the pattern's program: far dearer than a plain look.
	if err := m.spend(n, (len(a)+1)*(p.size/8+1)); err != nil {
		return nil, err
	}
	return p.re.MatchString(a), nil
}

const (
	maxPattern  = 500  // bytes
	maxProgram  = 2000 // instructions: counted repetitions make long programs of short patterns
	patternHint = "Patterns are RE2: no look-around, no back-references"
)

// compilePattern gives a pattern, or the message for why it is none.
func compilePattern(src string) (*pattern, string, []any) {
	if len(src) > maxPattern {
		return nil, "this pattern is too long: {size} bytes, {limit} are allowed", []any{"size", len(src), "limit", maxPattern}
	}
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return nil, "this is no pattern: {detail}", []any{"detail", cut(strings.TrimPrefix(err.Error(), "error parsing regexp: "), 100)}
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > maxProgram {
		return nil, "this pattern is too large", nil
	}
	re, err := regexp.Compile(src)
	if err != nil {
		return nil, "this is no pattern", nil
	}
	return &pattern{re, len(prog.Inst)}, "", nil
}

// span is from..to, both included.
func (m *machine) span(n ast.Node, l, r any) (any, error) {
	from, ok := l.(int)
	to, ok2 := r.(int)
	if !ok || !ok2 {
		return nil, m.fail(n, "", "whole numbers are needed beside ..")
	}
	if from > to {
		return []any{}, nil
	}
	size := to - from + 1
	if size <= 0 || size > maxSteps {
		return nil, m.fail(n, "", "this list would be too long")
	}
	if err := m.step(n, size); err != nil {
		return nil, err
	}
	if err := m.grow(n, 16*size); err != nil {
		return nil, err
	}
	out := make([]any, size)
	for i := range out {
		out[i] = from + i
	}
	return out, nil
}
