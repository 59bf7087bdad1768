package fold

import (
	"encoding/json"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/expr"
	"github.com/bretelle/bretelle/engine/flow"
)

// maxUndo bounds the calls that one undoing run makes.
const maxUndo = 200

// Undo works out, from a run's journal, how what it did can be taken back, the last thing first: of one step by id, or of
// all for "". before says of paths why they are not to be taken back again. It changes nothing.
func (p *Program) Undo(s *State, entries []engine.Entry, step string, before map[string]*engine.Error) (engine.UndoPlan, error) {
	out := engine.UndoPlan{Step: step}
	m := p.machine(s, Journal(entries), engine.Entry{})
	known := step == ""
	deeds := happened(entries)
	for i := len(deeds) - 1; i >= 0; i-- {
		e := deeds[i].entry
		n := m.node(e.Path)
		if n == nil || step != "" && n.step.ID != step && n.path != step {
			continue
		}
		known = true
		u, tell, err := m.inverse(n, deeds[i].input, e)
		if err != nil {
			return out, err
		}
		if no := before[e.Path]; no != nil && tell {
			u.Why = no
		}
		switch {
		case !tell:
		case u.Why != nil:
			out.Cannot = append(out.Cannot, u)
		case len(out.Steps) == maxUndo:
			return out, engine.E(engine.TooLarge, "more than {most} calls would be taken back at once", "most", maxUndo).WithHint("Undo one step after the other.")
		default:
			u.ID = "undo_" + strconv.Itoa(len(out.Steps)+1) + "_" + n.step.ID
			out.Steps = append(out.Steps, u)
		}
	}
	if !known && p.nodes[step] == nil {
		return out, noSuchStep(p, step)
	}
	return out, nil
}

// deed is the success of a step, with the entry that holds its input; 0 where there is none.
type deed struct {
	entry engine.Entry
	input int64
}

// happened lists what a run did, in its order. What stands when its block is gone through again is recorded once more
// (cut.go), and was done once.
func happened(entries []engine.Entry) (out []deed) {
	input, over := map[string]int64{}, map[string]bool{}
	for _, e := range entries {
		switch {
		case e.Kind == engine.StepStarted:
			input[e.Path], over[e.Path] = e.Seq, false
		case tookPlace(e) && !over[e.Path]:
			over[e.Path] = true
			out = append(out, deed{e, input[e.Path]})
		}
	}
	return out
}

// tookPlace says that an entry is the success of a step.
func tookPlace(e engine.Entry) bool {
	switch e.Kind {
	case engine.StepDone, engine.StepKept:
		return true
	case engine.ProbeDone:
		var h engine.ProbeHead
		return json.Unmarshal(e.Head, &h) == nil && h.Found == engine.ProbeHappened
	}
	return false
}

// inverse is how one success is taken back; tell is false of what changed nothing.
func (m *machine) inverse(n *node, input int64, e engine.Entry) (u engine.UndoStep, tell bool, err error) {
	u = engine.UndoStep{Path: e.Path, Action: n.step.Action}
	switch {
	case e.Kind == engine.StepKept:
		var h engine.KeptHead
		if err := json.Unmarshal(e.Head, &h); err != nil {
			return u, false, err
		}
		u.Why = engine.E(engine.Conflict, "#{number} did it", "number", h.Number)
		return u, n.step.Kind == flow.KindDo, nil
	case n.step.Kind == flow.KindCall:
		u.Why = engine.E(engine.Conflict, "it called another flow, whose run is undone by itself")
		return u, true, nil
	case n.step.Kind == flow.KindEmit:
		u.Why = engine.E(engine.Conflict, "others have heard it")
		return u, true, nil
	case n.step.Kind != flow.KindDo:
		return u, false, nil
	}
	var in, result any
	if input != 0 {
		if in, err = m.value(input); err != nil {
			return u, false, err
		}
	}
	if result, err = m.value(e.Seq); err != nil {
		return u, false, err
	}
	sent, _ := in.(map[string]any)
	if n.action.TraitsOf(sent).Risk == engine.Read {
		return u, false, nil
	}
	with, err := m.takenBack(n, &u, sent, result)
	if f, ours := flowFault(err); err != nil {
		if !ours {
			return u, false, err
		}
		u.Why = f.Error()
		return u, true, nil
	}
	if with == nil {
		u.Why = engine.E(engine.Conflict, "nothing says how {action} is undone", "action", n.step.Action)
		return u, true, nil
	}
	act, ok := m.p.catalog.Action(u.Action)
	if !ok {
		u.Why = engine.E(engine.Conflict, `no action is called "{name}"`, "name", u.Action)
		return u, true, nil
	}
	u.With, u.Risk = with, act.TraitsOf(with).Risk
	u.Line, u.Detail = act.Line(with)
	return u, true, nil
}

