package local

import (
	"context"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// PlanAgain says what running a run again from a step on would do. Errors: NotFound for a run, step or version that is not
// there; Conflict where nothing can be taken over; Invalid when a version does not compile any more; Unavailable.
func (r *Runtime) PlanAgain(ctx context.Context, ask engine.AgainAsk) (engine.AgainPlan, error) {
	a, err := r.planAgain(ctx, ask)
	return a.plan, err
}

// again is a plan with what it was made of.
type again struct {
	plan    engine.AgainPlan
	state   *fold.State
	program *fold.Program
	trigger string
	editor  string
	paused  bool
	event   engine.Event // of the earlier run
}

func (r *Runtime) planAgain(ctx context.Context, ask engine.AgainAsk) (a again, err error) {
	defer contain("local.planAgain", &err)
	snap, err := r.store.Load(ctx, ask.Run)
	if err != nil {
		return a, err
	}
	if snap.State == nil {
		return a, engine.E(engine.Conflict, "this run has not begun, so nothing can be taken over")
	}
	if a.state, err = fold.Decode(snap.State); err != nil {
		return a, broken("local.planAgain", err)
	}
	old, err := r.flows.Program(ctx, snap.Head.Flow, snap.Head.Version)
	if err != nil {
		return a, err
	}
	if a.trigger, err = r.flows.ManualTrigger(ctx, snap.Head.Flow); err != nil {
		return a, err
	}
	t, ok := r.flows.Trigger(a.trigger)
	version := ask.Version
	if version == 0 && ok {
		version = t.Version
	}
	if version == 0 {
		version = snap.Head.Version
	}
	if a.program, err = r.flows.Program(ctx, snap.Head.Flow, version); err != nil {
		return a, err
	}
	a.editor = a.state.Head.Editor
	if ok {
		if a.paused = t.State == engine.FlowPaused; version == t.Version {
			a.editor = t.Editor
		}
	}
	if ask.Move && snap.Head.State.Final() {
		return a, engine.E(engine.Conflict, "#{number} has ended", "number", snap.Head.Number)
	}
	v := reader{ctx: ctx, r: r, run: ask.Run, v: &values{}}
	if a.plan, err = a.program.Again(old, a.state, v, ask); err != nil {
		return a, engine.AsError(err)
	}
	if ask.Move && version == snap.Head.Version {
		return a, engine.E(engine.Conflict, "#{number} is at version {version} already", "number", snap.Head.Number, "version", version)
	}
	a.plan.Old, a.plan.Version, a.plan.Seq = snap.Head, version, snap.Seq
	x, err := v.Value(1)
	if err != nil {
		return a, engine.AsError(err)
	}
	if e := fold.Event(x); e != nil {
		a.event = *e
	}
	return a, nil
}

// RunAgain makes the run that PlanAgain described. An earlier run that has not ended is cancelled in the same transaction.
// seq is the plan's: when the run has moved on since, Conflict, and nothing happens. once names the occasion: asked again,
// it gives the same run. Errors: as PlanAgain.
func (r *Runtime) RunAgain(ctx context.Context, ask engine.AgainAsk, seq int64, by, once string) (engine.Receipt, error) {
	a, err := r.planAgain(ctx, ask)
	if err != nil {
		return engine.Receipt{}, err
	}
	open, reason := !a.plan.Old.State.Final(), "it runs again from another step"
	if ask.Move {
		reason = "it moved to another version"
	}
	key := boundedKey("again:" + once)
	x, err := r.anew(ctx, a, ask, by, key)
	if err != nil {
		return engine.Receipt{}, err
	}
	flow := a.plan.Old.Flow
	switch p := a.state.Head.Parent; {
	case open && a.plan.Seq != seq:
		return engine.Receipt{}, movedOn(a.plan.Old.Number)
	case open && p != nil && p.Wait:
		return engine.Receipt{}, engine.E(engine.Conflict, "#{parent} waits for the end of #{number}, and would see it fail", "parent", p.Number, "number", a.plan.Old.Number).
			WithHint("Stop #{number} first.")
	case open:
		st := Start{Trigger: a.trigger, Flow: flow, Version: a.plan.Version, Item: x}
		got, err := r.feed(ctx, input{run: ask.Run, kind: engine.RunCancel, by: by, signal: true, source: once, expect: seq, starts: []Start{st},
			head: encode(engine.EndHead{Reason: reason})})
		if err != nil {
			return engine.Receipt{}, err
		}
		if got.Verdict != engine.Counted {
			return engine.Receipt{}, movedOn(a.plan.Old.Number)
		}
		snap, err := r.store.Load(ctx, x.Run)
		return engine.Receipt{Outcome: x.Outcome, Event: x.Event.ID, Run: x.Run, Number: snap.Head.Number}, err
	}
	from := FromPerson(by)
	if ask.Collect {
		from = "collected"
	}
	receipts, err := r.store.Accept(context.WithoutCancel(ctx), Accepting{
		Trigger: a.trigger, Flow: flow, Version: a.plan.Version, From: from, Items: []AcceptItem{x},
	})
	if err != nil || len(receipts) != 1 {
		return engine.Receipt{}, err
	}
	r.startThose(flow, a.trigger, receipts)
	return receipts[0], nil
}

func movedOn(number int64) error {
	return engine.E(engine.Conflict, "#{number} has moved on since you looked", "number", number).WithHint("Look again at what would happen.")
}

// anew is the run that is to be.
func (r *Runtime) anew(ctx context.Context, a again, ask engine.AgainAsk, by, key string) (AcceptItem, error) {
	now, old := r.o.Now(), a.plan.Old
	head := engine.AgainHead{Run: old.ID, Number: old.Number, Version: old.Version, From: a.plan.From, Until: a.plan.Until, Moved: ask.Move}
	e := engine.Event{ID: engine.NewID(now), Key: key, At: engine.Millis(now), Trigger: a.event.Trigger, Data: a.event.Data, Kept: map[string]any{}, Of: a.event.Of}
	if e.Of == nil {
		e.Of = &engine.Origin{ID: a.event.ID, Key: a.event.Key, At: a.event.At, Trigger: a.event.Trigger}
	}
	if ask.Event != nil {
		e.Data = ask.Event
	}
	for _, k := range a.plan.Kept {
		head.Kept = append(head.Kept, k.ID)
		e.Kept[k.ID] = k.Value
	}
	x := AcceptItem{Event: e, Outcome: engine.Accepted, Run: engine.IDFrom(e.At, old.ID+"/"+key), Head: engine.StartHead{
		Flow: old.Flow, Version: a.plan.Version, Trigger: a.trigger, By: by, Editor: a.editor, Manual: true, Depth: a.state.Head.Depth,
		Approvers: a.state.Head.Approvers, Again: &head,
	}}
	x.Head.Run = x.Run
	if head.Collect = ask.Collect; ask.Move || ask.Collect { // who asked for it still did
		x.Head.By, x.Head.Manual = a.state.Head.By, a.state.Head.Manual
	}
	if a.paused {
		x.Outcome, x.Head.Queued = engine.Queued, true
	}
	var err error
	if a.program.Gated() {
		if x.Gates, err = limits(a.program, old.Flow, e); err != nil {
			return x, err
		}
		for i := range x.Gates {
			x.Gates[i].Rule.Full = gate.Queue
		}
		x.Head.Gated = len(x.Gates) > 0
	}
	x.Head.Cleared, err = r.clear.of(ctx, r.store, old.Flow, a.plan.Version)
	return x, err
}
