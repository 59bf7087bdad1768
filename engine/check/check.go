package check

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// Known looks up what is stored. A nil function checks nothing.
type Known struct {
	Account func(name string) bool
	Secret  func(name string) bool
	Group   func(name string) bool // a group or person as written, "@sales"
	// Flow is a flow that is called, in a version or, for 0, the published one. Errors: NotFound, there is no such flow or
	// version; Conflict, it is not published; any other: nobody knows.
	Flow func(name string, version int64) (*flow.Flow, error)
}

// most is how many problems are reported; a text with more is mended from the top.
const most = 100

// Source parses and checks a text, and reports everything together. The flow is as flow.Parse gives it.
func Source(source []byte, c engine.Catalog, k Known) (*flow.Flow, engine.Problems) {
	f, problems := flow.Parse(source)
	if f == nil {
		return nil, problems
	}
	ch := newChecker(f, c, k)
	for _, p := range problems {
		// A step that could not be read is missing in the tree: nobody should be told that it does not exist.
		ch.partial = ch.partial || strings.HasPrefix(p.Where, "step ") || strings.HasSuffix(p.Where, ".id")
	}
	said := make(map[string]bool, len(problems))
	for _, p := range problems {
		said[p.Where] = true
	}
	for _, p := range ch.run() {
		if !said[p.Where] {
			problems = append(problems, p)
		}
	}
	problems.Sort()
	return f, problems
}

// Flow checks a tree, in the order of the text. It trusts the tree to be one that flow.Parse accepted, and never
// panics on one that it did not.
func Flow(f *flow.Flow, c engine.Catalog, k Known) engine.Problems {
	return newChecker(f, c, k).run()
}

type checker struct {
	f       *flow.Flow
	c       engine.Catalog
	k       Known
	partial bool

	steps    map[string]*node // by id
	order    []*node
	sets     map[string][]*node // by name of the variable
	all      *expr.Env
	covered  map[string]string // step id → id of the ask that covers it
	problems engine.Problems
}

// node is a step and where in the flow it stands.
type node struct {
	*flow.Step
	index int
	path  []turn // the blocks it is in, outermost first
	act   *engine.Action
}

// turn is a block of a step: a branch taken, a loop gone into.
type turn struct {
	at    *flow.Step
	block string
}

func newChecker(f *flow.Flow, c engine.Catalog, k Known) *checker {
	ch := &checker{f: f, c: c, k: k, steps: map[string]*node{}, sets: map[string][]*node{}, covered: map[string]string{}}
	ch.gather(f.Steps, nil)
	return ch
}

func (c *checker) gather(steps []*flow.Step, path []turn) {
	for _, s := range steps {
		n := &node{Step: s, index: len(c.order), path: path}
		if s.Kind == flow.KindDo {
			n.act, _ = c.c.Action(s.Action)
		}
		c.order = append(c.order, n)
		if c.steps[s.ID] != nil {
			c.bad(s.Place("id"), s.ID+".id", `there are two steps called "{id}"`, "Rename one of them.", "id", s.ID)
		} else if s.ID != "" {
			c.steps[s.ID] = n
		}
		for _, a := range s.Set {
			if l := c.sets[a.Name]; len(l) == 0 || l[len(l)-1] != n {
				c.sets[a.Name] = append(l, n)
			}
		}
		for _, b := range s.Blocks() {
			c.gather(b.Steps, append(path[:len(path):len(path)], turn{s, b.Name}))
		}
	}
}

func (c *checker) run() engine.Problems {
	c.trigger()
	c.calledTrigger()
	for _, n := range c.order {
		c.step(n)
	}
	c.reach(c.f.Steps)
	c.asks()
	c.shared()
	c.gates()
	c.output()
	c.problems.Sort()
	return c.problems
}

func (c *checker) bad(pos engine.Pos, where, msg, hint string, args ...any) {
	c.report(engine.SevError, pos, where, msg, hint, engine.Args(args...))
}

func (c *checker) warn(pos engine.Pos, where, msg, hint string, args ...any) {
	c.report(engine.SevWarning, pos, where, msg, hint, engine.Args(args...))
}

func (c *checker) report(sev engine.Severity, pos engine.Pos, where, msg, hint string, args map[string]any) {
	if c.full() {
		return
	}
	c.problems = append(c.problems, engine.Problem{Severity: sev, Pos: pos, Where: where, Msg: msg, Hint: hint, Args: args})
}

func (c *checker) full() bool { return len(c.problems) >= most }

// unknown reports a word that is not among names.
func (c *checker) unknown(pos engine.Pos, where, msg, word string, names []string, otherwise string) {
	if g := engine.Suggest(word, names); g != "" {
		c.bad(pos, where, msg, `Did you mean "{guess}"?`, "name", clip(word), "guess", g)
		return
	}
	c.bad(pos, where, msg, otherwise, "name", clip(word), "names", strings.Join(names, ", "))
}

// few is a hint with all names, where they are not too many to read.
func few(names []string) string {
	if len(names) > 12 {
		return ""
	}
	return "There are: {names}."
}

// clip keeps what a message quotes readable.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
