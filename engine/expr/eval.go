package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

// eval is the value of a node. Each visit costs one unit of work, so that no shape of tree escapes the bounds.
func (m *machine) eval(n ast.Node) (any, error) {
	if err := m.spend(n, 1); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *ast.NilNode:
		return nil, nil
	case *ast.BoolNode:
		return n.Value, nil
	case *ast.IntegerNode:
		return n.Value, nil
	case *ast.FloatNode:
		return n.Value, nil
	case *ast.StringNode:
		return n.Value, nil
	case *ast.IdentifierNode:
		return m.name(n.Value), nil
	case *ast.PointerNode:
		return m.pointer(n), nil
	case *ast.ChainNode:
		return m.eval(n.Node)
	case *ast.MemberNode:
		return m.member(n)
	case *ast.SliceNode:
		return m.slice(n)
	case *ast.UnaryNode:
		return m.unary(n)
	case *ast.BinaryNode:
		return m.binary(n)
	case *ast.ConditionalNode:
		return m.conditional(n)
	case *ast.VariableDeclaratorNode:
		v, err := m.eval(n.Value)
		if err != nil {
			return nil, err
		}
		m.vars = append(m.vars, binding{n.Name, v})
		v, err = m.eval(n.Expr)
		m.vars = m.vars[:len(m.vars)-1]
		return v, err
	case *ast.SequenceNode:
		var last any
		for _, e := range n.Nodes {
			v, err := m.eval(e)
			if err != nil {
				return nil, err
			}
			last = v
		}
		return last, nil
	case *ast.ArrayNode:
		return m.array(n)
	case *ast.MapNode:
		return m.mapping(n)
	case *ast.BuiltinNode:
		return m.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			return m.call(n, id.Value, n.Arguments)
		}
	}
	return nil, m.fail(n, "", "this cannot be used here")
}

func (m *machine) name(name string) any {
	for i := len(m.vars) - 1; i >= 0; i-- {
		if m.vars[i].name == name {
			return m.vars[i].value
		}
	}
	return plain(m.in.Roots[name])
}

func (m *machine) pointer(n *ast.PointerNode) any {
	if len(m.pointers) == 0 {
		return nil
	}
	p := m.pointers[len(m.pointers)-1]
	switch n.Name {
	case "index":
		return p.index
	case "acc":
		return p.acc
	}
	return p.item
}

// member is a.b, a["b"] and a[0]. What is not there is nil, and so is every member of nil, of text, of a number.
func (m *machine) member(n *ast.MemberNode) (any, error) {
	base, err := m.eval(n.Node)
	if err != nil {
		return nil, err
	}
	if s, ok := n.Property.(*ast.StringNode); ok {
		if o, ok := base.(map[string]any); ok {
			return plain(o[s.Value]), nil
		}
		return nil, nil
	}
	key, err := m.eval(n.Property)
	if err != nil {
		return nil, err
	}
	switch b := base.(type) {
	case map[string]any:
		switch k := key.(type) {
		case nil:
			return nil, nil
		case string:
			return plain(b[k]), nil
		}
		return nil, m.fail(n.Property, "", "an object's members have names; this is {kind}", "kind", kindOf(key))
	case []any:
		switch k := key.(type) {
		case nil, string:
			return nil, nil
		case int:
			if k < 0 {
				k += len(b)
			}
			if k < 0 || k >= len(b) {
				return nil, nil
			}
			return plain(b[k]), nil
		}
		return nil, m.fail(n.Property, "", "a list's members are counted from 0; this is {kind}", "kind", kindOf(key))
	}
	return nil, nil
}

func (m *machine) slice(n *ast.SliceNode) (any, error) {
	base, err := m.eval(n.Node)
	if err != nil {
		return nil, err
	}
	var ends [2]any
	for i, e := range []ast.Node{n.From, n.To} {
		if e == nil {
			continue
		}
		if ends[i], err = m.eval(e); err != nil {
			return nil, err
		}
	}
	return m.cutOut(n, base, ends[0], ends[1])
}

// cutOut is the part of a text or list from (included) to to (excluded), counted from 0, from the end when
// negative; beyond the ends there is nothing. Of nil it is nil.
func (m *machine) cutOut(n ast.Node, base, from, to any) (any, error) {
	size := 0
	text, _ := base.(string)
	list, isList := base.([]any)
	switch b := base.(type) {
	case nil:
		return nil, nil
	case string:
		if err := m.read(n, len(b)); err != nil {
			return nil, err
		}
		size = utf8.RuneCountInString(b)
	case []any:
		size = len(b)
	default:
		return nil, m.fail(n, "", "{kind} cannot be cut", "kind", kindOf(base))
	}
	start, end := 0, size
	for _, e := range []struct {
		v    any
		into *int
	}{{from, &start}, {to, &end}} {
		if e.v == nil {
			continue
		}
		i, ok := e.v.(int)
		if !ok {
			return nil, m.fail(n, "", "a whole number is needed here, this is {kind}", "kind", kindOf(e.v))
		}
		if i < 0 {
			i += size
		}
		*e.into = min(max(i, 0), size)
	}
	end = max(start, end)
	if isList {
		return list[start:end:end], nil
	}
	text = text[runeOffset(text, start):]
	text = strings.ToValidUTF8(text[:runeOffset(text, end-start)], "\uFFFD")
	return text, m.grow(n, len(text))
}

func (m *machine) conditional(n *ast.ConditionalNode) (any, error) {
	v, err := m.eval(n.Cond)
	if err != nil {
		return nil, err
	}
	if n.Exp1 == n.Cond { // a ?: b takes a unless it is nil, false or empty
		if empty(v) {
			return m.eval(n.Exp2)
		}
		return v, nil
	}
	yes, err := m.truth(n.Cond, v)
	if err != nil {
		return nil, err
	}
	if yes {
		return m.eval(n.Exp1)
	}
	return m.eval(n.Exp2)
}

// truth is the value where true or false is needed; nil is false.
func (m *machine) truth(n ast.Node, v any) (bool, error) {
	switch b := v.(type) {
	case nil:
		return false, nil
	case bool:
		return b, nil
	}
	return false, m.fail(n, `Compare it with something, as in x != ""`, "true or false is needed here, this is {kind}", "kind", kindOf(v))
}

func (m *machine) array(n *ast.ArrayNode) (any, error) {
	if err := m.grow(n, 16*len(n.Nodes)); err != nil {
		return nil, err
	}
	out := make([]any, len(n.Nodes))
	for i, e := range n.Nodes {
		v, err := m.eval(e)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (m *machine) mapping(n *ast.MapNode) (any, error) {
	if err := m.grow(n, 48*len(n.Pairs)); err != nil {
		return nil, err
	}
	out := make(map[string]any, len(n.Pairs))
	for _, e := range n.Pairs {
		p := e.(*ast.PairNode)
		k, err := m.eval(p.Key)
		if err != nil {
			return nil, err
		}
		name, ok := k.(string)
		if !ok {
			return nil, m.fail(p.Key, "Write string(…) to make text of a number", "a member's name must be text, this is {kind}", "kind", kindOf(k))
		}
		v, err := m.eval(p.Value)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}
