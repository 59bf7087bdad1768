package fold

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/bretelle/bretelle/engine"
)

// archive is the Data of a RoundDone entry: what the state forgets of a round that is over. Rounds are a chain in the
// order in which they ended, so that a loop's state is as small after a thousand of them as after one. Those that failed
// and were collected are a second chain.
type archive struct {
	Round   int              `json:"round"`
	Prev    int64            `json:"prev,omitempty"`   // entry of the round before; 0 for the first
	Result  string           `json:"result,omitempty"` // path of the step whose value is the round's
	Done    map[string]*done `json:"done,omitempty"`
	Asks    map[string]*ask  `json:"asks,omitempty"`
	Failure *engine.Failure  `json:"failure,omitempty"` // why the round failed; nil when it did not
	From    string           `json:"from,omitempty"`    // id of the step whose failure it is
	Lost    int64            `json:"lost,omitempty"`    // entry of the failed round before
}

// roundDone follows the last step of a round of a loop that goes through them one by one.
func (m *machine) roundDone(bl *block, f frame) (through bool, err error) {
	loop, _ := round(f.At)
	n, a := m.node(loop), m.s.step(loop)
	if n == nil || a == nil {
		return true, nil
	}
	if err := m.put(n, a, f.At, true, nil, ""); err != nil {
		return false, err
	}
	a.Round++
	return m.nextRound(n, a)
}

// roundOver follows the last step of a round that has a lane of its own.
func (m *machine) roundOver(n *node, a *active, key string) (through bool, err error) {
	if err := m.put(n, a, key, true, nil, ""); err != nil {
		return false, err
	}
	a.Open--
	return m.nextRound(n, a)
}

// roundLost collects a round that failed, where the loop goes on without it.
func (m *machine) roundLost(n *node, a *active, at, from string, f *engine.Failure) (through bool, err error) {
	if err := m.put(n, a, at, false, f, from); err != nil {
		return false, err
	}
	a.Failed++
	if n.step.Each.AtOnce() > 1 {
		a.Open--
	} else {
		a.Round++
	}
	return m.nextRound(n, a)
}

// roundThrown is a failure that leaves a round with a lane of its own.
func (m *machine) roundThrown(n *node, a *active, key, from string, f *engine.Failure) error {
	if n.step.Each.Continue {
		through, err := m.roundLost(n, a, key, from, f)
		if err == nil && through {
			return m.advance(n)
		}
		return err
	}
	if err := m.put(n, a, key, false, nil, ""); err != nil {
		return err
	}
	a.Open--
	if err := m.shelve(n, a); err != nil {
		return err
	}
	return m.broke(n, a, from, f)
}

// shelve moves the rounds under way of a loop that goes on no more into the journal: what they did stays to be seen.
func (m *machine) shelve(n *node, a *active) error {
	if n.step.Each.AtOnce() == 1 {
		if a.Phase != phaseEach {
			return nil
		}
		return m.put(n, a, n.path+"["+strconv.Itoa(a.Round)+"]/", false, nil, "")
	}
	for _, key := range sorted(m.s.Lanes) {
		l := m.s.Lanes[key]
		if l == nil || l.Of != n.path {
			continue
		}
		if err := m.abandon(key, "the loop ended"); err != nil {
			return err
		}
		if err := m.put(n, a, key, false, nil, ""); err != nil {
			return err
		}
		a.Open--
	}
	return nil
}

// put moves what belongs to a round from the state into the journal.
func (m *machine) put(n *node, a *active, prefix string, whole bool, f *engine.Failure, from string) error {
	_, i := round(prefix)
	bl := m.p.blocks[n.step.ID+"/steps"]
	ar := archive{Round: i, Prev: a.Last, Done: map[string]*done{}, Asks: map[string]*ask{}, Failure: f, From: from}
	if whole && bl != nil && len(bl.nodes) > 0 {
		ar.Result = bl.nodes[len(bl.nodes)-1].at(prefix).path
	}
	if f != nil {
		ar.Lost = a.LastLost
	}
	for _, id := range n.body {
		path := prefix + id
		loop := m.p.nodes[id].step.Loop()
		if d := m.s.Done[path]; d != nil && (d.Attempts > 0 || loop) && !whole && f == nil {
			m.cutOff(path, d, loop)
		}
		move(m.s.Done, ar.Done, path)
		move(m.s.Asks, ar.Asks, path)
		delete(m.s.Cleared, path)
		if whole || f != nil { // else it may be gone through again
			delete(m.s.Cut, path)
		}
	}
	seq, err := m.record(engine.RoundDone, strings.TrimSuffix(prefix, "/"), 0, nil, ar)
	if err != nil {
		return err
	}
	a.Last = seq
	if f != nil {
		a.LastLost = seq
	}
	maps.DeleteFunc(m.s.Edits, func(key string, _ int64) bool { return strings.HasPrefix(key, prefix) })
	var early []early
	for _, v := range m.s.Early {
		if !strings.HasPrefix(v.Path, prefix) {
			early = append(early, v)
		}
	}
	m.s.Early = early
	return nil
}

func move[T any](from, to map[string]T, key string) {
	if x, ok := from[key]; ok {
		to[key] = x
		delete(from, key)
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

// results is what each round of a finished loop gave, in the order of its list. They are read one by one, and only when
// an expression asks for them.
func (m *machine) results(d *done) ([]any, error) {
	out := make([]any, d.Count)
	room := maxResults
	for seq := d.Last; seq != 0; {
		ar, err := m.archived(seq)
		if err != nil {
			return nil, err
		}
		x, err := m.came(ar)
		if err != nil {
			return nil, err
		}
		if ar.Round >= 0 && ar.Round < d.Count && out[ar.Round] == nil { // one that was cut off and went again: the later one
			out[ar.Round] = x
		}
		fits := false
		if room, fits = weigh(x, room); !fits {
			return nil, engine.E(engine.TooLarge, "the results of the loop are more than there is room for").
				WithHint("End each round with a step that gives only what is needed.")
		}
		seq = ar.Prev
	}
	return out, nil
}

// came is what a round gave: the value of its last step.
func (m *machine) came(ar archive) (any, error) {
	if r := ar.Done[ar.Result]; r.gives() {
		return m.gave(ar.Result, r, "", ar.Done)
	}
	return nil, nil
}

// failed are the rounds of a finished loop that failed and were collected, in the order of its list.
func (m *machine) failures(d *done) ([]any, error) {
	var out []any
	for seq := d.Lost; seq != 0; {
		ar, err := m.archived(seq)
		if err != nil {
			return nil, err
		}
		if ar.Failure != nil {
			e := failureRoot(ar.Failure)
			e["step"] = ar.From
			out = append(out, map[string]any{"index": ar.Round, "error": e})
		}
		seq = ar.Lost
	}
	slices.SortFunc(out, func(a, b any) int { return cmp.Compare(member(a, "index").(int), member(b, "index").(int)) })
	if out == nil {
		out = []any{}
	}
	return out, nil
}
