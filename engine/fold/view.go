package fold

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// View is the run as people see it. It fills everything but RunHead, Title, Place, Notify, what
// the history says, and the asks' Via.
func (p *Program) View(s *State, v Values) (engine.RunView, error) {
	m := p.machine(s, v, engine.Entry{})
	var out engine.RunView
	if s.Head.Run == "" {
		return out, nil
	}
	x, err := v.Value(1)
	if err != nil {
		return out, err
	}
	out.Event, out.Parent = eventOf(x), s.Head.Parent
	if m.p.output != nil && s.Run == engine.RunDone {
		if out.Output, err = m.raw(s.LastSeq); err != nil {
			return out, err
		}
	}
	m.s = s.Clone() // rounds that are over are put back into it
	w := &viewer{m: m, out: &out, rounds: maxShown, room: maxShownValues}
	return out, w.block(m.p.blocks[rootBlock], "")
}

// maxShown bounds the rounds of loops that a view shows, all loops together: the latest ones.
const maxShown = 200

// maxShownValues bounds what the inputs and outputs of those rounds are together, in bytes: one round more than fits.
const maxShownValues = 4 << 20

// viewer goes through the steps in the order of the text, and through the rounds of loops.
type viewer struct {
	m      *machine
	out    *engine.RunView
	rounds int // that may still be shown
	room   int // for the values of rounds, in bytes
}

