package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// limits checks what a flow says about when its runs begin, and what its trigger collects and expects. v checks values
// of one event.
func (c *checker) limits(v value) {
	a, t := c.f.Admission, c.f.Trigger
	if t.Gather != nil {
		v.check(t.Gather.Per, nil, "trigger.gather.per")
		c.alike(t.Gather.Per, "trigger.gather.per")
	}
	run := value{c, scope{env: RunEnv(c.f, c.c)}, false, ""}
	run.check(a.Per, nil, "limits.per")
	run.check(a.Order, nil, "limits.order")
	c.alike(a.Per, "limits.per")
	for _, name := range []string{"per", "when_full"} {
		if x := c.f.Limits.Get(name); x != nil && a.Most == 0 {
			c.warn(x.Pos, "limits."+name, `"{name}" says nothing without "concurrency"`,
				"Add how many runs there may be at once: concurrency: 1.", "name", name)
		}
	}
	for _, acc := range a.Accounts {
		if !c.uses(acc.Name) {
			c.warn(acc.Pos, "limits.account."+acc.Name, "no step uses this account", "Name an account as the steps do.")
		}
	}
}

// digest checks what is collected, and that the step stands where a run can wait or end.
func (c *checker) digest(n *node, v value) {
	d := n.Digest
	v.check(d.Item, nil, n.ID+".digest.item")
	v.check(d.Items, &engine.Schema{Type: "array"}, n.ID+".digest.items")
	v.check(d.Per, nil, n.ID+".digest.per")
	c.alike(d.Per, n.ID+".digest.per")
	for _, t := range n.path {
		if t.loop() || t.at.Parallel != nil && t.block != flow.RescueBlock {
			c.bad(n.Pos, n.ID, `a digest cannot stand within "{outer}": the run waits at it, or ends`,
				"Put it before or after; items: adds all elements of a list at once.", "outer", t.at.ID)
			break
		}
	}
	if a := c.f.Admission; a.Order != nil || a.Most == 1 {
		c.warn(n.Pos, n.ID, "the run that waits here for the digest lets no other run of its limit begin, so the digest stays empty",
			"Take concurrency or order out of limits.")
	}
}

// alike warns of a key that is the same for every event.
func (c *checker) alike(v *flow.Value, name string) {
	if v != nil && v.Segments == nil {
		c.warn(v.Pos, name, "this is the same for every event, so it tells nothing apart", `Make it of the event: "{{ event.body.id }}".`)
	}
}

func (c *checker) uses(account string) bool {
	for _, n := range c.order {
		if n.Step.Account == account {
			return true
		}
	}
	return false
}
