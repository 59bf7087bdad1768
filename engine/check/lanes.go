package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// parallel reports what has no effect on one.
func (c *checker) parallel(n *node) {
	if n.OnError == flow.ErrAsk || n.OnError == flow.ErrRetry {
		c.warn(n.Place("on_error"), n.ID+".on_error", `"on_error: {word}" has no effect on a parallel`, "A step in a branch asks by itself when it fails. Write continue or stop, or remove the line.", "word", string(n.OnError))
	}
	if w := n.Parallel; w.Finish && (w.Join == 0 || w.Join == len(w.Branches)) {
		c.warn(n.Place("parallel"), n.ID+".parallel.losers", "losers has no effect: all branches must be through, so there are none", "Remove the line, or write join: any.")
	}
}

// shared reports variables that steps set which go on at the same time: which of them is last is chance.
func (c *checker) shared() {
	for _, n := range c.order {
		for _, a := range n.Set {
			for _, other := range c.sets[a.Name] {
				if other.index < n.index && relation(other, n) == beside {
					c.warn(a.Pos, n.ID+".set."+a.Name, `"vars.{name}" is also set in "{other}", which goes on beside this step: the later one counts`, "Give them different names.", "name", a.Name, "other", other.ID)
					break
				}
			}
		}
	}
}

// lastOfMany reports a variable that is read in a round although several rounds set it at once.
func (c *checker) lastOfMany(name string, pos engine.Pos, where string, from *node) {
	loop := from.manyAtOnce()
	if loop == nil {
		return
	}
	for _, n := range c.sets[name] {
		if n.manyAtOnce() == loop {
			c.warn(pos, where, `"vars.{name}" is set by several rounds of "{loop}" at once: the last one counts`, "Within the round, use steps.{id}.{name}.", "name", name, "loop", loop.ID, "id", n.ID)
			return
		}
	}
}

// manyAtOnce is a loop around n that has several rounds under way; nil when there is none.
func (n *node) manyAtOnce() *flow.Step {
	for _, t := range n.path {
		if t.loop() && t.at.Each.AtOnce() > 1 {
			return t.at
		}
	}
	return nil
}

// maybe reports a step of a branch that a parallel may have cancelled, where nothing is said for that case.
func (c *checker) maybe(to, from *node) *flow.Step {
	for _, t := range to.path {
		if w := t.at.Parallel; w != nil && t.block != flow.RescueBlock && w.Join > 0 && w.Join < len(w.Branches) && !from.inBlock(t) {
			return t.at
		}
	}
	return nil
}

func (n *node) inBlock(t turn) bool {
	for _, own := range n.path {
		if own == t {
			return true
		}
	}
	return false
}
