package fold

import (
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/plan"
)

// Again works out what running an earlier run again from a step on would do: which results are taken over, which steps
// run. old is the earlier run's program, s and v are its state and values. It is pure and changes nothing. Errors: NotFound
// for a step that the version does not have; Conflict where results cannot be taken over.
//
// A step's result is taken over when the step is written as it was, or does the same with the same input. What only works
// values out (set, if, switch) is worked out anew; an approval is, too, when it covers a step that runs: who approved,
// approved that once.
func (p *Program) Again(old *Program, s *State, v Values, ask engine.AgainAsk) (engine.AgainPlan, error) {
	out := engine.AgainPlan{From: ask.From, Seq: s.LastSeq}
	if len(p.order) == 0 || s.Head.Run == "" || s.Head.Undo != nil {
		return out, engine.E(engine.Conflict, "this run has not begun, so nothing can be taken over")
	}
	if ask.Move {
		at, err := old.stands(s)
		if err != nil {
			return out, err
		}
		ask.From, out.From = at, at
	}
	from := p.order[0]
	if ask.From != "" {
		if from = p.nodes[ask.From]; from == nil {
			return out, noSuchStep(p, ask.From)
		}
	}
	if len(from.loops) > 0 || from.berth != nil {
		return out, engine.E(engine.Conflict, `step "{step}" is within "{outer}": only the whole of it can run again`,
			"step", from.step.ID, "outer", outermost(p, from)).WithHint("Begin at that step.")
	}
	k := keeper{p: p, old: old, m: old.machine(s, v, engine.Entry{}), from: from, ids: map[string]any{}}
	if err := k.event(ask); err != nil {
		return out, err
	}
	for _, n := range p.order {
		if n.index >= from.index {
			break
		}
		if err := k.judge(n); err != nil {
			return out, err
		}
	}
	k.askAnew()
	if was := old.nodes[ask.From]; ask.Move && was != nil && from.step.Kind == flow.KindWait && flow.Same(was.step, from.step) {
		if a := s.Active[ask.From]; a != nil && a.Phase == phaseWait {
			out.Until = a.RetryAt
		}
	}
	for _, n := range p.order {
		if x, kept := k.ids[n.step.ID]; kept {
			if !k.covered(n) {
				out.Kept = append(out.Kept, engine.KeptStep{ID: n.step.ID, Index: n.index, Differs: k.differs[n.step.ID], Value: x})
			} else {
				out.Kept = append(out.Kept, engine.KeptStep{ID: n.step.ID, Value: x})
			}
			continue
		}
		if k.covered(n) {
			continue
		}
		if st, runs := k.would(n); runs {
			out.Steps = append(out.Steps, st)
			if ask.Move && st.Repeat {
				return out, engine.E(engine.Conflict, `"{step}" was done, and in this version it is another step or comes later`, "step", st.ID)
			}
		}
	}
	return out, nil
}

// stands is the one step at which a run waits; Conflict where it does not wait, or does so in the middle of something that
// cannot be begun there: a loop, a branch, a try.
func (p *Program) stands(s *State) (string, error) {
	m := p.machine(s, nil, engine.Entry{})
	at := ""
	for _, path := range sorted(s.Active) {
		n, a := m.node(path), s.Active[path]
		if n == nil || n.berth != nil || len(n.loops) > 0 || n.catch != "" || len(n.step.Blocks()) > 0 || at != "" || n.inTry(p) {
			return "", engine.E(engine.Conflict, `it waits within a loop, a branch or a try, and cannot move from there`)
		}
		switch {
		case a.Phase != phaseGate && a.Phase != phaseAsk && a.Phase != phaseWait && a.Phase != phaseParked, a.garbled():
			return "", engine.E(engine.Conflict, `"{step}" is under way`, "step", n.step.ID)
		}
		at = n.step.ID
	}
	if at == "" {
		return "", engine.E(engine.Conflict, "it does not wait anywhere")
	}
	for _, path := range sorted(s.Done) {
		if d := s.Done[path]; d.State == engine.StepStateFailed {
			return "", engine.E(engine.Conflict, `"{step}" failed and was gone past, which cannot be taken over`, "step", stepID(path))
		}
	}
	return at, nil
}

func (n *node) inTry(p *Program) bool {
	return slices.ContainsFunc(n.within, func(id string) bool { return p.nodes[id] != nil && p.nodes[id].step.Kind == flow.KindTry })
}

func noSuchStep(p *Program, id string) error {
	var names []string
	for _, n := range p.order {
		names = append(names, n.step.ID)
	}
	e := engine.E(engine.NotFound, `there is no step "{step}" in this version`, "step", id)
	if near := engine.Suggest(id, names); near != "" {
		e.Args["near"] = near
		return e.WithHint("Did you mean {near}?")
	}
	return e
}

func outermost(p *Program, n *node) string {
	for _, id := range n.within {
		if x := p.nodes[id]; x != nil && (x.step.Loop() || x.step.Kind == flow.KindParallel) {
			return id
		}
	}
	return n.step.ID
}

