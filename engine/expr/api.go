package expr

import (
	"errors"
	"time"

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
	Pos engine.Pos // within the expression's source, from 1
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
type Expr struct{}

// Compile checks and compiles src; the error is a *SourceError.
func Compile(src string, env Env) (*Expr, error) { return nil, errors.New("being built") }

// Source is the text it was compiled from.
func (x *Expr) Source() string { return "" }

// Refs lists what it reads, in order of appearance.
func (x *Expr) Refs() []Ref { return nil }

// Eval evaluates it; the same input gives the same result, always. The error is a *SourceError.
func (x *Expr) Eval(in Input) (any, error) { return nil, errors.New("being built") }

// Why explains why a condition is false on in: the first part of an && chain that does not hold, with its value:
// `action is "labeled", wanted "opened"`.
func (x *Expr) Why(in Input) string { return "" }

// Split cuts a text at its {{ … }}; each ends at the first }} outside a string or bracket. A literal {{ is
// written {{ "{{" }}. The error is a *SourceError with a position within text.
func Split(text string) ([]Segment, error) { return nil, errors.New("being built") }

// Functions lists every function of the language, sorted by name.
func Functions() []Function { return nil }
