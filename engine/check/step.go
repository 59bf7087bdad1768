package check

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

func (c *checker) step(n *node) {
	sc := scope{env: Within(c.everything(), n.in()), node: n}
	v := value{c, sc, false, ""}
	c.cond(n.When, n.ID+".when", sc)
	c.noEffect(n)
	switch {
	case n.Kind == flow.KindDo:
		c.do(n, v)
	case n.Ask != nil:
		v.check(n.Ask.Title, textSchema, n.ID+".with.title")
		v.check(n.Ask.Options, nil, n.ID+".with.options")
		v.check(n.Ask.Fields, nil, n.ID+".with.fields")
	case n.If != nil:
		c.cond(n.If.Cond, n.ID+".if", sc)
	case n.Switch != nil:
		v.check(n.Switch.On, nil, n.ID+".switch")
		c.cases(n, v)
	case n.Each != nil:
		v.check(n.Each.List, &engine.Schema{Type: "array"}, n.ID+".each.list")
		if l := n.Each.List; l != nil && len(l.List) > flow.MaxRounds {
			c.bad(l.Pos, n.ID+".each.list", "a loop goes through at most {most} elements", "Take fewer.", "most", flow.MaxRounds)
		}
	case n.While != nil:
		within := sc
		within.env = Within(sc.env, []In{{n.Step, "steps"}})
		c.cond(n.While.Cond, n.ID+".while.cond", within)
	case n.Parallel != nil:
		c.parallel(n)
	case n.Wait != nil:
		v.check(n.Wait.For, textSchema, n.ID+".wait.for")
		v.check(n.Wait.Until, textSchema, n.ID+".wait.until")
		if r := n.Wait.Reply; r != nil {
			v.check(r.To, nil, n.ID+".wait.reply.to")
			c.persons(n, r.From, "from", n.ID+".wait.reply.from")
		}
		if e := n.Wait.Event; e != nil {
			v.check(e.Key, textSchema, n.ID+".wait.event.key")
		}
	case n.Call != nil:
		c.call(n, v)
	case n.Emit != nil:
		c.emit(n, v)
	case n.Throttle != nil:
		v.check(n.Throttle.By, nil, n.ID+".throttle.per")
		c.alike(n.Throttle.By, n.ID+".throttle.per")
	case n.Dedupe != nil:
		v.check(n.Dedupe.Key, nil, n.ID+".dedupe.key")
		c.alike(n.Dedupe.Key, n.ID+".dedupe.key")
	case n.Digest != nil:
		c.digest(n, v)
	case n.Stop != nil:
		v.check(n.Stop, textSchema, n.ID+".stop")
	}
	v.sc.given = map[string]bool{}
	for _, a := range n.Set {
		v.check(a.Value, nil, n.ID+".set."+a.Name)
		v.sc.given[a.Name] = true
	}
}

// noEffect reports settings that a step of its kind does not heed.
func (c *checker) noEffect(n *node) {
	if n.Kind == "" {
		return
	}
	if n.Retry != nil && n.Kind != flow.KindDo && n.Kind != flow.KindEmit {
		c.warn(n.Place("retry"), n.ID+".retry", `"{key}" has no effect on a step of kind "{kind}"`, "It belongs to steps that do something.", "key", "retry", "kind", n.Kind)
	}
	switch n.Kind {
	case flow.KindIf, flow.KindSwitch, flow.KindSet, flow.KindStop, flow.KindDedupe:
		if n.Timeout != 0 {
			c.warn(n.Place("timeout"), n.ID+".timeout", `"{key}" has no effect on a step of kind "{kind}"`, "It belongs to steps that take time.", "key", "timeout", "kind", n.Kind)
		}
		if n.Rescue != nil && n.Kind == flow.KindStop {
			c.warn(n.Place("on_error"), n.ID+".on_error", `"{key}" has no effect on a step of kind "{kind}"`, "It belongs to steps that can fail.", "key", "on_error", "kind", n.Kind)
		}
	}
}

