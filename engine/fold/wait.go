package fold

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

func (m *machine) enterWait(n *node) (bool, error) {
	until, err := m.until(n)
	if err != nil {
		return m.fault(n, err)
	}
	path := n.path
	if g := m.s.Head.Again; g != nil && g.Until > 0 && g.From == path {
		until = g.Until // it waited for a part of its time in the run that this one goes on for
	}
	w := &active{Phase: phaseWait, RetryAt: until}
	started := map[string]any{"until": timeText(until)}
	switch {
	case n.reply != nil:
		ref, err := m.replyRef(n)
		if err != nil {
			return m.fault(n, err)
		}
		w.Key, w.Want, started["reply"] = engine.ReplyKey(ref), n.step.Wait.Reply.From, ref
	case n.step.Wait.Event != nil:
		key, err := m.eventKey(n)
		if err != nil {
			return m.fault(n, err)
		}
		name := n.step.Wait.Event.Name
		w.Key, started["event"] = engine.EventKey(name, key), map[string]any{"name": name, "key": key}
	}
	if w.Input, err = m.record(engine.StepStarted, path, 0, nil, started); err != nil {
		return false, err
	}
	if err := m.anew(n, w); err != nil {
		return false, err
	}
	m.setTimer("wait:"+path, until)
	if w.Key != "" {
		m.do(Await{Key: w.Key, Path: path, From: w.Want})
	}
	return false, nil
}

// until is when the wait ends at the latest, in milliseconds.
func (m *machine) until(n *node) (int64, error) {
	if h := n.step.Wait.Hours; h != nil {
		t := h.Next(engine.Time(m.s.LastAt).In(m.p.zone))
		if t.IsZero() {
			return 0, engine.E(engine.Invalid, "nobody works in the next year").WithHint("Check the hours and holidays of the step.")
		}
		return t.UnixMilli(), nil
	}
	x, err := m.scope(n).eval(n.wait)
	if err != nil {
		return 0, err
	}
	return waitUntil(x, n.step.Wait.Until != nil, m.s.LastAt)
}

// waitUntil is when a wait ends, in milliseconds: x is a duration from now, or an instant in RFC 3339.
func waitUntil(x any, instant bool, now int64) (int64, error) {
	text, ok := x.(string)
	if instant {
		if ms, isInt := x.(int); isInt {
			return int64(ms), nil
		}
		if t, err := time.Parse(time.RFC3339, text); ok && err == nil {
			return t.UnixMilli(), nil
		}
		return 0, engine.E(engine.Invalid, `"{value}" is not an instant to wait until`, "value", short(plain(x))).
			WithHint("Write 2026-11-23T14:00:00Z, or an expression that gives that.")
	}
	if d, err := flow.Duration(text); ok && err == nil {
		return now + d.Milliseconds(), nil
	}
	return 0, engine.E(engine.Invalid, `"{value}" is not a time to wait for`, "value", short(plain(x))).
		WithHint("Write 90s, 10m, 4h, 3d or 2w.")
}

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
	what := n.step.Wait.Member()
	reply := map[string]any{}
	if in, ok := x.(map[string]any); ok {
		reply = maps.Clone(in)
	} else if x != nil {
		reply["text"] = plain(x)
	}
	if reply["by"] == nil && what == "reply" {
		reply["by"] = m.e.By
	}
	if reply["at"] == nil {
		reply["at"] = timeText(m.s.LastAt)
	}
	m.count(engine.Answer{By: m.e.By})
	m.cancelTimer("wait:" + n.path)
	m.do(Unawait{n.path})
	through, err := m.pass(n, map[string]any{what: reply, "timed_out": false})
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}
