package expr

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

func (c *checker) unary(n *ast.UnaryNode) (*engine.Schema, error) {
	s, err := c.check(n.Node)
	if err != nil {
		return nil, err
	}
	if n.Operator == "!" || n.Operator == "not" {
		return boolType, c.want(n.Node, s, "boolean")
	}
	return s, c.want(n.Node, s, "number")
}

func (c *checker) binary(n *ast.BinaryNode) (*engine.Schema, error) {
	l, err := c.check(n.Left)
	if err != nil {
		return nil, err
	}
	r, err := c.check(n.Right)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case "&&", "and", "||", "or":
		if err := c.want(n.Left, l, "boolean"); err != nil {
			return nil, err
		}
		return boolType, c.want(n.Right, r, "boolean")
	case "==", "!=", "in":
		return boolType, nil
	case "<", ">", "<=", ">=":
		if l != nil && r != nil && family(l) != family(r) || !ordered(l) || !ordered(r) {
			return nil, c.fail(n, "", "{left} and {right} have no order", "left", kindOfType(l), "right", kindOfType(r))
		}
		return boolType, nil
	case "contains":
		if l != nil && l.Type == "array" {
			return boolType, nil
		}
		fallthrough
	case "startsWith", "endsWith":
		if err := c.want(n.Left, l, "string"); err != nil {
			return nil, err
		}
		return boolType, c.want(n.Right, r, "string")
	case "matches":
		return boolType, c.matches(n, l, r)
	case "+":
		if l != nil && r != nil && family(l) != family(r) || l != nil && !ordered(l) || r != nil && !ordered(r) {
			return nil, c.fail(n, "Write string(…) to make text of a number", "{left} and {right} cannot be added",
				"left", kindOfType(l), "right", kindOfType(r))
		}
		if l != nil && l.Type == "string" || r != nil && r.Type == "string" {
			return textType, nil
		}
		if l == nil || r == nil {
			return nil, nil
		}
		return numberType, nil
	case "-", "*", "/", "%", "**", "^", "..":
		if err := c.want(n.Left, l, "number"); err != nil {
			return nil, err
		}
		if err := c.want(n.Right, r, "number"); err != nil {
			return nil, err
		}
		if n.Operator == ".." {
			return listType, nil
		}
		return numberType, nil
	case "??":
		if l != nil && r != nil && l.Type == r.Type {
			return l, nil
		}
		return nil, nil
	}
	return nil, c.fail(n, "", "the sign {sign} has no meaning here", "sign", n.Operator)
}

func (c *checker) matches(n *ast.BinaryNode, l, r *engine.Schema) error {
	if err := c.want(n.Left, l, "string"); err != nil {
		return err
	}
	if err := c.want(n.Right, r, "string"); err != nil {
		return err
	}
	if text, ok := n.Right.(*ast.StringNode); ok {
		p, msg, args := compilePattern(text.Value)
		if p == nil {
			return c.fail(n.Right, patternHint, msg, args...)
		}
		c.x.patterns[n] = p
	}
	return nil
}

func (c *checker) want(n ast.Node, s *engine.Schema, kind string) error {
	if fits(s, kind) {
		return nil
	}
	return c.fail(n, "", "{wanted} is needed here, this is {kind}", "wanted", kindOfType(&engine.Schema{Type: kind}), "kind", kindOfType(s))
}

// call checks a function's name, number of arguments and their kinds.
func (c *checker) call(n ast.Node, name string, args []ast.Node) (*engine.Schema, error) {
	f := library[name]
	if f == nil {
		if hint := absent[name]; hint != "" {
			return nil, c.fail(n, hint, "there is no function {name}", "name", name)
		}
		return nil, c.unknown(n, "there is no function {name}", name, sortedKeys(library))
	}
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return nil, c.fail(n, "Write {signature}", "{name} takes another number of arguments", "name", name, "signature", f.Signature)
	}
	var element *engine.Schema
	for i, a := range args {
		s, err := c.argument(f, a, element)
		if err != nil {
			return nil, err
		}
		if i == 0 && s != nil && s.Type == "array" {
			element = s.Items
		}
		if !fits(s, f.param(i)) {
			return nil, c.fail(a, "Write {signature}", "{name} needs {wanted} here, this is {kind}", "name", name,
				"wanted", kindOfType(&engine.Schema{Type: f.param(i)}), "kind", kindOfType(s), "signature", f.Signature)
		}
	}
	switch {
	case f.result != "":
		return &engine.Schema{Type: f.result}, nil
	case f.same:
		return c.schemas[args[0]], nil
	case f.element:
		return element, nil
	}
	return nil, nil
}

func (c *checker) argument(f *function, a ast.Node, element *engine.Schema) (*engine.Schema, error) {
	p, ok := a.(*ast.PredicateNode)
	if !ok {
		return c.check(a)
	}
	c.pointers = append(c.pointers, element)
	c.acc = append(c.acc, f.Name == "reduce")
	s, err := c.check(p.Node)
	c.pointers = c.pointers[:len(c.pointers)-1]
	c.acc = c.acc[:len(c.acc)-1]
	if err == nil && f.condition {
		err = c.want(p.Node, s, "boolean")
	}
	return nil, err
}

// fits reports whether a value of schema s may be of the kind; what is unknown may be anything.
func fits(s *engine.Schema, kind string) bool {
	return s == nil || s.Type == "" || kind == "" || family(s) == family(&engine.Schema{Type: kind})
}

func family(s *engine.Schema) string {
	if s.Type == "integer" {
		return "number"
	}
	return s.Type
}

func ordered(s *engine.Schema) bool { return fits(s, "number") || fits(s, "string") }

func kindOfType(s *engine.Schema) string {
	if s == nil {
		return "a value"
	}
	switch s.Type {
	case "string":
		return "text"
	case "integer", "number":
		return "a number"
	case "boolean":
		return "true or false"
	case "object":
		return "an object"
	case "array":
		return "a list"
	}
	return "a value"
}

func joinComma(names []string) string { return strings.Join(names, ", ") }
