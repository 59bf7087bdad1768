package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/bretelle/bretelle/bot/control"
	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
)

type signalCmd struct {
	Event string `arg:"" help:"The event's name, as a step that waits for it or a flow that listens writes it."`
	Key   string `arg:"" optional:"" help:"What it concerns. Runs that wait hear only their own key."`
	File  string `short:"f" help:"What goes with it, as JSON; - is standard input." placeholder:"FILE"`
	ID    string `name:"id" help:"Tells it from its repetition; a new one when left out." placeholder:"ID"`
	JSON  bool   `name:"json" help:"Print JSON."`
}

func (c *signalCmd) Run(e *env) error {
	in := control.SignalIn{Event: c.Event, Key: c.Key, ID: c.ID}
	if c.File != "" {
		data, err := e.readFile(c.File)
		if err != nil {
			return err
		}
		if in.Data = data; !json.Valid(data) {
			return usage{engine.E(engine.Invalid, "this is no JSON")}
		}
	}
	if in.ID == "" {
		in.ID = engine.NewID(time.Now())
	}
	var out control.SignalOut
	if err := e.client.Do(e.ctx, "signal", in, &out); err != nil {
		return err
	}
	if c.JSON {
		return e.json(out)
	}
	for _, r := range out.Runs {
		line := r.Reason
		if line != "" {
			line = ": " + line
		}
		e.say("%s%s%s", r.Result, runText(r.Run), line)
	}
	e.say("%d flows listen, %d runs were waiting", len(out.Runs), out.Waits)
	return nil
}

// signal tells an event.
func (a *app) signal(ctx context.Context, in control.SignalIn) (control.SignalOut, error) {
	if flow.CheckEvent(in.Event) == nil { // told or not: somebody tried; its key and data may be a person's
		if err := a.store.Audit(ctx, engine.AuditEntry{At: engine.Millis(a.now()), Actor: engine.Operator, What: "event.told", Object: "event/" + in.Event}); err != nil {
			return control.SignalOut{}, err
		}
	}
	told, err := a.runtime.Emit(ctx, engine.Emission{Event: in.Event, Key: in.Key, ID: in.ID, Data: in.Data})
	out := control.SignalOut{Runs: []control.SignalRun{}, Waits: told.Waits}
	for _, r := range told.Runs {
		out.Runs = append(out.Runs, control.SignalRun{Result: string(r.Outcome), Run: r.Number, Reason: r.Reason})
	}
	return out, err
}
