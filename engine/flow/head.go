package flow

import (
	"time"
	_ "time/tzdata" // zone names must mean the same on every machine that checks a flow

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

func (p *parser) flow(n *yaml.Node) *Flow {
	f := &Flow{Pos: at(n)}
	m := p.fields(n, "", "a flow", "flow", "title", "channel", "timezone", "notify", "trigger", "limits", "steps", "output")
	if v := m["flow"]; v == nil {
		p.bad(n, "flow", "the flow has no name", `Add "flow: my-flow".`)
	} else if s, ok := p.word(v, "flow"); ok {
		if err := CheckName(s); err != nil {
			p.fail(v, "flow", err)
		}
		f.Name, f.Pos = s, at(v)
	}
	if v := m["title"]; v != nil {
		f.Title, _ = p.word(v, "title")
	}
	if v := m["channel"]; v != nil {
		f.Channel = p.channel(v)
	}
	if v := m["timezone"]; v != nil {
		f.Timezone = p.timezone(v)
	}
	if v := m["notify"]; v != nil {
		f.Notify = p.notify(f, v)
	}
	if v := m["trigger"]; v == nil {
		p.bad(n, "trigger", "the flow has no trigger", "Add one: trigger: {on: webhook.received, with: {path: my-path}}.")
	} else {
		f.Trigger = p.trigger(v)
	}
	if v := m["limits"]; v != nil {
		p.limits(v, f)
	}
	if v := m["output"]; v != nil {
		f.Output = p.output(v)
	}
	if v := m["steps"]; v == nil {
		p.bad(n, "steps", "the flow has no steps", "Add a list of steps.")
	} else if f.Steps = p.stepList(v, "steps"); len(f.Steps) == 0 && !p.problems.Bad() {
		p.bad(v, "steps", "the flow has no steps", "Add at least one.")
	}
	for _, part := range []string{"title", "channel", "timezone", "notify", "trigger", "limits", "steps", "output"} {
		if v := m[part]; v != nil {
			f.places.note(part, at(v))
		}
	}
	if v := m["trigger"]; v != nil {
		if on := valueOf(v, "on"); on != nil {
			f.places.note("trigger.on", at(on))
		}
	}
	p.name(f)
	return f
}

func (p *parser) channel(n *yaml.Node) engine.Place {
	s, ok := p.word(n, "channel")
	if !ok {
		return engine.Place{}
	}
	place, err := engine.ParsePlace(s)
	if err != nil {
		p.fail(n, "channel", err)
	}
	return place
}

func (p *parser) timezone(n *yaml.Node) string {
	s, ok := p.word(n, "timezone")
	if !ok {
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		p.bad(n, "timezone", `"{zone}" is not a time zone`, "Write its IANA name, like Europe/Zurich or UTC.", "zone", short(s))
		return ""
	}
	return s
}

func (p *parser) trigger(n *yaml.Node) Trigger {
	t := Trigger{Pos: at(n)}
	m := p.fields(n, "trigger", "a trigger", "on", "with", "key", "when", "debounce", "batch", "expect")
	if m == nil {
		return t
	}
	if v := m["on"]; v == nil {
		p.bad(n, "trigger.on", "the trigger does not say what it listens to", `Add "on: webhook.received".`)
	} else {
		t.On, _ = p.word(v, "trigger.on")
	}
	t.With = p.settings(m["with"], "trigger.with")
	if v := m["key"]; v != nil {
		if _, ok := p.word(v, "trigger.key"); ok {
			t.Key = p.value(v, "trigger.key")
		}
	}
	if v := m["when"]; v != nil {
		t.When = p.cond(v, "trigger.when")
	}
	if v := m["debounce"]; v != nil {
		t.Gather = p.gather(v, false)
	}
	if v := m["batch"]; v != nil {
		if t.Gather != nil {
			p.bad(v, "trigger.batch", "a trigger has debounce or batch, not both", "")
		}
		t.Gather = p.gather(v, true)
	}
	if v := m["expect"]; v != nil {
		t.Expect = p.expect(v)
	}
	return t
}

// settings reads a map of values; nil for none.
func (p *parser) settings(n *yaml.Node, where string) *Value {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.MappingNode || n.Kind == yaml.AliasNode:
		return p.value(n, where)
	}
	p.bad(n, where, "a map is expected here", "Write one setting a line, name: value, indented; or {name: value}.")
	return nil
}
