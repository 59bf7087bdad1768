package fold

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/plan"
)

// admit lets an input through to the call, or opens the gate that it needs first (DESIGN section 5). changed says
// that a person replaced the input, so what the flow would have rendered no longer counts.
func (m *machine) admit(n *node, in map[string]any, changed bool) (through bool, err error) {
	path := n.path
	risk := n.action.TraitsOf(in).Risk.Least(n.step.Risk)
	ap, approved := m.s.Cleared[path]
	switch {
	case approved:
		same, err := m.asApproved(n, in, ap, changed)
		if err != nil {
			return false, err
		}
		if same {
			return false, m.call(n, in)
		}
		return m.gate(n, in, m.s.Asks[ap.Ask])
	case risk == engine.Destroy, risk == engine.Send && (m.s.Head.Undo != nil || !slices.Contains(m.s.Head.Cleared, n.step.ID) && !slices.Contains(m.s.Sent, n.step.ID)):
		return m.gate(n, in, nil)
	}
	return false, m.call(n, in)
}

// asApproved compares what is due with what was approved: the whole of it, or, where the plan had parts that were
// not known, the same parts known.
func (m *machine) asApproved(n *node, in map[string]any, ap approval, changed bool) (bool, error) {
	planned, err := m.planned(ap.Seq, n.step.ID)
	if err != nil {
		return false, err
	}
	if ap.Exact {
		return plan.Same(in, planned), nil
	}
	if changed {
		return false, nil
	}
	now, err := m.partial(n, ap.Seen)
	if err != nil {
		if _, ok := flowFault(err); ok {
			return false, nil
		}
		return false, err
	}
	return plan.Same(now, planned), nil
}

// planned is a step's input in the plan that entry seq holds.
func (m *machine) planned(seq int64, id string) (any, error) {
	p, _, err := m.planAt(seq)
	if err != nil {
		return nil, err
	}
	for _, s := range p.Steps {
		if s.ID == id {
			return s.Input, nil
		}
	}
	return nil, nil
}

// partial is the step's input as far as it was known after entry seen; the rest is marked.
func (m *machine) partial(n *node, seen int64) (map[string]any, error) {
	sc := m.scope(n)
	sc.unknown = func(x *expr.Expr) bool { return slices.ContainsFunc(x.Refs(), m.unknownAt(n, seen)) }
	return m.render(n, sc)
}

// unknownAt says whether what an expression reads could still change after entry seen.
func (m *machine) unknownAt(at *node, seen int64) func(expr.Ref) bool {
	later := func(id string) bool {
		d := m.s.Done[m.beside(at, id)]
		return d == nil || d.Seq > seen
	}
	// A step in a loop that at is not in can still set something until the loop is through.
	open := func(n *node) bool {
		for i, loop := range n.loops {
			if i >= len(at.loops) || at.loops[i] != loop {
				return later(loop)
			}
		}
		return later(n.step.ID)
	}
	return func(r expr.Ref) bool {
		switch {
		case r.Root == "steps":
			return len(r.Path) == 0 || later(r.Path[0])
		case r.Root == "vars":
			return slices.ContainsFunc(m.p.order, func(n *node) bool {
				return open(n) && slices.ContainsFunc(n.assigns, func(a assign) bool {
					return len(r.Path) == 0 || a.name == r.Path[0]
				})
			})
		}
		return false
	}
}

// planStep is what a step would do, as a part of a plan.
func (m *machine) planStep(n *node, in map[string]any) engine.PlanStep {
	return engine.PlanStep{
		ID: n.step.ID, Action: n.step.Action, Account: n.step.Account, Input: in,
		Risk: n.action.TraitsOf(plan.Known(in)).Risk.Least(n.step.Risk),
	}
}

func (m *machine) newPlan(steps []engine.PlanStep) *engine.Plan {
	return &engine.Plan{Flow: m.s.Head.Flow, Version: m.s.Head.Version, Steps: steps}
}

// gate asks for approval of one step's exact input: like was the approval it had before, nil for an automatic gate.
func (m *machine) gate(n *node, in map[string]any, like *ask) (through bool, err error) {
	path := n.path
	k := &ask{Mode: "any", Need: 1, Covers: []string{path}, Again: like != nil, Auto: like == nil}
	if like != nil {
		k.Mode, k.Groups, k.Need, k.Not = like.Mode, like.Groups, like.Need, like.Not
		for _, e := range like.Edit {
			if strings.HasPrefix(e, n.step.ID+".") {
				k.Edit = append(k.Edit, e)
			}
		}
	} else {
		k.Groups = []string{engine.DefaultApprovers}
		if m.s.Head.Approvers != "" {
			k.Groups = []string{m.s.Head.Approvers}
		}
		if n.action.TraitsOf(in).Risk.Least(n.step.Risk) == engine.Destroy {
			k.Not = fourEyes
		}
	}
	a := m.s.step(path)
	if a == nil {
		a = m.s.begin(path, &active{})
	}
	a.Phase = phaseGate
	k.EditedBy = a.FixedBy
	line, _ := n.action.Line(in)
	return m.open(n, k, asked{Title: line, Plan: m.newPlan([]engine.PlanStep{m.planStep(n, in)})})
}

// fourEyes is who may not decide where nothing else is written: who started the run, and who last changed what is
// sent.
var fourEyes = []string{"requester", "editor"}

// cutEdit splits "step.field".
func cutEdit(key string) (step, field string, ok bool) { return strings.Cut(key, ".") }

// cutTimer splits "kind:path".
func cutTimer(id string) (kind, path string) {
	kind, path, _ = strings.Cut(id, ":")
	return kind, path
}
