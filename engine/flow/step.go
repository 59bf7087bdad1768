package flow

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

var kinds = []string{"do", "ask", "if", "switch", "each", "while", "parallel", "try", "wait", "call", "emit", "set", "throttle", "dedupe", "digest", "stop"}

// belongs lists the keys of each kind besides its own; every step may carry the common ones.
var belongs = map[string][]string{
	"do":     {"account", "with", "risk", "undo"},
	"ask":    {"covers", "with", "remind", "expire"},
	"if":     {"then", "else"},
	"switch": {"cases", "else"},
	"each":   {"steps"},
	"while":  {"steps"},
	"try":    {"catch", "finally"},
}

var common = []string{"id", "when", "retry", "timeout", "on_error"}

func (p *parser) stepList(n *yaml.Node, where string) []*Step {
	if !p.plain(n, where) {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		p.bad(n, where, "steps are a list", `Begin each step with a dash: "- id: greet".`)
		return nil
	}
	list := make([]*Step, 0, len(n.Content))
	for _, c := range n.Content {
		if s := p.step(c); s != nil {
			list = append(list, s)
		}
	}
	return list
}

func (p *parser) step(n *yaml.Node) *Step {
	if p.steps++; p.steps > maxSteps {
		if p.steps == maxSteps+1 {
			p.bad(n, "", "a flow has at most {most} steps", "Split the flow in two.", "most", maxSteps)
		}
		return nil
	}
	s := &Step{Pos: at(n)}
	place := "step " + strconv.Itoa(p.steps)
	list, ok := p.members(n, place)
	if !ok {
		if n.Kind != yaml.AliasNode && n.Anchor == "" {
			p.bad(n, place, "a step is a map", `Write one key a line: "do: http.request", "with: …".`)
		}
		return nil
	}
	m := make(map[string]*yaml.Node, len(list))
	for _, f := range list {
		m[f.key] = f.value
	}
	kind := p.kind(n, list, place)
	s.Kind = Kind(kind)
	if v := m["id"]; v != nil {
		s.ID = p.id(v, place)
	}
	where := s.ID
	if where == "" && kind != "" {
		where = kind + "_" + strconv.Itoa(p.steps)
	} else if where == "" {
		where = place
	}
	p.keys(list, kind, where)
	for _, f := range list {
		s.places.note(f.key, at(f.value))
	}
	p.common(s, m, where)
	switch s.Kind {
	case KindDo:
		p.do(s, m, where)
	case KindAsk:
		p.ask(s, m, where)
	case KindIf:
		p.branches(s, n, m, where)
	case KindSwitch:
		p.switched(s, n, m, where)
	case KindEach:
		p.each(s, n, m, where)
	case KindWhile:
		p.while(s, n, m, where)
	case KindParallel:
		p.parallel(s, m, where)
	case KindTry:
		p.try(s, n, m, where)
	case KindWait:
		p.wait(s, m["wait"], where)
	case KindCall:
		s.Call = p.call(m["call"], where)
	case KindEmit:
		s.Emit = p.emit(m["emit"], where)
	case KindThrottle:
		s.Throttle = p.throttle(m["throttle"], where)
	case KindDedupe:
		s.Dedupe = p.dedupe(m["dedupe"], where)
	case KindDigest:
		s.Digest = p.digest(m["digest"], where)
	case KindSet:
		s.Set = p.set(m["set"], where)
	case KindStop:
		s.Stop = p.stop(m["stop"], where)
	}
	return s
}

// kind finds the one key that says what the step is.
func (p *parser) kind(n *yaml.Node, list []member, where string) string {
	var found []member
	for _, f := range list {
		if contains(kinds, f.key) {
			found = append(found, f)
		}
	}
	switch len(found) {
	case 1:
		return found[0].key
	case 0:
		for _, f := range list {
			if contains(common, f.key) || f.key == "with" {
				continue
			}
			if g := engine.Suggest(f.key, kinds); g != "" {
				p.bad(f.name, where, `unknown key "{key}"`, `Did you mean "{guess}"?`, "key", short(f.key), "guess", g)
				return ""
			}
		}
		p.bad(n, where, "the step does not say what it does", "Add one of {kinds}.", "kinds", strings.Join(kinds, ", "))
		return ""
	}
	p.bad(found[1].name, where, `a step does one thing, and this one has "{one}" and "{two}"`, "Make two steps of it.", "one", found[0].key, "two", found[1].key)
	return found[0].key
}

// keys reports the keys that no step knows, or that belong to another kind.
func (p *parser) keys(list []member, kind, where string) {
	if kind == "" {
		return
	}
	known := append(append([]string{kind}, belongs[kind]...), common...)
	for _, f := range list {
		if contains(known, f.key) || contains(kinds, f.key) {
			continue
		}
		owner := ""
		for _, k := range kinds {
			if contains(belongs[k], f.key) {
				owner = k
				break
			}
		}
		if owner != "" {
			p.bad(f.name, where, `"{key}" belongs to steps of kind "{owner}", and this one is "{kind}"`, "Remove it, or move it to its step.",
				"key", f.key, "owner", owner, "kind", kind)
			continue
		}
		p.unknown(f, where, known)
	}
}

