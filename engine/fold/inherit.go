package fold

import (
	"slices"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// A run may take over what steps of an earlier one gave (again.go decides which). Its first entry holds those values;
// when such a step is reached, they become its result, by an entry of its own that says so, and nothing is done.

// inherit finishes a step with what it gave in an earlier run; kept says whether that is so.
func (m *machine) inherit(n *node) (kept bool, err error) {
	if m.s.Head.Again == nil || !m.keeps(n) {
		return false, nil
	}
	if err := m.takeOver(n); err != nil {
		return false, err
	}
	for _, inner := range m.p.order { // other steps may read what is within
		if inner.inside(n) && m.keeps(inner) {
			if err := m.takeOver(inner); err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func (m *machine) keeps(n *node) bool {
	return n.path == n.step.ID && m.s.Done[n.path] == nil && slices.Contains(m.s.Head.Again.Kept, n.step.ID)
}

func (m *machine) takeOver(n *node) error {
	first, err := m.value(1)
	if err != nil {
		return err
	}
	event, _ := first.(map[string]any)
	values, _ := event["kept"].(map[string]any)
	from := m.s.Head.Again
	seq, err := m.record(engine.StepKept, n.path, 0, engine.KeptHead{Run: from.Run, Number: from.Number}, values[n.step.ID])
	if err != nil {
		return err
	}
	m.finish(n.path, &done{State: engine.StepStateDone, Seq: seq, At: m.s.LastAt, Kept: true})
	if n.step.Kind == flow.KindSet {
		if m.s.Vars == nil {
			m.s.Vars = map[string]int64{}
		}
		for _, a := range n.assigns {
			m.s.Vars[a.name] = seq
		}
	}
	return nil
}
