package fold

import (
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
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
		return m.throw(n, from, f)
	}
	value := map[string]any{"caught": a.Failure != nil}
	if a.Failure != nil {
		value["error"] = m.errorRoot(a)
	}
	return m.pass(n, value)
}

// caught says that a failure of n would be taken: by a catch, by a loop that goes on without its failed rounds, or by a
// parallel that says itself what happens then. They may be around the lane of n, and around the lanes around that.
func (m *machine) caught(n *node) bool {
	for n != nil {
		key := m.laneOf(n)
		st := m.stack(key)
		if st == nil {
			return false
		}
		for _, f := range *st {
			if bl := m.p.blocks[f.Block]; bl != nil && bl.owner != nil && bl.takes() {
				return true
			}
		}
		if key == "" {
			return false
		}
		n = m.node(m.s.Lanes[key].Of)
	}
	return false
}

// round says that the block is what a loop goes through.
func (bl *block) round() bool { return bl.owner.step.Loop() && bl.part == "steps" }

// takes says that a failure that leaves the block goes no further.
func (bl *block) takes() bool {
	s := bl.owner.step
	switch {
	case bl.part == flow.RescueBlock:
		return false
	case s.Try != nil:
		return bl.part == "try" && s.Try.Catch != nil
	case s.Each != nil:
		return s.Each.Continue
	case s.Parallel != nil:
		return bl.owner.answers()
	}
	return false
}

// failed ends a step that has failed for good where a catch is around it.
func (m *machine) failed(n *node, a *active, f *engine.Failure) (through bool, err error) {
	if err := m.fell(n, a, f); err != nil {
		return false, err
	}
	return m.throw(n, n.step.ID, f)
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
	m.finish(n.path, &done{
		State: engine.StepStateFailed, Seq: seq, Input: a.Input, Attempts: a.Attempt, SentAt: a.SentAt, At: m.s.LastAt, Failure: f,
		Count: a.Count, Last: a.Last,
	})
	return nil
}

// throw closes blocks of n's lane until the nearest catch, or a finally on the way to it; a failure that leaves the lane
// is the business of the step whose lane it is.
func (m *machine) throw(n *node, from string, f *engine.Failure) (through bool, err error) {
	key := m.laneOf(n)
	st := m.stack(key)
	for st != nil && len(*st) > 0 {
		fr := pop(st)
		if fr.Open > 0 {
			if err := m.strand(key, len(*st)+1); err != nil {
				return false, err
			}
		}
		bl := m.p.blocks[fr.Block]
		if bl == nil || bl.owner == nil {
			continue
		}
		if key != "" && len(*st) == 0 {
			return false, m.laneLost(key, from, f)
		}
		n := bl.owner.at(fr.At)
		if bl.round() {
			loop, _ := round(fr.At)
			n = m.node(loop)
		}
		a := m.s.step(n.path)
		switch try := n.step.Try; {
		case a == nil:
			continue
		case bl.round() && n.step.Each != nil && n.step.Each.Continue:
			return m.roundLost(n, a, fr.At, from, f)
		case bl.round():
			if err := m.put(n, a, fr.At, false, nil, ""); err != nil {
				return false, err
			}
		case try == nil:
			continue
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
	return st != nil, nil
}

// strand cancels the losers that a frame waits for: the block they are in is no more.
func (m *machine) strand(key string, under int) error {
	for _, k := range sorted(m.s.Lanes) {
		if l := m.s.Lanes[k]; l != nil && l.Under == under && m.above(l) == key {
			if err := m.abandon(k, "a step beside it failed"); err != nil {
				return err
			}
		}
	}
	return nil
}

// caughtError is `error` in a catch.
func (m *machine) caughtError(n *node) any {
	if n.catch == "" {
		return nil
	}
	path := m.beside(n, n.catch)
	if a := m.s.step(path); a != nil && a.Failure != nil {
		return m.errorRoot(a)
	}
	if d := m.s.Done[path]; d != nil && d.Failure != nil { // its on_error
		x := failureRoot(d.Failure)
		x["step"] = n.catch
		return x
	}
	return nil
}

func (m *machine) errorRoot(a *active) map[string]any {
	x := failureRoot(a.Failure)
	x["step"] = a.From
	return x
}
