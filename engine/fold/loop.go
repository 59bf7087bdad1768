package fold

import (
	"encoding/json"
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
	if m.s.Done[n.path] != nil {
		return true
	}
	for prefix := n.prefix(); prefix != ""; {
		loop, i := round(prefix)
		switch a := m.s.step(loop); {
		case m.s.Done[loop] != nil, a != nil && a.Round > i, a != nil && a.Phase == phaseEach && i >= a.Count:
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
	a.Phase, a.Round, a.Count, a.Last = phaseEach, 0, len(list), 0
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

// nextRound begins a round, or finishes the loop.
func (m *machine) nextRound(n *node, a *active) (through bool, err error) {
	if a.Round >= a.Count {
		through, err = m.pass(n, map[string]any{"count": a.Count})
		if d := m.s.Done[n.path]; err == nil && d != nil {
			d.Count, d.Last = a.Count, a.Last
		}
		return through, err
	}
	if m.s.Rounds++; m.s.Rounds > maxRunRounds {
		return false, m.end(engine.RunFailed, engine.Fill("the loops of this run have gone more than {most} rounds", engine.Args("most", maxRunRounds)))
	}
	m.push(n, "steps", n.path+"["+strconv.Itoa(a.Round)+"]/")
	return true, nil
}

// item is element i of the list of the loop at a path.
func (m *machine) item(loop string, i int) (any, error) {
	a := m.s.step(loop)
	if a == nil || a.Items == 0 {
		return nil, nil
	}
	x, err := m.value(a.Items + int64(i/itemsChunk))
	if err != nil {
		return nil, err
	}
	list, _ := member(x, "items").([]any)
	if k := i % itemsChunk; k < len(list) {
		return list[k], nil
	}
	return nil, nil
}

// loopRoot is the element or index of the innermost loop around n that has a name for it.
func (m *machine) loopRoot(n *node, out map[string]any, root string) (err error) {
	prefix := n.prefix()
	for k := len(n.loops) - 1; k >= 0; k-- {
		loop, i := round(prefix)
		switch {
		case root == "index":
			out[root] = i
			return nil
		case root == m.p.nodes[n.loops[k]].step.Each.As:
			out[root], err = m.item(loop, i)
			return err
		}
		prefix = loop[:len(loop)-len(n.loops[k])]
	}
	return nil
}

// archive is the Data of a RoundDone entry: what the state forgets of a round that is over. Rounds are a chain, so that
// a loop's state is as small after a thousand of them as after one.
type archive struct {
	Round  int              `json:"round"`
	Prev   int64            `json:"prev,omitempty"`   // entry of the round before; 0 for the first
	Result string           `json:"result,omitempty"` // path of the step whose value is the round's
	Done   map[string]*done `json:"done,omitempty"`
	Asks   map[string]*ask  `json:"asks,omitempty"`
}

// roundDone follows the last step of a round.
func (m *machine) roundDone(bl *block, f frame) (through bool, err error) {
	loop, _ := round(f.At)
	n, a := m.node(loop), m.s.step(loop)
	if n == nil || a == nil {
		return true, nil
	}
	result := ""
	if len(bl.nodes) > 0 {
		result = bl.nodes[len(bl.nodes)-1].at(f.At).path
	}
	if err := m.put(a, f.At, result); err != nil {
		return false, err
	}
	a.Round++
	return m.nextRound(n, a)
}

// put moves what belongs to a round from the state into the journal.
func (m *machine) put(a *active, prefix, result string) error {
	ar := archive{Round: a.Round, Prev: a.Last, Result: result, Done: within(m.s.Done, prefix), Asks: within(m.s.Asks, prefix)}
	seq, err := m.record(engine.RoundDone, strings.TrimSuffix(prefix, "/"), 0, nil, ar)
	if err != nil {
		return err
	}
	a.Last = seq
	forget(m.s.Done, prefix)
	forget(m.s.Asks, prefix)
	forget(m.s.Cleared, prefix)
	forget(m.s.Edits, prefix)
	var early []early
	for _, v := range m.s.Early {
		if !strings.HasPrefix(v.Path, prefix) {
			early = append(early, v)
		}
	}
	m.s.Early = early
	return nil
}

func within[T any](in map[string]T, prefix string) map[string]T {
	out := map[string]T{}
	for k, v := range in {
		if strings.HasPrefix(k, prefix) {
			out[k] = v
		}
	}
	return out
}

func forget[T any](in map[string]T, prefix string) {
	for k := range in {
		if strings.HasPrefix(k, prefix) {
			delete(in, k)
		}
	}
}

// archived reads a round that is over.
func (m *machine) archived(seq int64) (ar archive, err error) {
	x, err := m.value(seq)
	if err != nil {
		return ar, err
	}
	b, err := engine.EncodeJSON(x)
	if err != nil {
		return ar, err
	}
	err = json.Unmarshal(b, &ar)
	return ar, err
}

// results is what each round of a finished loop gave, in order. They are read one by one, and only when an expression
// asks for them.
func (m *machine) results(d *done) ([]any, error) {
	out := make([]any, d.Count)
	room := maxResults
	i := d.Count - 1
	for seq := d.Last; seq != 0 && i >= 0; i-- {
		ar, err := m.archived(seq)
		if err != nil {
			return nil, err
		}
		if r := ar.Done[ar.Result]; r != nil && r.State != engine.StepStateSkipped && r.Seq != 0 {
			if out[i], err = m.gave(r, false); err != nil {
				return nil, err
			}
		}
		fits := false
		if room, fits = weigh(out[i], room); !fits {
			return nil, engine.E(engine.TooLarge, "the results of the loop are more than there is room for").
				WithHint("End each round with a step that gives only what is needed.")
		}
		seq = ar.Prev
	}
	return out, nil
}
