package fold

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/gate"
)

// What names of the gates of steps begin with; the flow, the step and the key follow.
const (
	ThrottleGate = "throttle:"
	DedupeGate   = "dedupe:"
)

// enterThrottle has the run wait until there is room in the window.
func (m *machine) enterThrottle(n *node) (bool, error) {
	t := n.step.Throttle
	return m.standInLine(n, ThrottleGate, gate.Rule{Kind: gate.Rate, Most: t.Most, Per: t.Per.Milliseconds()})
}

// enterDedupe asks whether the run is the first with its key.
func (m *machine) enterDedupe(n *node) (bool, error) {
	return m.standInLine(n, DedupeGate, gate.Rule{Kind: gate.Rate, Most: 1, Per: n.step.Dedupe.For.Milliseconds(), Full: gate.Drop})
}

func (m *machine) standInLine(n *node, kind string, rule gate.Rule) (bool, error) {
	key, err := m.lineKey(n)
	if err != nil {
		return m.fault(n, err)
	}
	who := engine.BudgetCall{Number: m.s.Head.Number, Step: n.path}
	if again := m.s.Head.Again; again != nil {
		who.Of = again.Number
	}
	data, err := engine.EncodeJSON(who)
	if err != nil {
		return false, err
	}
	return m.stand(n, kind, key, rule, data, map[string]any{"key": key})
}

// lineKey is what the step counts or collects apart by; "" where it does for all together.
func (m *machine) lineKey(n *node) (string, error) {
	key, err := keyOf(m.scope(n), n.key)
	if err == nil && n.key != nil && (key == "" || len(key) > maxEventKey) {
		err = engine.E(engine.Invalid, "the key is empty, or longer than {most} bytes", "most", maxEventKey).
			WithHint("Choose something short that tells one thing from another.")
	}
	return key, err
}

// stand asks the gate of a step: started is what people are shown of that, data what the gate keeps.
func (m *machine) stand(n *node, kind, key string, rule gate.Rule, data json.RawMessage, started map[string]any) (bool, error) {
	a := m.s.step(n.path)
	if a == nil {
		a = m.s.begin(n.path, &active{})
	}
	a.Phase = phaseLine
	seq, err := m.record(engine.StepStarted, n.path, 0, nil, started)
	if err != nil {
		return false, err
	}
	if n.step.Kind == flow.KindDigest {
		a.Input = seq
	}
	m.do(Acquire{Path: n.path, Gate: kind + m.s.Head.Flow + ":" + n.step.ID + ":" + key, Label: key, Rule: rule, Data: data})
	return false, nil
}

// passAndGo finishes a step and goes on with its lane.
func (m *machine) passAndGo(n *node, value any) error {
	through, err := m.pass(n, value)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}
