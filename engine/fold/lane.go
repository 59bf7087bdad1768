package fold

import (
	"slices"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// lane is a line of steps that goes its own way within a run: a branch of a parallel, or a round of a loop that has
// several under way. The run's own lane is State.Frames and has no entry among the lanes; every other one is known by
// its key: "each[3]/" is a round, "both/crm" a branch. An entry from outside continues the lane of its step and touches
// no other, so that what it costs does not depend on how many there are.
type lane struct {
	Of     string  `json:"of"` // path of the step whose lane it is
	Frames []frame `json:"frames,omitempty"`
	Under  int     `json:"under,omitempty"` // of one whose parallel went on without it: which frame waits for it, from 1
}

// berth is where the steps of a block find their lane: nil for the run's own.
type berth struct {
	loops  int    // how many rounds of a path belong to the key
	suffix string // what stands behind them: "both/crm"; "" for a round
}

// laneOf is the key of the lane that n is in; "" is the run's own.
func (m *machine) laneOf(n *node) string {
	if n == nil || n.berth == nil {
		return ""
	}
	prefix, end := n.prefix(), 0
	for range n.berth.loops {
		end += strings.IndexByte(prefix[end:], '/') + 1
	}
	return prefix[:end] + n.berth.suffix
}

// berth is the lane of the steps in a block of n: n's own, unless the block opens one.
func (n *node) inner(block string) *berth {
	switch {
	case block == flow.RescueBlock:
		return n.berth
	case n.step.Kind == flow.KindParallel:
		return &berth{loops: len(n.loops), suffix: n.step.ID + "/" + block}
	case n.step.Each.AtOnce() > 1:
		return &berth{loops: len(n.loops) + 1}
	}
	return n.berth
}

// stack is the open frames of a lane; nil when there is no such lane.
func (m *machine) stack(key string) *[]frame {
	if key == "" {
		return &m.s.Frames
	}
	if l := m.s.Lanes[key]; l != nil {
		return &l.Frames
	}
	return nil
}

// above is the key of the lane that a lane's step stands in.
func (m *machine) above(l *lane) string { return m.laneOf(m.node(l.Of)) }

// advance goes on with the lane of n once the handler is through. A step of it must not be under way.
func (m *machine) advance(n *node) error {
	m.goOn(m.laneOf(n))
	return nil
}

func (m *machine) goOn(key string) { m.ready = append(m.ready, key) }

// drain begins steps in every lane that may go on, until each has to wait or is over.
func (m *machine) drain() error {
	for len(m.ready) > 0 && !m.s.Run.Final() {
		key := m.ready[0]
		m.ready = m.ready[1:]
		if err := m.proceed(key); err != nil {
			return err
		}
	}
	return nil
}

// proceed begins steps of a lane until one has to wait or the lane is over.
func (m *machine) proceed(key string) error {
	for {
		st := m.stack(key)
		switch {
		case st == nil:
			return nil
		case len(*st) == 0 && key == "":
			return m.end(engine.RunDone, "")
		case len(*st) == 0:
			return m.laneOver(key)
		}
		top := &(*st)[len(*st)-1]
		bl := m.p.blocks[top.Block]
		if bl == nil || top.Next >= len(bl.nodes) {
			if top.Open > 0 {
				top.Held = true // losers of a parallel in it are still under way
				return nil
			}
			through, err := m.leave(bl, pop(st))
			if err != nil || !through || m.s.Run.Final() {
				return err
			}
			continue
		}
		if m.entered++; m.entered > maxEntered || (top.At != "" || key != "") && m.room < maxValues/2 {
			m.setTimer(goOn+key, m.s.LastAt)
			return nil
		}
		n := bl.nodes[top.Next].at(top.At)
		top.Next++
		through, err := m.enter(n)
		if err != nil || !through || m.s.Run.Final() {
			return err
		}
	}
}

// maxEntered bounds the steps that one Apply begins: a loop whose steps wait for nothing goes on after a commit. So does
// one whose values have used up half of what one Apply may work out.
const maxEntered = 500

// goOn is the timer of a lane that has more to do at once than fits into one Apply; its key follows.
const goOn = "go:"

// push opens a block of n; one that is not written is empty.
func (m *machine) push(n *node, part, at string) {
	id := n.step.ID + "/" + part
	st := m.stack(m.laneOf(n))
	if m.p.blocks[id] != nil && st != nil {
		*st = append(slices.Clip(*st), frame{Block: id, At: at})
	}
}

func pop(st *[]frame) frame {
	last := len(*st) - 1
	f := (*st)[last]
	*st = (*st)[:last]
	return f
}

// left says that the lane of n, or one around it, is closed.
func (m *machine) left(n *node) bool {
	for n != nil {
		key := m.laneOf(n)
		if key == "" {
			return false
		}
		if l := m.s.Lanes[key]; l != nil {
			n = m.node(l.Of)
			continue
		}
		if n.berth.suffix == "" {
			return false // a round: whether it is over, its loop knows
		}
		of := key[:strings.LastIndexByte(key, '/')]
		return m.s.Done[of] != nil || m.s.step(of) != nil
	}
	return false
}
