package fold

import (
	"slices"
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// loop shows the latest rounds of a loop, those that are over and the one under way, as far as they fit. at is the row
// of the loop itself.
func (w *viewer) loop(n *node, at int) error {
	m, row := w.m, &w.out.Steps[at]
	bl := m.p.blocks[n.step.ID+"/steps"]
	a, d := m.s.step(n.path), m.s.Done[n.path]
	var last int64
	var shown []int
	switch {
	case a != nil && a.Phase == phaseEach:
		row.Rounds, last, shown = a.Count, a.Last, []int{a.Round}
	case d != nil && d.Count > 0:
		row.Rounds, last = d.Count, d.Last
	case d == nil && !m.s.Run.Final():
		return w.block(bl, n.path+"[0]/") // what a round will do
	}
	for seq := last; seq != 0; {
		ar, err := m.archived(seq)
		if err != nil {
			return err
		}
		if len(shown) == 0 && d != nil && d.State == engine.StepStateCanceled && ar.Round+1 < d.Count {
			shown = append(shown, ar.Round+1) // the round that was cut off is still in the state
		}
		if w.rounds--; w.rounds < 0 {
			w.out.Steps[at].Hidden = ar.Round + 1
			break
		}
		for path, x := range ar.Done {
			m.s.Done[path] = x
		}
		for path, k := range ar.Asks {
			if m.s.Asks == nil {
				m.s.Asks = map[string]*ask{}
			}
			m.s.Asks[path] = k
		}
		shown, seq = append(shown, ar.Round), ar.Prev
	}
	if last == 0 && d != nil && d.Count > 0 {
		shown = append(shown, 0)
	}
	slices.Sort(shown)
	for _, i := range shown {
		if err := w.block(bl, n.path+"["+strconv.Itoa(i)+"]/"); err != nil {
			return err
		}
	}
	return nil
}
