package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// cases checks the values of a switch: one that stands twice is never reached the second time.
func (c *checker) cases(n *node, v value) {
	seen := map[string]bool{}
	if _, fixed := n.Switch.On.Constant(); fixed {
		c.warn(n.Switch.On.Pos, n.ID+".switch", "the value is always the same, so the same case is always taken", `Write an expression: "{example}".`, "example", "{{ event.kind }}")
	}
	for i, k := range n.Switch.Cases {
		where := n.ID + ".cases." + flow.CaseName(i)
		v.check(k.Is, nil, where)
		some := false
		for _, is := range alternatives(k.Is) {
			x, ok := is.Constant()
			b, err := engine.EncodeJSON(x)
			if !ok || err != nil {
				some = true
				continue
			}
			if seen[string(b)] {
				c.bad(is.Pos, where, "{value} has a case already, so this one is never taken", "Remove it.", "value", clip(string(b)))
				some = true // said already
				continue
			}
			seen[string(b)] = true
			some = true
		}
		if !some {
			c.bad(k.Pos, where, "the case has no value, so it is never taken", "Add one, or remove the case.")
		}
	}
}

// alternatives are the values of which one is enough for a case.
func alternatives(is *flow.Value) []*flow.Value {
	if is != nil && is.List != nil {
		return is.List
	}
	return []*flow.Value{is}
}
