package fold

import (
	"slices"

	"github.com/bretelle/bretelle/engine"
)

// cut is a call of a block that was cut short. The block may be gone through again, when a person tries it again: attempts
// are counted on then, so that a late outcome of the old one is not taken for the new one's, and what must not be
// repeated is not.
type cut struct {
	Attempt int   `json:"attempt"`
	Unsure  bool  `json:"unsure,omitempty"` // it may have been done
	Done    int64 `json:"done,omitempty"`   // entry of what it gave
	// of a loop
	Loop  *active `json:"loop,omitempty"` // where it was
	Count int     `json:"count,omitempty"`
	Last  int64   `json:"last,omitempty"`
	Lost  int64   `json:"lost,omitempty"`

	Failure *engine.Failure `json:"failure,omitempty"` // it failed as a whole
}

// countOn goes on with the attempts of a call at the same path in a block that was cut short; unsure says that it may have
// been done, and must not be done again before somebody has said that it was not.
func (m *machine) countOn(path string, a *active) (unsure bool) {
	was := m.s.Cut[path]
	if d := m.s.Done[path]; d != nil {
		was.Attempt, was.Unsure = max(was.Attempt, d.Attempts), was.Unsure || d.unsure()
	}
	delete(m.s.Cut, path)
	a.Attempt, a.Base = max(a.Attempt, was.Attempt), max(a.Base, was.Attempt)
	return was.Unsure && !a.Repeat
}

// unsure says that a step has failed, and its call may have been done all the same.
func (d *done) unsure() bool {
	return d.Failure != nil && (d.Failure.Class == engine.Garbled || d.Failure.Class == engine.Unsure)
}

// given is the entry of what a call gave in a block that is gone through again; 0 when there is none.
func (m *machine) given(n *node) int64 {
	if d := m.s.Done[n.path]; d != nil && d.State == engine.StepStateDone {
		return d.Seq
	}
	return m.s.Cut[n.path].Done
}

// stands finishes a step that is gone through again, and that gave something that is not to be worked out twice.
func (m *machine) stands(n *node, seq int64) (bool, error) {
	x, err := m.value(seq)
	if err != nil {
		return false, err
	}
	return m.pass(n, x)
}

// takeUp goes on with a loop of a block that is gone through again: one that was through, or had failed, stays so, one that
// was under way goes on where it was.
func (m *machine) takeUp(n *node) (taken, through bool, err error) {
	was := m.s.Cut[n.path]
	if d := m.s.Done[n.path]; d != nil && d.State == engine.StepStateDone {
		was = cut{Done: d.Seq, Count: d.Count, Last: d.Last, Lost: d.Lost}
	} else if d != nil && d.State == engine.StepStateFailed {
		was = cut{Failure: d.Failure, Count: d.Count, Last: d.Last}
	}
	switch {
	case was.Failure != nil:
		through, err = m.giveUp(n, m.s.begin(n.path, &active{Count: was.Count, Last: was.Last}), was.Failure)
	case was.Done != 0:
		through, err = m.stands(n, was.Done)
		if d := m.s.Done[n.path]; err == nil && d != nil {
			d.Count, d.Last, d.Lost = was.Count, was.Last, was.Lost
		}
	case was.Loop != nil:
		a := *was.Loop
		delete(m.s.Cut, n.path)
		a.Phase, a.Failure, a.Alerted = phaseEach, nil, false
		if err = m.anew(n, &a); err == nil {
			through, err = m.nextRound(n, &a)
		}
	default:
		return false, false, nil
	}
	return true, through, err
}

// cutLoop remembers a loop of a block that is cut short: its rounds under way are to be gone through again.
func (m *machine) cutLoop(n *node, a *active) {
	if a.Input == 0 {
		return
	}
	was := *a
	for _, key := range sorted(m.s.Lanes) {
		if m.s.Lanes[key].Of == n.path && n.step.Each.AtOnce() > 1 {
			_, i := round(key)
			was.Cut = append(slices.Clip(was.Cut), i)
		}
	}
	slices.Sort(was.Cut)
	was.Open = 0
	if m.s.Cut == nil {
		m.s.Cut = map[string]cut{}
	}
	m.s.Cut[n.path] = cut{Loop: &was}
}

// rest shelves the rounds under way of a loop that is cut short; the chain of its rounds goes on from there.
func (m *machine) rest(n *node, a *active) error {
	if err := m.shelve(n, a); err != nil {
		return err
	}
	if was := m.s.Cut[n.path]; was.Loop != nil {
		l := *was.Loop
		l.Last = a.Last
		m.s.Cut[n.path] = cut{Loop: &l}
	}
	return nil
}

// cutOff remembers a call of a round that is not over and may be gone through again.
func (m *machine) cutOff(path string, d *done, loop bool) {
	was := m.s.Cut[path]
	was.Attempt, was.Unsure = max(was.Attempt, d.Attempts), was.Unsure || d.unsure()
	switch d.State {
	case engine.StepStateFailed:
		if loop {
			was.Failure, was.Count, was.Last = d.Failure, d.Count, d.Last
		}
	case engine.StepStateDone:
		was.Done, was.Count, was.Last, was.Lost = d.Seq, d.Count, d.Last, d.Lost
	}
	if m.s.Cut == nil {
		m.s.Cut = map[string]cut{}
	}
	m.s.Cut[path] = was
}
