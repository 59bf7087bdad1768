package expr

import (
	"sort"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

// checker finds unknown names, members, functions and kinds that cannot fit, and collects what is read. A nil
// schema is a value nothing is known about.
type checker struct {
	x        *Expr
	env      Env
	vars     []typed           // let, innermost last
	pointers []*engine.Schema  // what # is, innermost last
	acc      []bool            // whether #acc exists there
	reads    map[int]Ref       // by offset, so that a chain that is visited twice counts once
	seen     map[ast.Node]bool // shared nodes (a < b < c) are checked once: nested ones would take exponential time
	schemas  map[ast.Node]*engine.Schema
}

type typed struct {
	name string
	*engine.Schema
}

var (
	textType   = &engine.Schema{Type: "string"}
	intType    = &engine.Schema{Type: "integer"}
	numberType = &engine.Schema{Type: "number"}
	boolType   = &engine.Schema{Type: "boolean"}
	listType   = &engine.Schema{Type: "array"}
)

func newChecker(x *Expr, env Env) *checker {
	return &checker{x: x, env: env, reads: map[int]Ref{}, seen: map[ast.Node]bool{}, schemas: map[ast.Node]*engine.Schema{}}
}

func (c *checker) fail(n ast.Node, hint, msg string, args ...any) error {
	return failAt(c.x.src, n.Location().From, hint, msg, args...)
}

// check gives what is known about n's value.
func (c *checker) check(n ast.Node) (*engine.Schema, error) {
	if c.seen[n] {
		return c.schemas[n], nil
	}
	s, err := c.node(n)
	if err != nil {
		return nil, err
	}
	if !s.Typed() {
		s = nil
	}
	c.seen[n], c.schemas[n] = true, s
	return s, nil
}

func (c *checker) node(n ast.Node) (*engine.Schema, error) {
	switch n := n.(type) {
	case *ast.NilNode:
		return nil, nil
	case *ast.BoolNode:
		return boolType, nil
	case *ast.IntegerNode:
		return intType, nil
	case *ast.FloatNode:
		return numberType, nil
	case *ast.StringNode:
		return textType, nil
	case *ast.IdentifierNode:
		return c.name(n)
	case *ast.PointerNode:
		return c.pointer(n)
	case *ast.ChainNode:
		return c.check(n.Node)
	case *ast.MemberNode:
		return c.member(n)
	case *ast.SliceNode:
		return c.slice(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n)
	case *ast.ConditionalNode:
		return c.conditional(n)
	case *ast.VariableDeclaratorNode:
		return c.let(n)
	case *ast.SequenceNode:
		var last *engine.Schema
		for _, e := range n.Nodes {
			s, err := c.check(e)
			if err != nil {
				return nil, err
			}
			last = s
		}
		return last, nil
	case *ast.ArrayNode:
		return listType, c.all(n.Nodes)
	case *ast.MapNode:
		return c.mapping(n)
	case *ast.BuiltinNode:
		return c.call(n, n.Name, n.Arguments)
	case *ast.CallNode:
		if id, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(n, id.Value, n.Arguments)
		}
		return nil, c.fail(n, "Write the function before its value, as in lower(event.body.name)", "values have no functions of their own")
	case *ast.BytesNode:
		return nil, c.fail(n, "Write text without the b before its quote", "there are no bytes here, only text")
	}
	return nil, c.fail(n, "", "this cannot be used here")
}

