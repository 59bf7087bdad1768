package fold

import (
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/gate"
)

// BudgetGate is what names of the gates of side-effect budgets begin with; the flow and the risk follow.
const BudgetGate = "budget:"

// maxShownLine bounds what people are shown of a call that waits, in characters.
const maxShownLine = 200

// budget asks the flow's budget for the call of n, when there is one for what it does; waits says that it did. A call is
// counted once, however often it is tried: what a retry repeats is the same effect.
func (m *machine) budget(n *node, a *active, in map[string]any) (waits bool, err error) {
	if n.action == nil || len(m.p.Flow.Admission.Budgets) == 0 {
		return false, nil
	}
	risk := n.action.TraitsOf(in).Risk.Least(n.step.Risk)
	for _, b := range m.p.Flow.Admission.Budgets {
		if b.Risk != risk {
			continue
		}
		line, _ := n.action.Line(in)
		data, err := engine.EncodeJSON(engine.BudgetCall{Number: m.s.Head.Number, Step: n.path, Line: clip(line, maxShownLine)})
		if err != nil {
			return false, err
		}
		a.Phase = phaseLine
		m.do(Acquire{
			Path: n.path, Gate: BudgetGate + m.s.Head.Flow + ":" + risk.String(), Label: risk.String(), Data: data,
			Rule: gate.Rule{Kind: gate.Rate, Most: b.Most, Per: max(b.Per.Milliseconds(), 1), Say: true},
		})
		return true, nil
	}
	return false, nil
}

// CutBudgetGate is the flow and risk in the name of a budget's gate.
func CutBudgetGate(name string) (flow, risk string, ok bool) {
	rest, ok := strings.CutPrefix(name, BudgetGate)
	i := strings.LastIndexByte(rest, ':')
	if !ok || i < 0 {
		return "", "", false
	}
	return rest[:i], rest[i+1:], true
}

// gateAnswered lets a step on that stood in line at a gate, or ends what it stood there for.
func (m *machine) gateAnswered() error {
	var h engine.GateHead
	if err := m.head(&h); err != nil {
		return err
	}
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	if n == nil || a == nil || a.Phase != phaseLine {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	switch {
	case n.step.Kind == flow.KindDigest:
		return m.digested(n, h)
	case n.step.Kind == flow.KindDedupe && h.Answer == engine.GateRefused && !n.step.Dedupe.Skip:
		if _, err := m.pass(n, map[string]any{"first": false}); err != nil {
			return err
		}
		return m.end(engine.RunDone, h.Reason)
	case n.step.Kind == flow.KindDedupe:
		return m.passAndGo(n, map[string]any{"first": h.Answer == engine.GateGranted})
	case n.step.Kind == flow.KindThrottle:
		return m.passAndGo(n, nil)
	case h.Answer == engine.GateRefused:
		return m.end(engine.RunCancelled, h.Reason)
	}
	return m.attempt(n, a)
}

// stepOut has a step that is cancelled leave the line it stands in.
func (m *machine) stepOut(path string, a *active) {
	if a.Phase == phaseLine {
		m.do(Release{path})
	}
}
