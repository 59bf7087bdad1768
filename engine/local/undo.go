package local

import (
	"context"
	"strconv"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/fold"
)

// undoPath is under which the runs that take back what a run did are found beside those that it called.
const undoPath = "undo"

// PlanUndo says how what a run did can be taken back: of one step by id, or of all for "". What was taken back already is
// among what cannot be. Errors: NotFound; Conflict while the run is under way, or is being taken back; Unavailable.
func (r *Runtime) PlanUndo(ctx context.Context, run, step string) (engine.UndoPlan, error) {
	u, err := r.planUndo(ctx, run, step)
	return u.plan, err
}

type undo struct {
	plan  engine.UndoPlan
	snap  Snapshot
	state *fold.State
	times int // that it was begun before
	event *engine.Event
}

func (r *Runtime) planUndo(ctx context.Context, run, step string) (u undo, err error) {
	defer contain("local.planUndo", &err)
	if u.snap, err = r.store.Load(ctx, run); err != nil {
		return u, err
	}
	head := u.snap.Head
	switch {
	case !head.State.Final():
		return u, engine.E(engine.Conflict, "#{number} has not ended, so it cannot be undone yet", "number", head.Number).WithHint("Stop it first.")
	case u.snap.State == nil:
		return u, engine.E(engine.Conflict, "#{number} did nothing", "number", head.Number)
	}
	if u.state, err = fold.Decode(u.snap.State); err != nil {
		return u, broken("local.planUndo", err)
	}
	before, err := r.undone(ctx, &u)
	if err != nil {
		return u, err
	}
	p, err := r.flows.Program(ctx, head.Flow, head.Version)
	if err != nil {
		return u, err
	}
	entries, err := r.store.Entries(ctx, run, 1, int(u.snap.Seq))
	if err != nil {
		return u, err
	}
	if u.plan, err = p.Undo(u.state, entries, step, before); err != nil {
		return u, engine.AsError(err)
	}
	u.plan.Old = head
	x, err := engine.DecodeJSON(entries[0].Data)
	if err != nil {
		return u, engine.AsError(err)
	}
	u.event = fold.Event(x)
	return u, nil
}

// undone is what earlier runs took back, or may have.
func (r *Runtime) undone(ctx context.Context, u *undo) (map[string]*engine.Error, error) {
	calls, err := r.store.Calls(ctx, u.snap.Head.ID)
	if err != nil {
		return nil, err
	}
	out := map[string]*engine.Error{}
	for _, c := range calls[undoPath] {
		u.times++
		if !c.State.Final() {
			return nil, engine.E(engine.Conflict, "#{number} is being undone by #{other}", "number", u.snap.Head.Number, "other", c.Number)
		}
		snap, err := r.store.Load(ctx, c.Run)
		if err != nil {
			return nil, err
		}
		if snap.State == nil {
			continue
		}
		s, err := fold.Decode(snap.State)
		if err != nil {
			return nil, broken("local.undone", err)
		}
		for path, sure := range s.Undone() {
			out[path] = engine.E(engine.Conflict, "#{number} may have undone it, nobody knows", "number", c.Number)
			if sure {
				out[path] = engine.E(engine.Conflict, "#{number} has undone it", "number", c.Number)
			}
		}
	}
	return out, nil
}

// RunUndo begins the run that takes back what PlanUndo lists. It is a run of the same flow and version, with approvals,
// retries and unknown outcomes like any other. Asked for twice at once, one begins. Errors as PlanUndo; Conflict where there
// is nothing to take back.
func (r *Runtime) RunUndo(ctx context.Context, run, step, by string) (engine.Receipt, error) {
	defer r.locks.lock(run)()
	u, err := r.planUndo(ctx, run, step)
	if err != nil {
		return engine.Receipt{}, err
	}
	head := u.snap.Head
	if len(u.plan.Steps) == 0 {
		return engine.Receipt{}, engine.E(engine.Conflict, "there is nothing of #{number} that can be undone", "number", head.Number)
	}
	trigger, err := r.flows.ManualTrigger(ctx, head.Flow)
	if err != nil {
		return engine.Receipt{}, err
	}
	now := r.o.Now()
	key := "undo:" + run + ":" + strconv.Itoa(u.times)
	e := engine.Event{ID: engine.NewID(now), Key: key, At: engine.Millis(now), Trigger: head.Trigger, Data: map[string]any{},
		Of: &engine.Origin{ID: u.event.ID, Key: u.event.Key, At: u.event.At, Trigger: u.event.Trigger}}
	for _, s := range u.plan.Steps {
		e.Undo = append(e.Undo, s.With)
	}
	x := AcceptItem{Event: e, Outcome: engine.Accepted, Run: engine.IDFrom(e.At, key), Head: engine.StartHead{
		Flow: head.Flow, Version: head.Version, Trigger: trigger, By: by, Editor: u.state.Head.Editor, Manual: true, Depth: u.state.Head.Depth,
		Approvers: u.state.Head.Approvers, Undo: &engine.UndoHead{Run: run, Number: head.Number, Steps: u.plan.Steps},
	}}
	x.Head.Run = x.Run
	c := Change{Run: run, Expect: u.snap.Seq, State: u.snap.State, Status: head.State, Reason: head.Reason, At: head.Ended,
		Starts: []Start{{Path: undoPath, Trigger: trigger, Flow: head.Flow, Version: head.Version, Item: x}}}
	c.Audit = []engine.AuditEntry{{At: e.At, Actor: by, What: "run.undone", Object: "run/" + run, Detail: "step=" + step}}
	if err := r.store.Commit(context.WithoutCancel(ctx), c); err != nil {
		return engine.Receipt{}, err
	}
	r.startCalled(&c)
	snap, err := r.store.Load(ctx, x.Run)
	return engine.Receipt{Outcome: x.Outcome, Event: e.ID, Run: x.Run, Number: snap.Head.Number}, err
}
