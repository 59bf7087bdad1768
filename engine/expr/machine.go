package expr

import (
	"time"

	"github.com/expr-lang/expr/ast"
)

// Bounds of one evaluation. They are counted, so that every replay stops at the same place.
const (
	maxSteps = 100_000   // predicate bodies, and elements that functions handle
	maxWork  = 4_000_000 // nodes visited, and pieces of text read
	maxBytes = 8 << 20   // bytes of text and lists made, whether still used or not
	chunk    = 16        // bytes of text that cost one unit of work
)

// machine is one evaluation.
type machine struct {
	x        *Expr
	in       Input
	zone     *time.Location
	vars     []binding
	pointers []pointer
	steps    int
	work     int
	bytes    int
}

type binding struct {
	name  string
	value any
}

type pointer struct {
	item  any
	index int
	acc   any
}

func newMachine(x *Expr, in Input) *machine {
	m := &machine{x: x, in: in, zone: in.Zone}
	if m.zone == nil {
		m.zone = time.UTC
	}
	return m
}

func (m *machine) fail(n ast.Node, hint, msg string, args ...any) error {
	return failAt(m.x.src, n.Location().From, hint, msg, args...)
}

// step counts n elements handled at a place.
func (m *machine) step(at ast.Node, n int) error {
	if m.steps += n; m.steps > maxSteps {
		m.steps = maxSteps
		return m.fail(at, "Look at fewer elements, or cut the list first", "this takes more than {limit} steps", "limit", maxSteps)
	}
	return nil
}

// spend counts work.
func (m *machine) spend(at ast.Node, n int) error {
	if m.work += n; m.work > maxWork {
		return m.fail(at, "Look at fewer elements or at shorter texts", "this is too much work for an expression")
	}
	return nil
}

// read counts the reading of a text.
func (m *machine) read(at ast.Node, size int) error { return m.spend(at, size/chunk) }

// grow counts bytes about to be made; callers ask before they make them.
func (m *machine) grow(at ast.Node, size int) error {
	if size < 0 || size > maxBytes || m.bytes+size > maxBytes {
		return m.fail(at, "Make shorter texts or lists", "this makes more than {limit} MiB of data", "limit", maxBytes>>20)
	}
	m.bytes += size
	return nil
}
