package fold

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// loop shows the latest rounds of a loop, those that are over and the one under way, as far as they fit. at is the row
// of the loop itself.
func (w *viewer) loop(n *node, at int) error {
	m, row := w.m, &w.out.Steps[at]
	bl := m.p.blocks[n.step.ID+"/steps"]
	a, d := m.s.step(n.path), m.s.Done[n.path]
	shown := w.underway(n.path)
	last, over := int64(0), 0
	switch {
	case a != nil && a.Input != 0:
		row.Rounds, last, over = a.Count, a.Last, a.Round-a.Open
		if n.step.Each.AtOnce() == 1 && a.Phase == phaseEach && a.Round < a.Count && !slices.Contains(shown, a.Round) {
			shown = append(shown, a.Round)
		}
	case d != nil && d.Count > 0:
		row.Rounds, last, over = d.Count, d.Last, d.Count-len(shown)
	case d == nil && !m.s.Run.Final():
		return w.block(bl, n.path+"[0]/") // what a round will do
	}
	for seq := last; seq != 0; over-- {
		ar, err := m.archived(seq)
		if err != nil {
			return err
		}
		if w.rounds--; w.rounds < 0 {
			w.out.Steps[at].Hidden = max(over, 1)
			break
		}
		// A round that was cut off and gone through again is there twice: the later one counts.
		m.s.Done = adopt(m.s.Done, ar.Done)
		m.s.Asks = adopt(m.s.Asks, ar.Asks)
		shown, seq = append(shown, ar.Round), ar.Prev
	}
	slices.Sort(shown)
	shown = slices.Compact(shown) // a round that was cut off and gone through again
	return w.roundsOf(n, bl, at, shown)
}

// roundsOf shows these rounds, from the latest back for as long as there is room for their values.
func (w *viewer) roundsOf(n *node, bl *block, at int, shown []int) error {
	var rounds []engine.RunView
	before := *w.out
	for k := len(shown) - 1; k >= 0 && (w.room > 0 || len(rounds) == 0); k-- {
		w.out.Steps, w.out.Asks = nil, nil
		if err := w.block(bl, n.path+"["+strconv.Itoa(shown[k])+"]/"); err != nil {
			return err
		}
		rounds = append(rounds, *w.out)
		for _, st := range w.out.Steps {
			w.room -= len(st.Input) + len(st.Output)
		}
	}
	w.out.Steps, w.out.Asks = before.Steps, before.Asks
	w.out.Steps[at].Hidden += len(shown) - len(rounds)
	for _, r := range slices.Backward(rounds) {
		w.out.Steps, w.out.Asks = append(w.out.Steps, r.Steps...), append(w.out.Asks, r.Asks...)
	}
	return nil
}

// underway are the rounds of a loop of which the state itself knows steps: those under way, and those that the end of the
// run cut off.
func (w *viewer) underway(path string) []int {
	found := map[int]bool{}
	look := func(at string) {
		if rest, ok := strings.CutPrefix(at, path+"["); ok {
			if digits, _, ok := strings.Cut(rest, "]/"); ok {
				if i, err := strconv.Atoi(digits); err == nil {
					found[i] = true
				}
			}
		}
	}
	for at := range w.m.s.Done {
		look(at)
	}
	for at := range w.m.s.Active {
		look(at)
	}
	for at := range w.m.s.Lanes {
		look(at)
	}
	return slices.Sorted(maps.Keys(found))
}

// adopt puts what a map does not have yet into it.
func adopt[T any](to, from map[string]T) map[string]T {
	if to == nil {
		to = map[string]T{}
	}
	for k, v := range from {
		if _, ok := to[k]; !ok {
			to[k] = v
		}
	}
	return to
}
