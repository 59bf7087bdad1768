package check

import (
	"errors"
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// scope is where an expression stands. Expressions are compiled against all steps of the flow, and those that
// cannot have run are found among the references: "comes later" helps more than "does not exist".
type scope struct {
	env   expr.Env
	node  *node           // nil at the trigger
	given map[string]bool // vars that the same set step gave before
}

// place maps a position within an expression to the text of the flow.
type place func(engine.Pos) engine.Pos

func (c *checker) cond(x *flow.Cond, where string, sc scope) {
	if x != nil {
		c.compile(x.Source, x.At, where, sc)
	}
}

// segments compiles the expressions of a text.
func (c *checker) segments(v *flow.Value, where string, sc scope) {
	for _, s := range v.Segments {
		if s.Expr {
			c.compile(s.Text, s.At, where, sc)
		}
	}
}

func (c *checker) compile(source string, at place, where string, sc scope) {
	if c.full() {
		return
	}
	x, err := expr.Compile(source, sc.env)
	if err != nil {
		var se *expr.SourceError
		if errors.As(err, &se) {
			c.report(engine.SevError, at(se.Pos), where, se.Err.Msg, se.Err.Hint, se.Err.Args)
			return
		}
		e := engine.AsError(err)
		c.report(engine.SevError, at(engine.Pos{Line: 1, Col: 1}), where, e.Msg, e.Hint, e.Args)
		return
	}
	said := map[string]bool{}
	for _, r := range x.Refs() {
		if sc.node == nil || len(r.Path) == 0 || said[r.Root+"."+r.Path[0]] {
			continue
		}
		said[r.Root+"."+r.Path[0]] = true
		switch {
		case r.Root == "steps":
			c.stepRef(r, at, where, sc, strings.Contains(source, "??"))
		case r.Root == "vars":
			c.varRef(r, at, where, sc)
		}
	}
}

func (c *checker) stepRef(r expr.Ref, at place, where string, sc scope, guarded bool) {
	to := c.steps[r.Path[0]]
	if to == nil {
		return
	}
	if to.opens() && sc.node.within(to) && !sc.node.rescues(to) {
		c.bad(at(r.Pos), where, `step "{id}" is not over yet here, so it has no result`, "", "id", to.ID)
		return
	}
	switch rel := relation(to, sc.node); rel {
	case earlier:
		if p := c.maybe(to, sc.node); p != nil && !guarded {
			c.warn(at(r.Pos), where, `step "{id}" may have no result: "{parallel}" goes on without the branches that are not through`, "Say what stands there otherwise with ??.", "id", to.ID, "parallel", p.ID)
		}
	case same:
		c.bad(at(r.Pos), where, `step "{id}" cannot use its own result`, "", "id", to.ID)
	case inside:
		loop := loopAround(to, sc.node)
		c.bad(at(r.Pos), where, `step "{id}" is in the loop "{loop}", so it has one result a round`, "Outside of it, use steps.{loop}.results.", "id", to.ID, "loop", loop)
	case after:
		c.bad(at(r.Pos), where, `step "{id}" comes later, so it has no result here`, "Move it up, or use another step.", "id", to.ID)
	case beside:
		c.bad(at(r.Pos), where, `step "{id}" goes on beside this one, so it may have no result yet`, "Use it after the parallel.", "id", to.ID)
	case apart:
		c.bad(at(r.Pos), where, `step "{id}" is in the other branch, so it has no result here`, "Use a step that runs before the branches part.", "id", to.ID)
	}
}

func (c *checker) varRef(r expr.Ref, at place, where string, sc scope) {
	name := r.Path[0]
	if sc.given[name] {
		return
	}
	setters := c.sets[name]
	c.lastOfMany(name, at(r.Pos), where, sc.node)
	for _, n := range setters {
		if rel := relation(n, sc.node); rel == earlier || rel == inside && n.index < sc.node.index || sameLoop(n, sc.node) {
			return
		}
	}
	if len(setters) > 0 {
		c.bad(at(r.Pos), where, `"vars.{name}" is not set before this step`, "Set it in an earlier step.", "name", name)
	}
}

// within holds for a step in a block of another.
func (n *node) within(outer *node) bool {
	for _, t := range n.path {
		if t.at == outer.Step {
			return true
		}
	}
	return false
}

// rescues holds for a step that runs after another has failed.
func (n *node) rescues(failed *node) bool {
	return slices.Contains(n.path, turn{failed.Step, flow.RescueBlock})
}

// order of two steps within one run.
type order int

const (
	earlier order = iota
	same
	after
	apart  // in different branches: never both
	inside // a is in a loop that b is not in
	beside // in branches that go on at the same time
)

// relation is how a stands to b.
func relation(a, b *node) order {
	if a.Step == b.Step {
		return same
	}
	i := 0
	for i < len(a.path) && i < len(b.path) && a.path[i] == b.path[i] {
		i++
	}
	switch {
	case parted(a, b, i):
		return beside
	case loopAround(a, b) != "":
		return inside
	case i < len(a.path) && i < len(b.path) && a.path[i].at == b.path[i].at && a.path[i].at.Try == nil && a.path[i].at.Parallel == nil:
		return apart
	case a.index < b.index:
		return earlier
	}
	return after
}

// parted holds for two steps in different branches of a parallel: i is where their ways part.
func parted(a, b *node, i int) bool {
	return i < len(a.path) && i < len(b.path) && a.path[i].at == b.path[i].at && a.path[i].at.Parallel != nil &&
		a.path[i].block != flow.RescueBlock && b.path[i].block != flow.RescueBlock
}

// opens holds for steps that are under way while the steps in them are.
func (n *node) opens() bool { return n.Loop() || n.Try != nil || n.Parallel != nil }

// loop holds for what a loop goes through.
func (t turn) loop() bool { return t.at.Loop() && t.block != flow.RescueBlock }

// loopAround is the outermost loop that a is in and b is not; "" when there is none.
func loopAround(a, b *node) string {
	for i, t := range a.path {
		if i < len(b.path) && b.path[i] == t {
			continue
		}
		for _, t := range a.path[i:] {
			if t.loop() {
				return t.at.ID
			}
		}
		break
	}
	return ""
}

// sameLoop holds for two steps that one loop has in common: what one sets in a round, the other finds in the next.
func sameLoop(a, b *node) bool {
	for i := 0; i < len(a.path) && i < len(b.path) && a.path[i] == b.path[i]; i++ {
		if a.path[i].loop() {
			return true
		}
	}
	return false
}

// everything is what any step of the flow may use, made once.
func (c *checker) everything() expr.Env {
	if c.all != nil {
		return *c.all
	}
	all := make([]*flow.Step, 0, len(c.order))
	for _, n := range c.order {
		if c.steps[n.ID] == n {
			all = append(all, n.Step)
		}
	}
	env := Env(c.f, c.c, all)
	c.typed(env.Roots["steps"])
	if c.partial {
		env.Roots["steps"].Open = true
		env.Roots["vars"].Open = true
	}
	c.all = &env
	return env
}