// takenBack is what the inverse call sends: as the step says, else as its action does; nil where neither does.
func (m *machine) takenBack(n *node, u *engine.UndoStep, sent map[string]any, result any) (map[string]any, error) {
	if w := n.step.Undo; w != nil {
		u.Action, u.Account = w.Action, w.Account
		sc := m.scope(n)
		base := sc.roots
		sc.roots = func(x *expr.Expr) (map[string]any, error) {
			roots, err := base(x)
			if err == nil {
				roots["result"], roots["input"] = result, any(sent)
			}
			return roots, err
		}
		x, err := sc.eval(n.undo)
		if err != nil {
			return nil, err
		}
		with, ok := x.(map[string]any)
		if !ok {
			with = map[string]any{}
		}
		return with, nil
	}
	if n.action.Undo != nil {
		if inv, ok := n.action.Undo(sent, result); ok {
			u.Action, u.Account = inv.Action, n.step.Account
			return inv.With, nil
		}
	}
	return nil, nil
}

// undoing is the program of a run that takes back another one: its steps are calls, one after the other, with what its
// event holds. Why no flow of its own: it is as old as the version it undoes, and needs no name among the flows.
func (p *Program) undoing(h *engine.UndoHead) *Program {
	f := *p.Flow
	f.Steps, f.Output, f.Longest = nil, nil, 0
	q := &Program{Flow: &f, catalog: p.catalog, zone: p.zone, blocks: map[string]*block{}, nodes: map[string]*node{}}
	root := &block{id: rootBlock}
	for i, u := range h.Steps {
		s := &flow.Step{ID: u.ID, Kind: flow.KindDo, Action: u.Action, Account: u.Account}
		n := &node{step: s, path: u.ID, index: i + 1, given: i + 1}
		if n.action, _ = p.catalog.Action(u.Action); n.action == nil {
			n.action = &engine.Action{Name: u.Action, Title: u.Action, Risk: engine.Destroy}
		}
		f.Steps = append(f.Steps, s)
		root.nodes, q.order = append(root.nodes, n), append(q.order, n)
		q.nodes[u.ID] = n
	}
	q.blocks[rootBlock] = root
	return q
}

// givenInput is what a step of an undoing run sends.
func (m *machine) givenInput(n *node) (map[string]any, error) {
	x, err := m.value(1)
	if err != nil {
		return nil, err
	}
	event, _ := x.(map[string]any)
	list, _ := event["undo"].([]any)
	if n.given > len(list) {
		return nil, engine.E(engine.Invalid, "what this step sends is not there any more")
	}
	in, ok := list[n.given-1].(map[string]any)
	if !ok {
		in = map[string]any{}
	}
	return in, nil
}

// Undone is which paths an undoing run has taken back, and which it may have.
func (s *State) Undone() (paths map[string]bool) {
	if s.Head.Undo == nil {
		return nil
	}
	paths = map[string]bool{}
	for _, u := range s.Head.Undo.Steps {
		if d := s.Done[u.ID]; d != nil && (d.State == engine.StepStateDone || d.SentAt > 0) {
			paths[u.Path] = d.State == engine.StepStateDone
		}
	}
	return paths
}
