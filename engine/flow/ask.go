package flow

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

func (p *parser) ask(s *Step, m map[string]*yaml.Node, where string) {
	switch w, ok := p.word(m["ask"], join(where, "ask")); {
	case !ok:
		return
	case w == "choice" || w == "form":
		p.bad(m["ask"], join(where, "ask"), `asking for a "{what}" does not work yet`, `This version asks for "approval".`, "what", w)
		return
	case w != "approval":
		p.notOneOf(m["ask"], join(where, "ask"), w, []string{"approval"})
		return
	}
	a := &Ask{}
	s.Ask = a
	if v := m["covers"]; v != nil {
		a.Covers = p.words(v, join(where, "covers"))
		s.note("covers", v)
	}
	if v := m["with"]; v != nil {
		p.question(s, v, join(where, "with"))
	}
	if v := m["remind"]; v != nil {
		a.Remind = p.duration(v, join(where, "remind"))
	}
	if v := m["expire"]; v != nil {
		a.Expire = p.expire(v, join(where, "expire"))
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
	m := p.fields(n, where, "with", "title", "by", "edit", "not")
	a := s.Ask
	if v := m["title"]; v != nil {
		if _, ok := p.word(v, join(where, "title")); ok {
			a.Title = p.value(v, join(where, "title"))
		}
	}
	if v := m["by"]; v != nil {
		p.by(a, v, join(where, "by"))
		s.places.note("by", at(v))
		for _, key := range []string{"any", "all"} {
			if list := valueOf(v, key); list != nil {
				s.note("by", list)
			}
		}
	}
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

func (p *parser) expire(n *yaml.Node, where string) *Expire {
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
		if w := p.choice(v, join(where, "then"), "stop", "deny", "approve"); w != "" {
			e.Then = w
		}
	}
	return e
}
