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
	if v := m["undo"]; v != nil {
		where := join(where, "undo")
		f := p.fields(v, where, "undo", "do", "account", "with")
		if f == nil {
			return
		}
		if f["do"] == nil {
			p.bad(v, where, "it does not say what undoes the step", `Write "do: http.request" in it.`)
			return
		}
		s.Undo = &Undo{}
		s.Undo.Action, _ = p.word(f["do"], join(where, "do"))
		if a := f["account"]; a != nil {
			s.Undo.Account, _ = p.word(a, join(where, "account"))
		}
		s.Undo.With = p.settings(f["with"], join(where, "with"))
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
	m := p.fields(n, where, "wait", "for", "until", "reply", "event", "hours", "holidays")
	w := &Wait{}
	if v := m["reply"]; v != nil {
		if w.Reply = p.reply(s, v, join(where, "reply")); w.Reply == nil {
			return nil
		}
	}
	if v := m["event"]; v != nil {
		if w.Event = p.heard(v, join(where, "event")); w.Event == nil {
			return nil
		}
	}
	hours := m["until"] != nil && m["until"].Value == WorkingHours
	switch {
	case m == nil:
		return nil
	case w.Reply != nil && w.Event != nil:
		p.bad(m["event"], where, `"reply" and "event" exclude each other`, "Keep one of them.")
		return nil
	case m["for"] != nil && m["until"] != nil:
		p.bad(m["until"], where, `"for" and "until" exclude each other`, "Keep one of them.")
		return nil
	case !hours && (m["hours"] != nil || m["holidays"] != nil):
		p.bad(n, where, `"hours" and "holidays" belong to until: working_hours`, "Write {until: working_hours, hours: Mon-Fri 08:00-18:00}.")
		return nil
	case m["reply"] != nil && m["for"] == nil && m["until"] == nil:
		p.bad(n, where, "the step does not say how long to wait for a reply", "Add for: 2d beside it; afterwards timed_out is true.")
		return nil
	case m["event"] != nil && m["for"] == nil && m["until"] == nil:
		p.bad(n, where, "the step does not say how long to wait for the event", "Add for: 2d beside it; afterwards timed_out is true.")
		return nil
	case m["for"] != nil:
		w.For = p.timeValue(m["for"], join(where, "for"), func(s string) error { _, err := Duration(s); return err })
	case hours:
		w.Hours = p.hours(n, m, where)
	case m["until"] != nil:
		w.Until = p.timeValue(m["until"], join(where, "until"), func(s string) error { _, err := Instant(s); return err })
	default:
		p.bad(n, where, "the step does not say how long to wait", "Write {for: 10m}, or {until: …}.")
		return nil
	}
	if w.For == nil && w.Until == nil && w.Hours == nil {
		return nil
	}
	return w
}

// hours reads the working hours of a wait.
func (p *parser) hours(n *yaml.Node, m map[string]*yaml.Node, where string) *Hours {
	v := m["hours"]
	if v == nil {
		p.bad(n, where, "the step does not say what the working hours are", "Add hours: Mon-Fri 08:00-18:00.")
		return nil
	}
	var off []string
	if days := m["holidays"]; days != nil {
		if off = p.words(days, join(where, "holidays")); off == nil {
			return nil
		}
	}
	text, ok := p.word(v, join(where, "hours"))
	if !ok {
		return nil
	}
	h, err := ParseHours(text, off)
	if err != nil {
		p.fail(v, join(where, "hours"), err)
	}
	return h
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