func (w *viewer) block(bl *block, prefix string) error {
	if bl == nil {
		return nil
	}
	for _, n := range bl.nodes {
		n = n.at(prefix)
		step, err := w.m.viewStep(n)
		if err != nil {
			return err
		}
		w.out.Steps = append(w.out.Steps, step)
		if k := w.m.s.Asks[n.path]; k != nil {
			a, err := w.m.viewAsk(n.path, k)
			if err != nil {
				return err
			}
			if w.out.Asks = append(w.out.Asks, a); !a.Auto {
				w.out.Steps[len(w.out.Steps)-1].BeganAt = a.Opened
			}
		}
		if n.step.Loop() {
			if err := w.loop(n, len(w.out.Steps)-1); err != nil {
				return err
			}
		}
		for _, inner := range n.step.Blocks() {
			if !n.step.Loop() || inner.Name == flow.RescueBlock {
				if err := w.block(w.m.p.blocks[n.step.ID+"/"+inner.Name], prefix); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Event is a run's event as its first entry holds it; nil when that is none.
func Event(x any) *engine.Event {
	e := eventOf(x)
	if in, ok := x.(map[string]any); ok && e != nil {
		if of, ok := in["of"].(map[string]any); ok {
			o := eventOf(of)
			e.Of = &engine.Origin{ID: o.ID, Key: o.Key, At: o.At, Trigger: o.Trigger}
		}
	}
	return e
}

func eventOf(x any) *engine.Event {
	in, ok := x.(map[string]any)
	if !ok {
		return nil
	}
	e := &engine.Event{}
	e.ID, _ = in["id"].(string)
	e.Key, _ = in["key"].(string)
	e.Trigger, _ = in["trigger"].(string)
	at, _ := in["at"].(int)
	e.At = int64(at)
	e.Data, _ = in["data"].(map[string]any)
	return e
}

func (m *machine) viewStep(n *node) (engine.StepView, error) {
	path := n.path
	v := engine.StepView{Path: path, Kind: string(n.step.Kind), Index: n.index, Action: n.step.Action, State: engine.StepPending}
	if n.step.Kind == flow.KindDo {
		v.Max = n.tries()
		v.Risk = n.action.Risk.Least(n.step.Risk)
		v.Line, _ = n.action.Line(nil)
	}
	switch n.step.Kind {
	case flow.KindCall:
		v.Line = n.step.Call.Flow
	case flow.KindEmit:
		v.Line, v.Max = n.step.Emit.Event, n.tries()
	}
	input := int64(0)
	if d := m.s.Done[path]; d != nil {
		v.State, v.Attempts, v.SentAt, v.EndedAt, v.Failure, v.Reason = d.State, d.Attempts, d.SentAt, d.At, d.Failure, d.Reason
		input = d.Input
		if d.Kept && m.s.Head.Again != nil {
			v.Kept = m.s.Head.Again.Number
		}
		if d.State == engine.StepStateDone {
			out, err := m.raw(d.Seq)
			if err != nil {
				return v, err
			}
			v.Output = out
		}
	}
	if a := m.s.Active[path]; a != nil {
		v.State, v.Attempts, v.SentAt, v.RetryAt, v.Failure = a.Phase.step(), a.Attempt, a.SentAt, a.RetryAt, a.Failure
		v.Lost = a.garbled()
		v.Max += a.Base
		input = a.Input
	}
	v.Begun = input
	in, err := m.viewInput(n, input)
	if err != nil || in == nil {
		return v, err
	}
	if given, ok := in.(map[string]any); ok && n.step.Kind == flow.KindDo {
		v.Line, v.Detail = n.action.Line(given)
		v.Risk = n.action.TraitsOf(given).Risk.Least(n.step.Risk)
	}
	v.Input, err = engine.EncodeJSON(in)
	return v, err
}

// viewInput is the input a step has, or, while it waits for its approval or failed before it had one, what would be
// sent as far as it is known.
func (m *machine) viewInput(n *node, seq int64) (any, error) {
	if seq != 0 {
		return m.value(seq)
	}
	if n.step.Kind != flow.KindDo || m.s.Active[n.path] == nil {
		return nil, nil
	}
	if k := m.s.Asks[n.path]; k != nil {
		return m.planned(k.Seq, n.path)
	}
	in, err := m.partial(n, m.s.LastSeq)
	if _, ours := flowFault(err); err != nil && ours {
		return nil, nil
	}
	return in, err
}

func (m *machine) raw(seq int64) (json.RawMessage, error) {
	x, err := m.value(seq)
	if err != nil || x == nil {
		return nil, err
	}
	return engine.EncodeJSON(x)
}

// step is a phase as people see it.
func (p phase) step() engine.StepState {
	switch p {
	case phaseParked:
		return engine.StepStateFailed
	case phaseOutcome:
		return engine.StepStateUnknown
	case phaseCall, phaseProbe, phaseRetry, phaseEach, phaseFork, phaseTry, phaseSent:
		return engine.StepRunning
	}
	return engine.StepWaiting
}

func (m *machine) viewAsk(path string, k *ask) (engine.AskView, error) {
	p, title, err := m.planAt(k.Seq)
	if err != nil {
		return engine.AskView{}, err
	}
	p.Hash = k.Hash
	for i, s := range p.Steps {
		if n := m.p.nodes[s.ID]; n != nil && n.action != nil {
			p.Steps[i].Line, p.Steps[i].Detail = n.action.Line(s.Input)
		}
	}
	v := engine.AskView{
		Kind: k.Kind, Path: path, Auto: k.Auto, Again: k.Again, State: k.State, Title: title, Plan: p, Revision: k.Revision,
		Mode: k.Mode, Groups: k.Groups, Need: k.Need, Not: k.Not, Edit: k.Edit, Votes: k.Votes, Lapsed: k.Lapsed,
		Seq: k.Seq, Opened: k.Opened, Expires: k.Expires, Then: k.Then, Decision: k.Decision, DecidedBy: k.By, DecidedAt: k.At,
		Reason: k.Reason, EditedBy: k.EditedBy, Edited: k.Edited,
	}
	if n := m.p.nodes[stepID(path)]; n != nil && n.step.Ask != nil {
		v.In = n.step.Ask.In
	}
	if k.Kind == engine.AskApproval {
		return v, nil
	}
	return v, m.viewQuestion(&v, k)
}

// viewQuestion adds what a choice or form asks for, and its answer.
func (m *machine) viewQuestion(v *engine.AskView, k *ask) error {
	what, err := m.value(k.Seq)
	if err != nil {
		return err
	}
	options, _ := member(what, "options").([]any)
	for _, o := range options {
		v.Options = append(v.Options, engine.AskOption{Value: plain(member(o, "value")), Label: plain(member(o, "label"))})
	}
	if fields := member(what, "fields"); fields != nil {
		if v.Form, err = engine.EncodeJSON(fields); err != nil {
			return err
		}
		v.Fields, _ = flow.FormSchema(fields)
	}
	if k.Answer != 0 {
		v.Answer, err = m.raw(k.Answer)
	}
	return err
}