func (c *checker) all(nodes []ast.Node) error {
	for _, n := range nodes {
		if _, err := c.check(n); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) name(n *ast.IdentifierNode) (*engine.Schema, error) {
	for i := len(c.vars) - 1; i >= 0; i-- {
		if c.vars[i].name == n.Value {
			return c.vars[i].Schema, nil
		}
	}
	if s, ok := c.env.Roots[n.Value]; ok {
		c.read(n.Location().From, n.Value, nil)
		return s, nil
	}
	if f := library[n.Value]; f != nil {
		return nil, c.fail(n, "Write {signature}", "{name} is a function", "name", n.Value, "signature", f.Signature)
	}
	names := sortedKeys(c.env.Roots)
	for _, v := range c.vars {
		names = append(names, v.name)
	}
	return nil, c.unknown(n, "nothing is called {name} here", n.Value, names)
}

// unknown is an error about a word that is not among names, with the likeliest one as a hint.
func (c *checker) unknown(n ast.Node, msg, word string, names []string) error {
	if s := engine.Suggest(word, names); s != "" {
		return c.fail(n, "Did you mean {suggestion}?", msg, "name", word, "suggestion", s)
	}
	if len(names) == 0 || len(names) > 20 {
		return c.fail(n, "", msg, "name", word)
	}
	return c.fail(n, "There are: {names}", msg, "name", word, "names", joinComma(names))
}

func (c *checker) pointer(n *ast.PointerNode) (*engine.Schema, error) {
	switch n.Name {
	case "":
		if len(c.pointers) > 0 {
			return c.pointers[len(c.pointers)-1], nil
		}
	case "index":
		if len(c.pointers) > 0 {
			return intType, nil
		}
	case "acc":
		if len(c.acc) > 0 && c.acc[len(c.acc)-1] {
			return nil, nil
		}
		return nil, c.fail(n, "", "#acc exists only in reduce")
	default:
		return nil, c.unknown(n, "nothing is called #{name} here", n.Name, []string{"acc", "index"})
	}
	return nil, c.fail(n, "", "# exists only in the condition of a list function")
}

func (c *checker) member(n *ast.MemberNode) (*engine.Schema, error) {
	base, err := c.check(n.Node)
	if err != nil {
		return nil, err
	}
	key, err := c.check(n.Property)
	if err != nil {
		return nil, err
	}
	name, constant := n.Property.(*ast.StringNode)
	if constant {
		c.extend(n)
	}
	switch {
	case base == nil:
		return nil, nil
	case base.Type == "array" && !constant:
		if key != nil && key.Type != "integer" && key.Type != "number" {
			return nil, c.fail(n.Property, "", "a list's members are counted from 0; this is {kind}", "kind", kindOfType(key))
		}
		return base.Items, nil
	case base.Type != "object":
		return nil, c.fail(n.Property, "", "{kind} has no members", "kind", kindOfType(base))
	case !constant:
		return nil, nil
	}
	if f := base.Field(name.Value); f != nil {
		return f, nil
	}
	if base.Open {
		return nil, nil
	}
	names := make([]string, len(base.Fields))
	for i, f := range base.Fields {
		names[i] = f.Name
	}
	return nil, c.unknown(n.Property, "there is no {name} here", name.Value, names)
}

func (c *checker) slice(n *ast.SliceNode) (*engine.Schema, error) {
	base, err := c.check(n.Node)
	if err != nil {
		return nil, err
	}
	if base != nil && base.Type != "array" && base.Type != "string" {
		return nil, c.fail(n, "", "{kind} cannot be cut", "kind", kindOfType(base))
	}
	for _, e := range []ast.Node{n.From, n.To} {
		if e == nil {
			continue
		}
		s, err := c.check(e)
		if err != nil {
			return nil, err
		}
		if !fits(s, "number") {
			return nil, c.fail(e, "", "a whole number is needed here, this is {kind}", "kind", kindOfType(s))
		}
	}
	return base, nil
}

func (c *checker) conditional(n *ast.ConditionalNode) (*engine.Schema, error) {
	if err := c.all([]ast.Node{n.Cond, n.Exp1, n.Exp2}); err != nil {
		return nil, err
	}
	a, b := c.schemas[n.Exp1], c.schemas[n.Exp2]
	if s := c.schemas[n.Cond]; n.Exp1 != n.Cond && !fits(s, "boolean") {
		return nil, c.fail(n.Cond, "", "true or false is needed here, this is {kind}", "kind", kindOfType(s))
	}
	if a != nil && b != nil && a.Type == b.Type && a.Type != "object" && a.Type != "array" {
		return a, nil
	}
	return nil, nil
}

func (c *checker) let(n *ast.VariableDeclaratorNode) (*engine.Schema, error) {
	if _, taken := c.env.Roots[n.Name]; taken || library[n.Name] != nil {
		return nil, c.fail(n, "Choose another name", "{name} is taken", "name", n.Name)
	}
	s, err := c.check(n.Value)
	if err != nil {
		return nil, err
	}
	c.vars = append(c.vars, typed{n.Name, s})
	s, err = c.check(n.Expr)
	c.vars = c.vars[:len(c.vars)-1]
	return s, err
}

func (c *checker) mapping(n *ast.MapNode) (*engine.Schema, error) {
	out := &engine.Schema{Type: "object"}
	for _, e := range n.Pairs {
		p := e.(*ast.PairNode)
		k, err := c.check(p.Key)
		if err != nil {
			return nil, err
		}
		if !fits(k, "string") {
			return nil, c.fail(p.Key, "", "a member's name must be text, this is {kind}", "kind", kindOfType(k))
		}
		v, err := c.check(p.Value)
		if err != nil {
			return nil, err
		}
		if name, ok := p.Key.(*ast.StringNode); ok {
			out.Fields = append(out.Fields, engine.Field{Name: name.Value, Schema: v})
		} else {
			out.Open = true
		}
	}
	for i, f := range out.Fields {
		if f.Schema == nil {
			out.Fields[i].Schema = &engine.Schema{}
		}
	}
	return out, nil
}

func sortedKeys[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	sort.Strings(names)
	return names
}
