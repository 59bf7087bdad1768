package fold

import (
	"encoding/json"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// What a call does: it names the run that is to be and commands it, and that run begins in the transaction that stores
// the step. When it has ended, it commands what it gives to be returned, in the transaction of its end. A step that is over
// for another reason (the end of its run, a timeout, a branch that lost) cancels the run that it waits for; a called run
// that ends in any way but done fails the step.

// maxOutput bounds what a called flow gives, in bytes.
const maxOutput = 256 << 10

func (m *machine) enterCall(n *node) (bool, error) {
	if m.s.Head.Depth >= flow.MaxDepth {
		return m.fault(n, engine.E(engine.TooLarge, "this run is the last of {most} that called each other", "most", flow.MaxDepth).
			WithHint("Something calls itself again and again: let a condition end it."))
	}
	if seq := m.given(n); seq != 0 {
		return m.stands(n, seq)
	}
	x, err := m.scope(n).eval(n.with)
	if err != nil {
		return m.fault(n, err)
	}
	with, _ := x.(map[string]any)
	c, a := n.step.Call, &active{Phase: phaseCalled, SentAt: m.s.LastAt}
	if !c.Wait {
		a.Phase = phaseSent
	}
	if old := m.s.step(n.path); old != nil {
		// People who heard that it failed hear that it works when it does.
		a.Attempt, a.Base, a.FixedBy, a.Alerted, a.Failure = old.Attempt, old.Base, old.FixedBy, old.Alerted, old.Failure
	}
	if c.Wait { // the one before was cancelled; one that nobody waits for goes on, and keeps its id so that it begins once
		m.countOn(n.path, a)
	}
	a.Attempt++
	// From what the caller is, and not from when it calls: in a copy that was restored the same call keeps its id, and with
	// it the keys of what the called run repeats.
	a.Child = engine.IDFrom(engine.IDTime(m.s.Head.Run), m.s.Head.Run+"/"+n.path+"~"+strconv.Itoa(a.Attempt))
	input := map[string]any{"flow": c.Flow, "with": with}
	if c.Version > 0 {
		input["version"] = int(c.Version)
	}
	if a.Input, err = m.record(engine.StepStarted, n.path, a.Attempt, map[string]any{"run": a.Child}, input); err != nil {
		return false, err
	}
	m.s.begin(n.path, a)
	m.do(Call{Path: n.path, Run: a.Child, Flow: c.Flow, Version: c.Version, Input: with, Wait: c.Wait})
	return false, nil
}

// callEnded is what became of a called run.
func (m *machine) callEnded() error {
	var h engine.CallHead
	if err := m.head(&h); err != nil {
		return err
	}
	n, a := m.node(m.e.Path), m.s.step(m.e.Path)
	if n == nil || a == nil || a.Phase != phaseCalled && a.Phase != phaseSent || a.Child != h.Run {
		return m.refuse(engine.Answer{Verdict: engine.NotNow})
	}
	value := map[string]any{"run": h.Run}
	switch {
	case h.Failure != nil:
		return m.giveUpAndGo(n, a, h.Failure)
	case a.Phase == phaseCalled && h.State != engine.RunDone:
		return m.giveUpAndGo(n, a, endedBadly(n.step.Call.Flow, h))
	case a.Phase == phaseCalled:
		x, err := m.value(m.e.Seq)
		if err != nil {
			return err
		}
		value["output"], value["number"], value["state"] = x, int(h.Number), string(h.State)
	}
	through, err := m.pass(n, value)
	if err != nil || !through {
		return err
	}
	return m.advance(n)
}

// endedBadly is why a call failed.
func endedBadly(name string, h engine.CallHead) *engine.Failure {
	f := &engine.Failure{Msg: "{flow} #{number} failed"}
	switch why := h.Reason != ""; {
	case h.State == engine.RunCancelled && why:
		f = &engine.Failure{Msg: "{flow} #{number} was cancelled: {reason}"}
	case h.State == engine.RunCancelled:
		f = &engine.Failure{Msg: "{flow} #{number} was cancelled"}
	case h.State == engine.RunStopped && why:
		f = &engine.Failure{Msg: "{flow} #{number} was stopped: {reason}"}
	case h.State == engine.RunStopped:
		f = &engine.Failure{Msg: "{flow} #{number} was stopped"}
	case why:
		f = &engine.Failure{Msg: "{flow} #{number} failed: {reason}"}
	}
	f.Class, f.Code, f.Args = engine.Rejected, engine.Refused, engine.Args("flow", name, "number", h.Number, "reason", h.Reason)
	if h.State == engine.RunCancelled {
		f.Code = engine.Canceled
	}
	return f
}

// hangUp cancels the run that a step waits for.
func (m *machine) hangUp(a *active, why string) {
	if a.Phase != phaseCalled || a.Child == "" {
		return
	}
	if why == "" {
		why = "the run that called it ended"
	}
	m.do(CancelRun{Run: a.Child, Reason: why})
	a.Child = ""
}

// output is what the flow gives to the one who called it, once it is through. Where that cannot be worked out, the run
// has failed.
func (m *machine) output(state engine.RunState, reason string) (engine.RunState, string, any, error) {
	if state != engine.RunDone || m.p.output == nil {
		return state, reason, nil, nil
	}
	x, err := m.scope(&node{step: &flow.Step{}}).eval(m.p.output)
	if err == nil {
		var b []byte
		if b, err = engine.EncodeJSON(x); err == nil && len(b) > maxOutput {
			err = engine.E(engine.TooLarge, "what the flow gives is longer than {most} bytes", "most", maxOutput)
		}
	}
	if err == nil {
		return state, reason, x, nil
	}
	f, ours := flowFault(err)
	if !ours {
		return state, reason, nil, err
	}
	return engine.RunFailed, engine.Fill("what the flow gives cannot be worked out: {reason}", engine.Args("reason", engine.Fill(f.Msg, f.Args))), nil, nil
}

// giveBack tells the run that called this one how it has ended.
func (m *machine) giveBack(state engine.RunState, reason string, output any) error {
	p := m.s.Head.Parent
	if p == nil || !p.Wait {
		return nil
	}
	var data json.RawMessage
	if output != nil {
		var err error
		if data, err = engine.EncodeJSON(output); err != nil {
			return err
		}
	}
	m.do(Return{To: p.Run, Path: p.Path, Data: data, Head: engine.CallHead{
		Run: m.s.Head.Run, Number: m.s.Head.Number, State: state, Reason: reason,
	}})
	return nil
}
