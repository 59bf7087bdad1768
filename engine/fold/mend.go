package fold

import (
	"encoding/json"
	"strings"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/plan"
)

// parked finds the step that a person wants to try again. One that was done, though its answer could not be read, is
// never sent again: a person says what it gave instead, as for an unknown outcome.
func (m *machine) parked() (*node, *active, bool) {
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	if n == nil || a == nil || a.Phase != phaseParked {
		_ = m.refuse(engine.Answer{Verdict: engine.NotNow})
		return nil, nil, false
	}
	if a.garbled() {
		_ = m.refuse(engine.Answer{
			Verdict: engine.BadAnswer, Err: engine.E(engine.Conflict, "this was done already, only its answer could not be read").
					WithHint("Say what it gave, or stop the run."),
		})
		return nil, nil, false
	}
	var h engine.FixHead
	if json.Unmarshal(m.e.Head, &h) == nil && h.Attempt > 0 && h.Attempt != a.Attempt {
		_ = m.refuse(engine.Answer{Verdict: engine.NotNow})
		return nil, nil, false
	}
	return n, a, true
}

// garbled says that the call took effect and cannot be repeated, and only its answer is missing.
func (a *active) garbled() bool {
	return a.Phase == phaseParked && a.Failure != nil && a.Failure.Class == engine.Garbled && !a.Repeat
}

// retryAsked tries a parked step again: an action with the input it had, anything else from its beginning.
func (m *machine) retryAsked() error {
	n, a, ok := m.parked()
	if !ok {
		return nil
	}
	m.count(engine.Answer{By: m.e.By})
	a.FixedBy, a.Base = m.e.By, a.Attempt
	if a.Input != 0 && n.step.Kind == flow.KindDo {
		return m.attempt(n, a)
	}
	through, err := m.enter(n)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}

// fixed tries a parked action again with another input. What was approved stays approved only if nothing that is
// sent changes.
func (m *machine) fixed() error {
	n, a, ok := m.parked()
	if !ok {
		return nil
	}
	x, err := m.value(m.e.Seq)
	if err != nil {
		return err
	}
	in, ok := x.(map[string]any)
	if !ok || n.step.Kind != flow.KindDo {
		return m.refuse(engine.Answer{
			Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, "only the input of an action can be changed"),
		})
	}
	m.count(engine.Answer{By: m.e.By})
	a.FixedBy, a.Base = m.e.By, a.Attempt
	before, err := m.inputOf(a)
	if err != nil {
		return err
	}
	same := plan.Same(in, before)
	if !same {
		a.Fixes++
	}
	through, err := m.admit(n, in, !same)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}

func (m *machine) inputOf(a *active) (any, error) {
	if a.Input == 0 {
		return nil, nil
	}
	return m.value(a.Input)
}

// outcomeGiven is a person's answer to "did it happen?".
func (m *machine) outcomeGiven() error {
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	if n == nil || a == nil || a.Phase != phaseOutcome && !a.garbled() {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	var h engine.OutcomeHead
	if err := m.head(&h); err != nil {
		return err
	}
	switch h.Choice {
	case "happened", "stop":
	case "again":
		if a.garbled() {
			return m.refuse(engine.Answer{Verdict: engine.NotNow})
		}
	default:
		return m.refuse(engine.Answer{
			Verdict: engine.BadAnswer, Err: engine.E(engine.Invalid, `"{choice}" is not an answer`, "choice", h.Choice).
					WithHint("Answer happened, again or stop."),
		})
	}
	m.count(engine.Answer{By: m.e.By, Choice: h.Choice})
	reason := "its outcome was unknown"
	if a.garbled() { // people were alerted, not asked: the alert's end says what became of it
		reason, a.FixedBy = "its answer was lost", m.e.By
	} else {
		given := map[string]any{"choice": h.Choice, "by": m.e.By, "at": m.s.LastAt}
		if err := m.tell(engine.NoticeOutcomeIn, "outcome", n.path, given); err != nil {
			return err
		}
	}
	a.Phase = phaseCall
	switch h.Choice {
	case "happened":
		x, err := m.value(m.e.Seq)
		if err != nil {
			return err
		}
		through, err := m.pass(n, x)
		if err != nil || !through {
			return err
		}
		return m.advance(n)
	case "again":
		a.Base = a.Attempt
		return m.attempt(n, a)
	}
	return m.end(engine.RunStopped, reason)
}

// timer is a timer that has come.
func (m *machine) timer() error {
	var h engine.TimerHead
	if err := m.head(&h); err != nil {
		return err
	}
	at, ok := m.s.Timers[h.Timer]
	if !ok || m.e.At < at {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	delete(m.s.Timers, h.Timer)
	if key, ok := strings.CutPrefix(h.Timer, goOn); ok {
		m.goOn(key)
		return nil
	}
	kind, path := cutTimer(h.Timer)
	if h.Timer == limitTimer {
		return m.end(engine.RunFailed, engine.Fill("it took longer than {limit}", engine.Args("limit", flow.DurationText(m.p.Flow.Longest))))
	}
	n, a := m.node(path), m.s.step(path)
	if n == nil || a == nil {
		return nil
	}
	switch kind {
	case "retry":
		return m.attempt(n, a)
	case "wait":
		value := map[string]any{"until": timeText(at)}
		if a.Key != "" {
			m.do(Unawait{path})
			value = map[string]any{n.step.Wait.Member(): nil, "timed_out": true}
		}
		through, err := m.pass(n, value)
		if err != nil || !through {
			return err
		}
		return m.advance(n)
	case "remind":
		k := m.s.Asks[path]
		m.setTimer(h.Timer, m.s.LastAt+k.Remind)
		return m.tell(engine.NoticeRemind, "ask", path, nil)
	case "expire":
		return m.expired(n, path)
	case "limit":
		return m.timeUp(n, a)
	}
	return nil
}
