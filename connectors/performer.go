package connectors

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/bretelle/bretelle/engine"
)

// maxOutput bounds the stored output of a step, in bytes of JSON: an answer's body with room for its escapes.
const maxOutput = 3 * maxBody

// Performer runs actions. It implements engine.Performer and is safe for concurrent use.
type Performer struct {
	cat   *Catalog
	exits Exits
	wire  *wire
	crew  *crew
	grace time.Duration // how long an action may go on after its context ended
}

var _ engine.Performer = (*Performer)(nil)

// NewPerformer makes a performer of the catalogue's actions. The exits are used concurrently.
func NewPerformer(cat *Catalog, exits Exits) *Performer {
	return &Performer{cat: cat, exits: exits, wire: newWire(exits), crew: newCrew(), grace: 2 * time.Second}
}

// Close lets go of what is kept for the next calls. Calls may still be made.
func (p *Performer) Close() { p.crew.close() }

// Perform makes one attempt, or one probe. It returns at the latest two seconds after ctx ended.
func (p *Performer) Perform(ctx context.Context, t engine.Task) engine.Result {
	return p.perform(ctx, t, false)
}

// Rehearse is a dry run of one call: what only reads is done, on exits that only read; anything else is answered
// with the action's sample, or what it assumes of the input, and assumed is true.
func (p *Performer) Rehearse(ctx context.Context, t engine.Task) (r engine.Result, assumed bool) {
	a, in, fault := p.prepare(t)
	if fault != nil {
		return engine.Result{Failure: &fault.Failure}, false
	}
	if a.TraitsOf(in).Risk == engine.Read {
		return p.perform(ctx, t, true), false
	}
	answer := a.Sample
	if a.Assume != nil {
		answer = a.Assume(&Call{task: t, closed: true}, in)
	}
	out, err := engine.EncodeJSON(answer)
	if err != nil {
		return engine.Result{Failure: &engine.Failure{Class: engine.BadInput, Code: engine.Internal, Msg: "Something went wrong on my side"}}, true
	}
	return engine.Result{Output: out}, true
}

// prepare finds the action and fits the input to it.
func (p *Performer) prepare(t engine.Task) (*Action, map[string]any, *Fault) {
	a, ok := p.cat.actions[t.Action]
	if !ok {
		f := Fail(engine.BadInput, engine.NotFound, `There is no action "{action}"`, "action", clip(t.Action, 80))
		if near := engine.Suggest(t.Action, p.cat.names); near != "" {
			f.Args["near"] = near
			f.Hint = `Did you mean "{near}"?`
		}
		return nil, nil, f
	}
	var v any = map[string]any{}
	if len(t.Input) > 0 {
		var err error
		if v, err = engine.DecodeJSON(t.Input); err != nil {
			return nil, nil, Fail(engine.BadInput, engine.Invalid, "The input cannot be read").wrap(err)
		}
	}
	fitted, e := Fit(a.In, v, "")
	if e != nil {
		return nil, nil, &Fault{Failure: engine.Failure{Class: engine.BadInput, Code: e.Code, Msg: e.Msg, Args: e.Args, Hint: e.Hint}}
	}
	in, ok := fitted.(map[string]any)
	if !ok {
		return nil, nil, Fail(engine.BadInput, engine.Invalid, "The input cannot be read")
	}
	return a, in, nil
}

func (p *Performer) perform(ctx context.Context, t engine.Task, dry bool) engine.Result {
	a, in, fault := p.prepare(t)
	if fault != nil {
		return engine.Result{Failure: &fault.Failure}
	}
	if t.Probe && a.Look == nil {
		return engine.Result{Found: engine.ProbeUnsure}
	}
	if err := ctx.Err(); err != nil {
		f := failureOf(err, false)
		return engine.Result{Failure: &f}
	}
	ctx, cancel := timeoutOf(ctx, t.Timeout)
	defer cancel()
	c := &Call{task: t, exits: p.exits, wire: p.wire, dry: dry || t.Probe}

	// The action runs beside us: one that does not heed its context must not hold up the engine. What it may still
	// do after that is nothing: its exits are shut.
	ended := make(chan engine.Result, 1)
	p.crew.run(func() { ended <- p.run(ctx, a, c, t, in) })
	select {
	case r := <-ended:
		return r
	case <-ctx.Done():
	}
	late := time.NewTimer(p.grace)
	defer late.Stop()
	select {
	case r := <-ended:
		return r
	case <-late.C:
		f := failureOf(ctx.Err(), c.shut())
		return engine.Result{Failure: &f}
	}
}

// run calls the action and turns whatever comes of it into a result.
func (p *Performer) run(ctx context.Context, a *Action, c *Call, t engine.Task, in map[string]any) (r engine.Result) {
	defer func() {
		if cause := recover(); cause != nil {
			p.log().Error("an action panicked", "action", t.Action, "run", t.Run,
				"cause", c.mask.text(fmt.Sprint(cause)), "stack", c.mask.text(string(debug.Stack())))
			f := failureOf(engine.AsError(fmt.Errorf("panic in %s", t.Action)), c.hasSent())
			r = engine.Result{Failure: &f}
		}
	}()
	var (
		out   any
		found engine.ProbeFound
		err   error
	)
	if t.Probe {
		found, out, err = a.Look(ctx, c, in)
	} else {
		out, err = a.Run(ctx, c, in)
	}
	if err != nil {
		f := c.mask.failure(failureOf(err, c.hasSent()))
		if f.Code == engine.Internal {
			p.log().Error("an action failed for a reason of our own", "action", t.Action, "run", t.Run, "cause", c.mask.text(err.Error()))
		}
		return engine.Result{Failure: &f}
	}
	r.Found = found
	if t.Probe && found != engine.ProbeHappened {
		return r
	}
	text, err := engine.EncodeJSON(out)
	if err == nil && !c.mask.empty() {
		var v any
		if v, err = engine.DecodeJSON(text); err == nil {
			text, err = engine.EncodeJSON(c.mask.value(v))
		}
	}
	switch {
	case err != nil:
		f := Fail(engine.Garbled, engine.Unreadable, "The answer cannot be kept as JSON").
			WithHint("It was probably done, so it was not sent again.")
		return engine.Result{Failure: &f.Failure}
	case len(text) > maxOutput:
		f := Fail(engine.Garbled, engine.TooLarge, "The answer is larger than {max} bytes", "max", maxOutput).
			WithHint("Ask the service for less. It was not sent again.")
		return engine.Result{Failure: &f.Failure}
	}
	r.Output = text
	return r
}

func (p *Performer) log() *slog.Logger {
	if p.exits.Log != nil {
		return p.exits.Log
	}
	return slog.New(slog.DiscardHandler)
}
