package fold

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// limitTimer ends a step, or with no path the run, that takes too long. The runtime knows the word: such a timer is
// nothing that a run waits for.
const limitTimer = "limit:"

// limited says that a step's timeout is for it as a whole. That of an action or emission is for one attempt, and the
// Performer's business.
func limited(s *flow.Step) bool {
	switch s.Kind {
	case flow.KindAsk, flow.KindWait, flow.KindCall, flow.KindThrottle, flow.KindDigest, flow.KindEach, flow.KindWhile, flow.KindParallel, flow.KindTry:
		return s.Timeout > 0
	}
	return false
}

// limit sets the timeout of a step that has begun and is under way.
func (m *machine) limit(n *node) {
	if a := m.s.step(n.path); limited(n.step) && a != nil && a.Phase != phaseParked && !m.s.Run.Final() {
		m.setTimer(limitTimer+n.path, m.s.LastAt+n.step.Timeout.Milliseconds())
	}
}

// finish moves a step to those that are over.
func (m *machine) finish(path string, d *done) {
	m.cancelTimer(limitTimer + path)
	m.s.finish(path, d)
}

// timeUp is a step whose timeout has come: what is within is cancelled, and the step fails.
func (m *machine) timeUp(n *node, a *active) error {
	if a.Phase == phaseParked {
		return nil
	}
	why := engine.Fill("{step} took longer than {limit}", engine.Args("step", n.step.ID, "limit", flow.DurationText(n.step.Timeout)))
	if n.step.Each.AtOnce() > 1 {
		for _, key := range sorted(m.s.Lanes) {
			if m.s.Lanes[key].Of == n.path {
				_, i := round(key)
				a.Cut = append(slices.Clip(a.Cut), i)
			}
		}
		slices.Sort(a.Cut)
	}
	if err := m.closeWithin(n, why); err != nil {
		return err
	}
	if n.step.Loop() {
		if err := m.shelve(n, a); err != nil {
			return err
		}
	}
	if err := m.letGo(n.path, a, why); err != nil {
		return err
	}
	return m.giveUpAndGo(n, a, &engine.Failure{
		Class: engine.Rejected, Code: engine.Timeout, Msg: "it took longer than {limit}", Args: engine.Args("limit", flow.DurationText(n.step.Timeout)),
	})
}

// letGo ends what a step waits for, whatever becomes of the step then.
func (m *machine) letGo(path string, a *active, why string) error {
	if k := m.s.Asks[path]; k != nil && k.State == engine.CardOpen {
		k.State, k.At, k.Reason = engine.CardExpired, m.s.LastAt, why
		k.Expires = m.s.LastAt
		if err := m.tell(engine.NoticeAskMoved, "ask", path, nil); err != nil {
			return err
		}
	}
	for _, id := range sorted(m.s.Timers) {
		if kind, at := cutTimer(id); at == path && kind+":" != goOn {
			m.cancelTimer(id)
		}
	}
	if a.Key != "" {
		m.do(Unawait{path})
		a.Key, a.Want = "", nil
	}
	m.stepOut(path, a)
	m.hangUp(a, why)
	return nil
}

// inside says that a step stands in a block of another one, in the same rounds of the loops around that.
func (n *node) inside(outer *node) bool {
	return n != nil && slices.Contains(n.within, outer.step.ID) && strings.HasPrefix(n.path, outer.prefix())
}

// closeWithin cancels all that is under way within a step, and closes its blocks.
func (m *machine) closeWithin(n *node, why string) error {
	for _, key := range sorted(m.s.Lanes) {
		l := m.s.Lanes[key]
		if l == nil || l.Of == n.path {
			continue
		}
		// The rounds of a loop go into the journal when the loop is closed.
		if of := m.node(l.Of); of.inside(n) && !of.step.Loop() && m.laneOf(of) == m.laneOf(n) {
			if err := m.abandon(key, why); err != nil {
				return err
			}
		}
	}
	if !n.step.Loop() {
		for _, key := range sorted(m.s.Lanes) {
			if l := m.s.Lanes[key]; l != nil && l.Of == n.path {
				if err := m.abandon(key, why); err != nil {
					return err
				}
			}
		}
	}
	paths := sorted(m.s.Active)
	slices.Reverse(paths) // what is within a loop before the loop
	for _, path := range paths {
		x, a := m.node(path), m.s.Active[path]
		if a == nil || !x.inside(n) || m.laneOf(x) != m.laneOf(n) {
			continue
		}
		if x.step.Loop() {
			m.cutLoop(x, a)
			if err := m.rest(x, a); err != nil {
				return err
			}
		}
		if err := m.drop(x, path, a, why); err != nil {
			return err
		}
	}
	m.s.Early = slices.DeleteFunc(slices.Clone(m.s.Early), func(e early) bool { return m.node(e.Path).inside(n) })
	st := m.stack(m.laneOf(n))
	for st != nil && len(*st) > 0 {
		fr := (*st)[len(*st)-1]
		bl := m.p.blocks[fr.Block]
		if bl == nil || bl.owner == nil || bl.owner.step.ID != n.step.ID && !slices.Contains(bl.owner.within, n.step.ID) {
			break
		}
		pop(st)
	}
	key := m.laneOf(n)
	m.cancelTimer(goOn + key) // what it had more to do was within
	m.ready = slices.DeleteFunc(m.ready, func(k string) bool { return k != "" && k != key && m.s.Lanes[k] == nil })
	return nil
}
