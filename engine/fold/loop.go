package fold

import (
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

const (
	// itemsChunk is how many elements of a loop's list stand in one entry: a round reads only the entry of its own.
	itemsChunk = 64
	// maxRunRounds bounds the rounds of all loops of one run together.
	maxRunRounds = 100_000
	// maxResults bounds what the results of a loop are together when an expression reads them, in bytes.
	maxResults = maxValues
)

// at is the step in a round: prefix is "each[3]/", or "" outside of loops.
func (n *node) at(prefix string) *node {
	if prefix == "" {
		return n
	}
	c := *n
	c.path = prefix + n.step.ID
	return &c
}

// prefix is the rounds that n is in, "each[3]/".
func (n *node) prefix() string { return n.path[:len(n.path)-len(n.step.ID)] }

// node finds the step at a path; nil when the flow has none there.
func (m *machine) node(path string) *node {
	prefix, id := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		prefix, id = path[:i+1], path[i+1:]
	}
	n := m.p.nodes[id]
	if n == nil || strings.Count(prefix, "/") != len(n.loops) {
		return nil
	}
	rest := prefix
	for _, loop := range n.loops {
		round, after, _ := strings.Cut(rest, "/")
		if digits, ok := strings.CutPrefix(round, loop+"["); !ok || !roundNumber(digits) {
			return nil
		}
		rest = after
	}
	return n.at(prefix)
}

// roundNumber holds for "3]", written as we write it.
func roundNumber(s string) bool {
	i, err := strconv.Atoi(strings.TrimSuffix(s, "]"))
	return err == nil && i >= 0 && i < flow.MaxRounds && strconv.Itoa(i)+"]" == s
}

