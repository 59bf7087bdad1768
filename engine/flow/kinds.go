package flow

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

func (p *parser) do(s *Step, m map[string]*yaml.Node, where string) {
	s.Action, _ = p.word(m["do"], join(where, "do"))
	if v := m["account"]; v != nil {
		s.Account, _ = p.word(v, join(where, "account"))
	}
	s.With = p.settings(m["with"], join(where, "with"))
	if v := m["risk"]; v != nil {
		if w := p.choice(v, join(where, "risk"), "read", "write", "send", "destroy"); w != "" {
			s.Risk, _ = engine.ParseRisk(w)
		}
	}
}

func (p *parser) branches(s *Step, n *yaml.Node, m map[string]*yaml.Node, where string) {
	s.If = &If{Cond: p.cond(m["if"], join(where, "if"))}
	if v := m["then"]; v != nil {
		s.If.Then = p.stepList(v, join(where, "then"))
	}
	if v := m["else"]; v != nil {
		s.If.Else = p.stepList(v, join(where, "else"))
	}
	if m["then"] == nil && m["else"] == nil {
		p.bad(n, where, `"if" leads nowhere`, `Add "then:" with steps beside it.`)
	}
}

func (p *parser) wait(s *Step, n *yaml.Node, where string) {
	s.Wait = p.pause(s, n, join(where, "wait"))
}

func (p *parser) pause(s *Step, n *yaml.Node, where string) *Wait {
	if v := child(n, "event"); v != nil {
		p.bad(v, where, `waiting for "{what}" does not work yet`, "This version waits for a time, or for a reply: {reply: {to: …}, for: 2d}.", "what", "event")
		return nil
	}
	m := p.fields(n, where, "wait", "for", "until", "reply")
	w := &Wait{}
	if v := m["reply"]; v != nil {
		if w.Reply = p.reply(s, v, join(where, "reply")); w.Reply == nil {
			return nil
		}
	}
	switch {
	case m == nil:
		return nil
	case m["for"] != nil && m["until"] != nil:
		p.bad(m["until"], where, `"for" and "until" exclude each other`, "Keep one of them.")
		return nil
	case m["reply"] != nil && m["for"] == nil && m["until"] == nil:
		p.bad(n, where, "the step does not say how long to wait for a reply", "Add for: 2d beside it; afterwards timed_out is true.")
		return nil
	case m["for"] != nil:
		w.For = p.timeValue(m["for"], join(where, "for"), func(s string) error { _, err := Duration(s); return err })
	case m["until"] != nil:
		w.Until = p.timeValue(m["until"], join(where, "until"), func(s string) error { _, err := Instant(s); return err })
	default:
		p.bad(n, where, "the step does not say how long to wait", "Write {for: 10m}, or {until: …}.")
		return nil
	}
	if w.For == nil && w.Until == nil {
		return nil
	}
	return w
}

func (p *parser) reply(s *Step, n *yaml.Node, where string) *Reply {
	m := p.fields(n, where, "reply", "to", "from")
	if m == nil {
		return nil
	}
	r := &Reply{}
	if v := m["to"]; v == nil {
		p.bad(n, where, "the step does not say to which message", `Write to: "{example}", of a step that posts.`, "example", "{{ steps.post.ref }}")
		return nil
	} else if _, ok := p.word(v, join(where, "to")); ok {
		r.To = p.value(v, join(where, "to"))
	}
	switch v := m["from"]; {
	case v == nil:
	case v.Kind == yaml.SequenceNode:
		r.From = p.words(v, join(where, "from"))
		s.note("from", v)
	default:
		if w, ok := p.word(v, join(where, "from")); ok {
			r.From = []string{w}
			s.places.note("from."+w, at(v))
		}
	}
	if r.To == nil {
		return nil
	}
	return r
}

// Instant reads the time that `wait: {until: …}` takes, RFC 3339 with its zone. The error is Invalid.
func Instant(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}, engine.E(engine.Invalid, `"{text}" is not a point in time`, "text", short(text)).
			WithHint("Write it with its zone: 2026-03-01T09:00:00+01:00.")
	}
	return t, nil
}

// timeValue reads a text or an expression, and checks a text.
func (p *parser) timeValue(n *yaml.Node, where string, check func(string) error) *Value {
	if _, ok := p.word(n, where); !ok {
		return nil
	}
	v := p.value(n, where)
	if v == nil || v.Segments != nil {
		return v
	}
	if err := check(n.Value); err != nil {
		p.fail(n, where, err)
		return nil
	}
	v.Const = n.Value
	return v
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i]
		}
	}
	return nil
}

// valueOf is the value of a key of a map.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (p *parser) set(n *yaml.Node, where string) []Assign {
	where = join(where, "set")
	list, ok := p.members(n, where)
	if !ok || len(list) == 0 {
		p.bad(n, where, "set names what it sets", `Write {name: value}: expressions read it as vars.name.`)
		return nil
	}
	var out []Assign
	for _, m := range list {
		if !identifier(m.key) {
			p.bad(m.name, where, `"{name}" cannot be a variable's name`, "Use letters, digits and _, beginning with a letter.", "name", short(m.key))
			continue
		}
		if v := p.value(m.value, join(where, m.key)); v != nil {
			out = append(out, Assign{Name: m.key, Value: v, Pos: at(m.name)})
		}
	}
	return out
}

func (p *parser) stop(n *yaml.Node, where string) *Value {
	where = join(where, "stop")
	switch {
	case null(n) || n.ShortTag() == "!!bool" && strings.EqualFold(n.Value, "true"):
		return nil
	case n.ShortTag() == "!!bool":
		p.bad(n, where, "a step that does not stop does nothing", `Write "stop: true", or the reason; remove the step otherwise.`)
		return nil
	}
	if _, ok := p.word(n, where); !ok {
		return nil
	}
	return p.value(n, where)
}
