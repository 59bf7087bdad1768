package flows

import (
	"context"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flow"
	"github.com/bretelle/bretelle/engine/fold"
)

// lookup bounds how long check waits for the text of an old version.
const lookup = 5 * time.Second

// called is a flow that another one calls, for check. Errors as in check.Known.
func (l *Library) called(name string, version int64) (*flow.Flow, error) {
	x := l.index.Load()
	if x == nil {
		return nil, engine.E(engine.Unavailable, "the flows are still being read").WithOp("flows.called")
	}
	e := x.flows[name]
	switch {
	case e == nil:
		return nil, unknownFlow(name, x.names)
	case version == 0 && e.live == nil:
		return nil, engine.E(engine.Conflict, `the flow "{flow}" is not published, so calling it fails`, "flow", name).WithHint("Publish it before this one runs.")
	case version == 0:
		return e.live.flow, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookup)
	defer cancel()
	v, err := l.version(ctx, e, version)
	if err != nil {
		return nil, err
	}
	f, _ := flow.Parse(v.Source)
	if f == nil {
		return nil, engine.E(engine.Internal, "a version is no flow").WithOp("flows.called")
	}
	return f, nil
}

// Callee is a flow as a call begins it.
type Callee struct {
	Flow    string
	Version int64
	Trigger string // id of its trigger
	State   engine.FlowState
	Editor  string // person id of who published the version
	Place   engine.Place
	Program *fold.Program
}

// Callee finds what a step calls: version 0 is the published one. Errors: NotFound, Invalid (it is retired, was never
// published, cannot be called, or does not compile any more), Unavailable.
func (l *Library) Callee(ctx context.Context, name string, version int64) (Callee, error) {
	e, err := l.find(name)
	switch {
	case err != nil:
		return Callee{}, err
	case e.head.State == engine.FlowRetired:
		return Callee{}, engine.E(engine.Invalid, "{flow} is retired", "flow", name).WithHint("Resume it first.").WithOp("flows.callee")
	case e.stored.Live == nil:
		return Callee{}, engine.E(engine.Invalid, "{flow} was never published", "flow", name).WithHint("Publish it first.").WithOp("flows.callee")
	}
	if version == 0 {
		version = e.stored.Live.Number
	}
	p, err := l.Program(ctx, name, version)
	if err != nil {
		return Callee{}, err
	}
	if p.Flow.Trigger.On != flow.Called {
		return Callee{}, engine.E(engine.Invalid, "version {version} of {flow} cannot be called", "version", version, "flow", name).
			WithHint("Give it the trigger flow.called and publish it.").WithOp("flows.callee")
	}
	id, err := engine.TriggerID(name, flow.Called, map[string]any{})
	if err != nil {
		return Callee{}, engine.AsError(err)
	}
	v, err := l.version(ctx, e, version)
	if err != nil {
		return Callee{}, err
	}
	return Callee{
		Flow: name, Version: version, Trigger: id, State: e.head.State, Editor: v.By, Place: p.Flow.Channel, Program: p,
	}, nil
}

// Expecting are the triggers of live flows that expect so many events in a time, in the order of flow names.
func (l *Library) Expecting() (out []Trigger) {
	ix := l.index.Load()
	for _, name := range ix.names {
		t := ix.flows[name].trigger
		if t != nil && t.State == engine.FlowLive && t.Program != nil && t.Program.Flow.Trigger.Expect != nil {
			out = append(out, *t)
		}
	}
	return out
}

// Listeners are the triggers of a kind whose setting field is value, in the order of flow names.
func (l *Library) Listeners(kind, field, value string) (out []Trigger) {
	for _, found := range l.index.Load().byKind[kind] {
		if s, is := found.With[field].(string); is && s == value {
			out = append(out, *found)
		}
	}
	return out
}