func (c *checker) do(n *node, v value) {
	if n.act == nil {
		if n.Action != "" {
			c.unknown(n.Place("do"), n.ID+".do", `no action is called "{name}"`, n.Action, c.c.Names(), few(c.c.Names()))
		}
		v.check(n.With, nil, n.ID+".with")
		return
	}
	if n.With == nil {
		v.required(n.Place("do"), nil, n.act.In, n.ID+".with", nil)
	} else {
		v.store = n.act.Store
		v.check(n.With, n.act.In, n.ID+".with")
	}
	switch {
	case n.act.Account != "" && n.Account == "":
		c.bad(n.Place("do"), n.ID+".account", `"{action}" needs an account of kind "{kind}"`, "Add account: NAME to the step.", "action", n.Action, "kind", n.act.Account)
	case n.act.Account == "" && n.Account != "" && n.act.In.Field("account") == nil:
		c.warn(n.Place("account"), n.ID+".account", `"{action}" uses no account`, "Remove the line.", "action", n.Action)
	case n.Account != "" && c.k.Account != nil && !c.k.Account(n.Account):
		c.bad(n.Place("account"), n.ID+".account", `no account is called "{name}"`, "Store it with: {command}.", "name", clip(n.Account), "command", storing(n.Account, n.act.Store))
	}
	if n.Undo != nil {
		c.undo(n)
	}
	if risk := c.ownRisk(n); n.Risk != 0 && n.Risk < risk {
		c.warn(n.Place("risk"), n.ID+".risk", `"risk: {risk}" has no effect: "{action}" is at risk {own} here, and a step only raises it`, "Remove the line; an admin's policy may lower risks.",
			"risk", n.Risk, "own", risk, "action", n.Action)
	}
}

// undo checks how a step is taken back: its expressions see what the step sent and gave, and what the run began with.
func (c *checker) undo(n *node) {
	u := n.Undo
	act, ok := c.c.Action(u.Action)
	v := value{c, scope{env: UndoEnv(c.f, c.c, n.act)}, false, ""}
	if !ok {
		c.unknown(n.Place("undo"), n.ID+".undo.do", `no action is called "{name}"`, u.Action, c.c.Names(), few(c.c.Names()))
		v.check(u.With, nil, n.ID+".undo.with")
		return
	}
	if v.store = act.Store; u.With == nil {
		v.required(n.Place("undo"), nil, act.In, n.ID+".undo.with", nil)
	} else {
		v.check(u.With, act.In, n.ID+".undo.with")
	}
	switch {
	case act.Account != "" && u.Account == "":
		c.bad(n.Place("undo"), n.ID+".undo.account", `"{action}" needs an account of kind "{kind}"`, "Add account: NAME to the step.", "action", u.Action, "kind", act.Account)
	case u.Account != "" && c.k.Account != nil && !c.k.Account(u.Account):
		c.bad(n.Place("undo"), n.ID+".undo.account", `no account is called "{name}"`, "Store it with: {command}.", "name", clip(u.Account), "command", storing(u.Account, act.Store))
	}
}

// ownRisk is the risk of the step's action for what is known of its input.
func (c *checker) ownRisk(n *node) engine.Risk {
	if n.act == nil {
		return engine.Destroy
	}
	in := n.With.Known()
	if in == nil {
		in = map[string]any{}
	}
	return n.act.TraitsOf(in).Risk.Least(engine.Read)
}

func (c *checker) risk(n *node) engine.Risk { return c.ownRisk(n).Least(n.Risk) }

// reach reports steps after one that always ends the run.
func (c *checker) reach(steps []*flow.Step) {
	for i, s := range steps {
		for _, b := range s.Blocks() {
			c.reach(b.Steps)
		}
		if i+1 < len(steps) && ends(s) {
			next := steps[i+1]
			c.warn(next.Pos, next.ID, `this step is never reached: "{id}" ends the run before it`, `Give "{id}" a when, or remove what follows it.`, "id", s.ID)
			return
		}
	}
}

// ends reports whether no run gets past s.
func ends(s *flow.Step) bool {
	switch {
	case s.When != nil:
		return false
	case s.Kind == flow.KindStop:
		return true
	case s.If != nil:
		return last(s.If.Then) && last(s.If.Else)
	case s.Switch != nil:
		for _, k := range s.Switch.Cases {
			if !last(k.Steps) {
				return false
			}
		}
		return last(s.Switch.Else)
	case s.Try != nil:
		return last(s.Try.Finally) || last(s.Try.Body) && (s.Try.Catch == nil || last(s.Try.Catch))
	}
	return false
}

func last(steps []*flow.Step) bool {
	for _, s := range steps {
		if ends(s) {
			return true
		}
	}
	return false
}
