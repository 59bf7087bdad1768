package expr

import (
	"errors"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

const (
	shownValue  = 80  // characters of a value in an explanation
	shownSource = 200 // characters of the condition's own text
)

// Why explains why a condition is false on in: the first part of an && chain that does not hold, with its value:
// `action is "labeled", wanted "opened"`. It is "" when the condition holds, and the error's text when it cannot
// be worked out.
func (x *Expr) Why(in Input) (why string) {
	var err error
	defer func() {
		if err != nil {
			why = reason(err)
		}
	}()
	defer recovered(&why, &err)
	for _, part := range x.conjuncts() {
		m := newMachine(x, in)
		v, failed := m.eval(part.node)
		if failed != nil {
			return part.text + ": " + reason(failed)
		}
		if v == true {
			continue
		}
		if v != false && v != nil {
			return part.text + " is " + shown(v) + ", not true or false"
		}
		return x.explain(part, in, v)
	}
	return ""
}

func reason(err error) string {
	var e *engine.Error
	if errors.As(err, &e) {
		return engine.Fill(e.Msg, e.Args)
	}
	return err.Error()
}

// conjunct is one part of an && chain with its own text.
type conjunct struct {
	node ast.Node
	text string
}

// conjuncts are the parts of the && chain that the expression is, in the order written.
func (x *Expr) conjuncts() []conjunct {
	runes := []rune(x.src)
	var parts []conjunct
	start := 0
	var walk func(n ast.Node)
	walk = func(n ast.Node) {
		b, ok := n.(*ast.BinaryNode)
		if ok && (b.Operator == "&&" || b.Operator == "and") {
			at := b.Location()
			// The library makes a < b < c an && too, placed at the second <.
			if at.To <= len(runes) && string(runes[at.From:at.To]) == b.Operator {
				walk(b.Left)
				parts[len(parts)-1].text = written(runes[start:at.From])
				start = at.To
				walk(b.Right)
				return
			}
		}
		parts = append(parts, conjunct{node: n})
	}
	walk(x.node)
	parts[len(parts)-1].text = written(runes[start:])
	return parts
}

// written is a piece of source on one line, without brackets whose other half lies outside it.
func written(piece []rune) string {
	s := strings.Join(strings.Fields(string(piece)), " ")
	for {
		open := unclosed(s)
		switch {
		case open > 0 && strings.HasPrefix(s, "("):
			s = strings.TrimSpace(s[1:])
		case open < 0 && strings.HasSuffix(s, ")"):
			s = strings.TrimSpace(s[:len(s)-1])
		default:
			return cut(s, shownSource)
		}
	}
}

// unclosed is how many more round brackets open than close, outside strings.
func unclosed(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"', '\'', '`':
			if j := endOfString(s, i); j > 0 {
				i = j
			}
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	return depth
}

func (x *Expr) explain(part conjunct, in Input, v any) string {
	switch n := unchained(part.node).(type) {
	case *ast.BinaryNode:
		if n.Operator != "==" {
			break
		}
		read, wanted := n.Left, n.Right
		if isConstant(read) {
			read, wanted = wanted, read
		}
		name := x.spoken(read)
		if name == "" || !isConstant(wanted) {
			break
		}
		got, err := newMachine(x, in).eval(read)
		want, err2 := newMachine(x, in).eval(wanted)
		if err != nil || err2 != nil {
			break
		}
		return name + " is " + shown(got) + ", wanted " + shown(want)
	case *ast.BuiltinNode:
		if s := x.noneHas(n, in); s != "" {
			return s
		}
	case *ast.MemberNode, *ast.IdentifierNode:
		if name := x.spoken(n); name != "" {
			return name + " is " + shown(v)
		}
	}
	return part.text + " is false"
}

// noneHas says any(list, .name == "bug") in words.
func (x *Expr) noneHas(n *ast.BuiltinNode, in Input) string {
	if n.Name != "any" || len(n.Arguments) != 2 {
		return ""
	}
	list := x.spoken(n.Arguments[0])
	p, ok := n.Arguments[1].(*ast.PredicateNode)
	if list == "" || !ok {
		return ""
	}
	b, ok := unchained(p.Node).(*ast.BinaryNode)
	if !ok || b.Operator != "==" {
		return ""
	}
	read, wanted := b.Left, b.Right
	if isConstant(read) {
		read, wanted = wanted, read
	}
	member, ok := memberOfElement(read)
	if !ok || !isConstant(wanted) {
		return ""
	}
	want, err := newMachine(x, in).eval(wanted)
	if err != nil {
		return ""
	}
	if member == "" {
		return "no one of " + list + " is " + shown(want)
	}
	return "no one of " + list + " has " + member + " " + shown(want)
}

// spoken is how people name a member path: without event.body, which is nearly always meant.
func (x *Expr) spoken(n ast.Node) string {
	id, path := writtenPath(n)
	if id == nil {
		return ""
	}
	path = append([]string{id.Value}, path...)
	if path[0] == "event" && len(path) > 1 {
		path = path[1:]
		if path[0] == "body" && len(path) > 1 {
			path = path[1:]
		}
	}
	return cut(strings.Join(path, "."), shownValue)
}

// memberOfElement is the path of .a.b in a predicate; "" is the element itself.
func memberOfElement(n ast.Node) (string, bool) {
	var names []string
	for {
		switch x := n.(type) {
		case *ast.ChainNode:
			n = x.Node
		case *ast.MemberNode:
			name, ok := x.Property.(*ast.StringNode)
			if !ok {
				return "", false
			}
			names = append([]string{name.Value}, names...)
			n = x.Node
		case *ast.PointerNode:
			return cut(strings.Join(names, "."), shownValue), x.Name == ""
		default:
			return "", false
		}
	}
}

func unchained(n ast.Node) ast.Node {
	for {
		c, ok := n.(*ast.ChainNode)
		if !ok {
			return n
		}
		n = c.Node
	}
}

func isConstant(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.NilNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.StringNode:
		return true
	case *ast.UnaryNode:
		return x.Operator == "-" && isConstant(x.Node)
	}
	return false
}

// shown is a value as JSON, shortened; nil is "missing".
func shown(v any) string {
	if v == nil {
		return "missing"
	}
	switch v.(type) {
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	}
	b, err := engine.EncodeJSON(v)
	if err != nil {
		return "something that is not data"
	}
	return cut(string(b), shownValue)
}
