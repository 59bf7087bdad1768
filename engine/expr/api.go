package expr

import (
	"regexp"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/bretelle/bretelle/engine"
)

// Env says which names an expression may use. A nil schema is untyped data: missing members are nil.
type Env struct {
	Roots map[string]*engine.Schema // "event", "steps", "vars", "flow", "run", "item"
}

// Input is what an expression is evaluated on.
type Input struct {
	Roots map[string]any // values as engine.DecodeJSON makes them; a missing root is nil
	Zone  *time.Location // the flow's time zone; nil is UTC
}

// Ref is a member path that an expression reads, as far as it is written out: steps.ticket.body.id.
type Ref struct {
	Root string
	Path []string
	Pos  engine.Pos // within the expression's source, from 1
}

// SourceError is a problem at a position of the source.
type SourceError struct {
	Pos engine.Pos // within the expression's source, from 1; columns count characters
	Err *engine.Error
}

func (e *SourceError) Error() string { return e.Err.Error() }

// Unwrap gives the *engine.Error.
func (e *SourceError) Unwrap() error { return e.Err }

// Segment is a piece of a text: literal, or the inside of {{ … }}.
type Segment struct {
	Text   string // literal text, or the expression's source without the braces, as written
	Expr   bool
	Offset int // bytes from the start of the text to the start of Text
}

// Function documents one function of the language; the list is documentation, completion and test.
type Function struct {
	Name, Signature, Doc, Example, Result string
}

// Expr is a compiled expression, immutable and safe for concurrent use.
type Expr struct {
	src      string
	node     ast.Node
	refs     []Ref
	patterns map[ast.Node]*pattern // of constant patterns, by their matches node

	gives *engine.Schema // what is known about its value; nil: nothing

	functions map[string]*function // library, reached from here because its functions evaluate predicates
}

// pattern is a compiled regular expression with the size of its program, which prices its use.
type pattern struct {
	re   *regexp.Regexp
	size int
}

// Compile checks and compiles src; the error is a *SourceError.
func Compile(src string, env Env) (x *Expr, err error) {
	defer recovered(&x, &err)
	node, err := parse(src)
	if err != nil {
		return nil, err
	}
	x = &Expr{src: src, node: node, patterns: map[ast.Node]*pattern{}, functions: library}
	c := newChecker(x, env)
	if x.gives, err = c.check(node); err != nil {
		return nil, err
	}
	x.refs = c.sortedRefs()
	return x, nil
}

// Source is the text it was compiled from.
func (x *Expr) Source() string { return x.src }

// Gives is what is known about its value, from what the environment declares; nil when that is nothing.
func (x *Expr) Gives() *engine.Schema { return x.gives }

// Refs lists what it reads, in order of appearance.
func (x *Expr) Refs() []Ref { return append([]Ref(nil), x.refs...) }

// Eval evaluates it; the same input gives the same result, always. The result is nil, bool, string, int, float64,
// []any or map[string]any, exactly what engine.DecodeJSON reads back from its JSON text. It may share parts with
// the input, so neither may be changed afterwards. The error is a *SourceError.
func (x *Expr) Eval(in Input) (any, error) {
	v, _, err := x.run(in)
	return v, err
}

// run is Eval that also tells the number of steps counted.
func (x *Expr) run(in Input) (v any, steps int, err error) {
	defer recovered(&v, &err)
	m := newMachine(x, in)
	v, err = m.eval(x.node)
	if err == nil {
		v, err = m.result(x.node, v)
	}
	if err != nil {
		return nil, m.steps, err
	}
	return v, m.steps, nil
}

// recovered turns a panic, which would be a defect of ours or the parser's, into an error: a flow's text must
// never end the process.
func recovered[T any](result *T, err *error) {
	if r := recover(); r != nil {
		var none T
		*result = none
		*err = &SourceError{
			Pos: engine.Pos{Line: 1, Col: 1},
			Err: engine.E(engine.Invalid, "this expression cannot be worked out").
				WithHint("Write it more simply").WithOp("expr").Wrap(asCause(r)),
		}
	}
}
