package flow

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

func (p *parser) ask(s *Step, m map[string]*yaml.Node, where string) {
	a := &Ask{}
	switch w, ok := p.word(m["ask"], join(where, "ask")); {
	case !ok:
		return
	case w == engine.AskChoice || w == engine.AskForm:
		a.Kind = w
	case w != "approval":
		p.notOneOf(m["ask"], join(where, "ask"), w, []string{"approval", engine.AskChoice, engine.AskForm})
		return
	}
	s.Ask = a
	if v := m["covers"]; v != nil && a.Kind != engine.AskApproval {
		p.bad(v, join(where, "covers"), `only an approval covers steps, and this asks for a {what}`, `Write "ask: approval", or remove covers.`, "what", a.Kind)
	} else if v != nil {
		a.Covers = p.words(v, join(where, "covers"))
		s.note("covers", v)
	}
	switch v := m["with"]; {
	case v == nil && a.Kind == engine.AskChoice:
		p.bad(m["ask"], where, "there is nothing to choose from", "Add with: {title: Which?, options: [one, two], by: …}.")
	case v == nil && a.Kind == engine.AskForm:
		p.bad(m["ask"], where, "a form has fields", "Add with: {title: …, by: …, fields: [{name: reason, title: Why?}]}.")
	case v == nil:
	case a.Kind == engine.AskApproval:
		p.question(s, v, join(where, "with"))
	default:
		p.choiceOrForm(s, v, join(where, "with"))
	}
	if v := m["remind"]; v != nil {
		a.Remind = p.duration(v, join(where, "remind"))
	}
	if v := m["expire"]; v != nil {
		then := []string{"stop", "deny", "approve"}
		if a.Kind != engine.AskApproval {
			then = []string{"stop", "skip"}
		}
		a.Expire = p.expire(v, join(where, "expire"), then...)
		if then := valueOf(v, "then"); then != nil {
			s.places.note("expire.then", at(then))
		}
	}
}

// note keeps where each word of a list stands.
func (s *Step) note(part string, list *yaml.Node) {
	for _, c := range list.Content {
		s.places.note(part+"."+c.Value, at(c))
	}
}

func (p *parser) question(s *Step, n *yaml.Node, where string) {
	m := p.fields(n, where, "with", "title", "by", "edit", "not", "in")
	a := s.Ask
	p.askTitle(a, m, where)
	p.askBy(s, m, where)
	p.askIn(s, m, where)
	if v := m["edit"]; v != nil {
		s.note("edit", v)
		for _, e := range p.words(v, join(where, "edit")) {
			step, field, ok := strings.Cut(e, ".")
			if !ok || !validID(step) || field == "" {
				p.bad(v, join(where, "edit"), `"{text}" is not a field of a step`, `Write step.field, like "greet.text".`, "text", short(e))
				continue
			}
			a.Edit = append(a.Edit, e)
		}
	}
	if v := m["not"]; v != nil {
		a.NotSet = true
		known := []string{"requester", "editor"}
		for _, w := range p.words(v, join(where, "not")) {
			if !contains(known, w) {
				p.notOneOf(v, join(where, "not"), w, known)
				continue
			}
			a.Not = append(a.Not, w)
		}
	}
}

func (p *parser) askTitle(a *Ask, m map[string]*yaml.Node, where string) {
	if v := m["title"]; v != nil {
		if _, ok := p.word(v, join(where, "title")); ok {
			a.Title = p.value(v, join(where, "title"))
		}
	}
}

// askIn reads where it is asked.
func (p *parser) askIn(s *Step, m map[string]*yaml.Node, where string) {
	if v := m["in"]; v != nil {
		s.Ask.In = p.placeList(&s.places, v, join(where, "in"), "in")
	}
}

func (p *parser) askBy(s *Step, m map[string]*yaml.Node, where string) {
	v := m["by"]
	if v == nil {
		return
	}
	p.by(s.Ask, v, join(where, "by"))
	s.places.note("by", at(v))
	for _, key := range []string{"any", "all"} {
		if list := valueOf(v, key); list != nil {
			s.note("by", list)
		}
	}
}

func (p *parser) by(a *Ask, n *yaml.Node, where string) {
	m := p.fields(n, where, "by", "any", "all", "need")
	if m == nil {
		return
	}
	a.Need = 1
	if v := m["need"]; v != nil {
		a.Need = p.count(v, join(where, "need"), 1, 100)
	}
	if v := m["any"]; v != nil {
		a.Any = p.words(v, join(where, "any"))
	}
	if v := m["all"]; v != nil {
		a.All = p.words(v, join(where, "all"))
	}
	if m["any"] != nil && m["all"] != nil {
		p.bad(m["all"], where, `"any" and "all" exclude each other`, "Keep one of them.")
	}
}

func (p *parser) expire(n *yaml.Node, where string, then ...string) *Expire {
	m := p.fields(n, where, "expire", "after", "then")
	if m == nil {
		return nil
	}
	e := &Expire{Then: "stop"}
	if v := m["after"]; v == nil {
		p.bad(n, where, "expire does not say when", "Write {after: 3d, then: stop}.")
	} else {
		e.After = p.duration(v, join(where, "after"))
	}
	if v := m["then"]; v != nil {
		if w := p.choice(v, join(where, "then"), then...); w != "" {
			e.Then = w
		}
	}
	return e
}
