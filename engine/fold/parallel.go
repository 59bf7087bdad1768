package fold

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// What a parallel does: every branch begins a lane. It is over when as many as its join asks for have come through
// their last step. Those still under way are losers then: cancelled, or left to finish, in which case the flow goes on
// at once and only the end of the block that the parallel stands in waits for them. A branch is lost when a failure
// leaves it, which takes a catch (or on_error) around the parallel, for else the failed step parks as everywhere; when
// too many are lost for the join, the parallel fails with the last one's failure, and what is under way is cancelled.

func (m *machine) enterParallel(n *node) (bool, error) {
	if err := m.anew(n, &active{Phase: phaseFork}); err != nil {
		return false, err
	}
	for _, b := range n.step.Parallel.Branches {
		m.launch(n, n.branch(b.Name), b.Name, n.prefix())
	}
	return false, nil
}

// branch is the key of a branch's lane.
func (n *node) branch(name string) string { return n.path + "/" + name }

// launch begins a lane of n with one of its blocks.
func (m *machine) launch(n *node, key, part, at string) {
	if m.s.Lanes == nil {
		m.s.Lanes = map[string]*lane{}
	}
	m.s.Lanes[key] = &lane{Of: n.path, Frames: []frame{{Block: n.step.ID + "/" + part, At: at}}}
	m.goOn(key)
}

// laneOver follows the last step of a lane.
func (m *machine) laneOver(key string) error {
	l := m.s.Lanes[key]
	delete(m.s.Lanes, key)
	n := m.node(l.Of)
	a := m.s.step(l.Of)
	switch {
	case l.Under > 0:
		m.landed(l)
		return nil
	case n == nil || a == nil:
		return nil
	case n.step.Loop():
		through, err := m.roundOver(n, a, key)
		if err == nil && through {
			m.goOn(m.above(l))
		}
		return err
	}
	a.Through = append(slices.Clip(a.Through), laneName(key))
	if len(a.Through) < n.join() {
		return nil
	}
	return m.joined(n, a)
}

func laneName(key string) string { return key[strings.LastIndexByte(key, '/')+1:] }

// join is how many branches must come through.
func (n *node) join() int {
	if j := n.step.Parallel.Join; j > 0 {
		return min(j, len(n.step.Parallel.Branches))
	}
	return len(n.step.Parallel.Branches)
}

// landed is a loser that is through, or lost: the block that waits for the last of them goes on.
func (m *machine) landed(l *lane) {
	key := m.above(l)
	st := m.stack(key)
	if st == nil || l.Under > len(*st) {
		return
	}
	f := &(*st)[l.Under-1]
	if f.Open--; f.Open == 0 && f.Held {
		f.Held = false
		m.goOn(key)
	}
}

// joined goes on after a parallel.
func (m *machine) joined(n *node, a *active) error {
	own := m.laneOf(n)
	value := map[string]any{"done": names(a.Through), "failed": names(a.Lost)}
	cancelled := []string{}
	for _, b := range n.step.Parallel.Branches {
		l := m.s.Lanes[n.branch(b.Name)]
		switch st := m.stack(own); {
		case l == nil:
		case n.step.Parallel.Finish && st != nil && len(*st) > 0:
			l.Under = len(*st)
			(*st)[l.Under-1].Open++
		default:
			cancelled = append(cancelled, b.Name)
		}
	}
	for _, name := range cancelled {
		if err := m.abandon(n.branch(name), "another branch was through first"); err != nil {
			return err
		}
	}
	value["cancelled"] = names(cancelled)
	through, err := m.pass(n, value)
	if d := m.s.Done[n.path]; d != nil {
		d.Through = a.Through
	}
	if err == nil && through {
		m.goOn(own)
	}
	return err
}

