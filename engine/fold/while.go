package fold

import (
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

func (m *machine) enterWhile(n *node) (bool, error) {
	a := m.s.step(n.path)
	if a != nil && a.Input != 0 {
		return m.resume(n, a)
	}
	if taken, through, err := m.takeUp(n); taken || err != nil {
		return through, err
	}
	if a == nil {
		a = m.s.begin(n.path, &active{})
	}
	a.Phase = phaseEach
	var err error
	if a.Input, err = m.record(engine.StepStarted, n.path, 0, nil, map[string]any{"most": n.step.While.Most}); err != nil {
		return false, err
	}
	return m.nextRound(n, a)
}

// again works out whether a while goes round once more; where it does not, through says that the run goes on.
func (m *machine) again(n *node, a *active) (more, through bool, err error) {
	a.Count = a.Round
	ok, _, err := m.scope(n.round(a.Round)).bool(n.cond)
	if err != nil {
		through, err = m.fault(n, err)
		return false, through, err
	}
	if !ok {
		return true, false, nil // nextRound finds that there is no further round
	}
	if a.Round-a.Base >= n.step.While.Most {
		through, err = m.giveUp(n, a, &engine.Failure{
			Class: engine.Rejected, Code: engine.TooLarge, Msg: "the loop has gone {most} rounds, and its condition still holds",
			Args: engine.Args("most", n.step.While.Most), Hint: "Trying again lets it go as many rounds more.",
		})
		return false, through, err
	}
	a.Count = a.Round + 1
	return true, false, nil
}

// round is n as its own steps see it in a round, for what it works out there itself.
func (n *node) round(i int) *node {
	c := *n
	c.loops = append(c.loops[:len(c.loops):len(c.loops)], n.step.ID)
	c.path = n.path + "[" + strconv.Itoa(i) + "]/" + n.step.ID
	return &c
}

// before is what the round before round i of a while gave; nothing in its first.
func (m *machine) before(loop string, i int) (any, error) {
	a := m.s.step(loop)
	if a == nil || i == 0 || a.Last == 0 {
		return nil, nil
	}
	ar, err := m.archived(a.Last)
	if err != nil || ar.Round != i-1 {
		return nil, err
	}
	return m.came(ar)
}