// stepID is the id of the step at a path.
func stepID(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// beside is the path of step id as n sees it: in the same round of the loops that both are in.
func (m *machine) beside(n *node, id string) string {
	to := m.p.nodes[id]
	if to == nil || len(to.loops) == 0 || len(to.loops) > len(n.loops) {
		return id
	}
	end := 0
	prefix := n.prefix()
	for i, loop := range to.loops {
		if n.loops[i] != loop {
			return id
		}
		end += strings.IndexByte(prefix[end:], '/') + 1
	}
	return prefix[:end] + id
}

// round takes apart what the paths in a round begin with: "a[1]/b[3]/" is round 3 of "a[1]/b".
func round(prefix string) (loop string, i int) {
	open := strings.LastIndexByte(prefix, '[')
	i, _ = strconv.Atoi(strings.TrimSuffix(prefix[open+1:], "]/"))
	return prefix[:open], i
}

// over says that a step can be asked about no more: it is done, or its round is.
func (m *machine) over(n *node) bool {
	if m.s.Done[n.path] != nil || m.left(n) {
		return true
	}
	for prefix := n.prefix(); prefix != ""; {
		loop, i := round(prefix)
		switch a := m.s.step(loop); {
		case m.s.Done[loop] != nil, a != nil && a.Round > i && m.s.Lanes[prefix] == nil, a != nil && a.Phase == phaseEach && i >= a.Count:
			return true
		}
		prefix = loop[:strings.LastIndexByte(loop, '/')+1]
	}
	return false
}

// lookBack is how many rounds back a late click is still told who decided.
const lookBack = 100

// former is a question of a round that is over; nil when there is none, or it is too long ago.
func (m *machine) former(n *node) (*ask, error) {
	if len(n.loops) == 0 {
		return nil, nil
	}
	loop, _ := round(n.prefix())
	last := int64(0)
	if a := m.s.step(loop); a != nil {
		last = a.Last
	} else if d := m.s.Done[loop]; d != nil {
		last = d.Last
	}
	for i := 0; last != 0 && i < lookBack; i++ {
		ar, err := m.archived(last)
		if err != nil {
			return nil, err
		}
		if k := ar.Asks[n.path]; k != nil {
			return k, nil
		}
		last = ar.Prev
	}
	return nil, nil
}

func (m *machine) enterEach(n *node) (bool, error) {
	if a := m.s.step(n.path); a != nil && a.Input != 0 {
		return m.resume(n, a)
	}
	if taken, through, err := m.takeUp(n); taken || err != nil {
		return through, err
	}
	x, err := m.scope(n).eval(n.list)
	if err != nil {
		return m.fault(n, err)
	}
	list, ok := x.([]any)
	switch {
	case !ok && x != nil:
		return m.fault(n, engine.E(engine.Invalid, "this is no list that the loop could go through: {value}", "value", short(plain(x))).
			WithHint("Check the expression of each.list."))
	case len(list) > flow.MaxRounds:
		return m.fault(n, engine.E(engine.TooLarge, "the list has {count} elements, and a loop goes through at most {most}",
			"count", len(list), "most", flow.MaxRounds).WithHint("Take fewer, or fetch them in pages."))
	}
	a := m.s.step(n.path)
	if a == nil {
		a = m.s.begin(n.path, &active{})
	}
	size := n.step.Each.Size()
	a.Phase, a.Round, a.Count, a.Last = phaseEach, 0, (len(list)+size-1)/size, 0
	if a.Input, err = m.record(engine.StepStarted, n.path, 0, nil, map[string]any{"count": len(list)}); err != nil {
		return false, err
	}
	a.Items = a.Input + 1
	for i := 0; i < len(list); i += itemsChunk {
		part := list[i:min(i+itemsChunk, len(list))]
		if _, err := m.record(engine.EachItems, n.path, 0, nil, map[string]any{"items": part}); err != nil {
			return false, err
		}
	}
	return m.nextRound(n, a)
}

// resume goes on with a loop that failed as a whole, where it was: no round that is over is gone through again.
func (m *machine) resume(n *node, a *active) (bool, error) {
	a.Phase, a.Base = phaseEach, a.Failed
	if n.step.While != nil {
		a.Base = a.Round
	}
	return m.nextRound(n, a)
}

// nextRound begins as many rounds as may be under way, or finishes the loop.
func (m *machine) nextRound(n *node, a *active) (through bool, err error) {
	if n.step.While != nil {
		if more, through, err := m.again(n, a); err != nil || !more {
			return through, err
		}
	}
	atOnce := n.step.Each.AtOnce()
	for (a.Round < a.Count || len(a.Cut) > 0) && a.Open < atOnce && !m.tooMany(n, a) {
		if a.Open > 0 && len(m.s.Lanes) >= maxLanes {
			return false, nil // goes on when one of its own is over
		}
		if m.s.Rounds++; m.s.Rounds > maxRunRounds {
			return false, m.end(engine.RunFailed, engine.Fill("the loops of this run have gone more than {most} rounds", engine.Args("most", maxRunRounds)))
		}
		i := a.Round
		if len(a.Cut) > 0 {
			i, a.Cut = a.Cut[0], a.Cut[1:]
		} else if atOnce > 1 {
			a.Round++
		}
		at := n.path + "[" + strconv.Itoa(i) + "]/"
		if atOnce == 1 {
			m.push(n, "steps", at)
			return true, nil
		}
		a.Open++
		m.launch(n, at, "steps", at)
	}
	switch {
	case a.Open > 0:
		return false, nil
	case m.tooMany(n, a):
		return m.giveUp(n, a, &engine.Failure{
			Class: engine.Rejected, Code: engine.Refused, Msg: "{count} rounds of the loop failed, and at most {most} may",
			Args: engine.Args("count", a.Failed, "most", n.step.Each.Most),
			Hint: "Trying again goes on with the rounds that are left.",
		})
	}
	value := map[string]any{"count": a.Count}
	if n.step.Each != nil && n.step.Each.Continue {
		value["failures"] = a.Failed
	}
	through, err = m.pass(n, value)
	if d := m.s.Done[n.path]; err == nil && d != nil {
		d.Count, d.Last, d.Lost = a.Count, a.Last, a.LastLost
	}
	return through, err
}

// maxLanes bounds the lanes that loops open in one run: nested loops have fewer rounds at once then than they may, but
// always one.
const maxLanes = 500

// tooMany says that more rounds failed than the flow puts up with.
func (m *machine) tooMany(n *node, a *active) bool {
	e := n.step.Each
	return e != nil && e.Continue && e.Most >= 0 && a.Failed-a.Base > e.Most
}

// item is what round i of the loop at a path gets: an element of its list, or a list of some of them.
func (m *machine) item(n *node, loop string, i int) (any, error) {
	a := m.s.step(loop)
	if a == nil || a.Items == 0 {
		return nil, nil
	}
	e := n.step.Each
	if e.Batch == 0 {
		part, err := m.items(a, i, i+1)
		if err != nil || len(part) == 0 {
			return nil, err
		}
		return part[0], nil
	}
	return m.items(a, i*e.Batch, (i+1)*e.Batch)
}

// items are some elements of a loop's list; what lies behind its end is left out.
func (m *machine) items(a *active, from, to int) ([]any, error) {
	out := []any{}
	for from < to {
		x, err := m.value(a.Items + int64(from/itemsChunk))
		if err != nil {
			return nil, err
		}
		part, _ := member(x, "items").([]any)
		k := from % itemsChunk
		if k >= len(part) {
			break
		}
		part = part[k:min(k+to-from, len(part))]
		out = append(out, part...)
		from += len(part)
		if from%itemsChunk != 0 {
			break
		}
	}
	return out, nil
}

// loopRoot is the element or index of the innermost loop around n that has a name for it.
func (m *machine) loopRoot(n *node, out map[string]any, root string) (err error) {
	prefix := n.prefix()
	for k := len(n.loops) - 1; k >= 0; k-- {
		loop, i := round(prefix)
		outer := m.p.nodes[n.loops[k]]
		switch {
		case root == "index":
			out[root] = i
			return nil
		case outer.step.Each != nil && root == outer.step.Each.As:
			out[root], err = m.item(outer, loop, i)
			return err
		case outer.step.While != nil && root == outer.step.While.As:
			out[root], err = m.before(loop, i)
			return err
		}
		prefix = loop[:len(loop)-len(n.loops[k])]
	}
	return nil
}