func names(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

// laneLost follows a failure that nothing in a lane caught.
func (m *machine) laneLost(key, from string, f *engine.Failure) error {
	l := m.s.Lanes[key]
	if l == nil {
		return nil
	}
	delete(m.s.Lanes, key)
	n := m.node(l.Of)
	a := m.s.step(l.Of)
	switch {
	case l.Under > 0:
		m.landed(l)
		return nil
	case n == nil || a == nil:
		return nil
	case n.step.Loop():
		return m.roundThrown(n, a, key, from, f)
	}
	a.Lost = append(slices.Clip(a.Lost), laneName(key))
	if len(n.step.Parallel.Branches)-len(a.Lost) >= n.join() {
		return nil
	}
	for _, b := range n.step.Parallel.Branches {
		if err := m.abandon(n.branch(b.Name), "another branch failed"); err != nil {
			return err
		}
	}
	return m.broke(n, a, from, f)
}

// broke is a block that fails because something in it did: its own on_error comes first, then what is around it.
func (m *machine) broke(n *node, a *active, from string, f *engine.Failure) (err error) {
	through := false
	if n.answers() {
		through, err = m.giveUp(n, a, f)
	} else {
		a.Failure = f
		if err = m.fell(n, a, f); err == nil {
			through, err = m.throw(n, from, f)
		}
	}
	if err == nil && through {
		return m.advance(n)
	}
	return err
}

// answers says that a step's own on_error says what happens when it fails.
func (n *node) answers() bool {
	return n.step.OnError == flow.ErrContinue || n.step.OnError == flow.ErrStop || n.step.OnError == flow.ErrSteps
}

// abandon cancels what is under way in a lane and the lanes within it.
func (m *machine) abandon(key, why string) error {
	if m.s.Lanes[key] == nil {
		return nil
	}
	gone := map[string]bool{key: true}
	within := func(k string) bool {
		for k != "" && !gone[k] {
			l := m.s.Lanes[k]
			if l == nil {
				return false
			}
			k = m.above(l)
		}
		return k != ""
	}
	for _, k := range sorted(m.s.Lanes) {
		gone[k] = within(k)
	}
	paths := sorted(m.s.Active)
	slices.Reverse(paths) // what is within a loop before the loop
	for _, path := range paths {
		n, a := m.node(path), m.s.Active[path]
		if !gone[m.laneOf(n)] || n == nil {
			continue
		}
		if n.step.Loop() {
			m.cutLoop(n, a)
			if err := m.rest(n, a); err != nil {
				return err
			}
		}
		if err := m.drop(n, path, a, why); err != nil {
			return err
		}
	}
	m.s.Early = slices.DeleteFunc(slices.Clone(m.s.Early), func(e early) bool { return gone[m.laneOf(m.node(e.Path))] })
	for _, k := range sorted(m.s.Lanes) {
		if gone[k] {
			delete(m.s.Lanes, k)
			m.cancelTimer(goOn + k)
		}
	}
	return nil
}

// drop cancels one step that is under way: nobody is asked about it any more, its timers and waits end, and a call is
// cut short. A call that may not be repeated and had begun may have taken effect all the same: that is noted, and
// nobody is asked about it.
func (m *machine) drop(n *node, path string, a *active, why string) error {
	if k := m.s.Asks[path]; k != nil && k.State == engine.CardOpen {
		k.State, k.At, k.Reason = engine.CardSuperseded, m.s.LastAt, why
		if err := m.tell(engine.NoticeAskMoved, "ask", path, nil); err != nil {
			return err
		}
	}
	for _, id := range sorted(m.s.Timers) {
		if kind, at := cutTimer(id); at == path && kind+":" != goOn {
			m.cancelTimer(id)
		}
	}
	if a.Phase == phaseCall || a.Phase == phaseProbe {
		m.do(Cancel{Path: path, Attempt: a.Attempt, Probe: a.Phase == phaseProbe})
	}
	if unsure := a.Phase == phaseCall && a.Begun == a.Attempt && !a.Repeat || a.Phase == phaseProbe || a.Phase == phaseOutcome || a.garbled(); a.Attempt > 0 {
		if m.s.Cut == nil {
			m.s.Cut = map[string]cut{}
		}
		m.s.Cut[path] = cut{Attempt: a.Attempt, Unsure: unsure}
		if unsure {
			why += "; it may have been done"
		}
	}
	return m.close(n, path, a, why)
}

// close finishes a step that is cancelled. Its timers are the caller's.
func (m *machine) close(n *node, path string, a *active, why string) error {
	if a.Key != "" {
		m.do(Unawait{path})
	}
	m.stepOut(path, a)
	m.hangUp(a, why)
	if a.Phase == phaseOutcome {
		if err := m.tell(engine.NoticeOutcomeIn, "outcome", path, nil); err != nil {
			return err
		}
	}
	if err := m.mended(n, a, false); err != nil {
		return err
	}
	d := &done{
		State: engine.StepStateCanceled, Input: a.Input, Attempts: a.Attempt, SentAt: a.SentAt, At: m.s.LastAt, Failure: a.Failure,
		Count: a.Count, Last: a.Last, Reason: why,
	}
	if why != "" {
		d.Seq = m.s.LastSeq // what was approved before stays as unknown as it was
	}
	m.finish(path, d)
	return nil
}
