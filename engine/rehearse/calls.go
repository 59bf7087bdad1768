package rehearse

import (
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// called answers a call as if the flow had been run: with the answer given for the step, else with nothing. No run begins.
func (s *stage) called(c fold.Call) error {
	s.assumed[c.Path] = true
	h := engine.CallHead{Run: c.Run, State: engine.RunDone}
	var data json.RawMessage
	if !c.Wait {
		h.State = engine.RunQueued
	} else if data = json.RawMessage(`{}`); s.o.Answers[stepOf(c.Path)] != nil {
		data = s.o.Answers[stepOf(c.Path)]
		var whole struct {
			Output json.RawMessage `json:"output"`
		}
		if json.Unmarshal(data, &whole) == nil && whole.Output != nil {
			data = whole.Output
		}
	}
	head, err := engine.EncodeJSON(h)
	if err != nil {
		return engine.AsError(err)
	}
	_, err = s.feed(engine.Entry{Kind: engine.CallEnded, Path: c.Path, Head: head, Data: data})
	return err
}

// told answers an emission as if nobody listened. Nothing is told.
func (s *stage) told(t engine.Task) error {
	s.assumed[t.Path] = true
	data, err := engine.EncodeJSON(map[string]any{"event": t.Emit.Event, "key": t.Emit.Key, "runs": 0})
	if err != nil {
		return engine.AsError(err)
	}
	_, err = s.feed(engine.Entry{Kind: engine.StepDone, Path: t.Path, Attempt: t.Attempt, Data: data})
	return err
}

// through lets a step pass a gate: a rehearsal has all limits for itself.
func (s *stage) through(a fold.Acquire) error {
	head, err := engine.EncodeJSON(engine.GateHead{Gate: a.Gate, Answer: engine.GateGranted})
	if err != nil {
		return engine.AsError(err)
	}
	_, err = s.feed(engine.Entry{Kind: engine.GateAnswered, Path: a.Path, Head: head, Data: a.Data})
	return err
}
