package fold

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// maxEventKey bounds the key of an event, in bytes.
const maxEventKey = 200

// enterEmit has the runtime tell an event. It is a task like an action's, repeated until it is stored: the key of each
// telling is the run's and step's, so that nothing happens twice.
func (m *machine) enterEmit(n *node) (bool, error) {
	if m.s.Head.Depth >= flow.MaxDepth {
		return m.fault(n, engine.E(engine.TooLarge, "this run is the last of {most} that started each other", "most", flow.MaxDepth).
			WithHint("Something calls itself again and again: let a condition end it."))
	}
	sc := m.scope(n)
	key := ""
	if n.key != nil {
		var err error
		if key, err = m.eventKey(n); err != nil {
			return m.fault(n, err)
		}
	}
	data, err := sc.eval(n.data)
	if err != nil {
		return m.fault(n, err)
	}
	a := m.s.step(n.path)
	if a == nil {
		a = m.s.begin(n.path, &active{})
	}
	a.Repeat = true
	m.countOn(n.path, a)
	input := map[string]any{"event": n.step.Emit.Event, "key": key, "data": data}
	if a.Input, err = m.record(engine.StepStarted, n.path, a.Attempt+1, nil, input); err != nil {
		return false, err
	}
	return false, m.attempt(n, a)
}

// emission is what an emit step tells.
func (m *machine) emission(n *node, in any, id string) *engine.Emission {
	key, _ := member(in, "key").(string)
	return &engine.Emission{Event: n.step.Emit.Event, Key: key, ID: id, Depth: m.s.Head.Depth + 1}
}

// eventKey is the key of an event, which must say something.
func (m *machine) eventKey(n *node) (string, error) {
	x, err := m.scope(n).eval(n.key)
	if err != nil {
		return "", err
	}
	key := ""
	if x != nil {
		key = plain(x)
	}
	switch {
	case key == "":
		return "", engine.E(engine.Invalid, "the key of the event is empty here").WithHint("Make it of a value that is always there.")
	case len(key) > maxEventKey:
		return "", engine.E(engine.TooLarge, "the key of the event is longer than {most} characters", "most", maxEventKey)
	}
	return key, nil
}
