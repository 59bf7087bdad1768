package fold

import (
	"maps"
	"slices"
	"strconv"

	"github.com/bretelle/bretelle/engine"
)

// maxRef bounds the reference to a message, in bytes.
const maxRef = 500

// replyRef is the message whose reply n waits for: what a step that posts gave, or its ref.
func (m *machine) replyRef(n *node) (string, error) {
	x, err := m.scope(n).eval(n.reply)
	if err != nil {
		return "", err
	}
	if in, ok := x.(map[string]any); ok {
		x = in["ref"]
	}
	ref, ok := x.(string)
	if i, is := x.(int); is {
		ref, ok = strconv.Itoa(i), true
	}
	if !ok || ref == "" || len(ref) > maxRef {
		return "", engine.E(engine.Invalid, "{value} is no message to wait for a reply to", "value", short(plain(x))).
			WithHint("Give it the ref of a step that posts.")
	}
	return ref, nil
}

// arrived is what a wait by key waits for.
func (m *machine) arrived() error {
	var h engine.ArrivalHead
	if err := m.head(&h); err != nil {
		return err
	}
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	switch {
	case n == nil || a == nil || a.Phase != phaseWait || a.Key == "" || a.Key != h.Key:
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	case a.Want != nil && !slices.ContainsFunc(h.Groups, func(g string) bool { return slices.Contains(a.Want, g) }):
		return m.refuse(engine.Answer{Verdict: engine.NotYou})
	}
	x, err := m.value(m.e.Seq)
	if err != nil {
		return err
	}
	reply := map[string]any{}
	if in, ok := x.(map[string]any); ok {
		reply = maps.Clone(in)
	} else if x != nil {
		reply["text"] = plain(x)
	}
	if reply["by"] == nil {
		reply["by"] = m.e.By
	}
	if reply["at"] == nil {
		reply["at"] = timeText(m.s.LastAt)
	}
	m.count(engine.Answer{By: m.e.By})
	m.cancelTimer("wait:" + n.path)
	m.do(Unawait{n.path})
	through, err := m.pass(n, map[string]any{"reply": reply, "timed_out": false})
	if err != nil || !through {
		return err
	}
	return m.advance()
}