// keeper decides about the steps before the one to begin at.
type keeper struct {
	p, old  *Program
	m       *machine // of the earlier run
	then    *machine // of the run that is to be, as far as it is known
	from    *node
	ids     map[string]any // results taken over, by step id
	differs map[string]bool
	why     map[string]string // steps that were done and run once more
}

// event prepares how values would be worked out in the run that is to be.
func (k *keeper) event(ask engine.AgainAsk) error {
	k.differs, k.why = map[string]bool{}, map[string]string{}
	x, err := k.m.value(1)
	if err != nil {
		return err
	}
	s := NewState()
	s.Head, s.LastSeq, s.LastAt, s.Done = k.m.s.Head, k.m.s.LastSeq, k.m.s.LastAt, map[string]*done{}
	s.Vars = k.m.s.Vars
	k.then = k.p.machine(s, k.m.v, engine.Entry{})
	if in, ok := x.(map[string]any); ok && ask.Event != nil {
		other := map[string]any{}
		for key, v := range in {
			other[key] = v
		}
		other["data"] = ask.Event
		k.then.own[1] = other
	}
	return nil
}

// judge decides about one step before the first that runs.
func (k *keeper) judge(n *node) error {
	id, was := n.step.ID, k.old.nodes[n.step.ID]
	if len(n.loops) > 0 || slices.Contains(k.from.within, id) {
		return nil
	}
	inner := k.covered(n)
	switch n.step.Kind {
	case flow.KindIf, flow.KindSwitch, flow.KindStop:
		if !inner {
			return nil
		}
	case flow.KindSet:
		if !inner {
			return nil
		}
	}
	d := k.m.s.Done[id]
	if d == nil || d.State != engine.StepStateDone || was == nil || len(was.loops) > 0 {
		return nil
	}
	same := was.step.Kind == n.step.Kind && flow.Same(was.step, n.step)
	if !same && n.step.Kind == flow.KindDo && was.step.Kind == flow.KindDo && was.step.Action == n.step.Action && was.step.Account == n.step.Account {
		in, err := k.then.input(n)
		if _, ours := flowFault(err); err != nil && !ours {
			return err
		}
		before, err2 := k.input(d)
		if err2 != nil {
			return err2
		}
		same = err == nil && plan.Same(in, before)
	}
	if !same {
		k.why[id] = "it is another step in this version"
		return nil
	}
	if n.step.Loop() {
		for _, b := range k.p.order {
			if b.inside(n) && b.step.Kind == flow.KindSet {
				return engine.E(engine.Conflict, `"{step}" sets values round by round, which cannot be taken over`, "step", id).
					WithHint("Begin at that step, or before it.")
			}
		}
	}
	x, err := k.m.gave(id, d, "", k.m.s.Done)
	if err != nil {
		return err
	}
	k.ids[id] = x
	k.then.s.Done[id] = d
	if n.step.Kind == flow.KindDo && !inner {
		in, err := k.then.input(n)
		before, err2 := k.input(d)
		k.differs[id] = err == nil && err2 == nil && !plan.Same(in, before)
	}
	return nil
}

func (k *keeper) input(d *done) (any, error) {
	if d.Input == 0 {
		return nil, nil
	}
	return k.m.value(d.Input)
}

// covered says that a step stands within one whose result is taken over as a whole.
func (k *keeper) covered(n *node) bool {
	for _, id := range n.within {
		if _, kept := k.ids[id]; kept {
			return true
		}
	}
	return false
}

// askAnew lets go of approvals that cover a step that runs.
func (k *keeper) askAnew() {
	for _, n := range k.p.order {
		if n.step.Kind != flow.KindAsk || n.step.Ask == nil || n.step.Ask.Kind != engine.AskApproval {
			continue
		}
		for _, id := range n.step.Ask.Covers {
			if _, kept := k.ids[id]; !kept {
				delete(k.ids, n.step.ID)
				delete(k.then.s.Done, n.step.ID)
			}
		}
	}
}

// would is what a step would do, for people; steps that only work something out are not told of.
func (k *keeper) would(n *node) (st engine.AgainStep, runs bool) {
	st = engine.AgainStep{ID: n.step.ID, Index: n.index, Kind: string(n.step.Kind), Why: k.why[n.step.ID], Repeat: k.why[n.step.ID] != ""}
	if d := k.m.s.Done[n.step.ID]; d != nil && d.State == engine.StepStateDone &&
		(n.step.Kind == flow.KindDo || n.step.Kind == flow.KindCall || n.step.Kind == flow.KindEmit || n.step.Loop()) {
		st.Repeat = true
	}
	switch n.step.Kind {
	case flow.KindIf, flow.KindSwitch, flow.KindSet, flow.KindStop, flow.KindTry, flow.KindParallel:
		return st, false
	case flow.KindDo:
		in, err := k.then.partial(n, k.then.s.LastSeq)
		if err != nil {
			in = nil
		}
		st.Line, st.Detail = n.action.Line(in)
		st.Risk = n.action.TraitsOf(plan.Known(in)).Risk.Least(n.step.Risk)
	case flow.KindCall:
		st.Line = n.step.Call.Flow
	case flow.KindEmit:
		st.Line = n.step.Emit.Event
	}
	return st, true
}
