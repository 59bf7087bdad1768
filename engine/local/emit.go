package local

import (
	"context"
	"encoding/json"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

// Told is what became of an emission.
type Told struct {
	Runs  []engine.Receipt // one for each flow that listens; of one that is told again, Duplicate with its run
	Waits int              // runs that were waiting for it
}

// Emit tells every flow that listens to e.Event and every run that waits for e.Event and e.Key. Told again with the same
// ID, nothing happens twice. A nil error means that all of it is stored. Errors: Invalid, TooLarge; Unavailable (not all
// have it yet: tell it again).
func (r *Runtime) Emit(ctx context.Context, e engine.Emission) (Told, error) {
	var told Told
	if err := flow.CheckEvent(e.Event); err != nil {
		return told, err
	}
	switch {
	case e.ID == "" || len(e.ID) > 4*maxKey || len(e.Key) > 4*maxKey:
		return told, engine.E(engine.Invalid, "an event has an id, and its key is at most {most} characters", "most", 4*maxKey).WithOp("local.emit")
	case len(e.Data) > maxArrival:
		return told, engine.E(engine.TooLarge, "this is longer than {most} bytes", "most", maxArrival).WithOp("local.emit")
	}
	var data any
	if len(e.Data) > 0 {
		var err error
		if data, err = engine.DecodeJSON(e.Data); err != nil {
			return told, engine.E(engine.Invalid, "this is no JSON").WithOp("local.emit")
		}
	}
	key, from := e.Key, "signal"
	if key == "" {
		key = e.ID
	}
	by := map[string]any{}
	switch {
	case e.Run != "":
		from, by = "run:"+e.Run, map[string]any{"flow": e.Flow, "run": e.Run}
	case e.By != "":
		from = FromPerson(e.By)
	}
	for _, t := range r.flows.Listeners(flow.Emitted, "event", e.Event) {
		got, err := r.Accept(ctx, engine.Batch{Trigger: t.ID, From: from, Depth: e.Depth, Items: []engine.Item{{
			Key: key, Data: map[string]any{"name": e.Event, "data": data, "from": by},
		}}})
		switch {
		case engine.CodeOf(err) == engine.NotFound: // retired meanwhile
		case err != nil:
			return told, err
		default:
			told.Runs = append(told.Runs, got...)
		}
	}
	if e.Key == "" {
		return told, nil
	}
	said, err := engine.EncodeJSON(map[string]any{"name": e.Event, "key": e.Key, "data": data})
	if err != nil {
		return told, engine.AsError(err)
	}
	told.Waits, err = r.Correlate(ctx, engine.EventKey(e.Event, e.Key), said, e.By, e.ID)
	return told, err
}

// emit carries out an emit step.
func (r *Runtime) emit(ctx context.Context, t engine.Task) engine.Result {
	e := *t.Emit
	var in struct {
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(t.Input, &in); err != nil {
		return engine.Result{Failure: &engine.Failure{Class: engine.BadInput, Code: engine.Invalid, Msg: "this is no JSON"}}
	}
	e.Data, e.Flow, e.Run = in.Data, t.Flow, t.Run
	told, err := r.Emit(ctx, e)
	if err != nil {
		x := engine.AsError(err)
		f := &engine.Failure{Class: engine.Rejected, Code: x.Code, Msg: x.Msg, Args: x.Args, Hint: x.Hint}
		if passing(err) || x.Code == engine.Canceled {
			f.Class = engine.Busy
		}
		return engine.Result{Failure: f}
	}
	runs := 0
	for _, got := range told.Runs {
		if got.Run != "" {
			runs++
		}
	}
	return engine.Result{Output: encode(map[string]any{"event": e.Event, "key": e.Key, "runs": runs})}
}