func (p *parser) id(n *yaml.Node, where string) string {
	s, ok := p.word(n, join(where, "id"))
	switch {
	case !ok:
		return ""
	case !validID(s):
		fixed := strings.ReplaceAll(strings.ToLower(s), "-", "_")
		if validID(fixed) {
			p.bad(n, join(where, "id"), `"{id}" cannot be a step's id`, `Write "{fixed}": expressions call it steps.{fixed}.`, "id", short(s), "fixed", fixed)
		} else {
			p.bad(n, join(where, "id"), `"{id}" cannot be a step's id`, "Use small letters, digits and _, beginning with a letter, at most 40.", "id", short(s))
		}
		return ""
	case p.ids[s]:
		p.bad(n, join(where, "id"), `there are two steps called "{id}"`, "Rename one of them.", "id", s)
		return s
	}
	p.ids[s] = true
	return s
}

// name gives an id to every step without one, from kind and position.
func (p *parser) name(f *Flow) {
	i := 0
	f.Walk(func(s *Step) {
		i++
		if s.ID != "" || s.Kind == "" {
			return
		}
		s.ID = string(s.Kind) + "_" + strconv.Itoa(i)
		for n := 2; p.ids[s.ID]; n++ {
			s.ID = string(s.Kind) + "_" + strconv.Itoa(i) + "_" + strconv.Itoa(n)
		}
		p.ids[s.ID] = true
	})
}

func (p *parser) common(s *Step, m map[string]*yaml.Node, where string) {
	if v := m["when"]; v != nil {
		s.When = p.cond(v, join(where, "when"))
	}
	if v := m["retry"]; v != nil {
		s.Retry = p.retry(v, join(where, "retry"))
	}
	if v := m["timeout"]; v != nil {
		s.Timeout = p.duration(v, join(where, "timeout"))
	}
	if v := m["on_error"]; v != nil {
		s.OnError, s.Rescue = p.onError(v, join(where, "on_error"))
	}
}

func (p *parser) retry(n *yaml.Node, where string) *Retry {
	m := p.fields(n, where, "retry", "max", "first", "factor", "cap")
	if m == nil {
		return nil
	}
	r := &Retry{}
	if v := m["max"]; v != nil {
		r.Max = p.count(v, join(where, "max"), 1, 100)
	}
	if v := m["first"]; v != nil {
		r.First = p.duration(v, join(where, "first"))
	}
	if v := m["factor"]; v != nil {
		f, err := strconv.ParseFloat(v.Value, 64)
		if err != nil || v.Kind != yaml.ScalarNode || !(f >= 1 && f <= 10) {
			p.bad(v, join(where, "factor"), "a number from {least} to {most} is expected here", "", "least", 1, "most", 10)
		} else {
			r.Factor = f
		}
	}
	if v := m["cap"]; v != nil {
		r.Cap = p.duration(v, join(where, "cap"))
	}
	return r
}

func (p *parser) onError(n *yaml.Node, where string) (OnError, []*Step) {
	words := []string{string(ErrRetry), string(ErrContinue), string(ErrStop), string(ErrAsk)}
	if n.Kind == yaml.MappingNode {
		m := p.fields(n, where, "on_error", "then", "steps")
		then, steps := m["then"], m["steps"]
		switch {
		case m == nil:
			return ErrPark, nil
		case then != nil && steps != nil:
			p.bad(steps, where, `"then" and "steps" exclude each other`, "Keep one of them.")
			return ErrPark, nil
		case then == nil && steps == nil:
			if len(n.Content) == 0 {
				p.bad(n, where, "on_error does not say what then", "Write {then: ask}; possible: {words}.", "words", strings.Join(words, ", "))
			}
			return ErrPark, nil
		case steps != nil:
			return ErrSteps, p.rescue(steps, join(where, "steps"))
		}
		n, where = then, join(where, "then")
	}
	if n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode || n.Value == "steps" {
		p.bad(n, where, "the steps stand in a list of their own", "Write on_error: {steps: [...]}; possible besides: {words}.", "words", strings.Join(words, ", "))
		return ErrPark, nil
	}
	return OnError(p.choice(n, where, words...)), nil
}

func (p *parser) rescue(n *yaml.Node, where string) []*Step {
	list := p.stepList(n, where)
	if list != nil && len(list) == 0 && len(n.Content) == 0 {
		p.bad(n, where, "on_error does nothing without steps", "Add at least one, or write {then: continue}.")
	}
	return list
}
