package describe

import (
	"strings"
	"unicode"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

const (
	longSource = 200
	longValue  = 60
)

// spoken is how people name what an expression reads: a path without event.body, which is nearly always meant, or
// the expression as it is written.
func spoken(n ast.Node) string {
	n = bare(n)
	if member, ok := element(n); ok {
		if member == "" {
			return "#"
		}
		return member
	}
	path, ok := written(n)
	if !ok {
		return brief(n.String(), longSource)
	}
	if path[0] == "event" && len(path) > 1 {
		path = path[1:]
		if path[0] == "body" && len(path) > 1 {
			path = path[1:]
		}
	}
	return brief(strings.Join(path, "."), longSource)
}

// written is a chain of members written out.
func written(n ast.Node) ([]string, bool) {
	switch x := bare(n).(type) {
	case *ast.IdentifierNode:
		return []string{x.Value}, true
	case *ast.MemberNode:
		path, ok := written(x.Node)
		if !ok {
			return nil, false
		}
		switch p := bare(x.Property).(type) {
		case *ast.StringNode:
			return append(path, p.Value), true
		case *ast.IntegerNode:
			path[len(path)-1] += "[" + p.String() + "]"
			return path, true
		}
	}
	return nil, false
}

// element is the path of .a.b within a predicate; "" is the element itself.
func element(n ast.Node) (string, bool) {
	switch x := bare(n).(type) {
	case *ast.PointerNode:
		return "", x.Name == ""
	case *ast.MemberNode:
		path, ok := element(x.Node)
		name, isText := bare(x.Property).(*ast.StringNode)
		if !ok || !isText {
			return "", false
		}
		if path != "" {
			path += "."
		}
		return path + name.Value, true
	}
	return "", false
}

func mentionsElement(n ast.Node) bool {
	found := false
	expr.Visit(n, func(n ast.Node) {
		if _, ok := n.(*ast.PointerNode); ok {
			found = true
		}
	})
	return found
}

// bare is n without the wrappers of optional chains.
func bare(n ast.Node) ast.Node {
	for {
		c, ok := n.(*ast.ChainNode)
		if !ok {
			return n
		}
		n = c.Node
	}
}

func isNil(n ast.Node) bool { _, ok := bare(n).(*ast.NilNode); return ok }

func constant(n ast.Node) bool {
	switch x := bare(n).(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return true
	case *ast.UnaryNode:
		return x.Operator == "-" && constant(x.Node)
	}
	return false
}

// literal is a constant as JSON, shortened.
func literal(n ast.Node) string {
	s, ok := n.(*ast.StringNode)
	if !ok {
		return brief(n.String(), longValue)
	}
	return quoted(s.Value, longValue)
}

// quoted is a text between quotes, on one line and at most n characters long.
func quoted(s string, n int) string {
	b, err := engine.EncodeJSON(brief(s, n))
	if err != nil {
		return `"…"`
	}
	return string(b)
}

// brief is a text on one line of at most n characters.
func brief(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
