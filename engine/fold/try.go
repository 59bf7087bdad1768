package fold

import (
	"github.com/bretelle/bretelle/engine"
)

// What a try does with a failure: the step that failed is over, the blocks around it close from the inside out, finally
// blocks run on the way, and the catch that is nearest goes on. Where no catch is around, a step parks as always, with
// its blocks open: a person mends it, and what comes after it (finally too) comes then. Ends of the run close
// everything at once and run nothing more.

func (m *machine) enterTry(n *node) (bool, error) {
	if err := m.anew(n, &active{Phase: phaseTry}); err != nil {
		return false, err
	}
	m.push(n, "try", n.prefix())
	return true, nil
}

// anew begins a step of which nothing is left: where it could not begin before, people hear that it has.
func (m *machine) anew(n *node, a *active) error {
	if old := m.s.step(n.path); old != nil {
		if err := m.mended(n, old, true); err != nil {
			return err
		}
	}
	m.s.begin(n.path, a)
	return nil
}

// partDone follows the last step of a part of a try.
func (m *machine) partDone(n *node, part string) (through bool, err error) {
	a := m.s.step(n.path)
	switch {
	case a == nil:
		return true, nil
	case part != "finally" && n.step.Try.Finally != nil:
		m.push(n, "finally", n.prefix())
		return true, nil
	case a.Rethrow:
		from, f := a.From, a.Failure
		if err := m.fell(n, a, f); err != nil {
			return false, err
		}
		return m.throw(from, f)
	}
	value := map[string]any{"caught": a.Failure != nil}
	if a.Failure != nil {
		value["error"] = m.errorRoot(a)
	}
	return m.pass(n, value)
}

// caught says that a catch is around what is under way.
func (m *machine) caught() bool {
	for _, f := range m.s.Frames {
		if bl := m.p.blocks[f.Block]; bl != nil && bl.part == "try" && bl.owner.step.Try.Catch != nil {
			return true
		}
	}
	return false
}

// failed ends a step that has failed for good where a catch is around it.
func (m *machine) failed(n *node, a *active, f *engine.Failure) (through bool, err error) {
	if err := m.fell(n, a, f); err != nil {
		return false, err
	}
	return m.throw(n.step.ID, f)
}

// fell finishes one step as failed.
func (m *machine) fell(n *node, a *active, f *engine.Failure) error {
	seq, err := m.record(engine.StepFailed, n.path, 0, f, nil)
	if err != nil {
		return err
	}
	if err := m.mended(n, a, false); err != nil {
		return err
	}
	m.s.finish(n.path, &done{
		State: engine.StepStateFailed, Seq: seq, Input: a.Input, Attempts: a.Attempt, SentAt: a.SentAt, At: m.s.LastAt, Failure: f,
		Count: a.Count, Last: a.Last,
	})
	return nil
}

// throw closes blocks until the nearest catch, or a finally on the way to it.
func (m *machine) throw(from string, f *engine.Failure) (through bool, err error) {
	for len(m.s.Frames) > 0 {
		fr := m.pop()
		bl := m.p.blocks[fr.Block]
		if bl == nil || bl.owner == nil {
			continue
		}
		n := bl.owner.at(fr.At)
		if bl.part == "steps" {
			loop, _ := round(fr.At)
			n = m.node(loop)
		}
		a := m.s.step(n.path)
		switch try := n.step.Try; {
		case a == nil:
			continue
		case bl.part == "steps":
			if err := m.put(a, fr.At, ""); err != nil {
				return false, err
			}
		case bl.part == "try" && try.Catch != nil:
			a.Failure, a.From = f, from
			m.push(n, "catch", n.prefix())
			return true, nil
		case bl.part != "finally" && try.Finally != nil:
			a.Failure, a.From, a.Rethrow = f, from, true
			m.push(n, "finally", n.prefix())
			return true, nil
		}
		if err := m.fell(n, a, f); err != nil {
			return false, err
		}
	}
	return true, nil
}

// caughtError is `error` in a catch.
func (m *machine) caughtError(n *node) any {
	if n.catch == "" {
		return nil
	}
	if a := m.s.step(m.beside(n, n.catch)); a != nil && a.Failure != nil {
		return m.errorRoot(a)
	}
	return nil
}

func (m *machine) errorRoot(a *active) map[string]any {
	x := failureRoot(a.Failure)
	x["step"] = a.From
	return x
}
