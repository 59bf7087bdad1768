package describe

import (
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
)

// Condition says an expression in words: `action is "opened" and one of issue.labels has name "bug"`. What has no
// words of its own is shown as it is written.
func Condition(source string) engine.Text {
	tree, err := expr.Tree(source)
	if err != nil {
		return engine.Say(`"{source}" is true`, "source", brief(source, longSource))
	}
	return condition(tree)
}

func condition(n ast.Node) engine.Text {
	switch n := bare(n).(type) {
	case *ast.BoolNode:
		if n.Value {
			return engine.Say("always")
		}
		return engine.Say("never")
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			return negated(bare(n.Node))
		}
	case *ast.BinaryNode:
		return binary(n)
	case *ast.BuiltinNode:
		if t, ok := quantified(n); ok {
			return t
		}
	case *ast.MemberNode, *ast.IdentifierNode, *ast.PointerNode:
		return engine.Say("{field} is true", "field", spoken(n))
	}
	return engine.Say(`"{source}" is true`, "source", brief(n.String(), longSource))
}

func binary(n *ast.BinaryNode) engine.Text {
	switch n.Operator {
	case "&&", "and":
		return engine.Say("{one} and {two}", "one", inside(n.Left, "||", "or"), "two", inside(n.Right, "||", "or"))
	case "||", "or":
		if field, ok := emptiness(n); ok {
			return engine.Say("{field} is empty", "field", field)
		}
		return engine.Say("{one} or {two}", "one", inside(n.Left, "&&", "and"), "two", inside(n.Right, "&&", "and"))
	}
	left, right, op := n.Left, n.Right, n.Operator
	if turned, ok := mirrored[op]; ok && constant(left) && !constant(right) {
		left, right, op = right, left, turned
	}
	return compared(subject(left), left, op, right)
}

// mirrored is each comparison read from the other side.
var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}

// inside is a part of an and or or, between brackets when it is joined by the other word.
func inside(n ast.Node, words ...string) engine.Text {
	if b, ok := bare(n).(*ast.BinaryNode); ok {
		for _, w := range words {
			if _, empty := emptiness(b); b.Operator == w && !empty {
				return engine.Text{Msg: "({part})", Args: engine.Args("part", condition(b))}
			}
		}
	}
	return condition(n)
}

// compared says a comparison of what is called field.
func compared(field any, left ast.Node, op string, right ast.Node) engine.Text {
	if list, ok := length(left); ok && (op == ">" || op == "!=" || op == "==") && bare(right).String() == "0" {
		if op == "==" {
			return engine.Say("{field} is empty", "field", list)
		}
		return engine.Say("{field} is not empty", "field", list)
	}
	value := operand(right)
	read, orEmpty := insteadOfEmpty(left)
	if orEmpty && isEmpty(right) {
		switch op {
		case "==":
			return engine.Say("{field} is empty", "field", read)
		case "!=":
			return engine.Say("{field} is not empty", "field", read)
		}
	}
	switch op {
	case "==":
		switch {
		case isNil(right):
			return engine.Say("{field} is missing", "field", field)
		case truth(right) != "":
			return engine.Say(truth(right), "field", field)
		}
		return engine.Say("{field} is {value}", "field", field, "value", value)
	case "!=":
		if isNil(right) {
			return engine.Say("{field} exists", "field", field)
		}
		return engine.Say("{field} is not {value}", "field", field, "value", value)
	case ">":
		return engine.Say("{field} is more than {value}", "field", field, "value", value)
	case ">=":
		return engine.Say("{field} is at least {value}", "field", field, "value", value)
	case "<":
		return engine.Say("{field} is less than {value}", "field", field, "value", value)
	case "<=":
		return engine.Say("{field} is at most {value}", "field", field, "value", value)
	case "contains":
		return engine.Say("{field} contains {value}", "field", field, "value", value)
	case "startsWith":
		return engine.Say("{field} starts with {value}", "field", field, "value", value)
	case "endsWith":
		return engine.Say("{field} ends with {value}", "field", field, "value", value)
	case "matches":
		return engine.Say("{field} matches the pattern {value}", "field", field, "value", value)
	case "in":
		if list, ok := bare(right).(*ast.ArrayNode); ok && len(list.Nodes) > 0 {
			return engine.Say("{field} is one of {values}", "field", field, "values", operands(list.Nodes))
		}
		return engine.Say("{field} contains {value}", "field", subject(right), "value", operand(left))
	}
	return engine.Say(`"{source}" is true`, "source", brief(ofPair(left, op, right), longSource))
}

func ofPair(left ast.Node, op string, right ast.Node) string {
	return left.String() + " " + op + " " + right.String()
}

