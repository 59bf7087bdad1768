package local

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/bretelle/bretelle/engine"
	"github.com/bretelle/bretelle/engine/flows"
	"github.com/bretelle/bretelle/engine/fold"
	"github.com/bretelle/bretelle/engine/gate"
)

// gates wakes the loop that follows what gates decided. Flows without limits never do.
type gates struct {
	wake chan struct{}
	anew atomic.Bool // flows may expect something else than they did
}

func newGates() *gates {
	g := &gates{wake: make(chan struct{}, 1)}
	g.anew.Store(true)
	return g
}

// expect has the loop look which flows expect events: one was published, paused or resumed.
func (g *gates) expect() {
	g.anew.Store(true)
	g.poke()
}

func (g *gates) poke() {
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// gateBatch is how many gates, and things to tell, are read at once.
const gateBatch = 256

// moved follows a commit that may have let somebody through.
func (g *gates) moved(r *Runtime, h *hot, c *Change) {
	gated := h.state != nil && h.state.Head.Gated
	if c.Status.Final() && gated {
		r.ready.askFor(h.head.Flow)
	}
	if gated && c.Status.Final() || len(c.Asks) > 0 || len(c.Leaves) > 0 {
		g.poke()
	}
}

// keepGates tells runs what gates decided and lets time pass at gates, until the runtime stops. It asks the store, so
// that what was decided before a crash is found as well.
func (r *Runtime) keepGates() {
	left := map[string]bool{} // could not be done; tried again when a minute has passed
	again := time.Now().Add(longestSleep)
	for r.loops.Err() == nil {
		if time.Now().After(again) {
			clear(left)
			again = time.Now().Add(longestSleep)
		}
		if r.gates.anew.CompareAndSwap(true, false) {
			r.expectations()
		}
		more := r.tellRuns(left)
		next, some := r.passTime(left)
		if more || some {
			continue
		}
		sleep := longestSleep
		if next > 0 {
			sleep = min(sleep, max(time.Duration(next-r.now())*time.Millisecond, 0))
		}
		t := time.NewTimer(sleep)
		select {
		case <-t.C:
		case <-r.gates.wake:
		case <-r.loops.Done():
		}
		t.Stop()
	}
}

// tellRuns feeds what gates have to say. It tells that there may be more.
func (r *Runtime) tellRuns(left map[string]bool) (more bool) {
	var told []GateTold
	err := r.persist(r.loops, func() (err error) {
		told, err = r.store.Told(context.WithoutCancel(r.loops), gateBatch+len(left))
		return err
	})
	if err != nil {
		r.gateFailed("", err)
		return false
	}
	done := 0
	for _, t := range told {
		id := t.Run + "/" + t.Path + "/" + t.Tell
		if left[id] || r.loops.Err() != nil {
			continue
		}
		if err := r.persist(r.loops, func() error { return r.tell(t) }); err != nil {
			left[id] = true
			r.gateFailed(t.Gate, err)
			continue
		}
		done++
	}
	return done > 0
}

func (r *Runtime) tell(t GateTold) error {
	in := input{run: t.Run, kind: engine.RunCancel, head: encode(engine.EndHead{Reason: t.Reason})}
	if t.Path != "" {
		in = gateAnswer(t)
	}
	a, err := r.feed(r.base, in)
	if err == nil && a.Verdict != engine.Counted && a.Verdict != engine.Ended && in.heard == "" {
		return errUntold
	}
	return err
}

var errUntold = errors.New("a run does not take what a gate tells it")

// gateAnswer is what a step that asked a gate is fed. Whether or not it still waits for it, it has heard.
func gateAnswer(t GateTold) input {
	return input{
		run: t.Run, kind: engine.GateAnswered, path: t.Path, data: t.Data, heard: t.Path,
		head: encode(engine.GateHead{Gate: t.Gate, Answer: t.Tell, Reason: t.Reason}),
	}
}

// passTime has gates whose time has come follow it.
func (r *Runtime) passTime(left map[string]bool) (next int64, some bool) {
	var due []GateDue
	err := r.persist(r.loops, func() (err error) {
		due, next, err = r.store.GatesDue(context.WithoutCancel(r.loops), r.now(), gateBatch+len(left))
		return err
	})
	if err != nil {
		r.gateFailed("", err)
		return 0, false
	}
	for _, d := range due {
		if left[d.Gate] || r.loops.Err() != nil {
			continue
		}
		err := r.persist(r.loops, func() error {
			switch {
			case d.Rule.Kind == gate.Gather && !d.Steps:
				return r.release(d)
			case d.Rule.Kind == gate.Expect:
				return r.judgePeriod(d)
			case d.Rule.Kind == gate.Digest && d.State.Waiting == 0 && d.State.Count > 0:
				return r.adopt(d)
			case d.Rule.Say || d.State.Asked != 0:
				return r.askBudget(d)
			}
			return r.store.GateTick(r.base, GateAsk{Gate: d.Gate}, r.now(), nil)
		})
		if err != nil {
			left[d.Gate] = true
			r.gateFailed(d.Gate, err)
			continue
		}
		r.ready.askFor(d.Flow)
		some = true
	}
	return next, some
}

func (r *Runtime) gateFailed(name string, err error) {
	if r.loops.Err() == nil {
		r.log.Error("what a gate decided could not be followed", "gate", name, "err", err, "cause", engine.AsError(err).Err)
	}
}

// gather is where an event waits for others, or for quiet; nil when it becomes a run by itself.
func gather(t flows.Trigger, e engine.Event) (*GateAsk, error) {
	g, err := t.Program.Gather(e)
	if g == nil || err != nil {
		return nil, err
	}
	return &GateAsk{Gate: CollectGate + t.ID + ":" + boundedKey(g.Key), Flow: t.Flow, Label: g.Key, Rule: g.Rule}, nil
}

// limits is what a run of an event asks before it begins.
func limits(p *fold.Program, flow string, e engine.Event) ([]GateAsk, error) {
	ls, err := p.Limits(e)
	if err != nil {
		return nil, err
	}
	var out []GateAsk
	for _, l := range ls {
		name := SlotsGate
		if l.Order {
			name = OrderGate
		}
		out = append(out, GateAsk{Gate: name + flow + ":" + boundedKey(l.Key), Flow: flow, Label: l.Key, Rule: l.Rule})
	}
	return out, nil
}

// mostCollected bounds what one run is made of, in bytes of events; the rest makes the next one.
const mostCollected = 4 << 20

// release makes a run of what a gate has collected.
func (r *Runtime) release(d GateDue) error {
	most := d.Rule.Most
	if d.Rule.Quiet > 0 {
		most = 0
	}
	ctx := context.WithoutCancel(r.base)
	items, err := r.store.Collected(ctx, d.Gate, most, d.Rule.Quiet > 0)
	if err != nil || len(items) == 0 {
		return err
	}
	last := items[len(items)-1]
	take := &GateTake{Gate: d.Gate, Joined: d.Rule.Quiet > 0}
	now := r.o.Now()
	e := last.Event
	if !take.Joined {
		var list []engine.Event
		size := 0
		for i, it := range items {
			if size += len(encode(it.Event)); size > mostCollected && i > 0 {
				items = items[:i]
				break
			}
			list = append(list, it.Event)
		}
		e = engine.Event{ID: engine.NewID(now), At: engine.Millis(now), Trigger: e.Trigger, Data: fold.Items(list...)}
	}
	depth := 0
	for _, it := range items {
		take.Rows = append(take.Rows, it.Row)
		depth = max(depth, it.Event.Depth)
	}
	e.Depth = 0
	x := AcceptItem{Event: e, Outcome: engine.Accepted}
	x.Event.At = engine.Millis(now)
	a := Accepting{Trigger: last.Trigger, Flow: d.Flow, From: "collected", Take: take}
	t, ok := r.flows.Trigger(last.Trigger)
	switch {
	case !ok || t.State == engine.FlowDraft:
		x.Outcome, x.Reason = engine.Skipped, "its flow does not listen any more"
	case t.Program == nil:
		r.fail(&x, t, errUnreadable)
	case t.State == engine.FlowPaused:
		x.Outcome = engine.Queued
	}
	if ok && t.State != engine.FlowDraft {
		a.Version = t.Version
		head, err := r.startHead(ctx, t, engine.Batch{Depth: depth})
		if err != nil {
			return err
		}
		r.admit(&x, t, head)
	}
	a.Items = []AcceptItem{x}
	receipts, err := r.store.Accept(ctx, a)
	if engine.CodeOf(err) == engine.Conflict {
		return nil // somebody was quicker
	}
	if err != nil {
		return err
	}
	r.startThose(t.Flow, last.Trigger, receipts)
	if len(x.Notices) > 0 {
		r.o.OnCommit()
	}
	return nil
}

// admit completes an item that becomes a run: its id, its head, the limits it has to pass.
func (r *Runtime) admit(x *AcceptItem, t flows.Trigger, head engine.StartHead) {
	if x.Outcome != engine.Accepted && x.Outcome != engine.Queued {
		return
	}
	if t.Program != nil && t.Program.Gated() {
		var err error
		if x.Gates, err = limits(t.Program, t.Flow, x.Event); err != nil {
			r.fail(x, t, err)
			return
		}
	}
	x.Run, x.Head = engine.NewID(r.o.Now()), head
	x.Head.Run, x.Head.Queued, x.Head.Gated = x.Run, x.Outcome == engine.Queued, len(x.Gates) > 0
}

// collect has an item wait for others where its trigger says so. One started by hand waits for none.
func (r *Runtime) collect(x *AcceptItem, t flows.Trigger, b engine.Batch) {
	if x.Outcome != engine.Accepted && x.Outcome != engine.Queued {
		return
	}
	if b.Manual {
		if _, has := x.Event.Data["items"]; t.Program.Batched() && !has {
			x.Event.Data = fold.Items(x.Event)
		}
		return
	}
	if t.Program.Flow.Trigger.Expect != nil {
		x.Count = ExpectGate + t.ID
	}
	g, err := gather(t, x.Event)
	switch {
	case err != nil:
		r.fail(x, t, err)
	case g != nil:
		x.Outcome, x.Gather, x.Event.Depth = engine.Collected, g, b.Depth
	}
}
