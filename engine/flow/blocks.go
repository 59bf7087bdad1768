package flow

import (
	"strconv"

	"go.yaml.in/yaml/v4"

	"github.com/bretelle/bretelle/engine"
)

func (p *parser) switched(s *Step, n *yaml.Node, m map[string]*yaml.Node, where string) {
	w := &Switch{}
	if _, ok := p.word(m["switch"], join(where, "switch")); ok {
		w.On = p.value(m["switch"], join(where, "switch"))
	}
	if w.On == nil {
		return
	}
	s.Switch = w
	if v := m["cases"]; v == nil {
		p.bad(n, where, "the switch has no cases", `Add cases: - {is: small, steps: [...]}.`)
	} else if v.Kind != yaml.SequenceNode || len(v.Content) == 0 {
		if p.plain(v, where) {
			p.bad(v, join(where, "cases"), "cases are a list", `Begin each with a dash: "- is: small", with steps below it.`)
		}
	} else {
		for i, c := range v.Content {
			p.oneCase(w, c, join(where, "cases")+"["+strconv.Itoa(i)+"]")
		}
	}
	if v := m["else"]; v != nil {
		w.Else = p.stepList(v, join(where, "else"))
	}
}

func (p *parser) oneCase(w *Switch, n *yaml.Node, where string) {
	m := p.fields(n, where, "a case", "is", "steps")
	if m == nil {
		return
	}
	c := Case{Pos: at(n)}
	switch v := m["is"]; {
	case v == nil:
		p.bad(n, where, "the case does not say of which value it is", `Add "is: small", or "is: [small, medium]".`)
		return
	case v.Kind == yaml.MappingNode && !braces(v):
		p.bad(v, join(where, "is"), "a value, or a list of values, is expected here", "Write is: small, or is: [small, medium].")
		return
	default:
		if c.Is = p.value(v, join(where, "is")); c.Is == nil {
			return
		}
	}
	if v := m["steps"]; v == nil {
		p.bad(n, where, "the case has no steps", "Add steps: with a list below it.")
	} else {
		c.Steps = p.stepList(v, join(where, "steps"))
	}
	w.Cases = append(w.Cases, c)
}

// reserved are names that expressions use for something else.
var reserved = []string{"event", "steps", "vars", "flow", "run", "index", "error"}

func (p *parser) each(s *Step, n *yaml.Node, m map[string]*yaml.Node, where string) {
	e := &Each{As: "item"}
	s.Each = e
	in := join(where, "each")
	o := p.fields(m["each"], in, "each", "list", "as", "parallel", "batch", "on_failure")
	switch v := o["list"]; {
	case o == nil:
	case v == nil:
		p.bad(m["each"], in, "the loop does not say through which list it goes", `Write "list: {example}" in it, with quotes around the braces.`, "example", "{{ event.body.items }}")
	default:
		e.List = p.value(v, join(in, "list"))
	}
	if v := o["as"]; v != nil {
		if w := p.variable(v, join(in, "as")); w != "" {
			e.As = w
		}
	}
	p.eachHow(e, o, in)
	e.Steps = p.rounds(n, m["steps"], where)
}

func (p *parser) try(s *Step, n *yaml.Node, m map[string]*yaml.Node, where string) {
	t := &Try{Body: p.stepList(m["try"], join(where, "try"))}
	s.Try = t
	if v := m["catch"]; v != nil {
		t.Catch = p.stepList(v, join(where, "catch"))
	}
	if v := m["finally"]; v != nil {
		t.Finally = p.stepList(v, join(where, "finally"))
	}
	if m["catch"] == nil && m["finally"] == nil {
		p.bad(n, where, `"try" does nothing without "catch" or "finally"`, `Add "catch:" with steps beside it.`)
	}
}

// choiceOrForm reads what a choice or a form is asked with.
func (p *parser) choiceOrForm(s *Step, n *yaml.Node, where string) {
	a, own := s.Ask, "options"
	if a.Kind == engine.AskForm {
		own = "fields"
	}
	m := p.fields(n, where, "with", "title", "by", "in", own)
	p.askTitle(a, m, where)
	p.askBy(s, m, where)
	p.askIn(s, m, where)
	if by := m["by"]; by != nil && (len(a.All) > 0 || a.Need > 1) {
		p.bad(by, join(where, "by"), "the first answer counts: nobody else is needed", `Write by: {any: ["@group"]}.`)
	}
	v := m[own]
	switch {
	case m == nil:
	case v == nil && own == "options":
		p.bad(n, join(where, own), "there is nothing to choose from", "Add options: [one, two].")
	case v == nil:
		p.bad(n, join(where, own), "a form has fields", "Write a list of them: fields: [{name: reason, title: Why?}].")
	case own == "options":
		if a.Options = p.value(v, join(where, own)); a.Options != nil {
			_, _, problems := FormOptions(a.Options)
			p.adopt(problems, join(where, own))
		}
	default:
		if a.Fields = p.value(v, join(where, own)); a.Fields != nil {
			_, problems := FormFields(a.Fields)
			p.adopt(problems, join(where, own))
		}
	}
}

// adopt reports problems found within a value that stands at where.
func (p *parser) adopt(problems engine.Problems, where string) {
	for _, x := range problems {
		before := len(p.problems)
		p.add(x.Pos, where+x.Where, x.Msg, x.Hint)
		if len(p.problems) > before && before < maxProblems {
			p.problems[before].Args = x.Args
		}
	}
}