func negated(n ast.Node) engine.Text {
	switch x := n.(type) {
	case *ast.MemberNode, *ast.IdentifierNode:
		return engine.Say("{field} is not true", "field", spoken(n))
	case *ast.BinaryNode:
		field := subject(x.Left)
		switch x.Operator {
		case "contains":
			return engine.Say("{field} does not contain {value}", "field", field, "value", operand(x.Right))
		case "startsWith":
			return engine.Say("{field} does not start with {value}", "field", field, "value", operand(x.Right))
		case "endsWith":
			return engine.Say("{field} does not end with {value}", "field", field, "value", operand(x.Right))
		case "in":
			if list, ok := bare(x.Right).(*ast.ArrayNode); ok && len(list.Nodes) > 0 {
				return engine.Say("{field} is none of {values}", "field", field, "values", operands(list.Nodes))
			}
		}
		if _, ok := emptiness(x); ok {
			return engine.Say("{field} is not empty", "field", subjectOf(x))
		}
	}
	return engine.Say("it is not true that {part}", "part", condition(n))
}

// quantified says any, all, none and one of a list.
func quantified(n *ast.BuiltinNode) (engine.Text, bool) {
	if len(n.Arguments) != 2 {
		return engine.Text{}, false
	}
	p, ok := n.Arguments[1].(*ast.PredicateNode)
	if !ok {
		return engine.Text{}, false
	}
	list := spoken(n.Arguments[0])
	words, known := ofEach[n.Name]
	if !known {
		return engine.Text{}, false
	}
	if b, ok := bare(p.Node).(*ast.BinaryNode); ok && b.Operator == "==" {
		read, wanted := b.Left, b.Right
		if constant(read) {
			read, wanted = wanted, read
		}
		if member, ok := element(read); ok && !mentionsElement(wanted) && !isNil(wanted) {
			if member == "" {
				return engine.Say(words.is, "list", list, "value", operand(wanted)), true
			}
			return engine.Say(words.has, "list", list, "member", member, "value", operand(wanted)), true
		}
	}
	return engine.Say(words.holds, "list", list, "part", condition(p.Node)), true
}

// ofEach is how each of them is said: of an element itself, of a member of it, of anything else.
var ofEach = map[string]struct{ is, has, holds string }{
	"any":  {engine.Say("one of {list} is {value}").Msg, engine.Say("one of {list} has {member} {value}").Msg, engine.Say("for one of {list}: {part}").Msg},
	"all":  {engine.Say("each of {list} is {value}").Msg, engine.Say("each of {list} has {member} {value}").Msg, engine.Say("for each of {list}: {part}").Msg},
	"none": {engine.Say("none of {list} is {value}").Msg, engine.Say("none of {list} has {member} {value}").Msg, engine.Say("for none of {list}: {part}").Msg},
	"one":  {engine.Say("exactly one of {list} is {value}").Msg, engine.Say("exactly one of {list} has {member} {value}").Msg, engine.Say("for exactly one of {list}: {part}").Msg},
}

// emptiness is the field of `x == nil || x == ""`.
func emptiness(n *ast.BinaryNode) (string, bool) {
	a, ok1 := bare(n.Left).(*ast.BinaryNode)
	b, ok2 := bare(n.Right).(*ast.BinaryNode)
	if n.Operator != "||" && n.Operator != "or" || !ok1 || !ok2 || a.Operator != "==" || b.Operator != "==" {
		return "", false
	}
	if !isNil(a.Right) || !isEmpty(b.Right) || a.Left.String() != b.Left.String() {
		return "", false
	}
	return spoken(a.Left), true
}

func subjectOf(n *ast.BinaryNode) string { field, _ := emptiness(n); return field }

// insteadOfEmpty is the field of `x ?? ""`.
func insteadOfEmpty(n ast.Node) (string, bool) {
	b, ok := bare(n).(*ast.BinaryNode)
	if !ok || b.Operator != "??" || !isEmpty(b.Right) {
		return "", false
	}
	return spoken(b.Left), true
}

func isEmpty(n ast.Node) bool {
	s, ok := bare(n).(*ast.StringNode)
	return ok && s.Value == ""
}

// length is the list or text of len(x).
func length(n ast.Node) (string, bool) {
	b, ok := bare(n).(*ast.BuiltinNode)
	if !ok || b.Name != "len" || len(b.Arguments) != 1 {
		return "", false
	}
	return spoken(b.Arguments[0]), true
}

func truth(n ast.Node) string {
	b, ok := bare(n).(*ast.BoolNode)
	switch {
	case !ok:
		return ""
	case b.Value:
		return engine.Say("{field} is true").Msg
	}
	return engine.Say("{field} is false").Msg
}

// subject is what a comparison is about.
func subject(n ast.Node) any {
	if field, ok := insteadOfEmpty(n); ok {
		return field
	}
	if list, ok := length(n); ok {
		return engine.Say("the length of {field}", "field", list)
	}
	return spoken(n)
}

// operand is a value or what stands for one.
func operand(n ast.Node) any {
	if isNil(n) {
		return engine.Say("nothing")
	}
	if constant(n) {
		return literal(bare(n))
	}
	return subject(n)
}

func operands(list []ast.Node) string {
	parts := make([]string, len(list))
	for i, n := range list {
		switch v := operand(n).(type) {
		case string:
			parts[i] = v
		case engine.Text:
			parts[i] = v.String()
		}
	}
	return strings.Join(parts, ", ")
}
