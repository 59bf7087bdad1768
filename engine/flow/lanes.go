package flow

import (
	"strconv"

	"go.yaml.in/yaml/v4"
)

// eachHow reads how a loop goes: how many rounds at once, how many elements a round, and what becomes of a round that
// fails.
func (p *parser) eachHow(e *Each, m map[string]*yaml.Node, in string) {
	if v := m["parallel"]; v != nil {
		e.Parallel = p.count(v, join(in, "parallel"), 1, MaxParallel)
	}
	if v := m["batch"]; v != nil {
		e.Batch = p.count(v, join(in, "batch"), 1, MaxBatch)
	}
	switch v := m["on_failure"]; {
	case v == nil:
	case v.Kind == yaml.MappingNode:
		o := p.fields(v, join(in, "on_failure"), "on_failure", "most")
		if o["most"] == nil {
			if o != nil {
				p.bad(v, join(in, "on_failure"), "on_failure does not say how many rounds may fail", "Write {most: 3}, or continue.")
			}
			return
		}
		e.Continue, e.Most = true, p.count(o["most"], join(in, "on_failure.most"), 0, MaxRounds)
	default:
		e.Continue, e.Most = p.choice(v, join(in, "on_failure"), "park", "continue") == "continue", -1
	}
}

// variable reads the name that a loop gives to something; "" when it is none.
func (p *parser) variable(n *yaml.Node, where string) string {
	switch w, ok := p.word(n, where); {
	case !ok:
	case !identifier(w):
		p.bad(n, where, `"{name}" cannot be a variable's name`, "Use letters, digits and _, beginning with a letter.", "name", short(w))
	case contains(reserved, w):
		p.bad(n, where, `"{name}" means something else in expressions`, "Choose another name, like item.", "name", w)
	default:
		return w
	}
	return ""
}

// rounds reads the steps of a loop.
func (p *parser) rounds(n, v *yaml.Node, where string) []*Step {
	if v == nil {
		p.bad(n, where, "the loop has no steps", "Add steps: with a list below it.")
		return nil
	}
	list := p.stepList(v, join(where, "steps"))
	if list != nil && len(list) == 0 && len(v.Content) == 0 {
		p.bad(v, join(where, "steps"), "the loop has no steps", "Add at least one.")
	}
	return list
}

func (p *parser) while(s *Step, n *yaml.Node, m map[string]*yaml.Node, where string) {
	w := &While{}
	s.While = w
	in := join(where, "while")
	o := p.fields(m["while"], in, "while", "cond", "most", "as")
	switch v := o["cond"]; {
	case o == nil:
	case v == nil:
		p.bad(m["while"], in, "the loop does not say how long it goes on", `Write "cond: {example}" in it.`, "example", `"{{ vars.more }}"`)
	default:
		w.Cond = p.cond(v, join(in, "cond"))
	}
	switch v := o["most"]; {
	case o == nil:
	case v == nil:
		p.bad(m["while"], in, "the loop has no bound", "Add most: 100 to it. A condition that never becomes false then fails the step and not the installation.")
	default:
		w.Most = p.count(v, join(in, "most"), 1, MaxRounds)
	}
	if v := o["as"]; v != nil {
		w.As = p.variable(v, join(in, "as"))
	}
	w.Steps = p.rounds(n, m["steps"], where)
}

// taken are names that the value of a parallel has beside its branches', and the name of what on_error says.
var taken = []string{"done", "cancelled", "failed", "error", RescueBlock}

func (p *parser) parallel(s *Step, m map[string]*yaml.Node, where string) {
	w := &Parallel{}
	s.Parallel = w
	in := join(where, "parallel")
	o := p.fields(m["parallel"], in, "parallel", "join", "losers", "branches")
	if o == nil {
		return
	}
	if v := o["branches"]; v == nil {
		p.bad(m["parallel"], in, "the step has no branches", `Add branches: {one: [...], two: [...]}.`)
	} else {
		p.parallelBranches(w, v, join(in, "branches"))
	}
	if v := o["join"]; v != nil {
		w.Join = p.join(v, join(in, "join"), len(w.Branches))
	}
	if v := o["losers"]; v != nil {
		w.Finish = p.choice(v, join(in, "losers"), "cancel", "finish") == "finish"
	}
}

func (p *parser) parallelBranches(w *Parallel, n *yaml.Node, where string) {
	list, ok := p.members(n, where)
	switch {
	case !ok:
		if p.plain(n, where) {
			p.bad(n, where, "branches have names", "Write each as a name with its list of steps below it: mail: [...].")
		}
		return
	case len(list) < 2 || len(list) > MaxBranches:
		p.bad(n, where, "a parallel has {least} to {most} branches", "One branch alone needs no parallel.", "least", 2, "most", MaxBranches)
	}
	for _, b := range list {
		switch {
		case !validID(b.key):
			p.bad(b.name, where, `"{name}" cannot be a branch's name`, "Use small letters, digits and _, beginning with a letter, at most 40.", "name", short(b.key))
			continue
		case contains(taken, b.key):
			p.bad(b.name, where, `"{name}" cannot be a branch's name: the step's value has something else there`, "Choose another name.", "name", b.key)
			continue
		}
		steps := p.stepList(b.value, join(where, b.key))
		if steps != nil && len(steps) == 0 && len(b.value.Content) == 0 {
			p.bad(b.value, join(where, b.key), "the branch has no steps", "Add at least one.")
		}
		w.Branches = append(w.Branches, Branch{Name: b.key, Steps: steps, Pos: at(b.name)})
	}
}

// join is how many branches must be through; 0 is all of them.
func (p *parser) join(n *yaml.Node, where string, of int) int {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!int" {
		i, err := strconv.Atoi(n.Value)
		if err != nil || i < 1 || of > 0 && i > of {
			p.bad(n, where, "a whole number from {least} to {most} is expected here", "There are {most} branches.", "least", 1, "most", max(of, 1))
			return 0
		}
		return i
	}
	switch p.choice(n, where, "all", "any") {
	case "any":
		return 1
	}
	return 0
}
